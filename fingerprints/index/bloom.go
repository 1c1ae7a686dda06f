package index

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// A filter tells of nearly every hash that is not in a set that it is not. It is a blocked Bloom filter (Putze, Sanders
// and Singler, "Cache-, Hash- and Space-Efficient Bloom Filters", 2007): all bits of a hash lie in one block of 64 bytes,
// three in one of its first four words and three in one of its last four, so that a look-up reads one cache line, and
// look-ups of many hashes overlap in the processor. The leading bits of a hash tell its block, so that a filter is
// written from front to back while the hashes stream by in order.
const (
	blockBytes = 64
	// filterBits is the size of a filter for each hash: one in 250 hashes that are not there gets past it.
	filterBits = 14
)

// spread is an odd constant, 2^64 divided by the golden ratio: multiplying by it makes the leading bits depend on all.
const spread = 0x9e3779b97f4a7c15

// blocks returns how many blocks a filter of n hashes has.
func blocks(n uint64) uint64 { return (n*filterBits + 8*blockBytes - 1) / (8 * blockBytes) }

// block tells the block of a hash of 60 bits.
func block(hash, blocks uint64) uint64 {
	b, _ := bits.Mul64(hash<<(64-hashBits), blocks)
	return b
}

// probe tells which two words of its block a hash has bits in, as offsets in bytes, and those bits.
func probe(hash uint64) (a, b int, inA, inB uint64) {
	x := hash * spread
	a, b = int(x>>59&24), int(x>>57&24)+32
	inA = 1<<(x>>51&63) | 1<<(x>>45&63) | 1<<(x>>39&63)
	inB = 1<<(x>>33&63) | 1<<(x>>27&63) | 1<<(x>>21&63)
	return a, b, inA, inB
}

// filter is a filter as it is read; its bits lie in the mapped file.
type filter struct {
	bits   []byte
	blocks uint64
}

// openFilter checks a filter's size.
func openFilter(b []byte) (filter, error) {
	if len(b)%blockBytes != 0 {
		return filter{}, fmt.Errorf("filter is cut short")
	}
	return filter{b, uint64(len(b) / blockBytes)}, nil
}

// has tells whether the hash may be in the set.
func (f *filter) has(hash uint64) bool {
	if f.blocks == 0 {
		return false
	}
	at := blockBytes * int(block(hash, f.blocks))
	line := f.bits[at : at+blockBytes : at+blockBytes]
	a, b, inA, inB := probe(hash)
	return inA&^binary.LittleEndian.Uint64(line[a:])|inB&^binary.LittleEndian.Uint64(line[b:]) == 0
}

// appendHas appends the places of those hashes that may be in the set.
func (f *filter) appendHas(dst []uint32, hashes []uint64) []uint32 {
	if f.blocks == 0 {
		return dst
	}
	for i, hash := range hashes {
		at := blockBytes * int(block(hash, f.blocks))
		line := f.bits[at : at+blockBytes : at+blockBytes]
		a, b, inA, inB := probe(hash)
		if inA&^binary.LittleEndian.Uint64(line[a:])|inB&^binary.LittleEndian.Uint64(line[b:]) == 0 {
			dst = append(dst, uint32(i))
		}
	}
	return dst
}

// filterWriter writes the filter of hashes that come in ascending order.
type filterWriter struct {
	to     *column
	blocks uint64
	at     uint64
	line   [blockBytes]byte
}

func newFilterWriter(to *column, n uint64) *filterWriter {
	return &filterWriter{to: to, blocks: blocks(n)}
}

func (w *filterWriter) add(hash uint64) {
	for at := block(hash, w.blocks); w.at < at; {
		w.next()
	}
	a, b, inA, inB := probe(hash)
	binary.LittleEndian.PutUint64(w.line[a:], binary.LittleEndian.Uint64(w.line[a:])|inA)
	binary.LittleEndian.PutUint64(w.line[b:], binary.LittleEndian.Uint64(w.line[b:])|inB)
}

func (w *filterWriter) next() {
	w.to.bytes(w.line[:])
	w.line = [blockBytes]byte{}
	w.at++
}

func (w *filterWriter) end() {
	for w.at < w.blocks {
		w.next()
	}
}
