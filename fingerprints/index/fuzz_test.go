package index

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// wholeSegment is the bytes of a small segment that has every section.
func wholeSegment(f *testing.F, kind Kind) []byte {
	f.Helper()
	folder := testFolder(f)
	var d *Draft
	if kind == Known {
		d, _ = withTable(f, folder, "one", 4)
		s := folder.PassageSorter()
		defer s.Close()
		if err := s.Add([]Pair{{11 << dropBits, 0}, {11 << dropBits, 1}, {1 << 50, 0}, {1 << 50, 0}, {1 << 50, 0}}); err != nil {
			f.Fatal(err)
		}
		if err := d.FromSorter(s, []uint32{0, 1}); err != nil {
			f.Fatal(err)
		}
		d.Groups = []uint32{1, 2}
		chunks := folder.PassageSorter()
		defer chunks.Close()
		if err := chunks.Add([]Pair{{11 << dropBits, 0}, {11 << dropBits, 1}}); err != nil {
			f.Fatal(err)
		}
		if err := d.ChunksFromSorter(chunks, []uint32{0, 1}); err != nil {
			f.Fatal(err)
		}
	} else {
		s := folder.PassageSorter()
		defer s.Close()
		if err := s.Add([]Pair{{11 << dropBits, 0}, {1 << 50, 0}}); err != nil {
			f.Fatal(err)
		}
		d = &Draft{Kind: Baseline, Leaks: []Leak{{}}, Texts: []Digest{{1}}, Content: []ContentRow{{Digest{2}, NoDoc}}}
		if err := d.FromSorter(s, []uint32{0}); err != nil {
			f.Fatal(err)
		}
	}
	addPages(f, folder, d, "leak", 2)
	if err := folder.Add(d); err != nil {
		f.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(folder.dir, "*.seg"))
	if err != nil || len(files) != 1 {
		f.Fatal(files, err)
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		f.Fatal(err)
	}
	return b
}

// FuzzSegment feeds damaged segments, with their checksums mended, to the reader, to every look-up and to joining: they
// answer or fail, and never panic or read elsewhere.
func FuzzSegment(f *testing.F) {
	for _, kind := range []Kind{Known, Baseline} {
		good := wholeSegment(f, kind)
		f.Add(good, uint32(0), byte(0), uint32(0), byte(0))
		h, err := decodeHeader(good)
		if err != nil {
			f.Fatal(err)
		}
		for i, e := range h.entries { // the beginning and the length of every section
			f.Add(good, uint32(e.off), byte(0xff), uint32(e.off+e.len/2), byte(0x80))
			f.Add(good, uint32(headerSize+entrySize*i+16), byte(0x04), uint32(e.off), byte(0x01))
		}
	}
	f.Add([]byte(magic), uint32(3), byte(1), uint32(0), byte(0))
	seal := testSealer(f)
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, b []byte, at uint32, flip byte, at2 uint32, flip2 byte) {
		b = slices.Clone(b)
		if len(b) > 0 {
			b[int(at)%len(b)] ^= flip
			b[int(at2)%len(b)] ^= flip2
		}
		mend(b)
		s, err := readSegment("seg", b, bytes.NewReader(b), seal)
		if err != nil {
			return
		}
		askEverything(s)
		for _, dropped := range []string{"", "one"} {
			d, err := joined(s.kind, []*Segment{s}, dropped)
			if err != nil || dropped != "" && len(d.Leaks) == 0 {
				continue
			}
			if at%8 > 0 { // writing takes a hundred times as long as all else
				for _, sources := range [][]source{d.passages, d.pairs, d.chunks} {
					merge(context.Background(), sources, func(uint64, []place) error { return nil })
				}
				continue
			}
			if w, err := prepare(context.Background(), dir, seal, d); err == nil {
				w.close()
			}
		}
	})
}

// askEverything makes every look-up there is.
func askEverything(s *Segment) {
	hashes := []uint64{0, 11 << dropBits, 22, 1 << 50, 1<<60 - 1, 1<<64 - 1}
	for c := (cursor{v: &s.pairs}); c.next() && len(hashes) < 1000; {
		hashes = append(hashes, c.hash())
	}
	for c := (cursor{v: &s.inverted}); c.next() && len(hashes) < 2000; {
		hashes = append(hashes, c.hash())
	}
	for _, found := range allFound(s, hashes) {
		for _, d := range s.AppendDocs(nil, found.Posting) {
			s.DocFiles(s.Doc(d))
			s.Repeated(found.Posting, d)
		}
		s.Count(found.Posting)
	}
	for _, found := range s.AppendFoundPairs(nil, hashes) {
		for _, at := range s.AppendPairs(nil, found.Posting) {
			s.Record(at >> pairShift)
		}
	}
	for _, h := range hashes[:6] {
		s.HasExact(h)
		s.HasNumber(h)
		s.HasLine(h)
		s.HasCell(h)
		s.TablesWithNumber(h)
		s.Listed(h)
		s.AppendChunk(nil, h, 10)
	}
	for i := range min(s.Pages(), 10) {
		s.Page(i)
		s.PageBody(i)
	}
	words := wordsOf("leak", 1, 60)
	for w := (keyTableSource{t: &s.words, remap: func(p uint32) uint32 { return p }}); w.next() && w.i < 1000; {
		lo, hi := s.words.rows(w.hash())
		for i := lo; i < hi; i++ {
			s.words.values.get(int(i))
		}
	}
	tally([]*Segment{s}, []wordRows{{0, 0, min(s.words.n, 100), 1}}, 10)
	(&Snapshot{Known: []*Segment{s}}).PageCandidates(words, 10)
	s.AppendHasCell(nil, hashes)
	s.AppendHasChunk(nil, hashes)
	s.Siblings(0, 1)
	for i := range min(s.Docs(), 10) {
		s.Trace(i)
	}
	s.Content(digestOf("cone/0000.txt"))
	s.Texts(digestOf("one/0000.txt"))
	s.Published(digestOf("published by all"))
	s.FileByID(FileID{})
	for i := range min(s.Files(), 10) {
		s.File(i)
	}
}
