package fingerprints

import (
	"cmp"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"unmirror/fingerprints/digest"
	"unmirror/fingerprints/index"
	"unmirror/fingerprints/match"
	"unmirror/fingerprints/winnow"
)

const (
	// lookupBytes is the size from which a file's digests may be sent to a look-up by hash: what is small can be guessed,
	// and a guess be confirmed by whoever is asked.
	lookupBytes = 16 << 10
	// maxHolders is how many known files of one registration may have the same published digest or the same place in a
	// directory: what lies in more is a filler of folders and tells nothing.
	maxHolders = 64
	// sampledPassages is of how many passages of a text it is asked whether they are public.
	sampledPassages = 4096
	// publishBuffer is the piece in which a known file is read to digest it, in bytes.
	publishBuffer = 512 << 10
)

// published is what is kept of a known part's digests until the draft is made.
type published struct {
	digests []index.Digest // keyed
	listed  []uint64       // keyed: size and CRC-32, and the size alone
	lookup  *index.Lookup
}

// publishing digests one known part as it is read.
type publishing struct {
	secrets  *secrets
	sum      *digest.Sum
	declared int64
}

func (x *extraction) newPublishing(size int64) *publishing {
	return &publishing{x.secrets, digest.New(size), size}
}

// end returns nothing for what weighs nothing, nor for a member of which only a part could be read.
func (p *publishing) end(entropy float64, failed bool) *published {
	size := p.sum.Size()
	if entropy <= 0 || size < minBytes || failed && size != p.declared {
		return nil
	}
	out := &published{listed: []uint64{listedPair(p.secrets, size, p.sum.CRC()), listedSize(p.secrets, size)}}
	values := p.sum.Values()
	for _, v := range values {
		if d := publishedDigest(p.secrets, v); !derived(v.Kind, size) && !slices.Contains(out.digests, d) {
			out.digests = append(out.digests, d)
		}
	}
	if size >= lookupBytes && entropy >= maxExact {
		out.lookup = lookupOf(values)
	}
	return out
}

// derived tells of digests that need no room: a CRC-32 with its size stands among the places in directories, and the
// BitTorrent root of a file of one block is its SHA-256.
func derived(k digest.Kind, size int64) bool {
	return k == digest.CRC32 || k == digest.Torrent2 && size <= digest.TorrentBlock
}

func lookupOf(values []digest.Value) *index.Lookup {
	l := &index.Lookup{}
	for _, v := range values {
		switch v.Kind {
		case digest.SHA256:
			l.SHA256 = []byte(v.Sum)
		case digest.SHA1:
			l.SHA1 = []byte(v.Sum)
		case digest.MD5:
			l.MD5 = []byte(v.Sum)
		}
	}
	return l
}

// publishedDigest keys a digest for the index. Two of them follow from others, which thus need no room of their own: the
// ETag of an upload in one part from the MD5, and the content hash of Dropbox, up to 4 MiB, from the SHA-256.
func publishedDigest(s *secrets, v digest.Value) (d index.Digest) {
	switch v.Kind {
	case digest.MD5:
		one := md5.Sum([]byte(v.Sum))
		v = digest.Value{Kind: digest.ETag, Sum: string(binary.BigEndian.AppendUint32(one[:], 1))}
	case digest.SHA256:
		again := sha256.Sum256([]byte(v.Sum))
		v = digest.Value{Kind: digest.Dropbox, Sum: string(again[:])}
	}
	sum := prf(s.published, string(v.Kind), v.Sum)
	copy(d[:], sum[:])
	return d
}

// publishRoot digests a registered file itself, which is read once more, beside whatever else is done with it: most of
// what is registered again is known by its bytes and needs none of this. What it returns waits for the result.
func (x *extraction) publishRoot(ctx context.Context, f io.ReaderAt, whole *bytesReading, entropy float64) func() (*published, error) {
	if entropy <= 0 {
		return func() (*published, error) { return nil, nil }
	}
	want := publishedDigest(x.secrets, digest.Value{Kind: digest.SHA256, Sum: string(whole.sum.Sum(nil))})
	var out *published
	var failed error
	done := make(chan struct{})
	go func() {
		defer close(done)
		p := x.newPublishing(whole.size)
		r := io.NewSectionReader(f, 0, whole.size)
		if _, err := io.CopyBuffer(p.sum, &cancelled{ctx, r}, make([]byte, min(publishBuffer, whole.size))); err != nil {
			failed = fmt.Errorf("read again: %w", err)
			return
		}
		if got := p.end(entropy, false); got != nil && slices.Contains(got.digests, want) { // the file did not change meanwhile
			out = got
		}
	}()
	return func() (*published, error) { <-done; return out, failed }
}

// borderPassages is how many passages reach over a border between two public texts, which are public and yet not known
// together: a run of others among public ones is somebody's own from there on.
const borderPassages = 4*winnow.K/(winnow.Window+1) + 1

// publicSample asks of a text's first passages whether they are public.
type publicSample struct{ seen, public, run, own int }

