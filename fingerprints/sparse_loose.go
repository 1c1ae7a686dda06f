package fingerprints

import (
	"cmp"
	"math"
	"slices"

	"unmirror/fingerprints/index"
	"unmirror/fingerprints/match"
)

const (
	// looseShare is the part of the sizes listed that must be those of one leak's files: what else lies in the archive
	// would have had its chances too.
	looseShare = 0.8
	// maxLooseFiles is up to how many known files a segment's sizes are gathered for one directory.
	maxLooseFiles = 250_000
)

// looseSizes adds the known files whose sizes an archive lists that keeps checksums to itself, where the archive as such is
// not known: somebody packed files of a leak. One size says nothing; several that are all a leak's say it as far as that
// leak's files do not have every size anyway.
func (r *ranking) looseSizes(sizes []int64, part string) {
	if len(sizes) < minSizes || len(sizes) > maxSizes || len(r.matches) > 0 {
		return
	}
	leaks := map[string][]listedFile{} // of each size listed one file
	for _, size := range sizes {
		key := listedSize(r.m.library.secrets, size)
		here := map[string]bool{}
		for seg, known := range r.snap.Known {
			holders := known.Listed(key)
			for _, at := range holders[:min(len(holders), maxListedFiles)] {
				f, ok := r.file(uint32(seg), at)
				if !ok || f.file.Bytes != size || r.worth(f) <= 0 || here[r.slug(f)] || len(leaks) > maxChunkDocs {
					continue
				}
				here[r.slug(f)] = true
				leaks[r.slug(f)] = append(leaks[r.slug(f)], listedFile{knownFile: f})
			}
		}
	}
	for slug, files := range leaks {
		if len(files) < minSizes || float64(len(files)) < looseShare*float64(len(sizes)) {
			continue
		}
		if known, ok := r.leakSizes(slug); ok {
			r.tellLoose(files, known, len(sizes), part)
		}
	}
}

// leakSizes are the sizes of a leak's files, ascending; false when there are too many to look at.
func (r *ranking) leakSizes(slug string) (sizes []int64, ok bool) {
	for seg, known := range r.snap.Known {
		if !slices.ContainsFunc(known.Leaks(), func(l index.Leak) bool { return l.Slug == slug }) {
			continue
		}
		if known.Files() > maxLooseFiles || len(sizes) > maxLooseFiles {
			return nil, false
		}
		for at := range known.Files() {
			if f, ok := r.file(uint32(seg), at); ok && r.slug(f) == slug {
				sizes = append(sizes, f.file.Bytes)
			}
		}
	}
	slices.Sort(sizes)
	return sizes, true
}

// tellLoose adds the files of one leak whose sizes are listed, the largest first. Each has the weight of all.
func (r *ranking) tellLoose(files []listedFile, known []int64, n int, part string) {
	var shared []int64
	for _, f := range files {
		shared = append(shared, f.file.Bytes)
	}
	bits := sizesWeight(shared, known, n)
	if bits < weakBits {
		return
	}
	slices.SortStableFunc(files, func(a, b listedFile) int {
		return cmp.Or(cmp.Compare(b.file.Bytes, a.file.Bytes), cmp.Compare(a.seg, b.seg), cmp.Compare(a.at, b.at))
	})
	for _, f := range files[:min(len(files), maxPerPart)] {
		m := r.describe(f.knownFile, match.Listing, part)
		m.Bits, m.Coverage, m.Passages = math.Min(maxExact, bits), 1, len(files)
		r.matches = append(r.matches, ranked{m, f.ref(), levelMember})
	}
}
