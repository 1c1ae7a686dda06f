package index

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// wordsOf are the words of a page that is like no other.
func wordsOf(slug string, i, n int) []uint32 {
	var seed [32]byte
	copy(seed[:], fmt.Sprintf("%s %d", slug, i))
	r := rand.New(rand.NewChaCha8(seed))
	words := make([]uint32, n)
	for j := range words {
		words[j] = r.Uint32()
	}
	return words
}

func bodyOf(slug string, i int) []byte {
	b := bytes.Repeat([]byte(fmt.Sprintf("body of %s %d;", slug, i)), 20)
	return append(b, byte(i))
}

// paged drafts a leak of n files with a page each, the second with two.
func paged(t testing.TB, f *Folder, slug string, n int) *Draft {
	t.Helper()
	docs := make([][]uint64, n)
	for i := range docs {
		docs[i] = []uint64{uint64(len(slug))<<50 | uint64(i+1)<<20}
	}
	d := known(t, f, slug, docs)
	addPages(t, f, d, slug, n)
	return d
}

func addPages(t testing.TB, f *Folder, d *Draft, slug string, n int) {
	t.Helper()
	spool, err := f.PageSpool()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { spool.Close() })
	d.Pages = spool
	add := func(file uint32, number, what int) {
		if d.Kind == Baseline {
			file = 0
		}
		if _, err := spool.Add(uint32(number), wordsOf(slug, what, 60), bodyOf(slug, what)); err != nil {
			t.Fatal(err)
		}
		d.PageFiles = append(d.PageFiles, file)
	}
	for i := range n {
		add(uint32(i), 1, i)
	}
	if n > 1 {
		add(1, 2, n)
	}
}

// expectPage looks a page up by a few of its words among others, and checks all that is kept of it.
func expectPage(t testing.TB, f *Folder, slug string, i int, file string, number uint32) {
	t.Helper()
	s := load(t, f)
	probes := append(wordsOf("noise", i, 500), wordsOf(slug, i, 60)[10:30]...)
	votes := s.PageCandidates(probes, 5)
	if len(votes) == 0 || votes[0].Words < 20 || votes[0].Baseline {
		t.Fatalf("page %d of %s got the votes %+v", i, slug, votes)
	}
	seg := s.Known[votes[0].Segment]
	page, ok := seg.Page(votes[0].Page)
	if !ok || page.Number != number {
		t.Fatalf("page %d of %s is %+v, %v", i, slug, page, ok)
	}
	known, err := seg.File(page.File)
	if err != nil || known.Name != file {
		t.Fatalf("page %d of %s is of %q, %v", i, slug, known.Name, err)
	}
	body, err := seg.PageBody(votes[0].Page)
	if err != nil || !bytes.Equal(body, bodyOf(slug, i)) {
		t.Fatalf("the body of page %d of %s is %q, %v", i, slug, body, err)
	}
}

