package index

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// pagesOf makes an index of pages of 160 words each, a third of them of one of a thousand forms, with bodies of size
// bytes.
func pagesOf(b *testing.B, pages, size int) *Folder {
	b.Helper()
	f := testFolder(b)
	r := rand.New(rand.NewPCG(1, 1))
	spool, err := f.PageSpool()
	if err != nil {
		b.Fatal(err)
	}
	defer spool.Close()
	d := &Draft{Kind: Known, Leaks: []Leak{{Slug: "x"}}, Files: []File{{Doc: NoDoc, Parent: NoParent}}, Pages: spool, PageFiles: make([]uint32, pages)}
	body := make([]byte, size)
	for i := range pages {
		if _, err := spool.Add(1, benchWords(r, i), body); err != nil {
			b.Fatal(err)
		}
	}
	if err := f.Add(d); err != nil {
		b.Fatal(err)
	}
	return f
}

// benchWords are of 2^26 kinds, as those of package page.
func benchWords(own *rand.Rand, page int) []uint32 {
	form := rand.New(rand.NewPCG(2, uint64(page%1000)))
	words := make([]uint32, 160)
	for i := range words {
		if i < 50 {
			words[i] = form.Uint32() >> 6
			continue
		}
		words[i] = own.Uint32() >> 6
	}
	return words
}

// BenchmarkPageLook looks 4,000 probes up, of which an eighth are of one form, among a thousand to a million registered
// pages: go test -run '^$' -bench PageLook ./fingerprints/index. It needs 4 GB of disk; with bodies it would be 9 GB, so
// a page's size is that of its words and its row, to which its body comes.
func BenchmarkPageLook(b *testing.B) {
	for _, pages := range []int{1_000, 30_000, 1_000_000} {
		b.Run(fmt.Sprintf("%d pages", pages), func(b *testing.B) {
			f := pagesOf(b, pages, 16)
			bytes := segmentBytes(b, f)
			opened := time.Hour
			for range 3 {
				start := time.Now()
				load(b, f)
				opened = min(opened, time.Since(start))
			}
			snap, r := load(b, f), rand.New(rand.NewPCG(3, 3))
			probes := make([]uint32, 4000)
			for b.Loop() {
				for i := range probes {
					probes[i] = r.Uint32() >> 6
				}
				copy(probes, benchWords(r, r.IntN(1000))[:50])
				snap.PageCandidates(probes, 10)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1000, "ms/page")
			b.ReportMetric(float64(bytes)/float64(pages), "B/page")
			b.ReportMetric(float64(opened.Microseconds())/1000, "ms-to-open")
		})
	}
}
