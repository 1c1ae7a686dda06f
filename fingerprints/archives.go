package fingerprints

import (
	"strings"

	"unmirror/fingerprints/index"
	"unmirror/fingerprints/match"
)

// archive is a known archive of which members were found.
type archive struct {
	members map[uint32]struct{}
	bits    float64
	within  string // the path of the container that holds all that was found of it; empty for the item itself
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
