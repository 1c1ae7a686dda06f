package takedown_test

import (
	"slices"
	"testing"
	"time"

	"unmirror/fingerprints/match"
	"unmirror/store"
	"unmirror/takedown"
)

func TestWhatAFirstSightingOpens(t *testing.T) {
	for _, c := range []struct {
		name   string
		report match.Report
		want   takedown.CaseState
	}{
		{"several persons, health", report(2, "identity", "health"), takedown.CaseOpen},
		{"persons unknown", report(0), takedown.CaseOpen},
		{"persons unknown, health", report(0, "health"), takedown.CaseOpen},
		{"one person", report(1, "health"), takedown.CaseTriage},
		{"only generally known fields", report(40, "identity", "contact"), takedown.CaseTriage},
		{"only names", report(0, "identity"), takedown.CaseTriage},
		{"weak", func() match.Report { r := report(9, "health"); r.Verdict = match.Weak; return r }(), takedown.CaseTriage},
		{"one person in several files", func() match.Report {
			r := report(1, "health")
			second := r.Matches[0]
			second.FileID, second.Part = "f_bbbbbbbbbbbb", "a.zip!/b.txt"
			r.Matches = append(r.Matches, second)
			return r
		}(), takedown.CaseTriage},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			s := w.sighting(item)
			s.Report = c.report
			if must(w.d.Observe(t.Context(), s))(t) {
				t.Fatal("a first sighting was known")
			}
			rows := must(w.d.Cases(t.Context(), takedown.CaseFilter{}))(t)
			if len(rows) != 1 || rows[0].State != c.want {
				t.Fatalf("%+v, want one %s case", rows, c.want)
			}
			n := must(w.d.Draft(t.Context()))(t)
			if (n == 1) != (c.want == takedown.CaseOpen) {
				t.Fatalf("%d drafts for a case in %s", n, c.want)
			}
			if !must(w.d.Observe(t.Context(), s))(t) {
				t.Fatal("the same sighting again is not known")
			}
			if len(must(w.d.Cases(t.Context(), takedown.CaseFilter{}))(t)) != 1 || len(must(w.d.Sightings(t.Context()))(t)) != 1 {
				t.Fatal("the same sighting again opened something")
			}
		})
	}
}

