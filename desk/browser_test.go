package desk

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"unmirror/fingerprints/match"
	"unmirror/internal/account"
	"unmirror/internal/post"
	"unmirror/internal/post/posttest"
	"unmirror/internal/testneeds"
	"unmirror/takedown"
)

// screen is one tab of a real browser.
type screen struct {
	t     *testing.T
	w     *world
	ctx   context.Context
	shots string // folder for pictures; empty: none

	mu     sync.Mutex
	errors []string // what the console complained of
}

// newScreen starts Chromium with a folder of its own.
func newScreen(t *testing.T, w *world) *screen {
	t.Helper()
	path := testneeds.Program(t, "chromium", "chromium")
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true), chromedp.Flag("lang", "en"))
	if os.Getuid() == 0 {
		opts = append(opts, chromedp.NoSandbox) // Chromium refuses its sandbox to root
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	s := &screen{t: t, w: w, ctx: ctx, shots: os.Getenv("UNMIRROR_SCREENSHOTS")}
	s.do(chromedp.Navigate("about:blank"))
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			if m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleException || m.Type == chromedp.ConsoleWarning {
				s.mu.Lock()
				s.errors = append(s.errors, m.Text)
				s.mu.Unlock()
			}
		}
	}()
	return s
}

func (s *screen) do(steps ...chromedp.Action[chromedp.Void]) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, 8*time.Minute)
	defer cancel()
	if len(s.errors) == 0 && ctx.Err() == nil {
		if chromedp.FromContext(s.ctx).Target == nil {
			ctx = s.ctx // the first step starts the browser, which must outlive it
		}
	}
	if err := chromedp.Do(ctx, steps...); err != nil {
		s.t.Fatal(err)
	}
}

// emulate sets a window's size and theme; below 600 pixels it is a phone.
func (s *screen) emulate(width, height int64, theme string, scripts bool) {
	s.t.Helper()
	media := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}
	steps := []chromedp.Action[chromedp.Void]{
		chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: media})
			return err
		}),
		chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !scripts})
			return err
		}),
	}
	if width < 600 {
		steps = append(steps, chromedp.EmulateViewport(width, height, chromedp.EmulateScale(2), chromedp.EmulateMobile))
	} else {
		steps = append(steps, chromedp.EmulateViewport(width, height))
	}
	s.do(steps...)
}

func (s *screen) open(path string) {
	s.t.Helper()
	s.do(chromedp.Navigate(s.w.server.URL + path))
}

// press clicks something that leads to another page, and waits for that page.
func (s *screen) press(css string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, 8*time.Minute)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(css))); err != nil {
		s.t.Fatalf("press %s: %v", css, err)
	}
}

func (s *screen) fill(css, text string) {
	s.t.Helper()
	s.do(chromedp.SendKeys(chromedp.CSS(css), text))
}

func (s *screen) signIn(role string) {
	s.t.Helper()
	s.open("/login")
	s.fill("#username", staff(role))
	s.fill("#password", password)
	s.press("form[action='/login'] button")
	if at := must(chromedp.Run(s.ctx, chromedp.Location()))(s.t); !strings.HasSuffix(at, "/queue") {
		s.t.Fatalf("after the log-in at %s", at)
	}
}

// wants fails unless the page shows these words.
func (s *screen) wants(words ...string) {
	s.t.Helper()
	page := must(chromedp.Run(s.ctx, chromedp.Evaluate[string]("document.body.innerText")))(s.t)
	for _, word := range words {
		if !strings.Contains(page, word) {
			s.t.Errorf("the page does not show %q: %.400s", word, page)
		}
	}
	if strings.Contains(strings.ToLower(page), strings.ToLower(victim)) {
		s.t.Error("the page shows a victim's name")
	}
}

