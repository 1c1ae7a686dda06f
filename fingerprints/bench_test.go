package fingerprints

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"unmirror/fingerprints/index"
	"unmirror/fingerprints/match"
	"unmirror/fingerprints/winnow"
)

// BenchmarkText is canonical text, winnowing and look-ups, in one goroutine and without the opening, as a ratio to
// crypto/sha256 in the same run: go test -run '^$' -bench Text ./fingerprints
func BenchmarkText(b *testing.B) {
	w := newWorld(b, 60)
	r := rand.New(rand.NewPCG(60, 1))
	texts := map[string]string{"prose": filler(r, 4<<20)}
	var rows strings.Builder
	for rows.Len() < 4<<20 {
		fmt.Fprintf(&rows, "%d;%s;%s;2024-%02d-%02d;%d.%02d\n", r.IntN(1e6), pick(r, familyNames), pick(r, towns), 1+r.IntN(12), 1+r.IntN(28), r.IntN(9999), r.IntN(100))
	}
	texts["csv"] = rows.String()
	texts["matching 1 %"] = texts["prose"][:1<<20] + strings.Join(w.report, "\n") + texts["prose"][1<<20:]
	for _, name := range []string{"prose", "csv", "matching 1 %"} {
		b.Run(name, func(b *testing.B) {
			text := []byte(texts[name])
			snap := w.library.hold()
			defer snap.Release()
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				t := newTextReading(w.library.secrets)
				h := hits{snap: snap, public: w.library.secrets.public}
				if err := t.feed(text, func(p []winnow.Print) error { h.see(p); return nil }); err != nil {
					b.Fatal(err)
				}
				h.weigh(t.stream.Len(), DefaultNoticeBits)
			}
			mine := b.Elapsed() / time.Duration(b.N)
			start := time.Now()
			const rounds = 20
			for range rounds {
				sha256.Sum256(text)
			}
			b.ReportMetric(float64(time.Since(start)/rounds)/float64(mine), "of-sha256")
		})
	}
}

// BenchmarkMatch is whole items through the limited process.
func BenchmarkMatch(b *testing.B) {
	w := newWorld(b, 61)
	for name, item := range map[string][]byte{
		"letter": []byte(letterText(w.people[13])), "docx": w.files[docxName(w, 0)], "archive": w.files["archief.zip"],
		"innocent 50 KB": []byte(filler(rand.New(rand.NewPCG(1, 1)), 50_000)),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(item)))
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					w.matcher.Match(context.Background(), "x", bytes.NewReader(item), int64(len(item)))
				}
			})
		})
	}
}

// BenchmarkFind looks passages up that are not there, in an index of ten million: set UNMIRROR_BENCH_PASSAGES for
// another size.
func BenchmarkFind(b *testing.B) {
	n := 10_000_000
	if s := os.Getenv("UNMIRROR_BENCH_PASSAGES"); s != "" {
		fmt.Sscan(s, &n)
	}
	dir := b.TempDir()
	seal, err := index.NewSealer([32]byte{1})
	if err != nil {
		b.Fatal(err)
	}
	f, err := index.NewFolder(dir, seal)
	if err != nil {
		b.Fatal(err)
	}
	sorter := index.NewSorter(dir)
	defer sorter.Close()
	r := rand.New(rand.NewPCG(1, 1))
	pairs := make([]index.Pair, 10_000)
	for range n / len(pairs) {
		for i := range pairs {
			pairs[i] = index.Pair{Hash: r.Uint64() >> 4}
		}
		if err := sorter.Add(pairs); err != nil {
			b.Fatal(err)
		}
	}
	d := &index.Draft{Kind: index.Known, Leaks: []index.Leak{{Slug: "x"}}, Docs: []index.Doc{{}}, DocFiles: [][]uint32{nil}}
	if err := d.FromSorter(sorter, []uint32{0}); err != nil {
		b.Fatal(err)
	}
	if err := f.Add(d); err != nil {
		b.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.seg"))
	if err != nil || len(files) != 1 {
		b.Fatal(files, err)
	}
	st, err := os.Stat(files[0])
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	s, err := f.Load(nil)
	if err != nil {
		b.Fatal(err)
	}
	opened := time.Since(start)
	defer s.Release()
	for b.Loop() {
		s.Known[0].Find(r.Uint64() >> 4)
	}
	b.ReportMetric(float64(st.Size())/float64(n), "B/passage")
	b.ReportMetric(float64(opened.Microseconds())/1000, "ms-to-open")
}

// endless is text without end that is nowhere in memory.
type endless struct{ block []byte }

func (e *endless) ReadAt(p []byte, off int64) (int, error) {
	for n := 0; n < len(p); {
		at := (off + int64(n)) % int64(len(e.block))
		n += copy(p[n:], e.block[at:])
	}
	return len(p), nil
}

// TestHugeFilesTakeBoundedMemory matches 2 GiB (64 MiB when short, or under the race detector) of text and of a table that matches throughout.
func TestHugeFilesTakeBoundedMemory(t *testing.T) {
	w := newWorld(t, 62)
	size := int64(96 << 20)
	if os.Getenv("UNMIRROR_TEST_HUGE") != "" {
		size = 2 << 30
	}
	block := []byte(filler(rand.New(rand.NewPCG(1, 1)), 1<<20) + letterText(w.people[14]))
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	var peak uint64
	done := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for {
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
				runtime.ReadMemStats(&now)
				peak = max(peak, now.HeapInuse)
			}
		}
	}()
	start := time.Now()
	rep := w.matcher.Match(context.Background(), "huge.txt", &endless{block}, size)
	close(done)
	<-watched
	if rep.Verdict != match.Matched {
		t.Errorf("%s: %s", rep.Verdict, rep.Reason)
	}
	if grown := int64(peak) - int64(before.HeapInuse); grown > 150<<20 {
		t.Errorf("heap grew by %d MiB", grown>>20)
	}
	t.Logf("%d MiB in %.1f s, heap at most %d MiB", size>>20, time.Since(start).Seconds(), peak>>20)
}

var _ io.ReaderAt = (*endless)(nil)
