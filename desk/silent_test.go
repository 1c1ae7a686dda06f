package desk

import (
	"context"
	"net/http"
	"testing"
	"time"

	"unmirror/internal/account"
)

// quiet is a world in which a source has fallen silent.
func quiet(t *testing.T) *world {
	t.Helper()
	return newWorld(t, func(o *Options) {
		now := o.Now
		o.Silent = func(context.Context) ([]string, error) { return []string{"pastes"}, nil }
		o.Sources = func(context.Context) ([]Source, error) {
			return []Source{
				{Name: "pastes", Kind: "listing", State: "ok", LastSweep: now().Add(-time.Hour), LastGood: now().Add(-time.Hour), Silent: "empty",
					SilentSince: now().Add(-48 * time.Hour), Canaries: 3, CanariesFound: 2, CanaryDelay: 7 * time.Minute, CanarySeen: now().Add(-time.Hour)},
				{Name: "mirror", Kind: "directory", State: "ok", LastGood: now()},
			}, nil
		}
	})
}

func TestASilentSourceIsSeenOnEveryPageAndInTheMetrics(t *testing.T) {
	w := quiet(t)
	b := w.as(account.Counsel)
	b.get("/queue").wants(t, http.StatusOK, "A source has fallen silent")
	b.get("/sources").wants(t, http.StatusOK, "Silent", "It lists nothing, where it listed something before", "since 2 days ago", "canaries: 2 of 3 found (67%)", "found after 7 minutes")
	w.browser().get("/alerts").wants(t, http.StatusOK).lacks(t, "fallen silent")
	w.browser().get("/metrics").wants(t, http.StatusOK, `unmirror_source_silent{source="pastes"} 1`, `unmirror_source_silent{source="mirror"} 0`,
		`unmirror_source_canaries_found{source="pastes"} 2`, `unmirror_source_detection_delay_seconds{source="pastes"} 420`).lacks(t, `detection_rate{source="mirror"}`)
}

func TestASilentSourceFitsTheScreen(t *testing.T) {
	s := newScreen(t, quiet(t))
	s.emulate(1440, 900, "light", false)
	s.signIn(account.Counsel)
	s.open("/sources")
	s.wants("A source has fallen silent", "2 of 3 found")
	s.shot("desktop-light-silent")
	s.emulate(360, 740, "dark", false)
	s.open("/sources")
	s.shot("phone-dark-silent")
}
