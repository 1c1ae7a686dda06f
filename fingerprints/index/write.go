package index

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// ContentRow ties the keyed digest of bytes to a file.
type ContentRow struct {
	Digest Digest
	File   uint32
}

// Draft is what becomes a segment.
type Draft struct {
	Kind     Kind
	Leaks    []Leak
	Files    []File
	Docs     []Doc      // Group and Passages are settled by Write
	DocFiles [][]uint32 // the files of each document
	Content  []ContentRow
	Texts    []Digest // of a baseline, which has no documents
	Guard    []GuardSet
	Groups   []uint32 // of each file, what it counts as when it is asked in how many documents a chunk lies
	chunks   []source
	guard    []byte // encoded sets carried over from other segments
	passages []source
	expect   int64 // how many passages, at most
}

// FromSorter takes the passages of a sorter, whose documents remap renumbers; NoDoc drops one.
func (d *Draft) FromSorter(s *Sorter, remap []uint32) error {
	sources, err := s.sources(remap)
	if err != nil {
		return err
	}
	d.passages, d.expect = sources, s.total
	return nil
}

// ChunksFromSorter takes the chunks of a sorter, whose documents remap renumbers to files; NoDoc drops one.
func (d *Draft) ChunksFromSorter(s *Sorter, remap []uint32) error {
	sources, err := s.sources(remap)
	if err != nil {
		return err
	}
	d.chunks = sources
	return nil
}

// segmentWriter gathers the sections of one segment.
type segmentWriter struct {
	dir  string
	seal Sealer
	cols []*column
}

func (w *segmentWriter) add(id section) (*column, error) {
	c, err := newColumn(w.dir, id)
	if err != nil {
		return nil, err
	}
	w.cols = append(w.cols, c)
	return c, nil
}

func (w *segmentWriter) close() {
	for _, c := range w.cols {
		c.f.Close()
	}
}

// write makes the segment file, synced and under its final name, but in no manifest yet.
func write(dir string, seal Sealer, d *Draft) (segmentRef, error) {
	w := &segmentWriter{dir: dir, seal: seal}
	defer w.close()
	cols, err := newColumns(dir, d.Kind == Known, d.expect, w.add)
	if err != nil {
		return segmentRef{}, err
	}
	rel := newRelations(len(d.Docs))
	for i := range d.Docs {
		d.Docs[i].Passages = 0
	}
	err = merge(d.passages, func(hash uint64, docs []uint32) error {
		if d.Kind == Known {
			for _, doc := range docs {
				d.Docs[doc].Passages++
			}
			rel.see(docs)
		}
		return cols.add(hash, docs)
	})
	if err == nil {
		err = cols.end()
	}
	if err != nil {
		return segmentRef{}, fmt.Errorf("write passages: %w", err)
	}
	for _, step := range []func(*segmentWriter, *relations) error{d.writeDocs, d.writeFiles, d.writeDigests, d.writeMeta, d.writeChunks} {
		if err := step(w, rel); err != nil {
			return segmentRef{}, err
		}
	}
	h := &header{
		kind: d.Kind, passages: cols.n, docs: uint32(len(d.Docs)), files: uint32(len(d.Files)),
		bucketBits: cols.bucketBits, filterBits: cols.filterBits,
	}
	return w.finish(h)
}

func (d *Draft) writeDocs(w *segmentWriter, rel *relations) error {
	docs, err := w.add(secDocs)
	if err != nil {
		return err
	}
	docFiles, err := w.add(secDocFiles)
	if err != nil {
		return err
	}
	pairs, err := w.add(secSiblings)
	if err != nil {
		return err
	}
	siblings := rel.settle(d.Docs)
	at := uint32(0)
	var row [docSize]byte
	for i := range d.Docs {
		doc := &d.Docs[i]
		doc.files, doc.nfiles = at, uint32(len(d.DocFiles[i]))
		at += doc.nfiles
		putDoc(row[:], doc)
		docs.bytes(row[:])
		for _, f := range d.DocFiles[i] {
			docFiles.u32(f)
		}
	}
	for _, p := range siblings {
		pairs.u64(p)
	}
	return nil
}

