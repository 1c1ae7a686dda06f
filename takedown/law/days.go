package law

import "time"

// WorkingDays counts the working days after from, up to and including to. Saturdays, Sundays and the public holidays of Belgium and of
// the Netherlands do not count, so that a notice never claims more days than either country would.
func WorkingDays(from, to time.Time) int {
	day := midnight(from)
	end := midnight(to)
	n := 0
	for day.Before(end) {
		day = day.AddDate(0, 0, 1)
		if day.Weekday() != time.Saturday && day.Weekday() != time.Sunday && !holiday(day) {
			n++
		}
	}
	return n
}

func midnight(t time.Time) time.Time {
	y, m, d := t.UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func holiday(day time.Time) bool {
	switch day.Format("01-02") {
	case "01-01", "04-27", "05-01", "05-05", "07-21", "08-15", "11-01", "11-11", "12-25", "12-26":
		return true
	}
	since := int(day.Sub(easter(day.Year())).Hours() / 24)
	return since == -2 || since == 1 || since == 39 || since == 50 // Good Friday, Easter Monday, Ascension, Whit Monday
}

// easter is Easter Sunday of the Gregorian calendar (the anonymous computus, Nature, 20 April 1876).
func easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(year, time.Month(n/31), n%31+1, 0, 0, 0, 0, time.UTC)
}
