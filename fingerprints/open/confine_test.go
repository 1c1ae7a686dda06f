package open

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

func TestTheItemFailsWhenItsChildIsKilledAndTheNextWorks(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	mustOpen(t, o, "a", bytes.Repeat([]byte(letter), inPlaceMax/len(letter)+1))
	slow := &hooked{r: bytes.NewReader(bytes.Repeat([]byte(letter), 10_000))}
	slow.hook = func() {
		p := slow.victim
		p.cmd.Process.Kill()
	}
	p := <-o.slots
	slow.victim = p
	o.slots <- p
	err := o.Open(context.Background(), "a", slow, slow.r.Size(), newHeard())
	if !errors.Is(err, ErrCrashed) {
		t.Fatalf("got %v", err)
	}
	if h := mustOpen(t, o, "a", []byte(letter)); h.textOf(0) != letter {
		t.Errorf("%s", h)
	}
}

// hooked calls hook at the third read.
type hooked struct {
	r      *bytes.Reader
	n      int
	hook   func()
	victim *process
}

func (h *hooked) ReadAt(p []byte, off int64) (int, error) {
	if h.n++; h.n == 3 {
		h.hook()
	}
	return h.r.ReadAt(p, off)
}

func TestAnItemThatCannotBeReadReturnsItsOwnError(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	bad := &hooked{r: bytes.NewReader(bytes.Repeat([]byte(letter), 10_000)), hook: func() {}}
	if err := o.Open(context.Background(), "a", bad, bad.r.Size()+100_000, newHeard()); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
	if h := mustOpen(t, o, "a", []byte(letter)); h.textOf(0) != letter {
		t.Errorf("%s", h)
	}
}

// refusing is a sink that has enough after some events.
type refusing struct {
	*heard
	err error
}

func (r refusing) Text(int, int, []byte) error { return r.err }

func TestTheSinksErrorStopsTheItemAndComesBack(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	enough := errors.New("enough")
	err := o.Open(context.Background(), "a", strings.NewReader(letter), int64(len(letter)), refusing{newHeard(), enough})
	if err != enough {
		t.Errorf("got %v", err)
	}
	mustOpen(t, o, "a", []byte(letter))
}

