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
	never := []string{"reverse_search", "link_list", "uptime", "hostile"} // nobody writes to these
	for _, k := range config.RecipientKinds() {
		if slices.Contains(never, k) {
			continue
		}
		if len(table.Choices(k, true, law.ActFirst, nil))+len(table.Choices(k, true, law.ActComplaint, nil)) == 0 {
			t.Errorf("config knows recipients of the kind %s, for which no regime has a letter", k)
		}
		if !slices.Contains(law.Recipients(), k) {
			t.Errorf("config knows recipients of the kind %s, the law only %v", k, law.Recipients())
		}
	}
}

func sameSet(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}