// inspect fails on what makes a page unfit: sideways scrolling, a font that did not load, a control without a name, a target too
// small for a finger.
func (s *screen) inspect(name string) {
	s.t.Helper()
	for end := time.Now().Add(3 * time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) { // fonts come after the page
		if must(chromedp.Run(s.ctx, chromedp.Evaluate[bool](`document.fonts.check("16px Inter")`)))(s.t) {
			break
		}
	}
	found := must(chromedp.Run(s.ctx, chromedp.Evaluate[[]string](`(() => {
		const out = [];
		const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
		if (wide > 0) {
			const who = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
				.slice(0, 3).map(e => e.tagName + "." + e.className);
			out.push("is " + wide + " pixels too wide: " + who.join(", "));
		}
		for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
			if (!e.labels.length && !e.getAttribute("aria-label")) out.push("has an unnamed " + e.tagName + " " + e.name);
		}
		const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
		for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) out.push("has the id " + id + " twice");
		for (const e of document.querySelectorAll("[aria-labelledby], [aria-describedby]"))
			for (const ref of ((e.getAttribute("aria-labelledby") || "") + " " + (e.getAttribute("aria-describedby") || "")).trim().split(/\s+/))
				if (!document.getElementById(ref)) out.push("refers to " + ref + ", which is not there");
		for (const e of document.querySelectorAll(".btn, .nav a, select, input:not([type=hidden], [type=radio])")) {
			const r = e.getBoundingClientRect();
			if (r.width && r.height && r.height < 24) out.push("has a target of " + r.height + " pixels: " + e.textContent.trim());
		}
		if (document.querySelectorAll("h1").length !== 1) out.push("has not exactly one h1");
		if (!document.fonts.check("16px Inter")) out.push("lacks its font");
		return out;
	})()`)))(s.t)
	for _, f := range found {
		s.t.Errorf("%s %s", name, f)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.errors {
		s.t.Errorf("%s: console: %s", name, e)
	}
	s.errors = nil
}

// complains waits until the console has said so, which it does some time after the page is there, and forgets it.
func (s *screen) complains(of string) {
	s.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		s.mu.Lock()
		at := slices.IndexFunc(s.errors, func(e string) bool { return strings.Contains(e, of) })
		if at >= 0 {
			s.errors = slices.Delete(s.errors, at, at+1)
		}
		s.mu.Unlock()
		if at >= 0 {
			return
		}
	}
	s.t.Errorf("the console never complained of %s", of)
}

