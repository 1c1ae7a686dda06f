package index

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// keyTableKind is how one table of keys and numbers is laid out: rows of a key's leading bits and a number, sorted, both packed
// to the bit. The first bits of a key are told by where its row lies, so that only the others are kept of each.
type keyTableKind struct {
	at, keys, values section
	bits             uint   // that are kept of a key
	bucket           uint64 // about how many rows have the same first bits
	what             string // the rows, for errors
}

// keyTableWriter writes a table, in order.
type keyTableWriter struct {
	kind         keyTableKind
	at           *column
	keys, values *bitWriter
	lead         uint
	bucket       uint64
	rows         uint32
}

// writer begins a table of about n rows, of which the numbers are below values.
func (k keyTableKind) writer(w *segmentWriter, n, values uint64) (*keyTableWriter, error) {
	if n >= 1<<32-1 {
		return nil, fmt.Errorf("a segment holds at most 4 billion %s: register the leak in parts", k.what)
	}
	t := &keyTableWriter{kind: k, lead: uint(bits.Len64(n / k.bucket))}
	var cols [3]*column
	for i, id := range []section{k.at, k.keys, k.values} {
		var err error
		if cols[i], err = w.add(id); err != nil {
			return nil, err
		}
	}
	t.at, t.keys, t.values = cols[0], newBitWriter(cols[1], k.bits-t.lead), newBitWriter(cols[2], widthOf(values))
	return t, nil
}

func (t *keyTableWriter) put(key uint64, value uint32) {
	kept, rest := key>>(64-t.kind.bits), t.kind.bits-t.lead
	for ; t.bucket <= kept>>rest; t.bucket++ {
		t.at.u32(t.rows)
	}
	t.keys.put(kept & (1<<rest - 1))
	t.values.put(uint64(value))
	t.rows++
}

func (t *keyTableWriter) end() {
	for ; t.bucket <= 1<<t.lead; t.bucket++ {
		t.at.u32(t.rows)
	}
	t.keys.end()
	t.values.end()
}

// keyTable is such a table in the mapped file.
type keyTable struct {
	at           []byte
	keys, values packedBits
	bits, lead   uint
	n            uint32
}

// open checks the table's measures. What its numbers say is bounded when they are read: there may be millions, and an index
// must open in milliseconds.
func (k keyTableKind) open(sections map[section][]byte) (t keyTable, err error) {
	t.bits = k.bits
	if t.at = sections[k.at]; len(t.at) == 0 {
		return t, nil
	}
	if len(t.at) < 8 {
		return t, fmt.Errorf("impossible measures of %v", k.at)
	}
	t.lead = uint(bits.Len(uint(len(t.at)/4-1)) - 1)
	if t.lead >= k.bits || len(t.at) != 4*(1<<t.lead+1) {
		return t, fmt.Errorf("impossible measures of %v", k.at)
	}
	t.n = binary.LittleEndian.Uint32(t.at[4<<t.lead:])
	var ok bool
	if t.keys, ok = openBits(sections[k.keys], uint64(t.n)); !ok || t.keys.width != k.bits-t.lead {
		return t, fmt.Errorf("impossible measures of %v", k.keys)
	}
	if t.values, ok = openBits(sections[k.values], uint64(t.n)); !ok {
		return t, fmt.Errorf("impossible measures of %v", k.values)
	}
	return t, nil
}

// run is where the rows with the same first bits lie.
func (t *keyTable) run(i uint64) (lo, hi uint32) {
	b := t.at[4*i:]
	hi = min(binary.LittleEndian.Uint32(b[4:]), t.n)
	return min(binary.LittleEndian.Uint32(b), hi), hi
}

// rows is where the rows of a key lie. One that a hundred thousand rows have takes a few steps more.
func (t *keyTable) rows(key uint64) (lo, hi uint32) {
	if t.n == 0 {
		return 0, 0
	}
	kept := key >> (64 - t.bits)
	lo, hi = t.run(kept >> t.keys.width)
	rest := kept & t.keys.mask
	return t.first(rest, lo, hi), t.first(rest+1, lo, hi)
}

// first is the first row from lo on of which the key is not less than rest.
func (t *keyTable) first(rest uint64, lo, hi uint32) uint32 {
	for lo < hi {
		if mid := lo + (hi-lo)/2; t.keys.get(int(mid)) < rest {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// keyTableSource yields the rows of a table, their numbers changed; NoDoc drops one.
type keyTableSource struct {
	t      *keyTable
	remap  func(uint32) uint32
	i      uint32 // the next row
	bucket uint64 // of the row at hand
	value  uint32
}

func (s *keyTableSource) next() bool {
	for s.i < s.t.n {
		for s.bucket < 1<<s.t.lead-1 {
			if _, hi := s.t.run(s.bucket); hi > s.i {
				break
			}
			s.bucket++
		}
		s.i++
		if v := s.t.values.get(int(s.i - 1)); v < uint64(NoDoc) {
			if s.value = s.remap(uint32(v)); s.value != NoDoc {
				return true
			}
		}
	}
	return false
}

func (s *keyTableSource) hash() uint64 {
	return (s.bucket<<s.t.keys.width | s.t.keys.get(int(s.i-1))) << (64 - s.t.bits)
}

func (s *keyTableSource) appendPlaces(dst []place) []place {
	return append(dst, place{doc: s.value, from: s.value, times: 1})
}

func (s *keyTableSource) err() error { return nil }
