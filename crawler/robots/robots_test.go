package robots

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func allowed(t testing.TB, file, token, target string) bool {
	t.Helper()
	u, err := url.Parse("http://h.example" + target)
	if err != nil {
		t.Fatal(err)
	}
	return Parse([]byte(file), token).Allowed(u)
}

func TestConformanceWithRFC9309(t *testing.T) {
	cases := []struct {
		name, file, path string
		want             bool
	}{
		{"no file allows all", "", "/x", true},
		{"disallow all", "User-agent: *\nDisallow: /\n", "/x", false},
		{"empty disallow allows all", "User-agent: *\nDisallow:\n", "/x", true},
		{"own group beats star", "User-agent: *\nDisallow: /\n\nUser-agent: unmirror\nAllow: /\n", "/x", true},
		{"own group without rules beats star", "User-agent: *\nDisallow: /\n\nUser-agent: unmirror\n", "/x", true},
		{"case of the token does not matter", "User-Agent: UnMirror\nDisallow: /a\n", "/a", false},
		{"version after the token does not matter", "User-agent: unmirror/2.1\nDisallow: /a\n", "/a", false},
		{"a longer token is another robot", "User-agent: unmirror-news\nDisallow: /a\n", "/a", true},
		{"token must stand at the start", "User-agent: not unmirror\nDisallow: /a\n", "/a", true},
		{"groups of one token are joined", "User-agent: unmirror\nDisallow: /a\n\nUser-agent: b\nDisallow: /\n\nUser-agent: unmirror\nDisallow: /c\n", "/c", false},
		{"several agents share a group", "User-agent: a\nUser-agent: unmirror\nDisallow: /a\n", "/a", false},
		{"blank lines do not end a group", "User-agent: unmirror\n\n\nDisallow: /a\n", "/a", false},
		{"other records do not end a group", "User-agent: unmirror\nSitemap: http://x/\nDisallow: /a\n", "/a", false},
		{"a comment after the value", "User-agent: unmirror # us\nDisallow: /a # secret\n", "/a", false},
		{"rules before any group are void", "Disallow: /\nUser-agent: unmirror\nDisallow: /b\n", "/a", true},
		{"longest match wins", "User-agent: *\nDisallow: /a\nAllow: /a/b\n", "/a/b/c", true},
		{"longest match wins, other order", "User-agent: *\nAllow: /a/b\nDisallow: /a\n", "/a/c", false},
		{"allow wins a tie", "User-agent: *\nDisallow: /a\nAllow: /a\n", "/a", true},
		{"allow wins a tie, other order", "User-agent: *\nAllow: /a\nDisallow: /a\n", "/a", true},
		{"paths are compared with case", "User-agent: *\nDisallow: /A\n", "/a", true},
		{"a rule is a prefix", "User-agent: *\nDisallow: /fish\n", "/fishheads/yummy.html", false},
		{"a folder is no prefix of its name", "User-agent: *\nDisallow: /fish/\n", "/fish", true},
		{"star in the middle", "User-agent: *\nDisallow: /a/*/z\n", "/a/b/c/z1", false},
		{"star at the end", "User-agent: *\nDisallow: /fish*\n", "/fish.html", false},
		{"dollar anchors", "User-agent: *\nDisallow: /*.php$\n", "/x.php", false},
		{"dollar anchors, longer path", "User-agent: *\nDisallow: /*.php$\n", "/x.php?a", true},
		{"dollar anchors, second place counts", "User-agent: *\nDisallow: /*.php$\n", "/x.php/y.php", false},
		{"dollar in the middle is literal", "User-agent: *\nDisallow: /a$b\n", "/a$b", false},
		{"anchored root alone", "User-agent: *\nDisallow: /*\nAllow: /$\n", "/", true},
		{"anchored root does not open the rest", "User-agent: *\nDisallow: /*\nAllow: /?okparam=\nAllow: /$\n", "/raw/abc", false},
		{"query is part of the path", "User-agent: *\nDisallow: /*?\n", "/a?b=1", false},
		{"escaped unreserved octet in the rule", "User-agent: *\nDisallow: /%66oo\n", "/foo", false},
		{"escaped unreserved octet in the path", "User-agent: *\nDisallow: /foo\n", "/%66oo", false},
		{"escaped reserved octet stays apart", "User-agent: *\nDisallow: /a%2Fb\n", "/a/b", true},
		{"escapes compare without case of digits", "User-agent: *\nDisallow: /a%3cd\n", "/a%3Cd", false},
		{"raw UTF-8 in the rule", "User-agent: *\nDisallow: /ツ\n", "/%E3%83%84", false},
		{"escaped UTF-8 in the rule", "User-agent: *\nDisallow: /%e3%83%84\n", "/ツ", false},
		{"escaped star is literal", "User-agent: *\nDisallow: /a-%2A.html\n", "/a-*.html", false},
		{"escaped star is no wildcard", "User-agent: *\nDisallow: /a-%2A.html\n", "/a-xx.html", true},
		{"escaped dollar is literal", "User-agent: *\nDisallow: /a%24\n", "/a$b", false},
		{"robots.txt itself", "User-agent: *\nDisallow: /\n", "/robots.txt", true},
		{"byte order mark", "\xef\xbb\xbfUser-agent: *\nDisallow: /a\n", "/a", false},
		{"carriage returns alone", "User-agent: *\rDisallow: /a\r", "/a", false},
		{"windows line ends", "User-agent: *\r\nDisallow: /a\r\n", "/a", false},
		{"spaces around", "  user-agent  :   *  \n  DISALLOW :  /a  \n", "/a", false},
		{"a rule without its slash", "User-agent: *\nDisallow: private\n", "/private", false},
		{"a bad crawl-delay spoils nothing", "User-agent: *\nCrawl-delay: soon\nDisallow: /a\n", "/a", false},
		{"an empty path is the root", "User-agent: *\nDisallow: /\n", "", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := allowed(t, c.file, "unmirror", c.path); got != c.want {
				t.Errorf("%q on %q: allowed=%v, want %v", c.file, c.path, got, c.want)
			}
		})
	}
}

