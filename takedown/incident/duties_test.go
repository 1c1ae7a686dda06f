package incident

import (
	"testing"
	"time"
)

func moment(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func duty(t *testing.T, all []Duty, id string) Duty {
	t.Helper()
	for _, d := range all {
		if d.ID == id {
			return d
		}
	}
	t.Fatalf("no duty %s", id)
	return Duty{}
}

func TestDutiesOfTheExample(t *testing.T) {
	all := example(t).Duties(nil, moment(t, "2026-04-01T00:00:00Z"))
	for _, c := range []struct{ id, state, due string }{
		{"processor_1", DutyDone, "2026-03-10T06:00:00Z"},
		{"processor_2", DutyNoClock, ""},
		{"authority", DutyDone, "2026-03-12T07:40:00Z"}, // 72 hours after 08:40 at UTC+1
		{"persons", DutyOverdue, "2026-03-16T07:40:00Z"},
		{"employers", DutyDone, "2026-03-16T07:40:00Z"},
		{"works_council", DutyOverdue, "2026-03-23T07:40:00Z"},
		{"police", DutyDone, "2026-03-16T07:40:00Z"},
		{"overview", DutyOpen, ""},
		{"contain", DutyDone, ""},
		{"decide_authority", DutyDone, "2026-03-12T07:40:00Z"},
		{"decide_persons", DutyOverdue, "2026-03-16T07:40:00Z"},
		{"register", DutyOpen, ""},
	} {
		d := duty(t, all, c.id)
		due := ""
		if !d.Due.IsZero() {
			due = d.Due.Format(time.RFC3339)
		}
		if d.State != c.state || due != c.due {
			t.Errorf("%s: %s due %q, want %s due %q", c.id, d.State, due, c.state, c.due)
		}
	}
	if n := Overdue(all); n != 3 {
		t.Errorf("%d overdue, want 3", n)
	}
}

func TestTheHoursToTheAuthority(t *testing.T) {
	for _, c := range []struct {
		name, discovered, reported, now, state, due string
		hours                                       int
	}{
		{"within", "2026-05-01T10:00Z", "", "2026-05-04T10:00:00Z", DutyOpen, "2026-05-04T10:00:00Z", 0},
		{"a second later", "2026-05-01T10:00Z", "", "2026-05-04T10:00:01Z", DutyOverdue, "2026-05-04T10:00:00Z", 0},
		{"a day alone begins at midnight", "2026-05-01", "", "2026-05-04T00:00:01Z", DutyOverdue, "2026-05-04T00:00:00Z", 0},
		{"other hours", "2026-05-01T10:00Z", "", "2026-05-04T10:00:01Z", DutyOpen, "2026-05-05T10:00:00Z", 96},
		{"reported in time", "2026-05-01T10:00Z", "2026-05-04T09:59Z", "2026-06-01T00:00:00Z", DutyDone, "2026-05-04T10:00:00Z", 0},
		{"reported late", "2026-05-01T10:00Z", "2026-05-05", "2026-06-01T00:00:00Z", DutyLate, "2026-05-04T10:00:00Z", 0},
		{"no date of discovery", "", "", "2026-06-01T00:00:00Z", DutyNoClock, "0001-01-01T00:00:00Z", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := File{Incident: Incident{Discovered: Date(c.discovered)}, Deadlines: Deadlines{AuthorityHours: c.hours}}
			if c.reported != "" {
				f.Authorities = []Reported{{Name: "B"}, {Name: "A", Reported: Date(c.reported)}}
			}
			d := duty(t, f.Duties(nil, moment(t, c.now)), "authority")
			if d.State != c.state || d.Due.Format(time.RFC3339) != c.due {
				t.Errorf("%s due %s, want %s due %s", d.State, d.Due.Format(time.RFC3339), c.state, c.due)
			}
		})
	}
}

func TestWhatSparesADuty(t *testing.T) {
	now := moment(t, "2026-06-01T00:00:00Z")
	base := File{Incident: Incident{Discovered: "2026-05-01"}, Data: Data{Persons: []string{"patients"}}}
	for _, c := range []struct {
		name string
		set  func(*File)
		want map[string]string
	}{
		{"patients are no staff", func(*File) {}, map[string]string{"employers": DutyNotRequired, "works_council": DutyNotRequired, "persons": DutyOverdue}},
		{"nobody said who they are", func(f *File) { f.Data.Persons = nil }, map[string]string{"employers": DutyOverdue}},
		{"risk unlikely", func(f *File) { f.Risk = Risk{Level: "unlikely", Date: "2026-05-02"} },
			map[string]string{"authority": DutyNotRequired, "persons": DutyNotRequired, "decide_authority": DutyDone, "contain": DutyDone}},
		{"some risk", func(f *File) { f.Risk = Risk{Level: "risk", Date: "2026-05-02"} }, map[string]string{"authority": DutyOverdue, "persons": DutyNotRequired}},
		{"high risk", func(f *File) { f.Risk = Risk{Level: "high", Date: "2026-05-02"} }, map[string]string{"authority": DutyOverdue, "persons": DutyOverdue}},
		{"counsel said so", func(f *File) { f.NotRequired = []NotRequired{{"police", "the prosecutor acts already"}} }, map[string]string{"police": DutyNotRequired}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := base
			c.set(&f)
			all := f.Duties(nil, now)
			for id, want := range c.want {
				if d := duty(t, all, id); d.State != want || (want == DutyNotRequired && d.Why == "") {
					t.Errorf("%s: %s (%s), want %s", id, d.State, d.Why, want)
				}
			}
		})
	}
}

func TestATickWinsOverTheFile(t *testing.T) {
	f := example(t)
	all := f.Duties(map[string]Done{"authority": {On: "2026-03-20", Proof: "second report"}, "persons": {On: "2026-03-15", Proof: "letters"}}, moment(t, "2026-04-01T00:00:00Z"))
	if d := duty(t, all, "authority"); d.State != DutyLate || d.Proof != "second report" {
		t.Errorf("authority %+v", d)
	}
	if d := duty(t, all, "decide_persons"); d.State != DutyDone || d.Proof != "letters" {
		t.Errorf("the decision does not follow: %+v", d)
	}
}
