package index

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func testSealer(t testing.TB) Sealer {
	t.Helper()
	s, err := NewSealer([32]byte{1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func testFolder(t testing.TB) *Folder {
	t.Helper()
	f, err := NewFolder(filepath.Join(t.TempDir(), "index"), testSealer(t))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// known drafts a leak of documents that hold these passages; each is one file.
func known(t testing.TB, f *Folder, slug string, docs [][]uint64) *Draft {
	t.Helper()
	d := &Draft{Kind: Known, Leaks: []Leak{{Slug: slug, Title: "Title of " + slug, Files: len(docs), Created: time.Unix(1, 0).UTC()}}}
	s := f.PassageSorter()
	s.limit = 1 << 18 // so that larger ones spill to runs on disk
	t.Cleanup(s.Close)
	remap := make([]uint32, len(docs))
	for i, hashes := range docs {
		var pairs []Pair
		for _, h := range hashes {
			pairs = append(pairs, Pair{h, uint32(i)})
		}
		if err := s.Add(pairs); err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprintf("%s/%04d.txt", slug, i)
		d.Docs = append(d.Docs, Doc{Text: digestOf(name), Group: uint64(i+1)<<20 | uint64(len(slug)), Total: uint32(len(hashes))})
		d.DocFiles = append(d.DocFiles, []uint32{uint32(i)})
		id := digestOf(name)
		d.Files = append(d.Files, File{ID: FileID(id[:6]), Name: name, Doc: uint32(i), Parent: NoParent})
		d.Content = append(d.Content, ContentRow{digestOf("c" + name), uint32(i)})
		remap[i] = uint32(i)
	}
	d.Guard = []GuardSet{{Exact: []uint64{uint64(len(slug)), 7}, Numbers: []uint64{100, 200}, Lines: []uint64{300}}}
	if err := d.FromSorter(s, remap); err != nil {
		t.Fatal(err)
	}
	return d
}

func digestOf(s string) (d Digest) {
	r := rand.New(rand.NewPCG(uint64(len(s)), 5))
	for i := range s {
		r = rand.New(rand.NewPCG(r.Uint64(), uint64(s[i])))
	}
	for i := range d {
		d[i] = byte(r.Uint32())
	}
	return d
}

// many is how many segments are more than stand side by side.
const many = crowd + 6

func tidy(t testing.TB, f *Folder) {
	t.Helper()
	if _, err := f.Merge(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func hash60(r *rand.Rand) uint64 { return r.Uint64() >> 4 }

func load(t testing.TB, f *Folder) *Snapshot {
	t.Helper()
	s, err := f.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Release() })
	return s
}

// docsOf returns the names of the files of the documents that hold a passage.
func docsOf(t testing.TB, s *Snapshot, hash uint64) []string {
	t.Helper()
	var names []string
	for _, seg := range s.Known {
		p, ok := seg.Find(hash)
		if !ok {
			continue
		}
		docs := seg.AppendDocs(nil, p)
		if len(docs) != seg.Count(p) {
			t.Fatalf("count says %d, list has %d", seg.Count(p), len(docs))
		}
		for _, d := range docs {
			for _, at := range seg.DocFiles(seg.Doc(d)) {
				f, err := seg.File(at)
				if err != nil {
					t.Fatal(err)
				}
				names = append(names, f.Name)
			}
		}
	}
	slices.Sort(names)
	return names
}

func TestFindsWhatWasAddedThroughAddsJoinsAndRemovals(t *testing.T) {
	ctx := context.Background()
	for seed := range uint64(10) {
		f := testFolder(t)
		r := rand.New(rand.NewPCG(seed, 1))
		pool := make([]uint64, 60)
		for i := range pool {
			pool[i] = hash60(r)
		}
		pool[0], pool[1] = 0, 1<<60-1
		want := map[uint64][]string{}
		for n := range r.IntN(12) + 1 {
			slug := fmt.Sprintf("leak-%d", n)
			docs := make([][]uint64, r.IntN(5)+1)
			for i := range docs {
				for range r.IntN(30) {
					h := pool[r.IntN(len(pool))]
					docs[i] = append(docs[i], h)
					name := fmt.Sprintf("%s/%04d.txt", slug, i)
					if !slices.Contains(want[h], name) {
						want[h] = append(want[h], name)
					}
				}
			}
			if err := f.Add(known(t, f, slug, docs)); err != nil {
				t.Fatal(err)
			}
			tidy(t, f)
		}
		if seed%2 == 0 {
			unlock, err := f.Lock(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.Remove("leak-0"); err != nil {
				t.Fatal(err)
			}
			unlock()
			for h, names := range want {
				want[h] = slices.DeleteFunc(names, func(n string) bool { return strings.HasPrefix(n, "leak-0/") })
			}
		}
		s, err := f.Load(nil)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Release()
		for _, h := range pool {
			slices.Sort(want[h])
			if got := docsOf(t, s, h); !slices.Equal(got, want[h]) {
				t.Fatalf("%x: in %v, want %v", h, got, want[h])
			}
		}
		for range 200 {
			if h := hash60(r); !slices.Contains(pool, h) && len(docsOf(t, s, h)) > 0 {
				t.Fatal("found what was never added")
			}
		}
	}
}

func TestManyPassagesSpillAndStayCompact(t *testing.T) {
	f := testFolder(t)
	r := rand.New(rand.NewPCG(1, 2))
	n := 1_100_000
	hashes := make([]uint64, n)
	for i := range hashes {
		hashes[i] = hash60(r)
	}
	if err := f.Add(known(t, f, "big", [][]uint64{hashes[:n/2], hashes[n/2:]})); err != nil {
		t.Fatal(err)
	}
	s := load(t, f)
	seg := s.Known[0]
	for i, h := range hashes {
		p, ok := seg.Find(h)
		if !ok {
			t.Fatalf("passage %d is lost", i)
		}
		if docs := seg.AppendDocs(nil, p); len(docs) != 1 || int(docs[0]) != i/(n/2) {
			t.Fatalf("passage %d is in %v", i, docs)
		}
	}
	if per := float64(len(seg.data)) / float64(n); per > 12 {
		t.Errorf("%.2f bytes a passage", per)
	} else {
		t.Logf("%.2f bytes a passage", per)
	}
}

func TestRemovedLeakLeavesNothing(t *testing.T) {
	f := testFolder(t)
	for _, slug := range []string{"one", "three"} {
		if err := f.Add(known(t, f, slug, [][]uint64{{11, 22, 33}})); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Remove("three"); err != nil {
		t.Fatal(err)
	}
	s := load(t, f)
	if len(s.Known) != 1 || s.Known[0].Leaks()[0].Slug != "one" || s.Known[0].HasExact(5) || !s.Known[0].HasExact(3) {
		t.Errorf("left: %d segments", len(s.Known))
	}
	if err := f.Remove("one"); err != nil {
		t.Fatal(err)
	}
	entries, err := filepath.Glob(filepath.Join(f.dir, "seg-*"))
	if err != nil || len(entries) != 0 {
		t.Errorf("files left: %v, %v", entries, err)
	}
}

func TestOldGenerationStaysReadableWhileHeld(t *testing.T) {
	f := testFolder(t)
	if err := f.Add(known(t, f, "one", [][]uint64{{11}})); err != nil {
		t.Fatal(err)
	}
	old := load(t, f)
	if err := f.Remove("one"); err != nil {
		t.Fatal(err)
	}
	if got := docsOf(t, old, 11); len(got) != 1 {
		t.Errorf("the held generation shows %v", got)
	}
	if now := load(t, f); now.Generation != old.Generation+1 || len(now.Known) != 0 {
		t.Errorf("generation %d has %d segments", now.Generation, len(now.Known))
	}
}

func TestBaselineIsASet(t *testing.T) {
	f := testFolder(t)
	for i := range uint64(many) {
		s := f.PassageSorter()
		if err := s.Add([]Pair{{5 << dropBits, 0}, {(100 + i) << dropBits, 0}}); err != nil {
			t.Fatal(err)
		}
		d := &Draft{Kind: Baseline, Leaks: []Leak{{}}, Texts: []Digest{digestOf("t")}, Content: []ContentRow{{digestOf("c"), NoDoc}}}
		if err := d.FromSorter(s, []uint32{0}); err != nil {
			t.Fatal(err)
		}
		if err := f.Add(d); err != nil {
			t.Fatal(err)
		}
		s.Close()
	}
	tidy(t, f)
	s := load(t, f)
	if len(s.Baseline) > crowd {
		t.Errorf("%d segments were not joined", len(s.Baseline))
	}
	for _, h := range []uint64{5, 100, 100 + many - 1} {
		if !slices.ContainsFunc(s.Baseline, func(s *Segment) bool { _, ok := s.Find(h << dropBits); return ok }) {
			t.Errorf("%d is lost", h)
		}
	}
	if _, ok := s.Baseline[0].Find(6 << dropBits); ok || len(s.Baseline[0].Texts(digestOf("t"))) != 1 || len(s.Baseline[0].Content(digestOf("c"))) != 1 {
		t.Error("digests are lost")
	}
}

// TestEveryDamageIsNoticed flips bytes all over the index: opening it must fail and name the file.
func TestEveryDamageIsNoticed(t *testing.T) {
	f := testFolder(t)
	d, _ := withTable(t, f, "one", 3)
	if err := f.Add(d); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(f.dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		step := max(1, len(whole)/300)
		for i := 0; i < len(whole); i += step {
			bad := slices.Clone(whole)
			bad[i] ^= 0x01
			expectDamage(t, f, path, bad, fmt.Sprintf("byte %d flipped", i))
		}
		if len(whole) > 0 {
			expectDamage(t, f, path, whole[:len(whole)/2], "cut in half")
		}
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	load(t, f)
}

func expectDamage(t *testing.T, f *Folder, path string, content []byte, what string) {
	t.Helper()
	// a mapped file must not be written under its readers: replace it
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := f.Load(nil)
	if err == nil {
		s.Release()
		t.Errorf("%s, %s: opened", filepath.Base(path), what)
		return
	}
	if !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), filepath.Base(path)) {
		t.Errorf("%s, %s: %v", filepath.Base(path), what, err)
	}
}

func TestWrongKeySaysSo(t *testing.T) {
	f := testFolder(t)
	if err := f.Add(known(t, f, "one", [][]uint64{{11}})); err != nil {
		t.Fatal(err)
	}
	seal, err := NewSealer([32]byte{9})
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewFolder(f.dir, seal)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Load(nil); !errors.Is(err, ErrKey) || !strings.Contains(err.Error(), "keys folder") {
		t.Errorf("error is %v", err)
	}
}

func TestNamesAndTitlesAreSealed(t *testing.T) {
	f := testFolder(t)
	if err := f.Add(known(t, f, "one", [][]uint64{{11, 12}})); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(f.dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"0000", "one/", "Title", "slug", hex.EncodeToString([]byte("Title"))} {
			if bytes.Contains(b, []byte(word)) {
				t.Errorf("%s holds %q", filepath.Base(path), word)
			}
		}
	}
}

func TestDocumentsOfOneTemplateAreSiblingsAndOneTextInTwoFormsIsOne(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	fresh := func(n int) []uint64 {
		var out []uint64
		for range n {
			out = append(out, hash60(r))
		}
		return out
	}
	template, whole := fresh(60), fresh(80)
	f := testFolder(t)
	d := known(t, f, "one", [][]uint64{
		append(fresh(15), template...), append(fresh(15), template...), // two letters of a template
		whole, append(fresh(2), whole...), // the docx and the PDF of one letter
		append(fresh(200), whole...), // a mailbox that holds it
	})
	for i, form := range []uint32{1, 1, 1, 2, 3} {
		d.Docs[i].Form, d.Docs[i].Stem = form, []uint64{1, 2, 3, 3, 4}[i]
	}
	if err := f.Add(d); err != nil {
		t.Fatal(err)
	}
	seg := load(t, f).Known[0]
	if !seg.Siblings(0, 1) || !seg.Siblings(1, 0) {
		t.Error("letters of a template are not siblings")
	}
	if seg.Doc(2).Group != seg.Doc(3).Group || seg.Siblings(2, 3) {
		t.Error("two forms of a letter count twice")
	}
	if seg.Siblings(2, 4) || seg.Doc(2).Group == seg.Doc(4).Group {
		t.Error("a letter and the mailbox that holds it are taken for a template")
	}
}

func TestSecondProcessWaitsForTheLock(t *testing.T) {
	f := testFolder(t)
	unlock, err := f.Lock(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := f.Lock(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error is %v", err)
	}
	unlock()
	again, err := f.Lock(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	again()
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"sha256":"","index":{"format":1}}`))
	f.Add([]byte(`{"sha256":"00","index":{"format":1,"segments":[{"name":"../x.seg","kind":1}]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := decodeManifest("MANIFEST", b)
		if err != nil {
			return
		}
		for _, s := range m.Segments {
			if strings.ContainsAny(s.Name, "/\\") {
				t.Errorf("names %q", s.Name)
			}
		}
	})
}
