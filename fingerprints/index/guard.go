package index

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/FastFilter/xorfilter"
)

// A guard set on disk: length of what follows u64, leak u32, number of exact hashes u32, those hashes, then two filters
// (8 and 16 bits): seed u64, segment length u32, segment count length u32, number of fingerprints u32, fingerprints.
// Filters cannot be listed, so a set is carried over whole when segments are merged.

const guardHead = 16

func encodeGuard(g *GuardSet) ([]byte, error) {
	exact := sortedSet(g.Exact)
	b := make([]byte, 8, guardHead+64+8*len(exact)+5*len(g.Numbers)/4+5*len(g.Lines)/2)
	b = binary.LittleEndian.AppendUint32(b, g.Leak)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(exact)))
	for _, h := range exact {
		b = binary.LittleEndian.AppendUint64(b, h)
	}
	b, err := appendFilter[uint8](b, g.Numbers)
	if err != nil {
		return nil, err
	}
	if b, err = appendFilter[uint16](b, g.Lines); err != nil {
		return nil, err
	}
	binary.LittleEndian.PutUint64(b, uint64(len(b)-8))
	return b, nil
}

func appendFilter[T uint8 | uint16](b []byte, keys []uint64) ([]byte, error) {
	f := &xorfilter.BinaryFuse[T]{}
	if keys = sortedSet(keys); len(keys) > 0 {
		var err error
		if f, err = xorfilter.NewBinaryFuse[T](keys); err != nil {
			return nil, fmt.Errorf("build the guard's filter: %w", err)
		}
	}
	b = binary.LittleEndian.AppendUint64(b, f.Seed)
	b = binary.LittleEndian.AppendUint32(b, f.SegmentLength)
	b = binary.LittleEndian.AppendUint32(b, f.SegmentCountLength)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(f.Fingerprints)))
	for _, p := range f.Fingerprints {
		if T(0)-1 == 255 {
			b = append(b, byte(p))
		} else {
			b = binary.LittleEndian.AppendUint16(b, uint16(p))
		}
	}
	return b, nil
}

// sortedSet sorts keys, where they lie, and drops repeats.
func sortedSet(keys []uint64) []uint64 {
	slices.Sort(keys)
	return slices.Compact(keys)
}

// guardView is a guard set as it is read; its parts lie in the mapped file.
type guardView struct {
	leak    uint32
	exact   []byte
	numbers xorfilter.BinaryFuse[uint8]
	lines   xorfilter.BinaryFuse[uint16]
	raw     []byte // the set whole, to be carried over
}

func decodeGuards(b []byte) ([]guardView, error) {
	var sets []guardView
	for len(b) > 0 {
		if len(b) < guardHead {
			return nil, fmt.Errorf("guard set is cut short")
		}
		n := binary.LittleEndian.Uint64(b)
		if n > uint64(len(b)-8) || n < guardHead-8 {
			return nil, fmt.Errorf("guard set is cut short")
		}
		g := guardView{raw: b[:8+n], leak: binary.LittleEndian.Uint32(b[8:])}
		rest := b[guardHead : 8+n]
		exact := uint64(binary.LittleEndian.Uint32(b[12:])) * 8
		if exact > uint64(len(rest)) {
			return nil, fmt.Errorf("guard set is cut short")
		}
		g.exact, rest = rest[:exact], rest[exact:]
		var err error
		if rest, err = readFilter(rest, &g.numbers); err == nil {
			_, err = readFilter(rest, &g.lines)
		}
		if err != nil {
			return nil, err
		}
		sets = append(sets, g)
		b = b[8+n:]
	}
	return sets, nil
}

func readFilter[T uint8 | uint16](b []byte, f *xorfilter.BinaryFuse[T]) ([]byte, error) {
	if len(b) < 20 {
		return nil, fmt.Errorf("filter is cut short")
	}
	width := uint64(1)
	if T(0)-1 != 255 {
		width = 2
	}
	n := uint64(binary.LittleEndian.Uint32(b[16:]))
	if n*width > uint64(len(b)-20) {
		return nil, fmt.Errorf("filter is cut short")
	}
	f.Seed = binary.LittleEndian.Uint64(b)
	prints := make([]T, n)
	for i := range prints {
		if width == 1 {
			prints[i] = T(b[20+i])
		} else {
			prints[i] = T(binary.LittleEndian.Uint16(b[20+2*i:]))
		}
	}
	f.Fingerprints = prints
	return b[20+n*width:], shapeFilter(f, binary.LittleEndian.Uint32(b[8:]), binary.LittleEndian.Uint32(b[12:]))
}

// shapeFilter sets a filter's measures after checking that no look-up can leave its fingerprints.
func shapeFilter[T xorfilter.Unsigned](f *xorfilter.BinaryFuse[T], segment, count uint32) error {
	if len(f.Fingerprints) == 0 {
		return nil
	}
	if segment == 0 || segment&(segment-1) != 0 || count == 0 || count%segment != 0 ||
		uint64(count)+2*uint64(segment) != uint64(len(f.Fingerprints)) {
		return fmt.Errorf("filter has impossible measures")
	}
	f.SegmentLength, f.SegmentLengthMask = segment, segment-1
	f.SegmentCountLength, f.SegmentCount = count, count/segment
	return nil
}

func (g *guardView) hasExact(h uint64) bool {
	lo, hi := 0, len(g.exact)/8
	for lo < hi {
		mid := (lo + hi) / 2
		if v := binary.LittleEndian.Uint64(g.exact[8*mid:]); v == h {
			return true
		} else if v < h {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return false
}

func (g *guardView) hasNumber(h uint64) bool {
	return len(g.numbers.Fingerprints) > 0 && g.numbers.Contains(h)
}

func (g *guardView) hasLine(h uint64) bool {
	return len(g.lines.Fingerprints) > 0 && g.lines.Contains(h)
}
