package fingerprints

import (
	"cmp"
	"encoding/hex"
	"math"
	"path"
	"slices"
	"strings"

	"unmirror/fingerprints/index"
	"unmirror/fingerprints/match"
)

// ranking gathers the matches of an item's parts.
type ranking struct {
	m        *Matcher
	snap     *index.Snapshot
	matches  []ranked
	archives map[fileRef]*archive // known archives of which members were found
	leaves   int                  // parts that are no archives themselves
	public   int                  // those of them that are in the baseline
	explain  int                  // parts recognised that are known outside an archive too
	found    int                  // parts recognised
}

// fileRef names a known file: a segment and its number there.
type fileRef struct{ seg, file uint32 }

// archive is a known archive of which members were found.
type archive struct {
	members map[uint32]struct{}
	bits    float64
	within  string // the path of the container that holds all that was found of it; empty for the item itself
}

// ranked is a match with what else decides its place.
type ranked struct {
	match.Match
	ref   fileRef
	level int // 0 the same bytes, 1 a known archive whole or in part, 2 a part the same bytes, 3 the same text, 4 passages, 5 chunks
}

const (
	levelIdentical = iota
	levelArchive
	levelMember
	levelText
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
	for i := range len(e.texts) {
		if t := e.texts[i]; t != nil {
			texts = append(texts, t)
		}
	}
	leaf := e.part.Index > 0 && e.size > 0 && (len(texts) > 0 || !isArchive(e.part.Type))
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
	beyond := r.passages(e, texts, groups, maxPerPart-n)
	r.records(e, texts, r.matches[before:])
	samePerson(r.matches[before:], beyond)
	r.chunks(e, texts, r.matches[before:], maxPerPart-n)
}

func isArchive(kind string) bool {
	switch kind {
	case "zip", "tar", "gz", "bz2", "xz", "zst", "lz4", "br", "zlib", "7z", "rar", "tgz", "mbox":
		return true
	}
	return false
}

// isPublic tells whether the very bytes or the very text are in the baseline.
func (r *ranking) isPublic(e *partMatch, texts []*textMatch) bool {
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
			if groups[doc.Group] {
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
			r.matches = append(r.matches, ranked{m, f.ref(), level})
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

func (r *ranking) describe(f knownFile, grade match.Grade, part string) match.Match {
	return match.Match{
		Grade: grade, Leak: r.snap.Known[f.seg].Leaks()[f.file.Leak].Slug, KnownFile: f.file.Name, FileID: "f_" + hex.EncodeToString(f.file.ID[:]),
		Part: part, Subjects: len(f.file.Subjects), Categories: f.file.Categories,
	}
}

// member notes that a member of a known archive was found in the part of this path.
func (r *ranking) member(f knownFile, part string, bits float64) {
	if f.file.Parent == index.NoParent {
		return
	}
	top := f.file.Parent
	for {
		up, ok := r.file(f.seg, top)
		if !ok {
			return
		}
		if up.file.Parent == index.NoParent {
			break
		}
		top = up.file.Parent
	}
	ref := fileRef{f.seg, top}
	if r.archives == nil {
		r.archives = map[fileRef]*archive{}
	}
	a := r.archives[ref]
	if a == nil {
		a = &archive{members: map[uint32]struct{}{}, within: container(part)}
		r.archives[ref] = a
	}
	a.within = enclosing(a.within, container(part))
	if _, ok := a.members[f.at]; !ok {
		a.members[f.at] = struct{}{}
		a.bits += bits
	}
}

// between stands between a container and its member in a part's path.
const between = "!/"

// container is the path of what holds a part.
func container(part string) string {
	return part[:max(0, strings.LastIndex(part, between))]
}

// enclosing is the innermost container that holds both.
func enclosing(a, b string) string {
	x, y := strings.Split(a, between), strings.Split(b, between)
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	return strings.Join(x[:n], between)
}

// tieShare is from which share of the strongest one's bits another version of a document is told as well: a piece that both
// hold does not say which it is from.
const tieShare = 0.97

// passages adds the documents of which the part holds a piece, from the decoding that fits best. It returns what those would
// weigh of which the part looks like another instance of their template, if it is about the same person.
func (r *ranking) passages(e *partMatch, texts []*textMatch, groups map[uint64]bool, most int) map[fileRef]float64 {
	beyond, told := map[fileRef]float64{}, map[uint64]float64{}
	var best []shared
	for _, t := range texts {
		if found := t.hits.weigh(t.stream.Len(), r.m.noticeBits); len(found) > 0 && (best == nil || found[0].bits > best[0].bits) {
			best = found
		}
	}
	for _, s := range best {
		seg := r.snap.Known[s.ref.seg]
		doc := seg.Doc(s.ref.doc)
		if s.bits < weakBits || most <= 0 {
			break
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
		r.matches = append(r.matches, ranked{m, files[0].ref(), levelPassages})
		for _, f := range files {
			r.member(f, e.part.Path, s.bits)
		}
		if s.beyond > s.bits {
			beyond[files[0].ref()] = s.beyond
		}
		most--
	}
	return beyond
}

// wholeArchives adds the known archives of which a good part was found. One that was recognised by its own bytes is told
// already, and gets the place of an archive.
func (r *ranking) wholeArchives() {
	for ref, a := range r.archives {
		f, ok := r.file(ref.seg, ref.file)
		if !ok || f.file.Members == 0 {
			continue
		}
		share := float64(len(a.members)) / float64(f.file.Members)
		if r.found < 2 || len(a.members) < 2 || share < 0.3 && r.explain == r.found || r.told(ref) {
			continue
		}
		m := r.describe(f, match.Member, a.within)
		m.Bits, m.Coverage = min(a.bits, maxExact), min(1, share)
		r.matches = append(r.matches, ranked{m, ref, levelArchive})
	}
}

// told tells whether a known archive was itself recognised, as the item or in it.
func (r *ranking) told(ref fileRef) bool {
	found := false
	for i := range r.matches {
		if m := &r.matches[i]; m.ref == ref && m.level <= levelMember {
			m.level, found = min(m.level, levelArchive), true
		}
	}
	return found
}

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
