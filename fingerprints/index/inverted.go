package index

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/bits"
)

// hashBits is the width of a hash.
const hashBits = 60

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
	filter                             filter
	buckets, suffixes, postings, lists []byte
	n                                  uint64
	bucketLow                          uint // how far a hash is shifted to give its bucket
	width                              int
	low                                uint64 // mask of the bits kept in a suffix
	limit                              uint64 // values are below it
}

// openInverted checks that no look-up can leave its section, whatever the numbers in the file say. A set without values
// has no postings. Where there are no sections at all, nothing is found.
func openInverted(sections map[section][]byte, ids invertedSections, n uint64, values bool, limit uint64) (inverted, error) {
	v := inverted{
		buckets: sections[ids.buckets], suffixes: sections[ids.suffixes], postings: sections[ids.postings], lists: sections[ids.lists],
		n: n, limit: limit,
	}
	var err error
	if v.filter, err = openFilter(sections[ids.filter]); err != nil {
		return v, err
	}
	if n == 0 {
		v.filter = filter{}
		return v, nil
	}
	bucketBits := uint(bits.Len64(uint64(len(v.buckets)/4)) - 1)
	if n >= 1<<32 || len(v.buckets) != 4*(1<<bucketBits+1) || bucketBits < 4 || bucketBits > 28 || bucketBits%8 != 4 {
		return v, fmt.Errorf("section %d has impossible measures", ids.buckets)
	}
	v.bucketLow = hashBits - bucketBits
	v.width = suffixBytes(uint32(bucketBits))
	v.low = 1<<(8*v.width) - 1
	if uint64(len(v.suffixes)) != n*uint64(v.width) {
		return v, fmt.Errorf("section %d has %d bytes instead of %d", ids.suffixes, len(v.suffixes), n*uint64(v.width))
	}
	if values && uint64(len(v.postings)) != 4*n {
		return v, fmt.Errorf("section %d has %d bytes instead of %d", ids.postings, len(v.postings), 4*n)
	}
	if !values {
		v.postings = nil
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
	if uint64(last) != v.n {
		return fmt.Errorf("buckets do not end at the last hash")
	}
	return nil
}

// suffixBytes is the width of what is stored of a hash when its bucket tells the leading bits.
func suffixBytes(bucketBits uint32) int { return (hashBits - int(bucketBits) + 7) / 8 }

// find looks a hash up. Nearly all misses end in the filter, after one read.
func (v *inverted) find(hash uint64) (Posting, bool) {
	if !v.filter.has(hash) {
		return 0, false
	}
	i, ok := v.search(hash)
	if !ok {
		return 0, false
	}
	return v.posting(i), true
}

// appendFound looks many hashes up.
func (v *inverted) appendFound(dst []Found, hashes []uint64) []Found {
	var some [256]uint32
	for base := 0; base < len(hashes); base += len(some) {
		batch := hashes[base:min(base+len(some), len(hashes))]
		for _, at := range v.filter.appendHas(some[:0], batch) {
			if i, ok := v.search(batch[at]); ok {
				dst = append(dst, Found{uint32(base) + at, v.posting(i)})
			}
		}
	}
	return dst
}

func (v *inverted) posting(i int) Posting {
	if v.postings == nil {
		return 0
	}
	return Posting(binary.LittleEndian.Uint32(v.postings[4*i:]))
}

func (v *inverted) search(hash uint64) (int, bool) {
	b := int(hash >> v.bucketLow)
	lo := int(binary.LittleEndian.Uint32(v.buckets[4*b:]))
	hi := int(binary.LittleEndian.Uint32(v.buckets[4*b+4:]))
	want := hash & v.low
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
	c.at = c.v.suffix(c.i)&(1<<c.v.bucketLow-1) | uint64(c.bucket)<<c.v.bucketLow
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

// inverter writes an inverted list of hashes that come in ascending order. How many there are decides how they are laid
// out, so they wait in a temporary file until all have come.
type inverter struct {
	ids             invertedSections
	hashes          *column // not a section
	postings, lists *column
	n               uint64
	varint          []byte
}

func newInverter(w *segmentWriter, ids invertedSections) (*inverter, error) {
	v := &inverter{ids: ids}
	var err error
	if v.hashes, err = w.temporary(); err != nil {
		return nil, err
	}
	if v.postings, err = w.add(ids.postings); err != nil {
		return nil, err
	}
	v.lists, err = w.add(ids.lists)
	return v, err
}

// add takes the next hash; a set without values gives none.
func (v *inverter) add(hash uint64, values []uint32) error {
	v.hashes.u64(hash)
	if v.n++; v.n >= 1<<32-1 {
		return fmt.Errorf("a segment holds at most 4 billion hashes: register the leak in parts")
	}
	switch {
	case len(values) == 0:
		return nil
	case len(values) == 1:
		v.postings.u32(values[0])
		return nil
	case v.lists.n >= listFlag:
		return fmt.Errorf("lists exceed 2 GiB: register the leak in parts")
	}
	v.postings.u32(listFlag | uint32(v.lists.n))
	b := binary.AppendUvarint(v.varint[:0], uint64(len(values)))
	last := uint32(0)
	for _, x := range values {
		b = binary.AppendUvarint(b, uint64(x-last))
		last = x
	}
	v.varint = b
	v.lists.bytes(b)
	return nil
}

// bucketBits returns how many leading bits of a hash its bucket tells: of the choices that leave whole bytes, the one that
// takes the least room for n hashes.
func bucketBits(n uint64) uint32 {
	best, least := uint32(4), math.Inf(1)
	for _, b := range []uint32{4, 12, 20, 28} {
		if size := float64(n)*float64(suffixBytes(b)) + float64(uint64(4)<<b); size < least {
			best, least = b, size
		}
	}
	return best
}

// end lays the hashes out.
func (v *inverter) end(w *segmentWriter) error {
	filterCol, err := w.add(v.ids.filter)
	if err != nil {
		return err
	}
	buckets, err := w.add(v.ids.buckets)
	if err != nil {
		return err
	}
	suffixes, err := w.add(v.ids.suffixes)
	if err != nil {
		return err
	}
	r, err := v.hashes.reader()
	if err != nil {
		return err
	}
	lead := bucketBits(v.n)
	width := suffixBytes(lead)
	f := newFilterWriter(filterCol, v.n)
	bucket := uint64(0) // the next one whose beginning is not written
	var b [8]byte
	for i := range v.n {
		if _, err := io.ReadFull(r, b[:]); err != nil {
			return fmt.Errorf("read hashes back: %w", err)
		}
		hash := binary.LittleEndian.Uint64(b[:])
		f.add(hash)
		for ; bucket <= hash>>(hashBits-lead); bucket++ {
			buckets.u32(uint32(i))
		}
		suffixes.bytes(b[:width])
	}
	f.end()
	for ; bucket <= 1<<lead; bucket++ {
		buckets.u32(uint32(v.n))
	}
	return nil
}

// reader reads a column from its beginning.
func (c *column) reader() (io.Reader, error) {
	if c.bad == nil {
		c.bad = c.w.Flush()
	}
	if c.bad == nil {
		_, c.bad = c.f.Seek(0, io.SeekStart)
	}
	if c.bad != nil {
		return nil, fmt.Errorf("read section %d back: %w", c.id, c.bad)
	}
	return bufio.NewReaderSize(c.f, 1<<16), nil
}
