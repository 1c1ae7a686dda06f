package fingerprints

import (
	"cmp"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"time"

	"unmirror/fingerprints/index"
	"unmirror/fingerprints/listing"
	"unmirror/fingerprints/match"
)

// What an archive's directory alone comes to.
const (
	// crcBits is what the same CRC-32 tells of two contents of the same size, in bits.
	crcBits = 32
	// freeMembers is how many members an archive may list before each shared one pays for there being so many chances.
	freeMembers = 16
	// listedShare is the part of a known archive that must be listed before it is named, unless it explains all.
	listedShare = 0.3
	// maxShared bounds how many shared members are looked at closely, maxListedFiles the known files of one of them, and
	// maxListedGroups the archives and leaks told apart.
	maxShared       = 20_000
	maxListedFiles  = 16
	maxListedGroups = 1 << 12
)

// listedPair keys what a directory tells of a member.
func listedPair(s *secrets, size int64, crc uint32) uint64 {
	return prf64(s.listed, "pair", string(binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint64(nil, uint64(size)), crc)))
}

// listedSize keys what a directory tells that keeps checksums to itself.
func listedSize(s *secrets, size int64) uint64 {
	return prf64(s.listed, "size", string(binary.LittleEndian.AppendUint64(nil, uint64(size))))
}

// sizeBits is what the exact size of a content tells, in bits. Sizes of files lie spread over several powers of two, the
// more thinly the larger they are; three bits less than the logarithm errs to the safe side.
func sizeBits(size int64) float64 {
	return max(0, min(10, math.Log2(float64(max(1, size)))-3))
}

// Listing answers for an item of size bytes of which tail are the last, by the directory that an archive ends with: see
// Matcher.Listing. The threshold is DefaultNoticeBits.
func (l *Library) Listing(tail []byte, size int64) (rep match.Report, need int64) {
	return NewMatcher(l, nil, 0).Listing("", tail, size)
}

// Listing answers for an item of size bytes of which tail are the last, by the directory that an archive ends with: the
// sizes and checksums of its members, also encrypted ones, never their names. Where need is above 0, that many bytes from
// the end are wanted; call again with them. None says that the directory lists nothing known, not that nothing known is
// in the item; unreadable, that there is no directory to be read, with the reason.
func (m *Matcher) Listing(item string, tail []byte, size int64) (rep match.Report, need int64) {
	rep = m.timed(item, size, func() match.Report {
		rep := unread(item, size)
		var l listing.Listing
		var err error
		if l, need, err = listing.Read(tail, size); err != nil {
			rep.Reason = directoryReason(err)
			return rep
		}
		if need > 0 {
			rep.Reason = "more of the end is needed"
			return rep
		}
		snap := m.library.hold()
		if snap == nil {
			rep.Reason = "the index is closed"
			return rep
		}
		defer snap.Release()
		r := &ranking{m: m, snap: snap}
		r.listing(l, "")
		r.order()
		rep.Verdict = match.None
		for _, x := range r.matches {
			rep.Matches = append(rep.Matches, x.Match)
		}
		if best := rep.Best(); best != nil {
			rep.Verdict = match.Weak
			if best.Bits >= m.noticeBits {
				rep.Verdict = match.Matched
			}
		}
		return rep
	})
	return rep, need
}

// directoryReason is the one among the known errors: what a reader says may hold a path.
func directoryReason(err error) string {
	for _, known := range []error{listing.ErrNone, listing.ErrEncrypted, listing.ErrDamaged, listing.ErrTooLarge} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return "the directory could not be read"
}

// listed gathers what a directory shares with the known files.
type listed struct {
	r        *ranking
	listing  listing.Listing
	discount float64 // bits that each shared member pays
	archives map[fileRef]*directoryShare
	leaks    map[string]*directoryShare
	looked   int
}

// directoryShare is what a directory shares with one known archive or one leak.
type directoryShare struct {
	n     int
	bits  float64
	files []listedFile // of a leak, each content once
}

type listedFile struct {
	knownFile
	bits float64
}

