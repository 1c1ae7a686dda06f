package index

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// bench makes an index of one segment: files documents of per passages each, and records records of eight cells.
func bench(b *testing.B, files, per, records int) (*Folder, int64) {
	b.Helper()
	f := testFolder(b)
	r := rand.New(rand.NewPCG(1, 1))
	s, pairs := f.PassageSorter(), NewSorter(f.dir)
	defer s.Close()
	defer pairs.Close()
	d := &Draft{Kind: Known, Leaks: []Leak{{Slug: "x"}}}
	remap := make([]uint32, files)
	some := make([]Pair, 0, 1<<16)
	for i := range files {
		remap[i] = uint32(i)
		d.Docs = append(d.Docs, Doc{Group: uint64(i)})
		d.DocFiles = append(d.DocFiles, nil)
		for range per {
			if some = append(some, Pair{hash60(r), uint32(i)}); len(some) == cap(some) {
				s.Add(some)
				some = some[:0]
			}
		}
	}
	s.Add(some)
	if err := d.FromSorter(s, remap); err != nil {
		b.Fatal(err)
	}
	if records > 0 {
		d.Files = []File{{Doc: NoDoc, Parent: NoParent}}
	}
	for i := range records {
		d.Records = append(d.Records, Record{Row: uint32(i), N: 8})
		for range MaxCells {
			d.Cells = append(d.Cells, hash60(r))
		}
		for pair := range uint32(MaxCells * (MaxCells - 1) / 2) {
			pairs.Add([]Pair{{hash60(r), uint32(i)<<pairShift | pair}})
		}
	}
	if err := d.PairsFromSorter(pairs, func(r uint32) uint32 { return r }); err != nil {
		b.Fatal(err)
	}
	if err := f.Add(d); err != nil {
		b.Fatal(err)
	}
	return f, segmentBytes(b, f)
}

func segmentBytes(b *testing.B, f *Folder) (sum int64) {
	files, err := filepath.Glob(filepath.Join(f.dir, "*.seg"))
	if err != nil {
		b.Fatal(err)
	}
	for _, path := range files {
		st, err := os.Stat(path)
		if err != nil {
			b.Fatal(err)
		}
		sum += st.Size()
	}
	return sum
}

// BenchmarkFind looks passages up that are not there, in batches and one by one, in indexes of a thousand, a hundred
// thousand and a million known files, and of ten million passages: go test -run '^$' -bench Find ./fingerprints/index
func BenchmarkFind(b *testing.B) {
	for _, size := range []struct{ files, per int }{{1_000, 20}, {100_000, 20}, {1_000_000, 20}, {70_000, 143}} {
		b.Run(fmt.Sprintf("%d files of %d passages", size.files, size.per), func(b *testing.B) {
			f, bytes := bench(b, size.files, size.per, 0)
			opened := time.Hour
			for range 5 {
				start := time.Now()
				load(b, f)
				opened = min(opened, time.Since(start))
			}
			snap, room := load(b, f), new(Room)
			absent := printsOf(randomHashes(1 << 20))
			for _, batch := range []int{1, 64, 1024} {
				b.Run(fmt.Sprintf("batches of %d", batch), func(b *testing.B) {
					var found []Located
					at := 0
					for b.Loop() {
						if batch == 1 {
							snap.Known[0].Find(absent[at].Hash)
						} else {
							found = snap.AppendKnown(found[:0], absent[at:at+batch], room)
						}
						at = (at + batch) & (len(absent) - 1)
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(batch), "ns/passage")
					b.ReportMetric(float64(bytes)/float64(size.files*size.per), "B/passage")
					b.ReportMetric(float64(opened.Microseconds())/1000, "ms-to-open")
				})
			}
		})
	}
}

func randomHashes(n int) []uint64 {
	r := rand.New(rand.NewPCG(2, 2))
	hashes := make([]uint64, n)
	for i := range hashes {
		hashes[i] = hash60(r)
	}
	return hashes
}

// BenchmarkCells asks for words that are no cells of a table of 100,000 records, and prints what a record and its 28
// pairs cost: go test -run '^$' -bench Cells ./fingerprints/index
func BenchmarkCells(b *testing.B) {
	const records = 100_000
	f, bytes := bench(b, 1, 1, records)
	seg := load(b, f).Known[0]
	absent := randomHashes(1 << 20)
	for _, batch := range []int{1, 256} {
		b.Run(fmt.Sprintf("batches of %d", batch), func(b *testing.B) {
			var found []uint32
			at := 0
			for b.Loop() {
				if batch == 1 {
					seg.HasCell(absent[at])
				} else {
					found = seg.AppendHasCell(found[:0], absent[at:at+batch])
				}
				at = (at + batch) & (len(absent) - 1)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(batch), "ns/word")
			b.ReportMetric(float64(bytes)/records, "B/record")
		})
	}
}

// BenchmarkMerge joins five segments of 400,000 passages each.
func BenchmarkMerge(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		f := testFolder(b)
		for i := range crowd + 1 {
			d, done, err := leakDraft(f, i, 400_000)
			if err != nil {
				b.Fatal(err)
			}
			if err := f.Add(d); err != nil {
				b.Fatal(err)
			}
			done()
		}
		b.StartTimer()
		if _, err := f.Merge(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*5*400_000/b.Elapsed().Seconds()/1e6, "Mpassages/s")
}
