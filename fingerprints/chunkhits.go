package fingerprints

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"unmirror/fingerprints/chunk"
	"unmirror/fingerprints/index"
	"unmirror/fingerprints/match"
	"unmirror/fingerprints/open"
)

// sharedChunks is what one content has in common with one known file, in bytes.
type sharedChunks struct {
	group uint32
	own   chunkWeight // in this document alone
	all   chunkWeight // also what lies in another
}

type chunkWeight struct {
	bytes, largest int64
	packed         int64 // of bytes, those in fine chunks
	n              int
	bits           float64
}

func (w *chunkWeight) add(b []byte, entropy float64) {
	w.bytes += int64(len(b))
	w.largest = max(w.largest, int64(len(b)))
	w.n++
	w.bits += math.Min(8, entropy) * float64(len(b)) / chunkPrice
}

// chunkHits gathers the known chunks of one content, each once.
type chunkHits struct {
	*chunkReading
	snap  *index.Snapshot
	seen  map[uint64]struct{}
	files map[fileRef]*sharedChunks
	rows  []index.ChunkRow
	refs  []fileRef
	// written tells that nothing but fine chunks were looked for, in a text: what it says is no language.
	written bool
}

// newChunkHits is nil when nothing is registered that could be found.
func newChunkHits(s *secrets, snap *index.Snapshot, kind string) *chunkHits {
	if !chunk.Raw(kind) || !slices.ContainsFunc(snap.Known, (*index.Segment).HasChunks) {
		return nil
	}
	return &chunkHits{chunkReading: newChunkReading(s), snap: snap}
}

func (h *chunkHits) feed(b []byte) { h.cutter.Feed(b, h.see) }

func (h *chunkHits) end() { h.cutter.End(h.see) }

func (h *chunkHits) see(_ int64, b []byte) {
	if len(b) < chunk.Min || len(h.seen) >= maxChunkHits {
		return
	}
	h.look(h.hash(b), func(w *chunkWeight) { w.add(b, chunk.Entropy(b)) })
}

// look looks a chunk up by its hash, and adds it to what is shared with the files that hold it.
func (h *chunkHits) look(sum uint64, add func(*chunkWeight)) {
	h.rows, h.refs = h.rows[:0], h.refs[:0]
	for s, seg := range h.snap.Known {
		h.rows = seg.AppendChunk(h.rows, sum, maxChunkRows)
		for _, r := range h.rows[len(h.refs):] {
			h.refs = append(h.refs, fileRef{uint32(s), r.File})
		}
	}
	if len(h.rows) == 0 {
		return
	}
	if _, ok := h.seen[sum]; ok {
		return
	}
	if h.seen == nil {
		h.seen, h.files = map[uint64]struct{}{}, map[fileRef]*sharedChunks{}
	}
	h.seen[sum] = struct{}{}
	docs := h.documents()
	if docs > maxChunkDocs || h.public(sum) {
		return
	}
	for i, ref := range h.refs {
		f := h.files[ref]
		if f == nil {
			if len(h.files) >= maxChunkFiles {
				return
			}
			f = &sharedChunks{group: h.rows[i].Group}
			h.files[ref] = f
		}
		add(&f.all)
		if docs == 1 {
			add(&f.own)
		}
	}
}

// documents counts the unrelated documents that hold the chunk looked up, up to one more than may.
func (h *chunkHits) documents() int {
	var seen [maxChunkDocs + 1]uint32
	n := 0
	for _, r := range h.rows {
		if slices.Contains(seen[:n], r.Group) {
			continue
		}
		if seen[n] = r.Group; n == maxChunkDocs {
			return n + 1
		}
		n++
	}
	return n
}

func (h *chunkHits) public(sum uint64) bool {
	for _, seg := range h.snap.Baseline {
		if len(seg.AppendChunk(nil, sum, 1)) > 0 {
			return true
		}
	}
	return false
}

// chunkRoot reads the item once more when it is recognised by its chunks. Most items are not, and cost nothing here.
func (s *matchSink) chunkRoot(ctx context.Context, r io.ReaderAt) error {
	e := s.rootPart
	if e == nil {
		return nil
	}
	for _, seg := range s.snap.Known {
		if len(seg.Content(s.root)) > 0 {
			return nil
		}
	}
	sec := s.m.library.secrets
	h, packed := newChunkHits(sec, s.snap, e.part.Type), s.packedItem()
	written := !packed && s.mayBeWritten(r)
	packed = packed || written
	if h == nil && packed {
		h = newChunkHits(sec, s.snap, "binary")
	}
	if h == nil {
		return nil
	}
	e.chunks, h.written = h, written
	if packed {
		if err := h.seePacked(sec.cuts, r, s.rootBytes); err != nil {
			return err
		}
	}
	if !chunk.Raw(e.part.Type) {
		return nil
	}
	if _, err := io.Copy(writerFunc(h.feed), &cancelled{ctx, io.NewSectionReader(r, 0, s.rootBytes)}); err != nil {
		return err
	}
	h.end()
	return h.cutAnew(r, s.rootBytes)
}

const (
	// pieceMost is the size of an item, in bytes, up to which its beginning is cut from several places on; headMost what
	// counts as its beginning: by its end, cuts are known to agree.
	pieceMost, headMost = 128 << 10, 4 * chunk.Max
)