func (t *publicSample) see(prints []winnow.Print, public func(uint64) bool) {
	for _, p := range prints[:min(len(prints), sampledPassages-t.seen)] {
		t.seen++
		if !public(p.Hash) {
			t.run++
			continue
		}
		t.public++
		t.own += max(0, t.run-borderPassages)
		t.run = 0
	}
}

// share is the part of the text that is public, from 0 to 1.
func (t *publicSample) share() float64 {
	if t.public == 0 {
		return 0
	}
	return 1 - float64(t.own+max(0, t.run-borderPassages))/float64(t.seen)
}

// isPublicPassage looks a passage up in the baseline as it is now.
func isPublicPassage(s *secrets, snap *index.Snapshot, hash uint64) bool {
	if s.public.has(hash) {
		return true
	}
	return snap != nil && slices.ContainsFunc(snap.Baseline, func(seg *index.Segment) bool {
		_, ok := seg.Find(hash)
		return ok
	})
}

// publish adds a part's digests and its place in a directory to a draft.
func (b *drafting) publish(p *knownPart, f *index.File, at uint32) {
	if p.published == nil {
		return
	}
	f.Lookup = p.published.lookup
	for _, d := range p.published.digests {
		b.d.Digests = append(b.d.Digests, index.ContentRow{Digest: d, File: at})
	}
	if f.Parent != index.NoParent && !isArchive(b.d.Files[f.Parent].Type) {
		return // a picture of a document stands in no directory that anybody publishes
	}
	for _, m := range p.published.listed {
		b.d.Listing = append(b.d.Listing, index.ListingRow{Member: m, Archive: at})
	}
}

// settlePublished drops what fills folders.
func (b *drafting) settlePublished() {
	digests, members := map[index.Digest]int{}, map[uint64]int{}
	for _, d := range b.d.Digests {
		digests[d.Digest]++
	}
	for _, m := range b.d.Listing {
		members[m.Member]++
	}
	b.d.Digests = slices.DeleteFunc(b.d.Digests, func(d index.ContentRow) bool { return digests[d.Digest] > maxHolders })
	b.d.Listing = slices.DeleteFunc(b.d.Listing, func(m index.ListingRow) bool { return members[m.Member] > maxHolders })
}

// publicRows are the digests and directory places of a baseline's file, which lie among its contents.
func publicRows(s *secrets, p *knownPart) (rows []index.ContentRow) {
	if p.published == nil {
		return nil
	}
	for _, d := range p.published.digests {
		rows = append(rows, index.ContentRow{Digest: d, File: index.NoDoc})
	}
	return append(rows, index.ContentRow{Digest: publicMember(s, p.published.listed[0]), File: index.NoDoc})
}

// publicMember is how a pair of size and CRC-32 stands in a baseline.
func publicMember(s *secrets, pair uint64) (d index.Digest) {
	sum := prf(s.published, "listed", strconv.FormatUint(pair, 16))
	copy(d[:], sum[:])
	return d
}

func inBaseline(snap *index.Snapshot, d index.Digest) bool {
	return slices.ContainsFunc(snap.Baseline, func(s *index.Segment) bool { return len(s.Content(d)) > 0 })
}

// worth is the weight of a known file whose very bytes lie elsewhere, of which nothing is at hand but what the index
// says: what is in it and is not public.
func (r *ranking) worth(k knownFile) float64 {
	f := k.file
	if f.Bytes < minBytes {
		return 0
	}
	if k.doc == nil || f.Canonical < minText {
		if f.Members > 0 && !r.membersWorth(k) {
			return 0
		}
		return f.Entropy
	}
	if slices.ContainsFunc(r.snap.Baseline, func(s *index.Segment) bool { return len(s.Texts(k.doc.Text)) > 0 }) {
		return 0
	}
	own := math.Inf(1)
	if f.Public > 0 {
		own = charsPerPassage * float64(k.doc.Passages) * (1 - f.Public)
	}
	return textBits(f, k.doc, own)
}

// maxMembersAsked bounds how many members of an archive are looked at for one that is worth something.
const maxMembersAsked = 256

// membersWorth tells whether anything in an archive is worth anything: one of public files only accuses nobody. Members
// follow their archive.
func (r *ranking) membersWorth(k knownFile) bool {
	n := min(k.file.Members, maxMembersAsked)
	for at := k.at + 1; at <= k.at+uint32(n); at++ {
		m, ok := r.file(k.seg, at)
		if !ok || m.file.Parent == index.NoParent {
			break
		}
		if m.file.Members == 0 && r.worth(m) >= weakBits {
			return true
		}
	}
	return k.file.Members > maxMembersAsked
}

// strength is what a digest of a kind can prove at most, in bits: its length, and for a checksum the size with it.
func strength(v digest.Value, size int64) float64 {
	bits := 8 * float64(len(v.Sum))
	if v.Kind.NeedsSize() {
		bits += sizeBits(size)
	}
	return math.Min(maxExact, bits)
}

