package takedown_test

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"testing"

	"unmirror/takedown"
	"unmirror/takedown/notice"
)

// Every required element of every regime and kind of notice is taken out in turn: the approval is refused with its name.
// That the same holds in every language is for the tests of package notice.
func TestNoNoticeIsApprovedWithoutAnyOneOfItsElements(t *testing.T) {
	w := newWorld(t)
	id := w.draft(item).ID
	approve := func(f notice.Facts, d notice.Draft) error {
		digest := must(w.d.Replace(t.Context(), id, f, d))(t)
		return w.d.Approve(t.Context(), anna, id, takedown.Approval{Digest: digest})
	}
	n := 0
	for _, r := range w.o.Law.Regimes() {
		for _, act := range notice.Acts(r) {
			f := notice.Sample(r, act, r.Recipients[0], "nl")
			whole := must(notice.Compose(w.o.Law, f))(t)
			for _, e := range notice.Check(w.o.Law, f, whole) {
				if n++; raceDetector && n%8 != 0 {
					continue // one thread reads letters here: the race detector finds as much in some as in all
				}
				name := strings.Join([]string{r.ID, cmp.Or(act, "first"), e.ID}, "/")
				body, missing := withoutElement(w, f, whole, e.ID)
				var incomplete *takedown.IncompleteError
				err := approve(f, notice.Draft{Subject: whole.Subject, Body: body})
				if !errors.As(err, &incomplete) || !errors.Is(err, takedown.ErrIncomplete) || !slices.Contains(incomplete.Missing, missing) || !strings.Contains(err.Error(), missing) {
					t.Errorf("%s: %v, want %q", name, err, missing)
				}
				if !strings.Contains(missing, e.Label["en"]) && !strings.Contains(missing, e.ID) {
					t.Errorf("%s: %q does not name it", name, missing)
				}
			}
		}
	}
	if n < 80 {
		t.Errorf("only %d elements were taken out", n)
	}
	if a := w.attempts(); len(a) != 0 {
		t.Errorf("the outbox holds %+v", a)
	}
}

// withoutElement takes what fills an element out of a letter, again where it stands again, until it is missing.
func withoutElement(w *world, f notice.Facts, d notice.Draft, id string) (body, missing string) {
	w.t.Helper()
	for range 12 {
		for _, e := range notice.Check(w.o.Law, f, d) {
			if e.ID != id {
				continue
			}
			if !e.Present {
				return d.Body, e.Missing
			}
			for _, p := range strings.Split(e.Text, "\n\n") {
				d.Body = strings.ReplaceAll(d.Body, p, "")
			}
			switch id {
			case "location":
				d.Body = strings.ReplaceAll(d.Body, f.Locations[0].URL, "")
			case "notifier":
				d.Body = strings.ReplaceAll(d.Body, f.Notifier.Email, "")
			}
		}
	}
	w.t.Fatalf("%s %s is never missing", f.Regime, id)
	return "", ""
}