func TestACancelledContextEndsTheItem(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	ctx, cancel := context.WithCancel(context.Background())
	slow := &hooked{r: bytes.NewReader(bytes.Repeat([]byte(letter), 100_000)), hook: cancel}
	if err := o.Open(ctx, "a", slow, slow.r.Size(), newHeard()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	mustOpen(t, o, "a", []byte(letter))
}

func TestAClosedOpenerRefuses(t *testing.T) {
	o := newOpener(t, Limits{}, 2)
	mustOpen(t, o, "a", []byte(letter))
	o.Close()
	o.Close()
	if _, err := tryOpen(t, o, "a", nil); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestManyItemsAtOnceShareThePool(t *testing.T) {
	o := newOpener(t, Limits{}, 3)
	done := make(chan error, 40)
	for range cap(done) {
		go func() {
			h, err := tryOpen(t, o, "a.zip", zipOf(t, file{"a.txt", []byte(letter)}))
			if err == nil && h.textOf(1) != letter {
				err = errors.New("wrong text")
			}
			done <- err
		}()
	}
	for range cap(done) {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestLimitsStopWhatWouldNotEnd(t *testing.T) {
	zeros := func(n int) []byte { return make([]byte, n) }
	bomb := zeroBomb(t, 70)
	var twenty []file
	for range 20 {
		twenty = append(twenty, file{"x", []byte(letter)})
	}
	nested := []byte(letter)
	for range 40 {
		nested = storedZip(t, file{"x.zip", nested})
	}
	for name, c := range map[string]struct {
		limits Limits
		item   []byte
		want   string // of the item, or of a part after "part "
	}{
		"zip bomb by ratio":      {Limits{Ratio: 100}, bomb, "ratio"},
		"zip bomb by output":     {Limits{Output: 10 << 20}, bomb, "output"},
		"one member too long":    {Limits{MemberBytes: 1 << 20}, bomb, "part member"},
		"forty zips in another":  {Limits{}, nested, "part depth"},
		"too many members":       {Limits{Parts: 10}, tarOf(t, twenty...), "parts"},
		"endless gzip":           {Limits{Output: 5 << 20}, bytes.Repeat(gz(zeros(1<<20)), 2000), "output"},
		"gzip within gzip, deep": {Limits{Depth: 3}, gz(gz(gz(gz([]byte(letter))))), "part depth"},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOpener(t, c.limits, 1)
			h, err := tryOpen(t, o, "a", c.item)
			part, ok := strings.CutPrefix(c.want, "part ")
			if ok && err == nil {
				for _, e := range h.ends {
					if limitOf(e) == part {
						err = e
					}
				}
			}
			if limitOf(err) != part {
				t.Errorf("got %v, want %s: %s", err, c.want, h)
			}
			if h := mustOpen(t, o, "a", []byte(letter)); h.textOf(0) != letter {
				t.Error("the next item fails")
			}
		})
	}
}

// zeroBomb is a zip with one member of that many MiB of zeros, made of one piece of deflate again and again.
func zeroBomb(t *testing.T, mib int) []byte {
	t.Helper()
	var piece, end bytes.Buffer
	w, err := flate.NewWriter(&piece, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(make([]byte, 1<<20))
	w.Flush()
	w.Reset(&end)
	w.Close()
	packed := append(bytes.Repeat(piece.Bytes(), mib), end.Bytes()...)
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	raw, err := z.CreateRaw(&zip.FileHeader{Name: "0", Method: zip.Deflate, CompressedSize64: uint64(len(packed)), UncompressedSize64: uint64(mib) << 20})
	if err != nil {
		t.Fatal(err)
	}
	raw.Write(packed)
	z.Close()
	return b.Bytes()
}

func limitOf(err error) string {
	var l *LimitError
	if errors.As(err, &l) {
		return l.Limit
	}
	return ""
}

func TestAnXmlEntityBombYieldsLittle(t *testing.T) {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a0 "ha">`)
	for i := 1; i < 30; i++ {
		b.WriteString(`<!ENTITY a` + string(rune('0'+i)) + ` "` + strings.Repeat("&a"+string(rune('0'+i-1))+";", 10) + `">`)
	}
	b.WriteString(`]><l>&a9;</l>`)
	h := mustOpen(t, newOpener(t, Limits{}, 1), "a.xml", []byte(b.String()))
	if len(h.textOf(0)) > 100 {
		t.Errorf("%d bytes", len(h.textOf(0)))
	}
}

func TestADeeplyNestedMailEndsInTime(t *testing.T) {
	var b strings.Builder
	b.WriteString("From: a@example.org\nTo: b@example.org\nSubject: x\nMIME-Version: 1.0\n")
	for i := range 3000 {
		b.WriteString("Content-Type: multipart/mixed; boundary=b" + strings.Repeat("x", i%50) + string(rune('a'+i%26)) + "\n\n--b" + strings.Repeat("x", i%50) + string(rune('a'+i%26)) + "\n")
	}
	start := time.Now()
	h := mustOpen(t, newOpener(t, Limits{}, 1), "a.eml", []byte(b.String()))
	if limitOf(h.ends[0]) != "depth" || time.Since(start) > 5*time.Minute {
		t.Errorf("after %s: %s", time.Since(start), h)
	}
}

func TestTheWallClockEndsAnItem(t *testing.T) {
	o := newOpener(t, Limits{Wall: time.Second}, 1)
	stuck := &hooked{r: bytes.NewReader(bytes.Repeat([]byte(letter), 10_000)), hook: func() { time.Sleep(1500 * time.Millisecond) }}
	if err := o.Open(context.Background(), "a", stuck, stuck.r.Size(), newHeard()); limitOf(err) != "wall" {
		t.Errorf("got %v", err)
	}
	_, err := tryOpen(t, o, "a", []byte(letter))
	for ends := time.Now().Add(5 * time.Minute); limitOf(err) == "wall" && time.Now().Before(ends); { // a busy machine may take a second for it
		_, err = tryOpen(t, o, "a", []byte(letter))
	}
	if err != nil {
		t.Errorf("the next item: %v", err)
	}
}

func TestThePartsOfAnHonestChildAreBelievedAndAHostileOneIsNot(t *testing.T) {
	for name, p := range map[string]Part{
		"control in type":      {Path: "a", Type: "zip\n"},
		"control in path":      {Path: "a\x1b", Type: "zip"},
		"odd size":             {Path: "a", Type: "zip", Size: -2},
		"content as extractor": {Path: "a", Type: "zip", Extractor: strings.Repeat("x", 200)},
	} {
		if _, err := parsePart(appendPart(nil, p)); err == nil {
			t.Errorf("%s: believed", name)
		}
	}
	good := Part{Index: 3, Parent: 1, Path: "a.zip!/é", Type: "7z", Size: -1, Extractor: "pdftotext 22.12.0, ledongthuc/pdf"}
	if p, err := parsePart(appendPart(nil, good)); err != nil || p != good {
		t.Errorf("%+v, %v", p, err)
	}
}
