package texts

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Number writes a whole number with the language's thousands separator.
func (c *Catalogue) Number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "−", digits[1:]
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 && len(digits) > 4 {
			b.WriteString(c.T("format.thousands"))
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// Decimal writes a number with at most places decimals, without trailing zeros.
func (c *Catalogue) Decimal(f float64, places int) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "–"
	}
	scale := math.Pow(10, float64(places))
	s := strconv.FormatFloat(math.Round(f*scale)/scale, 'f', -1, 64)
	whole, frac, ok := strings.Cut(s, ".")
	if n, err := strconv.ParseInt(whole, 10, 64); err == nil && n != 0 {
		whole = c.Number(n)
	}
	if !ok {
		return whole
	}
	return whole + c.T("format.decimal") + frac
}

// Percent writes a share between 0 and 1. Only the whole is 100 %, and only nothing is 0 %.
func (c *Catalogue) Percent(share float64) string {
	p := math.Round(share * 100)
	if share < 1 {
		p = min(p, 99)
	}
	if share > 0 {
		p = max(p, 1)
	}
	return c.T("format.percent", "n", int(p))
}

// Bytes writes a size in bytes with a binary unit.
func (c *Catalogue) Bytes(n int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	f, i := float64(n), 0
	for f >= 1024 && i < len(units)-1 {
		f /= 1024
		i++
	}
	places := 1
	if i == 0 || f >= 100 {
		places = 0
	}
	return c.Decimal(f, places) + " " + units[i]
}

// Date writes a day: "21 November 2026".
func (c *Catalogue) Date(t time.Time) string {
	if t.IsZero() {
		return c.T("format.never")
	}
	return c.T("format.date", "day", strconv.Itoa(t.Day()), "month", c.T("format.month."+strconv.Itoa(int(t.Month()))),
		"year", strconv.Itoa(t.Year()))
}

// Moment writes a day and the time of day, to the minute: "21 Nov 2026, 14:05".
func (c *Catalogue) Moment(t time.Time) string {
	if t.IsZero() {
		return c.T("format.never")
	}
	return c.T("format.moment", "day", strconv.Itoa(t.Day()), "month", c.T("format.mon."+strconv.Itoa(int(t.Month()))),
		"year", strconv.Itoa(t.Year()), "time", t.Format("15:04"))
}

// Ago writes how far t lies from now, in the largest whole unit: "3 hours ago", "in 2 days".
func (c *Catalogue) Ago(t, now time.Time) string {
	if t.IsZero() {
		return c.T("format.never")
	}
	d := now.Sub(t)
	dir := "format.ago"
	if d < 0 {
		d, dir = -d, "format.in"
	}
	if d < time.Minute {
		return c.T(dir + "_moment")
	}
	return c.T(dir, "span", c.Span(d))
}

// Span writes a duration in its largest whole unit, at least a minute.
func (c *Catalogue) Span(d time.Duration) string {
	switch {
	case d < time.Hour:
		return c.N("format.minutes", max(1, int(d/time.Minute)))
	case d < 24*time.Hour:
		return c.N("format.hours", int(d/time.Hour))
	default:
		return c.N("format.days", int(d/(24*time.Hour)))
	}
}
