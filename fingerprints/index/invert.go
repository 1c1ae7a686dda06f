package index

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// inverter writes an inverted list of hashes that come in ascending order. How many there are decides how they are laid
// out, so they wait in a temporary file, with their postings, until all have come.
type inverter struct {
	ids    invertedSections
	veil   *veil   // what the hashes were hidden by, or nil
	rows   *column // hash u64, posting u32; not a section
	lists  *column
	n      uint64
	most   uint32 // greatest posting without its flag
	varint []byte
	same   map[string]uint32 // where short lists begin: passages of one text lie in the same documents
}

// maxSame bounds the lists remembered, of at most maxSameBytes each.
const (
	maxSame      = 1 << 16
	maxSameBytes = 32
)

func newInverter(w *segmentWriter, ids invertedSections, veil *veil) (*inverter, error) {
	v := &inverter{ids: ids, veil: veil, same: map[string]uint32{}}
	var err error
	if v.rows, err = w.temporary(); err != nil {
		return nil, err
	}
	v.lists, err = w.add(ids.lists)
	return v, err
}

// add takes the next hash; a set without values gives none.
func (v *inverter) add(hash uint64, values []uint32) error {
	if v.n++; v.n >= 1<<32-1 {
		return fmt.Errorf("a segment holds at most 4 billion hashes: register the leak in parts")
	}
	posting, err := v.list(values)
	if err != nil {
		return err
	}
	v.most = max(v.most, posting&^listFlag)
	v.rows.u64(hash)
	v.rows.u32(posting)
	return nil
}

// list returns the posting of values, which it writes when there are several.
func (v *inverter) list(values []uint32) (uint32, error) {
	switch len(values) {
	case 0:
		return 0, nil
	case 1:
		return values[0], nil
	}
	b := binary.AppendUvarint(v.varint[:0], uint64(len(values)))
	last := uint32(0)
	for _, x := range values {
		b = binary.AppendUvarint(b, uint64(x-last))
		last = x
	}
	v.varint = b
	if at, ok := v.same[string(b)]; ok {
		return listFlag | at, nil
	}
	if v.lists.n >= listFlag {
		return 0, fmt.Errorf("lists exceed 2 GiB: register the leak in parts")
	}
	at := uint32(v.lists.n)
	if len(b) <= maxSameBytes && len(v.same) < maxSame {
		v.same[string(b)] = at
	}
	v.lists.bytes(b)
	return listFlag | at, nil
}

// bucketBits returns how many leading bits of a hash its bucket tells: of the choices that leave whole bytes, the one that
// takes the least room for n hashes.
func bucketBits(n uint64) uint32 {
	best, least := uint32(leastLead), math.Inf(1)
	for b := uint32(leastLead); b <= leastLead+24; b += 8 {
		if size := float64(n)*float64(suffixBytes(b)) + float64(uint64(4)<<b); size < least {
			best, least = b, size
		}
	}
	return best
}

// end lays the hashes out; a set without values gets no postings.
func (v *inverter) end(w *segmentWriter, values bool) error {
	l := &layout{lead: bucketBits(v.n)}
	for _, c := range []struct {
		to **column
		id section
	}{{&l.filter, v.ids.filter}, {&l.buckets, v.ids.buckets}, {&l.suffixes, v.ids.suffixes}, {&l.postings, v.ids.postings}} {
		if c.id == v.ids.postings && !values {
			continue
		}
		var err error
		if *c.to, err = w.add(c.id); err != nil {
			return err
		}
	}
	r, err := v.rows.reader()
	if err != nil {
		return err
	}
	f, err := v.filterMaker(l.filter)
	if err != nil {
		return err
	}
	defer f.close()
	if l.postings != nil {
		l.packed = newBitWriter(l.postings, widthOf(uint64(v.most))+1)
	}
	var b [12]byte
	for i := range v.n {
		if _, err := io.ReadFull(r, b[:]); err != nil {
			return fmt.Errorf("read hashes back: %w", err)
		}
		hash := binary.LittleEndian.Uint64(b[:])
		f.add(hash)
		l.row(uint32(i), hash, binary.LittleEndian.Uint32(b[8:]))
	}
	f.end()
	l.fill(1<<l.lead+1, uint32(v.n))
	if l.packed != nil {
		l.packed.end()
	}
	return nil
}

// filterMaker makes the filter of all hashes as they come, hidden or not.
func (v *inverter) filterMaker(to *column) (filterMaker, error) {
	if v.veil == nil {
		return newFilterWriter(to, v.n, filterBits), nil
	}
	m, err := newMemory(sieveWords(v.n))
	if err != nil {
		return nil, err
	}
	return &veiledFilter{to, v.veil, m, openSieve(m.words)}, nil
}

// layout is the sections of an inverted list while they are written.
type layout struct {
	filter, buckets, suffixes, postings *column
	lead                                uint32     // bits of a bucket
	packed                              *bitWriter // to postings; or nil
	bucket                              uint64     // the next one whose beginning is not written
}

func (l *layout) row(i uint32, hash uint64, posting uint32) {
	kept := hash >> dropBits
	l.fill(kept>>(keptBits-l.lead)+1, i)
	l.suffixes.low(kept, suffixBytes(l.lead))
	if l.packed != nil {
		l.packed.put(uint64(posting&^listFlag) | uint64(posting>>31)<<(l.packed.width-1))
	}
}

// fill lets all buckets before end that have no beginning yet begin at i.
func (l *layout) fill(end uint64, i uint32) {
	for ; l.bucket < end; l.bucket++ {
		l.buckets.u32(i)
	}
}
