package fingerprints

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"unmirror/fingerprints/match"
	"unmirror/fingerprints/open"
)

func one(name string, b []byte) []byte { return zipOf(map[string]string{name: string(b)}, name) }

// TestWhatWasNotSeenIsNotCalledClean: none means that what is in an item was matched; what lies behind a limit was not,
// nor what does not decode.
func TestWhatWasNotSeenIsNotCalledClean(t *testing.T) {
	w := newWorld(t, 60)
	limits := open.DefaultLimits()
	limits.Depth = 2
	o, err := open.New(limits, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	m := NewMatcher(w.library, o, 0)
	r := rand.New(rand.NewPCG(60, 1))
	innocent := filler(r, 4000)
	text := one("a.txt", []byte(innocent))
	leaked := []byte(letterText(w.people[13]))
	cutDocx := docx([]string{innocent})
	cutDocx = cutDocx[:120]
	locked := one("a.txt", []byte(innocent))
	locked[6] |= 1 // encrypted, says the local header
	if i := bytes.Index(locked, []byte("PK\x01\x02")); i > 0 {
		locked[i+8] |= 1
	}
	for _, c := range []struct {
		what   string
		item   []byte
		want   match.Verdict
		reason string
	}{
		{"too deep", one("b.zip", one("c.zip", text)), match.Unreadable, "over the limit: depth"},
		{"too deep beside what was read", zipOf(map[string]string{"n.txt": innocent, "b.zip": string(one("c.zip", text))}, "n.txt", "b.zip"), match.Unreadable, "over the limit: depth"},
		{"too deep beside a match", zipOf(map[string]string{"n.txt": string(leaked), "b.zip": string(one("c.zip", text))}, "n.txt", "b.zip"), match.Matched, "over the limit: depth"},
		{"not too deep", one("b.zip", text), match.None, ""},
		{"cut archive in an archive", one("b.zip", text[:40]), match.Unreadable, "truncated"},
		{"cut document in an archive", one("b.docx", cutDocx), match.Unreadable, "truncated"},
		{"broken PDF in an archive", one("b.pdf", []byte("%PDF-1.4\nnothing of the kind")), match.Unreadable, "damaged"},
		{"broken PDF", []byte("%PDF-1.4\nnothing of the kind"), match.Unreadable, "damaged"},
		{"locked archive in an archive", one("b.zip", locked), match.Unreadable, "encrypted"},
		{"broken PDF beside what was read", zipOf(map[string]string{"n.txt": innocent, "b.pdf": "%PDF-1.4\nnothing"}, "n.txt", "b.pdf"), match.Unreadable, "damaged"},
		{"broken PDF beside a match", zipOf(map[string]string{"n.txt": string(leaked), "b.pdf": "%PDF-1.4\nnothing"}, "n.txt", "b.pdf"), match.Matched, "damaged"},
		{"half of an archive", zipOf(map[string]string{"n.txt": innocent, "z.txt": innocent}, "n.txt", "z.txt")[:len(text)*3/2], match.None, "truncated"},
		{"nothing in it", one("e.txt", nil), match.None, ""},
		{"an archive dressed up as a document", zipOf(map[string]string{"[Content_Types].xml": "<Types/>", "n.txt": string(leaked)}, "[Content_Types].xml", "n.txt"), match.Matched, ""},
		{"and as one with text", zipOf(map[string]string{"[Content_Types].xml": "<Types/>", "word/document.xml": "<w><w:t>zo</w:t></w>", "n.txt": string(leaked)}, "[Content_Types].xml", "word/document.xml", "n.txt"), match.Matched, ""},
	} {
		rep := m.Match(context.Background(), "x.zip", bytes.NewReader(c.item), int64(len(c.item)))
		if rep.Verdict != c.want || !strings.Contains(rep.Reason, c.reason) || c.reason == "" && rep.Reason != "" {
			t.Errorf("%s: %s (%q), want %s with %q", c.what, rep.Verdict, rep.Reason, c.want, c.reason)
		}
	}
}

// TestABombIsUnreadableAndTheNextItemIsMatched runs bombs under the limits that everybody has.
func TestABombIsUnreadableAndTheNextItemIsMatched(t *testing.T) {
	w := newWorld(t, 61)
	o, err := open.New(open.Limits{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	m := NewMatcher(w.library, o, 0)
	innocent := filler(rand.New(rand.NewPCG(61, 1)), 4000)
	laughs := `<!DOCTYPE l [<!ENTITY a "hahahahaha">`
	for c := 'a'; c < 'm'; c++ {
		laughs += fmt.Sprintf(`<!ENTITY %c "%s">`, c+1, strings.Repeat(fmt.Sprintf("&%c;", c), 10))
	}
	laughs += "]>"
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(make([]byte, 1<<20))
	z.Close()
	nested := []byte(innocent)
	for range 40 {
		nested = one("x.zip", nested)
	}
	mail := "From: a@b.example\nTo: b@b.example\nSubject: x\nMIME-Version: 1.0\n"
	for i := range 3000 {
		mail += fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	office := func(name, body string) []byte {
		return zipOf(map[string]string{"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<w/>", name: body}, "[Content_Types].xml", "xl/workbook.xml", name)
	}
	for what, item := range map[string][]byte{
		"endless gzip":         bytes.Repeat(packed.Bytes(), 300),
		"in a zip beside text": zipOf(map[string]string{"n.txt": innocent, "b.gz": string(bytes.Repeat(packed.Bytes(), 300))}, "n.txt", "b.gz"),
		"zips in zips":         nested,
		"nested mail":          []byte(mail + "\n" + innocent),
		"entities":             []byte(`<?xml version="1.0"?>` + laughs + "<l>" + innocent + "&m;</l>"),
		"entities, undeclared": []byte(laughs + "<l>" + innocent + "&m;</l>"),
		"entities, svg":        []byte(`<?xml version="1.0"?>` + laughs + "<svg><text>" + innocent + "&m;</text></svg>"),
		"entities, workbook":   office("xl/sharedStrings.xml", laughs+"<sst><si><t>&m;</t></si></sst>"),
		"entities, in a zip":   zipOf(map[string]string{"n.txt": innocent, "b.xml": `<?xml version="1.0"?>` + laughs + "<l>&m;</l>"}, "n.txt", "b.xml"),
	} {
		if rep := m.Match(context.Background(), "x", bytes.NewReader(item), int64(len(item))); rep.Verdict != match.Unreadable || !strings.Contains(rep.Reason, limitWords) {
			t.Errorf("%s: %s (%s)", what, rep.Verdict, rep.Reason)
		}
		next := []byte(letterText(w.people[13]))
		if rep := m.Match(context.Background(), "x", bytes.NewReader(next), int64(len(next))); rep.Verdict != match.Matched {
			t.Errorf("what comes after %s: %s (%s)", what, rep.Verdict, rep.Reason)
		}
	}
}

func TestALimitIsAlwaysAmongTheReasons(t *testing.T) {
	s := &matchSink{reasons: map[string]int{"a": 9, "b": 9, "c": 1, "d": 1, "e": 1, "over the limit: depth": 1}}
	if got := s.reason(nil); got != "over the limit: depth; 9 parts a; 9 parts b; c; d" {
		t.Errorf("%q", got)
	}
}
