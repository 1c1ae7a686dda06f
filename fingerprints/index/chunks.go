package index

import (
	"encoding/binary"
	"fmt"
	"io"
	"sort"
)

// ChunkRow is a file that holds a chunk.
type ChunkRow struct {
	File  uint32
	Group uint32 // files of one group are one document in several places and count once
}

// HasChunks tells whether the segment holds any chunks.
func (s *Segment) HasChunks() bool { return len(s.sections[secChunks]) > 0 }

// AppendChunk appends the files that hold a chunk, at most that many.
func (s *Segment) AppendChunk(dst []ChunkRow, hash uint64, most int) []ChunkRow {
	rows := s.sections[secChunks]
	if !s.chunks.has(chunkKey(hash)) {
		return dst
	}
	n := len(rows) / chunkSize
	i := sort.Search(n, func(i int) bool { return binary.LittleEndian.Uint64(rows[chunkSize*i:]) >= hash })
	for ; i < n && most > 0; i, most = i+1, most-1 {
		row := rows[chunkSize*i : chunkSize*(i+1)]
		if binary.LittleEndian.Uint64(row) != hash {
			break
		}
		file := binary.LittleEndian.Uint32(row[8:])
		if s.kind == Baseline {
			dst = append(dst, ChunkRow{})
		} else if file < s.files {
			dst = append(dst, ChunkRow{file, binary.LittleEndian.Uint32(s.sections[secGroups][4*file:])})
		}
	}
	return dst
}

// AppendHasChunk appends the places of those hashes that AppendChunk may find: one in 87 of the others is among them. It is
// several times as fast as asking one by one: give some 64 to 1,024.
func (s *Segment) AppendHasChunk(dst []uint32, hashes []uint64) []uint32 {
	var keys [batchSize]uint64
	for base := 0; base < len(hashes); base += batchSize {
		batch := hashes[base:min(base+batchSize, len(hashes))]
		for i, h := range batch {
			keys[i] = chunkKey(h)
		}
		dst = s.chunks.appendHas(dst, keys[:len(batch)], uint32(base))
	}
	return dst
}

// chunkKey is what the filter knows a chunk by, whose hash has 64 bits.
func chunkKey(hash uint64) uint64 { return hash >> (64 - hashBits) }

func (d *Draft) writeChunks(w *segmentWriter, _ *relations) error {
	if len(d.chunks) == 0 {
		return nil
	}
	col, err := w.add(secChunks)
	if err != nil {
		return err
	}
	n := uint64(0)
	err = merge(w.ctx, d.chunks, func(hash uint64, files []place) error {
		n++
		for _, f := range files {
			col.u64(hash)
			col.u32(f.doc)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write chunks: %w", err)
	}
	if err := writeChunkFilter(w, col, n); err != nil {
		return fmt.Errorf("write chunks: %w", err)
	}
	if d.Kind == Baseline || n == 0 {
		return nil
	}
	if col, err = w.add(secGroups); err != nil {
		return err
	}
	for i := range d.fileCount() {
		group := uint32(0)
		if i < len(d.Groups) {
			group = d.Groups[i]
		}
		col.u32(group)
	}
	return nil
}

// writeChunkFilter writes the filter of n chunks, which it reads back.
func writeChunkFilter(w *segmentWriter, rows *column, n uint64) error {
	to, err := w.add(secChunkFilter)
	if err != nil {
		return err
	}
	r, err := rows.reader()
	if err != nil {
		return err
	}
	f := newFilterWriter(to, n, filterBits)
	var row [chunkSize]byte
	for range rows.n / chunkSize {
		if _, err := io.ReadFull(r, row[:]); err != nil {
			return fmt.Errorf("read chunks back: %w", err)
		}
		f.add(chunkKey(binary.LittleEndian.Uint64(row[:])))
	}
	f.end()
	return nil
}

// joinChunks takes over the chunks of a segment, whose files are renumbered; NoDoc drops one. The segment's files are
// counted already.
func (d *Draft) joinChunks(s *Segment, remap []uint32) {
	rows := s.sections[secChunks]
	if len(rows) == 0 {
		return
	}
	if n := d.fileCount() - len(d.Groups); n > 0 {
		d.Groups = append(d.Groups, make([]uint32, n)...)
	}
	for i, to := range remap {
		if to != NoDoc {
			d.Groups[to] = binary.LittleEndian.Uint32(s.sections[secGroups][4*i:])
		}
	}
	d.chunks = append(d.chunks, &chunkSource{rows: rows, remap: remap})
}

// chunkSource yields the chunks of a segment, its files renumbered; NoDoc drops one.
type chunkSource struct {
	rows  []byte
	remap []uint32 // nil: a baseline, which has no files
	at    uint64
	file  uint32
}

func (c *chunkSource) next() bool {
	for len(c.rows) >= chunkSize {
		c.at, c.file = binary.LittleEndian.Uint64(c.rows), binary.LittleEndian.Uint32(c.rows[8:])
		c.rows = c.rows[chunkSize:]
		if c.remap == nil {
			return true
		}
		if int(c.file) < len(c.remap) {
			if c.file = c.remap[c.file]; c.file != NoDoc {
				return true
			}
		}
	}
	return false
}

func (c *chunkSource) hash() uint64 { return c.at }
func (c *chunkSource) appendPlaces(dst []place) []place {
	return append(dst, place{doc: c.file, from: c.file})
}
func (c *chunkSource) err() error { return nil }
