package index

import (
	"bytes"
	"cmp"
	"context"
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
	// Traces has what is compared with texts that may be documents' in part; DocTraces names each document's.
	Traces    *TraceSpool
	DocTraces []TraceRef
	Content   []ContentRow
	Texts     []Digest // of a baseline, which has no documents
	Guard     []GuardSet
	Groups    []uint32       // of each file, what it counts as when it is asked in how many documents a chunk lies
	Records   []Record       // rows of tables
	Tables    []TableRecords // more of them, numbered after these
	Cells     []uint64       // lone cells of the first leak's records, of 60 bits; only lossy prefixes of them are kept
	// CellPrefixes are more of the first leak's lone cells, as CellPrefix has them: ascending, each once.
	CellPrefixes []uint32
	// NumberSizes has a bit for each size of plain numbers among the records' cells; none: they may have any. What a size is,
	// is up to who asks.
	NumberSizes uint64
	Numbers     []TableNumbers
	Digests     []ContentRow // keyed digests under which files are published, several a file
	Listing     []ListingRow
	// Pages has images of pages; PageFiles is each one's file, NoDoc drops it. Of a baseline they are all 0.
	Pages     *PageSpool
	PageFiles []uint32

	passages, chunks, pairs []source
	guard, numbers          []byte // encoded sets carried over from other segments
	cells                   []cellSet
	sizes                   uint64 // NumberSizes of other segments
	carried                 []*carried
	carriedPages            []*carriedPages
}

// FromSorter takes the passages of a PassageSorter, whose documents remap renumbers; NoDoc drops one.
func (d *Draft) FromSorter(s *Sorter, remap []uint32) error {
	if s.veil == nil {
		return fmt.Errorf("take passages: the sorter does not veil them")
	}
	sources, err := s.sources(renumber(remap), dropMask)
	if err != nil {
		return err
	}
	d.passages = sources
	return nil
}

// ChunksFromSorter takes the chunks of a sorter, whose documents remap renumbers to files; NoDoc drops one.
func (d *Draft) ChunksFromSorter(s *Sorter, remap []uint32) error {
	sources, err := s.sources(renumber(remap), 0)
	if err != nil {
		return err
	}
	d.chunks = sources
	return nil
}

// segmentWriter gathers the sections of one segment.
type segmentWriter struct {
	ctx   context.Context // ends the writing early
	dir   string
	seal  Sealer
	cols  []*column
	temps []*column
	head  header
}

func (w *segmentWriter) add(id section) (*column, error) {
	c, err := newColumn(w.dir, id)
	if err != nil {
		return nil, err
	}
	w.cols = append(w.cols, c)
	return c, nil
}

// temporary is a column that is no section.
func (w *segmentWriter) temporary() (*column, error) {
	c, err := newColumn(w.dir, 0)
	if err != nil {
		return nil, err
	}
	w.temps = append(w.temps, c)
	return c, nil
}

func (w *segmentWriter) close() {
	for _, c := range append(w.cols, w.temps...) {
		c.f.Close()
	}
}

// write makes the segment file, synced and under its final name, but in no manifest yet.
func write(dir string, seal Sealer, d *Draft) (segmentRef, error) {
	w, err := prepare(context.Background(), dir, seal, d)
	if err != nil {
		return segmentRef{}, err
	}
	defer w.close()
	return w.finish()
}

// prepare writes the sections of a segment to unlinked files. The caller closes what it returns.
func prepare(ctx context.Context, dir string, seal Sealer, d *Draft) (*segmentWriter, error) {
	w := &segmentWriter{ctx: ctx, dir: dir, seal: seal}
	rel := newRelations(len(d.Docs))
	for _, step := range []func(*segmentWriter, *relations) error{
		d.writePassages, d.writeDocs, d.writeFiles, d.writeDigests, d.writeMeta, d.writeChunks,
		d.writeRecords, d.writeCells, d.writeNumbers, d.writeHolders, d.writeTraces, d.writePages,
	} {
		if err := step(w, rel); err != nil {
			w.close()
			return nil, err
		}
	}
	w.head.kind, w.head.docs, w.head.files = d.Kind, uint32(len(d.Docs)), uint32(d.fileCount())
	return w, nil
}

func (d *Draft) writePassages(w *segmentWriter, rel *relations) error {
	if len(d.Docs) > maxDocs {
		return fmt.Errorf("a segment holds at most %d documents: register the leak in parts", maxDocs)
	}
	v, err := newInverter(w, passageSections, w.seal.veil)
	if err != nil {
		return err
	}
	for i := range d.Docs {
		d.Docs[i].Passages = 0
	}
	var docs, values []uint32
	err = merge(w.ctx, d.passages, func(hash uint64, at []place) error {
		docs, values = docs[:0], values[:0]
		if d.Kind == Known {
			for _, p := range at {
				d.Docs[p.doc].Passages++
				docs, values = append(docs, p.doc), append(values, docValue(p))
			}
			rel.see(docs)
		}
		return v.add(hash, values)
	})
	if err == nil {
		err = v.end(w, d.Kind == Known)
	}
	if err != nil {
		return fmt.Errorf("write passages: %w", err)
	}
	w.head.passages = v.n
	return nil
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
		doc, files := &d.Docs[i], d.DocFiles[i]
		if len(files) == 1 && files[0] < listFlag {
			doc.files = files[0]
		} else {
			doc.files = listFlag | at
			at += 1 + uint32(len(files))
			docFiles.u32(uint32(len(files)))
			for _, f := range files {
				docFiles.u32(f)
			}
		}
		putDoc(row[:], doc)
		docs.bytes(row[:])
	}
	for _, p := range siblings {
		pairs.u64(p)
	}
	return nil
}

func (d *Draft) writeDigests(w *segmentWriter, _ *relations) error {
	var rows []byte
	for _, c := range d.Content {
		rows = append(rows, c.Digest[:]...)
		rows = binary.LittleEndian.AppendUint32(rows, c.File)
	}
	if err := d.writeRows(w, secContent, rowSize, rows); err != nil {
		return err
	}
	texts, err := w.add(secTexts)
	if err != nil {
		return err
	}
	if d.Kind == Known {
		for _, doc := range d.byText() {
			texts.u32(doc)
		}
		return nil
	}
	rows = nil
	for _, t := range d.Texts {
		rows = append(rows, t[:]...)
		rows = binary.LittleEndian.AppendUint32(rows, NoDoc)
	}
	texts.bytes(sortRows(rows, rowSize))
	return nil
}

// byText are the numbers of the documents, sorted by the digests of their texts.
func (d *Draft) byText() []uint32 {
	order := make([]uint32, len(d.Docs))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int {
		return cmp.Or(bytes.Compare(d.Docs[a].Text[:], d.Docs[b].Text[:]), cmp.Compare(a, b))
	})
	return order
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

// finish joins the sections into one file beside its final name, syncs and renames it.
func (w *segmentWriter) finish() (ref segmentRef, err error) {
	h := &w.head
	cols, err := w.aligned()
	if err != nil {
		return ref, err
	}
	at := uint64(headerSize + entrySize*len(cols))
	for _, c := range cols {
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
	for _, c := range cols {
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
