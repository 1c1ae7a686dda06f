package index

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"unsafe"
)

// A filter tells of nearly every hash that is not in a set that it is not. It is a blocked Bloom filter (Putze, Sanders
// and Singler, "Cache-, Hash- and Space-Efficient Bloom Filters", 2007) with blocks of one word, in which each hash has
// four bits: a look-up reads one word, and those of many hashes overlap in the processor, whose misses of the cache would
// cost ten times as much one after another. The leading bits of a hash tell its word, so that a filter is written from
// front to back while the hashes stream by in order.
const (
	wordBytes = 8
	// filterBits is the size of a filter for each hash: one in 87 hashes that are not there gets past it, and costs a
	// search then. More would cost as much in misses of the cache.
	filterBits = 12
	// cellBits is the size of the cells' filter for each cell: every word of an item is asked for, and each that gets past
	// is paired with its neighbours. One in 190 does.
	cellBits = 16
)

// spread is an odd constant, 2^64 divided by the golden ratio: multiplying by it makes the leading bits depend on all.
const spread = 0x9e3779b97f4a7c15

// leadOf is the leading bits of a hash.
func leadOf(hash uint64) uint32 { return uint32(hash >> (hashBits - 32)) }

// wordOf tells the word of a hash, by its leading bits. No filter has 2^32 words.
func wordOf(hash, words uint64) uint64 { return uint64(leadOf(hash)) * words >> 32 }

// bitsOf tells the bits of a hash in its word.
func bitsOf(hash uint64) uint64 {
	x := hash >> dropBits * spread
	return oneBit[x>>58&63] | 1<<(x>>52&63) | 1<<(x>>46&63) | 1<<(x>>40&63)
}

// oneBit is the powers of two: a shift by a number that is not known takes a register that loops have other use for.
var oneBit = func() (t [64]uint64) {
	for i := range t {
		t[i] = 1 << i
	}
	return t
}()

// filter is a filter as it is read; its words lie in the mapped file.
type filter struct{ words []uint64 }

// openFilter checks a filter's size.
func openFilter(b []byte) (filter, error) {
	if len(b)%wordBytes != 0 {
		return filter{}, fmt.Errorf("filter is cut short")
	}
	return filter{wordsIn(b)}, nil
}

// wordsIn is b as numbers: in place where this machine writes them as the file does and they are aligned, as they are in
// every file that was written here, and otherwise as a copy.
func wordsIn(b []byte) []uint64 {
	if len(b) == 0 {
		return nil
	}
	at := unsafe.Pointer(unsafe.SliceData(b))
	if uintptr(at)%unsafe.Alignof(uint64(0)) == 0 && binary.NativeEndian.Uint16([]byte{1, 0}) == 1 {
		return unsafe.Slice((*uint64)(at), len(b)/wordBytes)
	}
	words := make([]uint64, len(b)/wordBytes)
	for i := range words {
		words[i] = binary.LittleEndian.Uint64(b[wordBytes*i:])
	}
	return words
}

// has tells whether the hash may be in the set.
func (f *filter) has(hash uint64) bool {
	at := wordOf(hash, uint64(len(f.words)))
	return at < uint64(len(f.words)) && bitsOf(hash)&^f.words[at] == 0
}

// batchSize is how many look-ups are made at once.
const batchSize = 512

// batch is what is asked of a filter at once, or of several, one after the other. Where to look, and for what, is settled
// first, then all words are read, and nothing else is done between, so that as many reads as the processor can have wait
// for memory side by side.
type batch struct {
	n      int
	leads  [batchSize]uint32
	masks  [batchSize]uint64
	words  [batchSize]uint64
	passed [batchSize]uint32
}

// ask takes at most batchSize hashes.
func (b *batch) ask(hashes []uint64) {
	b.n = len(hashes)
	for i, hash := range hashes[:min(len(hashes), batchSize)] {
		b.leads[i], b.masks[i] = leadOf(hash), bitsOf(hash)
	}
}

// pass returns the places of those of the hashes that may be in the set of a filter, ascending; they are overwritten by
// the next call.
func (b *batch) pass(f filter) []uint32 {
	all, n := f.words, min(b.n, batchSize)
	if len(all) == 0 {
		return nil
	}
	words := uint64(len(all))
	for i := 0; i < n; i += 4 { // a place too many is read up to three times, and not looked at
		l, w := (*[4]uint32)(b.leads[i&(batchSize-4):]), (*[4]uint64)(b.words[i&(batchSize-4):])
		w[0] = all[uint64(l[0])*words>>32]
		w[1] = all[uint64(l[1])*words>>32]
		w[2] = all[uint64(l[2])*words>>32]
		w[3] = all[uint64(l[3])*words>>32]
	}
	// every place is written, and overwritten by the next one if it is none: a branch would be mispredicted for each that is
	count := 0
	for i := range b.masks[:n] {
		b.passed[count&(batchSize-1)] = uint32(i)
		_, none := bits.Sub64(b.masks[i]&^b.words[i], 1, 0)
		count += int(none)
	}
	return b.passed[:min(count, batchSize)]
}

// appendHas appends the places, plus base, of those of at most batchSize hashes that may be in the set.
func (f *filter) appendHas(dst []uint32, hashes []uint64, base uint32) []uint32 {
	var b batch
	b.ask(hashes)
	for _, at := range b.pass(*f) {
		dst = append(dst, base+at)
	}
	return dst
}

// filterMaker takes hashes and writes their filter at the end.
type filterMaker interface {
	add(hash uint64)
	end()
	close()
}

// filterWords is how many words a filter of n hashes has.
func filterWords(n, bits uint64) uint64 { return (n*bits + 63) / 64 }

// veiledFilter makes the sieve of hidden hashes, which lie in another order than it: so it is made in memory.
type veiledFilter struct {
	to     *column
	veil   *veil
	memory *memory
	sieve  sieve
}

func (f *veiledFilter) add(hidden uint64) { f.sieve.add(f.veil.show(hidden)) }
func (f *veiledFilter) end()              { f.veil.write(f.to, f.memory.words) }
func (f *veiledFilter) close()            { _ = f.memory.free() } // nothing is lost if it stays

// filterWriter writes the filter of hashes that come in ascending order.
type filterWriter struct {
	to              *column
	words, at, word uint64
}

func newFilterWriter(to *column, n, bits uint64) *filterWriter {
	return &filterWriter{to: to, words: filterWords(n, bits)}
}

func (w *filterWriter) add(hash uint64) {
	for at := wordOf(hash, w.words); w.at < at; {
		w.next()
	}
	w.word |= bitsOf(hash)
}

func (w *filterWriter) next() {
	w.to.u64(w.word)
	w.word = 0
	w.at++
}

func (w *filterWriter) end() {
	for w.at < w.words {
		w.next()
	}
}

func (w *filterWriter) close() {}
