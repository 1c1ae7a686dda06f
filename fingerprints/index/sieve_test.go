package index

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"unmirror/fingerprints/winnow"
)

func TestBothWaysToReadASieveReadTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		words := make([]uint64, 14*rapid.IntRange(1, 50).Draw(t, "words"))
		for i := range words {
			words[i] = r.Uint64()
		}
		s := openSieve(words)
		prints := make([]winnow.Print, rapid.IntRange(0, batchSize).Draw(t, "n"))
		for i := range prints {
			prints[i].Hash = hash60(r)
		}
		fetched, waited := new(Room), new(Room)
		for i := range waited.passed { // left by another sieve
			waited.passed[i] = r.Uint32()
		}
		fetched.readFirst(&s, prints)
		waited.waitFirst(&s, prints)
		for i := range prints {
			if fetched.words[i] != waited.words[i] {
				t.Fatalf("word %d of %d is another", i, len(prints))
			}
		}
	})
}
