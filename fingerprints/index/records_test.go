package index

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// table is what a test knows of one leak's table: hashes of cells by record.
type table struct {
	slug  string
	cells [][]uint64
}

func pairHash(a, b uint64) uint64 { return (min(a, b)*spread ^ max(a, b)*0xff51afd7ed558ccd) >> 4 }

// withTable drafts a leak of one text and one table, with all that belongs to a table.
func withTable(t testing.TB, f *Folder, slug string, rows int) (*Draft, table) {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(len(slug)), uint64(slug[len(slug)-1])))
	d := known(t, f, slug, [][]uint64{{hash60(r), hash60(r)}, {hash60(r)}})
	s := NewSorter(f.dir)
	t.Cleanup(s.Close)
	tab := table{slug: slug}
	var numbers []uint64
	for row := range rows {
		rec := Record{File: 1, Row: uint32(row), Subject: [6]byte{byte(row), 1}, N: 4}
		cells := []uint64{hash60(r), hash60(r), hash60(r), hash60(r)}
		for i := range cells {
			rec.Cells[i] = RecordCell{Kind: uint8(i), Bits: uint8(row), Category: 2}
		}
		no := uint32(0)
		for i := range cells {
			for _, c := range cells[i+1:] {
				if err := s.Add([]Pair{{pairHash(cells[i], c), uint32(row)<<pairShift | no}}); err != nil {
					t.Fatal(err)
				}
				no++
			}
		}
		d.Records, d.Cells = append(d.Records, rec), append(d.Cells, cells...)
		tab.cells, numbers = append(tab.cells, cells), append(numbers, cells[0])
	}
	d.Numbers = []TableNumbers{{File: 1, Hashes: numbers}}
	d.Digests = []ContentRow{{digestOf("md5 of " + slug), 1}, {digestOf("published by all"), 0}}
	d.Listing = []ListingRow{{uint64(len(slug))<<40 | uint64(slug[len(slug)-1])<<8, 0}, {77 << 8, 1}}
	if err := d.PairsFromSorter(s, func(record uint32) uint32 { return record }); err != nil {
		t.Fatal(err)
	}
	return d, tab
}

// check looks for everything of a table.
func (tab table) check(t *testing.T, s *Snapshot) {
	t.Helper()
	for row, cells := range tab.cells {
		no := uint32(0)
		for i := range cells {
			if !slices.ContainsFunc(s.Known, func(s *Segment) bool { return s.HasCell(cells[i]) }) {
				t.Fatalf("%s: a cell of row %d is lost", tab.slug, row)
			}
			for _, c := range cells[i+1:] {
				if !hasPair(t, s, pairHash(cells[i], c), tab.slug, uint32(row), no) {
					t.Fatalf("%s: pair %d of row %d is lost", tab.slug, no, row)
				}
				no++
			}
		}
	}
	for _, seg := range s.Known {
		names := fileNames(t, seg, seg.TablesWithNumber(tab.cells[0][0]))
		if slices.Contains(names, tab.slug+"/0001.txt") {
			return
		}
	}
	t.Errorf("%s: its number is lost", tab.slug)
}

func hasPair(t *testing.T, s *Snapshot, hash uint64, slug string, row, no uint32) bool {
	t.Helper()
	for _, seg := range s.Known {
		p, ok := seg.FindPair(hash)
		if !ok {
			continue
		}
		for _, at := range seg.AppendPairs(nil, p) {
			rec := seg.Record(at >> pairShift)
			f, err := seg.File(rec.File)
			if err != nil {
				t.Fatal(err)
			}
			want := RecordCell{Kind: 3, Bits: uint8(row), Category: 2}
			if f.Name == slug+"/0001.txt" && rec.Row == row && at&(1<<pairShift-1) == no && rec.N == 4 && rec.Cells[3] == want &&
				rec.Subject == [6]byte{byte(row), 1} {
				return true
			}
		}
	}
	return false
}

func fileNames(t *testing.T, seg *Segment, files []uint32) (names []string) {
	t.Helper()
	for _, i := range files {
		f, err := seg.File(i)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, f.Name)
	}
	return names
}

