package index

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"unmirror/internal/testheap"
)

// crashDir tells a test process to become the one that adds and joins and is killed.
const crashDir = "UNMIRROR_TEST_INDEX_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		if err := addAndJoin(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// passagesOf are the passages of the i-th leak.
func passagesOf(i, n int) []uint64 {
	r := rand.New(rand.NewPCG(uint64(i), 9))
	hashes := make([]uint64, n)
	for i := range hashes {
		hashes[i] = hash60(r)
	}
	return hashes
}

func leakDraft(f *Folder, i, n int) (*Draft, func(), error) {
	d := &Draft{Kind: Known, Leaks: []Leak{{Slug: fmt.Sprintf("leak-%02d", i)}}, Docs: []Doc{{Group: uint64(i)}}, DocFiles: [][]uint32{{0}}}
	d.Files = []File{{ID: FileID{byte(i)}, Name: fmt.Sprintf("leak-%02d/0000.txt", i), Parent: NoParent}}
	s := f.PassageSorter()
	var pairs []Pair
	for _, h := range passagesOf(i, n) {
		pairs = append(pairs, Pair{h, 0})
	}
	if err := s.Add(pairs); err != nil {
		return nil, nil, err
	}
	return d, s.Close, d.FromSorter(s, []uint32{0})
}

func addAndJoin(dir string) error {
	seal, err := NewSealer([32]byte{1, 2, 3})
	if err != nil {
		return err
	}
	f, err := NewFolder(dir, seal)
	if err != nil {
		return err
	}
	ctx := context.Background()
	for i := range 40 {
		d, done, err := leakDraft(f, i, 5000)
		if err != nil {
			return err
		}
		unlock, err := f.Lock(ctx)
		if err != nil {
			return err
		}
		if err := f.Add(d); err != nil {
			return err
		}
		unlock()
		done()
		fmt.Println(i)
		if _, err := f.Merge(ctx); err != nil {
			return err
		}
	}
	return nil
}

// TestKilledWhileJoiningLosesNothing kills a process that adds and joins at random: all that it said it had added is
// there, and the next process goes on.
func TestKilledWhileJoiningLosesNothing(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(8, 8))
	for range 6 {
		f := testFolder(t)
		var said strings.Builder
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), crashDir+"="+f.dir)
		cmd.Stdout = &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		kill := time.AfterFunc(time.Duration(50+r.IntN(500))*time.Millisecond, func() { cmd.Process.Kill() })
		cmd.Wait()
		kill.Stop()
		added := strings.Count(said.String(), "\n")
		everyLeakIsThere(t, f, added, 5000)
		if _, err := f.Merge(context.Background()); err != nil {
			t.Fatal(err)
		}
		if err := f.Add(known(t, f, "after", [][]uint64{{1 << 40}})); err != nil {
			t.Fatal(err)
		}
		everyLeakIsThere(t, f, added, 5000)
		noLeftOvers(t, f)
	}
}

func everyLeakIsThere(t *testing.T, f *Folder, added, n int) {
	t.Helper()
	s := load(t, f)
	for i := range added {
		name := fmt.Sprintf("leak-%02d/0000.txt", i)
		for _, h := range passagesOf(i, n) {
			if got := docsOf(t, s, h); len(got) != 1 || got[0] != name {
				t.Fatalf("a passage of %s of %d is in %v", name, added, got)
			}
		}
	}
}

