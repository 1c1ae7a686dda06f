package crawler

import (
	"strings"
	"time"

	"unmirror/crawler/kind"
	"unmirror/crawler/plane"
	"unmirror/fingerprints/open"
)

// unopened says in fixed words why the matcher could not open an item or parts of it, from its report's reason, and
// whether that was our own failure, which passes: a child that did not start, or a clock that ran out under load. Then
// the item counts as not looked at. A reason that is not known counts as ours.
func unopened(reason string) (why string, ours bool) {
	if reason == "" {
		return "no reason is known", false
	}
	for _, clause := range strings.Split(reason, "; ") {
		known, passes := clauseOf(clause)
		if passes {
			return known, true
		}
		if why == "" {
			why = known
		}
	}
	return why, false
}

// clauseOf recognises one clause of a reason, such as "3 parts encrypted: needs a password". It repeats nothing of it.
func clauseOf(clause string) (why string, ours bool) {
	for _, err := range []error{open.ErrEncrypted, open.ErrTruncated, open.ErrDamaged, open.ErrUnsupported, open.ErrCrashed, kind.ErrWrapped} {
		if strings.Contains(clause, err.Error()) {
			return err.Error(), false
		}
	}
	// The clock runs on while others use the processor; the limit "cpu" counts the item's own work.
	for _, limit := range []string{"memory", "output", "member", "cpu", "depth", "parts", "ratio"} {
		if says := (&open.LimitError{Limit: limit}).Error(); strings.HasSuffix(clause, says) {
			return says, false
		}
	}
	if says := (&open.LimitError{Limit: "wall"}).Error(); strings.HasSuffix(clause, says) {
		return "it took too long here", true
	}
	return "a failure on this side", true
}

// retry reports whether an item that could not be opened is to be fetched again whatever the place says of it: the
// programs that open items change too, not only the index.
func retry(s *plane.Seen) bool { return s.Unreadable && time.Since(s.Fetched) >= revalidate }
