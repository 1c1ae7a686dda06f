package notice_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"unmirror/takedown/notice"
)

var update = flag.Bool("update", false, "rewrite the golden notices")

func TestGoldenNotices(t *testing.T) {
	for _, lang := range []string{"nl", "fr", "de", "en"} {
		for _, kind := range []string{"host", "platform"} {
			t.Run(lang+"/"+kind, func(t *testing.T) {
				f := facts(lang, kind)
				d := compose(t, f)
				golden(t, "dsa16."+lang+"."+kind+".txt", "Subject: "+d.Subject+"\n\n"+d.Body)
				for _, e := range notice.Check(table(t), f, d) {
					if !e.Present {
						t.Errorf("%s absent: %s", e.ID, e.Missing)
					}
				}
				narrow(t, f, d.Body)
			})
		}
	}
}

func TestGoldenAbuseNotices(t *testing.T) {
	for _, lang := range []string{"nl", "fr", "de", "en"} {
		f := facts(lang, "host")
		f.Regime, f.RecipientKind = "abuse", "network"
		d := compose(t, f)
		golden(t, "abuse."+lang+".network.txt", "Subject: "+d.Subject+"\n\n"+d.Body)
		if strings.Contains(d.Body, "DSA") || strings.Contains(d.Body, "2022/2065") {
			t.Errorf("%s: rests on the DSA", lang)
		}
		narrow(t, f, d.Body)
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
		if utf8.RuneCountInString(line) > 76 && !strings.HasPrefix(line, "http") {
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
