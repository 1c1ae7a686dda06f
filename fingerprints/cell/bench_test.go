package cell

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// oneIn256 is a filter that keeps next to nothing.
func oneIn256(dst []uint32, hashes []uint64) []uint32 {
	for i, h := range hashes {
		if h>>(HashBits-8) == 0 {
			dst = append(dst, uint32(i))
		}
	}
	return dst
}

// BenchmarkScan is the scan for cells alone, of which a filter drops nearly all, as a ratio to crypto/sha256 in the same
// run: go test -run '^$' -bench Scan ./fingerprints/cell
func BenchmarkScan(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	var words []string
	for range 5000 {
		w := ""
		for range 1 + r.IntN(4) {
			w += string("bcdfghjklmnprstvwz"[r.IntN(18)]) + string("aeiou"[r.IntN(5)])
		}
		words = append(words, w)
	}
	word := func() string { return words[int(float64(len(words))*r.Float64()*r.Float64()*r.Float64())] }
	texts := map[string]string{}
	var prose, wide, csv strings.Builder
	for prose.Len() < 1<<17 {
		prose.WriteString(word() + " ")
		wide.WriteString(strings.Replace(word(), "e", "é", 1) + " ")
		if r.IntN(12) == 0 {
			prose.WriteString(". ")
		}
	}
	for csv.Len() < 1<<17 {
		fmt.Fprintf(&csv, "%d;%s;%s;2024-%02d-%02d;%d.%02d\n", r.IntN(1e6), word(), word(), 1+r.IntN(12), 1+r.IntN(28), r.IntN(9999), r.IntN(100))
	}
	texts["prose"], texts["utf-8"], texts["csv"] = prose.String(), wide.String(), csv.String()
	k := testKey(1)
	for _, name := range []string{"prose", "utf-8", "csv"} {
		b.Run(name, func(b *testing.B) {
			text := []byte(texts[name])
			b.SetBytes(int64(len(text)))
			var tokens []Token
			const slice = 8 << 10
			mine, theirs := map[int]time.Duration{}, map[int]time.Duration{} // each slice's least: other work on the machine only adds
			best := func(of map[int]time.Duration, at int, took time.Duration) {
				if of[at] == 0 || took < of[at] {
					of[at] = took
				}
			}
			for b.Loop() {
				s := k.Scanner()
				s.Filter(oneIn256)
				for at := 0; at < len(text); at += slice {
					piece := text[at:min(len(text), at+slice)]
					start := time.Now()
					tokens = s.Append(tokens[:0], piece)
					half := time.Now()
					sha256.Sum256(piece)
					best(mine, at, half.Sub(start))
					best(theirs, at, time.Since(half))
				}
			}
			var sum, sha time.Duration
			for at, took := range mine {
				sum, sha = sum+took, sha+theirs[at]
			}
			b.ReportMetric(float64(sum.Nanoseconds())/float64(len(text)), "ns/B")
			b.ReportMetric(float64(sha)/float64(sum), "of-sha256")
		})
	}
}
