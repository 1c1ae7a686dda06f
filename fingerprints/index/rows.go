package index

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// A row is a key and a number (u32); rows are kept sorted by key, then number as bytes.

// sortRows sorts fixed-size rows by their bytes, and drops repeats.
func sortRows(rows []byte, size int) []byte {
	all := make([][]byte, 0, len(rows)/size)
	for i := 0; i+size <= len(rows); i += size {
		all = append(all, rows[i:i+size])
	}
	slices.SortFunc(all, bytes.Compare)
	all = slices.CompactFunc(all, bytes.Equal)
	return bytes.Join(all, nil)
}

// rowRun is sorted rows whose numbers are to be changed.
type rowRun struct {
	rows  []byte
	remap func(uint32) uint32 // nil: as they are; NoDoc drops one
}

// writeRows writes the draft's own rows of files together with those of the segments that it takes over, which are read
// where they lie.
func (d *Draft) writeRows(w *segmentWriter, id section, size int, own []byte) error {
	runs := []rowRun{{rows: sortRows(own, size)}}
	for _, c := range d.carried {
		runs = append(runs, rowRun{c.s.sections[id], c.file})
	}
	runs = slices.DeleteFunc(runs, func(r rowRun) bool { return len(r.rows) < size })
	if len(runs) == 0 && id != secContent {
		return nil
	}
	col, err := w.add(id)
	if err != nil {
		return err
	}
	mergeRows(runs, size, col.bytes)
	return nil
}

// mergeRows yields the rows of all runs, sorted and each once. There are few runs, so that the least is found by looking
// at all.
func mergeRows(runs []rowRun, size int, yield func([]byte)) {
	key := size - 4
	var same []byte // the rows of one key
	for len(runs) > 0 {
		least := runs[0].rows[:key]
		for _, r := range runs[1:] {
			if bytes.Compare(r.rows[:key], least) < 0 {
				least = r.rows[:key]
			}
		}
		same = same[:0]
		for i := range runs {
			r := &runs[i]
			for len(r.rows) >= size && bytes.Equal(r.rows[:key], least) {
				number := binary.LittleEndian.Uint32(r.rows[key:])
				if r.remap != nil {
					number = r.remap(number)
				}
				if number != NoDoc || r.remap == nil {
					same = binary.LittleEndian.AppendUint32(append(same, least...), number)
				}
				r.rows = r.rows[size:]
			}
		}
		if len(same) > size {
			same = append(same[:0], sortRows(same, size)...)
		}
		if len(same) > 0 {
			yield(same)
		}
		runs = slices.DeleteFunc(runs, func(r rowRun) bool { return len(r.rows) < size })
	}
}
