package index

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/FastFilter/xorfilter"
)

// Lone cells are kept as the leading bits of their hashes only: some eight bits more than it takes to number the cells of
// the leak, so that among values that were never in it about one in 256 to 2,048 looks as if it were. Nobody who has the
// key can tell a cell from those. But unlike a filter, prefixes can be listed: segments are joined, and a leak is taken
// out of one, without the cells at hand.
//
// On disk a set is: leak u32, width of its prefixes u32, their number u32, bytes of what follows u32, then the prefixes
// ascending, as differences in varints. A filter over all sets answers look-ups.

const cellHead = 16

// cellWidths are the widths of prefixes. Sets of few leaks then share few widths, each of which costs every look-up a
// read of the filter. With the least, about 140 of the plausible national numbers look like each one that is kept.
var cellWidths = [...]uint32{18, 21, 24, 27, 30}

// cellWidth is the width for a set of n cells.
func cellWidth(n int) uint32 {
	for _, w := range cellWidths {
		if int(w) >= bits.Len(uint(n))+8 {
			return w
		}
	}
	return cellWidths[len(cellWidths)-1]
}

// cellKey is what the filter knows a prefix by.
func cellKey(hash uint64, width uint32) uint64 {
	return hash&prefixMask(width) | uint64(width)<<dropBits
}

// cellSet is the lone cells of a leak that are kept with prefixes of one width.
type cellSet struct {
	leak, width uint32
	prefixes    []uint32 // ascending
}

// decodeCells yields the sets of a section.
func decodeCells(b []byte, yield func(cellSet)) error {
	for len(b) > 0 {
		if len(b) < cellHead {
			return fmt.Errorf("cells are cut short")
		}
		set := cellSet{leak: binary.LittleEndian.Uint32(b), width: binary.LittleEndian.Uint32(b[4:])}
		n, size := binary.LittleEndian.Uint32(b[8:]), binary.LittleEndian.Uint32(b[12:])
		if b = b[cellHead:]; uint64(size) > uint64(len(b)) || n > size || !slices.Contains(cellWidths[:], set.width) {
			return fmt.Errorf("cells are cut short")
		}
		rest, last := b[:size], uint64(0)
		b = b[size:]
		set.prefixes = make([]uint32, 0, n)
		for range n {
			d, used := binary.Uvarint(rest)
			if used <= 0 || d > 1<<32 || (last+d)>>set.width != 0 {
				return fmt.Errorf("cells do not parse")
			}
			last += d
			rest = rest[used:]
			set.prefixes = append(set.prefixes, uint32(last))
		}
		yield(set)
	}
	return nil
}

func appendCells(b []byte, set cellSet) []byte {
	head := len(b)
	b = append(slices.Grow(b, cellHead+3*len(set.prefixes)), make([]byte, cellHead)...)
	last := uint32(0)
	for _, p := range set.prefixes {
		b = binary.AppendUvarint(b, uint64(p-last))
		last = p
	}
	for i, v := range []uint32{set.leak, set.width, uint32(len(set.prefixes)), uint32(len(b) - head - cellHead)} {
		binary.LittleEndian.PutUint32(b[head+4*i:], v)
	}
	return b
}

// addCells merges a set into those of the same leak and width.
func (d *Draft) addCells(set cellSet) {
	for i := range d.cells {
		have := &d.cells[i]
		if have.leak == set.leak && have.width == set.width {
			all := append(have.prefixes, set.prefixes...)
			slices.Sort(all)
			have.prefixes = slices.Compact(all)
			return
		}
	}
	d.cells = append(d.cells, set)
}

// writeCells writes the lone cells and their filter.
func (d *Draft) writeCells(w *segmentWriter, _ *relations) error {
	if set := d.ownCells(); len(set.prefixes) > 0 {
		d.addCells(set)
	}
	if len(d.cells) == 0 {
		return nil
	}
	col, err := w.add(secCells)
	if err != nil {
		return err
	}
	n := 0
	var b []byte
	for _, set := range d.cells {
		b = appendCells(b[:0], set)
		col.bytes(b)
		n += len(set.prefixes)
	}
	if col, err = w.add(secCellFilter); err != nil {
		return err
	}
	f := newFilterWriter(col, uint64(n), cellBits)
	eachCell(d.cells, f.add)
	f.end()
	return nil
}