func TestTablesStayWholeThroughJoinsAndRemovals(t *testing.T) {
	f := testFolder(t)
	var tables []table
	for i := range many {
		slug := fmt.Sprintf("leak-%d", i)
		d, tab := withTable(t, f, slug, 5+i*40)
		if err := f.Add(d); err != nil {
			t.Fatal(err)
		}
		tidy(t, f)
		tables = append(tables, tab)
	}
	s := load(t, f)
	if len(s.Known) > crowd {
		t.Errorf("%d segments", len(s.Known))
	}
	for _, tab := range tables {
		tab.check(t, s)
	}
	if err := f.Remove("leak-3"); err != nil {
		t.Fatal(err)
	}
	s = load(t, f)
	for i, tab := range tables {
		if i != 3 {
			tab.check(t, s)
			continue
		}
		for row, cells := range tab.cells {
			if hasPair(t, s, pairHash(cells[0], cells[1]), tab.slug, uint32(row), 0) {
				t.Fatal("a removed leak's pair is found")
			}
		}
	}
	checkPublished(t, s)
	checkRemovedCells(t, s, tables[3])
}

func checkPublished(t *testing.T, s *Snapshot) {
	t.Helper()
	var all, members int
	for _, seg := range s.Known {
		all += len(seg.Published(digestOf("published by all")))
		members += len(seg.Listed(77 << 8))
		if len(seg.Published(digestOf("md5 of leak-3"))) > 0 || len(seg.Listed(6<<40|'3'<<8)) > 0 || len(seg.Published(digestOf("x"))) > 0 {
			t.Error("a removed leak's digest or member is found")
		}
		if files := seg.Published(digestOf("md5 of leak-4")); len(files) > 0 && fileNames(t, seg, files)[0] != "leak-4/0001.txt" {
			t.Error("a digest is of another file")
		}
		if files := seg.Listed(6<<40 | '4'<<8); len(files) > 0 && fileNames(t, seg, files)[0] != "leak-4/0000.txt" {
			t.Error("a member is of another file")
		}
	}
	if all != many-1 || members != many-1 {
		t.Errorf("%d published, %d members", all, members)
	}
}

// checkRemovedCells makes sure that of a removed leak's cells no more are found than of any others.
func checkRemovedCells(t *testing.T, s *Snapshot, gone table) {
	t.Helper()
	found := 0
	for _, cells := range gone.cells {
		for _, c := range cells {
			if slices.ContainsFunc(s.Known, func(s *Segment) bool { return s.HasCell(c) }) {
				found++
			}
		}
	}
	if n := 4 * len(gone.cells); found > n/5 {
		t.Errorf("%d of %d removed cells are found", found, n)
	}
}

func TestOtherCellsAndNumbersAreMostlyUnknown(t *testing.T) {
	f := testFolder(t)
	d, _ := withTable(t, f, "one", 2000)
	if err := f.Add(d); err != nil {
		t.Fatal(err)
	}
	seg := load(t, f).Known[0]
	r := rand.New(rand.NewPCG(7, 7))
	const n = 100_000
	hashes := make([]uint64, n)
	for i := range hashes {
		hashes[i] = hash60(r)
	}
	cells, numbers := len(seg.AppendHasCell(nil, hashes)), 0
	for _, h := range hashes {
		numbers += len(seg.TablesWithNumber(h))
	}
	if cells > n*2/100 {
		t.Errorf("%d of %d other cells are taken for known", cells, n)
	}
	if numbers < n/256/2 || numbers > n/256*2 {
		t.Errorf("%d of %d other numbers are taken for known: not lossy as promised", numbers, n)
	}
}

// TestKeptPrefixesStayLossy is promise 2: of what is kept of lone cells, however large the table, many values that were
// never in it look the same.
func TestKeptPrefixesStayLossy(t *testing.T) {
	for _, n := range []int{1, 100, 1000, 30_000, 1_000_000, 3_000_000} {
		w := cellWidth(n)
		alike := float64(n) / float64(uint64(1)<<w) // of other values, the part that looks known
		if w > 18 && alike < 1.0/2049 {
			t.Errorf("%d cells keep %d bits: %.6f look alike", n, w, alike)
		}
		if alike > 1.0/255 {
			t.Errorf("%d cells keep %d bits: %.6f look alike", n, w, alike)
		}
	}
}

