package open

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"path"
	"testing"
	"time"
	"unicode/utf8"
)

// strict is a sink that checks the order of what it is told.
type strict struct {
	t     testing.TB
	parts []Part
	ended map[int]bool
}

func (s *strict) Part(p Part) error {
	if p.Index != len(s.parts) || p.Parent >= p.Index || !utf8.ValidString(p.Path) || !plainWord(p.Type) {
		s.t.Fatalf("impossible part %+v", p)
	}
	s.parts = append(s.parts, p)
	return nil
}

func (s *strict) live(i int) {
	if i < 0 || i >= len(s.parts) || s.ended[i] {
		s.t.Fatalf("event of a part %d that is not there", i)
	}
}

func (s *strict) Data(i int, _ []byte) error      { s.live(i); return nil }
func (s *strict) Text(i, alt int, _ []byte) error { s.live(i); return nil }
func (s *strict) End(i int, err error) error {
	s.live(i)
	s.ended[i] = true
	if err != nil && len(err.Error()) > 80 {
		s.t.Fatalf("an error that talks: %v", err)
	}
	return nil
}

// FuzzParentBelievesNoChild feeds the parent frames as a child that was taken over would send them.
func FuzzParentBelievesNoChild(f *testing.F) {
	var honest bytes.Buffer
	it := newItem(&link{w: newFrameWriter(&honest)}, DefaultLimits(), tools{})
	z := zipOf(f, file{"a.txt", []byte(letter)}, file{"b.html", []byte("<p>x")})
	it.run(append(appendString(appendInt(nil, int64(len(z))), "a.zip"), z...))
	it.send(frameDone, appendInt(appendString(nil, ""), 0), nil)
	it.l.w.flush()
	f.Add(honest.Bytes())
	f.Add([]byte{frameRead, 4, 0, 0, 0, 0, 2, 2, 0})
	f.Add([]byte{frameData, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		l := Limits{Output: 1 << 20, MemberBytes: 1 << 18, Parts: 100}.withDefaults()
		p := &process{r: newFrameReader(bytes.NewReader(b)), w: newFrameWriter(io.Discard)}
		s := &session{p: p, limits: l, item: bytes.NewReader([]byte(letter)), size: int64(len(letter)), sink: &strict{t: t, ended: map[int]bool{}}}
		s.events()
		s.dropAll()
		if s.output > l.Output+maxFrame {
			t.Fatalf("%d bytes let through", s.output)
		}
	})
}

// fuzzKinds are the kinds that parsers of ours read.
var fuzzKinds = []kind{kindHTML, kindXML, kindRTF, kindEML, kindDocx, kindXlsx, kindOdt, kindZip, kindTar, kindGz, kindText, kindOLE, kindSQLite, kindMbox}

// FuzzExtractors runs our own readers on hostile content, without the net that a child's recover is.
func FuzzExtractors(f *testing.F) {
	add := func(k kind, b []byte) {
		for i := range fuzzKinds {
			if fuzzKinds[i] == k {
				f.Add(byte(i), b)
				f.Add(byte(i), b[:len(b)/2])
			}
		}
	}
	add(kindHTML, []byte("<html><meta charset=latin1><p>caf\xe9<script>x</script><td>y<pre> a"))
	add(kindXML, []byte(`<?xml version="1.0"?><a b="c">x&amp;<![CDATA[y]]></a>`))
	add(kindRTF, []byte(`{\rtf1\ansicpg1250{\fonttbl x}\'e9\u-200?\bin3 abc\uc99\par}`))
	add(kindEML, fmt.Appendf(nil, mailText, base64.StdEncoding.EncodeToString([]byte(letter))))
	add(kindDocx, docxOf(f, []string{letter}, [][2]string{{"a", "b"}}))
	add(kindXlsx, xlsxOf(f))
	add(kindOdt, odtOf(f, letter))
	add(kindZip, storedZip(f, file{"a", []byte(letter)}, file{"b.zip", zipOf(f, file{"c", []byte(letter)})}))
	add(kindTar, tarOf(f, file{"a", []byte(letter)}))
	add(kindGz, gz([]byte(letter)))
	add(kindText, []byte(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte(letter), 3))))
	add(kindOLE, docOf("Geachte\rnaam\x07", "één"))
	add(kindOLE, xlsOf())
	add(kindSQLite, sqliteOf(f, "PRAGMA page_size=512", "CREATE TABLE a(b, c)", "INSERT INTO a VALUES('x', 1.5), (NULL, zeroblob(2000))"))
	add(kindMbox, []byte("From a@b.c Thu Mar  1 12:00:00 2026\nFrom: a\nTo: b\n\nx\n\nFrom a@b.c Thu Mar  1 12:00:00 2026\nFrom: a\n\ny"))
	for _, s := range []string{hexDump([]byte(letter), true), uu([]byte(letter)), a85([]byte(letter), true), quoted(dossier()[:500]), jsonOf(jsonOf(letter)), spaced([]byte(letter), "0x%02x", ", ", 12)} {
		add(kindText, []byte(s))
	}
	add(kindText, []byte("\xff\xfea\x00b\x00c"))
	f.Fuzz(func(t *testing.T, which byte, b []byte) {
		l := Limits{Output: 8 << 20, MemberBytes: 1 << 20, Memory: 64 << 20, Parts: 200, Depth: 4}.withDefaults()
		it := newItem(&link{w: newFrameWriter(io.Discard)}, l, tools{})
		it.next, it.in = 1, int64(len(b))
		start := time.Now()
		it.dispatch(node{path: "x"}, fuzzKinds[int(which)%len(fuzzKinds)], memory(b))
		if took := time.Since(start); took > 5*time.Minute {
			t.Fatalf("took %s for %d bytes", took, len(b))
		}
	})
}