// eachCell yields the keys of sets ascending. There are few sets, so that the least is found by looking at all.
func eachCell(sets []cellSet, yield func(key uint64)) {
	left := slices.Clone(sets)
	for {
		least := uint64(math.MaxUint64)
		at := -1
		for i := range left {
			if s := &left[i]; len(s.prefixes) > 0 {
				if key := cellKey(uint64(s.prefixes[0])<<(hashBits-s.width), s.width); key < least || at < 0 {
					least, at = key, i
				}
			}
		}
		if at < 0 {
			return
		}
		left[at].prefixes = left[at].prefixes[1:]
		yield(least)
	}
}

// ownCells is the set of the draft's own cells.
func (d *Draft) ownCells() cellSet {
	slices.Sort(d.Cells)
	own := make([]uint32, 0, len(d.Cells))
	for _, h := range d.Cells {
		own = append(own, CellPrefix(h))
	}
	all := MergePrefixes(d.CellPrefixes, slices.Compact(own))
	d.Cells, d.CellPrefixes = nil, nil
	set := cellSet{width: cellWidth(len(all))}
	for i := range all {
		all[i] >>= mostCellBits - set.width
	}
	set.prefixes = slices.Compact(all)
	return set
}

// mostCellBits is the greatest width of a prefix.
const mostCellBits = 30

// CellPrefix is as much of a cell's hash as can ever be kept of it.
func CellPrefix(hash uint64) uint32 { return uint32(hash >> (hashBits - mostCellBits)) }

// MergePrefixes joins two sorted sets into one, where the first lies as far as there is room.
func MergePrefixes(to, more []uint32) []uint32 {
	n, fresh := len(to), 0
	for i, j := 0, 0; j < len(more); j++ {
		for ; i < n && to[i] < more[j]; i++ {
		}
		if i == n || to[i] != more[j] {
			fresh++
		}
	}
	to = slices.Grow(to, fresh)[:n+fresh]
	i, at := n-1, n+fresh-1
	for j := len(more) - 1; j >= 0; j-- {
		for ; i >= 0 && to[i] > more[j]; i, at = i-1, at-1 {
			to[at] = to[i]
		}
		if i >= 0 && to[i] == more[j] {
			i--
		}
		to[at] = more[j]
		at--
	}
	return to
}

// joinCells takes over the cells of a segment.
func (d *Draft) joinCells(s *Segment, leaks []uint32) error {
	return decodeCells(s.sections[secCells], func(set cellSet) {
		if int(set.leak) < len(leaks) && leaks[set.leak] != NoDoc {
			set.leak = leaks[set.leak]
			d.addCells(set)
		}
	})
}

// cellView answers whether a lone cell may be known.
type cellView struct {
	filter filter
	widths []uint32 // those in use
}

// openCells checks the cells. It walks them whole only when they are joined: it takes their widths from their heads.
func openCells(sets, bits []byte, leaks int) (cellView, error) {
	var v cellView
	var err error
	if v.filter, err = openFilter(bits); err != nil {
		return v, err
	}
	for b := sets; len(b) > 0; {
		if len(b) < cellHead {
			return v, fmt.Errorf("cells are cut short")
		}
		leak, width, size := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint32(b[12:])
		if uint64(size) > uint64(len(b)-cellHead) || int64(leak) >= int64(leaks) || !slices.Contains(cellWidths[:], width) {
			return v, fmt.Errorf("cells are cut short, or of no leak")
		}
		b = b[cellHead+size:]
		if !slices.Contains(v.widths, width) {
			v.widths = append(v.widths, width)
		}
	}
	return v, nil
}

// HasCell tells whether a lone cell may be known. It is wrong for about one cell in 190, and on purpose for one in 256
// to 2,048 of those that look most alike.
func (s *Segment) HasCell(hash uint64) bool {
	for _, w := range s.cells.widths {
		if s.cells.filter.has(cellKey(hash, w)) {
			return true
		}
	}
	return false
}

