package crawler

import (
	"net/http"
	"testing"
	"time"
)

func TestAListedTimeIsBelievedOnlyWhereItCannotHideAChange(t *testing.T) {
	t.Parallel()
	served := time.Date(2026, 11, 22, 12, 30, 30, 0, time.UTC)
	at := func(text string) time.Time {
		v, err := time.Parse("2006-01-02 15:04:05", text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct {
		name, shown string
		modified    time.Time
		served      time.Time
		want        bool
	}{
		{"nothing is shown", "", at("2020-01-01 00:00:00"), served, false},
		{"a digest", "sha1:ab 12", time.Time{}, served, true},
		{"days before", "20-Nov-2026 09:00 12", at("2026-11-20 09:00:00"), served, true},
		{"minutes before", "22-Nov-2026 12:20 12", at("2026-11-22 12:20:00"), served, true},
		{"minutes before in another zone", "22-Nov-2026 14:20 12", at("2026-11-22 14:20:00"), served, true},
		{"the same minute", "22-Nov-2026 12:30 12", at("2026-11-22 12:30:00"), served, false},
		{"the same minute in another zone", "22-Nov-2026 14:30 12", at("2026-11-22 14:30:00"), served, false},
		{"the same minute in Nepal", "22-Nov-2026 18:15 12", at("2026-11-22 18:15:00"), served, false},
		{"the next minute, its clock being ahead", "22-Nov-2026 12:31 12", at("2026-11-22 12:31:00"), served.Add(27 * time.Second), false},
		{"to the second", "2026-Nov-22 12:30:10 1.2K", at("2026-11-22 12:30:10"), served, true},
		{"the same second", "2026-Nov-22 12:30:30 1.2K", at("2026-11-22 12:30:30"), served, false},
		{"with its zone", "2026-11-22T12:29:00Z 12", at("2026-11-22 12:29:00"), served, true},
		{"with its zone, the same second", "2026-11-22T12:30:29.5Z 12", at("2026-11-22 12:30:29"), served, false},
		{"with its zone, to come", "2027-11-22T12:30:29Z 12", at("2027-11-22 12:30:29"), served, false},
		{"to come", "22-Nov-2027 12:20 12", at("2027-11-22 12:20:00"), served, false},
		{"a server that does not tell its time", "22-Nov-2026 12:20 12", at("2026-11-22 12:20:00"), time.Time{}, false},
		{"the same, days before", "20-Nov-2026 12:20 12", at("2026-11-20 12:20:00"), time.Time{}, true},
	} {
		if got := settled(c.shown, c.modified, c.served, served); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestOnlyAFoldersOwnTimeIsItsValidator(t *testing.T) {
	t.Parallel()
	served := time.Date(2026, 11, 22, 12, 30, 30, 0, time.UTC)
	for _, c := range []struct {
		name             string
		modified, newest time.Time
		date, want       bool
	}{
		{"later than all it lists", served.Add(-time.Hour), served.Add(-2 * time.Hour), true, true},
		{"it shows no times", served.Add(-time.Hour), time.Time{}, true, true},
		{"its newest file's", served.Add(-time.Hour), served.Add(-time.Hour), true, false},
		{"this second's", served, time.Time{}, true, false},
		{"without a clock", served.Add(-time.Hour), time.Time{}, false, false},
	} {
		h := http.Header{"Last-Modified": {c.modified.Format(http.TimeFormat)}}
		if c.date {
			h.Set("Date", served.Format(http.TimeFormat))
		}
		if got := ownTime(h, c.newest) != ""; got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