// FuzzSniffAndDecode checks that any content has a kind, and that what was valid UTF-8 comes through unchanged.
func FuzzSniffAndDecode(f *testing.F) {
	for _, s := range []string{letter, "naam;x\na;b\n", "\xff\xfea\x00", "PK\x03\x04", "%PDF-1.4", "caf\xe9 cr\xe8me", utf16le(letter), "From: a\nTo: b\n\nx"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		sniff(b, true)
		sniff(b, false)
		names := localNames(b)
		officeOrZip(names)
		newItem(nil, DefaultLimits(), tools{}).localEntries(memory(b), 100)
		var frames bytes.Buffer
		it := newItem(&link{w: newFrameWriter(&frames)}, DefaultLimits(), tools{})
		it.plain(node{}, memory(b))
		it.l.w.flush()
		text := map[int64][]byte{}
		for r := newFrameReader(&frames); ; {
			kind, payload, err := r.next()
			if err != nil {
				break
			}
			if fl := (fields{b: payload}); kind == frameText {
				fl.int()
				alt := fl.int()
				text[alt] = append(text[alt], fl.b...)
			}
		}
		for alt, s := range text {
			if !utf8.Valid(s) {
				t.Fatalf("alternative %d is not UTF-8: %q", alt, s)
			}
		}
		if utf8.Valid(b) && plausible(b) && !bytes.HasPrefix(b, []byte("\xef\xbb\xbf")) && !bytes.Equal(text[0], b) && len(b) > 0 {
			t.Fatalf("%q became %q", b, text[0])
		}
	})
}

// FuzzBrokenPdf runs what mends and salvages cut PDF files.
func FuzzBrokenPdf(f *testing.F) {
	whole := pdfOf(letter, `(nested \(parens\) \101)`)
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte("stream\nBT [(a)-300(b\\"))
	f.Fuzz(func(t *testing.T, b []byte) {
		mendPDF(memory(b))
		it := newItem(&link{w: newFrameWriter(io.Discard)}, DefaultLimits(), tools{})
		salvagePDF(it.textOut(node{}, 0), memory(b))
	})
}

// FuzzMemberName checks what every path promises.
func FuzzMemberName(f *testing.F) {
	f.Add("../a", "b/../../c\x00")
	f.Add("https://host.example/folder/file.txt", `a\b`)
	f.Add("folder/..", "")
	f.Fuzz(func(t *testing.T, parent, name string) {
		if b := baseName(parent); b != path.Base(memberName(parent)) {
			t.Fatalf("%q is the last of %q", b, parent)
		}
		p := joinPath(baseName(parent), name)
		if cleanPath(p) != p || len(p) > maxPath {
			t.Fatalf("%q is no clean path", p)
		}
		if m := memberName(name); m == "" || m == ".." || bytes.HasPrefix([]byte(m), []byte("/")) || bytes.HasPrefix([]byte(m), []byte("../")) {
			t.Fatalf("%q stays hostile", m)
		}
	})
}