func TestWhatIsNoSightingIsRefused(t *testing.T) {
	w := newWorld(t)
	for name, change := range map[string]func(*takedown.Sighting){
		"no match":      func(s *takedown.Sighting) { s.Report.Verdict = match.None },
		"unreadable":    func(s *takedown.Sighting) { s.Report.Verdict = match.Unreadable },
		"empty matches": func(s *takedown.Sighting) { s.Report.Matches = nil },
		"no address":    func(s *takedown.Sighting) { s.URL = "/etc/passwd" },
	} {
		s := w.sighting(item)
		change(&s)
		if _, err := w.d.Observe(t.Context(), s); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if n := len(must(w.d.Cases(t.Context(), takedown.CaseFilter{}))(t)); n != 0 {
		t.Fatalf("%d cases", n)
	}
}

func TestACaseIsOneLeakAtOnePlace(t *testing.T) {
	w := newWorld(t)
	for _, u := range []string{
		"https://files.host.example/a", "https://FILES.host.example:443/a", // one
		"https://files.host.example/b",                                              // another item
		"http://127.0.0.1:8081/a", "http://127.0.0.1:8082/a", "http://[::1]:8081/a", // an address has no registrable domain
	} {
		must(w.d.Observe(t.Context(), w.sighting(u)))(t)
	}
	both := w.sighting("https://files.host.example/two.zip")
	other := both.Report.Matches[0]
	other.Leak, other.Bits = "hospital-2016", 30
	both.Report.Matches = append(both.Report.Matches, other)
	must(w.d.Observe(t.Context(), both))(t)
	places, leaks := map[string]int{}, map[string]takedown.CaseState{}
	rows := must(w.d.Cases(t.Context(), takedown.CaseFilter{}))(t)
	for _, r := range rows {
		places[r.Place]++
		leaks[r.Leak] = r.State
	}
	if len(rows) != 7 || places["host.example"] != 4 || places["127.0.0.1:8081"] != 1 || places["[::1]:8081"] != 1 {
		t.Fatalf("%d cases at %v", len(rows), places)
	}
	if leaks["hospital-2016"] != takedown.CaseTriage {
		t.Fatalf("a faint second leak in the item is %s, want triage", leaks["hospital-2016"])
	}
}

func TestTriage(t *testing.T) {
	t.Run("a wrong is drafted", func(t *testing.T) {
		w := newWorld(t)
		c := w.triage()
		if err := w.d.AnswerTriage(t.Context(), anna, c.ID, takedown.Triage{Wrong: true}); err != nil {
			t.Fatal(err)
		}
		if must(w.d.Draft(t.Context()))(t) != 1 {
			t.Fatal("nothing was drafted")
		}
		w.want(w.d.AnswerTriage(t.Context(), anna, c.ID, takedown.Triage{Wrong: true}), takedown.ErrState)
	})
	t.Run("no wrong is dismissed and left alone", func(t *testing.T) {
		w := newWorld(t)
		c := w.triage()
		w.want(w.d.AnswerTriage(t.Context(), anna, c.ID, takedown.Triage{Reason: "x"}), takedown.ErrInvalid)
		w.want(w.d.AnswerTriage(t.Context(), anna, c.ID, takedown.Triage{Exception: "journalism"}), takedown.ErrInvalid)
		if err := w.d.AnswerTriage(t.Context(), anna, c.ID, takedown.Triage{Exception: "journalism", Reason: "A newspaper."}); err != nil {
			t.Fatal(err)
		}
		w.clock.pass(1000 * time.Hour)
		s := w.sighting(item)
		s.Report = report(1, "health")
		must(w.d.Observe(t.Context(), s))(t)
		if n := must(w.d.Draft(t.Context()))(t); n != 0 {
			t.Fatal("a dismissed case was drafted")
		}
		if done := must(w.d.Recheck(t.Context()))(t); len(done) != 0 || w.eyes.seen != 0 {
			t.Fatal("a dismissed case was rechecked")
		}
		if got := w.caseOf(c.ID); got.State != takedown.CaseDismissed || got.Reason != "journalism: A newspaper." {
			t.Fatalf("%s: %s", got.State, got.Reason)
		}
	})
	t.Run("more of the leak at a dismissed place asks again", func(t *testing.T) {
		w := newWorld(t)
		c := w.triage()
		if err := w.d.AnswerTriage(t.Context(), anna, c.ID, takedown.Triage{Exception: "own_publication", Reason: "Hers."}); err != nil {
			t.Fatal(err)
		}
		s := w.sighting(item)
		s.Report = report(300, "health")
		s.Report.Digest, s.Report.Matches[0].Grade = "other", match.Identical
		must(w.d.Observe(t.Context(), s))(t)
		if got := w.caseOf(c.ID); got.State != takedown.CaseTriage || got.Subjects != 300 {
			t.Fatalf("%s with %d subjects", got.State, got.Subjects)
		}
	})
	t.Run("a dismissed open case takes its draft and approval along", func(t *testing.T) {
		w := newWorld(t)
		mail := w.post()
		n := w.approved(item)
		if err := w.d.AnswerTriage(t.Context(), anna, n.Case, takedown.Triage{Exception: "other", Reason: "Ours."}); err != nil {
			t.Fatal(err)
		}
		w.deliver()
		if got := w.notice(n.ID).State; got != takedown.NoticeVoid || len(mail.Mails()) != 0 || w.attempts()[0].State != takedown.AttemptVoid {
			t.Fatalf("notice %s, %d mails", got, len(mail.Mails()))
		}
	})
	t.Run("a stronger sighting needs none", func(t *testing.T) {
		w := newWorld(t)
		c := w.triage()
		s := w.sighting(item)
		s.Report.Digest = "other"
		must(w.d.Observe(t.Context(), s))(t)
		if got := w.caseOf(c.ID); got.State != takedown.CaseOpen || len(got.Sightings) != 2 {
			t.Fatalf("%s with %d sightings", got.State, len(got.Sightings))
		}
	})
}

// triage opens a case of a single person.
func (w *world) triage() *takedown.CaseFile {
	w.t.Helper()
	s := w.sighting(item)
	s.Report = report(1, "health")
	must(w.d.Observe(w.t.Context(), s))(w.t)
	queue := must(w.d.Queue(w.t.Context()))(w.t)
	if len(queue) != 1 || queue[0].Kind != "triage" {
		w.t.Fatalf("the queue holds %+v", queue)
	}
	return w.caseOf(queue[0].ID)
}

func TestTheDataFolderHoldsNothingOfVictimsOrPlaces(t *testing.T) {
	w := newWorld(t)
	mail := w.post()
	n := w.approved("https://files.host.example/pub/zerelda-quackenbush.zip")
	w.deliver()
	w.eyes.sees(takedown.LookGone)
	for range 3 {
		w.look(n.Case, time.Hour)
	}
	if len(mail.Mails()) != 1 {
		t.Fatal("the story did not run")
	}
	if found := w.holds("zerelda", "quackenbush", "secretname", "host.example", "203.0.113.7", bodyDigest, "anna counsel", "abuse@", "Article 16"); len(found) > 0 {
		t.Fatalf("the data folder holds %v", found)
	}
}

func TestViewsMaskWhatTheGuardFinds(t *testing.T) {
	w := newWorld(t)
	w.guard.learn("quackenbush", "+32470")
	w.draft("https://files.host.example/u/zerelda-quackenbush/scan.zip?tel=+32470&x=1")
	want := "https://files.host.example/u/[redacted]/scan.zip?tel=[redacted]&x=1"
	c := must(w.d.Cases(t.Context(), takedown.CaseFilter{}))(t)[0]
	s := must(w.d.Sightings(t.Context()))(t)[0]
	done := w.look(c.ID, time.Hour)
	for name, got := range map[string]string{"case": c.URL, "sighting": s.URL, "recheck": done.URL} {
		if got != want {
			t.Errorf("%s shows %s", name, got)
		}
	}
}

func TestSubjectsAreOnlyThoseWhomTheMatchSurelyConcerns(t *testing.T) {
	one := match.Match{Grade: match.Text, Leak: "health-2026", FileID: "f_000000000001", Bits: 400, Coverage: 1, Subjects: 1, Categories: []string{"health"}}
	echo := match.Match{Grade: match.Passages, Leak: "health-2026", FileID: "f_000000000002", Bits: 90, Coverage: 0.1, Subjects: 12, Categories: []string{"finance"}}
	for name, tc := range map[string]struct {
		matches  []match.Match
		subjects int
		state    takedown.CaseState
	}{
		"a letter that shares a sentence with a report": {[]match.Match{one, echo}, 1, takedown.CaseTriage},
		"a letter and a table of nobody knows how many": {[]match.Match{one, {Grade: match.Member, Leak: "health-2026", FileID: "f_000000000003",
			Part: "dump.zip!/t.csv", Bits: 400, Coverage: 1}}, 0, takedown.CaseOpen},
		"an excerpt of a report about many": {[]match.Match{echo}, 0, takedown.CaseOpen},
		"rows of a table, told apart": {[]match.Match{{Grade: match.Records, Leak: "health-2026", FileID: "f_000000000004", Bits: 300, Coverage: 0.1,
			Rows: []int{3, 4, 9}, Subjects: 3, Categories: []string{"health", "identity"}}}, 3, takedown.CaseOpen},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			s := w.sighting(item)
			s.Report.Matches = tc.matches
			must(w.d.Observe(t.Context(), s))(t)
			got := w.caseOf(must(w.d.Sightings(t.Context()))(t)[0].Case)
			if got.Subjects != tc.subjects || got.State != tc.state {
				t.Errorf("%s with %d subjects, want %s with %d", got.State, got.Subjects, tc.state, tc.subjects)
			}
			if name == "a letter that shares a sentence with a report" && slices.Contains(got.Categories, "finance") {
				t.Error("the echo's categories are claimed")
			}
		})
	}
}

func TestASightingStaysWithItsCaseWhenThePlaceIsCutAnew(t *testing.T) {
	w := newWorld(t)
	f := w.open(item)
	// A later list of public suffixes gives the same address another registrable domain, and so another key.
	err := w.st.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE cases SET key = ?`, tx.Lookup("cases.key", []byte("health-2026\x00example\x00"+item)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !must(w.d.Observe(t.Context(), w.sighting(item)))(t) {
		t.Fatal("the sighting is not known any more")
	}
	if rows := must(w.d.Cases(t.Context(), takedown.CaseFilter{}))(t); len(rows) != 1 || rows[0].ID != f.ID {
		t.Fatalf("the sighting opened another case: %+v", rows)
	}
}
