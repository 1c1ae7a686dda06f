package takedown

import (
	"slices"
	"strings"

	"unmirror/takedown/contact"
)

// rungs are the kinds of recipients in the order in which they are asked: who is nearest to the content first.
var rungs = [...]string{"platform", "host", "cdn", "network", "upstream", "registrar", "search", "authority"}

// innocent are the kinds of places that are never written to: they show what others published, or measure.
var innocent = [...]string{"reverse_search", "link_list", "uptime", "hostile"}

// rungOf is the position of a kind of recipient on the ladder; what is not on it counts as the host.
func rungOf(kind string) int {
	if i := slices.Index(rungs[:], kind); i >= 0 {
		return i
	}
	return slices.Index(rungs[:], contact.KindHost)
}

// usable says whether a contact may be written to at all.
func usable(f contact.Found) bool {
	return f.Skipped == "" && f.Email != "" && !slices.Contains(innocent[:], f.Kind)
}

// pick returns the best rung that a first notice may go to: neither a search engine nor an authority.
func pick(found []contact.Found) (contact.Found, bool) {
	for _, f := range found {
		if usable(f) && rungOf(f.Kind) < rungOf("search") {
			return f, true
		}
	}
	return contact.Found{}, false
}

// nextRung returns the nearest usable contact above a rung that was not yet written to. A search engine is asked only for a person who
// gave a mandate; a complaint to an authority is no rung that is climbed, but comes by its own time.
func nextRung(found []contact.Found, above int, told []string, mandated bool) (contact.Found, bool) {
	var best contact.Found
	for _, f := range found {
		r := rungOf(f.Kind)
		if !usable(f) || r <= above || r >= rungOf("authority") || f.Kind == "search" && !mandated || slices.ContainsFunc(told, func(t string) bool { return strings.EqualFold(t, f.Email) }) {
			continue
		}
		if best.Email == "" || r < rungOf(best.Kind) {
			best = f
		}
	}
	return best, best.Email != ""
}

// authority returns the supervisory authority to complain to, where one is known.
func authority(found []contact.Found) contact.Found {
	for _, f := range found {
		if usable(f) && f.Kind == "authority" {
			return f
		}
	}
	return contact.Found{Kind: "authority", Profile: contact.Profile{OffersInEU: true}}
}
