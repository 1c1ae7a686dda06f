package open

import (
	"bufio"
	"bytes"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

// mixed are invented bytes with near and far repetitions, and some that repeat nothing.
func mixed(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	var b []byte
	for len(b) < n {
		switch r.IntN(4) {
		case 0:
			for range r.IntN(40) {
				b = append(b, byte(r.Uint32()))
			}
		case 1:
			b = append(b, letter[:r.IntN(len(letter))]...)
		default:
			if len(b) > 10 {
				from := r.IntN(len(b))
				b = append(b, b[from:min(len(b), from+r.IntN(400))]...)
			}
		}
	}
	return b[:n]
}

// lzmaOf packs as an .lzma file, of a size that is told or not.
func lzmaOf(t testing.TB, b []byte, props lzma.Properties, sized bool) []byte {
	t.Helper()
	var out bytes.Buffer
	c := lzma.WriterConfig{Properties: &props, DictCap: 1 << 16, Size: -1, EOSMarker: !sized, SizeInHeader: sized}
	if sized {
		c.Size = int64(len(b))
	}
	w, err := c.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(b)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestLzmaIsReadWhateverItsProperties(t *testing.T) {
	want := mixed(400_000)
	for _, p := range []lzma.Properties{{LC: 3, LP: 0, PB: 2}, {LC: 0, LP: 2, PB: 0}, {LC: 8, LP: 0, PB: 4}, {LC: 1, LP: 3, PB: 1}} {
		for _, sized := range []bool{true, false} {
			r, err := openLzma(bytes.NewReader(lzmaOf(t, want, p, sized)), 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%+v, sized %v: %d bytes, %v", p, sized, len(got), err)
			}
		}
	}
}

func TestXzIsReadWhateverItsCheck(t *testing.T) {
	want := mixed(3_000_000)
	for _, check := range []byte{xz.None, xz.CRC32, xz.CRC64, xz.SHA256} {
		var b bytes.Buffer
		w, err := xz.WriterConfig{DictCap: 1 << 20, BlockSize: 1 << 20, CheckSum: check, NoCheckSum: check == xz.None}.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(want)
		w.Close()
		b.Write(make([]byte, 8)) // padding
		b.Write(xzOf(t, []byte(letter)))
		it := newItem(nil, DefaultLimits(), tools{})
		r, _ := it.newXz(&b)
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, append(want[:len(want):len(want)], letter...)) {
			t.Errorf("check %d: %d bytes, %v", check, len(got), err)
		}
	}
}

func TestWhatCameBeforeABreakIsRead(t *testing.T) {
	want := mixed(300_000)
	it := newItem(nil, DefaultLimits(), tools{})
	xz1, lz := xzOf(t, want), lzmaOf(t, want, lzma.Properties{LC: 3, LP: 0, PB: 2}, false)
	for name, open := range map[string]func(b []byte) io.Reader{
		"xz":   func(b []byte) io.Reader { r, _ := it.newXz(bytes.NewReader(b)); return r },
		"lzma": func(b []byte) io.Reader { r, _ := openLzma(bytes.NewReader(b), 1<<20); return r },
	} {
		packed := map[string][]byte{"xz": xz1, "lzma": lz}[name]
		got, err := io.ReadAll(open(packed[:len(packed)/2]))
		if faultOf(err) != ErrTruncated || len(got) < len(want)/3 || !bytes.Equal(got, want[:len(got)]) {
			t.Errorf("%s: half gives %d bytes, %v", name, len(got), err)
		}
		broken := bytes.Clone(packed)
		for i := range 40 {
			broken[len(broken)/2+i] ^= 0x55
		}
		got, err = io.ReadAll(open(broken))
		same := 0
		for same < min(len(got), len(want)) && got[same] == want[same] {
			same++
		}
		if faultOf(err) != ErrDamaged || same < len(want)/3 {
			t.Errorf("%s: damaged, it gives %d bytes, of which %d are right, %v", name, len(got), same, err)
		}
	}
}

func TestADictionaryBeyondTheMemoryIsRefused(t *testing.T) {
	var b bytes.Buffer
	w, err := xz.WriterConfig{DictCap: 1 << 30}.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte(letter))
	w.Close()
	if _, err := newItem(nil, DefaultLimits(), tools{}).newXz(&b); err != errTooLarge {
		t.Errorf("got %v", err)
	}
}

// FuzzLzma reads hostile streams, with little memory.
func FuzzLzma(f *testing.F) {
	want := mixed(5000)
	f.Add(xzOf(f, want))
	f.Add(lzmaOf(f, want, lzma.Properties{LC: 3, LP: 0, PB: 2}, true))
	f.Add(xzOf(f, want)[24:])
	f.Add([]byte("\x01\x00\x03abcd\xe0\x00\x10\x00\x10\x5d"))
	f.Fuzz(func(t *testing.T, b []byte) {
		it := newItem(nil, Limits{Memory: 4 << 20}.withDefaults(), tools{})
		if x, err := it.newXz(bytes.NewReader(b)); err == nil {
			io.Copy(io.Discard, io.LimitReader(x, 8<<20))
		}
		if l, err := openLzma(bytes.NewReader(b), 1<<20); err == nil {
			io.Copy(io.Discard, io.LimitReader(l, 8<<20))
		}
		in := &countedBytes{Reader: bufioOf(b)}
		r := newLZMA2(in, 1<<16)
		io.Copy(io.Discard, io.LimitReader(r, 8<<20))
		if len(r.l.window.b) > 1<<18 {
			t.Fatalf("%d bytes kept", len(r.l.window.b))
		}
	})
}

func bufioOf(b []byte) *bufio.Reader { return bufio.NewReaderSize(bytes.NewReader(b), 4096) }
