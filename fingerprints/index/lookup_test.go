package index

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"unmirror/fingerprints/winnow"
)

func printsOf(hashes []uint64) []winnow.Print {
	prints := make([]winnow.Print, len(hashes))
	for i, h := range hashes {
		prints[i] = winnow.Print{Hash: h, Offset: int64(i)}
	}
	return prints
}

// allFound looks passages up in one segment at once.
func allFound(s *Segment, hashes []uint64) (found []Found) {
	snap := &Snapshot{Known: []*Segment{s}}
	snap.share(nil)
	room := new(Room)
	for _, f := range snap.AppendRest(snap.AppendKnown(nil, printsOf(hashes), room), room) {
		found = append(found, Found{uint32(f.Offset), f.Posting})
	}
	return found
}

// TestSegmentsThatShareASieveAreAllSearched: whatever is great or small and was opened when, a look-up of many passages
// finds in each segment what is in it.
func TestSegmentsThatShareASieveAreAllSearched(t *testing.T) {
	f := testFolder(t)
	var all [][]uint64
	add := func(n int) {
		hashes := passagesOf(len(all)+1, n)
		if len(all) > 0 {
			copy(hashes, all[0][:min(n/5, len(all[0]))]) // what several segments hold
		}
		all = append(all, hashes)
		if err := f.Add(known(t, f, fmt.Sprint("leak", len(all)), [][]uint64{hashes})); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range []int{500, 40_000, 700, 20_000} {
		add(n)
	}
	first := load(t, f)
	add(300)
	later, err := f.Load(first)
	if err != nil {
		t.Fatal(err)
	}
	defer later.Release()
	lone := testFolder(t)
	if err := lone.Add(known(t, lone, "lone", [][]uint64{all[1]})); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what    string
		snap    *Snapshot
		sharing int
	}{{"opened at once", load(t, f), 2}, {"opened before the last was there", first, 2}, {"opened before, and the last now", later, 3}, {"one alone", load(t, lone), 1}} {
		if got := len(c.snap.sharing); got != c.sharing {
			t.Errorf("%s: %d sieves are asked, want %d", c.what, got, c.sharing)
		}
		room := new(Room)
		rapid.Check(t, func(t *rapid.T) {
			r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
			prints := make([]winnow.Print, rapid.IntRange(0, 4*batchSize).Draw(t, "n"))
			share := rapid.IntRange(1, 20).Draw(t, "one in")
			var want []Located
			for i := range prints {
				if prints[i] = (winnow.Print{Hash: hash60(r), Offset: int64(i)}); r.IntN(share) == 0 {
					from := all[r.IntN(len(all))]
					prints[i].Hash = from[r.IntN(len(from))]
				}
				for s, seg := range c.snap.Known {
					if p, ok := seg.Find(prints[i].Hash); ok {
						want = append(want, Located{prints[i], p, uint32(s)})
					}
				}
			}
			if got := c.snap.AppendRest(c.snap.AppendKnown(nil, prints, room), room); !slices.Equal(got, want) {
				t.Fatalf("%s: %d found, want %d", c.what, len(got), len(want))
			}
			var got []Located
			for len(prints) > 0 {
				n := rapid.IntRange(1, len(prints)).Draw(t, "piece")
				got = c.snap.AppendPassed(got, prints[:n], passing(c.snap, prints[:n]), room)
				prints = prints[n:]
			}
			if got = c.snap.AppendRest(got, room); !slices.Equal(got, want) {
				t.Fatalf("%s: %d found of what passed before, want %d", c.what, len(got), len(want))
			}
		})
	}
}

// passing are the places of those prints that pass what is asked first.
func passing(s *Snapshot, prints []winnow.Print) (passed []uint32) {
	words, marks := s.Sieve()
	for i, p := range prints {
		if m := marks[p.Hash>>10&1023]; words[p.Hash>>(winnow.HashBits-32)*uint64(len(words))>>32]&m == m {
			passed = append(passed, uint32(i))
		}
	}
	return passed
}

func TestSieveLetsFewPass(t *testing.T) {
	words := make([]uint64, sieveWords(200_000))
	s := openSieve(words)
	for _, h := range passagesOf(1, 200_000) {
		s.add(h)
	}
	passed := 0
	for _, h := range randomHashes(100_000) {
		if s.has(h) {
			passed++
		}
	}
	if passed > 400 {
		t.Errorf("%d of 100,000 absent passages get past it", passed)
	}
}

func TestSieveKeepsWhatIsInIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hashes := rapid.SliceOfN(rapid.Uint64Range(0, 1<<hashBits-1), 1, 200).Draw(t, "hashes")
		s := openSieve(make([]uint64, sieveWords(uint64(len(hashes)))))
		for _, h := range hashes {
			s.add(h)
		}
		room := new(Room)
		room.pass(&s, printsOf(hashes), 3)
		if len(room.waiting) != len(hashes) {
			t.Fatalf("%d of %d pass", len(room.waiting), len(hashes))
		}
		for i, h := range hashes {
			if !s.has(h) || room.waiting[i].Hash != h {
				t.Fatalf("%x is lost", h)
			}
		}
	})
}
