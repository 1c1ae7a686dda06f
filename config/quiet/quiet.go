// Package quiet tells when notices wait: the hours and days in which an organisation sends none.
// It never sends anything and reads no clock: the time is asked of whoever calls.
package quiet

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // a machine or container without zone files must not send at night
)

// Hours are the times of the day, and perhaps the weekends, in which nothing is sent. The zero value is: none.
type Hours struct {
	zone     *time.Location
	spans    []span
	weekends bool
}

// span is a part of each day in minutes since midnight; from after to goes over midnight.
type span struct{ from, to int }

// Parse reads "20:00-07:00 weekends Europe/Brussels": any number of spans of the day, `weekends` or not, and the zone in which they are
// meant. An empty text is no quiet hours. The error says what is wrong with it.
func Parse(text string) (h Hours, err error) {
	for _, word := range strings.Fields(text) {
		switch {
		case word == "weekends":
			h.weekends = true
		case strings.Contains(word, ":"):
			s, err := parseSpan(word)
			if err != nil {
				return Hours{}, err
			}
			h.spans = append(h.spans, s)
		case h.zone != nil:
			return Hours{}, fmt.Errorf("%q is one word too many: hours such as 20:00-07:00, weekends, and one zone such as Europe/Brussels", word)
		default:
			if word == "Local" {
				return Hours{}, fmt.Errorf("%q depends on the machine: name a zone such as Europe/Brussels", word)
			}
			if h.zone, err = time.LoadLocation(word); err != nil {
				return Hours{}, fmt.Errorf("%q is neither hours such as 20:00-07:00, nor weekends, nor a known zone", word)
			}
		}
	}
	named := h.zone != nil
	if quiet := len(h.spans) > 0 || h.weekends; quiet != named {
		return Hours{}, fmt.Errorf("%q: hours or weekends and the zone belong together, as in 20:00-07:00 weekends Europe/Brussels", text)
	}
	if named && h.always() {
		return Hours{}, fmt.Errorf("%q leaves no moment at which a notice could be sent", text)
	}
	return h, nil
}

func parseSpan(word string) (span, error) {
	from, to, ok := strings.Cut(word, "-")
	a, errA := time.Parse("15:04", from)
	b, errB := time.Parse("15:04", to)
	if !ok || errA != nil || errB != nil || a.Equal(b) {
		return span{}, fmt.Errorf("%q is no span of hours such as 20:00-07:00", word)
	}
	return span{a.Hour()*60 + a.Minute(), b.Hour()*60 + b.Minute()}, nil
}

// always says that the spans together cover the whole day.
func (h Hours) always() bool {
	for m := range 24 * 60 {
		if _, quiet := h.within(m); !quiet {
			return false
		}
	}
	return true
}

// within returns the span in which a minute of the day lies.
func (h Hours) within(minute int) (span, bool) {
	for _, s := range h.spans {
		if s.from < s.to && s.from <= minute && minute < s.to || s.from > s.to && (minute >= s.from || minute < s.to) {
			return s, true
		}
	}
	return span{}, false
}

// Until returns the first moment from t on at which something may be sent, in UTC; the zero time when t itself is one.
func (h Hours) Until(t time.Time) time.Time {
	if h.zone == nil {
		return time.Time{}
	}
	at := t.In(h.zone)
	for quiet := true; quiet; {
		var end time.Time
		if end, quiet = h.end(at); quiet && end.After(at) {
			at = end
		} else if quiet { // an hour that the clock repeats: go on by the minute
			at = at.Add(time.Minute)
		}
	}
	if at.Equal(t) {
		return time.Time{}
	}
	return at.UTC()
}

// end is when the span or weekend in which a moment lies is over.
func (h Hours) end(at time.Time) (time.Time, bool) {
	midnight := func(days int) time.Time { return time.Date(at.Year(), at.Month(), at.Day()+days, 0, 0, 0, 0, h.zone) }
	if h.weekends {
		switch at.Weekday() {
		case time.Saturday:
			return midnight(2), true
		case time.Sunday:
			return midnight(1), true
		}
	}
	minute := at.Hour()*60 + at.Minute()
	s, quiet := h.within(minute)
	if !quiet {
		return time.Time{}, false
	}
	day := 0
	if minute >= s.to {
		day = 1
	}
	return time.Date(at.Year(), at.Month(), at.Day()+day, s.to/60, s.to%60, 0, 0, h.zone), true
}
