package open

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	Child()
	if os.Args[0] == "tesseract" {
		standIn()
	}
	if file, address, ok := strings.Cut(os.Getenv(probeMark), "|"); ok {
		probe(file, address)
	}
	os.Exit(m.Run())
}

// heard is a sink that remembers everything, for items small enough.
type heard struct {
	parts []Part
	data  map[int][]byte
	text  map[[2]int][]byte
	ends  map[int]error
	ended map[int]bool
}

func newHeard() *heard {
	return &heard{data: map[int][]byte{}, text: map[[2]int][]byte{}, ends: map[int]error{}, ended: map[int]bool{}}
}

func (h *heard) Part(p Part) error { h.parts = append(h.parts, p); return nil }
func (h *heard) Data(i int, b []byte) error {
	h.data[i] = append(h.data[i], b...)
	return nil
}
func (h *heard) Text(i, alt int, b []byte) error {
	h.text[[2]int{i, alt}] = append(h.text[[2]int{i, alt}], b...)
	return nil
}
func (h *heard) End(i int, err error) error {
	if h.ended[i] {
		return fmt.Errorf("part %d ended twice", i)
	}
	h.ends[i], h.ended[i] = err, true
	return nil
}

// at returns the part with that path.
func (h *heard) at(t testing.TB, path string) Part {
	t.Helper()
	for _, p := range h.parts {
		if p.Path == path {
			return p
		}
	}
	t.Fatalf("no part %q in %s", path, h)
	return Part{}
}

func (h *heard) textOf(i int) string { return string(h.text[[2]int{i, 0}]) }

func (h *heard) String() string {
	var b strings.Builder
	for _, p := range h.parts {
		fmt.Fprintf(&b, "\n%d<%d %q %s size %d by %q: %d bytes, text %.60q, end %v", p.Index, p.Parent, p.Path, p.Type, p.Size, p.Extractor,
			len(h.data[p.Index]), h.textOf(p.Index), h.ends[p.Index])
	}
	return b.String()
}

func newOpener(t testing.TB, l Limits, workers int) *Opener {
	t.Helper()
	o, err := New(l, workers)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Close() })
	return o
}

func tryOpen(t testing.TB, o *Opener, name string, item []byte) (*heard, error) {
	t.Helper()
	h := newHeard()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute) // it ends nothing but a hang
	defer cancel()
	err := o.Open(ctx, name, bytes.NewReader(item), int64(len(item)), h)
	return h, err
}

func mustOpen(t testing.TB, o *Opener, name string, item []byte) *heard {
	t.Helper()
	h, err := tryOpen(t, o, name, item)
	if err != nil {
		t.Fatalf("open %s: %v%s", name, err, h)
	}
	for _, p := range h.parts {
		if !h.ended[p.Index] {
			t.Fatalf("part %d did not end: %s", p.Index, h)
		}
	}
	return h
}

func TestPlainTextIsYieldedAsItStands(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	for name, c := range map[string]struct{ in, want string }{
		"empty":          {"", ""},
		"ascii":          {"hello\r\nworld\n", "hello\r\nworld\n"},
		"utf8":           {"één café\n", "één café\n"},
		"mark":           {"\xef\xbb\xbféén café\n", "één café\n"},
		"utf16le mark":   {"\xff\xfeh\x00i\x00 \x00\xe9\x00", "hi é"},
		"late windows":   {strings.Repeat("plain ascii words\n", 6000) + "caf\xe9", strings.Repeat("plain ascii words\n", 6000) + "café"},
		"windows-1252":   {"De werkn\xe9mster is zwanger, h\xe9\xe9l vroeg, na\xefef en co\xf6peratief.", "De werknémster is zwanger, héél vroeg, naïef en coöperatief."},
		"long, remote":   {strings.Repeat("é", 300_000), strings.Repeat("é", 300_000)},
		"utf16 no space": {strings.Repeat(utf16le("19840203;Vandergucht;0487123456;jan@x.example;9000;Gent;BE68539007547034;"), 5) + "\n\x00", strings.Repeat("19840203;Vandergucht;0487123456;jan@x.example;9000;Gent;BE68539007547034;", 5) + "\n"},
		"utf16 no mark":  {utf16le("De werknemer werd op 12 maart onderzocht, één keer.\n"), "De werknemer werd op 12 maart onderzocht, één keer.\n"},
	} {
		t.Run(name, func(t *testing.T) {
			h := mustOpen(t, o, "a.txt", []byte(c.in))
			if got := h.textOf(0); got != c.want {
				t.Errorf("got %.80q (%d), want %.80q (%d)%s", got, len(got), c.want, len(c.want), h)
			}
		})
	}
}

func utf16le(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteByte(byte(r))
		b.WriteByte(byte(r >> 8))
	}
	return b.String()
}

// deaf is a sink that forgets everything.
type deaf struct{}

func (deaf) Part(Part) error             { return nil }
func (deaf) Data(int, []byte) error      { return nil }
func (deaf) Text(int, int, []byte) error { return nil }
func (deaf) End(int, error) error        { return nil }