// AppendHasCell appends the places of those hashes for which HasCell answers yes, ascending. It is several times as fast
// as asking one by one: no branch waits for an answer, so that many reads of the filter wait for memory side by side.
func (s *Segment) AppendHasCell(dst []uint32, hashes []uint64) []uint32 {
	words := s.cells.filter.words
	if len(words) == 0 {
		return dst
	}
	base := len(dst)
	dst = slices.Grow(dst, len(hashes)*max(1, len(s.cells.widths)))
	for _, w := range s.cells.widths {
		n := hasPrefix(dst[len(dst):len(dst)+len(hashes)], hashes, words, w)
		dst = dst[:len(dst)+n]
	}
	if len(s.cells.widths) > 1 {
		slices.Sort(dst[base:])
		dst = append(dst[:base], slices.Compact(dst[base:])...)
	}
	return dst
}

// hasPrefixPlainly writes the places of those hashes of which a prefix of that width may be known, the first hash having the place
// first, and tells how many there are. There is room for all.
func hasPrefixPlainly(room []uint32, hashes, words []uint64, width uint32, first int) int {
	room = room[:len(hashes)]
	count, mask, more := uint64(len(words)), prefixMask(width), cellKey(0, width)
	n := 0
	for i, hash := range hashes {
		key := hash&mask | more
		room[n] = uint32(first + i)
		_, all := bits.Sub64(bitsOf(key)&^words[wordOf(key, count)], 1, 0)
		n += int(all)
	}
	return n
}

// prefixMask has the bits of a hash that a prefix of that width has.
func prefixMask(width uint32) uint64 { return (1<<width - 1) << (hashBits - width) }

// The national numbers of a table on disk: file u32, bytes of what follows u32, then a filter as in a guard set.

const numbersHead = 8

// numbersView is a table's filter of national numbers.
type numbersView struct {
	file   uint32
	filter xorfilter.BinaryFuse[uint8]
	raw    []byte
}

func (d *Draft) writeNumbers(w *segmentWriter, _ *relations) error {
	if len(d.Numbers) == 0 && len(d.numbers) == 0 {
		return nil
	}
	col, err := w.add(secNumbers)
	if err != nil {
		return err
	}
	for _, t := range d.Numbers {
		if len(t.Hashes) == 0 {
			continue
		}
		b, err := appendFilter[uint8](make([]byte, numbersHead), t.Hashes)
		if err != nil {
			return err
		}
		binary.LittleEndian.PutUint32(b, t.File)
		binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-numbersHead))
		col.bytes(b)
	}
	col.bytes(d.numbers)
	return nil
}

// joinNumbers takes over the filters of a segment, which cannot be listed, as they are.
func (d *Draft) joinNumbers(s *Segment, file func(uint32) uint32) {
	for i := range s.numbers {
		t := &s.numbers[i]
		if to := file(t.file); to != NoDoc {
			at := len(d.numbers)
			d.numbers = append(d.numbers, t.raw...)
			binary.LittleEndian.PutUint32(d.numbers[at:], to)
		}
	}
}

func openNumbers(b []byte, files uint32) ([]numbersView, error) {
	var all []numbersView
	for len(b) > 0 {
		if len(b) < numbersHead {
			return nil, fmt.Errorf("numbers of a table are cut short")
		}
		size := binary.LittleEndian.Uint32(b[4:])
		if uint64(size) > uint64(len(b)-numbersHead) {
			return nil, fmt.Errorf("numbers of a table are cut short")
		}
		t := numbersView{file: binary.LittleEndian.Uint32(b), raw: b[:numbersHead+size]}
		if t.file >= files {
			return nil, fmt.Errorf("numbers are of a file that it does not hold")
		}
		rest, err := readFilter(t.raw[numbersHead:], &t.filter)
		if err != nil || len(rest) > 0 {
			return nil, fmt.Errorf("numbers of a table do not parse")
		}
		all = append(all, t)
		b = b[numbersHead+size:]
	}
	return all, nil
}

// HasNumbers tells whether the segment holds national numbers of any table.
func (s *Segment) HasNumbers() bool { return len(s.numbers) > 0 }

// TablesWithNumber returns the files whose tables may hold a national number; each is wrongly among them once in 256
// times.
func (s *Segment) TablesWithNumber(hash uint64) (files []uint32) {
	for i := range s.numbers {
		if t := &s.numbers[i]; len(t.filter.Fingerprints) > 0 && t.filter.Contains(hash) {
			files = append(files, t.file)
		}
	}
	return files
}
