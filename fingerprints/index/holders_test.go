package index

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// packedColumn is the bytes of a column that write fills.
func packedColumn(t *testing.T, write func(*column)) []byte {
	t.Helper()
	c, err := newColumn(t.TempDir(), secHolders)
	if err != nil {
		t.Fatal(err)
	}
	defer c.f.Close()
	write(c)
	var b bytes.Buffer
	if err := c.copyTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPackedNumbersReadAsTheyWereWritten(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		width := rapid.UintRange(1, maxWidth).Draw(rt, "width")
		all := rapid.SliceOfN(rapid.Uint64Range(0, 1<<width-1), 0, 200).Draw(rt, "numbers")
		b := packedColumn(t, func(c *column) {
			w := newBitWriter(c, width)
			for _, v := range all {
				w.put(v)
			}
			w.end()
		})
		p, ok := openBits(b, uint64(len(all)))
		if !ok {
			rt.Fatalf("%d numbers of %d bits in %d bytes do not open", len(all), width, len(b))
		}
		for i, v := range all {
			if got := p.get(i); got != v {
				rt.Fatalf("number %d is %d instead of %d", i, got, v)
			}
		}
		if _, ok := openBits(b[:len(b)-1], uint64(len(all))); ok {
			rt.Fatal("a section cut short opens")
		}
	})
}

func TestEveryDigestIsFoundWithItsFilesAndNoOther(t *testing.T) {
	for _, files := range []int{1, 2, 7, 300, 5000} {
		r := rand.New(rand.NewPCG(uint64(files), 1))
		folder := testFolder(t)
		d := known(t, folder, "one", make([][]uint64, files))
		want := map[uint64][]uint32{}
		for f := range uint32(files) {
			for range r.IntN(14) {
				key := r.Uint64()
				d.Listing = append(d.Listing, ListingRow{key, f})
				want[key] = []uint32{f}
			}
		}
		if files > 2 { // one in several, told twice
			for _, f := range []uint32{2, 0, 1, 0} {
				d.Listing = append(d.Listing, ListingRow{1 << 40, f})
			}
			want[1<<40] = []uint32{0, 1, 2}
		}
		if err := folder.Add(d); err != nil {
			t.Fatal(err)
		}
		snap := load(t, folder)
		for key, files := range want {
			if got := snap.Known[0].Listed(key); !slices.Equal(got, files) {
				t.Fatalf("a key is of %v instead of %v", got, files)
			}
		}
		for range 10_000 {
			if got := snap.Known[0].Listed(r.Uint64()); len(got) > 0 {
				t.Fatalf("a key of no file is of %v", got)
			}
		}
	}
}

func TestHoldersThatAreDamagedAreRefused(t *testing.T) {
	sections := map[section][]byte{secHolderAt: {0, 0, 0, 0, 2, 0, 0, 0}, secHolderKeys: append([]byte{56}, make([]byte, 22)...), secHolders: append([]byte{1}, make([]byte, 9)...)}
	if _, err := openHolders(sections); err != nil {
		t.Fatal(err)
	}
	for id := range sections {
		have := sections[id]
		sections[id] = have[:len(have)-1]
		if _, err := openHolders(sections); err == nil {
			t.Errorf("%v cut short opens", id)
		}
		sections[id] = have
	}
	sections[secHolderAt] = []byte{3, 0, 0, 0, 2, 0, 0, 0}
	if _, err := openHolders(sections); err == nil {
		t.Error("rows out of order open")
	}
}
