package open

import (
	"bytes"
	"context"
	"testing"
)

// BenchmarkSmallText measures items a second through one worker: go test -bench SmallText ./fingerprints/open
func BenchmarkSmallText(b *testing.B) {
	benchItem(b, bytes.Repeat([]byte(letter), 40))
}

func BenchmarkSmallDocx(b *testing.B) {
	benchItem(b, docxOf(b, []string{letter, letter, letter}, nil))
}

// BenchmarkLargeText measures bytes a second of a text that is read in ranges.
func BenchmarkLargeText(b *testing.B) {
	benchItem(b, bytes.Repeat([]byte(letter), 1<<20))
}

func benchItem(b *testing.B, item []byte) {
	o := newOpener(b, Limits{Output: 1 << 60}, 1)
	mustOpen(b, o, "a", []byte(letter))
	b.SetBytes(int64(len(item)))
	b.ReportAllocs()
	for b.Loop() {
		if err := o.Open(context.Background(), "a.txt", bytes.NewReader(item), int64(len(item)), deaf{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "items/s")
}
