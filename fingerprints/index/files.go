package index

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
)

// fileBlock is how many files are packed and sealed together: alone, half of what is kept of a file of a few pages would
// be what sealing adds and what is the same in all.
const fileBlock = 32

func fileBlocks(files uint32) uint64 { return (uint64(files) + fileBlock - 1) / fileBlock }

// fileWriter writes the sealed records of files, and the table of their ids.
type fileWriter struct {
	seal         Sealer
	files, begin *column
	n            uint32
	block        []byte // one JSON a line
	ids          []byte
}

func (w *fileWriter) put(f *File) error {
	plain, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("encode a file: %w", err)
	}
	w.block = append(append(w.block, plain...), '\n')
	w.ids = append(w.ids, f.ID[:]...)
	w.ids = binary.LittleEndian.AppendUint32(w.ids, w.n)
	if w.n++; w.n%fileBlock == 0 {
		w.flush()
	}
	return nil
}

func (w *fileWriter) flush() {
	if len(w.block) > 0 {
		w.begin.u64(w.files.n)
		w.files.bytes(w.seal.seal("index.files", w.seal.pack(w.block)))
		w.block = w.block[:0]
	}
}

func (w *fileWriter) end() {
	w.flush()
	w.begin.u64(w.files.n)
}

func (d *Draft) writeFiles(w *segmentWriter, _ *relations) error {
	out := fileWriter{seal: w.seal, ids: make([]byte, 0, idRowSize*d.fileCount())}
	var ids *column
	for _, c := range []struct {
		to **column
		id section
	}{{&out.files, secFiles}, {&out.begin, secFileAt}, {&ids, secFileIDs}} {
		var err error
		if *c.to, err = w.add(c.id); err != nil {
			return err
		}
	}
	for i := range d.Files {
		if err := out.put(&d.Files[i]); err != nil {
			return err
		}
	}
	for _, c := range d.carried {
		if err := c.writeFiles(w, &out); err != nil {
			return err
		}
	}
	out.end()
	ids.bytes(sortRows(out.ids, idRowSize))
	return nil
}

// writeFiles writes the files that stay as the draft has them.
func (c *carried) writeFiles(w *segmentWriter, out *fileWriter) error {
	r := fileReader{s: c.s}
	for i, to := range c.files {
		if to == NoDoc {
			continue
		}
		if err := w.ctx.Err(); err != nil {
			return err
		}
		f, err := r.file(uint32(i))
		if err != nil {
			return fmt.Errorf("join segments: %w", err)
		}
		f.Leak = c.leaks[f.Leak]
		if f.Doc != NoDoc {
			f.Doc = renumber(c.docs)(f.Doc)
		}
		if f.Parent != NoParent {
			f.Parent = c.file(f.Parent)
		}
		if err := out.put(&f); err != nil {
			return err
		}
	}
	return nil
}

// fileReader opens files. Those of one block, one after the other, are unsealed once.
type fileReader struct {
	s     *Segment
	at    uint32 // number of the block, when there are lines
	lines [][]byte
}

func (r *fileReader) file(i uint32) (File, error) {
	var f File
	if i >= r.s.files {
		return f, fmt.Errorf("no file %d: %w", i, ErrCorrupt)
	}
	if r.lines == nil || r.at != i/fileBlock {
		if err := r.read(i / fileBlock); err != nil {
			return f, fmt.Errorf("file %d: %w", i, err)
		}
	}
	if i%fileBlock >= uint32(len(r.lines)) {
		return f, fmt.Errorf("file %d: %w", i, ErrCorrupt)
	}
	if err := json.Unmarshal(r.lines[i%fileBlock], &f); err != nil || int64(f.Leak) >= int64(len(r.s.leaks)) {
		return f, fmt.Errorf("file %d: %w", i, ErrCorrupt)
	}
	return f, nil
}

func (r *fileReader) read(block uint32) error {
	begin, sealed := r.s.sections[secFileAt], r.s.sections[secFiles]
	from, to := binary.LittleEndian.Uint64(begin[8*block:]), binary.LittleEndian.Uint64(begin[8*block+8:])
	if from > to || to > uint64(len(sealed)) {
		return ErrCorrupt
	}
	packed, err := r.s.seal.open("index.files", sealed[from:to])
	if err != nil {
		return err
	}
	plain, err := r.s.seal.unpack(packed)
	if err != nil {
		return fmt.Errorf("%w: %w", err, ErrCorrupt)
	}
	r.at, r.lines = block, bytes.Split(plain, []byte{'\n'})
	return nil
}

// File opens the sealed record of a file.
func (s *Segment) File(i uint32) (File, error) {
	r := fileReader{s: s}
	return r.file(i)
}

// FileByID finds a file by its opaque id.
func (s *Segment) FileByID(id FileID) (uint32, bool) {
	found := s.rows(secFileIDs, idRowSize, id[:])
	if len(found) == 0 || found[0] >= s.files {
		return 0, false
	}
	return found[0], true
}
