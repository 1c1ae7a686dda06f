package index

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// joined drafts one segment out of several, without the leak dropped (a slug, or "").
func joined(kind Kind, segments []*Segment, dropped string) (*Draft, error) {
	d := &Draft{Kind: kind}
	for _, s := range segments {
		if kind == Baseline {
			d.joinBaseline(s)
			continue
		}
		if err := d.joinKnown(s, dropped); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func (d *Draft) joinBaseline(s *Segment) {
	d.passages = append(d.passages, &carriedPassages{cursor: cursor{v: &s.inverted}})
	for rows := s.sections[secTexts]; len(rows) >= rowSize; rows = rows[rowSize:] {
		d.Texts = append(d.Texts, Digest(rows[:16]))
	}
	for rows := s.sections[secContent]; len(rows) >= rowSize; rows = rows[rowSize:] {
		d.Content = append(d.Content, ContentRow{Digest(rows[:16]), NoDoc})
	}
	d.chunks = append(d.chunks, &chunkSource{rows: s.sections[secChunks]})
	d.carriedPages = append(d.carriedPages, &carriedPages{s: s})
	d.Leaks = append(d.Leaks, s.leaks...)
}

// carried is a segment of which files and records are taken over, with what they and its leaks and documents are called
// in the draft. Files stay sealed where they are until they are written, so that joining takes little memory.
type carried struct {
	s                  *Segment
	leaks, files, docs []uint32
	count              int // files that stay
	records            int // records that stay
}

func (c *carried) file(f uint32) uint32 { return renumber(c.files)(f) }

func (d *Draft) joinKnown(s *Segment, dropped string) error {
	c := &carried{s: s, leaks: make([]uint32, len(s.leaks)), files: make([]uint32, s.files), docs: make([]uint32, s.docs)}
	again := false // a leak that the draft has already
	for i, l := range s.leaks {
		c.leaks[i] = NoDoc
		if l.Slug != dropped || dropped == "" {
			before := len(d.Leaks)
			c.leaks[i] = d.leak(l)
			again = again || len(d.Leaks) == before
		}
	}
	c.numberDocs(d, again)
	if err := c.numberFiles(d.fileCount()); err != nil {
		return err
	}
	first := d.RecordCount()
	d.carried = append(d.carried, c)
	for i := range s.docs {
		if c.docs[i] == NoDoc {
			continue
		}
		for _, f := range s.DocFiles(s.Doc(i)) {
			if c.files[f] != NoDoc {
				to := &d.DocFiles[c.docs[i]]
				*to = append(*to, c.files[f])
			}
		}
	}
	for _, g := range s.guards {
		if to := c.leaks[g.leak]; to != NoDoc {
			at := len(d.guard)
			d.guard = append(d.guard, g.raw...)
			binary.LittleEndian.PutUint32(d.guard[at+8:], to)
		}
	}
	d.passages = append(d.passages, &carriedPassages{cursor{v: &s.inverted}, renumber(c.docs)})
	d.pairs = append(d.pairs, &carriedPairs{cursor{v: &s.pairs}, c.numberRecords(first)})
	d.joinChunks(s, c.files)
	d.carriedPages = append(d.carriedPages, &carriedPages{s: s, file: c.file})
	d.joinNumbers(s, c.file)
	d.joinHeld(s, c)
	return d.joinCells(s, c.leaks)
}

// carriedPassages yields the passages of a segment, its documents renumbered.
type carriedPassages struct {
	cursor
	remap func(uint32) uint32 // nil: a baseline, which has no documents
}

func (c *carriedPassages) appendPlaces(dst []place) []place {
	if c.remap == nil {
		return append(dst, place{})
	}
	for _, v := range c.values() {
		doc, repeated := docOf(v)
		p := place{doc: c.remap(doc), from: doc}
		if repeated {
			p.times = repeats
		}
		if p.doc != NoDoc {
			dst = append(dst, p)
		}
	}
	return dst
}

// numberRecords returns how the records that stay are numbered, from first on, and counts them.
func (c *carried) numberRecords(first int) func(uint32) uint32 {
	n := c.s.RecordCount()
	if c.count == len(c.files) {
		c.records = int(n)
		return func(r uint32) uint32 {
			if r >= n {
				return NoDoc
			}
			return uint32(first) + r
		}
	}
	remap := make([]uint32, n)
	for i := range remap {
		remap[i] = NoDoc
		if c.file(c.s.Record(uint32(i)).File) != NoDoc {
			remap[i] = uint32(first + c.records)
			c.records++
		}
	}
	return renumber(remap)
}

// numberFiles numbers the files that stay, from first on. Which leak a file is of is sealed with its name, so files are
// opened only when a leak is dropped.
func (c *carried) numberFiles(first int) error {
	all := !slices.Contains(c.leaks, NoDoc)
	r := fileReader{s: c.s}
	for i := range c.files {
		if !all {
			f, err := r.file(uint32(i))
			if err != nil {
				return fmt.Errorf("join segments: %w", err)
			}
			if c.leaks[f.Leak] == NoDoc {
				c.files[i] = NoDoc
				continue
			}
		}
		c.files[i] = uint32(first + c.count)
		c.count++
	}
	return nil
}

// fileCount is the number of files that the draft has so far.
func (d *Draft) fileCount() int {
	n := len(d.Files)
	for _, c := range d.carried {
		n += c.count
	}
	return n
}

// RecordCount is the number of records that the draft has so far.
func (d *Draft) RecordCount() int {
	n := len(d.Records)
	for _, t := range d.Tables {
		n += t.Count
	}
	for _, c := range d.carried {
		n += c.records
	}
	return n
}

// leak returns the draft's number of a leak, whose counts it adds up.
func (d *Draft) leak(l Leak) uint32 {
	for i := range d.Leaks {
		if have := &d.Leaks[i]; have.Slug == l.Slug {
			have.Absorb(l)
			return uint32(i)
		}
	}
	l.Subjects, l.Categories, l.Tables = slices.Clone(l.Subjects), slices.Clone(l.Categories), slices.Clone(l.Tables)
	d.Leaks = append(d.Leaks, l)
	return uint32(len(d.Leaks) - 1)
}

// Absorb adds what another segment knows of the same leak.
func (l *Leak) Absorb(other Leak) {
	l.Files += other.Files
	l.Bytes += other.Bytes
	l.Passages += other.Passages
	l.Subjects = union2(l.Subjects, other.Subjects)
	l.Categories = union2(l.Categories, other.Categories)
	l.Tables = append(l.Tables, other.Tables...)
	l.People += other.People
	switch {
	case l.Authority == "":
		l.Authority = other.Authority
	case other.Authority != "" && other.Authority != l.Authority:
		l.Authority += "; " + other.Authority
	}
	if other.Created.Before(l.Created) {
		l.Created = other.Created
	}
	if l.Title == "" {
		l.Title = other.Title
	}
}

func union2(a, b []string) []string {
	all := append(append([]string(nil), a...), b...)
	slices.Sort(all)
	return slices.Compact(all)
}

// numberDocs numbers the documents that stay; one that the draft has already, of the same leak, is shared.
func (c *carried) numberDocs(d *Draft, again bool) {
	type key struct {
		text Digest
		leak uint32
	}
	have := map[key]uint32{}
	if again {
		for i, doc := range d.Docs {
			have[key{doc.Text, doc.Leak}] = uint32(i)
		}
	}
	for i := range c.docs {
		doc := c.s.Doc(uint32(i))
		if doc.Leak = c.leaks[doc.Leak]; doc.Leak == NoDoc {
			c.docs[i] = NoDoc
			continue
		}
		n, ok := have[key{doc.Text, doc.Leak}]
		if !ok {
			n = uint32(len(d.Docs))
			d.Docs = append(d.Docs, doc)
			d.DocFiles = append(d.DocFiles, nil)
		}
		c.docs[i] = n
	}
}
