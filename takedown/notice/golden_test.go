package notice_test

import (
	"cmp"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"unmirror/takedown/notice"
)

var update = flag.Bool("update", false, "rewrite the golden notices")

// Each golden file holds the recipient's language; the English version that follows is the same as the English letter.
func TestGoldenNotices(t *testing.T) {
	l := table(t)
	for _, r := range l.Regimes() {
		for _, act := range notice.Acts(r) {
			for _, kind := range r.Recipients {
				for _, lang := range r.Written() {
					name := strings.Join([]string{r.ID, cmp.Or(act, "first"), kind, lang, "txt"}, ".")
					t.Run(name, func(t *testing.T) {
						f := notice.Sample(r, act, kind, lang)
						d := compose(t, f)
						own, _, _ := strings.Cut(d.Body, "\n-- English version")
						golden(t, name, "Subject: "+d.Subject+"\n\n"+own)
						for id, why := range missing(t, f, d) {
							t.Errorf("%s absent: %s", id, why)
						}
						narrow(t, f, d.Body)
					})
				}
			}
		}
	}
}

func TestGoldenMessageInTwoLanguages(t *testing.T) {
	f := facts("nl", "platform")
	d := compose(t, f)
	golden(t, "two-languages.txt", "Subject: "+d.Subject+"\n\n"+d.Body)
	en := f
	en.Language = "en"
	if !strings.HasSuffix(d.Body, compose(t, en).Body) {
		t.Error("the English version below is another letter than the English one")
	}
}

func TestGoldenMessage(t *testing.T) {
	f := facts("fr", "host")
	raw, err := notice.Render(f, compose(t, f), envelope(), true)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "dsa16.fr.host.eml", string(raw))
}

// narrow checks that only URLs are wider than a notice's columns.
func narrow(t *testing.T, f notice.Facts, body string) {
	t.Helper()
	for _, line := range strings.Split(body, "\n") {
		if utf8.RuneCountInString(line) > 76 && strings.Contains(line, " ") {
			t.Errorf("too wide: %q", line)
		}
		if line != strings.TrimRight(line, " ") {
			t.Errorf("white space at the end of %q", line)
		}
		if strings.ContainsAny(line, "\x00\x01\x02\t\r") {
			t.Errorf("layout marks left in %q", line)
		}
	}
	for _, bad := range []string{"\n\n\n", "[[", "<no value>", "{", "  "} {
		if strings.Contains(strings.ReplaceAll(body, "\n  ", "\n"), bad) {
			t.Errorf("body holds %q", bad)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs from the golden file; look at it, then run go test -update\n%s", name, got)
	}
}
