package fingerprints

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// BenchmarkBytes prints what a passage takes on disk with everything that is kept of a leak: files, digests, places in
// directories, records, guard. UNMIRROR_BENCH_TEXT sets how many MB of text each leak has: 120 have some 11 million passages.
func BenchmarkBytes(b *testing.B) {
	size := 6 << 20
	if mb, err := strconv.Atoi(os.Getenv("UNMIRROR_BENCH_TEXT")); err == nil {
		size = mb << 20
	}
	for _, c := range []struct {
		what        string
		least, most int // bytes of a file
	}{{"reports of 5 to 50 KB", 5_000, 50_000}, {"letters of 1 to 2 KB", 1_000, 2_000}} {
		b.Run(c.what, func(b *testing.B) {
			dir, data := b.TempDir(), filepath.Join(b.TempDir(), "data")
			r := rand.New(rand.NewPCG(5, 6))
			for i, left := 0, size; left > 0; i++ {
				text := reportLike(r, c.least+r.IntN(c.most-c.least))
				left -= len(text)
				if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("verslag_%05d.txt", i)), []byte(text), 0o600); err != nil {
					b.Fatal(err)
				}
			}
			var added Added
			for b.Loop() {
				if err := os.RemoveAll(data); err != nil {
					b.Fatal(err)
				}
				var err error
				if added, err = openLibrary(b, data).AddLeak(context.Background(), newOpener(b), AddLeak{Slug: "x", Paths: []string{dir}}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(folderBytes(b, data))/float64(added.Passages), "B/passage")
			b.ReportMetric(float64(added.Passages)/1e6, "Mpassages")
			b.ReportMetric(float64(added.Files)*float64(b.N)/b.Elapsed().Seconds(), "files/s")
		})
	}
}

// reportLike is text of many words, n bytes of it.
func reportLike(r *rand.Rand, n int) string {
	var s strings.Builder
	for s.Len() < n {
		for range 1 + r.IntN(4) {
			s.WriteString(syllable(r))
		}
		s.WriteString([]string{" ", " ", " ", " ", " ", ", ", ".\n"}[r.IntN(7)])
	}
	return s.String()
}

func syllable(r *rand.Rand) string {
	return string([]byte{"bdfghjklmnprstvwz"[r.IntN(17)], "aeiou"[r.IntN(5)], "nrstlk"[r.IntN(6)]}[:2+r.IntN(2)])
}

func folderBytes(b *testing.B, dir string) (sum int64) {
	b.Helper()
	err := filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			sum += info.Size()
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return sum
}
