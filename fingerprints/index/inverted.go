package index

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

const (
	// hashBits is the width of a hash.
	hashBits = 60
	// keptBits are its leading bits that are kept. Of the passages of an item that are not known, one in 2^50 divided by
	// the passages in the index is taken for one that is: with 10 million in the index, one in 140,000 letters of 10 KB has
	// one, and one alone accuses nobody. Each bucket tells 2, 10, 18 or 26 bits, which leaves whole bytes.
	keptBits = 50
	dropBits = hashBits - keptBits
	dropMask = 1<<dropBits - 1
	// leastLead is the least number of leading bits that a bucket tells.
	leastLead = keptBits % 8
)

// invertedSections are the sections of one inverted list.
type invertedSections struct{ filter, buckets, suffixes, postings, lists section }

var (
	passageSections = invertedSections{secFilter, secBuckets, secSuffixes, secPostings, secLists}
	pairSections    = invertedSections{secPairFilter, secPairBuckets, secPairSuffixes, secPairPostings, secPairLists}
)

// Posting tells where what holds a hash is listed.
type Posting uint32

// listFlag marks a posting that is the beginning of a list; any other is the one value itself.
const listFlag = 1 << 31

// Found is a hash that is there: its place among those asked for.
type Found struct {
	At      uint32
	Posting Posting
}

// inverted is a set of hashes with the values, below 2^31, that hold each. Its parts lie in the mapped file.
type inverted struct {
	filter                   filter // of hashes that are not hidden
	sieve                    sieve  // of hashes that are
	veil                     *veil  // what the hashes are hidden by, in all but the sieve; or nil
	buckets, suffixes, lists []byte
	postings                 packedBits // the highest bit is listFlag; of no width in a set without values
	n                        uint64
	bucketLow                uint   // how far what is kept of a hash is shifted to give its bucket
	width                    int    // bytes of a suffix
	low                      uint64 // mask of the bits kept in a suffix
	limit                    uint64 // values are below it
}

// openInverted checks that no look-up can leave its section, whatever the numbers in the file say. A set without values
// has no postings. Where there are no sections at all, nothing is found. The filter is opened by the caller.
func openInverted(sections map[section][]byte, ids invertedSections, values bool, limit uint64) (inverted, error) {
	v := inverted{
		buckets: sections[ids.buckets], suffixes: sections[ids.suffixes], lists: sections[ids.lists],
		limit: limit,
	}
	if len(v.buckets) == 0 {
		return v, nil
	}
	lead := uint(bits.Len64(uint64(len(v.buckets)/4)) - 1)
	if lead < leastLead || lead > leastLead+24 || lead%8 != leastLead || len(v.buckets) != 4*(1<<lead+1) {
		return v, fmt.Errorf("impossible measures of %v", ids.buckets)
	}
	v.n = uint64(binary.LittleEndian.Uint32(v.buckets[4<<lead:]))
	v.bucketLow = keptBits - lead
	v.width = suffixBytes(uint32(lead))
	v.low = 1<<(8*v.width) - 1
	if uint64(len(v.suffixes)) != v.n*uint64(v.width) {
		return v, fmt.Errorf("%v: %d bytes instead of %d", ids.suffixes, len(v.suffixes), v.n*uint64(v.width))
	}
	if values {
		var ok bool
		if v.postings, ok = openBits(sections[ids.postings], v.n); !ok || v.postings.width > 32 {
			return v, fmt.Errorf("impossible measures of %v", ids.postings)
		}
	}
	return v, v.checkBuckets()
}

func (v *inverted) checkBuckets() error {
	last := uint32(0)
	for b := v.buckets; len(b) >= 4; b = b[4:] {
		at := binary.LittleEndian.Uint32(b)
		if at < last || uint64(at) > v.n {
			return fmt.Errorf("buckets are out of order")
		}
		last = at
	}
	return nil
}

// suffixBytes is the width of what is stored of a hash when its bucket tells the leading bits.
func suffixBytes(bucketBits uint32) int { return (keptBits - int(bucketBits) + 7) / 8 }

// find looks a hash up. Nearly all misses end in the filter, after one read.
func (v *inverted) find(hash uint64) (Posting, bool) {
	if v.veil != nil && !v.sieve.has(hash) || v.veil == nil && !v.filter.has(hash) {
		return 0, false
	}
	kept := v.veil.hide(hash)
	lo, hi := v.bucket(kept)
	i, ok := v.search(kept, lo, hi)
	if !ok {
		return 0, false
	}
	return v.posting(i), true
}

// appendFound looks many hashes up that are not hidden.
func (v *inverted) appendFound(dst []Found, hashes []uint64) []Found {
	var b batch
	var room [searchSize]searched
	for base := 0; base < len(hashes); base += batchSize {
		some := hashes[base:min(base+batchSize, len(hashes))]
		b.ask(some)
		for places := range slices.Chunk(b.pass(v.filter), searchSize) {
			for i, at := range places {
				room[i].at, room[i].kept = uint32(base)+at, some[at]
			}
			for _, s := range v.searchAll(room[:len(places)]) {
				dst = append(dst, Found{s.at, v.posting(s.lo)})
			}
		}
	}
	return dst
}

