package fingerprints

import (
	"cmp"
	"encoding/hex"
	"math"
	"path"
	"slices"
	"strings"
	"time"

	"unmirror/fingerprints/index"
	"unmirror/fingerprints/match"
	"unmirror/fingerprints/open"
)

// ranking gathers the matches of an item's parts.
type ranking struct {
	m        *Matcher
	item     string // its name
	snap     *index.Snapshot
	matches  []ranked
	archives map[fileRef]*archive // known archives of which members were found
	leaves   int                  // parts that are no archives themselves
	public   int                  // those of them that are in the baseline
	explain  int                  // parts recognised that are known outside an archive too
	found    int                  // parts recognised
	reading  time.Duration        // what directories inside the item took so far
	touched  map[fileRef]bool     // files of which some passages were seen, told or not
	unread   map[fileRef]bool     // letters whose record was found, and no passage of them
}

// fileRef names a known file: a segment and its number there.
type fileRef struct{ seg, file uint32 }

// ranked is a match with what else decides its place.
type ranked struct {
	match.Match
	ref   fileRef
	level int // 0 the same bytes, 1 a known archive whole or in part, 2 a part the same bytes, 3 the same text, 4 a page, 5 passages, 6 chunks
}

const (
	levelIdentical = iota
	levelArchive
	levelMember
	levelText
	levelImage
	levelPassages
	levelChunks
)

// maxMatches bounds a report; maxPerPart what one part may add to it.
const (
	maxMatches = 50
	maxPerPart = 5
)

// part matches one part on every level.
func (r *ranking) part(e *partMatch) {
	texts := make([]*textMatch, 0, len(e.texts))
	for i := range open.MostTexts {
		if t := e.texts[i]; t != nil {
			texts = append(texts, t)
		}
	}
	written := texts[:len(texts):len(texts)]
	if t := e.texts[readText]; t != nil {
		texts = append(texts, t)
	}
	leaf := e.part.Index > 0 && !e.part.Hidden && e.size > 0 && (len(texts) > 0 || !isArchive(e.part.Type))
	if leaf {
		r.leaves++
	}
	if r.isPublic(e, texts) {
		if leaf {
			r.public++
		}
		return
	}
	if len(r.matches) > 8*maxMatches {
		r.order()
		r.matches = r.matches[:maxMatches]
	}
	texts = withoutNumbers(texts, r.m.library.secrets)
	for _, t := range texts {
		t.lookEdges(r.m.library.secrets)
	}
	before := len(r.matches)
	groups := map[uint64]bool{} // documents told already on a stronger level
	n := r.identical(e, texts, groups)
	for _, t := range texts {
		n += r.text(e, t, groups, maxPerPart-n)
	}
	told := r.passages(e, texts, groups, maxPerPart-n)
	persons := r.records(e, texts, r.matches[before:])
	r.samePerson(r.matches[before:], told, persons, anybody(texts))
	r.images(e, r.matches[before:])
	r.chunks(e, written, r.matches[before:], maxPerPart-n)
}

func isArchive(kind string) bool {
	switch kind {
	case "zip", "tar", "gz", "bz2", "xz", "zst", "lz4", "br", "zlib", "z", "deflate", "yenc", "7z", "rar", "tgz", "mbox":
		return true
	}
	return false
}

// isPublic tells whether the very bytes or the very text are in the baseline. The text in a binary is not all that is in it.
func (r *ranking) isPublic(e *partMatch, texts []*textMatch) bool {
	if e.part.Type == "binary" {
		texts = nil
	}
	for _, seg := range r.snap.Baseline {
		if len(seg.Content(e.digest)) > 0 {
			return true
		}
		for _, t := range texts {
			if t.stream.Len() >= minText && len(seg.Texts(t.digest(r.m.library.secrets))) > 0 {
				return true
			}
		}
	}
	return false
}

// knownFile is a known file that may be named.
type knownFile struct {
	seg  uint32
	at   uint32
	file index.File
	doc  *index.Doc
}

func (k knownFile) ref() fileRef { return fileRef{k.seg, k.at} }

func (r *ranking) file(seg, at uint32) (knownFile, bool) {
	s := r.snap.Known[seg]
	f, err := s.File(at)
	if err != nil {
		return knownFile{}, false
	}
	k := knownFile{seg: seg, at: at, file: f}
	if f.Doc < s.Docs() {
		d := s.Doc(f.Doc)
		k.doc = &d
	}
	return k, true
}

