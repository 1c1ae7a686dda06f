package winnow

import (
	"encoding/binary"
	"math/bits"
)

// Of the grams only those are looked at whose product is near the greatest: one in eight. One window in 70 has none, and
// there the greatest is looked for. Their keys are how much more than candidate the product is, and below it their places,
// which count from 1, so that the difference of two keys tells by its sign which is the greater, and by its low half how
// far their grams lie apart. Those of other grams are negative.
const (
	candidate = (1<<32 - 1<<32/8) >> rankShift << rankShift // what is added must not round what is compared
	above     = (1<<32 - candidate) << 32                   // what makes such a product overflow in the upper half
	// keyed is what a key has of such a product: its rank and its place.
	keyed = ^uint64(1<<(rankShift+32) - 1<<32)
	// edge is the key of the places before the first gram and after the last, greater than all: no window reaches across.
	edge = 1 << 62
	// block is how many grams are looked at at once.
	block = 256
)

const (
	// keyRoom is room for the keys of a batch and its edges, a power of two.
	keyRoom = 2 * room
	keyMask = keyRoom - 1
)

// keyList is some keys in the order of their places.
type keyList [keyRoom]uint64

// choosePlain writes the places of the passages that the first windows of a text select, where a window selects another one
// than the window before, and returns how many there are.
//
// A gram is the greatest of some window if there is no greater one near: if between the greater ones before and behind it
// there is room for a window. So a gram that is less than its neighbours is struck out where these lie in one window, and
// then what has become neighbours, until all that is left is the greatest somewhere. There is hardly a branch in that,
// since what is greater cannot be foretold.
func (w *workspace) choosePlain(text *[roomy]byte, windows int, mul uint32) (count int) {
	n := w.gather(text, windows+span-1, mul)
	from := w.strikeBack(n)
	w.kept = w.strikeAll(from, n)
	return w.pick(w.kept)
}

// upper is a gram's product in the upper half; what follows the gram falls out of it.
func upper(text []byte, mul uint64) uint64 { return binary.LittleEndian.Uint64(text) * mul }

// candidates writes the keys of those of the first n grams in text that are looked at, and returns how many there are. The
// first one has the place at; n is rounded up to eights. Every gram's key is written, and overwritten by the next one
// if it is none of them.
func candidates(to *[block]uint64, text *[block + 2*gram]byte, n int, factor uint32, at uint64) (count uint64) {
	mul := uint64(factor) << 32
	at += above
	for i := 0; i < n; i += 8 {
		t := (*[8 + 2*gram]byte)(text[i&(block-8):])
		key, c := bits.Add64(upper(t[0:], mul), at, 0)
		to[uint8(count)] = key
		count, _ = bits.Add64(count, 0, c)
		key, c = bits.Add64(upper(t[1:], mul), at+1, 0)
		to[uint8(count)] = key
		count, _ = bits.Add64(count, 0, c)
		key, c = bits.Add64(upper(t[2:], mul), at+2, 0)
		to[uint8(count)] = key
		count, _ = bits.Add64(count, 0, c)
		key, c = bits.Add64(upper(t[3:], mul), at+3, 0)
		to[uint8(count)] = key
		count, _ = bits.Add64(count, 0, c)
		key, c = bits.Add64(upper(t[4:], mul), at+4, 0)
		to[uint8(count)] = key
		count, _ = bits.Add64(count, 0, c)
		key, c = bits.Add64(upper(t[5:], mul), at+5, 0)
		to[uint8(count)] = key
		count, _ = bits.Add64(count, 0, c)
		key, c = bits.Add64(upper(t[6:], mul), at+6, 0)
		to[uint8(count)] = key
		count, _ = bits.Add64(count, 0, c)
		key, c = bits.Add64(upper(t[7:], mul), at+7, 0)
		to[uint8(count)] = key
		count, _ = bits.Add64(count, 0, c)
		at += 8
	}
	return count
}

// gather writes the keys of the first n grams that are looked at, between edges, but for those that are less than the one
// before and the one behind them, and returns how many there are.
func (w *workspace) gather(text *[roomy]byte, n int, mul uint32) int {
	a, b, count := uint64(edge), uint64(edge), 0
	aPlace := 0
	for from := 0; from < n; from += block {
		some := (*[block + 2*gram]byte)(text[from:])
		found := w.found[:min(block, candidates(&w.found, some, min(block, n-from), mul, uint64(from+1)))]
		for len(found) > 0 && uint32(found[len(found)-1]) > uint32(n) {
			found = found[:len(found)-1]
		}
		for _, c := range found {
			c &= keyed
			cb := c - b
			if uint32(cb) > span {
				a, b, count = w.fill(text, mul, a, b, c, count)
				aPlace, cb = int(uint32(a)), c-b
			}
			w.keys[count&keyMask] = b
			k := (a - b) | cb | uint64(aPlace-int(uint32(c))+span)
			count += int(k >> 63)
			if int64(k) < 0 {
				a, aPlace = b, int(uint32(b))
			}
			b = c
		}
	}
	c := uint64(edge | (n + 1))
	if uint32(c-b) > span {
		a, b, count = w.fill(text, mul, a, b, c, count)
	}
	w.keys[count&keyMask] = b
	count += int(kept(a-b, c-b, c-a) >> 63)
	w.keys[count&keyMask] = c
	return count + 1
}

