package paper_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"unmirror/internal/testneeds"
	"unmirror/takedown/law"
	"unmirror/takedown/notice"
	"unmirror/takedown/paper"
)

func letter(t testing.TB, regime, act, kind, lang string, change ...func(*notice.Facts)) (notice.Facts, paper.Letter) {
	t.Helper()
	table, err := law.Load()
	if err != nil {
		t.Fatal(err)
	}
	r, ok := table.Regime(regime)
	if !ok {
		t.Fatalf("no regime %s", regime)
	}
	f := notice.Sample(r, act, kind, lang)
	for _, c := range change {
		c(&f)
	}
	d, err := notice.Compose(table, f)
	if err != nil {
		t.Fatal(err)
	}
	return f, paper.Letter{Ticket: f.Ticket, Subject: d.Subject, Body: d.Body, To: "abuse@mirror.example", From: "takedown@dienst.example", Language: lang, Date: f.Date}
}

func write(t testing.TB, l paper.Letter) []byte {
	t.Helper()
	b, err := paper.Write(l)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// pages reads a PDF back with poppler, page by page.
func pages(t testing.TB, pdf []byte) []string {
	t.Helper()
	program := testneeds.Program(t, "pdftotext", "poppler-utils")
	c := exec.Command(program, "-layout", "-enc", "UTF-8", "-", "-")
	c.Stdin = bytes.NewReader(pdf)
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	p := strings.Split(string(out), "\f")
	return p[:len(p)-1]
}

func flat(s string) string { return strings.Join(strings.FieldsFunc(s, unicode.IsSpace), " ") }

func TestTheSameLetterIsTheSameBytes(t *testing.T) {
	_, l := letter(t, "dsa16", "", "platform", "fr")
	a, b := write(t, l), write(t, l)
	if !bytes.Equal(a, b) || !bytes.HasPrefix(a, []byte("%PDF-1.")) {
		t.Error("two writings differ, or it is no PDF")
	}
	l.Date = l.Date.Add(24 * time.Hour)
	if bytes.Equal(a, write(t, l)) {
		t.Error("the date of the letter is not that of the file")
	}
}

func TestEveryWordStandsOnPaperInEveryLanguage(t *testing.T) {
	for _, lang := range law.Languages() {
		f, l := letter(t, "dsa16", "", "host", lang)
		ps := pages(t, write(t, l))
		var words strings.Builder
		for i, p := range ps {
			foot := map[string]string{"nl": "pagina %d van %d", "fr": "page %d sur %d", "de": "Seite %d von %d", "en": "page %d of %d"}[lang]
			foot = f.Ticket + " · " + fmt.Sprintf(foot, i+1, len(ps))
			if !strings.Contains(flat(p), foot) {
				t.Errorf("%s: page %d lacks %q", lang, i+1, foot)
			}
			words.WriteString(strings.ReplaceAll(flat(p), foot, "") + " ")
		}
		got := flat(words.String())
		for _, w := range strings.Fields(flat(l.Body)) {
			if strings.HasPrefix(w, "--") || w == "-" || strings.Contains(w, "://") {
				continue
			}
			if !strings.Contains(got, w) {
				t.Errorf("%s: %q is not on paper", lang, w)
			}
		}
		if strings.ContainsRune(got, '�') {
			t.Errorf("%s: unreadable characters", lang)
		}
	}
}

func TestAnAddressIsBrokenWithoutAHyphenAndStaysExact(t *testing.T) {
	long := "https://files.mirror.example/" + strings.Repeat("a-rather-long-path-with-hyphens/", 9) + "end.zip?x=1&y=2"
	f, l := letter(t, "abuse", "", "network", "de", func(f *notice.Facts) { f.Locations[0].URL = long })
	text := strings.Join(pages(t, write(t, l)), "\n")
	var joined strings.Builder
	for _, line := range strings.Split(text, "\n") {
		joined.WriteString(strings.TrimSpace(line))
	}
	if !strings.Contains(joined.String(), f.Locations[0].URL) {
		t.Errorf("the address cannot be read back:\n%s", text)
	}
}

func TestWhatTheFontLacksIsEncodedInAnAddressAndMarkedElsewhere(t *testing.T) {
	_, l := letter(t, "abuse", "", "network", "en", func(f *notice.Facts) {
		f.Locations[0].URL = "https://x.example/漢字/é"
		f.LeakTitle = "漢字 \U0001F600"
	})
	text := strings.Join(pages(t, write(t, l)), "\n")
	if !strings.Contains(text, "https://x.example/%E6%BC%A2%E5%AD%97/é") || !strings.Contains(text, "“?? ?”") {
		t.Error(text)
	}
}

func TestAComplaintLeavesRoomToSign(t *testing.T) {
	_, l := letter(t, "complaint-be", notice.ActComplaint, "authority", "fr")
	ps := pages(t, write(t, l))
	last := ps[len(ps)-1]
	if !regexp.MustCompile(`Signature\x{a0}?\s*:\s*\n\s*\n`).MatchString(last) {
		t.Errorf("no room to sign:\n%s", last)
	}
}

func TestTheEnglishVersionBeginsAPage(t *testing.T) {
	_, l := letter(t, "dsa16", "", "host", "nl")
	for _, p := range pages(t, write(t, l)) {
		if strings.Contains(p, "English version") && strings.HasPrefix(strings.TrimSpace(p), "English version") {
			return
		}
	}
	t.Error("no page begins with the English version")
}

func TestPagesCanBeLookedAt(t *testing.T) {
	_, l := letter(t, "dsa16", notice.ActEscalation, "host", "nl")
	program := testneeds.Program(t, "pdftoppm", "poppler-utils")
	dir := t.TempDir()
	if to := os.Getenv("UNMIRROR_PAPER"); to != "" {
		dir = to
	}
	in := filepath.Join(dir, "letter.pdf")
	if err := os.WriteFile(in, write(t, l), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(program, "-r", "60", "-png", in, filepath.Join(dir, "page")).CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%v %s", err, out) // poppler complains of a broken file
	}
	if got, _ := filepath.Glob(filepath.Join(dir, "page*.png")); len(got) < 3 {
		t.Errorf("%d pages", len(got))
	}
}

func TestTooMuchTextIsRefused(t *testing.T) {
	if _, err := paper.Write(paper.Letter{Body: strings.Repeat("x ", 3<<20)}); err == nil {
		t.Error("written")
	}
}

func FuzzAnyTextIsSet(f *testing.F) {
	_, l := letter(f, "dsa16", "", "host", "nl")
	f.Add(l.Subject, l.Body)
	f.Add("", "")
	f.Add("\x00\xff\u202e", "- \n  \n1. A\nABCDEF\n"+strings.Repeat("w", 500)+"\nhttps://x/"+strings.Repeat("é", 300))
	f.Fuzz(func(t *testing.T, subject, body string) {
		if len(body) > 20000 {
			t.Skip()
		}
		b, err := paper.Write(paper.Letter{Ticket: "UM-1", Subject: subject, Body: notice.Canonical(body), Language: "nl"})
		if err != nil || len(b) == 0 {
			t.Fatal(err)
		}
	})
}

func TestFactsKeepTheirLines(t *testing.T) {
	_, l := letter(t, "dsa16", "", "host", "nl")
	text := strings.Join(pages(t, write(t, l)), "\n")
	for _, label := range []string{"Contactpersoon:", "E-mailadres:", "Telefoon:", "Hostnaam:", "Laatst gezien:"} {
		if !regexp.MustCompile(`(?m)^\s*` + label).MatchString(text) {
			t.Errorf("%s does not begin a line", label)
		}
	}
}

// A reader who takes an address off the paper has its label, the number of its location and its facts on the same page.
func TestALocationStandsOnOnePage(t *testing.T) {
	for lang, word := range map[string]string{"nl": "Locatie", "fr": "Emplacement", "de": "Speicherort"} {
		_, l := letter(t, "dsa16", "", "host", lang, func(f *notice.Facts) {
			first := f.Locations[0]
			f.Locations = nil
			for i := range 14 {
				first.URL = fmt.Sprintf("https://files.mirror.example/%s/deel-%d.zip", strings.Repeat("een-lange-map-met-koppeltekens/", i%6+1), i+1)
				f.Locations = append(f.Locations, first)
			}
		})
		for i, p := range pages(t, write(t, l)) {
			labels, addresses := len(regexp.MustCompile(`(?m)^\s*(?:`+word+`|Location) \d+\s*$`).FindAllString(p, -1)), strings.Count(p, "https://files.mirror.example/")
			hosts := len(regexp.MustCompile(`192\.0\.2\.7`).FindAllString(p, -1))
			if labels != addresses || addresses != hosts {
				t.Errorf("%s: page %d has %d numbers of locations, %d addresses, %d networks' addresses", lang, i+1, labels, addresses, hosts)
			}
		}
	}
}