func TestPairInManyRecordsIsNotKept(t *testing.T) {
	f := testFolder(t)
	d := known(t, f, "one", [][]uint64{{1 << 40}})
	s := NewSorter(f.dir)
	defer s.Close()
	for row := range uint32(maxPairRecords + 1) {
		d.Records = append(d.Records, Record{Row: row, N: 2})
		pairs := []Pair{{1 << 30, row << pairShift}, {2 << 30, min(row, maxPairRecords-1)<<pairShift | row%2}}
		if err := s.Add(pairs); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.PairsFromSorter(s, func(r uint32) uint32 { return r }); err != nil {
		t.Fatal(err)
	}
	if err := f.Add(d); err != nil {
		t.Fatal(err)
	}
	seg := load(t, f).Known[0]
	if _, ok := seg.FindPair(1 << 30); ok {
		t.Error("a pair in 65 records is kept")
	}
	p, ok := seg.FindPair(2 << 30)
	if at := seg.AppendPairs(nil, p); !ok || len(at) != maxPairRecords {
		t.Errorf("a pair in 64 records has %d", len(at))
	}
}

func TestRepeatedPassageIsToldOfTheDocumentThatRepeatsIt(t *testing.T) {
	f := testFolder(t)
	const a, b, c = 1 << 40, 2 << 40, 3 << 40
	for i := range many {
		d := known(t, f, fmt.Sprintf("leak-%d", i), [][]uint64{{a, b, a, a, c}, {a, b, b, c}, {a, b, b, b, b}, {a, a, 4 << 40, 4 << 40, 4 << 40}})
		if err := f.Add(d); err != nil {
			t.Fatal(err)
		}
	}
	check := func() {
		t.Helper()
		for _, seg := range load(t, f).Known {
			for i := range seg.Docs() {
				p, _ := seg.Find(a)
				q, _ := seg.Find(b)
				single, ok := seg.Find(4 << 40)
				if seg.Repeated(p, i) != (i%4 == 0) || seg.Repeated(q, i) != (i%4 == 2) || !ok || seg.Repeated(single, i) != (i%4 == 3) {
					t.Fatalf("document %d: repeats %t, %t, %t", i, seg.Repeated(p, i), seg.Repeated(q, i), seg.Repeated(single, i))
				}
			}
		}
	}
	check()
	tidy(t, f)
	check()
}

// TestCopiesOfADocumentRepeatNothing: files that read the same are one document, whose passages come once in each.
func TestCopiesOfADocumentRepeatNothing(t *testing.T) {
	f := testFolder(t)
	d := known(t, f, "one", [][]uint64{{1 << 40}})
	s := f.PassageSorter()
	defer s.Close()
	for draft := range uint32(5) {
		if err := s.Add([]Pair{{1 << 40, draft}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.FromSorter(s, make([]uint32, 5)); err != nil {
		t.Fatal(err)
	}
	if err := f.Add(d); err != nil {
		t.Fatal(err)
	}
	seg := load(t, f).Known[0]
	if p, ok := seg.Find(1 << 40); !ok || seg.Repeated(p, 0) {
		t.Error("copies are taken for repeats")
	}
}

func TestBatchesFindWhatSingleLookUpsFind(t *testing.T) {
	f := testFolder(t)
	d, tab := withTable(t, f, "one", 300)
	if err := f.Add(d); err != nil {
		t.Fatal(err)
	}
	seg := load(t, f).Known[0]
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 3*batchSize).Draw(t, "n")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		hashes := make([]uint64, n)
		for i := range hashes {
			row := tab.cells[r.IntN(len(tab.cells))]
			hashes[i] = []uint64{hash60(r), row[r.IntN(4)], pairHash(row[0], row[3])}[r.IntN(3)]
		}
		var cells []uint32
		var pairs, passages []Found
		for i, h := range hashes {
			if seg.HasCell(h) {
				cells = append(cells, uint32(i))
			}
			if p, ok := seg.FindPair(h); ok {
				pairs = append(pairs, Found{uint32(i), p})
			}
			if p, ok := seg.Find(h); ok {
				passages = append(passages, Found{uint32(i), p})
			}
		}
		if !slices.Equal(seg.AppendHasCell(nil, hashes), cells) || !slices.Equal(seg.AppendFoundPairs(nil, hashes), pairs) ||
			!slices.Equal(allFound(seg, hashes), passages) {
			t.Fatal("batches answer otherwise")
		}
	})
}

// TestSegmentOfOlderFormatIsRefusedWithAdvice: nothing is guessed from sections that meant something else.
func TestSegmentOfOlderFormatIsRefusedWithAdvice(t *testing.T) {
	b := (&header{kind: Known}).encode()
	b[8] = 1
	if _, err := decodeHeader(b); err == nil || !strings.Contains(err.Error(), "register the known files again") {
		t.Errorf("error is %v", err)
	}
}
