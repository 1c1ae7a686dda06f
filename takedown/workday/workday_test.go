package workday

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func at(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		panic(err)
	}
	return t
}

func load(t testing.TB) Calendar {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEasterAndWhatHangsOnIt(t *testing.T) {
	for y, want := range map[int]string{1961: "04-02", 2000: "04-23", 2016: "03-27", 2024: "03-31", 2025: "04-20", 2026: "04-05", 2038: "04-25"} {
		if got := easter(y).Format("01-02"); got != want {
			t.Errorf("Easter of %d is %s, want %s", y, got, want)
		}
	}
}

func TestWorkingDays(t *testing.T) {
	c := load(t)
	for _, x := range []struct {
		day, country string
		want         bool
	}{
		{"2026-11-20", "be", true}, {"2026-11-21", "be", false}, {"2026-11-22", "", false},
		{"2026-11-11", "be", false}, {"2026-11-11", "nl", true}, {"2026-11-11", "", true},
		{"2026-07-21", "be", false}, {"2026-04-27", "nl", false}, {"2026-04-27", "be", true},
		{"2025-04-26", "nl", false}, {"2025-04-28", "nl", true}, // the 27th was a Sunday
		{"2026-04-06", "be", false}, {"2026-05-14", "nl", false}, {"2026-05-25", "be", false}, {"2026-04-03", "be", true},
		{"2026-12-25", "be", false}, {"2026-12-25", "fr", true},
	} {
		if got := c.Works(at(x.day+" 12:00"), x.country); got != x.want {
			t.Errorf("%s in %q works: %v", x.day, x.country, got)
		}
	}
}

func TestTimePassesOnWorkingDays(t *testing.T) {
	c := load(t)
	for _, x := range []struct {
		from    string
		d       time.Duration
		country string
		want    string
	}{
		{"2026-11-20 16:00", 48 * time.Hour, "", "2026-11-24 16:00"},   // Friday: Tuesday
		{"2026-11-16 09:30", 48 * time.Hour, "", "2026-11-18 09:30"},   // Monday: Wednesday
		{"2026-11-22 10:00", 48 * time.Hour, "", "2026-11-25 00:00"},   // Sunday: all of Monday and Tuesday
		{"2026-11-10 12:00", 24 * time.Hour, "be", "2026-11-12 12:00"}, // over Armistice Day
		{"2026-11-10 12:00", 24 * time.Hour, "nl", "2026-11-11 12:00"},
		{"2026-12-24 12:00", 72 * time.Hour, "nl", "2026-12-30 12:00"},
		{"2026-11-22 10:00", time.Second, "", "2026-11-22 10:00"}, // less than a day passes as it is
		{"2026-11-22 10:00", 23 * time.Hour, "", "2026-11-23 09:00"},
	} {
		if got := c.Add(at(x.from), x.d, x.country); got.Truncate(time.Minute) != at(x.want) {
			t.Errorf("%s and %s in %q: %s, want %s", x.from, x.d, x.country, got.Format(time.DateTime), x.want)
		}
	}
}

func TestAMailAddressTellsTheCountryOnlyWhereItsHolidaysAreKnown(t *testing.T) {
	c := load(t)
	for email, want := range map[string]string{"abuse@host.BE": "be", "abuse@host.nl": "nl", "abuse@host.example": "", "": "", "abuse@fr": ""} {
		if got := c.Country(email); got != want {
			t.Errorf("%s: %q, want %q", email, got, want)
		}
	}
}

func TestAddNeverEndsOnAFreeDayNorEarly(t *testing.T) {
	c := load(t)
	rapid.Check(t, func(t *rapid.T) {
		from := at("2020-01-01 00:00").Add(time.Duration(rapid.Int64Range(0, 10*365*24*60).Draw(t, "minute")) * time.Minute)
		d := time.Duration(rapid.IntRange(24*60, 40*24*60).Draw(t, "for")) * time.Minute
		country := rapid.SampledFrom([]string{"be", "nl", ""}).Draw(t, "country")
		got := c.Add(from, d, country)
		if got.Before(from.Add(d)) || !c.Works(got, country) {
			t.Fatalf("%s and %s in %q: %s", from, d, country, got)
		}
		if later := c.Add(from, d+time.Hour, country); !later.After(got) {
			t.Fatalf("an hour more ends at %s, not after %s", later, got)
		}
	})
}

func TestAHolidayWithoutADayIsRefused(t *testing.T) {
	for _, raw := range []string{"be: [{name: Someday}]", "be: [{name: Someday, day: \"13-40\"}]", "be: 3"} {
		if _, err := Parse([]byte(raw)); err == nil {
			t.Errorf("%s was taken", raw)
		}
	}
}
