package record

import "unmirror/fingerprints/cell"

// Part is one of the records of a row, with a bit for each of its cells that was found.
type Part struct {
	Cells []Cell
	Mask  uint8
}

// Join weighs what was found of a row that is several records. What stands in more than one of them, the core and the
// identifiers, counts once: the cells of all are in the order of their hashes, so that the nth of a kind and a rarity is the
// same one in each. It tells besides how many cells were found.
func Join(parts []Part) (w Weight, n int) {
	type which struct {
		cell Cell
		nth  int
	}
	t, names := tally{}, 0.0
	shared := map[which]bool{} // found
	for _, p := range parts {
		nth := map[Cell]int{}
		for i, c := range p.Cells[:min(len(p.Cells), MaxCells)] {
			found := p.Mask>>i&1 != 0
			if c.Kind&(Name|Birth) != 0 || cell.Kind(c.Kind&KindMask) >= cell.National {
				shared[which{c, nth[c]}] = shared[which{c, nth[c]}] || found
				nth[c]++
			} else if found {
				n++
				t.add(c)
			} else {
				t.miss(c)
			}
		}
	}
	for x, found := range shared {
		t.withGiven = t.withGiven || x.cell.Kind&Given != 0
		if x.cell.Kind&Name != 0 {
			names += float64(x.cell.Bits) / 4
			t.partly = t.partly || !found
		}
		if found {
			n++
			t.add(x.cell)
		}
	}
	return t.weight(names), n
}