// maxAlike bounds how many known files with the same content are looked at.
const maxAlike = 64

func (r *ranking) identical(e *partMatch, texts []*textMatch, groups map[uint64]bool) int {
	var files []knownFile
	for seg, s := range r.snap.Known {
		for _, at := range s.Content(e.digest) {
			if f, ok := r.file(uint32(seg), at); ok && len(files) < maxAlike {
				files = append(files, f)
			}
		}
	}
	level, grade := levelIdentical, match.Identical
	if e.part.Index > 0 {
		level, grade = levelMember, match.Member
	}
	return r.exact(e, files, level, grade, func(f knownFile) float64 {
		var h *hits
		if len(texts) > 0 {
			h = &texts[0].hits
		}
		if f.doc != nil {
			groups[f.doc.Group] = true
		}
		if e.part.Index == 0 && f.file.Members > 0 && r.leaves > 0 && r.public == r.leaves {
			return 0 // an archive of public files
		}
		return exactBits(f.file, f.doc, h)
	})
}

func (r *ranking) text(e *partMatch, t *textMatch, groups map[uint64]bool, most int) int {
	if t.stream.Len() < minText || most <= 0 {
		return 0
	}
	digest := t.digest(r.m.library.secrets)
	var files []knownFile
	for seg, s := range r.snap.Known {
		for _, d := range s.Texts(digest) {
			if d >= s.Docs() {
				continue
			}
			doc := s.Doc(d)
			if groups[doc.Group] || t == e.texts[readText] && r.readOf(docRef{uint32(seg), d}) {
				continue
			}
			for _, at := range s.DocFiles(doc) {
				if f, ok := r.file(uint32(seg), at); ok && len(files) < maxAlike {
					f.doc = &doc
					f.file.Canonical = t.stream.Len()
					files = append(files, f)
				}
			}
		}
	}
	for _, f := range files {
		groups[f.doc.Group] = true
	}
	return r.exact(e, files, levelText, match.Text, func(f knownFile) float64 { return exactBits(f.file, f.doc, &t.hits) })
}

// exact adds the files whose bytes or text are the part's, the likeliest first.
func (r *ranking) exact(e *partMatch, files []knownFile, level int, grade match.Grade, weight func(knownFile) float64) int {
	r.prefer(e, files)
	n := 0
	loose := false
	for _, f := range files {
		bits := weight(f)
		if bits < weakBits {
			continue
		}
		m := r.describe(f, grade, e.part.Path)
		m.Bits, m.Coverage = bits, 1
		if f.doc != nil {
			m.Passages = int(f.doc.Passages)
		}
		r.member(f, e.part.Path, bits)
		loose = loose || f.file.Parent == index.NoParent
		if n < maxPerPart {
			r.matches = append(r.matches, ranked{m, r.written(f).ref(), level})
		}
		n++
	}
	if n > 0 && e.part.Index > 0 {
		r.found++
		if loose {
			r.explain++
		}
	}
	return min(n, maxPerPart)
}

// prefer puts the files first that are called as the part is, then those that stand for themselves, then those of its
// type.
func (r *ranking) prefer(e *partMatch, files []knownFile) {
	name := path.Base(e.part.Path)
	rank := func(f knownFile) int {
		n := 0
		if e.part.Path == "" || path.Base(f.file.Name) != name {
			n += 4
		}
		if f.file.Parent != index.NoParent {
			n += 2
		}
		if f.file.Type != e.part.Type {
			n++
		}
		return n
	}
	slices.SortStableFunc(files, func(a, b knownFile) int { return cmp.Compare(rank(a), rank(b)) })
}

// written is the file itself, of a file's text without its escapes.
func (r *ranking) written(f knownFile) knownFile {
	if !strings.HasSuffix(f.file.Name, unescapedLayer) || f.file.Parent == index.NoParent {
		return f
	}
	if up, ok := r.file(f.seg, f.file.Parent); ok {
		return up
	}
	return f
}

func (r *ranking) describe(f knownFile, grade match.Grade, part string) match.Match {
	f = r.written(f)
	return match.Match{
		Grade: grade, Leak: r.snap.Known[f.seg].Leaks()[f.file.Leak].Slug, KnownFile: f.file.Name, FileID: "f_" + hex.EncodeToString(f.file.ID[:]),
		Part: part, Subjects: len(f.file.Subjects), Categories: f.file.Categories,
	}
}

