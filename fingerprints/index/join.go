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
		d.expect += int64(s.passages)
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
	d.passages = append(d.passages, &segmentSource{s: s})
	for rows := s.sections[secTexts]; len(rows) >= rowSize; rows = rows[rowSize:] {
		d.Texts = append(d.Texts, Digest(rows[:16]))
	}
	for rows := s.sections[secContent]; len(rows) >= rowSize; rows = rows[rowSize:] {
		d.Content = append(d.Content, ContentRow{Digest(rows[:16]), NoDoc})
	}
	d.chunks = append(d.chunks, &chunkSource{rows: s.sections[secChunks]})
	d.Leaks = append(d.Leaks, s.leaks...)
}

// renumbering maps what a segment calls its leaks, files and documents to what the draft calls them.
type renumbering struct{ leaks, files, docs []uint32 }

func (d *Draft) joinKnown(s *Segment, dropped string) error {
	r := renumbering{make([]uint32, len(s.leaks)), make([]uint32, s.files), make([]uint32, s.docs)}
	for i, l := range s.leaks {
		r.leaks[i] = NoDoc
		if l.Slug != dropped || dropped == "" {
			r.leaks[i] = d.leak(l)
		}
	}
	r.numberDocs(d, s)
	if err := r.copyFiles(d, s); err != nil {
		return err
	}
	for i := range s.docs {
		if r.docs[i] == NoDoc {
			continue
		}
		for _, f := range s.DocFiles(s.Doc(i)) {
			if r.files[f] != NoDoc {
				to := &d.DocFiles[r.docs[i]]
				*to = append(*to, r.files[f])
			}
		}
	}
	for rows := s.sections[secContent]; len(rows) >= rowSize; rows = rows[rowSize:] {
		if f := binary.LittleEndian.Uint32(rows[16:]); f < s.files && r.files[f] != NoDoc {
			d.Content = append(d.Content, ContentRow{Digest(rows[:16]), r.files[f]})
		}
	}
	for _, g := range s.guards {
		if to := r.leaks[g.leak]; to != NoDoc {
			raw := slices.Clone(g.raw)
			binary.LittleEndian.PutUint32(raw[8:], to)
			d.guard = append(d.guard, raw...)
		}
	}
	d.passages = append(d.passages, &segmentSource{s: s, remap: r.docs})
	d.joinChunks(s, r.files)
	return nil
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
func (r *renumbering) numberDocs(d *Draft, s *Segment) {
	type key struct {
		text Digest
		leak uint32
	}
	have := make(map[key]uint32, len(d.Docs))
	for i, doc := range d.Docs {
		have[key{doc.Text, doc.Leak}] = uint32(i)
	}
	for i := range s.docs {
		doc := s.Doc(i)
		to := r.leaks[doc.Leak]
		if to == NoDoc {
			r.docs[i] = NoDoc
			continue
		}
		doc.Leak = to
		n, ok := have[key{doc.Text, to}]
		if !ok {
			n = uint32(len(d.Docs))
			have[key{doc.Text, to}] = n
			d.Docs = append(d.Docs, doc)
			d.DocFiles = append(d.DocFiles, nil)
		}
		r.docs[i] = n
	}
}

func (r *renumbering) copyFiles(d *Draft, s *Segment) error {
	for i := range s.files {
		f, err := s.File(i)
		if err != nil {
			return fmt.Errorf("join segments: %w", err)
		}
		r.files[i] = NoDoc
		if f.Leak = r.leaks[f.Leak]; f.Leak == NoDoc {
			continue
		}
		if f.Doc != NoDoc && int(f.Doc) < len(r.docs) {
			f.Doc = r.docs[f.Doc]
		}
		if f.Parent != NoParent && f.Parent < i { // a parent stands before its members
			f.Parent = r.files[f.Parent]
		}
		r.files[i] = uint32(len(d.Files))
		d.Files = append(d.Files, f)
	}
	return nil
}
