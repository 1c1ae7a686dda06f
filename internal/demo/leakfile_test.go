package demo

import (
	"testing"
	"time"

	"unmirror/takedown/incident"
)

func TestTheDemonstrationsLeakFileIsFilledAndItsEmployeesWereNotTold(t *testing.T) {
	now := time.Now()
	f, err := incident.Parse(LeakFile(now), now)
	if err != nil {
		t.Fatal(err)
	}
	if m := append(f.Needs(incident.Sweep("mirror", []string{"health"})), f.Needs(incident.Notice())...); len(m) > 0 {
		t.Errorf("it lacks %v", m)
	}
	var overdue []string
	for _, d := range f.Duties(nil, now) {
		if d.State == incident.DutyOverdue {
			overdue = append(overdue, d.ID)
		}
	}
	if len(overdue) != 2 || overdue[0] != "persons" {
		t.Errorf("overdue: %v, want the persons themselves and the decision on it", overdue)
	}
}
