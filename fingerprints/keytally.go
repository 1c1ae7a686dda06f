package fingerprints

import (
	"cmp"
	"math"
	"slices"
)

// keyTally counts in how many texts that are no tables each key occurs. A table of a million rows has millions of keys, of
// which each takes ten bytes here: a map would take five times that. It is not safe for concurrent use.
type keyTally struct{ shards [tallyShards]tallyShard }

// tallyShards is a power of two: the leading bits of a key tell its shard. What grows is moved, so it grows in parts.
const tallyShards = 16

func (t *keyTally) add(key uint64, text uint32, prose bool) {
	t.shards[key/(1<<64/tallyShards)].add(key, text, prose)
}

// absorb adds what another tally counted in other texts; the other is used up.
func (t *keyTally) absorb(o *keyTally) {
	for i := range t.shards {
		t.shards[i].absorb(&o.shards[i])
	}
}

// len is the number of keys, or somewhat more.
func (t *keyTally) len() (n int) {
	for i := range t.shards {
		n += len(t.shards[i].keys) + len(t.shards[i].fresh)
	}
	return n
}

// take returns the keys that are not common, ascending, and uses the tally up.
func (t *keyTally) take(common func(texts int) bool) []uint64 {
	out := make([]uint64, 0, t.len())
	for i := range t.shards {
		out = t.shards[i].take(out, common)
	}
	return out
}

// tallyShard is the keys of one range.
type tallyShard struct {
	keys  []uint64 // ascending
	seen  []uint16 // beside each key: the texts that are no tables, and whether the text counted last is among them
	fresh []sighting
	last  uint32 // text that seen's highest bit is about
}

// sighting is a key in a text; once sightings are gathered by key, text is the number of texts.
type sighting struct {
	key   uint64
	text  uint32
	prose bool
}

const (
	// tallyFresh is how many sightings are gathered before they are sorted in; more, where there are many keys.
	tallyFresh = 1 << 10
	countedBit = 1 << 15
	mostSeen   = countedBit - 1
)

func (t *tallyShard) add(key uint64, text uint32, prose bool) {
	if len(t.fresh) >= max(tallyFresh, len(t.keys)/16) {
		t.settle()
	}
	t.fresh = append(t.fresh, sighting{key, text, prose})
}

// settle sorts the sightings in.
func (t *tallyShard) settle() {
	if len(t.fresh) == 0 {
		return
	}
	newest := t.fresh[len(t.fresh)-1].text
	slices.SortFunc(t.fresh, func(a, b sighting) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.text, b.text)) })
	t.fresh = slices.Compact(t.fresh)
	counts := t.gathered(newest)
	if newest != t.last {
		for i := range t.seen {
			t.seen[i] &^= countedBit
		}
		t.last = newest
	}
	t.insert(counts)
	t.fresh = t.fresh[:0]
}

// gathered joins the sightings of each key, in place. A text that was counted when sightings were last sorted in is not
// counted again.
func (t *tallyShard) gathered(newest uint32) []sighting {
	out := t.fresh[:0]
	for i := 0; i < len(t.fresh); {
		key, n, counted := t.fresh[i].key, uint32(0), false
		at, known := slices.BinarySearch(t.keys, key)
		before := known && t.seen[at]&countedBit != 0
		for ; i < len(t.fresh) && t.fresh[i].key == key; i++ {
			if s := t.fresh[i]; s.prose {
				if s.text != t.last || !before {
					n++
				}
				counted = counted || s.text == newest
			}
		}
		counted = counted || before && newest == t.last
		out = append(out, sighting{key, n, counted})
	}
	return out
}

// insert merges keys in from the end, so that what is there is moved where it lies.
func (t *tallyShard) insert(counts []sighting) {
	n, more := len(t.keys), 0
	for _, c := range counts {
		if _, ok := slices.BinarySearch(t.keys, c.key); !ok {
			more++
		}
	}
	t.keys = slices.Grow(t.keys, more)[:n+more]
	t.seen = slices.Grow(t.seen, more)[:n+more]
	i, to := n-1, n+more-1
	for j := len(counts) - 1; j >= 0; j-- {
		c := counts[j]
		for ; i >= 0 && t.keys[i] > c.key; i, to = i-1, to-1 {
			t.keys[to], t.seen[to] = t.keys[i], t.seen[i]
		}
		have := uint32(0)
		if i >= 0 && t.keys[i] == c.key {
			have = uint32(t.seen[i] &^ countedBit)
			i--
		}
		t.keys[to], t.seen[to] = c.key, uint16(min(have+min(c.text, mostSeen), mostSeen))
		if c.prose {
			t.seen[to] |= countedBit
		}
		to--
	}
}

// absorb adds what another shard counted in other texts; the other is used up.
func (t *tallyShard) absorb(o *tallyShard) {
	t.settle()
	o.settle()
	if len(t.keys) == 0 {
		*t = *o
	} else {
		counts := make([]sighting, 0, len(o.keys))
		for i, key := range o.keys {
			counts = append(counts, sighting{key: key, text: uint32(o.seen[i] &^ countedBit)})
		}
		t.insert(counts)
	}
	t.last = math.MaxUint32 // numbers of texts are each worker's own
	for i := range t.seen {
		t.seen[i] &^= countedBit
	}
	*o = tallyShard{}
}

// take appends the keys that are not common, ascending, and uses the shard up.
func (t *tallyShard) take(out []uint64, common func(texts int) bool) []uint64 {
	t.settle()
	for i, key := range t.keys {
		if n := t.seen[i] &^ countedBit; !common(int(n)) {
			out = append(out, key)
		}
	}
	*t = tallyShard{}
	return out
}
