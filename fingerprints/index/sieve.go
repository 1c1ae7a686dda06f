package index

import (
	"math/bits"
	"runtime"
	"slices"
	"sync"

	"unmirror/fingerprints/winnow"
)

// A sieve is the filter of passages: two filters of the same hashes. Nearly all look-ups end in the first, which is small,
// so that only that one has to lie in the caches of the processor, which at ten million passages decides how fast a text is
// read. One in thirteen of the hashes that are not there gets past it and is asked of the second, whose words and bits are
// told by other bits of the hash; one in 300 gets past both, and costs a search then. Both are blocked Bloom filters with
// blocks of one word, in which each hash has three bits.
//
// Their order is that of the hashes as look-ups give them. So the hashes of small segments can be added to the sieve of a
// great one when it is opened, and one look-up tells of all of them.
type sieve struct{ first, second []uint64 }

// A sieve's size for each hash: so many bits in the first filter and in the second.
const (
	firstBitsEach  = 6
	secondBitsEach = 8
)

// sieveWords is how many words a sieve of n hashes has, both filters together.
func sieveWords(n uint64) uint64 { return (firstBitsEach + secondBitsEach) * filterWords(n, 1) }

func openSieve(words []uint64) sieve {
	first := len(words) / (firstBitsEach + secondBitsEach) * firstBitsEach
	return sieve{words[:first:first], words[first:]}
}

// threeBits are numbers with three bits each: one read tells more than three shifts, and sooner.
// They are part of the format.
var threeBits = func() (t [1024]uint64) {
	x := uint64(0)
	for i := range t {
		for bits.OnesCount64(t[i]) < 3 {
			x += spread
			t[i] |= 1 << ((x ^ x>>29) * spread >> 58)
		}
	}
	return t
}()

func firstBits(hash uint64) uint64 { return threeBits[hash>>dropBits&1023] }

// secondWord and secondBits tell of a hash in the second filter what wordOf and firstBits do in the first.
func secondWord(hash, words uint64) uint64 { return uint64(uint32(hash>>dropBits)) * words >> 32 }
func secondBits(hash uint64) uint64        { return threeBits[hash>>(hashBits-12)&1023] }

func (s *sieve) add(hash uint64) {
	s.first[wordOf(hash, uint64(len(s.first)))] |= firstBits(hash)
	s.second[secondWord(hash, uint64(len(s.second)))] |= secondBits(hash)
}

// has tells whether the hash may be in the set.
func (s *sieve) has(hash uint64) bool {
	at, then := wordOf(hash, uint64(len(s.first))), secondWord(hash, uint64(len(s.second)))
	return at < uint64(len(s.first)) && then < uint64(len(s.second)) && firstBits(hash)&^s.first[at] == 0 && secondBits(hash)&^s.second[then] == 0
}

// batchMask keeps numbers inside of a batch.
const batchMask = batchSize - 1

// Room is what look-ups need besides what they give, and what waits to be searched for. It is of one text at a time.
type Room struct {
	words   [batchSize]uint64
	passed  [batchSize]uint32
	halfway []waiting // got past the first half of the first sieve
	waiting []waiting
	search  [searchSize]searched
}

// waiting is a print that may be known to the segments that share a sieve.
type waiting struct {
	winnow.Print
	sharing int
}

// pass adds those of at most batchSize prints that may be in the set to what waits. All words of a half are read first,
// and nothing else is done between, so that as many reads as the processor can have wait for memory side by side. Nor is
// there a branch on what is found: it would be mispredicted each time that it is.
func (r *Room) pass(s *sieve, prints []winnow.Print, sharing int) {
	if len(s.first) == 0 {
		return
	}
	prints = prints[:min(len(prints), batchSize)]
	if winnow.Vectors() {
		r.readFirst(s, prints)
	} else {
		r.waitFirst(s, prints)
	}
	passed := r.passed[:min(r.sift(prints), batchSize)]
	words := uint64(len(s.second))
	for i, at := range passed {
		r.words[i&batchMask] = s.second[secondWord(prints[at].Hash, words)]
	}
	n := len(r.waiting)
	r.waiting = slices.Grow(r.waiting, len(passed)+1)
	all := r.waiting[:n+len(passed)+1]
	for i, at := range passed {
		all[n] = waiting{prints[at], sharing}
		_, none := bits.Sub64(secondBits(prints[at].Hash)&^r.words[i&batchMask], 1, 0)
		n += int(none)
	}
	r.waiting = all[:n]
}

