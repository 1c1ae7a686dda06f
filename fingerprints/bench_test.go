package fingerprints

import (
	"bytes"
	"context"
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

// benchPassages is how many passages the index of a benchmark has: UNMIRROR_BENCH_PASSAGES sets another number.
func benchPassages() int {
	n := 10_000_000
	if s := os.Getenv("UNMIRROR_BENCH_PASSAGES"); s != "" {
		fmt.Sscan(s, &n)
	}
	return n
}

// addRandom adds a segment of n passages that are in no text.
func addRandom(b *testing.B, f *index.Folder, n int) {
	b.Helper()
	sorter := f.PassageSorter()
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
}

// benchText is some 4 MiB of text of a kind; another seed gives other text.
func benchText(kind string, seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 7))
	if kind == "prose" {
		return filler(r, 4<<20)
	}
	words := strings.Fields("Géraldine était enceinte depuis février d’après l’employé für die Prüfung ließ sich während größere Maßnahmen " +
		"de collega’s geïnterviewd over ziekteverlof «à l’hôpital» naïeve beëindiging patiënt dossier médecin du travail München Zürich " +
		"la fiche numéro über Rückenschmerzen moeilijk reorganisatie coördinatie préventeur – 12 maart élève forêt garçon schön möchte")
	// few words would make other text known too: each comes with any of its consonants changed
	for _, word := range words[:len(words):len(words)] {
		for at, c := range []byte(word) {
			for _, other := range []byte("bdfgklmnprstvwz") {
				if strings.IndexByte("bdfgklmnprstvwz", c) >= 0 && c != other {
					words = append(words, word[:at]+string(other)+word[at+1:])
				}
			}
		}
	}
	var s strings.Builder
	for s.Len() < 4<<20 {
		if kind == "csv" {
			name, town := filler(r, 8+r.IntN(6)), filler(r, 6+r.IntN(8))
			fmt.Fprintf(&s, "%d;%.8s;%.9s;2024-%02d-%02d;%d.%02d\n", r.IntN(1e6), name, town, 1+r.IntN(12), 1+r.IntN(28), r.IntN(9999), r.IntN(100))
			continue
		}
		s.WriteString(pick(r, words))
		s.WriteByte(" \n"[r.IntN(12)/11])
	}
	return s.String()
}

// benchLibrary knows a hundredth of each text, a table of 20,000 rows, and ten million passages besides.
func benchLibrary(b *testing.B, kinds []string) *Library {
	dir, data := b.TempDir(), filepath.Join(b.TempDir(), "data")
	files := map[string][]byte{}
	for _, kind := range kinds {
		files[kind+".txt"] = []byte(benchText(kind, 1)[:4<<20/100])
	}
	r := rand.New(rand.NewPCG(3, 3))
	rows := "nr;voornaam;achternaam;geboortedatum;gemeente\n"
	var table strings.Builder
	table.WriteString(rows)
	for i := range 20_000 {
		fmt.Fprintf(&table, "P%06d;%s;%s;%d-%02d-%02d;%s\n", i, pick(r, givenNames), pick(r, familyNames), 1950+r.IntN(55), 1+r.IntN(12), 1+r.IntN(28), pick(r, towns))
	}
	files["personeel.csv"] = []byte(table.String())
	write(b, dir, files)
	l := openLibrary(b, data)
	if _, err := l.AddLeak(context.Background(), newOpener(b), AddLeak{Slug: "bench", Paths: []string{dir}}); err != nil {
		b.Fatal(err)
	}
	addRandom(b, l.folder, benchPassages())
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
	return openLibrary(b, data)
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

// BenchmarkFind looks passages up that are not there, those of a piece of text at once, in an index of ten million: the best
// round, since machines have other work.
func BenchmarkFind(b *testing.B) {
	dir := b.TempDir()
	seal, err := index.NewSealer([32]byte{1})
	if err != nil {
		b.Fatal(err)
	}
	f, err := index.NewFolder(dir, seal)
	if err != nil {
		b.Fatal(err)
	}
	addRandom(b, f, benchPassages())
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
	r := rand.New(rand.NewPCG(2, 1))
	prints := make([]winnow.Print, 1280)
	room := new(index.Room)
	var found []index.Located
	best := time.Hour
	for b.Loop() {
		for i := range prints {
			prints[i].Hash = r.Uint64() >> 4
		}
		start := time.Now()
		found = s.AppendKnown(found[:0], prints, room)
		best = min(best, time.Since(start))
	}
	b.ReportMetric(float64(best.Nanoseconds())/float64(len(prints)), "ns/passage")
	b.ReportMetric(float64(st.Size())/float64(benchPassages()), "B/passage")
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
	size := int64(rounds(96 << 20))
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