func (d *Draft) writeFiles(w *segmentWriter, _ *relations) error {
	files, err := w.add(secFiles)
	if err != nil {
		return err
	}
	fileAt, err := w.add(secFileAt)
	if err != nil {
		return err
	}
	ids, err := w.add(secFileIDs)
	if err != nil {
		return err
	}
	rows := make([]byte, 0, idRowSize*len(d.Files))
	for i := range d.Files {
		f := &d.Files[i]
		plain, err := json.Marshal(f)
		if err != nil {
			return fmt.Errorf("encode a file: %w", err)
		}
		fileAt.u64(files.n)
		files.bytes(w.seal.seal("index.file", plain))
		rows = append(rows, f.ID[:]...)
		rows = binary.LittleEndian.AppendUint32(rows, uint32(i))
	}
	fileAt.u64(files.n)
	ids.bytes(sortRows(rows, idRowSize))
	return nil
}

func (d *Draft) writeDigests(w *segmentWriter, _ *relations) error {
	content, err := w.add(secContent)
	if err != nil {
		return err
	}
	texts, err := w.add(secTexts)
	if err != nil {
		return err
	}
	var rows []byte
	for _, c := range d.Content {
		rows = append(rows, c.Digest[:]...)
		rows = binary.LittleEndian.AppendUint32(rows, c.File)
	}
	content.bytes(sortRows(rows, rowSize))
	rows = nil
	for i := range d.Docs {
		rows = append(rows, d.Docs[i].Text[:]...)
		rows = binary.LittleEndian.AppendUint32(rows, uint32(i))
	}
	for _, t := range d.Texts {
		rows = append(rows, t[:]...)
		rows = binary.LittleEndian.AppendUint32(rows, NoDoc)
	}
	texts.bytes(sortRows(rows, rowSize))
	return nil
}

func (d *Draft) writeMeta(w *segmentWriter, _ *relations) error {
	meta, err := w.add(secMeta)
	if err != nil {
		return err
	}
	guard, err := w.add(secGuard)
	if err != nil {
		return err
	}
	for i := range d.Leaks {
		d.Leaks[i].Passages = 0
	}
	for i := range d.Docs {
		d.Leaks[d.Docs[i].Leak].Passages += int(d.Docs[i].Passages)
	}
	plain, err := json.Marshal(d.Leaks)
	if err != nil {
		return fmt.Errorf("encode the leaks: %w", err)
	}
	meta.bytes(w.seal.seal("index.leaks", plain))
	guard.bytes(d.guard)
	for i := range d.Guard {
		b, err := encodeGuard(&d.Guard[i])
		if err != nil {
			return err
		}
		guard.bytes(b)
	}
	return nil
}

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

// finish joins the sections into one file beside its final name, syncs and renames it.
func (w *segmentWriter) finish(h *header) (ref segmentRef, err error) {
	at := uint64(headerSize + entrySize*len(w.cols))
	for _, c := range w.cols {
		h.entries = append(h.entries, entry{c.id, c.crc, at, c.n})
		at += c.n
	}
	var tail [6]byte
	rand.Read(tail[:])
	ref = segmentRef{Name: "seg-" + hex.EncodeToString(tail[:]) + ".seg", Bytes: int64(at), Kind: h.kind, Passages: int64(h.passages)}
	path := filepath.Join(w.dir, ref.Name)
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return ref, fmt.Errorf("create segment: %w", err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if _, err := f.Write(h.encode()); err != nil {
		return ref, fmt.Errorf("write segment: %w", err)
	}
	for _, c := range w.cols {
		if err := c.copyTo(f); err != nil {
			return ref, err
		}
	}
	if err := f.Sync(); err != nil {
		return ref, fmt.Errorf("sync segment: %w", err)
	}
	if err := f.Close(); err != nil {
		return ref, fmt.Errorf("close segment: %w", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return ref, fmt.Errorf("name segment: %w", err)
	}
	return ref, syncDir(w.dir)
}
