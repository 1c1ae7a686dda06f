package index

import (
	"cmp"
	"encoding/binary"
	"slices"

	"unmirror/fingerprints/winnow"
)

// Located is a passage that a known segment holds: its place among those asked for, and the segment's in Known.
type Located struct {
	Found
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

// AppendKnown looks many passages up in all known segments, which is several times as fast as one by one: give some 500
// to 2,000. What is found comes in the order of prints, and of segments.
func (s *Snapshot) AppendKnown(dst []Located, prints []winnow.Print, room *Room) []Located {
	before := len(dst)
	for i := range s.sharing {
		dst = s.sharing[i].append(dst, prints, room)
	}
	if len(s.sharing) > 1 {
		sortLocated(dst[before:])
	}
	return dst
}

func sortLocated(all []Located) {
	slices.SortFunc(all, func(a, b Located) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Segment, b.Segment)) })
}

func (s *sharing) append(dst []Located, prints []winnow.Print, room *Room) []Located {
	room.n = 0
	for base := 0; base < len(prints); base += batchSize {
		room.pass(&s.sieve, prints[base:min(base+batchSize, len(prints))], uint32(base))
		if room.n >= batchSize {
			dst = s.search(dst, prints, room)
		}
	}
	return s.search(dst, prints, room)
}

// searchSize is how many hashes are searched for at once: what each reads from the buckets, then what it reads from the
// suffixes is read for all before any is looked at, since reads wait for memory side by side, as with the sieve.
const searchSize = 16

// searched is a hash that is searched for.
type searched struct {
	place  uint32
	kept   uint64 // what is kept of the hash
	lo, hi int
}

// search searches for all that waits.
func (s *sharing) search(dst []Located, prints []winnow.Print, room *Room) []Located {
	for waiting := range slices.Chunk(room.waiting[:room.n], searchSize) {
		var kept [searchSize]uint64
		for i, at := range waiting {
			kept[i] = prints[at].Hash
		}
		s.members[0].inverted.veil.hideAll(kept[:len(waiting)])
		before, with := len(dst), 0 // segments that hold some
		for i := range s.members {
			m, n := &s.members[i], 0
			for j, at := range waiting {
				if m.host || m.inverted.sieve.has(prints[at].Hash) {
					room.search[n].place, room.search[n].kept = at, kept[j]
					n++
				}
			}
			had := len(dst)
			dst = m.inverted.searchAll(dst, room.search[:n], m.number)
			with += min(len(dst)-had, 1)
		}
		if with > 1 {
			sortLocated(dst[before:])
		}
	}
	room.n = 0
	return dst
}

// searchAll searches for at most searchSize hashes in one segment.
func (v *inverted) searchAll(dst []Located, some []searched, number uint32) []Located {
	for i := range some {
		b := &some[i]
		b.lo, b.hi = v.bucket(b.kept)
	}
	ahead := byte(0)
	for i := range some {
		if at := some[i].lo * v.width; at < len(v.suffixes) {
			ahead |= v.suffixes[at]
		}
	}
	read(ahead)
	for i := range some {
		b := &some[i]
		if j, ok := v.search(b.kept, b.lo, b.hi); ok {
			dst = append(dst, Located{Found{b.place, v.posting(j)}, number})
		}
	}
	return dst
}

// cursorAt is a cursor that begins with a bucket; the number of buckets is the end.
func (v *inverted) cursorAt(bucket int) cursor {
	return cursor{v: v, i: int(binary.LittleEndian.Uint32(v.buckets[4*bucket:])), bucket: bucket}
}
