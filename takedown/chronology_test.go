package takedown

import (
	"strings"
	"testing"
	"time"
)

func TestEachLanguageOfTheChronologyHasTheSameWords(t *testing.T) {
	words, err := chronologyWords()
	if err != nil {
		t.Fatal(err)
	}
	if len(words) != len(chronologyLanguages) {
		t.Fatalf("%d languages", len(words))
	}
	for _, language := range chronologyLanguages {
		for key, text := range words["en"] {
			got := words[language][key]
			if got == "" || strings.Count(got, "%s") != strings.Count(text, "%s") {
				t.Errorf("%s of %s reads %q", key, language, got)
			}
		}
		if len(words[language]) != len(words["en"]) {
			t.Errorf("%s has %d words, English %d", language, len(words[language]), len(words["en"]))
		}
	}
}

func TestEveryStateOfDocsHasAWordInTheChronology(t *testing.T) {
	words, err := chronologyWords()
	if err != nil {
		t.Fatal(err)
	}
	silent := map[string]bool{"attempt.queued": true, "attempt.sent": true, "attempt.unknown": true, "attempt.void": true} // the notice's move says it
	for _, m := range Moves() {
		if key := m.Of + "." + m.To; words["en"][key] == "" && !silent[key] && (m.Of == "case" || m.Of == "notice" || m.Of == "attempt" || m.Of == "dispute") {
			t.Errorf("no words for %s", key)
		}
	}
	for _, o := range []LookOutcome{LookLive, LookGone, LookChanged, LookUnclear, LookUnreachable, LookRobots} {
		if words["en"]["check."+string(o)] == "" {
			t.Errorf("no words for a look that is %s", o)
		}
	}
}

func TestWhatHappenedAtOnceStandsInItsOrder(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	x := &exported{File: &CaseFile{History: []HistoryRow{{At: at, To: "open"}, {At: at, To: "noticed"}}, Checks: []CheckRow{{At: at, Outcome: LookLive}}}}
	x.Notices = []exportedNotice{{History: []HistoryRow{{At: at, To: "sent"}, {At: at, To: "draft"}}, Attempts: []exportedAttempt{{History: []HistoryRow{{At: at, To: "open"}}}}}}
	words, err := chronologyWords()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, h := range x.happenings(words["en"]) {
		got = append(got, h.What)
	}
	if s := strings.Join(got, " "); s != "check.live case.open notice.draft attempt.open notice.sent case.noticed" {
		t.Errorf("in the order %s", s)
	}
}
