package index

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// builtFilter is a filter of these hashes, as it lies in a file.
func builtFilter(t interface{ Fatal(...any) }, dir string, hashes []uint64) []byte {
	col, err := newColumn(dir, secFilter)
	if err != nil {
		t.Fatal(err)
	}
	defer col.f.Close()
	w := newFilterWriter(col, uint64(len(hashes)), filterBits)
	for _, h := range slices.Sorted(slices.Values(hashes)) {
		w.add(h)
	}
	w.end()
	if col.bad != nil {
		t.Fatal(col.bad)
	}
	r, err := col.reader()
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, col.n)
	for n := 0; n < len(b); {
		m, err := r.Read(b[n:])
		if err != nil {
			t.Fatal(err)
		}
		n += m
	}
	return b
}

func TestFilterAnswersManyAsItAnswersOne(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		in := make([]uint64, rapid.IntRange(1, 2000).Draw(t, "in"))
		for i := range in {
			in[i] = rng.Uint64() >> (64 - hashBits)
		}
		b := builtFilter(t, dir, in)
		f, err := openFilter(b)
		if err != nil {
			t.Fatal(err)
		}
		asked := make([]uint64, rapid.IntRange(0, batchSize).Draw(t, "asked"))
		var want []uint32
		for i := range asked {
			asked[i] = rng.Uint64() >> (64 - hashBits)
			if rng.IntN(3) == 0 {
				asked[i] = in[rng.IntN(len(in))]
				if !f.has(asked[i]) {
					t.Fatalf("%x is not found", asked[i])
				}
			}
			if f.has(asked[i]) {
				want = append(want, 7+uint32(i))
			}
		}
		if got := f.appendHas(nil, asked, 7); !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}

func TestWordsReadTheSameWhereverTheyLie(t *testing.T) {
	b := make([]byte, 3*wordBytes+7)
	for i := range b {
		b[i] = byte(3 * i)
	}
	for from := range wordBytes {
		lies := b[from : from+3*wordBytes]
		for i, w := range wordsIn(lies) {
			if want := binary.LittleEndian.Uint64(lies[wordBytes*i:]); w != want {
				t.Errorf("word %d from byte %d on is %x, want %x", i, from, w, want)
			}
		}
	}
}