func TestCrawlDelayIsReadPerGroup(t *testing.T) {
	cases := []struct {
		file string
		want time.Duration
	}{
		{"User-agent: *\nCrawl-delay: 2\n", 2 * time.Second},
		{"User-agent: *\nCrawl-delay: 9\nUser-agent: unmirror\nCrawl-delay: 0.5\n", 500 * time.Millisecond},
		{"User-agent: *\nCrawl-delay: -1\n", 0},
		{"User-agent: *\nCrawl-delay: NaN\n", 0},
		{"User-agent: *\nCrawl-delay: 1e300\n", maxDelay},
		{"Crawl-delay: 5\n", 0},
	}
	for _, c := range cases {
		if got := Parse([]byte(c.file), "unmirror").Delay; got != c.want {
			t.Errorf("%q: got %v, want %v", c.file, got, c.want)
		}
	}
}

func TestFileIsCutAtAWholeLine(t *testing.T) {
	filler := strings.Repeat("# filler\n", MaxBytes/9-3)
	file := "User-agent: *\nDisallow: /a\n" + filler + "Allow: " + strings.Repeat("/a", 100) + "\n" + strings.Repeat("Disallow: /b\n", 1000)
	if allowed(t, file, "unmirror", "/a/x") {
		t.Error("a cut rule widened the permission")
	}
}

func TestHostilePatternsStayFast(t *testing.T) {
	file := "User-agent: *\n" + strings.Repeat("Disallow: /"+strings.Repeat("a*", 2000)+"b$\n", 100)
	start := time.Now()
	allowed(t, file, "unmirror", "/"+strings.Repeat("a", 4000))
	if d := time.Since(start); d > 5*time.Minute {
		t.Errorf("took %v", d)
	}
}

func serve(answers map[string]Answer, bodies map[string]string, asked *[]string) Fetch {
	return func(_ context.Context, u *url.URL) (Answer, error) {
		*asked = append(*asked, u.String())
		a, ok := answers[u.String()]
		if !ok {
			return Answer{}, errors.New("connection refused")
		}
		a.Body = io.NopCloser(strings.NewReader(bodies[u.String()]))
		return a, nil
	}
}

func TestStatusDecidesThePolicy(t *testing.T) {
	const file = "User-agent: *\nDisallow: /a\n"
	for _, c := range []struct {
		status        int
		wait, allowed bool
	}{{200, false, false}, {404, false, true}, {403, false, true}, {410, false, true}, {401, false, true}, {500, true, false}, {503, true, false}, {429, true, false}} {
		var asked []string
		f := serve(map[string]Answer{"http://h/robots.txt": {Status: c.status}}, map[string]string{"http://h/robots.txt": file}, &asked)
		u, _ := url.Parse("http://h/a")
		p, err := NewCache("unmirror").Get(context.Background(), u, f)
		if err != nil {
			t.Fatal(err)
		}
		if (p.Wait != "") != c.wait || !c.wait && p.Allowed(u) != c.allowed {
			t.Errorf("%d: got %+v", c.status, p)
		}
	}
}

func TestUnreachableFileMeansWaitAndIsAskedOnce(t *testing.T) {
	var asked []string
	c := NewCache("unmirror")
	u, _ := url.Parse("http://h/a")
	for range 3 {
		p, err := c.Get(context.Background(), u, serve(nil, nil, &asked))
		if err != nil || p.Wait == "" || p.Unreachable == nil {
			t.Fatalf("got %+v, %v", p, err)
		}
	}
	if len(asked) != 1 {
		t.Errorf("asked %d times", len(asked))
	}
}

