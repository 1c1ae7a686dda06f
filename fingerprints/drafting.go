package fingerprints

import (
	"encoding/binary"
	"path"
	"slices"
	"time"

	"unmirror/fingerprints/index"
	"unmirror/fingerprints/open"
)

// draft makes the segment of a leak out of what was read.
func (r *registration) draft(rules *rules, title string) (*index.Draft, error) {
	s := r.library.secrets
	leak := index.Leak{
		Slug: r.slug, Title: title, Created: time.Now().UTC().Truncate(time.Second), Tables: rules.tables, Authority: r.authority,
	}
	b := &drafting{
		d: &index.Draft{Kind: index.Known, Traces: r.traces, Pages: r.pages, PageFiles: r.pageFiles()}, texts: map[index.Digest]uint32{},
		remap: slices.Repeat([]uint32{index.NoDoc}, int(r.drafts.Load())), chunks: slices.Repeat([]uint32{index.NoDoc}, int(r.chunked.Load())),
	}
	names := newNaming(r.harvest, false, title, r.slug)
	for i, x := range r.results {
		if x == nil || len(x.parts) == 0 {
			continue
		}
		first := uint32(len(b.d.Files))
		for j, p := range x.parts {
			name := r.files[i].name
			if j > 0 {
				name = memberName(name, p.path)
			}
			p.file = uint32(len(b.d.Files))
			b.part(s, r.slug, name, p, first)
			f := &b.d.Files[len(b.d.Files)-1]
			f.Subjects, f.Categories = rules.of(s, r.slug, name)
			b.imaged(f, p.file, p.pages, x.worded(j), func(number uint32) index.FilePage {
				of := open.PagePath(name, name, int(number))
				one := index.FilePage{Number: number}
				one.Subjects, one.Categories = rules.of(s, r.slug, of)
				rules.use(of)
				rules.each(of, names.subject)
				leak.Subjects = append(leak.Subjects, one.Subjects...)
				leak.Categories = append(leak.Categories, one.Categories...)
				return one
			})
			names.part(x.parts, j, name)
			rules.use(name)
			rules.each(name, names.subject)
			leak.Subjects = append(leak.Subjects, f.Subjects...)
			leak.Categories = append(leak.Categories, f.Categories...)
		}
		leak.Files++
		leak.Bytes += x.parts[0].bytes
	}
	if err := r.tables.settle(b.d, &leak, r.eachTable); err != nil {
		return nil, err
	}
	b.settlePublished()
	slices.Sort(leak.Subjects)
	leak.Subjects, leak.Categories = slices.Compact(leak.Subjects), inOrder(leak.Categories)
	b.d.Leaks = []index.Leak{leak}
	b.d.Guard = []index.GuardSet{names.set(0)}
	if err := b.d.ChunksFromSorter(r.chunks, b.chunks); err != nil {
		return nil, err
	}
	return b.d, b.d.FromSorter(r.sorter, b.remap)
}

// drafting numbers documents by their text, and what has chunks by its file, while a draft grows.
type drafting struct {
	d             *index.Draft
	remap, chunks []uint32
	texts         map[index.Digest]uint32
}

// group tells which document a file is when chunks are counted: an archive's member is one of its own, a picture in a
// letter is the letter.
func (b *drafting) group(f *index.File, p *knownPart) uint32 {
	if f.Parent != index.NoParent && !isArchive(b.d.Files[f.Parent].Type) {
		return b.d.Groups[f.Parent]
	}
	return binary.LittleEndian.Uint32(p.content[:])
}

func (b *drafting) part(s *secrets, slug, name string, p *knownPart, first uint32) {
	at := uint32(len(b.d.Files))
	f := index.File{
		ID: fileID(s, slug, name, p.content), Name: name, Type: p.kind, Extractor: p.extractor, Bytes: p.bytes, Entropy: p.entropy,
		Doc: index.NoDoc, Parent: index.NoParent,
	}
	if p.parent >= 0 {
		f.Parent = first + uint32(p.parent)
		for up := f.Parent; up != index.NoParent; up = b.d.Files[up].Parent {
			b.d.Files[up].Members++
		}
	}
	for i, t := range slices.Concat(p.texts, p.read) {
		doc, ok := b.texts[t.text]
		if !ok {
			doc = uint32(len(b.d.Docs))
			b.texts[t.text] = doc
			b.d.Docs = append(b.d.Docs, index.Doc{
				Text: t.text, Total: t.total, Group: binary.LittleEndian.Uint64(p.groupOf(i)),
				Stem: prf64(s.stem, slug, documentStem(name)), Form: uint32(prf64(s.stem, "form", path.Ext(name))),
			})
			b.d.DocFiles = append(b.d.DocFiles, nil)
			b.d.DocTraces = append(b.d.DocTraces, t.trace)
		}
		b.remap[t.draft] = doc
		b.d.DocFiles[doc] = append(b.d.DocFiles[doc], at)
		if i == 0 && len(p.texts) > 0 {
			f.Doc, f.Canonical = doc, t.length
		}
	}
	f.Chunked = p.counted(b.chunks, at)
	f.Public = p.public
	b.publish(p, &f, at)
	b.d.Groups = append(b.d.Groups, b.group(&f, p))
	b.d.Files = append(b.d.Files, f)
	b.d.Content = append(b.d.Content, index.ContentRow{Digest: p.content, File: at})
}

// baselineDraft makes the segment of a baseline: sets, and nothing else.
func (r *registration) baselineDraft() (*index.Draft, error) {
	d := &index.Draft{Kind: index.Baseline, Pages: r.pages, PageFiles: make([]uint32, r.pages.Count()), Leaks: []index.Leak{{Created: time.Now().UTC().Truncate(time.Second)}}}
	remap := make([]uint32, r.drafts.Load())
	names := newNaming(r.harvest, true)
	for i, x := range r.results {
		if x == nil {
			continue
		}
		for j, p := range x.parts {
			names.part(x.parts, j, r.files[i].name)
			d.Content = append(d.Content, index.ContentRow{Digest: p.content, File: index.NoDoc})
			d.Content = append(d.Content, publicRows(r.library.secrets, p)...)
			for _, t := range slices.Concat(p.texts, p.read) {
				d.Texts = append(d.Texts, t.text)
			}
		}
	}
	d.Guard = []index.GuardSet{names.set(0)}
	if err := d.ChunksFromSorter(r.chunks, make([]uint32, r.chunked.Load())); err != nil {
		return nil, err
	}
	return d, d.FromSorter(r.sorter, remap)
}
