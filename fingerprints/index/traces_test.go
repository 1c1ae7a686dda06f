package index

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// traced drafts a leak of n documents, of which every second has a trace.
func traced(t testing.TB, f *Folder, slug string, n int) *Draft {
	t.Helper()
	spool, err := f.TraceSpool()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { spool.Close() })
	docs := make([][]uint64, n)
	for i := range docs {
		docs[i] = []uint64{uint64(len(slug))<<50 | uint64(i+1)<<20}
	}
	d := known(t, f, slug, docs)
	d.Traces = spool
	for i := range n {
		var plain []byte
		if i%2 == 0 {
			plain = traceOf(slug, i)
		}
		ref, err := spool.Add(digestOf(fmt.Sprintf("%s/%04d.txt", slug, i)), plain)
		if err != nil {
			t.Fatal(err)
		}
		d.DocTraces = append(d.DocTraces, ref)
	}
	return d
}

func traceOf(slug string, i int) []byte {
	return bytes.Repeat([]byte(fmt.Sprintf("%s%d", slug, i)), 1+i)
}

func expectTraces(t *testing.T, f *Folder, want map[string]int) {
	t.Helper()
	found := map[string]int{}
	for _, seg := range load(t, f).Known {
		for doc := range seg.Docs() {
			slug := seg.Leaks()[seg.Doc(doc).Leak].Slug
			file, err := seg.File(seg.DocFiles(seg.Doc(doc))[0])
			if err != nil {
				t.Fatal(err)
			}
			var i int
			fmt.Sscanf(file.Name, slug+"/%d.txt", &i)
			trace := seg.Trace(doc)
			if i%2 != 0 && trace != nil || i%2 == 0 && !bytes.Equal(trace, traceOf(slug, i)) {
				t.Errorf("the trace of %s is %q", file.Name, trace)
			}
			found[slug]++
		}
	}
	for slug, n := range want {
		if found[slug] != n {
			t.Errorf("%d documents of %s instead of %d", found[slug], slug, n)
		}
	}
}

func TestTracesStayWithTheirDocumentsThroughJoinsAndRemovals(t *testing.T) {
	f := testFolder(t)
	want := map[string]int{}
	for i := range many {
		slug := fmt.Sprintf("leak%d", i)
		d := traced(t, f, slug, 5+i)
		if i == 3 { // as segments were before there were traces
			d.Traces, d.DocTraces = nil, nil
			if err := f.Add(d); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := f.Add(d); err != nil {
			t.Fatal(err)
		}
		want[slug] = 5 + i
	}
	if err := f.Remove("leak3"); err != nil {
		t.Fatal(err)
	}
	expectTraces(t, f, want)
	tidy(t, f)
	expectTraces(t, f, want)
	if err := f.Remove("leak0"); err != nil {
		t.Fatal(err)
	}
	delete(want, "leak0")
	expectTraces(t, f, want)
}

func TestASegmentWithoutTracesAnswersNone(t *testing.T) {
	f := testFolder(t)
	if err := f.Add(known(t, f, "old", [][]uint64{{1 << 20}, {2 << 20}})); err != nil {
		t.Fatal(err)
	}
	if trace := load(t, f).Known[0].Trace(1); trace != nil {
		t.Errorf("a trace of %d bytes", len(trace))
	}
}

func TestTracesLieEncrypted(t *testing.T) {
	f := testFolder(t)
	if err := f.Add(traced(t, f, "sealed", 20)); err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob(filepath.Join(f.Dir(), "*.seg"))
	if err != nil || len(paths) != 1 {
		t.Fatal(paths, err)
	}
	b, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(b, traceOf("sealed", 4)) {
		t.Error("a trace lies open in the segment")
	}
}
