package winnow

import "slices"

// keyList is some keys in the order of their places. It has room for all of a batch, and as many places as make an index
// that needs no check.
type keyList [1 << 12]uint64

const (
	keyMask = len(keyList{}) - 1
	_       = uint(keyMask - (most + 2))
)

// gather writes the keys of the usual ones of the first n grams, between edges and struck once, and returns how many there
// are. Where there are none in a whole window, it takes all.
func (w *workspace) gather(mul uint64, n int) int {
	b, ba, count := uint64(edge), uint64(0), 0
	for from := 0; from < n; from += block {
		text := (*[block + gram - 1]byte)(w.text[from:])
		found := w.usual[:usualOnes(&w.usual, text, min(block, n-from), mul)]
		for len(found) > 0 && from+int(found[len(found)-1]) >= n {
			found = found[:len(found)-1]
		}
		for _, i := range found {
			place := from + int(i) + 1
			c := product(text[i:], mul) | uint64(place)
			if uint16(c-b) > span {
				count, b, ba = w.fill(mul, count, b, ba, place-1)
			}
			w.keys[count&keyMask] = b
			cb := c - b
			count += 1 - dropped(ba, cb)
			b, ba = c, cb
		}
	}
	c := edge | uint64(n+1)
	if uint16(c-b) > span {
		count, b, ba = w.fill(mul, count, b, ba, n)
	}
	w.keys[count&keyMask] = b
	count += 1 - dropped(ba, c-b)
	w.keys[count&keyMask] = c
	return count + 1
}

// fill does so with all grams between that of b, which is not written yet, and the one at to. It returns the new count, the
// last key and its difference to the one before.
func (w *workspace) fill(mul uint64, count int, b, ba uint64, to int) (int, uint64, uint64) {
	for i := int(b & placeMask); i < to; i++ {
		c := anyKey(product(w.text[i:], mul), i+1)
		w.keys[count&keyMask] = b
		cb := c - b
		count += 1 - dropped(ba, cb)
		b, ba = c, cb
	}
	return count, b, ba
}

// dropped is 1 if b is less than its neighbours a and c, which lie in a window, and 0 otherwise. It takes b-a and c-b.
func dropped(ba, cb uint64) int {
	return int((ba &^ cb & (uint64(uint16(ba+cb)) - span - 1)) >> 63)
}

// strike strikes out every one of the first n keys that is less than both of its neighbours. Of two neighbours only one
// can be.
func (w *workspace) strike(n int) int {
	count := 1
	b := w.keys[1]
	ba := b - w.keys[0]
	for _, c := range w.keys[2:n] {
		w.keys[count&keyMask] = b
		cb := c - b
		count += 1 - dropped(ba, cb)
		b, ba = c, cb
	}
	w.keys[count&keyMask] = b
	return count + 1
}

// strikeAll strikes out what is left to be, when there is little.
func (w *workspace) strikeAll(n int) int {
	count := 1 // keys kept
	a, b := w.keys[0], w.keys[0]
	for _, c := range w.keys[1:n] {
		for dropped(b-a, c-b) != 0 {
			count--
			b, a = a, w.keys[(count-2)&keyMask]
		}
		w.keys[count&keyMask] = c
		count++
		a, b = b, c
	}
	return count
}

// pick returns the passages that windows select, in ascending order: the position of each, and from placeBits on the
// place among the first n keys of the gram that is greatest there. That is the gram at which it begins, if some window has
// that in its first half, and the one at which it ends, if some window has that in its second half.
func (w *workspace) pick(n int) []uint32 {
	count := 0
	b := w.keys[1]
	ba := b - w.keys[0]
	i := uint32(1 << placeBits)
	for _, c := range w.keys[2:n] {
		cb := c - b
		at := uint32(b&placeMask) - 1 | i
		i += 1 << placeBits
		w.picked[count&pickMask] = at - Window
		count += 1 - int(ba&(uint64(uint16(ba))-Window-1)>>63)
		w.picked[count&pickMask] = at
		count += 1 - int((uint64(uint16(cb))-Window-1)&^cb>>63)
		b, ba = c, cb
	}
	return w.picked[:count]
}

const pickMask = len(workspace{}.picked) - 1

// emit hashes what was picked, and leaves out what was selected before. The text begins at offset first.
func (s *Stream) emit(dst []Print, picked []uint32, first int64) []Print {
	if len(picked) > 0 && first+int64(picked[0]&placeMask) == s.at { // the windows before selected it too
		picked = picked[1:]
	}
	dst = slices.Grow(dst, len(picked))
	out := dst[len(dst) : len(dst)+len(picked)]
	if again := s.t.hashAll(out, &s.w.text, picked, first, s.hash); again > 0 {
		out = s.once(out, picked, first)
	}
	if len(out) > 0 {
		last := out[len(out)-1]
		s.hash, s.at = last.Hash, last.Offset
	}
	return dst[:len(dst)+len(out)]
}

// once leaves out what was selected before, of prints of which some follow another of the same hash.
func (s *Stream) once(out []Print, picked []uint32, first int64) []Print {
	hash, at := s.hash, s.at
	n := 0
	for i, p := range out {
		v := picked[i]
		if p.Hash == hash && at >= first+s.w.lastWindow(int(v>>placeBits), int64(v&placeMask)) {
			continue
		}
		out[n], hash, at = p, p.Hash, p.Offset
		n++
	}
	return out[:n]
}

// lastWindow is where the last window begins that selects the passage at position at: its greatest gram is keys[i].
func (w *workspace) lastWindow(i int, at int64) int64 {
	if next := w.keys[i+1]; next > w.keys[i] {
		return min(at, int64(next&placeMask)-1-span)
	}
	return at
}