// fill goes on to c, which lies further than a window from b, with grams that lie between, the greatest there first: those
// are left out that are less than it and than b or c, one of which is in every window. It returns the last two keys, the
// second one of which is not written yet, and the new count.
func (w *workspace) fill(text *[roomy]byte, mul uint32, a, b, c uint64, count int) (uint64, uint64, int) {
	for uint32(c-b) > span {
		g := greatest(text, mul, int(uint32(b)), int(uint32(c))-1)
		if uint32(g-b) > span {
			a, b, count = w.fill(text, mul, a, b, g, count)
		}
		w.keys[count&keyMask] = b
		k := kept(a-b, g-b, g-a)
		count += int(k >> 63)
		if int64(k) < 0 {
			a = b
		}
		b = g
	}
	return a, b, count
}

// greatest is the greatest key of the grams from one on up to another, none of which is looked at otherwise.
func greatest(text *[roomy]byte, mul uint32, from, to int) uint64 {
	some := text[from : to+gram-1]
	var even, odd uint32 // a product, and below it the place after from
	place := uint32(0)
	for ; len(some) > gram; some = some[2:] {
		even = max(even, product(some, mul)>>rankShift<<rankShift|place)
		odd = max(odd, product(some[1:], mul)>>rankShift<<rankShift|(place+1))
		place += 2
	}
	if len(some) == gram {
		even = max(even, product(some, mul)>>rankShift<<rankShift|place)
	}
	best := max(even, odd)
	return uint64(best>>rankShift<<rankShift)<<29 + uint64(from+1+int(best&(1<<rankShift-1))) - 1<<61
}

// kept has the uppermost bit unless b is less than its neighbours a and c, and these lie in a window. It takes their
// differences.
func kept(ab, cb, ca uint64) uint64 { return ab | cb | (span - uint64(uint32(ca))) }

// strikeBack strikes out, from the end, of the first n keys those that are less than the one before and the one behind, and
// returns where those begin that are left.
func (w *workspace) strikeBack(n int) int {
	at := n - 1
	c := w.keys[at&keyMask]
	b := w.keys[(at-1)&keyMask]
	cPlace := int(uint32(c))
	at--
	for i := n - 3; i >= 0; i-- {
		a := w.keys[i&keyMask]
		w.keys[at&keyMask] = b
		k := (a - b) | (c - b) | uint64(int(uint32(a))-cPlace+span)
		at -= int(k >> 63)
		if int64(k) < 0 {
			c, cPlace = b, int(uint32(b))
		}
		b = a
	}
	w.keys[at&keyMask] = b
	return at
}

// strikeAll strikes out what is left to be, when there is little, of the keys from one place up to another, and moves the
// others to the beginning. It returns how many they are.
func (w *workspace) strikeAll(from, to int) int {
	count := 1 // keys kept
	a, b := w.keys[from&keyMask], w.keys[from&keyMask]
	w.keys[0] = a
	for _, c := range w.keys[from+1 : to] {
		for int64(kept(a-b, c-b, c-a)) >= 0 {
			count--
			b, a = a, w.keys[(count-2)&keyMask]
		}
		w.keys[count&keyMask] = c
		count++
		a, b = b, c
	}
	return count
}

// pick writes the places of what the windows select of which these n keys are the greatest. The windows in whose second half
// a gram is select the passage that it ends, and those in whose first half it is the one that it begins.
func (w *workspace) pick(n int) (count int) {
	b := w.keys[1]
	ba := b - w.keys[0]
	for _, c := range w.keys[2:n] {
		cb := c - b
		place := uint32(b)
		w.places[count&(room-1)] = uint16(place - 1 - Window)
		count += ends(ba)
		w.places[count&(room-1)] = uint16(place - 1)
		count += begins(cb)
		b, ba = c, cb
	}
	return count
}

// ends and begins are 1 if there are windows that select the passage that a gram ends, and those that select the one that it
// begins, and 0 otherwise. They take the differences of its key and the one before, and of the one behind and its own.
func ends(ba uint64) int   { return 1 - int(ba&(uint64(uint32(ba))-Window-1)>>63) }
func begins(cb uint64) int { return 1 - int((uint64(uint32(cb))-Window-1)&^cb>>63) }

// changesPlain writes, of what pick wrote, the first windows that select it.
func (w *workspace) changesPlain() {
	b := w.keys[1]
	ba := b - w.keys[0]
	count := 0
	for _, c := range w.keys[2:w.kept] {
		cb := c - b
		place := int(uint32(b))
		// The first window that it is in, or that the greater one before is not in.
		first := place - span + (span-int(uint32(ba)))&int(int64(ba)>>63)
		w.from[count&(room-1)] = uint16(first)
		count += ends(ba)
		w.from[count&(room-1)] = uint16(max(first, place-Window))
		count += begins(cb)
		b, ba = c, cb
	}
}
