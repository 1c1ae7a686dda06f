package chunk

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func testTable() *Table {
	var b [TableBytes]byte
	rand.NewChaCha8([32]byte{9}).Read(b[:])
	return NewTable(&b)
}

func random(seed uint64, n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), 1}).Read(b)
	return b
}

type piece struct {
	at int64
	b  []byte
}

func cutAll(b []byte, step int) (all []piece) {
	c := NewCutter(testTable())
	see := func(at int64, chunk []byte) { all = append(all, piece{at, bytes.Clone(chunk)}) }
	for len(b) > 0 {
		n := min(step, len(b))
		c.Feed(b[:n], see)
		b = b[n:]
	}
	c.End(see)
	return all
}

func TestChunksAreTheContentHoweverItComes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := random(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(0, 60_000).Draw(t, "size"))
		for range rapid.IntRange(0, 5).Draw(t, "words") {
			if word := rapid.SampledFrom([]string{"stream\n", "stream\r\n", "endstream", "stream"}).Draw(t, "word"); len(b) > 20 {
				copy(b[rapid.IntRange(0, len(b)-10).Draw(t, "at"):], word)
			}
		}
		whole := cutAll(b, len(b)+1)
		parts := cutAll(b, rapid.IntRange(1, 9000).Draw(t, "step"))
		if len(whole) != len(parts) {
			t.Fatalf("%d chunks at once, %d in pieces", len(whole), len(parts))
		}
		var joined []byte
		for i, p := range whole {
			if p.at != int64(len(joined)) || p.at != parts[i].at || !bytes.Equal(p.b, parts[i].b) || len(p.b) > Max || len(p.b) == 0 {
				t.Fatalf("chunk %d at %d has %d bytes", i, p.at, len(p.b))
			}
			joined = append(joined, p.b...)
		}
		if !bytes.Equal(joined, b) {
			t.Fatal("the chunks are not the content")
		}
	})
}

func TestMovedContentIsCutAlike(t *testing.T) {
	b := random(3, 200_000)
	have := map[string]bool{}
	for _, p := range cutAll(b, 4096) {
		have[string(p.b)] = true
	}
	if n := len(b) / len(have); n < 600 || n > 1500 {
		t.Errorf("chunks have %d bytes in the mean", n)
	}
	for _, before := range []int{1, 7, 511, 5000} {
		found := 0
		for _, p := range cutAll(append(random(4, before), b...), 4096) {
			if have[string(p.b)] {
				found += len(p.b)
			}
		}
		if found < len(b)*9/10 {
			t.Errorf("behind %d other bytes, %d of %d are cut alike", before, found, len(b))
		}
	}
}

func TestEntropyKnowsWhatIsCompressed(t *testing.T) {
	ramp, words := make([]byte, 2048), strings.Repeat("de arbeidsarts schrijft ", 100)
	for i := range ramp {
		ramp[i] = byte(3 * i)
	}
	tall := make([]byte, 4096)
	for i := 0; i < len(tall); i += 4 {
		binary.BigEndian.PutUint32(tall[i:], uint32(i*i))
	}
	for what, b := range map[string][]byte{
		"zeros": make([]byte, 4096), "ramp": ramp, "words": []byte(words), "a table": tall, "repeated": bytes.Repeat(random(1, 200), 20), "short": random(1, 200),
	} {
		if e := Entropy(b); e > 5.9 {
			t.Errorf("%s: %.2f", what, e)
		}
	}
	for _, n := range []int{Min, 1000, average, Max} {
		if e := Entropy(random(2, n)); e < 7 {
			t.Errorf("%d random bytes: %.2f", n, e)
		}
	}
}

func TestWhatFillsUpAPageSaysNothing(t *testing.T) {
	full := random(3, 1000)
	if got := Solid(full); !bytes.Equal(got, full) {
		t.Errorf("of %d bytes without filling, %d are left", len(full), len(got))
	}
	padded := slices.Concat(full[:400], make([]byte, 700), full[400:], bytes.Repeat([]byte{0xff}, filling))
	if got := Solid(padded); !bytes.Equal(got, full) {
		t.Errorf("of 1,000 bytes with filling between, %d are left", len(got))
	}
	if Entropy(padded) > 6 || Entropy(Solid(padded)) < 7 {
		t.Errorf("%.2f, and without what fills up %.2f", Entropy(padded), Entropy(Solid(padded)))
	}
	few := append(random(4, Min-1), make([]byte, 1000)...)
	if got := Solid(few); len(got) > 0 {
		t.Errorf("%d bytes are left of a page with next to nothing on it", len(got))
	}
}

func owned(kind string, b []byte) (own []byte) {
	m := NewMaterial(kind)
	for _, p := range cutAll(b, 3000) {
		if m.Worth(p.at, p.b) != Nothing {
			own = append(own, p.b...)
		}
	}
	return own
}

func deflated(b []byte) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func object(n int, dict string, body []byte) []byte {
	return slices.Concat(fmt.Appendf(nil, "%d 0 obj\n<<%s /Length %d>>\nstream\n", n, dict, len(body)), body, []byte("\nendstream\nendobj\n"))
}

func profile(n int) []byte {
	b := random(77, n)
	binary.BigEndian.PutUint32(b, uint32(n))
	copy(b[36:], "acsp")
	return b
}