// read does nothing; what it is given must be read first.
//
//go:noinline
func read(byte) {}

func (v *inverted) posting(i int) Posting {
	if v.postings.width == 0 {
		return 0
	}
	p := Posting(v.postings.get(i))
	flag := p >> (v.postings.width - 1)
	return p ^ flag<<(v.postings.width-1) | flag*listFlag
}

// bucket returns where the hashes lie among which this one would be.
func (v *inverted) bucket(hash uint64) (lo, hi int) {
	lead := hash << (64 - hashBits) >> (64 - keptBits) >> v.bucketLow // wider hashes than there are must not lead astray
	b := v.buckets[4*lead:]
	return int(binary.LittleEndian.Uint32(b)), int(binary.LittleEndian.Uint32(b[4:]))
}

// guess returns where a hash would be among lo to hi, which is not empty, if they were spaced evenly: that is what they
// nearly are.
func (v *inverted) guess(hash uint64, lo, hi int) int {
	off, _ := bits.Mul64(hash>>dropBits<<(64-8*v.width), uint64(hi-lo))
	return lo + int(off)
}

// stepped is how many hashes a bucket has at most in which the place is looked for step by step, a few of them from where
// it is guessed: that is less to foretell than halves are.
const stepped = 1 << 12

// search looks about the place guessed.
func (v *inverted) search(hash uint64, lo, hi int) (int, bool) {
	if lo >= hi {
		return 0, false
	}
	want := hash >> dropBits & v.low
	if hi-lo > stepped {
		return v.searchFar(want, lo, hi, v.guess(hash, lo, hi))
	}
	at := v.guess(hash, lo, hi)
	got := v.suffix(at)
	for ; got < want && at+1 < hi; got = v.suffix(at) {
		at++
	}
	for ; got > want && at > lo; got = v.suffix(at) {
		at--
	}
	return at, got == want
}

// searchFar goes from the place guessed in steps that double, and then looks between the last two.
func (v *inverted) searchFar(want uint64, lo, hi, at int) (int, bool) {
	if v.suffix(at) <= want {
		lo = at
		for step := 1; lo+step < hi; step *= 2 {
			if v.suffix(lo+step) > want {
				hi = lo + step
				break
			}
			lo += step
		}
	} else {
		hi = at
		for step := 1; hi-step >= lo; step *= 2 {
			if v.suffix(hi-step) <= want {
				lo = hi - step
				break
			}
			hi -= step
		}
	}
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		switch got := v.suffix(mid); {
		case got == want:
			return mid, true
		case got < want:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return 0, false
}

func (v *inverted) suffix(i int) uint64 {
	at := i * v.width
	if at+8 <= len(v.suffixes) {
		return binary.LittleEndian.Uint64(v.suffixes[at:]) & v.low
	}
	var x uint64
	for j := range v.width {
		x |= uint64(v.suffixes[at+j]) << (8 * j)
	}
	return x
}

// appendValues appends the values of a posting, ascending.
func (v *inverted) appendValues(dst []uint32, p Posting) []uint32 {
	if p&listFlag == 0 {
		if uint64(p) < v.limit {
			dst = append(dst, uint32(p))
		}
		return dst
	}
	at := min(int(p&^listFlag), len(v.lists))
	n, used := binary.Uvarint(v.lists[at:])
	value := uint64(0)
	for n = min(n, v.limit); n > 0 && used > 0; n-- {
		at += used
		var d uint64
		d, used = binary.Uvarint(v.lists[at:])
		if value += d; used <= 0 || d > math.MaxUint32 || value >= v.limit {
			break
		}
		dst = append(dst, uint32(value))
	}
	return dst
}

// count returns how many values a posting has.
func (v *inverted) count(p Posting) int {
	if p&listFlag == 0 {
		return 1
	}
	n, _ := binary.Uvarint(v.lists[min(int(p&^listFlag), len(v.lists)):])
	return int(min(n, v.limit))
}

// cursor goes through all hashes in ascending order.
type cursor struct {
	v      *inverted
	i      int // the next one
	bucket int
	at     uint64
	buf    []uint32
}

func (c *cursor) next() bool {
	if uint64(c.i) >= c.v.n {
		return false
	}
	for int(binary.LittleEndian.Uint32(c.v.buckets[4*c.bucket+4:])) <= c.i {
		c.bucket++
	}
	c.at = (c.v.suffix(c.i) | uint64(c.bucket)<<c.v.bucketLow) << dropBits
	c.i++
	return true
}

func (c *cursor) hash() uint64 { return c.at }
func (c *cursor) err() error   { return nil }

// values returns what holds the current hash; the slice is used again.
func (c *cursor) values() []uint32 {
	c.buf = c.v.appendValues(c.buf[:0], c.v.posting(c.i-1))
	return c.buf
}
