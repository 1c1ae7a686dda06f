package takedown

import (
	"slices"

	"unmirror/fingerprints/match"
)

// weighed is what a report says about one leak.
type weighed struct {
	leak       string
	best       match.Match
	matches    []match.Match // of this leak, best first, without the known files' names
	verdict    match.Verdict
	subjects   int // at least so many distinct persons; 0: nothing says
	passages   int
	categories []string
	inArchive  bool
	uncounted  bool // some of it concerns nobody knows how many
}

// generallyKnown are the categories that a telephone book also holds: on their own they do not show a wrong.
func generallyKnown(category string) bool { return category == "identity" || category == "contact" }

// weigh splits a report by leak, since a case is one leak at one place. The report's verdict belongs to its best match;
// another leak in the same item must reach noticeBits by itself.
func weigh(r match.Report, noticeBits float64) []weighed {
	var out []weighed
	at, explained := map[string]int{}, map[string]bool{}
	for _, m := range r.Matches {
		i, known := at[m.Leak]
		if !known {
			i = len(out)
			at[m.Leak] = i
			out = append(out, weighed{leak: m.Leak, best: m, verdict: match.Weak})
			if i == 0 || (noticeBits > 0 && m.Bits >= noticeBits) {
				out[i].verdict = r.Verdict
			}
		}
		w := &out[i]
		m.KnownFile = "" // may hold a person's name; the opaque id names the file as well
		w.matches = append(w.matches, m)
		w.passages = max(w.passages, m.Passages)
		w.inArchive = w.inArchive || m.Inside()
		part := m.Leak + "\x00" + m.Part
		if explained[part] {
			continue // what is wholly one known file needs no other that shares a sentence with it
		}
		explained[part] = whole(m)
		// Two matches may tell of the same person, so subjects of different known files never add up.
		w.subjects = max(w.subjects, subjects(m))
		w.uncounted = w.uncounted || subjects(m) == 0
		for _, c := range m.Categories {
			if !slices.Contains(w.categories, c) {
				w.categories = append(w.categories, c)
			}
		}
	}
	for i := range out {
		out[i].best.KnownFile = ""
		if out[i].uncounted && out[i].subjects == 1 {
			out[i].subjects = 0 // one for certain and more perhaps: not a single person
		}
		slices.Sort(out[i].categories)
	}
	return out
}

// whole says whether the known file was found in full.
func whole(m match.Match) bool {
	return m.Grade == match.Identical || m.Grade == match.Member || m.Grade == match.Text || m.Coverage >= 0.95
}

// subjects is how many persons a match surely concerns: a part of a file about many may be about any of them, so that
// nothing says how many, unless the rows were told apart.
func subjects(m match.Match) int {
	if m.Subjects > 1 && !whole(m) && len(m.Rows) == 0 {
		return 0
	}
	return m.Subjects
}

// triage returns why counsel must first say whether this is a wrong at all, or "" when a notice may be drafted at once.
func (w weighed) triage() string {
	switch {
	case w.verdict != match.Matched:
		return "The match is weak: a person must say whether it is one."
	case w.subjects == 1:
		return "It concerns a single person, who may have published it."
	case len(w.categories) > 0 && !slices.ContainsFunc(w.categories, func(c string) bool { return !generallyKnown(c) }):
		return "It holds only generally known categories of data."
	}
	return ""
}

// stronger says whether w tells more than what the case was opened on.
func (w weighed) stronger(c *caseRec) bool {
	if (w.verdict == match.Matched) != (c.verdict == string(match.Matched)) {
		return w.verdict == match.Matched
	}
	if w.subjects != c.subjects {
		return w.subjects > c.subjects
	}
	return w.best.Bits > c.bits
}
