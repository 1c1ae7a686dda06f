package desk

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"unmirror/desk/texts"
	"unmirror/takedown"
)

func english(t testing.TB) *lang {
	t.Helper()
	return &lang{Catalogue: must(texts.Load())(t)["en"]}
}

func TestTheMapStaysInsideItsFrameAndLosesNoRun(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spans := rapid.SliceOf(rapid.Custom(func(t *rapid.T) [2]int64 {
			from := rapid.Int64Range(0, 1<<40).Draw(t, "from")
			return [2]int64{from, from + rapid.Int64Range(1, 1<<20).Draw(t, "length")}
		})).Draw(t, "spans")
		m := drawMap(spans)
		if m.N != len(spans) || (len(spans) > 0) != (len(m.Marks) > 0) || len(m.Marks) > mapWidth/mapLeast {
			t.Fatalf("%d runs, %d marks of %d spans", m.N, len(m.Marks), len(spans))
		}
		at := -1
		for _, k := range m.Marks {
			if k.X <= at || k.W < mapLeast || k.X+k.W > mapWidth {
				t.Fatalf("mark %+v after %d", k, at)
			}
			at = k.X + k.W
		}
		for _, s := range spans {
			x := int(float64(s[0]) / float64(m.To) * mapWidth)
			inside := false
			for _, k := range m.Marks {
				inside = inside || (x >= k.X-mapLeast && x <= k.X+k.W)
			}
			if !inside {
				t.Fatalf("nothing is drawn at %d for %v: %+v", x, s, m.Marks)
			}
		}
	})
}

// TestEveryChoiceHasAWord: a list of the docket's that grew has its words on the pages too.
func TestEveryChoiceHasAWord(t *testing.T) {
	for name, c := range must(texts.Load())(t) {
		l := &lang{Catalogue: c}
		for prefix, all := range map[string][]string{
			"notice.action.": takedown.Actions(), "notice.answer.": {"receipt", "removed", "refused", "question", "other"},
			"notice.kind.": {"notice", "reminder", "escalation", "delisting", "complaint", "retraction"},
			"reply.says.":  {"removed", "refused", "forwarded", "question", "receipt", "dispute", "stop", "bounced", "other", "nothing"},
		} {
			for _, key := range all {
				if got := l.T(prefix + key); got == prefix+key || got == "" {
					t.Errorf("%s: no word for %s%s", name, prefix, key)
				}
			}
		}
	}
}

func TestBrokenSpansAreNotDrawn(t *testing.T) {
	if m := drawMap([][2]int64{{-4, 9}, {7, 7}, {9, 3}}); m.N != 0 || len(m.Marks) != 0 {
		t.Errorf("drew %+v", m)
	}
}

func TestRowsAreWrittenAsRanges(t *testing.T) {
	for want, rows := range map[string][]int{"": nil, "4": {4}, "1–3, 7, 9–10": {10, 1, 2, 3, 7, 9, 9}} {
		if got := rowsText(rows); got != want {
			t.Errorf("%v: %q, want %q", rows, got, want)
		}
	}
	many := make([]int, 500)
	for i := range many {
		many[i] = 2 * i
	}
	if got := rowsText(many); !strings.HasSuffix(got, "78 …") {
		t.Errorf("500 rows: %q", got)
	}
}

func TestWeightIsPutIntoWords(t *testing.T) {
	l := english(t)
	for bits, want := range map[float64]string{12: "below the 64", 64: "just above", 96: "well above", 256: "far above"} {
		s := l.scale(bits, 64)
		if !strings.Contains(s.Words, want) || s.Below != (bits < 64) || s.Fill > 1000 || s.Tick < 0 {
			t.Errorf("%v bits: %+v", bits, s)
		}
	}
	if s := l.scale(64, 64); !strings.Contains(s.Odds, "followed by 19 zeros") {
		t.Errorf("odds of 64 bits: %q", s.Odds)
	}
	if s := l.scale(0, 64); s.Odds != "" || s.Fill != 0 {
		t.Errorf("no weight: %+v", s)
	}
}

func TestEveryStateHasAWordAndAColour(t *testing.T) {
	l := english(t)
	for _, m := range takedown.Moves() {
		p := l.pill(m.Of, m.To)
		if p.Text == m.To && !strings.Contains(strings.ToLower(m.To), "void") || p.Class == "" {
			t.Errorf("%s %s is shown as %+v", m.Of, m.To, p)
		}
		if act := l.act(m.Of + "." + m.To); !strings.Contains(act, ": ") {
			t.Errorf("the audit log tells of %s.%s as %q", m.Of, m.To, act)
		}
	}
	for _, s := range []takedown.CaseState{takedown.CaseTriage, takedown.CaseOpen, takedown.CaseNoticed, takedown.CaseVanishing, takedown.CaseGone, takedown.CaseDismissed} {
		for _, key := range []string{"case.means.", "case.notices.none."} {
			if !l.Has(key + string(s)) {
				t.Errorf("no text %s%s", key, s)
			}
		}
	}
}

func TestContactSourcesKeepWhereTheyWereFound(t *testing.T) {
	l := english(t)
	for source, want := range map[string]string{"operator directory": "operator's directory", "site contact (/contact)": "published by the site (/contact)",
		"something new (x)": "something new (x)"} {
		if got := l.contactSource(source); got != want {
			t.Errorf("%q: %q, want %q", source, got, want)
		}
	}
}