// sift settles which of at most batchSize prints have all bits in the words that were read, and returns how many. Four at a
// time take two thirds of what they do one by one.
func (r *Room) sift(prints []winnow.Print) int {
	count, i := uint64(0), 0
	for ; i+4 <= len(prints); i += 4 {
		w, p := (*[4]uint64)(r.words[i&(batchSize-4):]), (*[4]winnow.Print)(prints[i:])
		r.passed[count&batchMask] = uint32(i)
		count += none(firstBits(p[0].Hash) &^ w[0])
		r.passed[count&batchMask] = uint32(i + 1)
		count += none(firstBits(p[1].Hash) &^ w[1])
		r.passed[count&batchMask] = uint32(i + 2)
		count += none(firstBits(p[2].Hash) &^ w[2])
		r.passed[count&batchMask] = uint32(i + 3)
		count += none(firstBits(p[3].Hash) &^ w[3])
	}
	for ; i < len(prints); i++ {
		r.passed[count&batchMask] = uint32(i)
		count += none(firstBits(prints[i].Hash) &^ r.words[i&batchMask])
	}
	return int(count)
}

// none is 1 if no bit is set, and 0 otherwise.
func none(missing uint64) uint64 {
	_, borrow := bits.Sub64(missing, 1, 0)
	return borrow
}

// add adds those prints that got past the first half of the first sieve to what is halfway, and has the words of the second
// half fetched.
func (r *Room) add(s *sieve, prints []winnow.Print, passed []uint32) {
	n := len(r.halfway)
	r.halfway = slices.Grow(r.halfway, len(passed))[:n+len(passed)]
	for i, at := range passed {
		r.halfway[n+i].Print = prints[at]
	}
	s.fetch(r.halfway[n:])
}

// settle asks the second half of the first sieve, whose words are there by now.
func (r *Room) settle(s *sieve) {
	n := len(r.waiting)
	r.waiting = slices.Grow(r.waiting, len(r.halfway)+1)
	to, words := r.waiting[:n+len(r.halfway)+1], uint64(len(s.second))
	for i := range r.halfway {
		hash := r.halfway[i].Hash
		to[n] = r.halfway[i]
		_, none := bits.Sub64(secondBits(hash)&^s.second[secondWord(hash, words)], 1, 0)
		n += int(none)
	}
	r.waiting, r.halfway = to[:n], r.halfway[:0]
}

// readFirst reads the words of the first half, which have been fetched ahead.
func (r *Room) readFirst(s *sieve, prints []winnow.Print) {
	all, words, i := s.first, uint64(len(s.first)), 0
	for ; i+4 <= len(prints); i += 4 {
		w, p := (*[4]uint64)(r.words[i&(batchSize-4):]), (*[4]winnow.Print)(prints[i:])
		w[0] = all[wordOf(p[0].Hash, words)]
		w[1] = all[wordOf(p[1].Hash, words)]
		w[2] = all[wordOf(p[2].Hash, words)]
		w[3] = all[wordOf(p[3].Hash, words)]
	}
	for ; i < len(prints); i++ {
		r.words[i&batchMask] = all[wordOf(prints[i].Hash, words)]
	}
}

// waitFirst reads the words of the first half, which have not been fetched. Where they are is settled before, so that there is little between two reads,
// and as many of them as can be wait for memory side by side.
func (r *Room) waitFirst(s *sieve, prints []winnow.Print) {
	all, words := s.first, uint64(len(s.first))
	n, i := min(len(prints), batchSize), 0
	for ; i+4 <= n; i += 4 {
		at, p := (*[4]uint32)(r.passed[i&(batchSize-4):]), (*[4]winnow.Print)(prints[i:])
		at[0] = uint32(wordOf(p[0].Hash, words))
		at[1] = uint32(wordOf(p[1].Hash, words))
		at[2] = uint32(wordOf(p[2].Hash, words))
		at[3] = uint32(wordOf(p[3].Hash, words))
	}
	for ; i < n; i++ {
		r.passed[i&batchMask] = uint32(wordOf(prints[i].Hash, words))
	}
	for ; i&3 != 0; i++ { // four at a time are read: there is a first word
		r.passed[i&batchMask] = 0
	}
	for i := 0; i < n; i += 4 {
		at, w := (*[4]uint32)(r.passed[i&(batchSize-4):]), (*[4]uint64)(r.words[i&(batchSize-4):])
		w[0] = all[at[0]]
		w[1] = all[at[1]]
		w[2] = all[at[2]]
		w[3] = all[at[3]]
	}
}

// take adds all hashes of a segment, which are shown for it, by all processors.
func (s *sieve) take(v *inverted) {
	if v.n == 0 {
		return
	}
	var (
		buckets = len(v.buckets)/4 - 1
		parts   = runtime.GOMAXPROCS(0)
		writing sync.Mutex
		all     sync.WaitGroup
	)
	for part := range parts {
		all.Go(func() {
			var some [batchSize]uint64
			c, end := v.cursorAt(buckets*part/parts), v.cursorAt(buckets*(part+1)/parts).i
			for c.i < end {
				n := 0
				for n < len(some) && c.i < end && c.next() {
					some[n] = c.hash()
					n++
				}
				v.veil.showAll(some[:n])
				writing.Lock()
				for _, hash := range some[:n] {
					s.add(hash)
				}
				writing.Unlock()
			}
		})
	}
	all.Wait()
}
