package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"unmirror/internal/testneeds"
)

// browser is a real one, with a folder for pictures when UNMIRROR_SCREENSHOTS names it.
type browser struct {
	t     *testing.T
	ctx   context.Context
	phone bool // it shows what a phone would
}

// phone is how a phone of 390 points shows pages.
func phone() []chromedp.EmulateViewportOption {
	return []chromedp.EmulateViewportOption{chromedp.EmulateScale(2), chromedp.EmulateMobile}
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	path := testneeds.Program(t, "chromium", "chromium")
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true), chromedp.Flag("lang", "en"))
	if os.Getuid() == 0 {
		opts = append(opts, chromedp.NoSandbox) // Chromium refuses its sandbox to root
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900)); err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, ctx: ctx}
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 8*time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

func (b *browser) open(url string) { b.t.Helper(); b.do(chromedp.Navigate(url)) }

func (b *browser) press(css string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 8*time.Minute)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(css))); err != nil {
		b.t.Fatalf("press %s: %v", css, err)
	}
}

func (b *browser) text() string {
	b.t.Helper()
	s, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.body.innerText"))
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

// await reloads a page until it shows the words.
func (b *browser) await(url, words string, within time.Duration) {
	b.t.Helper()
	b.awaitCount(url, words, 1, within)
}

func (b *browser) awaitCount(url, words string, n int, within time.Duration) {
	b.t.Helper()
	deadline := time.Now().Add(within)
	for {
		b.open(url)
		text := b.text()
		if strings.Count(text, words) >= n {
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("%s never showed %q:\n%.1500s", url, words, text)
		}
		time.Sleep(500 * time.Millisecond)
	}
}

// shot keeps a picture of the page in a window as tall as the page is, within what a reader looks at in one go. Columns that
// scroll for themselves would be cut off in a picture of more than the window.
func (b *browser) shot(name string) {
	b.t.Helper()
	dir := os.Getenv("UNMIRROR_SCREENSHOTS")
	if dir == "" {
		return
	}
	width, least, most, opts := int64(1280), int64(900), int64(1500), []chromedp.EmulateViewportOption(nil)
	if b.phone {
		width, least, most, opts = 390, 844, 850, phone()
	}
	tall, err := chromedp.Run(b.ctx, chromedp.Evaluate[int64]("document.documentElement.scrollHeight"))
	if err != nil {
		b.t.Fatal(err)
	}
	b.do(chromedp.EmulateViewport(width, min(max(tall, least), most), opts...))
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	b.do(chromedp.EmulateViewport(width, least, opts...))
	if err := os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// startDemo runs `unmirror demo` and returns what it printed until it was ready.
func startDemo(t *testing.T) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r, w := io.Pipe()
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"demo"}, world{stdin: strings.NewReader(""), stdout: w, stderr: w, env: nil})
		_ = w.Close()
	}()
	t.Cleanup(func() {
		stop()
		if code := <-done; code != exitDone {
			t.Errorf("demo ended with %d", code)
		}
	})
	var b strings.Builder
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		b.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "Stop with Ctrl-C") {
			go func() { _, _ = io.Copy(io.Discard, r) }()
			return b.String()
		}
	}
	t.Fatalf("demo ended before it was ready:\n%s", b.String())
	return ""
}

// TestDemoInABrowser is what a newcomer does: log in, read a notice, approve it, see it arrive, take the re-upload
// down, see the case go, and find the subscriber's mail.
func TestDemoInABrowser(t *testing.T) {
	b := newBrowser(t)
	out := startDemo(t)
	address := func(pattern string) string {
		m := regexp.MustCompile(pattern).FindStringSubmatch(out)
		if m == nil {
			t.Fatalf("demo does not print %s:\n%s", pattern, out)
		}
		return m[1]
	}
	desk, mailbox, password := address(`the desk +(http\S+)`), address(`the mailbox +(http\S+)`), address(`password (\S+)\)`)
	b.open(desk)
	b.do(chromedp.SendKeys(chromedp.CSS("#username"), "counsel"), chromedp.SendKeys(chromedp.CSS("#password"), password))
	b.press("form[action='/login'] button")
	b.shot("queue")
	openScan(b, desk)
	b.open(desk)
	b.press("a[href^='/notices/']")
	b.shot("notice")
	notice, err := chromedp.Run(b.ctx, chromedp.Location())
	if err != nil {
		t.Fatal(err)
	}
	caseURL, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.querySelector(\"main a[href^='/cases/']\").href"))
	if err != nil {
		t.Fatal(err)
	}
	b.press("form[action$='/approve'] button")
	b.await(notice, "Sent", 10*time.Minute)
	b.shot("notice-sent")
	b.open(caseURL)
	b.shot("case")
	b.await(mailbox, "UM-2026-", 10*time.Minute)
	b.shot("mailbox")
	for _, site := range regexp.MustCompile(`http\S+/_operator`).FindAllString(out, -1) {
		takeAllDown(b, site)
	}
	b.await(caseURL, "did not find the content any more", 10*time.Minute)
	b.shot("case-gone")
	b.awaitCount(mailbox, "Er is nieuws", 2, 10*time.Minute)
	b.phone = true
	b.do(chromedp.EmulateViewport(390, 844, phone()...))
	b.open(caseURL)
	b.shot("phone")
	b.open(desk + "/alerts")
	b.shot("alerts-phone")
}

// openScan looks for the case of the scanned form, whose pages are drawn as outlines.
func openScan(b *browser, desk string) {
	b.t.Helper()
	b.open(desk + "/cases")
	cases, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](`[...document.querySelectorAll("main a[href^='/cases/']")].map(a => a.href)`))
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range cases {
		b.open(c)
		drawn, err := chromedp.Run(b.ctx, chromedp.Evaluate[int](`document.querySelectorAll("svg.outline rect:not(.paper)").length`))
		if err != nil {
			b.t.Fatal(err)
		}
		if drawn > 0 {
			b.shot("scan")
			return
		}
	}
	b.t.Errorf("no case of %d shows the scanned form", len(cases))
}

// takeAllDown presses every "Take it down" button of a site.
func takeAllDown(b *browser, site string) {
	b.t.Helper()
	const button = "button[aria-label^='Take down']"
	for range 20 {
		b.open(site)
		left, err := chromedp.Run(b.ctx, chromedp.Evaluate[int](`document.querySelectorAll("`+button+`").length`))
		if err != nil {
			b.t.Fatal(err)
		}
		if left == 0 {
			return
		}
		b.press(button)
	}
	b.t.Fatalf("%s still shows uploads", site)
}
