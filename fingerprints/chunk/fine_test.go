package chunk

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

func fine(b []byte) (all [][]byte) {
	Fine(testTable(), b, func(c []byte) { all = append(all, bytes.Clone(c)) })
	return all
}

func TestAPieceIsCutFinelyLikeTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := random(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(0, 9000).Draw(t, "size"))
		known := map[string]bool{}
		for _, c := range fine(b) {
			if len(c) < FineMin || len(c) > FineMax || !bytes.Contains(b, c) {
				t.Fatalf("a chunk of %d bytes", len(c))
			}
			known[string(c)] = true
		}
		from := rapid.IntRange(0, len(b)).Draw(t, "from")
		for _, c := range fine(b[from:rapid.IntRange(from, len(b)).Draw(t, "to")]) {
			if !known[string(c)] {
				t.Fatal("a piece is cut otherwise")
			}
		}
	})
}

func TestMostPiecesOf512BytesHoldAFineChunk(t *testing.T) {
	b, held := random(1, 512*200), 0
	for at := 0; at < len(b); at += 512 {
		held += min(1, len(fine(b[at:at+512])))
	}
	if held < 195 {
		t.Errorf("%d of 200", held)
	}
}
