package winnow

const (
	// fastBytes is the length of a piece from which whole blocks are worth their preparation.
	fastBytes = 4 * Window
	// batch is the number of passages taken at once: what is computed of them stays in the nearest cache.
	batch = 32 * Window

	placeBits = 64 - orderBits
	placeMask = 1<<placeBits - 1
)

// workspace is what fast needs for one batch.
type workspace struct {
	text [Guarantee + batch]byte // the last Guarantee bytes, then the new ones
	wins [batch + 1]uint64       // the least of each window, each once: its order, and its place in text from the end
}

// fast takes a piece whose length is a multiple of Window, when the first window is full.
//
// Orders carry their place in the low bits, counted backwards, so that one comparison finds the rightmost least. The
// least of a window comes from two halves, after van Herk ("A fast algorithm for local minimum and maximum filters",
// 1992): a suffix of the block before and a prefix of this one. Nothing in it branches on the text, which is what makes
// it fast: half of all branches of a plain loop are mispredicted. Ties are what it cannot settle, and they only come
// where text repeats within a window: such a batch is done by steps.
func (s *Stream) fast(dst []Print, piece []byte) []Print {
	var w workspace
	for len(piece) > 0 {
		now := piece[:min(len(piece), batch)]
		piece = piece[len(now):]
		copy(w.text[:], s.tail[:])
		copy(w.text[Guarantee:], now)
		first := s.n - Guarantee // where text begins
		n, tied := w.minima(s.t, len(now), s.least|uint64(placeMask-(s.at-first)))
		if tied {
			for _, c := range now {
				dst = s.step(dst, c)
			}
			continue
		}
		for _, v := range w.wins[:n] { // apart from the search for them, so that one does not wait for another
			i := placeMask - int(v&placeMask)
			dst = append(dst, Print{s.t.hash((*[K]byte)(w.text[i:])), first + int64(i)})
		}
		if n > 0 {
			v := w.wins[n-1]
			s.least, s.at = v&^placeMask, first+int64(placeMask-v&placeMask)
		}
		s.n += int64(len(now))
		copy(s.tail[:], w.text[len(now):])
	}
	return dst
}

// minima gathers the least of the n windows that end in the batch, where it changes; before is that of the window that
// ends before it. It tells whether two of them tie.
func (w *workspace) minima(t *Table, n int, before uint64) (count int, tied bool) {
	var block [Window]uint64
	var suffix [Window + 1]uint64
	suffix[Window] = ^uint64(0)
	w.suffixes(t, 0, placeMask, &block, &suffix)
	last, mul := before, t.order
	for from := Window; from < Window+n; from += Window {
		text := (*[Window + orderSpan]byte)(w.text[from:])
		place, least := uint64(placeMask-from), ^uint64(0)
		for i := 0; i < Window; i += 4 { // by four: the compiler does not unroll
			x := (*[4 + orderSpan]byte)(text[i:])
			b := (*[4]uint64)(block[i:])
			s := (*[4]uint64)(suffix[i+1:])
			a0 := order(x[0:], mul) | place
			a1 := order(x[1:], mul) | (place - 1)
			a2 := order(x[2:], mul) | (place - 2)
			a3 := order(x[3:], mul) | (place - 3)
			place -= 4
			b[0], b[1], b[2], b[3] = a0, a1, a2, a3
			a0 = min(least, a0)
			a1 = min(a0, a1)
			a2 = min(a1, a2)
			least = min(a2, a3)
			a0, a1, a2, a3 = min(a0, s[0]), min(a1, s[1]), min(a2, s[2]), min(least, s[3])
			w.wins[count] = a0
			if a0 != last {
				count++
			}
			w.wins[count] = a1
			if a1 != a0 {
				count++
			}
			w.wins[count] = a2
			if a2 != a1 {
				count++
			}
			w.wins[count] = a3
			if a3 != a2 {
				count++
			}
			last = a3
		}
		least = ^uint64(0)
		for i := Window - 4; i >= 0; i -= 4 {
			b := (*[4]uint64)(block[i:])
			s := (*[4]uint64)(suffix[i:])
			a3 := min(least, b[3])
			a2 := min(a3, b[2])
			a1 := min(a2, b[1])
			least = min(a1, b[0])
			s[3], s[2], s[1], s[0] = a3, a2, a1, least
		}
	}
	for _, v := range w.wins[:count] {
		tied = tied || (v^before)>>placeBits == 0
		before = v
	}
	return count, tied
}

// first fills
func (w *workspace) suffixes(t *Table, from int, place uint64, block *[Window]uint64, suffix *[Window + 1]uint64) {
	least := ^uint64(0)
	for i := Window - 1; i >= 0; i-- {
		block[i] = order(w.text[from+i:], t.order) | (place - uint64(i))
		least = min(least, block[i])
		suffix[i] = least
	}
}
