package cell

import (
	"encoding/binary"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// edgesOf are the edges of a text as they are meant to be, whose first byte is at base. Where gaps are told, there are two bytes
// behind it.
func edgesOf(text []byte, base int, gaps bool) (want []uint16) {
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

// edgyText is of whole blocks, and has two bytes behind it.
func edgyText(t *rapid.T, block int) []byte {
	size := block * rapid.IntRange(1, 20).Draw(t, "blocks")
	text := make([]byte, size, size+2)
	copy(text, rapid.SliceOfN(rapid.OneOf(rapid.Byte(), rapid.SampledFrom([]byte("az AZ09/:@[`{\x7f\x80\xff\x00\xc2\xa0\xab\xbb\xe2\x80\x80\x8f\x90\xa9\xaa"))), 0, size).Draw(t, "text"))
	return text
}

func placesIn(b []byte) (places []uint16) {
	for ; len(b) > 0; b = b[edgeBytes:] {
		places = append(places, binary.LittleEndian.Uint16(b))
	}
	return places
}

func TestEdgesAreThoseOfEachByte(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := edgyText(t, edgeBlock)
		base := rapid.IntRange(0, 1<<13).Draw(t, "base")
		to := make([]byte, edgeBytes*(len(text)+edgeBlock))
		if got, want := placesIn(to[:plainEdges(to, text, base)]), edgesOf(text, base, false); !slices.Equal(got, want) {
			t.Fatalf("%q: %v, want %v", text, got, want)
		}
	})
}
