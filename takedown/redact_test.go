package takedown

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"unmirror/fingerprints/match"
	"unmirror/takedown/notice"
)

// knowing is a docket whose guard finds one word.
func knowing(word string) *Docket {
	return &Docket{o: Options{Guard: func(text string) (hits []match.Hit) {
		for from := 0; word != ""; {
			i := strings.Index(text[from:], word)
			if i < 0 {
				break
			}
			hits = append(hits, match.Hit{Kind: "name", Start: from + i, End: from + i + len(word)})
			from += i + len(word)
		}
		return hits
	}}}
}

func TestRedactMasksWholeSegments(t *testing.T) {
	for _, c := range [][2]string{
		{"https://a.example/x/quack.docx", "https://a.example/x/[redacted]"},
		{"https://a.example/x/my-quack-list/y.zip", "https://a.example/x/[redacted]/y.zip"},
		{"https://quack.example/x", "https://[redacted]/x"},
		{"https://a.example/?q=quack&r=1#quack", "https://a.example/?q=[redacted]&r=1#[redacted]"},
		{"https://a.example/quackquack", "https://a.example/[redacted]"},
		{"https://a.example/innocent", "https://a.example/innocent"},
		{"quack", "[redacted]"},
		{"", ""},
	} {
		if got := knowing("quack").redact(c[0]); got != c[1] {
			t.Errorf("%s reads %s, want %s", c[0], got, c[1])
		}
	}
}

func TestNothingThatTheGuardFindsIsShown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		piece := rapid.SampledFrom([]string{"quack", "/", "?", "&", "=", "#", "a", "ü", " ", "\n", "https://h.example/", "quackx", "x"})
		text := strings.Join(rapid.SliceOfN(piece, 0, 30).Draw(t, "text"), "")
		d := knowing("quack")
		if got := d.redact(text); strings.Contains(got, "quack") {
			t.Fatalf("redact shows %q", got)
		}
		location := "https://h.example/" + rapid.SampledFrom([]string{"quack", "a/quack/b", "plain"}).Draw(t, "location")
		f := notice.Facts{Locations: []notice.Location{{URL: location}}}
		body := text + "\n" + location + "\n" + text + "\n  " + location
		shown, swaps := d.show(f, body)
		if strings.Contains(shown, "quack") {
			t.Fatalf("show shows %q", shown)
		}
		if got := unshow(shown, swaps); strings.Count(got, location) < 2 {
			t.Fatalf("the locations were not put back: %q", got)
		}
	})
}

func TestHitsOutsideTheTextDoNoHarm(t *testing.T) {
	d := &Docket{o: Options{Guard: func(string) []match.Hit {
		return []match.Hit{{Start: -5, End: 2}, {Start: 90, End: 100}, {Start: 3, End: 1}}
	}}}
	_, _ = d.redact("https://a.example/"), d.redactText("abc")
}

// FuzzLocate: any address gives a place or a refusal, never a panic; a located URL locates to itself.
func FuzzLocate(f *testing.F) {
	for _, s := range []string{"https://Files.Host.Example:443/a?b#c", "http://[::1]:80/", "http://127.0.0.1:8081/x", "//x", "http://a..b/", "http://co.uk/", "ftp://u:p@h.example./%zz", "http://[fe80::1%25eth0]/", "mailto:a@b", "http://ä.example/ü"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		at, err := locate(raw)
		if err != nil {
			if raw != "" && len(raw) > 12 && strings.Contains(err.Error(), raw) {
				t.Fatal("the refusal repeats the address")
			}
			return
		}
		if at.place == "" || at.host == "" {
			t.Fatalf("%q has place %q and host %q", raw, at.place, at.host)
		}
		again, err := locate(at.url)
		if err != nil || again != at {
			t.Fatalf("%q is at %+v, which is at %+v (%v)", raw, at, again, err)
		}
		if u, err := url.Parse(at.url); err != nil || u.User != nil {
			t.Fatalf("%q became %q (%v)", raw, at.url, err)
		}
	})
}
