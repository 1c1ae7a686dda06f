package desk

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"unmirror/internal/account"
)

// TestEveryRouteLetsInWhoMayAndNobodyElse walks the whole table: each route, each role, and somebody without an account.
func TestEveryRouteLetsInWhoMayAndNobodyElse(t *testing.T) {
	w := newWorld(t)
	caseID, noticeID := w.draft("https://files.mirror.example/a/letter.txt")
	d := &desk{}
	people := map[string]*browser{"": w.browser()}
	for _, role := range []string{account.Counsel, account.Operator, account.Auditor} {
		people[role] = w.as(role)
	}
	for _, route := range d.routes() {
		method, path, _ := strings.Cut(route.pattern, " ")
		if path == "/logout" {
			continue // would end the sessions of the table
		}
		id := caseID
		if strings.HasPrefix(path, "/notices") {
			id = noticeID
		}
		path = strings.NewReplacer("{id}", id, "{$}", "").Replace(path)
		for role, b := range people {
			var got answer
			if method == http.MethodPost {
				got = b.post(path)
			} else {
				got = b.get(path)
			}
			name := method + " " + path + " as " + cmp(role, "nobody")
			switch {
			case route.roles == nil:
				if got.code == http.StatusForbidden || got.code >= http.StatusInternalServerError {
					t.Errorf("%s: %d on a page for everybody", name, got.code)
				}
			case role == "":
				if got.code != http.StatusSeeOther || !strings.HasPrefix(got.head.Get("Location"), "/login") {
					t.Errorf("%s: %d to %q, want the log-in page", name, got.code, got.head.Get("Location"))
				}
			case !slices.Contains(route.roles, role):
				if got.code != http.StatusForbidden {
					t.Errorf("%s: %d, want 403", name, got.code)
				}
			default:
				if got.code == http.StatusForbidden || got.code >= http.StatusInternalServerError {
					t.Errorf("%s: %d for somebody who may: %s", name, got.code, visible(got.body))
				}
			}
		}
	}
	if strings.Contains(w.log.String(), "level=ERROR") {
		t.Errorf("something broke:\n%s", w.log.String())
	}
}

func cmp(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

func TestEveryPageHasTheHeadersThatKeepItToItself(t *testing.T) {
	w := newWorld(t)
	b := w.as(account.Counsel)
	for _, path := range []string{"/queue", "/cases", "/cases/none", "/alerts", "/login", "/nothing", "/healthz"} {
		h := b.get(path).head
		if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "script-src") ||
			strings.Contains(csp, "unsafe") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%s: Content-Security-Policy %q", path, csp)
		}
		if h.Get("Cache-Control") != "no-store" || h.Get("Referrer-Policy") != "no-referrer" || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: headers %v", path, h)
		}
	}
}

func TestAPostFromAnotherSiteIsRefused(t *testing.T) {
	w := newWorld(t)
	b := w.as(account.Counsel)
	b.header.Set("Sec-Fetch-Site", "cross-site")
	b.post("/hold", "on", "true", "reason", "x").wants(t, http.StatusForbidden, "Not with your role")
	b.header.Set("Sec-Fetch-Site", "same-origin")
	b.post("/hold", "on", "true", "reason", "x").wants(t, http.StatusSeeOther)
}

func TestALogInLeadsBackOnlyToThisDesk(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	r := b.get("/notices?state=draft")
	if to := r.head.Get("Location"); to != "/login?next=%2Fnotices%3Fstate%3Ddraft" {
		t.Fatalf("led to %q", to)
	}
	for next, want := range map[string]string{"/notices?state=draft": "/notices?state=draft", "//evil.example/": "/", "https://evil.example/": "/",
		`/\evil.example`: "/", "": "/", "/a\r\nSet-Cookie: x=y": "/"} {
		got := w.browser().post("/login", "username", staff(account.Counsel), "password", password, "next", next)
		if got.code != http.StatusSeeOther || got.head.Get("Location") != want {
			t.Errorf("next %q led to %q, want %q", next, got.head.Get("Location"), want)
		}
	}
}

