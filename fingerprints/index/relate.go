package index

import (
	"cmp"
	"slices"
)

const (
	// rareDocs is up to how many documents a passage tells something about how they are related. Passages in more are
	// letterhead and boilerplate, whose weight is nothing anyway.
	rareDocs = 8
	// maxPairs bounds the memory for counting what two documents share, 16 bytes and more a pair.
	maxPairs = 1 << 22
	// maxSets bounds the memory for counting which documents hold passages together, 36 bytes and more a set.
	maxSets = 1 << 20
	// leastShared is how many rare passages a document must have for its versions to be told.
	leastShared = 12
	// fewShared is how many shared passages tell nothing: a run of some 60 characters.
	fewShared = 6
)

// relations counts, while passages stream by, what documents share.
type relations struct {
	rare   []uint32 // passages of each document that are in at most rareDocs documents
	solo   []uint32 // passages that are in that document alone
	shared map[uint64]uint32
	sets   map[docSet]uint32 // passages that are in exactly these documents
}

// docSet is a set of at most rareDocs documents, ascending, each plus one.
type docSet [rareDocs]uint32

func newRelations(docs int) *relations {
	return &relations{rare: make([]uint32, docs), solo: make([]uint32, docs), shared: map[uint64]uint32{}, sets: map[docSet]uint32{}}
}

func pairOf(a, b uint32) uint64 { return uint64(min(a, b))<<32 | uint64(max(a, b)) }

func (r *relations) see(docs []uint32) {
	if len(docs) > rareDocs {
		return
	}
	if len(docs) == 1 {
		r.rare[docs[0]]++
		r.solo[docs[0]]++
		return
	}
	var set docSet
	for i, a := range docs {
		set[i] = a + 1
	}
	if _, ok := r.sets[set]; ok || len(r.sets) < maxSets {
		r.sets[set]++
	}
	for i, a := range docs {
		r.rare[a]++
		for _, b := range docs[i+1:] {
			p := pairOf(a, b)
			if _, ok := r.shared[p]; ok || len(r.shared) < maxPairs {
				r.shared[p]++
			}
		}
	}
}

// settle joins documents that are one text in two forms (the docx and the PDF of one letter) into one group, and
// returns the pairs that look like instances of one template: much alike, each with something of its own.
func (r *relations) settle(docs []Doc) (siblings []uint64) {
	groups := newUnion(docs)
	for _, p := range sortedKeys(r.shared) {
		a, b := uint32(p>>32), uint32(p)
		if docs[a].Leak == docs[b].Leak && r.sameText(docs, a, b, r.shared[p]) {
			groups.join(docs[a].Group, docs[b].Group)
		}
	}
	for i := range docs {
		docs[i].Group = groups.find(docs[i].Group)
	}
	r.own(docs)
	for _, p := range sortedKeys(r.shared) {
		a, b := uint32(p>>32), uint32(p)
		if docs[a].Group != docs[b].Group && r.template(a, b, r.shared[p]) {
			siblings = append(siblings, p)
		}
	}
	return siblings
}

// own counts what each document holds that no document of another group does.
func (r *relations) own(docs []Doc) {
	for i := range docs {
		docs[i].Own = r.solo[i]
	}
	for set, n := range r.sets {
		last := 0
		for last < len(set) && set[last] > 0 {
			last++
		}
		members := set[:last]
		if slices.ContainsFunc(members, func(d uint32) bool { return docs[d-1].Group != docs[members[0]-1].Group }) {
			continue
		}
		for _, d := range members {
			docs[d-1].Own += n
		}
	}
}

// sameText tells whether two documents differ so little that no person's data can be the difference, or carry one name
// and share half of what they hold: one document in two forms, or two versions of it.
func (r *relations) sameText(docs []Doc, a, b uint32, shared uint32) bool {
	small, large := min(r.rare[a], r.rare[b]), max(r.rare[a], r.rare[b])
	if small >= 20 && large-shared <= 1 {
		return true
	}
	return docs[a].Stem == docs[b].Stem && small >= leastShared && shared*2 >= small && shared*3 >= large
}

// template tells whether what two documents share is likely the template of both: a good part of each, but not all of
// one, as it would be if the other simply held it.
func (r *relations) template(a, b uint32, shared uint32) bool {
	small, large := min(r.rare[a], r.rare[b]), max(r.rare[a], r.rare[b])
	return shared >= fewShared && shared*10 >= small*3 && shared*20 >= large*3 && (shared*100 < small*97 || large*2 < small*3)
}

func sortedKeys(m map[uint64]uint32) []uint64 {
	keys := make([]uint64, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, cmp.Compare[uint64])
	return keys
}

// union joins groups; the least number names the joined one.
type union map[uint64]uint64

func newUnion(docs []Doc) union {
	u := make(union, len(docs))
	for _, d := range docs {
		u[d.Group] = d.Group
	}
	return u
}

func (u union) find(g uint64) uint64 {
	for u[g] != g {
		u[g] = u[u[g]]
		g = u[g]
	}
	return g
}

func (u union) join(a, b uint64) {
	a, b = u.find(a), u.find(b)
	u[max(a, b)] = min(a, b)
}
