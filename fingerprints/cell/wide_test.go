package cell

import (
	"encoding/binary"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestEdgesAreThoseOfEachByte(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := make([]byte, edgeBlock*rapid.IntRange(1, 20).Draw(t, "blocks"), edgeBlock*20+2)
		copy(text, rapid.SliceOfN(rapid.OneOf(rapid.Byte(), rapid.SampledFrom([]byte("az AZ09/:@[`{\x7f\x80\xff\x00\xc2\xa0\xab\xbb\xe2\x80\x80\x8f\x90\xa9\xaa"))), 0, len(text)).Draw(t, "text"))
		base := rapid.IntRange(0, 1<<15).Draw(t, "base")
		edgesOf := func(gaps bool) (want []uint16) {
			in, gap := false, 0
			for i, c := range text {
				if next := text[i : i+3 : cap(text)]; gaps && gap == 0 {
					gap = usualGap(uint16(next[0])|uint16(next[1])<<8, next[2])
				}
				if is := (isAlnum(c) || c >= 0x80) && gap == 0; is != in {
					want = append(want, uint16(base+i))
					in = is
				}
				gap = max(0, gap-1)
			}
			return want
		}
		for name, find := range map[string]func(to, text []byte, base int) int{"at once": allEdges, "plainly": plainEdges} {
			to := make([]byte, edgeBytes*(len(text)+edgeBlock))
			n := find(to, text, base)
			var got []uint16
			for i := 0; i < n; i += edgeBytes {
				got = append(got, binary.LittleEndian.Uint16(to[i:]))
			}
			if want := edgesOf(name == "at once" && vectors()); !slices.Equal(got, want) {
				t.Fatalf("%q, %s: %v, want %v", text, name, got, want)
			}
		}
	})
}

func TestWordsAreFinishedTogetherAsOneByOne(t *testing.T) {
	k := testKey(6)
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.Uint64(), 0, 20).Draw(t, "words")
		for name, finish := range map[string]func([]uint64){"at once": k.finishAll, "plainly": k.finishPlainly} {
			got := slices.Clone(words)
			finish(got)
			for i, m := range words {
				if want := k.finish(m); got[i] != want {
					t.Fatalf("%s, word %d of %d: %x, want %x", name, i, len(words), got[i], want)
				}
			}
		}
	})
}