func TestLogInSaysTheSameOfAWrongNameAndAWrongPasswordAndSlowsDown(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	a := b.post("/login", "username", "Nobody", "password", password).wants(t, http.StatusUnauthorized, "The name or the password is wrong.")
	c := b.post("/login", "username", staff(account.Counsel), "password", "wrong wrong wrong").wants(t, http.StatusUnauthorized)
	if strings.ReplaceAll(visible(a.body), "Nobody", "") != strings.ReplaceAll(visible(c.body), staff(account.Counsel), "") {
		t.Error("the two pages differ")
	}
	for range 4 {
		b.post("/login", "username", staff(account.Counsel), "password", "wrong wrong wrong").wants(t, http.StatusUnauthorized)
	}
	b.post("/login", "username", staff(account.Counsel), "password", password).wants(t, http.StatusTooManyRequests, "Too many failed attempts")
	if log := w.log.String(); strings.Contains(log, "wrong wrong") || strings.Contains(log, staff(account.Counsel)) {
		t.Error("the log holds what somebody typed")
	}
}

func TestASessionEndsWithLogOutAndItsTokenChangesAtLogIn(t *testing.T) {
	w := newWorld(t)
	b := w.as(account.Auditor)
	jar := b.client.Jar
	u := must(http.NewRequest(http.MethodGet, w.server.URL, nil))(t).URL
	before := jar.Cookies(u)[0].Value
	b.post("/login", "username", staff(account.Auditor), "password", password).wants(t, http.StatusSeeOther)
	if jar.Cookies(u)[0].Value == before {
		t.Error("the token stayed")
	}
	stolen := w.browser()
	stolen.client.Jar.SetCookies(u, jar.Cookies(u))
	stolen.get("/queue").wants(t, http.StatusOK)
	b.post("/logout").wants(t, http.StatusSeeOther)
	stolen.get("/queue").wants(t, http.StatusSeeOther)
}

func TestLanguageFollowsTheAddressTheChoiceTheAccountAndTheBrowser(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.get("/login").wants(t, http.StatusOK, `<html lang="en">`)
	b.header.Set("Accept-Language", "nl-BE, fr;q=0.5")
	b.get("/login").wants(t, http.StatusOK, `<html lang="nl">`, "Aanmelden")
	b.header.Set("Accept-Language", "ja")
	b.get("/login").wants(t, http.StatusOK, `<html lang="en">`)
	b.get("/login?lang=nl").wants(t, http.StatusOK, `<html lang="nl">`)
	b.get("/login").wants(t, http.StatusOK, `<html lang="nl">`)
	if r := b.post("/language", "lang", "en", "back", "/alerts?leak=arbo-2026"); r.head.Get("Location") != "/alerts?leak=arbo-2026" {
		t.Errorf("led to %q", r.head.Get("Location"))
	}
	b.get("/login").wants(t, http.StatusOK, `<html lang="en">`)
	b.post("/language", "lang", "xx", "back", "/").wants(t, http.StatusBadRequest)

	t.Run("the account keeps it for the next browser", func(t *testing.T) {
		w.as(account.Auditor).post("/language", "lang", "nl", "back", "/queue").wants(t, http.StatusSeeOther)
		w.as(account.Auditor).get("/queue").wants(t, http.StatusOK, `<html lang="nl">`, "Voor u")
	})
}

func TestWhatIsNotThereIsSaidPlainly(t *testing.T) {
	w := newWorld(t)
	b := w.as(account.Counsel)
	for _, path := range []string{"/nothing", "/cases/case_none", "/notices/ntc_none"} {
		b.get(path).wants(t, http.StatusNotFound, "There is nothing here").lacks(t, "sql", "goroutine", "no rows")
	}
	w.browser().get("/nothing").wants(t, http.StatusNotFound, "There is nothing here")
}

func TestABrokenRecordShowsASentenceAndTheLogTheCause(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Docket = brokenDocket{o.Docket} })
	w.as(account.Counsel).get("/queue").wants(t, http.StatusInternalServerError, "Something broke on our side").lacks(t, "disk on fire")
	if !strings.Contains(w.log.String(), "disk on fire") {
		t.Error("the log lacks the cause")
	}
}

func TestPeerBelievesOnlyAProxyOnThisMachine(t *testing.T) {
	for _, c := range []struct{ remote, forwarded, want string }{
		{"203.0.113.9:1234", "198.51.100.1", "203.0.113.9/32"},
		{"127.0.0.1:1234", "", "127.0.0.1/32"},
		{"127.0.0.1:1234", "10.9.9.9, 198.51.100.1", "198.51.100.1/32"},
		{"[::1]:1234", "2001:db8:1:2ff::5", "2001:db8:1:200::/56"},
		{"127.0.0.1:1234", "nonsense", "127.0.0.1/32"},
		{"[::ffff:203.0.113.9]:80", "", "203.0.113.9/32"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.remote
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := network(r); got != c.want {
			t.Errorf("%s behind %q is %s, want %s", c.forwarded, c.remote, got, c.want)
		}
	}
}
