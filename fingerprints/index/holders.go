package index

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
)

// Under which digests files are published, and which places in an archive's directory are theirs, is one table of keys
// and files. A file of one page has a dozen rows in it, as many bytes as a good part of its passages take, so both are
// packed to the bit, and the leading bits of a key are told by where its row lies.

const (
	// holderBits are the leading bits of a key that are kept. Keys are of a PRF: of the digests that a place publishes and
	// that are of no known file, one in 2^56 divided by the rows is taken for one that is: with 100,000 files, one in 60
	// billion, and it must have the file's size too, where the place tells that.
	holderBits = 56
	// holderBucket is about how many rows have the same leading bits.
	holderBucket = 8
)

// holderKey is what is kept of a key, in the upper bits.
func holderKey(key uint64) uint64 { return key &^ (1<<(64-holderBits) - 1) }

// digestKey is the key of a digest.
func digestKey(d Digest) uint64 { return binary.BigEndian.Uint64(d[:]) }

// writeHolders writes the digests under which files are published, and the members of archives.
func (d *Draft) writeHolders(w *segmentWriter, _ *relations) error {
	own := make([]Pair, 0, len(d.Digests)+len(d.Listing))
	for _, c := range d.Digests {
		own = append(own, Pair{holderKey(digestKey(c.Digest)), c.File})
	}
	for _, l := range d.Listing {
		own = append(own, Pair{holderKey(l.Member), l.Archive})
	}
	sortPairs(own)
	same := func(f uint32) uint32 { return f }
	from := []source{&pairSource{pairs: own, remap: same}}
	for _, c := range d.carried {
		from = append(from, &holderSource{h: &c.s.holders, remap: c.file})
	}
	rows, err := w.temporary()
	if err != nil {
		return err
	}
	err = merge(w.ctx, from, func(key uint64, files []place) error {
		for _, f := range files {
			rows.u64(key)
			rows.u32(f.doc)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write digests: %w", err)
	}
	return layHolders(w, rows, d.fileCount())
}

// holderRow is the size of a row while it waits, in bytes.
const holderRow = 12

// layHolders packs the rows, which are sorted.
func layHolders(w *segmentWriter, rows *column, files int) error {
	n := rows.n / holderRow
	if n == 0 {
		return nil
	}
	if n >= 1<<32-1 {
		return fmt.Errorf("a segment holds at most 4 billion digests: register the leak in parts")
	}
	lead := uint(bits.Len64(n / holderBucket))
	var cols [3]*column
	for i, id := range []section{secHolderAt, secHolderKeys, secHolders} {
		var err error
		if cols[i], err = w.add(id); err != nil {
			return err
		}
	}
	keys, holders := newBitWriter(cols[1], holderBits-lead), newBitWriter(cols[2], widthOf(uint64(files)))
	r, err := rows.reader()
	if err != nil {
		return err
	}
	bucket := uint64(0)
	var row [holderRow]byte
	for i := range n {
		if _, err := io.ReadFull(r, row[:]); err != nil {
			return fmt.Errorf("read digests back: %w", err)
		}
		kept := binary.LittleEndian.Uint64(row[:]) >> (64 - holderBits)
		for ; bucket <= kept>>(holderBits-lead); bucket++ {
			cols[0].u32(uint32(i))
		}
		keys.put(kept & (1<<(holderBits-lead) - 1))
		holders.put(uint64(binary.LittleEndian.Uint32(row[8:])))
	}
	for ; bucket <= 1<<lead; bucket++ {
		cols[0].u32(uint32(n))
	}
	keys.end()
	holders.end()
	return nil
}

// holders is the table, in the mapped file.
type holders struct {
	at         []byte
	keys, file packedBits
	lead       uint
	n          int
}

// openHolders checks that no look-up can leave its section.
func openHolders(sections map[section][]byte) (h holders, err error) {
	if h.at = sections[secHolderAt]; len(h.at) == 0 {
		return h, nil
	}
	if len(h.at) < 8 {
		return h, fmt.Errorf("impossible measures of %v", secHolderAt)
	}
	h.lead = uint(bits.Len(uint(len(h.at)/4-1)) - 1)
	if len(h.at) != 4*(1<<h.lead+1) {
		return h, fmt.Errorf("impossible measures of %v", secHolderAt)
	}
	h.n = int(binary.LittleEndian.Uint32(h.at[4<<h.lead:]))
	last := uint32(0)
	for b := h.at; len(b) > 0; b = b[4:] {
		at := binary.LittleEndian.Uint32(b)
		if at < last || int64(at) > int64(h.n) {
			return h, fmt.Errorf("%v are out of order", secHolderAt)
		}
		last = at
	}
	var ok bool
	if h.keys, ok = openBits(sections[secHolderKeys], uint64(h.n)); !ok || h.keys.width != holderBits-h.lead {
		return h, fmt.Errorf("impossible measures of %v", secHolderKeys)
	}
	if h.file, ok = openBits(sections[secHolders], uint64(h.n)); !ok {
		return h, fmt.Errorf("impossible measures of %v", secHolders)
	}
	return h, nil
}

func (h *holders) bucket(i uint64) (lo, hi int) {
	b := h.at[4*i:]
	return int(binary.LittleEndian.Uint32(b)), int(binary.LittleEndian.Uint32(b[4:]))
}

// holding returns the files below limit that have a key, ascending.
func (h *holders) holding(key uint64, limit uint32) (files []uint32) {
	if h.n == 0 {
		return nil
	}
	kept := key >> (64 - holderBits)
	for i, hi := h.bucket(kept >> (holderBits - h.lead)); i < hi; i++ {
		if h.keys.get(i) != kept&h.keys.mask {
			continue
		}
		if f := h.file.get(i); f < uint64(limit) {
			files = append(files, uint32(f))
		}
	}
	return files
}

// holderSource yields the rows of a segment, its files renumbered; NoDoc drops one.
type holderSource struct {
	h      *holders
	remap  func(uint32) uint32
	i      int    // the next row
	bucket uint64 // of the row at hand
	file   uint32
}

func (s *holderSource) next() bool {
	for s.i < s.h.n {
		for _, hi := s.h.bucket(s.bucket); hi <= s.i; _, hi = s.h.bucket(s.bucket) {
			s.bucket++
		}
		s.i++
		if f := s.h.file.get(s.i - 1); f < uint64(NoDoc) {
			if s.file = s.remap(uint32(f)); s.file != NoDoc {
				return true
			}
		}
	}
	return false
}

func (s *holderSource) hash() uint64 {
	return (s.bucket<<(holderBits-s.h.lead) | s.h.keys.get(s.i-1)) << (64 - holderBits)
}

func (s *holderSource) appendPlaces(dst []place) []place {
	return append(dst, place{doc: s.file, from: s.file})
}

func (s *holderSource) err() error { return nil }
