package fingerprints

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"io"

	"unmirror/fingerprints/chunk"
	"unmirror/fingerprints/index"
)

// What shared chunks must come to. A chunk is exact, so that chance plays no part; what is guarded against is material
// that lies in unrelated files.
const (
	// minEntropy is from how many bits a byte a chunk is registered: compressed content has more than 7.4, base64 and
	// machine code mostly less than this, text and tables much less.
	minEntropy = 6.5
	// chunkPrice is how many bits of content make one bit of weight: what is embedded comes in large pieces, of which
	// each bit tells little.
	chunkPrice = 16
	// maxChunkDocs is in how many documents a chunk may lie. What lies in two can only lift to a weak match.
	maxChunkDocs = 2
	// largeChunk is the length from which one chunk alone suffices, in bytes.
	largeChunk = 2 << 10
	// chunkShare is the part of the known file, and manyChunked the bytes, of which one must be shared.
	chunkShare  = 0.1
	manyChunked = 16 << 10
	// pieceShare is the part of an item, and pieceOf that of the known file, that a piece of it must have in common: who
	// puts a tenth of a file online puts little else there.
	pieceShare = 0.25
	pieceOf    = 0.01
	// drawnShare is the part of the smaller of two images from which shared bytes say that one is a piece of the other.
	drawnShare = 0.8
	// maxChunkRows bounds the known files looked at for one chunk, maxChunkFiles those followed for one part.
	maxChunkRows  = 64
	maxChunkFiles = 1 << 12
	maxChunkHits  = 1 << 18
)

// chunkReading cuts one content and hashes its chunks.
type chunkReading struct {
	cutter *chunk.Cutter
	mac    hash.Hash
	sum    [sha256.Size]byte
}

func newChunkReading(s *secrets) *chunkReading {
	return &chunkReading{cutter: chunk.NewCutter(s.cuts), mac: hmac.New(sha256.New, s.chunk)}
}

func (c *chunkReading) hash(b []byte) uint64 {
	c.mac.Reset()
	c.mac.Write(b)
	return binary.LittleEndian.Uint64(c.mac.Sum(c.sum[:0]))
}

// chunkExtract registers the chunks of one content.
type chunkExtract struct {
	*chunkReading
	material *chunk.Material // nil: of a baseline, all of it
	own      chunkDraft
	pictures chunkDraft // of a document
	pairs    []index.Pair
}

// chunkDraft is the number that chunks carry until files are numbered, and their bytes.
type chunkDraft struct {
	n     uint32
	bytes int64
}

func (x *extraction) newChunks(kind string) *chunkExtract {
	c := &chunkExtract{chunkReading: newChunkReading(x.secrets), own: chunkDraft{n: x.chunked.Add(2) - 2}}
	c.pictures.n = c.own.n + 1
	if !x.baseline {
		c.material = chunk.NewMaterial(kind)
	}
	return c
}

func (c *chunkExtract) see(at int64, b []byte) {
	d := &c.own
	if c.material != nil {
		worth := c.material.Worth(at, b)
		if worth == chunk.Nothing || chunk.Entropy(chunk.Solid(b)) < minEntropy {
			return
		}
		if worth == chunk.Picture {
			d = &c.pictures
		}
	}
	if len(b) < chunk.Min {
		return
	}
	d.bytes += int64(len(b))
	c.pairs = append(c.pairs, index.Pair{Hash: c.hash(b), Doc: d.n})
}

func (c *chunkExtract) feed(b []byte, to *index.Sorter) error {
	c.cutter.Feed(b, c.see)
	if len(c.pairs) < pairBuffer {
		return nil
	}
	return c.flush(to)
}

func (c *chunkExtract) end(to *index.Sorter) error {
	c.cutter.End(c.see)
	err := c.flush(to)
	c.chunkReading, c.material, c.pairs = nil, nil, nil // what stays of a hundred thousand members must be small
	return err
}

func (c *chunkExtract) flush(to *index.Sorter) error {
	err := to.Add(c.pairs)
	c.pairs = c.pairs[:0]
	return err
}

// chunkRoot registers the chunks of a file that was opened, when it is recognised by them.
func (x *extraction) chunkRoot(r io.Reader, root *knownPart) error {
	if !chunk.Raw(root.kind) {
		return nil
	}
	c := x.newChunks(root.kind)
	buf := make([]byte, pieceBytes)
	for {
		n, err := r.Read(buf)
		if e := c.feed(buf[:n], x.chunks); e != nil {
			return e
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("read again: %w", err)
		}
	}
	root.chunks = c
	return c.end(x.chunks)
}

// wordsEnough is the length of canonical text, in bytes, from which a document is told by its words.
const wordsEnough = 500

// counted renumbers what counts of a part's chunks to its file, and returns their bytes: of a document with words of its
// own its pages, and not its pictures, which may be its letterhead.
func (p *knownPart) counted(remap []uint32, file uint32) (bytes int64) {
	if p.chunks == nil {
		return 0
	}
	remap[p.chunks.own.n], bytes = file, p.chunks.own.bytes
	if len(p.texts) == 0 || p.texts[0].length < wordsEnough {
		remap[p.chunks.pictures.n] = file
		bytes += p.chunks.pictures.bytes
	}
	return bytes
}