// noLeftOvers: the folder has no files that its manifest does not name.
func noLeftOvers(t *testing.T, f *Folder) {
	t.Helper()
	m, err := f.manifest()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(f.dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	named := []string{manifestName, lockName, mergeLock}
	for _, s := range m.Segments {
		named = append(named, s.Name)
	}
	for _, path := range files {
		if !slices.Contains(named, filepath.Base(path)) {
			t.Errorf("left over: %s", filepath.Base(path))
		}
	}
}

func TestFortyAddsLeaveFewSegments(t *testing.T) {
	f := testFolder(t)
	const n = 5_000
	for i := range 40 {
		d, done, err := leakDraft(f, i, n)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Add(d); err != nil {
			t.Fatal(err)
		}
		done()
		tidy(t, f)
		if s := load(t, f); len(s.Known) > 2*crowd {
			t.Fatalf("after %d adds there are %d segments", i+1, len(s.Known))
		}
	}
	s := load(t, f)
	if len(s.Known) > crowd {
		t.Errorf("%d segments", len(s.Known))
	}
	everyLeakIsThere(t, f, 40, 500)
	noLeftOvers(t, f)
}

// TestJoiningTakesLittleMemory joins segments of 15 MB in all.
func TestJoiningTakesLittleMemory(t *testing.T) {
	if !testheap.Alone(t) {
		return
	}
	f := testFolder(t)
	for i := range crowd + 1 {
		d, done, err := leakDraft(f, i, 300_000)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Add(d); err != nil {
			t.Fatal(err)
		}
		done()
	}
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	if changed, err := f.Merge(context.Background()); err != nil || !changed {
		t.Fatal(changed, err)
	}
	runtime.ReadMemStats(&now)
	// all that was ever allocated, also what was freed meanwhile: some 6 MiB
	if grown := now.TotalAlloc - before.TotalAlloc; grown > 10<<20 {
		t.Errorf("joining allocated %d MiB", grown>>20)
	}
	if s := load(t, f); len(s.Known) != 1 || s.Known[0].inverted.n != 5*300_000 {
		t.Errorf("%d segments", len(s.Known))
	}
}

// TestIndexChangesWhileItIsJoined adds, removes, reads and joins at once.
func TestIndexChangesWhileItIsJoined(t *testing.T) {
	f := testFolder(t)
	ctx := context.Background()
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := f.Merge(ctx); err != nil {
					t.Error(err)
				}
			}
		})
	}
	change := func(what func() error) {
		t.Helper()
		unlock, err := f.Lock(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
		if err := what(); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 40 {
		d, done, err := leakDraft(f, i, 2000)
		if err != nil {
			t.Fatal(err)
		}
		change(func() error { return f.Add(d) })
		done()
		if i%4 == 3 {
			change(func() error { return f.Remove(fmt.Sprintf("leak-%02d", i-1)) })
		}
		s := load(t, f)
		if docs := docsOf(t, s, passagesOf(i, 1)[0]); len(docs) != 1 {
			t.Fatalf("leak %d is in %v", i, docs)
		}
	}
	close(stop)
	wg.Wait()
	tidy(t, f)
	s := load(t, f)
	for i := range 40 {
		want := 1
		if i%4 == 2 {
			want = 0
		}
		if docs := docsOf(t, s, passagesOf(i, 1)[0]); len(docs) != want {
			t.Errorf("leak %d is in %v", i, docs)
		}
	}
	noLeftOvers(t, f)
}

func TestStoppedJoiningChangesNothing(t *testing.T) {
	f := testFolder(t)
	for i := range crowd + 1 {
		if err := f.Add(known(t, f, fmt.Sprintf("leak-%d", i), [][]uint64{{uint64(i) << 40}})); err != nil {
			t.Fatal(err)
		}
	}
	before := load(t, f).Generation
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if changed, err := f.Merge(ctx); !errors.Is(err, context.Canceled) || changed {
		t.Errorf("changed %t, %v", changed, err)
	}
	if now := load(t, f); now.Generation != before || len(now.Known) != crowd+1 {
		t.Errorf("generation %d, %d segments", now.Generation, len(now.Known))
	}
	noLeftOvers(t, f)
}

func TestSegmentsOfDifferentSizesAreLeftAlone(t *testing.T) {
	sizes := []int64{1, 1, 1, 1, tierBase + 1, tierBase + 1, tierBase + 1, tierBase + 1, largest + 1, largest + 1, largest + 1, largest + 1, largest + 1}
	m := &manifest{}
	for i, n := range sizes {
		m.Segments = append(m.Segments, segmentRef{Name: fmt.Sprint(i), Kind: Known, Bytes: n})
	}
	if refs := crowded(m); len(refs) != 0 {
		t.Errorf("joins %v", refs)
	}
	m.Segments = append(m.Segments, segmentRef{Name: "baseline", Kind: Baseline, Bytes: 1})
	if refs := crowded(m); len(refs) != 0 {
		t.Errorf("joins %v", refs)
	}
	m.Segments = append(m.Segments, segmentRef{Name: "fifth", Kind: Known, Bytes: tierBase * tierStep})
	if refs := crowded(m); len(refs) != 5 || refs[4].Name != "fifth" {
		t.Errorf("joins %v", refs)
	}
}
