package index

import "fmt"

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
		sources = append(sources, &keyTableSource{t: &c.s.words, remap: renumber(c.pages)})
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

// wordTable is how words and their pages are laid out.
func wordTable() keyTableKind {
	return keyTableKind{at: secWordAt, keys: secWordKeys, values: secWordPages, bits: pageWordBits, bucket: wordBucket, what: "words of pages"}
}

// layWords packs words and the pages that have them: about n rows, of which the sources give each once.
func layWords(w *segmentWriter, sources []source, n uint64, pages uint32) error {
	table, err := wordTable().writer(w, n, uint64(pages))
	if err != nil {
		return err
	}
	err = merge(w.ctx, sources, func(word uint64, at []place) error {
		for _, p := range at {
			table.put(word, p.doc)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write the words of pages: %w", err)
	}
	table.end()
	return nil
}
