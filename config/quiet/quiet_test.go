package quiet_test

import (
	"testing"
	"time"

	"unmirror/config/quiet"
)

func TestNothingIsSentInQuietHoursAndTheNextTimeIsTold(t *testing.T) {
	for _, c := range []struct{ hours, at, until string }{
		{"", "2026-03-02T03:00:00Z", ""},
		{"20:00-07:00 Europe/Brussels", "2026-03-02T12:00:00Z", ""},
		{"20:00-07:00 Europe/Brussels", "2026-03-02T18:59:59Z", ""},
		{"20:00-07:00 Europe/Brussels", "2026-03-02T19:00:00Z", "2026-03-03T06:00:00Z"},
		{"20:00-07:00 Europe/Brussels", "2026-03-03T05:59:59Z", "2026-03-03T06:00:00Z"},
		{"20:00-07:00 Europe/Brussels", "2026-03-03T06:00:00Z", ""},
		{"20:00-07:00 Europe/Brussels", "2026-07-02T18:30:00Z", "2026-07-03T05:00:00Z"},            // summer time
		{"20:00-07:00 Europe/Brussels", "2026-03-28T22:00:00Z", "2026-03-29T05:00:00Z"},            // the night that loses an hour
		{"01:00-02:30 Europe/Brussels", "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"},            // 02:30 does not exist that day
		{"20:00-07:00 Europe/Brussels", "2026-10-24T22:00:00Z", "2026-10-25T06:00:00Z"},            // the night that gains one
		{"20:00-07:00 weekends Europe/Brussels", "2026-03-06T20:00:00Z", "2026-03-09T06:00:00Z"},   // Friday evening
		{"20:00-07:00 weekends Europe/Brussels", "2026-03-08T12:00:00Z", "2026-03-09T06:00:00Z"},   // Sunday
		{"weekends America/New_York", "2026-03-07T04:59:59Z", ""},                                  // still Friday there
		{"weekends America/New_York", "2026-03-07T05:00:00Z", "2026-03-09T04:00:00Z"},              // over the change of clocks
		{"12:00-13:30 20:00-07:00 UTC", "2026-03-02T12:10:00Z", "2026-03-02T13:30:00Z"},            // two spans
		{"18:00-21:00 20:00-07:00 UTC", "2026-03-02T18:10:00Z", "2026-03-03T07:00:00Z"},            // that overlap
		{"00:00-07:00 20:00-00:00 weekends UTC", "2026-03-06T21:00:00.5Z", "2026-03-09T07:00:00Z"}, // that touch
	} {
		h, err := quiet.Parse(c.hours)
		if err != nil {
			t.Fatal(err)
		}
		at, _ := time.Parse(time.RFC3339, c.at)
		got := ""
		if u := h.Until(at); !u.IsZero() {
			got = u.Format(time.RFC3339)
		}
		if got != c.until {
			t.Errorf("%s at %s: until %q, want %q", c.hours, c.at, got, c.until)
		}
	}
}

func TestHoursThatCannotBeMeantAreRefused(t *testing.T) {
	for _, text := range []string{"20:00-07:00", "weekends", "Europe/Brussels", "20:00 Europe/Brussels", "25:00-07:00 UTC", "07:00-07:00 UTC",
		"20:00-07:00 Mars/Base", "20:00-07:00 UTC UTC", "20:00-07:00 Local", "00:00-12:00 12:00-00:00 UTC", "nights UTC"} {
		if _, err := quiet.Parse(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func FuzzUntil(f *testing.F) {
	f.Add("20:00-07:00 weekends Europe/Brussels", int64(1774742400))
	f.Add("01:00-02:30 Europe/Brussels", int64(1774744200))
	f.Add("23:59-23:58 America/New_York", int64(0))
	f.Fuzz(func(t *testing.T, text string, at int64) {
		h, err := quiet.Parse(text)
		if err != nil || at < 0 || at > 4e9 {
			return
		}
		from := time.Unix(at, 0)
		u := h.Until(from)
		if u.IsZero() {
			return
		}
		if !u.After(from) || u.Sub(from) > 4*24*time.Hour || !h.Until(u).IsZero() {
			t.Fatalf("%q at %s: until %s", text, from, u)
		}
	})
}