// cutAnew cuts the beginning of a small item from several places on. Where a piece begins, its first cuts are not those of
// the whole, and it may take some of them until they are; of a small piece, that would be half of it.
func (h *chunkHits) cutAnew(r io.ReaderAt, size int64) error {
	if size > pieceMost || size <= chunk.Min {
		return nil
	}
	head := make([]byte, min(size, headMost))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read again: %w", err)
	}
	for from := chunk.Min; from < min(len(head), chunk.Max); from += chunk.Min {
		h.cutter.Feed(head[from:], h.see)
		h.end()
	}
	return nil
}

type writerFunc func([]byte)

func (f writerFunc) Write(p []byte) (int, error) { f(p); return len(p), nil }

// enough tells whether what is shared can accuse: two chunks or a large one, and a good part of the file, a good deal,
// or a good part of the item, which has that many bytes. Where the rest of a file are fonts and the like, one page of it
// is a chunk, and most of what there is.
func (w chunkWeight) enough(f index.File, item int64) bool {
	if w.packed >= packedEnough {
		return true
	}
	page := f.Type == "pdf" && 2*w.bytes >= f.Chunked
	if w.n == 0 || w.n < 2 && w.largest < largeChunk && !page {
		return false
	}
	piece := float64(w.bytes) >= pieceShare*float64(item) && float64(w.bytes) >= pieceOf*float64(f.Bytes)
	return page || piece || w.bytes >= manyChunked || float64(w.bytes) >= chunkShare*float64(f.Bytes)
}

// readable tells whether a part was opened and read, so that its text and its members say what it is, and what they do
// not say is a picture or a font that came along.
func (e *partMatch) readable(texts []*textMatch) bool {
	if e.failed {
		return false
	}
	switch e.part.Type {
	case "7z", "rar":
		return true
	}
	for _, t := range texts {
		if e.part.Type == "binary" && t == e.texts[open.BinaryText] {
			continue // it says nothing of the bytes around it
		}
		if n := t.stream.Len(); n >= wordsEnough || n >= minText && 2048*n >= e.size {
			return true
		}
	}
	return false
}

// drawn tells that a part and a known file are images that are known by their pages, and share a piece of each other only.
// Two people's pages of one form that the same program drew and stored begin with the same bytes, up to what is
// somebody's own: only the pages tell them apart. What is cut out of a copy, or put into another file, shares most of the smaller one.
func (e *partMatch) drawn(f index.File, shared int64) bool {
	switch e.part.Type {
	case "pdf", "jpeg", "png", "gif", "tiff", "bmp", "webp", "jp2":
		return !e.failed && f.Pages > 0 && float64(shared+chunk.Max) < drawnShare*float64(min(e.size, f.Bytes))
	}
	return false
}

// chunked is a known file with what a part shares of it.
type chunked struct {
	knownFile
	shared *sharedChunks
	bits   float64
}

// chunks adds the known files of which the part holds chunks, unless they are told with enough weight already.
func (r *ranking) chunks(e *partMatch, texts []*textMatch, told []ranked, most int) {
	if e.chunks == nil || len(e.chunks.files) == 0 {
		return
	}
	limit := float64(maxExact)
	if !e.chunks.written && e.readable(texts) {
		limit = templateBits * r.m.noticeBits
	}
	groups := map[uint32]bool{}
	for _, c := range r.chunkCandidates(e, limit) {
		m := r.describe(c.knownFile, match.Chunks, e.part.Path)
		strong := slices.ContainsFunc(told, func(t ranked) bool { return t.FileID == m.FileID && t.Bits >= min(c.bits, r.m.noticeBits) })
		if most <= 0 || groups[c.shared.group] {
			continue
		}
		groups[c.shared.group] = true
		if strong {
			continue
		}
		m.Bits, m.Passages = c.bits, c.shared.all.n
		m.Coverage = math.Min(1, float64(c.shared.all.bytes)/float64(max(1, c.file.Bytes)))
		r.matches = append(r.matches, ranked{m, c.ref(), levelChunks})
		most--
	}
}

// chunkCandidates weighs the files that share most, the likeliest first.
func (r *ranking) chunkCandidates(e *partMatch, limit float64) []chunked {
	refs := make([]fileRef, 0, len(e.chunks.files))
	for ref := range e.chunks.files {
		refs = append(refs, ref)
	}
	slices.SortFunc(refs, func(a, b fileRef) int {
		return cmp.Or(cmp.Compare(e.chunks.files[b].all.bytes, e.chunks.files[a].all.bytes), cmp.Compare(a.seg, b.seg), cmp.Compare(a.file, b.file))
	})
	var files []knownFile
	for _, ref := range refs[:min(len(refs), 2*maxCandidates)] {
		if f, ok := r.file(ref.seg, ref.file); ok {
			files = append(files, f)
		}
	}
	r.prefer(e, files)
	var out []chunked
	for _, f := range files {
		c, limit := chunked{knownFile: f, shared: e.chunks.files[fileRef{f.seg, f.at}]}, limit
		if e.drawn(f.file, c.shared.all.bytes) {
			limit = min(limit, templateBits*r.m.noticeBits)
		}
		switch {
		case c.shared.own.enough(f.file, e.size):
			c.bits = math.Min(limit, c.shared.all.bits)
		case c.shared.all.enough(f.file, e.size):
			c.bits = math.Min(min(limit, templateBits*r.m.noticeBits), c.shared.all.bits)
		}
		if c.bits >= weakBits {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b chunked) int {
		return cmp.Or(cmp.Compare(b.bits, a.bits), cmp.Compare(b.shared.all.bytes*max(1, a.file.Bytes), a.shared.all.bytes*max(1, b.file.Bytes)))
	})
	return out
}
