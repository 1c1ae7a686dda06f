package texts

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func catalogues(t *testing.T) map[string]*Catalogue {
	t.Helper()
	all, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestBothLanguagesHoldTheSameKeysAndPlaceholders(t *testing.T) {
	all := catalogues(t)
	for _, lang := range []string{"nl", "en"} {
		if all[lang] == nil {
			t.Fatalf("no catalogue for %s", lang)
		}
	}
	for _, key := range all["nl"].Keys() {
		if strings.TrimSpace(all["nl"].T(key)) == "" {
			t.Errorf("%q is empty in nl", key)
		}
	}
}

func TestLoadNamesWhatACatalogueLacks(t *testing.T) {
	for name, c := range map[string]struct{ en, nl, want string }{
		"missing key":       {"a: x\nb: y", "a: x", `nl lacks "b"`},
		"other placeholder": {`a: "{n} x"`, `a: "{m} x"`, "other placeholders"},
		"not a string":      {"a: 12", "a: x", "quote it"},
		"broken YAML":       {"a: [", "a: x", "en.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(fstest.MapFS{"en.yaml": {Data: []byte(c.en)}, "nl.yaml": {Data: []byte(c.nl)}})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestNumbersDatesAndSizesFollowTheLanguage(t *testing.T) {
	nl, en := catalogues(t)["nl"], catalogues(t)["en"]
	day := time.Date(2026, 3, 7, 14, 5, 0, 0, time.UTC)
	for _, c := range []struct{ got, want string }{
		{nl.Number(1234567), "1.234.567"}, {en.Number(1234567), "1,234,567"}, {nl.Number(1234), "1234"}, {en.Number(-12345), "−12,345"},
		{nl.Decimal(212.54, 1), "212,5"}, {en.Decimal(12345.5, 0), "12,346"}, {nl.Decimal(0.25, 2), "0,25"},
		{nl.Percent(0.4249), "42 %"}, {en.Percent(0.999), "99%"}, {en.Percent(1), "100%"}, {en.Percent(0.0001), "1%"}, {en.Percent(0), "0%"},
		{nl.Bytes(512), "512 B"}, {nl.Bytes(1536), "1,5 KiB"}, {en.Bytes(3 << 30), "3 GiB"},
		{nl.Date(day), "7 maart 2026"}, {en.Moment(day), "7 Mar 2026, 14:05"}, {en.Moment(time.Time{}), "never"},
		{nl.Ago(day, day.Add(3*time.Hour)), "3 uur geleden"}, {en.Ago(day.Add(48*time.Hour), day), "in 2 days"},
		{en.Ago(day, day.Add(time.Minute)), "1 minute ago"}, {nl.Ago(day, day), "zonet"},
		{en.N("queue.lede", 1), "One thing waits for a person."}, {en.N("queue.lede", 12), "12 things wait for a person."},
		{en.Or("category.", "health"), "health"}, {en.Or("category.", "shoe size"), "shoe size"}, {en.T("no.such"), "no.such"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestAPlaceholderInAValueIsNotFilledAgain(t *testing.T) {
	en := catalogues(t)["en"]
	if got := en.T("case.title", "place", "{place}{n}"); got != "Case at {place}{n}" {
		t.Errorf("got %q", got)
	}
}