// listing adds the known archives and files that a directory lists.
func (r *ranking) listing(l listing.Listing, part string) {
	// a document's members are no files; but documents do not encrypt them one by one
	if l.Document && !l.Encrypted || !slices.ContainsFunc(r.snap.Known, (*index.Segment).HasListings) {
		return
	}
	d := &listed{
		r: r, listing: l, discount: math.Log2(math.Max(1, float64(len(l.Members))/freeMembers)),
		archives: map[fileRef]*directoryShare{}, leaks: map[string]*directoryShare{},
	}
	pairs := slices.Clone(l.Members)
	slices.SortFunc(pairs, func(a, b listing.Member) int { return cmp.Or(cmp.Compare(a.Size, b.Size), cmp.Compare(a.CRC, b.CRC)) })
	var sizes []int64
	for _, m := range slices.Compact(pairs) {
		switch {
		case m.Size < minBytes || d.looked >= maxShared:
		case m.HasCRC:
			d.pair(m)
		default:
			sizes = append(sizes, m.Size)
		}
	}
	d.tell(part)
	sizes = slices.Compact(sizes)
	r.listedSizes(sizes, part)
	r.looseSizes(sizes, part)
}

// pair looks one member up.
func (d *listed) pair(m listing.Member) {
	s := d.r.m.library.secrets
	key := listedPair(s, m.Size, m.CRC)
	var files []knownFile
	for seg, known := range d.r.snap.Known {
		for _, at := range known.Listed(key) {
			if f, ok := d.r.file(uint32(seg), at); ok && f.file.Bytes == m.Size && len(files) < maxListedFiles {
				files = append(files, f)
			}
		}
	}
	if len(files) == 0 {
		return
	}
	d.looked++
	if inBaseline(d.r.snap, publicMember(s, key)) {
		return
	}
	bits := math.Min(crcBits+sizeBits(m.Size), d.r.worth(files[0]))
	if bits < weakBits {
		return
	}
	leaks := map[string]knownFile{}
	archives := map[fileRef]bool{}
	for _, f := range files {
		slug := d.r.slug(f)
		if best, ok := leaks[slug]; !ok || best.file.Parent != index.NoParent && f.file.Parent == index.NoParent {
			leaks[slug] = f
		}
		d.ancestors(f, archives)
	}
	if len(leaks) > maxChunkDocs {
		return // what lies in unrelated leaks is public
	}
	bits = max(0, bits/float64(len(leaks))-d.discount)
	for slug, f := range leaks {
		t := entry(d.leaks, slug)
		t.n++
		t.bits += bits
		t.files = append(t.files, listedFile{f, bits})
	}
	for ref := range archives {
		if t := entry(d.archives, ref); t != nil {
			t.n++
			t.bits += bits
		}
	}
}

func entry[K comparable](m map[K]*directoryShare, k K) *directoryShare {
	t := m[k]
	if t == nil && len(m) < maxListedGroups {
		t = &directoryShare{}
		m[k] = t
	}
	return t
}

func (r *ranking) slug(f knownFile) string { return r.snap.Known[f.seg].Leaks()[f.file.Leak].Slug }

// ancestors adds the archives that hold a file.
func (d *listed) ancestors(f knownFile, to map[fileRef]bool) {
	for up := f.file.Parent; up != index.NoParent; {
		p, ok := d.r.file(f.seg, up)
		if !ok {
			return
		}
		if isArchive(p.file.Type) && len(to) < maxListedGroups {
			to[p.ref()] = true
		}
		up = p.file.Parent
	}
}

