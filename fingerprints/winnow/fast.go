package winnow

const (
	// fastBytes is the length of a piece from which whole blocks are worth their preparation.
	fastBytes = 4 * Window
	// batch is the number of passages taken at once: what is computed of them stays in the nearest cache.
	batch = 30 * Window

	placeBits = 64 - orderBits
	placeMask = 1<<placeBits - 1
)

// workspace is what fast needs for one batch.
type workspace struct {
	text    [Guarantee + batch + 1]byte // the last Guarantee bytes, then the new ones
	pairs   [half + batch/2]uint64      // the least order of each two passages, with its place
	least   [batch / 2]uint64           // the least of every other window: those that end with a pair
	changes [256]uint8                  // the pairs with which it changes
	wins    [batch + 1]uint64           // the least of each window, each once
}

// half is the number of pairs in a window.
const half = Window / 2

// fast takes a piece whose length is a multiple of Window, when the first window is full.
//
// Orders carry their place in the low bits, counted backwards, so that one comparison finds the rightmost least. Of two
// neighbours only the lesser matters to a window that holds both: the windows that end with a pair are settled first, from
// pairs, and the window between two of them only where they differ. Hardly anything branches on the text, which is what
// makes it fast: half of all branches of a plain loop are mispredicted. Ties are what it cannot settle, and they only come
// where text repeats within a window: such a batch is done by steps.
func (s *Stream) fast(dst []Print, piece []byte) []Print {
	var w workspace
	for len(piece) > 0 {
		now := piece[:min(len(piece), batch)]
		piece = piece[len(now):]
		copy(w.text[:], s.tail[:])
		copy(w.text[Guarantee:], now)
		first := s.n - Guarantee // where text begins
		before := s.least | uint64(placeMask-(s.at-first))
		w.pair(s.t.order, (Window+len(now))/2)
		wins := w.between(s.t.order, before, w.settle(len(now)/2, before))
		if tied(before, wins) {
			for _, c := range now {
				dst = s.step(dst, c)
			}
			continue
		}
		dst = w.emit(dst, s.t, wins, first)
		if len(wins) > 0 {
			v := wins[len(wins)-1]
			s.least, s.at, s.hash = v&^placeMask, first+int64(placeMask-v&placeMask), dst[len(dst)-1].Hash
		}
		s.n += int64(len(now))
		copy(s.tail[:], w.text[len(now):])
	}
	return dst
}

// pair orders the first n pairs of passages.
func (w *workspace) pair(mul uint64, n int) {
	place := uint64(placeMask)
	for i := 0; i < n; i += 4 { // by four, here and below: the compiler does not unroll
		x := (*[8 + orderSpan]byte)(w.text[2*i:])
		p := (*[4]uint64)(w.pairs[i:])
		p[0] = place + min(order(x[0:], mul), order(x[1:], mul)-1)
		p[1] = place + min(order(x[2:], mul)-2, order(x[3:], mul)-3)
		p[2] = place + min(order(x[4:], mul)-4, order(x[5:], mul)-5)
		p[3] = place + min(order(x[6:], mul)-6, order(x[7:], mul)-7)
		place -= 8
	}
}

// settle finds the least of the n windows that end with a new pair, by doubling: of two pairs, of four, of eight. It
// returns the pairs with which it changes; last is that of the window before.
func (w *workspace) settle(n int, last uint64) []uint8 {
	before := (*[half]uint64)(w.pairs[:])
	var two [half]uint64
	for i := 1; i < half; i++ {
		two[i] = min(before[i-1], before[i])
	}
	a, y, z := before[half-1], two[half-2], two[half-1] // the pair before; of two pairs, those before
	q0, q1, q2, q3 := min(two[2], two[4]), min(two[3], two[5]), min(two[4], two[6]), min(two[5], two[7])
	pairs, least := w.pairs[half:half+n], w.least[:n]
	for len(pairs) >= 4 && len(least) >= 4 {
		b, c, d, e := pairs[0], pairs[1], pairs[2], pairs[3]
		a, b, c, d = min(a, b), min(b, c), min(c, d), min(d, e)             // of two pairs
		y, z, a, b, c, d = c, d, min(a, y), min(b, z), min(c, a), min(d, b) // of four
		least[0], least[1], least[2], least[3] = min(a, q0), min(b, q1), min(c, q2), min(d, q3)
		q0, q1, q2, q3, a = a, b, c, d, e
		pairs, least = pairs[4:], least[4:]
	}
	count := 0
	for i := 0; i < n; i += 4 {
		v := (*[4]uint64)(w.least[i:])
		w.changes[count&255] = uint8(i)
		if v[0] != last {
			count++
		}
		w.changes[count&255] = uint8(i + 1)
		if v[1] != v[0] {
			count++
		}
		w.changes[count&255] = uint8(i + 2)
		if v[2] != v[1] {
			count++
		}
		w.changes[count&255] = uint8(i + 3)
		if v[3] != v[2] {
			count++
		}
		last = v[3]
	}
	return w.changes[:count]
}

// between settles the window before each change, and returns the least of all windows, each once.
func (w *workspace) between(mul, last uint64, changes []uint8) []uint64 {
	count := 0
	for _, c := range changes {
		to := w.least[c]
		end := Window + 2*int(c) // where the window between ends
		left := placeMask-int(last&placeMask) == end-Window
		at := end
		if left {
			at = end - Window + 1
		}
		rest := last
		if left {
			rest = to
		}
		mid := min(rest, order(w.text[at:], mul)+placeMask-uint64(at))
		if left && placeMask-int(to&placeMask) > end { // what was least has left, and what will be has not come
			mid = w.leastOf(end, mul)
		}
		w.wins[count] = mid
		if mid != last {
			count++
		}
		w.wins[count] = to
		if to != mid {
			count++
		}
		last = to
	}
	return w.wins[:count]
}

// leastOf is the least of the window that ends at text[end].
func (w *workspace) leastOf(end int, mul uint64) uint64 {
	least := ^uint64(0)
	for i := end - Window + 1; i <= end; i++ {
		least = min(least, order(w.text[i:], mul)+placeMask-uint64(i))
	}
	return least
}

// emit hashes the selected passages. The text begins at offset first.
func (w *workspace) emit(dst []Print, t *Table, wins []uint64, first int64) []Print {
	for len(wins) > 1 {
		i, j := placeMask-int(wins[0]&placeMask), placeMask-int(wins[1]&placeMask)
		a, b := t.hashes((*[K]byte)(w.text[i:]), (*[K]byte)(w.text[j:]))
		dst = append(dst, Print{a, first + int64(i)}, Print{b, first + int64(j)})
		wins = wins[2:]
	}
	for _, v := range wins {
		i := placeMask - int(v&placeMask)
		dst = append(dst, Print{t.hash((*[K]byte)(w.text[i:])), first + int64(i)})
	}
	return dst
}

// tied tells whether two windows' least, one after the other, are equal but for their place.
func tied(before uint64, wins []uint64) (tie bool) {
	for _, v := range wins {
		tie = tie || (v^before)>>placeBits == 0
		before = v
	}
	return tie
}
