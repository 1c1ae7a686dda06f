package fingerprints

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"unmirror/fingerprints/match"
)

// TestFortyRegistrationsLeaveFewSegments: each look-up costs per segment, so registering joins them, also under the
// hands of a matcher in another process.
func TestFortyRegistrationsLeaveFewSegments(t *testing.T) {
	dir, leaks := t.TempDir(), t.TempDir()
	l, other := openLibrary(t, dir), openLibrary(t, dir)
	opener := newOpener(t)
	text := func(i int) string { return filler(rand.New(rand.NewPCG(uint64(i), 77)), 2000) }
	m := NewMatcher(other, opener, 0)
	for i := range 40 {
		name := fmt.Sprintf("leak-%02d", i)
		write(t, leaks, map[string][]byte{name + "/a.txt": []byte(text(i))})
		if _, err := l.AddLeak(context.Background(), opener, AddLeak{Slug: name, Paths: []string{filepath.Join(leaks, name)}}); err != nil {
			t.Fatal(err)
		}
		if i%10 == 9 {
			if _, err := other.Reload(); err != nil {
				t.Fatal(err)
			}
			if rep := m.Match(context.Background(), "x", strings.NewReader(text(i/2)), int64(len(text(i/2)))); rep.Verdict != match.Matched {
				t.Errorf("after %d: %s %s", i+1, rep.Verdict, rep.Reason)
			}
		}
	}
	if files, err := filepath.Glob(filepath.Join(dir, "*.seg")); err != nil || len(files) == 0 || len(files) > 5 {
		t.Errorf("%d segments, %v", len(files), err)
	}
	if n := len(l.Leaks()); n != 40 {
		t.Errorf("%d leaks", n)
	}
	for i := range 40 {
		rep := m.Match(context.Background(), "x", strings.NewReader(text(i)), int64(len(text(i))))
		if rep.Verdict != match.Matched || rep.Matches[0].Leak != fmt.Sprintf("leak-%02d", i) {
			t.Errorf("leak %d is lost: %s", i, rep.Verdict)
		}
	}
}