func TestOfAPDFOnlyItsOwnStreamsCount(t *testing.T) {
	page, picture, other := deflated(random(5, 5000)), random(6, 9000), random(7, 20_000)
	own := owned("pdf", slices.Concat([]byte("%PDF-1.7\n"), object(1, "/Filter /FlateDecode", page), object(2, "/Subtype /Image /Filter /DCTDecode", picture)))
	if !bytes.Contains(own, page[:len(page)*4/5]) || len(own) < (len(page)+len(picture))*9/10 {
		t.Errorf("%d bytes of %d", len(own), len(page)+len(picture))
	}
	xml := deflated(append([]byte("<?xml version='1.0'?>"), other...))
	for what, b := range map[string][]byte{
		"font": object(1, "/Length1 30000 /Filter /FlateDecode", deflated(other)), "cff": object(1, "/Subtype/CIDFontType0C/Filter/FlateDecode", deflated(other)),
		"profile": object(1, "/N 3 /Alternate /DeviceRGB /Filter /FlateDecode", deflated(other)), "bare profile": object(1, "/Filter /FlateDecode", deflated(profile(20_000))),
		"cmap": object(1, "/Filter /FlateDecode", deflated(append([]byte("/CIDInit /ProcSet findresource begin"), other...))), "form": object(1, "/Filter /FlateDecode", xml),
		"bare font": object(1, "/Filter /FlateDecode", deflated(append([]byte("\x00\x01\x00\x00\x00\x11"), other...))), "objects": object(1, "/Type/ObjStm/N 9/Filter/FlateDecode", deflated(other)),
		"no stream": other, "letterhead": object(1, "/Type /XObject /Subtype /Form /Filter /FlateDecode", deflated(other)), "function": object(1, "/FunctionType 0 /Filter /FlateDecode", deflated(other)), "attachment": object(1, "/Type /EmbeddedFile", other),
		"metadata": object(1, "/Type /Metadata /Filter /FlateDecode", deflated(other)),
	} {
		if own := owned("pdf", append([]byte("%PDF-1.7\n"), b...)); len(own) > 0 {
			t.Errorf("%s: %d bytes count", what, len(own))
		}
	}
}

func jpeg(icc []byte, scan []byte) []byte {
	b := []byte{0xff, 0xd8}
	for n := 0; len(icc) > 0; n++ {
		k := min(len(icc), 65519)
		b = slices.Concat(b, []byte{0xff, 0xe2}, binary.BigEndian.AppendUint16(nil, uint16(k+16)), []byte("ICC_PROFILE\x00"), []byte{byte(n + 1), 9}, icc[:k])
		icc = icc[k:]
	}
	return slices.Concat(b, []byte{0xff, 0xdb, 0, 4, 1, 2}, []byte{0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0}, scan)
}

func TestHeadsOfPicturesProfilesAndProgramsDoNotCount(t *testing.T) {
	scan, icc := random(8, 30_000), profile(150_000)
	own := owned("jpeg", jpeg(icc, scan))
	if len(own) < 20_000 || !bytes.Contains(scan, own) {
		t.Errorf("%d bytes of the picture, all of it: %t", len(own), bytes.Contains(scan, own))
	}
	png := slices.Concat([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"), make([]byte, 17), binary.BigEndian.AppendUint32(nil, 30_000), []byte("iCCP"), random(9, 30_004),
		binary.BigEndian.AppendUint32(nil, 30_000), []byte("IDAT"), scan, make([]byte, 4))
	if own := owned("png", png); len(own) < 20_000 || !bytes.Contains(png[30_000:], own) {
		t.Errorf("%d bytes of the PNG", len(own))
	}
	if own := owned("binary", slices.Concat(scan, icc, scan)); len(own) > 2*len(scan) || len(own) < len(scan) || bytes.Contains(own, icc[20_000:30_000]) {
		t.Errorf("%d bytes around a profile", len(own))
	}
	damaged := slices.Concat(jpeg(icc, nil)[:100_000], scan) // its profile tells of itself, the rest is somebody's own
	if own := owned("jpeg", damaged); bytes.Contains(own, icc[20_000:30_000]) {
		t.Error("the profile of a damaged picture counts")
	}
	for _, kind := range []string{"jpeg", "png"} {
		if own := owned(kind, append([]byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x02\x00\x00"), random(10, 30_000)...)); len(own) < 20_000 {
			t.Errorf("%d bytes of a damaged %s", len(own), kind)
		}
	}
	for _, head := range []string{"MZ", "\x7fELF", "OTTO", "wOF2", "\x00\x01\x00\x00\x00"} {
		if own := owned("binary", append([]byte(head), scan...)); len(own) > 0 {
			t.Errorf("%q: %d bytes count", head, len(own))
		}
	}
}

// FuzzMaterial: no content makes it panic, and what counts is never more than there is.
func FuzzMaterial(f *testing.F) {
	f.Add("pdf", object(1, "/Filter /FlateDecode", deflated(random(1, 3000))))
	f.Add("jpeg", jpeg(profile(3000), random(2, 3000)))
	f.Add("png", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"))
	f.Add("binary", profile(2000))
	f.Fuzz(func(t *testing.T, kind string, b []byte) {
		if own := owned(kind, b); len(own) > len(b) {
			t.Errorf("%d of %d bytes", len(own), len(b))
		}
	})
}