func TestPagesStayWithTheirFilesThroughJoinsAndRemovals(t *testing.T) {
	f := testFolder(t)
	for i := range many {
		if err := f.Add(paged(t, f, fmt.Sprintf("leak%d", i), 5+i)); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(slugs ...int) {
		t.Helper()
		for _, k := range slugs {
			slug := fmt.Sprintf("leak%d", k)
			expectPage(t, f, slug, 0, slug+"/0000.txt", 1)
			expectPage(t, f, slug, 4, slug+"/0004.txt", 1)
			expectPage(t, f, slug, 5+k, slug+"/0001.txt", 2)
		}
	}
	expect(0, 1, 3)
	if err := f.Remove("leak3"); err != nil {
		t.Fatal(err)
	}
	tidy(t, f)
	expect(0, 1)
	if err := f.Remove("leak0"); err != nil {
		t.Fatal(err)
	}
	expect(1)
	for _, gone := range []string{"leak0", "leak3"} {
		if votes := load(t, f).PageCandidates(wordsOf(gone, 0, 60), 5); len(votes) != 0 {
			t.Errorf("%s was removed and still gets %+v", gone, votes)
		}
	}
}

func TestPagesOfABaselineAreFoundApart(t *testing.T) {
	f := testFolder(t)
	for i := range many {
		d := &Draft{Kind: Baseline, Leaks: []Leak{{}}}
		addPages(t, f, d, fmt.Sprintf("form%d", i), 3)
		if err := f.Add(d); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Add(paged(t, f, "leak", 3)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s := load(t, f)
		votes := s.PageCandidates(append(wordsOf("leak", 2, 60), wordsOf("form1", 2, 60)...), 3)
		if len(votes) != 2 || votes[0].Baseline || !votes[1].Baseline {
			t.Fatalf("votes %+v", votes)
		}
		body, err := s.Baseline[votes[1].Segment].PageBody(votes[1].Page)
		if err != nil || !bytes.Equal(body, bodyOf("form1", 2)) {
			t.Fatalf("body %q, %v", body, err)
		}
		tidy(t, f)
	}
}

func TestAWordOfTooManyPagesTellsNothing(t *testing.T) {
	f := testFolder(t)
	d := known(t, f, "forms", [][]uint64{{1 << 20}})
	spool, err := f.PageSpool()
	if err != nil {
		t.Fatal(err)
	}
	defer spool.Close()
	d.Pages = spool
	form := wordsOf("form", 0, 50)
	const pages = maxWordPages + 1
	for i := range pages {
		if _, err := spool.Add(uint32(i+1), append(wordsOf("own", i, 10), form...), bodyOf("own", i)); err != nil {
			t.Fatal(err)
		}
		d.PageFiles = append(d.PageFiles, 0)
	}
	if err := f.Add(d); err != nil {
		t.Fatal(err)
	}
	s := load(t, f)
	if votes := s.PageCandidates(form, 10); len(votes) != 0 {
		t.Errorf("a blank form got %+v", votes)
	}
	votes := s.PageCandidates(append(wordsOf("own", 77, 4), form...), 10)
	if len(votes) != 1 || votes[0].Words != 4 {
		t.Fatalf("votes %+v", votes)
	}
	if p, ok := s.Known[0].Page(votes[0].Page); !ok || p.Number != 78 {
		t.Errorf("page %+v", p)
	}
}

func TestAPageThatIsDroppedIsNotFound(t *testing.T) {
	f := testFolder(t)
	d := paged(t, f, "some", 4)
	d.PageFiles[2] = NoDoc
	if err := f.Add(d); err != nil {
		t.Fatal(err)
	}
	s := load(t, f)
	if votes := s.PageCandidates(wordsOf("some", 2, 60), 5); len(votes) != 0 {
		t.Errorf("votes %+v", votes)
	}
	if n := s.Known[0].Pages(); n != 4 {
		t.Errorf("%d pages", n)
	}
	expectPage(t, f, "some", 4, "some/0001.txt", 2)
}

func TestPagesLieHidden(t *testing.T) {
	f := testFolder(t)
	d := known(t, f, "sealed", [][]uint64{{1 << 20}})
	spool, err := f.PageSpool()
	if err != nil {
		t.Fatal(err)
	}
	defer spool.Close()
	d.Pages = spool
	word := uint32(0xfeedbeef)
	for range 2 { // equal pages look different
		if _, err := spool.Add(1, []uint32{word}, bodyOf("sealed", 0)); err != nil {
			t.Fatal(err)
		}
		d.PageFiles = append(d.PageFiles, 0)
	}
	if err := f.Add(d); err != nil {
		t.Fatal(err)
	}
	s := load(t, f).Known[0]
	b := s.data
	for _, open := range [][]byte{[]byte("body of sealed"), binary.LittleEndian.AppendUint32(nil, word), binary.BigEndian.AppendUint32(nil, word)} {
		if bytes.Contains(b, open) {
			t.Errorf("%q lies open in the segment", open)
		}
	}
	if bytes.Equal(s.sealedBody(0), s.sealedBody(1)) {
		t.Error("two bodies are sealed to the same")
	}
}

func TestADamagedBodyIsToldWhenItIsRead(t *testing.T) {
	f := testFolder(t)
	if err := f.Add(paged(t, f, "one", 3)); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(f.Dir(), "*.seg"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	h, err := decodeHeader(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range h.entries {
		if e.id == secPageBodies {
			b[e.off+e.len/2] ^= 1
		}
	}
	s, err := readSegment("seg", b, bytes.NewReader(b), f.seal)
	if err != nil {
		t.Fatal(err)
	}
	bad := 0
	for i := range s.Pages() {
		if _, err := s.PageBody(i); err != nil {
			if bad++; !errors.Is(err, ErrCorrupt) {
				t.Error(err)
			}
		}
	}
	if bad != 1 {
		t.Errorf("%d pages are damaged", bad)
	}
}

func TestWordsAreFoundInWhateverOrderTheyCame(t *testing.T) {
	f := testFolder(t)
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 1))
		pages := make([][]uint32, 1+r.IntN(20))
		have := map[uint32]map[uint32]bool{}
		for i := range pages {
			for range r.IntN(40) {
				w := r.Uint32N(100 << seed) // of which none, some or nearly all come again
				pages[i] = append(pages[i], w)
				if have[w] == nil {
					have[w] = map[uint32]bool{}
				}
				have[w][uint32(i)] = true
			}
		}
		expectWords(t, f, pages, have)
	}
}

// expectWords writes pages of these words, and looks each word up, and others.
func expectWords(t *testing.T, f *Folder, pages [][]uint32, have map[uint32]map[uint32]bool) {
	t.Helper()
	spool, err := f.PageSpool()
	if err != nil {
		t.Fatal(err)
	}
	defer spool.Close()
	d := &Draft{Kind: Baseline, Leaks: []Leak{{}}, Pages: spool, PageFiles: make([]uint32, len(pages))}
	for _, words := range pages {
		if _, err := spool.Add(1, words, []byte{1}); err != nil {
			t.Fatal(err)
		}
	}
	ref, err := write(f.dir, f.seal, d)
	if err != nil {
		t.Fatal(err)
	}
	seg, err := openSegment(f.dir, ref, f.seal)
	if err != nil {
		t.Fatal(err)
	}
	seg.hold()
	defer seg.release()
	for w := range uint32(300) {
		if _, ok := have[w]; !ok {
			have[w] = nil
		}
	}
	for w, on := range have {
		lo, hi := seg.words.rows(f.seal.pages.word(w))
		if int(hi-lo) != len(on) {
			t.Fatalf("word %d is on %d pages instead of %d", w, hi-lo, len(on))
		}
		for i := lo; i < hi; i++ {
			if !on[uint32(seg.words.values.get(int(i)))] {
				t.Fatalf("word %d is not on page %d", w, seg.words.values.get(int(i)))
			}
		}
	}
}