// shot inspects the page and keeps a picture of all of it.
func (s *screen) shot(name string) {
	s.t.Helper()
	s.inspect(name)
	if s.shots == "" {
		return
	}
	if err := os.MkdirAll(s.shots, 0o755); err != nil {
		s.t.Fatal(err)
	}
	picture := must(chromedp.Run(s.ctx, chromedp.FullScreenshot(100)))(s.t)
	if err := os.WriteFile(filepath.Join(s.shots, name+".png"), picture, 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// busy fills a world with a case in each state.
func busy(t *testing.T) (w *world, reviewed string, pages map[string]string) {
	t.Helper()
	w = newWorld(t, func(o *Options) { o.Demo, o.DemoName, o.DemoPassword = true, staff(account.Counsel), password })
	gone, n := w.draft("https://old.archive.example/dump/2026/letters.zip")
	w.approve(n)
	must(w.docket.Deliver(t.Context()))(t)
	for range 3 {
		w.look(gone, takedown.LookGone)
	}
	vanishing, n := w.draft("https://files.mirror.example/pub/2026/backup/hr/archive.tar.gz")
	w.approve(n)
	must(w.docket.Deliver(t.Context()))(t)
	w.look(vanishing, takedown.LookLive)
	w.look(vanishing, takedown.LookGone)
	w.look(vanishing, takedown.LookGone)
	unknown, n := w.draft("http://203.0.113.80:8080/upload/3/contract-2026.docx")
	w.approve(n)
	w.mail.Fail(post.StepBody, posttest.Failure{Drop: true, Keep: true, Times: 1})
	must(w.docket.Deliver(t.Context()))(t)
	w.pass(20 * time.Hour)
	triage := passages()
	triage.Grade, triage.Bits, triage.Coverage, triage.Subjects, triage.Spans = match.Passages, 31, 0.04, 1, [][2]int64{{40, 310}}
	triageID := w.observe("https://paste.small-bin.example/raw/hq7Rk2", triage)
	rowsID := w.observe("https://paste.small-bin.example/raw/zz81Kd", rows())
	scanID := w.observe("https://paste.small-bin.example/raw/aa90Qx", scan())
	w.draft("https://nobody-answers.example/x/letter.txt")
	_, masked := w.draft("https://share.drop.example/" + knownName)
	w.pass(40 * time.Minute)
	caseID, reviewed := w.draft("https://files.openmirror.example/pub/backup/2026/medical/letters/0012.txt")
	w.pass(25 * time.Minute)
	return w, reviewed, map[string]string{"queue": "/queue", "cases": "/cases", "case": "/cases/" + caseID, "case-vanishing": "/cases/" + vanishing,
		"case-gone": "/cases/" + gone, "case-triage": "/cases/" + triageID, "case-rows": "/cases/" + rowsID, "case-scan": "/cases/" + scanID, "case-unknown": "/cases/" + unknown, "notices": "/notices", "notice": "/notices/" + reviewed,
		"notice-masked": "/notices/" + masked, "notice-edit": "/notices/" + reviewed + "?edit=1", "outbox": "/outbox", "sources": "/sources", "leaks": "/leaks",
		"audit": "/audit", "alerts": "/alerts", "missing": "/nothing"}
}

func TestChromiumCounselReadsEditsAndApproves(t *testing.T) {
	for _, c := range []struct {
		name          string
		width, height int64
		theme         string
		scripts       bool
	}{
		{"desktop-light", 1440, 900, "light", true},
		{"phone-dark-without-scripts", 390, 844, "dark", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, noticeID, _ := busy(t)
			s := newScreen(t, w)
			s.emulate(c.width, c.height, c.theme, c.scripts)
			s.open("/login")
			s.shot(c.name + "-1-login")
			s.signIn(account.Counsel)
			s.shot(c.name + "-2-queue")
			s.press("a.row[href='/notices/" + noticeID + "']")
			s.wants("Approve and send", "Statement of good faith", "abuse@hosting.example")
			s.shot(c.name + "-3-notice")
			s.press("a[href$='edit=1#edit']")
			s.do(chromedp.SendKeys(chromedp.CSS("#body"), "\nA line that counsel added."))
			s.press("#edit button")
			s.wants("Kept as a new version.", "A line that counsel added.", "version 2")
			s.press("form[action$='/approve'] button")
			s.wants("Approved. The outbox sends it with its next run.")
			s.shot(c.name + "-4-approved")
			before := len(w.mail.Mails())
			must(w.docket.Deliver(t.Context()))(t)
			if got := len(w.mail.Mails()) - before; got != 1 {
				t.Errorf("%d mails went out, want 1", got)
			}
			s.open("/notices/" + noticeID)
			s.wants("The recipient's server took it.")
			if n := must(w.docket.Notice(t.Context(), noticeID))(t); n.State != takedown.NoticeSent {
				t.Errorf("notice is %s", n.State)
			}
		})
	}
}

func TestChromiumEveryPageFitsEveryWindow(t *testing.T) {
	w, _, pages := busy(t)
	s := newScreen(t, w)
	s.emulate(1440, 900, "light", true)
	s.signIn(account.Counsel)
	for _, c := range []struct {
		name, theme, lang string
		width, height     int64
	}{
		{"desktop-light", "light", "en", 1440, 900},
		{"desktop-dark", "dark", "nl", 1440, 900},
		{"phone-light", "light", "nl", 390, 844},
		{"phone-360", "dark", "en", 360, 740},
		{"tablet", "light", "nl", 820, 1100},
	} {
		if s.shots == "" && (c.name == "desktop-dark" || c.name == "phone-light") {
			continue // as wide as another one: worth a picture, not the time
		}
		s.emulate(c.width, c.height, c.theme, true)
		s.open("/queue?lang=" + c.lang)
		for name, path := range pages {
			s.open(path)
			if name == "missing" { // a 404 is an error to the console, rightly
				s.complains("404")
				continue
			}
			s.shot(c.name + "-" + name)
		}
	}
}

func TestChromiumThePhoneMenuOpensWithoutScripts(t *testing.T) {
	w := newWorld(t)
	s := newScreen(t, w)
	s.emulate(390, 844, "light", false)
	s.signIn(account.Auditor)
	s.do(chromedp.Click(chromedp.CSS(".topbar summary")), chromedp.WaitVisible(chromedp.CSS(".topbar .drop .nav")))
	s.shot("phone-menu")
	s.press(".topbar .nav a[href='/audit']")
	s.wants("Audit log")
}

func TestChromiumVictimsPagesFitAPhone(t *testing.T) {
	w := newWorld(t)
	s := newScreen(t, w)
	s.emulate(360, 740, "light", false)
	s.open("/alerts")
	s.shot("phone-alerts")
	s.fill("#email", "someone@people.example")
	s.press("form[action='/alerts'] button")
	s.wants("Look into your mailbox")
	s.shot("phone-alerts-asked")
	s.open(w.link("/alerts/confirm"))
	s.press("form[action='/alerts/confirm'] button")
	s.wants("You will be told")
	_, n := w.draft("https://files.mirror.example/a/letter.txt")
	w.approve(n)
	s.open(w.link("/alerts/news"))
	s.wants("A copy was found")
	s.shot("phone-alerts-news")
	s.open(w.link("/alerts/unsubscribe"))
	s.shot("phone-alerts-leave")
	s.press("form[action='/alerts/unsubscribe'] button")
	s.wants("You have left")
	if r, err := http.Get(w.server.URL + "/alerts"); err == nil { //nolint:noctx // only that the page still stands
		_ = r.Body.Close()
	}
}
