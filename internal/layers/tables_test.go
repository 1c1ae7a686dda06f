package layers

import (
	"slices"
	"testing"

	"unmirror/config"
	"unmirror/crawler/kind"
	"unmirror/takedown/law"
)

// The configuration imports nothing of ours, so that its words are written down a second time there; here the two are compared.

func TestTheConfigurationKnowsExactlyTheSourceKinds(t *testing.T) {
	if got, want := config.Kinds(), kind.Names(); !sameSet(got, want) {
		t.Errorf("config knows %v, the crawler %v", got, want)
	}
}

func TestTheConfigurationKnowsExactlyTheLanguagesOfNotices(t *testing.T) {
	if got, want := config.Languages(), law.Languages(); !sameSet(got, want) {
		t.Errorf("config knows %v, the law %v", got, want)
	}
}

func TestEveryKindOfRecipientHasAFormOfNotice(t *testing.T) {
	table, err := law.Load()
	if err != nil {
		t.Fatal(err)
	}
	regime, ok := table.Regime("dsa16")
	if !ok {
		t.Fatal("no regime dsa16")
	}
	for _, k := range config.RecipientKinds() {
		if !slices.Contains(regime.Recipients, k) {
			t.Errorf("config knows recipients of the kind %s, for which the regime %s has no form: %v", k, regime.ID, regime.Recipients)
		}
	}
}

func sameSet(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}
