// Package workday counts time as an office does: weekends and public holidays do not pass.
// It never reads a clock, and knows the hours of no office: a working day is a whole day in UTC.
package workday

import (
	_ "embed"
	"fmt"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

//go:embed holidays.yaml
var embedded []byte

// rule is one holiday: a fixed day of the year, or so many days after Easter Sunday.
type rule struct {
	Name   string `yaml:"name"`
	Day    string `yaml:"day"`    // "07-21"
	Easter *int   `yaml:"easter"` // 1 is Easter Monday
	Every  int    `yaml:"every"`  // only in years that this divides; 0: every year
	Sunday int    `yaml:"sunday"` // so many days are added when it falls on a Sunday
	From   int    `yaml:"from"`   // the first year; 0: always
}

// Calendar knows the public holidays of some countries. The zero Calendar knows weekends alone.
type Calendar struct{ rules map[string][]rule }

// Load reads the holidays that the program carries.
func Load() (Calendar, error) { return Parse(embedded) }

// Parse reads holidays by country: a YAML map of ISO codes in lower case to rules.
func Parse(raw []byte) (Calendar, error) {
	var c Calendar
	if err := yaml.Unmarshal(raw, &c.rules); err != nil {
		return c, fmt.Errorf("read holidays: %w", err)
	}
	for country, rules := range c.rules {
		for _, r := range rules {
			if _, err := time.Parse("01-02", r.Day); err != nil && r.Easter == nil {
				return Calendar{}, fmt.Errorf("read holidays of %s: %q has neither a day such as 07-21 nor a distance to Easter", country, r.Name)
			}
		}
	}
	return c, nil
}

// Works says whether the day of t, in UTC, is a working day in that country. Of an unknown country only weekends are known.
func (c Calendar) Works(t time.Time, country string) bool {
	t = t.UTC()
	if t.Weekday() == time.Saturday || t.Weekday() == time.Sunday {
		return false
	}
	for _, r := range c.rules[strings.ToLower(country)] {
		if r.falls(t) {
			return false
		}
	}
	return true
}

func (r rule) falls(t time.Time) bool {
	y := t.Year()
	if y < r.From || r.Every > 0 && y%r.Every != 0 {
		return false
	}
	var day time.Time
	if r.Easter != nil {
		day = easter(y).AddDate(0, 0, *r.Easter)
	} else {
		fixed, _ := time.Parse("01-02", r.Day) // Parse has checked it
		day = time.Date(y, fixed.Month(), fixed.Day(), 0, 0, 0, 0, time.UTC)
		if day.Weekday() == time.Sunday {
			day = day.AddDate(0, 0, r.Sunday)
		}
	}
	return day.YearDay() == t.YearDay() && day.Year() == y
}

// easter is Easter Sunday of a year of the Gregorian calendar (the anonymous algorithm, Meeus, Astronomical Algorithms, ch. 8).
func easter(y int) time.Time {
	a, b, c := y%19, y/100, y%100
	d, e, f := b/4, b%4, (b+8)/25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(y, time.Month(n/31), n%31+1, 0, 0, 0, 0, time.UTC)
}

// Add is when d has passed after t, of which only working days count: 48 hours after Friday noon is Tuesday noon. Less than a day is not
// meant in days and passes as it is.
func (c Calendar) Add(t time.Time, d time.Duration, country string) time.Time {
	const day = 24 * time.Hour
	t = t.UTC()
	if d < day {
		return t.Add(d)
	}
	for {
		midnight := t.Truncate(day).Add(day)
		if !c.Works(t, country) {
			t = midnight
			continue
		}
		left := midnight.Sub(t)
		if d < left {
			return t.Add(d)
		}
		t, d = midnight, d-left
		if d == 0 && c.Works(t, country) {
			return t
		}
	}
}

// Country guesses an office's country by its mail address: the top-level domain, where its holidays are known; else "".
func (c Calendar) Country(email string) string {
	tld := strings.ToLower(email[strings.LastIndexByte(email, '.')+1:])
	if _, known := c.rules[tld]; known {
		return tld
	}
	return ""
}