// Published returns the known files that a place says it holds by a digest of that kind, as it is written there, and by
// the size in bytes (-1: not told). A checksum needs the size. What is no such digest matches nothing.
func (l *Library) Published(kind digest.Kind, text string, size int64) []match.Match {
	v, err := digest.Parse(kind, text)
	if err != nil {
		return nil
	}
	return l.PublishedValue(v, size)
}

// asked is how a published digest is looked up.
type asked struct {
	public index.Digest // in a baseline
	of     func(*index.Segment) []uint32
}

func (l *Library) asked(v digest.Value, size int64) asked {
	if v.Kind == digest.CRC32 {
		pair := listedPair(l.secrets, size, binary.BigEndian.Uint32([]byte(v.Sum)))
		return asked{publicMember(l.secrets, pair), func(s *index.Segment) []uint32 { return s.Listed(pair) }}
	}
	d := publishedDigest(l.secrets, v)
	return asked{d, func(s *index.Segment) []uint32 { return s.Published(d) }}
}

// PublishedValue is Published for a digest that was read already, as out of a torrent. Best first; most of them weigh the same.
func (l *Library) PublishedValue(v digest.Value, size int64) []match.Match {
	if v.Kind.NeedsSize() && size < 0 {
		return nil
	}
	found := l.publishedAs(v, size, math.MaxInt64)
	if v.Kind == digest.Torrent2 && len(found) == 0 { // of one block: see derived
		return l.publishedAs(digest.Value{Kind: digest.SHA256, Sum: v.Sum}, size, digest.TorrentBlock)
	}
	return found
}

// publishedAs looks a digest up among files of at most so many bytes.
func (l *Library) publishedAs(v digest.Value, size, most int64) []match.Match {
	snap := l.hold()
	if snap == nil {
		return nil
	}
	defer snap.Release()
	asked := l.asked(v, size)
	if inBaseline(snap, asked.public) {
		return nil
	}
	r := &ranking{snap: snap}
	for s, seg := range snap.Known {
		for _, at := range asked.of(seg) {
			f, ok := r.file(uint32(s), at)
			if !ok || size >= 0 && f.file.Bytes != size || f.file.Bytes > most || len(r.matches) >= maxMatches {
				continue
			}
			bits := math.Min(r.worth(f), strength(v, f.file.Bytes))
			if bits < weakBits {
				continue
			}
			m := r.describe(f, match.Digest, "")
			m.Bits, m.Coverage = bits, 1
			level := levelIdentical
			if f.file.Parent != index.NoParent {
				level = levelMember
			}
			r.matches = append(r.matches, ranked{m, f.ref(), level})
		}
	}
	slices.SortStableFunc(r.matches, func(a, b ranked) int { return cmp.Or(cmp.Compare(a.level, b.level), cmp.Compare(b.Bits, a.Bits)) })
	out := make([]match.Match, 0, len(r.matches))
	for _, m := range r.matches {
		out = append(out, m.Match)
	}
	return out
}

// FileDigests are the digests of a known file by which others can be asked whether they hold it. Sending one tells
// whoever is asked that somebody looks for that file: only to sources that the operator allowed.
type FileDigests struct {
	FileID            string
	Bytes             int64
	SHA256, SHA1, MD5 string // hex
}

// LookupDigests returns the digests of a leak's files that are large enough not to be guessed, have something in them,
// and are not public. Members of archives are among them. The error says what could not be read.
func (l *Library) LookupDigests(leak string) ([]FileDigests, error) {
	snap := l.hold()
	if snap == nil {
		return nil, errors.New("list digests: the index is closed")
	}
	defer snap.Release()
	r := &ranking{snap: snap}
	var out []FileDigests
	for s, seg := range snap.Known {
		number := slices.IndexFunc(seg.Leaks(), func(k index.Leak) bool { return k.Slug == leak })
		if number < 0 {
			continue
		}
		for at := range seg.Files() {
			f, ok := r.file(uint32(s), at)
			if !ok {
				return nil, fmt.Errorf("list digests: a file of the index: %w", index.ErrCorrupt)
			}
			if f.file.Leak != uint32(number) || f.file.Lookup == nil || r.worth(f) < DefaultNoticeBits ||
				inBaseline(snap, publishedDigest(l.secrets, digest.Value{Kind: digest.SHA256, Sum: string(f.file.Lookup.SHA256)})) {
				continue
			}
			k := f.file.Lookup
			out = append(out, FileDigests{"f_" + hex.EncodeToString(f.file.ID[:]), f.file.Bytes, hex.EncodeToString(k.SHA256), hex.EncodeToString(k.SHA1), hex.EncodeToString(k.MD5)})
		}
	}
	slices.SortFunc(out, func(a, b FileDigests) int {
		return cmp.Or(cmp.Compare(a.SHA256, b.SHA256), cmp.Compare(a.FileID, b.FileID))
	})
	return slices.CompactFunc(out, func(a, b FileDigests) bool { return a.SHA256 == b.SHA256 }), nil
}