// tell adds what was found: first the archives of which the directory lists a good part, then the files.
func (d *listed) tell(part string) {
	most := 0
	for _, t := range d.leaks {
		most = max(most, t.n)
	}
	type candidate struct {
		knownFile
		*directoryShare
	}
	var found []candidate
	for ref, t := range d.archives {
		f, ok := d.r.file(ref.seg, ref.file)
		if !ok || t.n < 2 || t.bits < weakBits || float64(t.n) < listedShare*float64(f.file.Members) && t.n < most {
			continue
		}
		found = append(found, candidate{f, t})
	}
	slices.SortFunc(found, func(a, b candidate) int {
		away := func(c candidate) int { return max(c.file.Members, len(d.listing.Members)) - c.n }
		return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(away(a), away(b)), cmp.Compare(a.seg, b.seg), cmp.Compare(a.at, b.at))
	})
	for _, c := range found[:min(len(found), maxPerPart)] {
		m := d.r.describe(c.knownFile, match.Listing, part)
		m.Bits, m.Passages = math.Min(maxExact, c.bits), c.n
		m.Coverage = math.Min(1, float64(c.n)/float64(max(1, d.r.listable(c.knownFile))))
		level := levelArchive
		if c.n < most { // loose files explain more
			level = levelText
		}
		d.r.matches = append(d.r.matches, ranked{m, c.ref(), level})
	}
	for _, t := range d.leaks {
		d.tellFiles(t, part)
	}
}

// listable counts the members of a known archive that a directory can list and that are worth anything: not the pictures
// of its documents, nor what is tiny. Members follow their archive.
func (r *ranking) listable(k knownFile) (n int) {
	if k.file.Members > sizeMembers {
		return k.file.Members
	}
	for at := k.at + 1; at <= k.at+uint32(k.file.Members); at++ {
		m, ok := r.file(k.seg, at)
		if !ok || m.file.Bytes < minBytes || m.file.Entropy <= 0 {
			continue
		}
		if up, ok := r.file(k.seg, m.file.Parent); ok && isArchive(up.file.Type) {
			n++
		}
	}
	return n
}

// tellFiles adds the files of one leak that a directory lists, those with most in them first. Each has the weight of all.
func (d *listed) tellFiles(t *directoryShare, part string) {
	if t.bits < weakBits {
		return
	}
	slices.SortStableFunc(t.files, func(a, b listedFile) int {
		return cmp.Or(cmp.Compare(b.bits, a.bits), cmp.Compare(b.file.Bytes, a.file.Bytes))
	})
	for _, f := range t.files[:min(len(t.files), maxPerPart)] {
		m := d.r.describe(f.knownFile, match.Listing, part)
		m.Bits, m.Coverage, m.Passages = math.Min(maxExact, t.bits), 1, t.n
		d.r.matches = append(d.r.matches, ranked{m, f.ref(), levelMember})
	}
}

// Sizes alone, of archives whose encryption (AE-2 among others) leaves checksums out.
const (
	// minSizes is from how many distinct sizes they are looked at, maxSizes up to how many.
	minSizes = 5
	maxSizes = 4096
	// sizeMembers bounds the known archives that sizes are compared with, by their members.
	sizeMembers = 20_000
	// maxSizeGroups is how many of them are compared.
	maxSizeGroups = 16
)

// listedSizes adds the known archives whose members have the sizes listed.
func (r *ranking) listedSizes(sizes []int64, part string) {
	if len(sizes) < minSizes {
		return
	}
	shared := map[fileRef][]int64{}
	for _, size := range sizes[:min(len(sizes), maxSizes)] {
		key := listedSize(r.m.library.secrets, size)
		holders := map[fileRef]bool{}
		for seg, known := range r.snap.Known {
			for _, at := range known.Listed(key) {
				d := listed{r: r}
				if f, ok := r.file(uint32(seg), at); ok && f.file.Bytes == size && len(holders) < maxListedFiles {
					d.ancestors(f, holders)
				}
			}
		}
		for ref := range holders {
			if len(shared) < maxListedGroups || shared[ref] != nil {
				shared[ref] = append(shared[ref], size)
			}
		}
	}
	refs := make([]fileRef, 0, len(shared))
	for ref, s := range shared {
		if len(s) >= minSizes {
			refs = append(refs, ref)
		}
	}
	slices.SortFunc(refs, func(a, b fileRef) int {
		return cmp.Or(cmp.Compare(len(shared[b]), len(shared[a])), cmp.Compare(a.seg, b.seg), cmp.Compare(a.file, b.file))
	})
	for _, ref := range refs[:min(len(refs), maxSizeGroups)] {
		f, ok := r.file(ref.seg, ref.file)
		if !ok || f.file.Members > sizeMembers || r.worth(f) <= 0 {
			continue
		}
		bits := sizesWeight(shared[ref], r.memberSizes(f), len(sizes))
		if bits < weakBits {
			continue
		}
		m := r.describe(f, match.Listing, part)
		m.Bits, m.Passages = math.Min(maxExact, bits), len(shared[ref])
		m.Coverage = math.Min(1, float64(len(shared[ref]))/float64(max(1, f.file.Members)))
		r.matches = append(r.matches, ranked{m, f.ref(), levelArchive})
	}
}

