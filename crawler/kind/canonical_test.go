package kind

import (
	"net/url"
	"testing"

	"pgregory.net/rapid"
)

func TestTheShortWayToACanonicalAddressLeadsWhereTheLongOneDoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := "http://a.example:80" + rapid.StringMatching(`/?(/|/\.|\.\.|/\.\./|%2[EeFf]|%c3%A9|\[|é|a|b c|\?|=|&|;|:|@|!|\*|#|//){0,12}`).Draw(t, "path")
		u, err := url.Parse(text)
		if err != nil || u.Host != "a.example:80" || u.User != nil {
			return
		}
		short := Canonical(u)
		u.Host = "a.example"
		long := *u
		if long.Path == "" {
			long.Path = "/"
		}
		long.Fragment, long.RawFragment = "", ""
		want := long.ResolveReference(&url.URL{Path: long.Path, RawPath: long.RawPath, RawQuery: long.RawQuery, ForceQuery: long.ForceQuery})
		if up := upperEscapes(want.EscapedPath()); up != want.EscapedPath() {
			want.RawPath = up
		}
		want.RawQuery = upperEscapes(want.RawQuery)
		if *short != *want {
			t.Fatalf("%q: %#v, want %#v", text, short, want)
		}
	})
}

func TestShapesAreFoundWhereTheirTimesAre(t *testing.T) {
	t.Parallel()
	for shown, want := range map[string]int{
		"2024-02-03T04:05:06Z 12": 0, "x 2024-02-03 04:05 12": 1, "03-Feb-2024 04:05 12": 2, "2024-Feb-03 04:05:06 1.2K": 3,
		" 2/3/2024 4:05 AM 62": 4, "12/13/2024 14:05 PM <dir>": 4, "2024-02-0304:05": -1, "": -1, "3-Feb-2024": -1,
	} {
		for i, f := range shownTimes {
			if shaped(shown, f.shape) != (i == want) || f.re.MatchString(shown) != (i == want) {
				t.Errorf("%q is of shape %d: %t", shown, i, shaped(shown, f.shape))
			}
		}
	}
}
