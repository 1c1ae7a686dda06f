package takedown

import (
	"slices"
	"strings"
	"testing"

	"unmirror/fingerprints/match"
	"unmirror/takedown/notice"
)

// TestAKnownFilesNameStaysInTheReuploadsOwnAddress: there it needs no acceptance and is not masked; anywhere else it
// blocks, and a page does not show it.
func TestAKnownFilesNameStaysInTheReuploadsOwnAddress(t *testing.T) {
	const location = "https://h.example/a/quack.zip"
	f := notice.Facts{Locations: []notice.Location{{URL: location}}}
	for _, c := range []struct {
		kind, text, shown string
		blocked           []string
		accept            bool
	}{
		{match.FileName, "See:\n" + location + "\n", "See:\n" + location + "\n", nil, false},
		{match.FileName, "The quack:\n" + location + "\n", "The [redacted]:\n" + location + "\n", []string{"file name in the body"}, false},
		{"subject", "See:\n" + location + "\n", "See:\nhttps://h.example/a/[redacted]\n", nil, true},
	} {
		d := &Docket{o: Options{Guard: func(text string) (hits []match.Hit) {
			for from := 0; strings.Contains(text[from:], "quack"); from = hits[len(hits)-1].End {
				at := from + strings.Index(text[from:], "quack")
				hits = append(hits, match.Hit{Kind: c.kind, Start: at, End: at + len("quack")})
			}
			return hits
		}}}
		var r review
		r.guardText(d, f, "body", c.text, true)
		if r.locationHits != c.accept || !slices.Equal(r.blocked, c.blocked) {
			t.Errorf("%s in %q: accept %t, blocked %v", c.kind, c.text, r.locationHits, r.blocked)
		}
		if shown, _ := d.show(f, c.text); shown != c.shown {
			t.Errorf("%s in %q is shown as %q", c.kind, c.text, shown)
		}
		if got := d.redact(location); (got == location) != (c.kind == match.FileName) {
			t.Errorf("%s: %s reads %s", c.kind, location, got)
		}
	}
}
