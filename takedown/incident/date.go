package incident

import (
	"fmt"
	"strings"
	"time"
)

// Date is a day or a moment as counsel knows it: "2016", "2016-03", "2016-03-14", "2016-03-14T09:30Z" or with an offset.
// A moment without an offset is UTC. Empty is unknown.
type Date string

// layouts are what a date may look like, and whether it says the day.
var layouts = [...]struct {
	layout string
	exact  bool
}{
	{"2006", false}, {"2006-01", false}, {"2006-01-02", true}, {"2006-01-02T15:04", true}, {"2006-01-02T15:04Z07:00", true},
	{"2006-01-02T15:04:05Z07:00", true}, {"2006-01-02 15:04", true}, {"2006-01-02 15:04Z07:00", true}, {"2006-01-02 15:04:05Z07:00", true},
}

// Time is the first moment that the date names, in UTC; false when it is empty or none.
func (d Date) Time() (time.Time, bool) {
	for _, l := range layouts {
		if t, err := time.Parse(l.layout, string(d)); err == nil && t.Year() >= 1900 {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// Exact says whether it names a day at least: a clock cannot run from a month.
func (d Date) Exact() bool {
	for _, l := range layouts {
		if _, err := time.Parse(l.layout, string(d)); err == nil {
			return l.exact
		}
	}
	return false
}

// Day is the date without its time of day.
func (d Date) Day() string {
	s := string(d)
	if len(s) > len("2006-01-02") {
		return s[:len("2006-01-02")]
	}
	return s
}

// ParseDate reads a date as the file writes it. Its error says what would be right.
func ParseDate(s string) (Date, error) {
	s = strings.TrimSpace(s)
	d := Date(s)
	if _, ok := d.Time(); s != "" && !ok {
		return "", fmt.Errorf("%s is no date; write 2016, 2016-03, 2016-03-14 or 2016-03-14T09:30+01:00", quoted(s))
	}
	return d, nil
}

// Text is one text by language; under "" it stands for every language that has none of its own.
type Text map[string]string

// In gives the text in a language, else the one for every language, else the English one, else whichever there is.
func (t Text) In(language string) string {
	for _, l := range append([]string{language, "", "en"}, Languages()...) {
		if s := t[l]; s != "" {
			return s
		}
	}
	return ""
}

// Empty says whether it has no words in any language.
func (t Text) Empty() bool {
	for _, s := range t {
		if strings.TrimSpace(s) != "" {
			return false
		}
	}
	return true
}
