package index

import (
	"cmp"
	"encoding/binary"
	"slices"

	"unmirror/fingerprints/winnow"
)

// Located is a passage that a known segment holds: the segment is told by its place in Known.
type Located struct {
	winnow.Print
	Posting Posting
	Segment uint32
}

// sharing is known segments that one sieve tells of.
type sharing struct {
	sieve   sieve
	members []member // in the order of Known
}

type member struct {
	*Segment
	number uint32 // in Known
	host   bool   // the sieve is its own
}

const (
	// guestShare is how much of the passages of a segment those of the others may be that its sieve takes in: more would
	// make it answer wrongly more often. guestMost bounds them, since each takes some 20 ns when an index is opened.
	guestShare = 16
	guestMost  = 500_000
)

// share settles which segments share a sieve: the greatest takes small ones in when it was opened just now, while nobody
// else reads it. Those that are added while it is held keep their own until the index is opened anew.
func (s *Snapshot) share(fresh map[*Segment]bool) {
	if len(s.Known) == 0 {
		return
	}
	bySize := slices.SortedStableFunc(slices.Values(s.Known), func(a, b *Segment) int { return cmp.Compare(a.inverted.n, b.inverted.n) })
	host := bySize[len(bySize)-1]
	if fresh[host] {
		left := min(host.inverted.n/guestShare, guestMost)
		for _, guest := range bySize[:len(bySize)-1] {
			if guest.inverted.n > left {
				break
			}
			left -= guest.inverted.n
			host.inverted.sieve.take(&guest.inverted)
			host.guests = append(host.guests, guest.name)
		}
	}
	s.sharing = append(s.sharing[:0], sharing{sieve: host.inverted.sieve})
	for i, seg := range s.Known {
		m := member{seg, uint32(i), seg == host}
		if m.host || slices.Contains(host.guests, seg.name) {
			s.sharing[0].members = append(s.sharing[0].members, m)
			continue
		}
		m.host = true
		s.sharing = append(s.sharing, sharing{seg.inverted.sieve, []member{m}})
	}
}

// Sieve is what a look-up asks first: words, and marks in them. Of each print it is the word of which the leading 32 bits of
// its hash tell the place, and the marks under the ten bits above those that are dropped.
func (s *Snapshot) Sieve() (words []uint64, marks *[1024]uint64) {
	if len(s.sharing) == 0 {
		return nil, nil
	}
	return s.sharing[0].sieve.first, &threeBits
}

// AppendKnown looks many passages up in all known segments, which is several times as fast as one by one: give some 500
// to 2,000, ascending by offset. What may be known waits until there is enough of it to be searched for at once, so what is
// found comes later, in the order of offsets and of segments; AppendRest gives the last of it.
func (s *Snapshot) AppendKnown(dst []Located, prints []winnow.Print, room *Room) []Located {
	for some := range slices.Chunk(prints, batchSize) {
		for i := range s.sharing {
			room.pass(&s.sharing[i].sieve, some, i)
		}
		if len(room.waiting) >= searchSize {
			dst = s.search(dst, room)
		}
	}
	return dst
}

// AppendPassed does so of prints of which it is known which passed the Sieve. What passed is asked of its second half when the
// next prints come, unless other sieves are asked too: a passage that several segments hold is told of at once.
func (s *Snapshot) AppendPassed(dst []Located, prints []winnow.Print, passed []uint32, room *Room) []Located {
	if len(s.sharing) == 0 {
		return dst
	}
	first := &s.sharing[0].sieve
	room.settle(first)
	if len(s.sharing) > 1 {
		room.add(first, prints, passed)
		room.settle(first)
		for some := range slices.Chunk(prints, batchSize) {
			for i := 1; i < len(s.sharing); i++ {
				room.pass(&s.sharing[i].sieve, some, i)
			}
		}
	}
	if len(room.waiting) >= searchSize {
		dst = s.search(dst, room)
	}
	if len(s.sharing) == 1 {
		room.add(first, prints, passed)
	}
	return dst
}

// AppendRest searches for all that waits.
func (s *Snapshot) AppendRest(dst []Located, room *Room) []Located {
	if len(room.halfway) > 0 {
		room.settle(&s.sharing[0].sieve)
	}
	return s.search(dst, room)
}

// search searches for what got past the sieves.
func (s *Snapshot) search(dst []Located, room *Room) []Located {
	from := len(dst)
	for some := range slices.Chunk(room.waiting, searchSize) {
		before, with := len(dst), 0 // segments that hold some
		var kept [searchSize]uint64
		for i := range some {
			kept[i] = some[i].Hash
		}
		s.sharing[0].members[0].inverted.veil.hideAll(kept[:len(some)])
		for i := range s.sharing {
			for j := range s.sharing[i].members {
				had := len(dst)
				dst = s.sharing[i].members[j].search(dst, some, &kept, i, room)
				with += min(len(dst)-had, 1)
			}
		}
		if with > 1 {
			sortLocated(dst[before:])
		}
	}
	if len(s.sharing) > 1 && len(dst) > from {
		sortLocated(dst[from:])
	}
	room.waiting = room.waiting[:0]
	return dst
}

func sortLocated(all []Located) {
	slices.SortFunc(all, func(a, b Located) int {
		return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(a.Segment, b.Segment))
	})
}

// searchSize is how many hashes are searched for at once: what each reads from the buckets, then what it reads from the
// suffixes is read for all before any is looked at, since reads wait for memory side by side, as with the sieve.
const searchSize = 64

// searched is a hash that is searched for.
type searched struct {
	at     uint32 // its place among what waits
	kept   uint64 // what is kept of it
	lo, hi int
}

// search searches one segment for what got past the sieve that it shares.
func (m *member) search(dst []Located, some []waiting, kept *[searchSize]uint64, sharing int, room *Room) []Located {
	n := 0
	for i := range some {
		if w := &some[i]; w.sharing == sharing && (m.host || m.inverted.sieve.has(w.Hash)) {
			room.search[n].at, room.search[n].kept = uint32(i), kept[i]
			n++
		}
	}
	v := &m.inverted
	for _, s := range v.searchAll(room.search[:n]) {
		dst = append(dst, Located{some[s.at].Print, v.posting(s.lo), m.number})
	}
	return dst
}

// searchAll returns those of at most searchSize hashes that are there, each with its place in lo.
func (v *inverted) searchAll(some []searched) []searched {
	v.read(some)
	n, ahead := 0, byte(0)
	for i := range some {
		s := some[i]
		var ok bool
		if s.lo, ok = v.search(s.kept, s.lo, s.hi); ok {
			if v.postings.width > 0 {
				ahead |= v.postings.data[v.postings.at(s.lo)]
			}
			some[n] = s
			n++
		}
	}
	read(ahead)
	return some[:n]
}

// read settles where at most searchSize hashes would be, and reads there.
func (v *inverted) read(some []searched) {
	for i := range some {
		b := &some[i]
		b.lo, b.hi = v.bucket(b.kept)
	}
	ahead := byte(0)
	for i := range some {
		if b := &some[i]; b.lo < b.hi {
			ahead |= v.suffixes[v.guess(b.kept, b.lo, b.hi)*v.width]
		}
	}
	read(ahead)
}

// cursorAt is a cursor that begins with a bucket; the number of buckets is the end.
func (v *inverted) cursorAt(bucket int) cursor {
	return cursor{v: v, i: int(binary.LittleEndian.Uint32(v.buckets[4*bucket:])), bucket: bucket}
}
