package takedown_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"unmirror/takedown"
	"unmirror/takedown/incident"
)

// leakFile is the example of the documents.
func leakFile(t *testing.T) incident.File {
	t.Helper()
	raw, err := os.ReadFile("../docs/leak-file.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	f, err := incident.Parse(raw, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// april is a world in which what the example tells has happened.
func april(t *testing.T, change ...func(*takedown.Options)) *world {
	t.Helper()
	w := newWorld(t, change...)
	w.clock.pass(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC).Sub(w.clock.now()))
	return w
}

func TestALeakFileIsKeptSealedInVersions(t *testing.T) {
	w := april(t)
	f := leakFile(t)
	if _, ok, err := w.d.Incident(t.Context(), "health-2026"); ok || err != nil {
		t.Fatalf("a file before there is one: %v %v", ok, err)
	}
	for range 2 { // the same again is no version
		if err := w.d.SetIncident(t.Context(), anna, "health-2026", f); err != nil {
			t.Fatal(err)
		}
	}
	f.Legal.DPIA = "GEB-2026-04"
	if err := w.d.SetIncident(t.Context(), operator, "health-2026", f); err != nil {
		t.Fatal(err)
	}
	got, ok, err := w.d.Incident(t.Context(), "health-2026")
	if err != nil || !ok || got.Legal.DPIA != "GEB-2026-04" || got.Controller.Name != f.Controller.Name {
		t.Errorf("read back %v %v: %+v", ok, err, got.Legal)
	}
	versions := must(w.d.IncidentVersions(t.Context(), "health-2026"))(t)
	if len(versions) != 2 || versions[0].Version != 2 || versions[0].Actor != "Olga" || versions[1].Actor != "Anna Counsel" {
		t.Errorf("versions %+v", versions)
	}
	if found := w.holds("Arbeidszorg Voorbeeld", "GEB-2026", "extortion", "Anna Counsel", "Scanhuis"); len(found) > 0 {
		t.Errorf("in clear: %v", found)
	}
}

func TestALeakFileIsRefused(t *testing.T) {
	w := april(t, func(o *takedown.Options) { o.Registered = func(s string) bool { return s == "health-2026" } })
	w.guard.learn("Odilon Geheimman", "85.07.30-999.32")
	for _, c := range []struct {
		name string
		by   takedown.Actor
		slug string
		set  func(*incident.File)
		want error
		says string
	}{
		{"by an auditor", auditor, "health-2026", func(*incident.File) {}, takedown.ErrForbidden, "Only counsel or the operator"},
		{"of no leak", anna, "other-2026", func(*incident.File) {}, takedown.ErrNotFound, "No leak is registered as other-2026."},
		{"with a victim's number in a text", anna, "health-2026", func(f *incident.File) { f.Incident.How = incident.Text{"nl": "zie 85.07.30-999.32"} }, takedown.ErrBlocked, "in incident.how.nl"},
		{"with a victim's name as a contact", anna, "health-2026", func(f *incident.File) { f.Controller.Contact = "Odilon Geheimman" }, takedown.ErrBlocked, "in controller.contact"},
		{"with a name in a list", anna, "health-2026", func(f *incident.File) { f.Mandates[0].For = incident.Text{"": "Odilon Geheimman"} }, takedown.ErrBlocked, "in mandates[0].for"},
		{"with a date to come", anna, "health-2026", func(f *incident.File) { f.Police.Reported = "2027-01-01" }, takedown.ErrInvalid, "police.reported: lies in the future"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := leakFile(t)
			c.set(&f)
			err := w.d.SetIncident(t.Context(), c.by, c.slug, f)
			w.want(err, c.want)
			if !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "Odilon") || strings.Contains(err.Error(), "85.07") {
				t.Errorf("says %q, want %q in it", err, c.says)
			}
		})
	}
	if _, ok, _ := w.d.Incident(t.Context(), "health-2026"); ok {
		t.Error("a refused file was kept")
	}
}

func TestDutiesAreTickedWithProof(t *testing.T) {
	w := april(t)
	if err := w.d.SetIncident(t.Context(), anna, "health-2026", leakFile(t)); err != nil {
		t.Fatal(err)
	}
	overdue := func() (ids []string) {
		for _, r := range must(w.d.OverdueDuties(t.Context()))(t) {
			ids = append(ids, r.ID)
		}
		return ids
	}
	if got := strings.Join(overdue(), " "); got != "persons works_council decide_persons" {
		t.Errorf("overdue: %s", got)
	}
	if n := must(w.d.Counts(t.Context()))(t)["duties.overdue"]; n != 3 {
		t.Errorf("counted %d overdue duties, want 3", n)
	}
	for _, c := range []struct {
		name, duty, on, proof string
		by                    takedown.Actor
		want                  error
	}{
		{"by an auditor", "persons", "2026-03-15", "letters", auditor, takedown.ErrForbidden},
		{"no such duty", "person", "2026-03-15", "letters", anna, takedown.ErrInvalid},
		{"no day", "persons", "2026-03", "letters", anna, takedown.ErrInvalid},
		{"no date", "persons", "soon", "letters", anna, takedown.ErrInvalid},
		{"to come", "persons", "2026-04-02", "letters", anna, takedown.ErrInvalid},
		{"no proof", "persons", "2026-03-15", " ", anna, takedown.ErrInvalid},
	} {
		if err := w.d.DutyDone(t.Context(), c.by, "health-2026", c.duty, incident.Date(c.on), c.proof); err == nil {
			t.Errorf("%s: taken", c.name)
		} else {
			w.want(err, c.want)
		}
	}
	w.guard.learn("Odilon Geheimman")
	w.want(w.d.DutyDone(t.Context(), anna, "health-2026", "persons", "2026-03-15", "letter to Odilon Geheimman"), takedown.ErrBlocked)
	if err := w.d.DutyDone(t.Context(), anna, "health-2026", "persons", "2026-03-15", "640 registered letters, BR-77"); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(overdue(), " "); got != "works_council" {
		t.Errorf("overdue after the tick: %s", got)
	}
	for _, r := range must(w.d.Duties(t.Context(), "health-2026"))(t) {
		if r.ID == "persons" && (r.State != incident.DutyDone || r.Proof != "640 registered letters, BR-77" || r.TickedBy != "Anna Counsel") {
			t.Errorf("persons %+v", r)
		}
	}
	if found := w.holds("registered letters", "BR-77"); len(found) > 0 {
		t.Errorf("in clear: %v", found)
	}
}
