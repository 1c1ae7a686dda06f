package index

import (
	"encoding/binary"
	"fmt"
	"io"
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
		from = append(from, &keyTableSource{t: &c.s.holders.keyTable, remap: c.file})
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

// holderTable is how the table is laid out.
func holderTable() keyTableKind {
	return keyTableKind{at: secHolderAt, keys: secHolderKeys, values: secHolders, bits: holderBits, bucket: holderBucket, what: "digests"}
}

// layHolders packs the rows, which are sorted.
func layHolders(w *segmentWriter, rows *column, files int) error {
	n := rows.n / holderRow
	if n == 0 {
		return nil
	}
	table, err := holderTable().writer(w, n, uint64(files))
	if err != nil {
		return err
	}
	r, err := rows.reader()
	if err != nil {
		return err
	}
	var row [holderRow]byte
	for range n {
		if _, err := io.ReadFull(r, row[:]); err != nil {
			return fmt.Errorf("read digests back: %w", err)
		}
		table.put(binary.LittleEndian.Uint64(row[:]), binary.LittleEndian.Uint32(row[8:]))
	}
	table.end()
	return nil
}

// holders is the table, in the mapped file.
type holders struct{ keyTable }

// openHolders checks that no look-up can leave its section, and that its rows are in order.
func openHolders(sections map[section][]byte) (h holders, err error) {
	if h.keyTable, err = holderTable().open(sections); err != nil {
		return h, err
	}
	last := uint32(0)
	for b := h.at; len(b) > 0; b = b[4:] {
		at := binary.LittleEndian.Uint32(b)
		if at < last || at > h.n {
			return h, fmt.Errorf("%v are out of order", secHolderAt)
		}
		last = at
	}
	return h, nil
}

// holding returns the files below limit that have a key, ascending.
func (h *holders) holding(key uint64, limit uint32) (files []uint32) {
	lo, hi := h.rows(key)
	for i := lo; i < hi; i++ {
		if f := h.values.get(int(i)); f < uint64(limit) {
			files = append(files, uint32(f))
		}
	}
	return files
}
