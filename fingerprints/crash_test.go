package fingerprints

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"unmirror/fingerprints/match"
	"unmirror/fingerprints/open"
)

// crashDir tells a test process to become the one that registers and is killed.
const crashDir = "UNMIRROR_TEST_CRASH_DIR"

// crashChild registers leaks one after another until it is killed.
func crashChild() bool {
	dir := os.Getenv(crashDir)
	if dir == "" {
		return false
	}
	if err := register(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return true
}

func register(dir string) error {
	l, err := Open(filepath.Join(dir, "index"), testKeys)
	if err != nil {
		return err
	}
	defer l.Close()
	o, err := open.New(open.DefaultLimits(), 1)
	if err != nil {
		return err
	}
	defer o.Close()
	for i := range 40 {
		leak := filepath.Join(dir, fmt.Sprintf("leak-%02d", i))
		if _, err := l.AddLeak(context.Background(), o, AddLeak{Slug: filepath.Base(leak), Paths: []string{leak}}); err != nil {
			return err
		}
		fmt.Println(i)
	}
	return nil
}

// TestKilledWhileRegisteringLeavesAWholeGeneration kills a registering process at random: what it had finished is there,
// nothing is half there, and the next registration cleans up.
func TestKilledWhileRegisteringLeavesAWholeGeneration(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	opener := newOpener(t)
	for round := range 8 {
		dir := t.TempDir()
		for i := range 40 {
			write(t, dir, map[string][]byte{fmt.Sprintf("leak-%02d/a.txt", i): []byte(filler(rand.New(rand.NewPCG(uint64(i), 1)), 3000))})
		}
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), crashDir+"="+dir)
		var said lockedBuffer
		cmd.Stdout = &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() { cmd.Wait(); close(done) }()
		select {
		case <-done:
		case <-time.After(time.Duration(30+r.IntN(250)) * time.Millisecond):
			cmd.Process.Kill()
			<-done
		}
		finished := strings.Count(said.String(), "\n")
		l, err := Open(filepath.Join(dir, "index"), testKeys)
		if err != nil {
			t.Fatalf("round %d, after %d: %v", round, finished, err)
		}
		if n := len(l.Leaks()); n < finished || n > finished+1 {
			t.Errorf("round %d: %d leaks, %d were finished", round, n, finished)
		}
		m := NewMatcher(l, opener, 0)
		for i := range finished {
			text := filler(rand.New(rand.NewPCG(uint64(i), 1)), 3000)
			if rep := m.Match(context.Background(), "x", strings.NewReader(text), int64(len(text))); rep.Verdict != match.Matched {
				t.Errorf("round %d: leak %d is lost", round, i)
			}
		}
		if _, err := l.AddLeak(context.Background(), opener, AddLeak{Slug: "after", Paths: []string{filepath.Join(dir, "leak-39")}}); err != nil {
			t.Errorf("round %d: %v", round, err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "index", "*.new")); len(left) > 0 {
			t.Errorf("round %d: left over %v", round, left)
		}
		l.Close()
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestTwoLibrariesAddingAtOnceLoseNothing(t *testing.T) {
	dir, leaks := t.TempDir(), t.TempDir()
	opener := newOpener(t)
	var wg sync.WaitGroup
	for i := range 6 {
		name := fmt.Sprintf("leak-%d", i)
		write(t, leaks, map[string][]byte{name + "/a.txt": []byte(filler(rand.New(rand.NewPCG(uint64(i), 2)), 2000))})
		l := openLibrary(t, dir)
		wg.Go(func() {
			if _, err := l.AddLeak(context.Background(), opener, AddLeak{Slug: name, Paths: []string{filepath.Join(leaks, name)}}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := openLibrary(t, dir).Leaks(); len(got) != 6 {
		t.Errorf("%d leaks", len(got))
	}
}

func TestGenerationsSwapWhileMatchesRun(t *testing.T) {
	w := newWorld(t, 20)
	other := openLibrary(t, w.data)
	before := w.library.Generation()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	body := letterText(w.people[15])
	for range 3 {
		wg.Go(func() {
			for ctx.Err() == nil {
				rep := w.matcher.Match(context.Background(), "x", strings.NewReader(body), int64(len(body)))
				if rep.Verdict != match.Matched {
					t.Errorf("%s: %s", rep.Verdict, rep.Reason)
					return
				}
			}
		})
	}
	dir := t.TempDir()
	write(t, dir, map[string][]byte{"a.txt": []byte(filler(rand.New(rand.NewPCG(1, 2)), 2000))})
	for i := range 5 {
		if _, err := other.AddLeak(context.Background(), w.opener, AddLeak{Slug: "more", Paths: []string{dir}}); err != nil {
			t.Fatal(err)
		}
		if changed, err := w.library.Reload(); err != nil || !changed {
			t.Fatalf("round %d: changed %t, %v", i, changed, err)
		}
		if changed, err := w.library.Reload(); err != nil || changed {
			t.Errorf("reloaded without a change: %v", err)
		}
		if err := other.RemoveLeak(context.Background(), "more"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.library.Reload(); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	wg.Wait()
	if w.library.Generation() != before+10 {
		t.Errorf("generation %d, began at %d", w.library.Generation(), before)
	}
}

func TestExtendingALeakSkipsWhatItHoldsAndRemovingForgetsAll(t *testing.T) {
	w := newWorld(t, 21)
	ctx := context.Background()
	again, err := w.library.AddLeak(ctx, w.opener, AddLeak{Slug: "gezond", Paths: []string{w.dir}})
	if err != nil || again.Files != 0 {
		t.Errorf("added again: %+v, %v", again, err)
	}
	write(t, w.dir, map[string][]byte{"later.txt": []byte(filler(rand.New(rand.NewPCG(3, 3)), 4000))})
	more, err := w.library.AddLeak(ctx, w.opener, AddLeak{Slug: "gezond", Paths: []string{w.dir}})
	if err != nil || more.Files != 1 || more.Passages == 0 {
		t.Errorf("extended: %+v, %v", more, err)
	}
	if leaks := w.library.Leaks(); len(leaks) != 1 || leaks[0].Files != len(w.files)+1 {
		t.Errorf("leaks %+v", leaks)
	}
	if err := w.library.RemoveLeak(ctx, "gezond"); err != nil {
		t.Fatal(err)
	}
	if err := w.library.RemoveLeak(ctx, "gezond"); err == nil {
		t.Error("removed twice")
	}
	body := letterText(w.people[15])
	if rep := w.match(t, "x", []byte(body)); rep.Verdict != match.None || len(w.library.Leaks()) != 0 {
		t.Errorf("still %s", rep.Verdict)
	}
	if hits := w.library.Guard(body); len(hits) != 0 {
		t.Errorf("the guard still knows %v", hits)
	}
}

func TestStoppedRegistrationChangesNothing(t *testing.T) {
	w := newWorld(t, 22)
	before := w.library.Generation()
	ctx, cancel := context.WithCancel(context.Background())
	dir := t.TempDir()
	for i := range 30 {
		write(t, dir, map[string][]byte{hex.EncodeToString([]byte{byte(i)}): []byte(filler(rand.New(rand.NewPCG(uint64(i), 3)), 4000))})
	}
	_, err := w.library.AddLeak(ctx, w.opener, AddLeak{Slug: "x", Paths: []string{dir}, Progress: func(done, total int64, file string) {
		if done > total/3 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || w.library.Generation() != before {
		t.Errorf("%v, generation %d", err, w.library.Generation())
	}
}
