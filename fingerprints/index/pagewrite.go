package index

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// carriedPages are the pages of a segment that are taken over, their files renumbered.
type carriedPages struct {
	s     *Segment
	file  func(uint32) uint32 // nil: a baseline, which has no files
	pages []uint32            // what each is called in the draft; NoDoc drops it
}

// pageWriter writes the pages of a draft and where their bodies lie.
type pageWriter struct {
	rows, bodies *column
	n            uint32
}

func (w *pageWriter) put(file, number uint32, sealed []byte) uint32 {
	w.rows.u32(file)
	w.rows.u32(number)
	w.rows.u64(w.bodies.n)
	w.bodies.bytes(sealed)
	w.n++
	return w.n - 1
}

// writePages writes the pages of the draft and of what it takes over, and the words by which they are found.
func (d *Draft) writePages(w *segmentWriter, _ *relations) error {
	words := uint64(0)
	if d.Pages != nil {
		words = uint64(d.Pages.sorter.total)
	}
	for _, c := range d.carriedPages {
		words += uint64(c.s.words.n)
	}
	if words == 0 {
		return nil
	}
	out := &pageWriter{}
	for _, c := range []struct {
		to **column
		id section
	}{{&out.rows, secPages}, {&out.bodies, secPageBodies}} {
		var err error
		if *c.to, err = w.add(c.id); err != nil {
			return err
		}
	}
	sources, err := d.ownPages(out)
	if err != nil {
		return err
	}
	for _, c := range d.carriedPages {
		if err := c.write(w, out); err != nil {
			return err
		}
		sources = append(sources, &wordSource{v: &c.s.words, remap: renumber(c.pages)})
	}
	if out.n > maxPages {
		return fmt.Errorf("a segment holds at most %d pages: register the leak in parts", maxPages)
	}
	return layWords(w, sources, words, out.n)
}

// ownPages writes the pages of the draft's spool. Those that PageFiles gives no file are dropped.
func (d *Draft) ownPages(out *pageWriter) ([]source, error) {
	if d.Pages == nil {
		return nil, nil
	}
	remap := make([]uint32, len(d.Pages.rows))
	var buf []byte
	for i, row := range d.Pages.rows {
		if remap[i] = NoDoc; i >= len(d.PageFiles) || d.PageFiles[i] == NoDoc {
			continue
		}
		var err error
		if buf, err = d.Pages.append(buf[:0], row); err != nil {
			return nil, err
		}
		remap[i] = out.put(d.PageFiles[i], row.number, buf)
	}
	return d.Pages.sorter.sources(renumber(remap), 0)
}

// write takes the pages over that stay. They stay encrypted as they are.
func (c *carriedPages) write(w *segmentWriter, out *pageWriter) error {
	c.pages = make([]uint32, c.s.Pages())
	for i := range c.pages {
		c.pages[i] = NoDoc
		if err := w.ctx.Err(); err != nil {
			return err
		}
		p, ok := c.s.Page(uint32(i))
		if ok && c.file != nil {
			p.File = c.file(p.File)
		}
		sealed := c.s.sealedBody(uint32(i))
		if !ok || p.File == NoDoc {
			continue
		}
		if sealed == nil {
			return fmt.Errorf("join pages: page %d: %w", i, ErrCorrupt)
		}
		c.pages[i] = out.put(p.File, p.Number, sealed)
	}
	return nil
}

const (
	// pageWordBits are the bits that are kept of a hidden word: of a million pages' 2^28, one in 256 of the words that no
	// page has is taken for one that some page has, and a page must share several.
	pageWordBits = 36
	// wordBucket is about how many rows have the same leading bits, which are told by where they lie.
	wordBucket = 32
)

