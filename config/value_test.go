package config

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestSizesAreReadWithTheirUnits(t *testing.T) {
	for text, want := range map[string]Size{
		"0": 0, "4096": 4096, "1B": 1, "2GiB": 2 << 30, "2gib": 2 << 30, "500 MB": 500e6, "1.5MiB": 3 << 19, "1KB": 1000, "1KiB": 1024, " 3TiB ": 3 << 40,
	} {
		if got, err := ParseSize(text); err != nil || got != want {
			t.Errorf("%q: %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "GiB", "-1", "-1GiB", "1e30", "NaN", "Inf", "infB", "0x10", "1_000", "2 GiB GiB", "9999999TiB", "2G"} {
		if got, err := ParseSize(text); err == nil {
			t.Errorf("%q was taken as %d", text, got)
		}
	}
}

func TestSizesSurviveTheirOwnWriting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// 2^53 is where a number of bytes stops being exact as a float64, far above any limit that is meant.
		want := Size(rapid.Int64Range(0, 1<<53).Draw(t, "size"))
		if got, err := ParseSize(want.String()); err != nil || got != want {
			t.Fatalf("%d wrote %q and read %d, %v", want, want, got, err)
		}
	})
}

func TestDurationsAreReadWithTheirUnits(t *testing.T) {
	for text, want := range map[string]time.Duration{"0": 0, "2s": 2 * time.Second, "1m30s": 90 * time.Second} {
		if got, err := parseDuration(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

func TestDistanceIsSymmetricAndCountsAtMostTheLongerWord(t *testing.T) {
	word := rapid.StringMatching(`[a-e_]{0,12}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		d := distance(a, b, 99)
		if d != distance(b, a, 99) || d > max(len(a), len(b)) || (d == 0) != (a == b) {
			t.Fatalf("%q, %q: %d", a, b, d)
		}
	})
}

func TestAddressesThatMayBePrivate(t *testing.T) {
	for _, s := range []string{"localhost", "127.0.0.1", "::1", "10.0.0.0/8", "fd00::/8", "127.0.0.1:8080", "[::1]:8080", "mirror.intranet:80"} {
		if err := privateAddress(s); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, s := range []string{"", "*", ":80", "10.0.0.0/33", "mirror.intranet", "127.0.0.1:http", "127.0.0.1:99999"} {
		if privateAddress(s) == nil {
			t.Errorf("%q was taken", s)
		}
	}
}

func TestPlacesOfRecipients(t *testing.T) {
	for _, s := range []string{"example.org", "EXAMPLE.org", "münchen.example", "127.0.0.1", "127.0.0.1:8081", "10.0.0.0/8", "2001:db8::/32"} {
		if err := recipientPlace(s); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, s := range []string{"", "https://example.org/", "-x.org", "a b", "example.org/x", "@example.org", strings.Repeat(".", 3)} {
		if recipientPlace(s) == nil {
			t.Errorf("%q was taken", s)
		}
	}
}