// tieShare is from which share of the strongest one's bits another version of a document is told as well: a piece that both
// hold does not say which it is from.
const tieShare = 0.97

// passages adds the documents of which the part holds a piece, from the decoding that fits best. It returns what else those
// tell that may be letters.
func (r *ranking) passages(e *partMatch, texts []*textMatch, groups map[uint64]bool, most int) map[fileRef]aside {
	beside, told := map[fileRef]aside{}, map[uint64]float64{}
	var best []shared
	for _, t := range texts {
		found := t.hits.weigh(t.stream.Len(), r.m.noticeBits)
		if t == e.texts[readText] {
			found = slices.DeleteFunc(found, func(s shared) bool { return r.readOf(s.ref) })
		}
		if len(found) > 0 && (best == nil || found[0].bits > best[0].bits) {
			best = found
		}
	}
	for _, s := range best {
		seg := r.snap.Known[s.ref.seg]
		doc := seg.Doc(s.ref.doc)
		r.misread(&s)
		if s.coverage >= touchedPart {
			r.touch(s.ref, doc)
		}
		r.besides(beside, s, doc)
		if s.bits < weakBits || most <= 0 {
			continue
		}
		first, version := told[doc.Group]
		if groups[doc.Group] && (!version || s.bits < tieShare*first) {
			continue
		}
		groups[doc.Group] = true
		if told[doc.Group] = s.bits; version {
			told[doc.Group] = math.Inf(1) // two will do
		}
		var files []knownFile
		for _, at := range seg.DocFiles(doc) {
			if f, ok := r.file(s.ref.seg, at); ok && len(files) < maxAlike {
				files = append(files, f)
			}
		}
		if len(files) == 0 {
			continue
		}
		r.prefer(e, files)
		m := r.describe(files[0], match.Passages, e.part.Path)
		m.Bits, m.Coverage, m.Passages, m.Spans = s.bits, s.coverage, s.passages, s.spans
		r.matches = append(r.matches, ranked{m, r.written(files[0]).ref(), levelPassages})
		for _, f := range files {
			r.member(f, e.part.Path, s.bits)
		}
		most--
	}
	return beside
}

// touch notes a document of which passages were seen.
func (r *ranking) touch(ref docRef, doc index.Doc) {
	if r.touched == nil {
		r.touched = map[fileRef]bool{}
	}
	for _, at := range r.snap.Known[ref.seg].DocFiles(doc) {
		r.touched[fileRef{ref.seg, at}] = true
	}
}

// alonePart is what the record of a letter counts for its place of which no passage was seen: the row of a table that says
// the same comes first.
const alonePart = 0.75

// touchedPart is how much of a letter must be seen for its passages to be more than turns of phrase.
const touchedPart = 0.1

// standing is what a known file's passages and records come to together, those of a document that is there for the most
// part twice and three times: a letter is named before the table that holds its addressee's row.
func (r *ranking) standing() map[fileRef]float64 {
	sum := map[fileRef]float64{}
	for _, m := range r.matches {
		if m.level != levelPassages {
			continue
		}
		worth := m.Bits
		if m.Grade == match.Passages {
			worth *= 1 + 2*m.Coverage
		} else if r.unread[m.ref] {
			worth *= alonePart
		}
		sum[m.ref] += worth
	}
	return sum
}

// order sorts the matches, strongest first.
func (r *ranking) order() {
	standing := r.standing()
	slices.SortStableFunc(r.matches, func(a, b ranked) int {
		return cmp.Or(
			compareBool(b.Bits >= r.m.noticeBits, a.Bits >= r.m.noticeBits),
			cmp.Compare(a.level, b.level),
			cmp.Compare(standing[b.ref], standing[a.ref]), cmp.Compare(b.Bits, a.Bits), cmp.Compare(b.Coverage, a.Coverage), cmp.Compare(a.Part, b.Part),
		)
	})
}

// best returns the matches, strongest first.
func (r *ranking) best() []match.Match {
	r.wholeArchives()
	r.order()
	out := []match.Match{}
	for _, m := range r.matches[:min(len(r.matches), maxMatches)] {
		out = append(out, m.Match)
	}
	return out
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