// layWords packs words and the pages that have them: about n rows, of which the sources give each once.
func layWords(w *segmentWriter, sources []source, n uint64, pages uint32) error {
	if n >= 1<<32-1 {
		return fmt.Errorf("a segment holds at most 4 billion words of pages: register the leak in parts")
	}
	lead := uint(bits.Len64(n / wordBucket))
	var cols [3]*column
	for i, id := range []section{secWordAt, secWordKeys, secWordPages} {
		var err error
		if cols[i], err = w.add(id); err != nil {
			return err
		}
	}
	keys, lists := newBitWriter(cols[1], pageWordBits-lead), newBitWriter(cols[2], widthOf(uint64(pages)))
	rows, bucket := uint32(0), uint64(0)
	err := merge(w.ctx, sources, func(word uint64, at []place) error {
		kept := word >> (64 - pageWordBits)
		for ; bucket <= kept>>(pageWordBits-lead); bucket++ {
			cols[0].u32(rows)
		}
		for _, p := range at {
			keys.put(kept & (1<<(pageWordBits-lead) - 1))
			lists.put(uint64(p.doc))
			rows++
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write the words of pages: %w", err)
	}
	for ; bucket <= 1<<lead; bucket++ {
		cols[0].u32(rows)
	}
	keys.end()
	lists.end()
	return nil
}

// wordTable tells which pages have a word, in the mapped file.
type wordTable struct {
	at          []byte
	keys, pages packedBits
	lead        uint
	n           uint32
}

// openWords checks the table's measures. What its numbers say is bounded when they are read: there are millions, and an
// index must open in milliseconds.
func openWords(sections map[section][]byte) (t wordTable, err error) {
	if t.at = sections[secWordAt]; len(t.at) == 0 {
		return t, nil
	}
	if len(t.at) < 8 {
		return t, fmt.Errorf("impossible measures of %v", secWordAt)
	}
	t.lead = uint(bits.Len(uint(len(t.at)/4-1)) - 1)
	if t.lead >= pageWordBits || len(t.at) != 4*(1<<t.lead+1) {
		return t, fmt.Errorf("impossible measures of %v", secWordAt)
	}
	t.n = binary.LittleEndian.Uint32(t.at[4<<t.lead:])
	var ok bool
	if t.keys, ok = openBits(sections[secWordKeys], uint64(t.n)); !ok || t.keys.width != pageWordBits-t.lead {
		return t, fmt.Errorf("impossible measures of %v", secWordKeys)
	}
	if t.pages, ok = openBits(sections[secWordPages], uint64(t.n)); !ok {
		return t, fmt.Errorf("impossible measures of %v", secWordPages)
	}
	return t, nil
}

// bucket is where the rows with the same leading bits lie.
func (t *wordTable) bucket(i uint64) (lo, hi uint32) {
	b := t.at[4*i:]
	hi = min(binary.LittleEndian.Uint32(b[4:]), t.n)
	return min(binary.LittleEndian.Uint32(b), hi), hi
}

// rows is where the rows of a hidden word lie. A word that a hundred thousand pages have takes a few steps more.
func (t *wordTable) rows(word uint64) (lo, hi uint32) {
	if t.n == 0 {
		return 0, 0
	}
	kept := word >> (64 - pageWordBits)
	lo, hi = t.bucket(kept >> t.keys.width)
	rest := kept & t.keys.mask
	return t.first(rest, lo, hi), t.first(rest+1, lo, hi)
}

// first is the first row from lo on of which the key is not less than rest.
func (t *wordTable) first(rest uint64, lo, hi uint32) uint32 {
	for lo < hi {
		if mid := lo + (hi-lo)/2; t.keys.get(int(mid)) < rest {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// wordSource yields the words of a segment, their pages renumbered; NoDoc drops one.
type wordSource struct {
	v      *wordTable
	remap  func(uint32) uint32
	i      uint32 // the next row
	bucket uint64 // of the row at hand
	page   uint32
}

func (s *wordSource) next() bool {
	for s.i < s.v.n {
		for s.bucket < 1<<s.v.lead-1 {
			if _, hi := s.v.bucket(s.bucket); hi > s.i {
				break
			}
			s.bucket++
		}
		s.i++
		if p := s.v.pages.get(int(s.i - 1)); p < uint64(NoDoc) {
			if s.page = s.remap(uint32(p)); s.page != NoDoc {
				return true
			}
		}
	}
	return false
}

func (s *wordSource) hash() uint64 {
	return (s.bucket<<s.v.keys.width | s.v.keys.get(int(s.i-1))) << (64 - pageWordBits)
}

func (s *wordSource) appendPlaces(dst []place) []place {
	return append(dst, place{doc: s.page, from: s.page, times: 1})
}

func (s *wordSource) err() error { return nil }
