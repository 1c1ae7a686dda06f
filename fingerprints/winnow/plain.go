package winnow

// choosePlain writes which of the first windows of a text select another passage than the window before does, and at the
// place of each of these the place of the passage. It returns how many there are.
func (w *workspace) choosePlain(windows int, mul uint32) (count int) {
	w.order(windows+span-1, mul)
	best := w.greatest(0)
	for from := 0; from < windows; {
		// The greatest gram stays so until one comes that is not less, or until the windows leave it behind.
		place := int(best & placeMask)
		next := w.notLess(best&^placeMask, from+span, min(place, windows-1)+span)
		to := next - span
		w.from[count&(room-1)] = uint16(from)
		w.at[from&(room-1)] = uint32(place - Window)
		count += reaches(place-from, Window)
		second := max(from, place-Window+1)
		w.from[count&(room-1)] = uint16(second)
		w.at[second&(room-1)] = uint32(place)
		count += reaches(to, second)
		from = to + 1
		if best = w.keys[next&placeMask]; next == place+span {
			best = w.greatest(from)
		}
	}
	return count
}

// reaches is 1 if a ≥ b, without a branch, and 0 otherwise.
func reaches(a, b int) int { return int(uint(b-a-1) >> 63) }

// order writes the keys of the first n grams.
func (w *workspace) order(n int, mul uint32) {
	text := &w.text
	for i := 0; i < n; i += 4 {
		j := i & (placeMask - 3)
		k := (*[4]uint32)(w.keys[j:])
		place := uint32(j)
		k[0] = product(text[j:], mul)&^placeMask | place
		k[1] = product(text[j+1:], mul)&^placeMask | (place + 1)
		k[2] = product(text[j+2:], mul)&^placeMask | (place + 2)
		k[3] = product(text[j+3:], mul)&^placeMask | (place + 3)
	}
}

// greatest is the greatest key of the window that begins there.
func (w *workspace) greatest(from int) uint32 {
	k := (*[span]uint32)(w.keys[from&placeMask:])
	a, b, c, d := k[0], k[1], k[2], k[3]
	for i := 4; i < span; i += 4 {
		a, b, c, d = max(a, k[i]), max(b, k[i+1]), max(c, k[i+2]), max(d, k[i+3])
	}
	return max(a, b, c, d)
}

// notLess is the place of the first gram from a place on whose key is not less than that one, and end if there is none
// before. In eights there is but one branch, for the eight that has it, which is mispredicted once.
func (w *workspace) notLess(key uint32, from, end int) int {
	for ; from < end; from += 8 {
		k := (*[8]uint32)(w.keys[from&placeMask:])
		if max(k[0], k[1], k[2], k[3], k[4], k[5], k[6], k[7]) < key {
			continue
		}
		first := 7
		for i := 6; i >= 0; i-- {
			if k[i] >= key {
				first = i
			}
		}
		return min(from+first, end)
	}
	return end
}