func TestRedirectsAreFollowedAtMostFiveTimes(t *testing.T) {
	for hops := range 8 {
		answers, bodies := map[string]Answer{}, map[string]string{}
		at := "http://h/robots.txt"
		for i := range hops {
			next := fmt.Sprintf("http://other%d/r", i)
			answers[at] = Answer{Status: 301, Location: next}
			at = next
		}
		answers[at], bodies[at] = Answer{Status: 200}, "User-agent: *\nDisallow: /\n"
		var asked []string
		u, _ := url.Parse("http://h/a")
		p, _ := NewCache("unmirror").Get(context.Background(), u, serve(answers, bodies, &asked))
		if want := hops > 5; p.Allowed(u) != want {
			t.Errorf("%d hops: allowed=%v, want %v", hops, p.Allowed(u), want)
		}
		if len(asked) > 6 {
			t.Errorf("%d hops: %d requests", hops, len(asked))
		}
	}
}

func TestCopyIsUsedAgainPerOrigin(t *testing.T) {
	var asked []string
	c := NewCache("unmirror")
	f := serve(map[string]Answer{"http://h/robots.txt": {Status: 200}, "https://h/robots.txt": {Status: 404}}, nil, &asked)
	for _, s := range []string{"http://h/a", "http://h/b?c", "https://h/a"} {
		u, _ := url.Parse(s)
		if _, err := c.Get(context.Background(), u, f); err != nil {
			t.Fatal(err)
		}
	}
	if len(asked) != 2 {
		t.Errorf("asked %v", asked)
	}
}

func TestANewRuleIsObeyedWithinAnHourAndAFailureIsAskedAboutAfterAMinute(t *testing.T) {
	now := time.Now()
	c := NewCache("unmirror")
	c.now = func() time.Time { return now }
	var asked []string
	is := func(a Answer, body string) Fetch {
		return func(ctx context.Context, u *url.URL) (Answer, error) {
			asked = append(asked, u.String())
			a.Body = io.NopCloser(strings.NewReader(body))
			return a, nil
		}
	}
	open, shut, broken := is(Answer{Status: 200}, ""), is(Answer{Status: 200}, "User-agent: *\nDisallow: /a\n"), is(Answer{Status: 503}, "")
	u, _ := url.Parse("http://h/a")
	for i, step := range []struct {
		after   time.Duration
		fetch   Fetch
		asked   int
		allowed bool
		waits   bool
	}{
		{0, broken, 1, true, true}, {59 * time.Second, open, 1, true, true}, {time.Second, open, 2, true, false},
		{time.Hour - time.Second, shut, 2, true, false}, {time.Second, shut, 3, false, false},
		{time.Hour, broken, 4, false, false}, {59 * time.Second, open, 4, false, false}, {time.Second, broken, 5, false, false},
		{23 * time.Hour, broken, 6, true, true}, {time.Minute, shut, 7, false, false},
	} {
		now = now.Add(step.after)
		p, err := c.Get(context.Background(), u, step.fetch)
		if err != nil || len(asked) != step.asked || (p.Wait != "") != step.waits || p.Wait == "" && p.Allowed(u) != step.allowed {
			t.Errorf("step %d: asked %d times, %+v (%v)", i, len(asked), p, err)
		}
	}
}

func TestACopyIsKeptForADayAndNoneOfAFileThatCouldNotBeHad(t *testing.T) {
	now := time.Now()
	c := NewCacheAt("unmirror", func() time.Time { return now })
	u, _ := url.Parse("http://h/a")
	kept := func(want bool) {
		t.Helper()
		if _, ok := c.Kept(u); ok != want {
			t.Errorf("kept: %v", ok)
		}
	}
	get := func(status int) {
		t.Helper()
		if _, err := c.Get(context.Background(), u, func(context.Context, *url.URL) (Answer, error) {
			return Answer{Status: status, Body: io.NopCloser(strings.NewReader(""))}, nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	kept(false)
	get(503)
	kept(false)
	now = now.Add(time.Minute)
	get(200)
	kept(true)
	now = now.Add(23 * time.Hour)
	get(503) // what was had before still stands, and gets no younger by it
	kept(true)
	now = now.Add(time.Hour)
	kept(false)
}

func TestNormaliseIsStableAndPlainASCII(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		once := normalise(s)
		if normalise(once) != once {
			t.Fatalf("%q: %q is not stable", s, once)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"User-agent: *\nDisallow: /*?\n", "user-agent:unmirror\rallow:$\rcrawl-delay:1e9", "\xef\xbb\xbfUser-agent:\x00*\nDisallow:%", "Disallow: /%2", "User-agent: *\nDisallow: /a%2A*$"} {
		f.Add([]byte(s), "/a?b=%C3")
	}
	f.Fuzz(func(t *testing.T, file []byte, path string) {
		r := Parse(file, "unmirror")
		if r.Delay < 0 || r.Delay > maxDelay {
			t.Fatalf("delay %v", r.Delay)
		}
		u := &url.URL{Path: path}
		r.Allowed(u)
		robots := &url.URL{Path: "/robots.txt"}
		if !r.Allowed(robots) {
			t.Fatal("robots.txt itself refused")
		}
	})
}