// memberSizes are the sizes of an archive's members, ascending. Members follow their archive.
func (r *ranking) memberSizes(k knownFile) (sizes []int64) {
	for at := k.at + 1; at <= k.at+uint32(k.file.Members); at++ {
		if m, ok := r.file(k.seg, at); ok {
			sizes = append(sizes, m.file.Bytes)
		}
	}
	slices.Sort(sizes)
	return sizes
}

// sizesWeight is how unlikely it is that so many of the n sizes listed are among the known ones by chance: an unrelated
// archive of the same kind of files has sizes as densely as the known one has them there, so a size is hit with that
// density; and any of the n might have been. Letters of one template, all nearly of a length, thus prove nothing.
func sizesWeight(shared, known []int64, n int) float64 {
	bits := 0.0
	for _, s := range shared {
		around := max(1, s/16)
		from, _ := slices.BinarySearch(known, s-around)
		to, _ := slices.BinarySearch(known, s+around+1)
		density := 2 * float64(max(1, to-from)) / float64(2*around+1)
		bits += math.Min(12, math.Max(0, -math.Log2(density)))
	}
	all, _ := math.Lgamma(float64(n + 1))
	in, _ := math.Lgamma(float64(len(shared) + 1))
	out, _ := math.Lgamma(float64(n - len(shared) + 1))
	return bits - (all-in-out)/math.Ln2
}

// maxDirectoryTime ends the reading of directories inside one item: each may unpack to 64 MiB, and an item of a few hundred
// kilobytes holds thousands.
const maxDirectoryTime = 3 * time.Second

// maxDirectoryTail is what is kept of the end of an archive inside an item, in bytes.
const maxDirectoryTail = 1 << 20

// directoryTail keeps the end of what passes.
type directoryTail struct {
	b    []byte
	size int64
}

func (t *directoryTail) write(p []byte) {
	t.size += int64(len(p))
	p = p[max(0, len(p)-maxDirectoryTail):]
	if len(t.b)+len(p) > 2*maxDirectoryTail {
		t.b = append(t.b[:0], t.b[len(t.b)-maxDirectoryTail:]...)
	}
	t.b = append(t.b, p...)
}

// hasDirectory tells of which kinds the directory is read when they cannot be opened. One file more makes a document of
// an archive, so documents are among them.
func hasDirectory(kind string) bool {
	switch kind {
	case "zip", "7z", "rar", "ooxml", "docx", "xlsx", "pptx", "odt", "ods", "odp":
		return true
	}
	return false
}

// accuses tells whether what was read is a match already: then what a directory lists says no more.
func (r *ranking) accuses() bool {
	return slices.ContainsFunc(r.matches, func(m ranked) bool { return m.Bits >= r.m.noticeBits })
}

// match matches an archive inside the item by its directory.
func (t *directoryTail) match(r *ranking, part string) {
	if r.accuses() || r.reading > maxDirectoryTime {
		return
	}
	start := time.Now()
	defer func() { r.reading += time.Since(start) }()
	if l, need, err := listing.Read(t.b, t.size); err == nil && need == 0 {
		r.listing(l, part)
	}
}

// directory matches the item by its directory where what is in it could not be read: encrypted, cut, or behind a limit.
func (s *matchSink) directory(r *guardedReader) {
	if s.rootPart == nil || !hasDirectory(s.rootPart.part.Type) || s.rootBytes == 0 {
		return
	}
	if s.ranking.accuses() {
		return
	}
	defer func() { recover() }() // a panic in reading a directory leaves what was matched already
	if l, err := listing.ReadAt(r, s.rootBytes); err == nil {
		s.ranking.listing(l, "")
	}
}
