package demo

import (
	_ "embed"
	"regexp"
	"strconv"
	"time"
)

//go:embed leak.yaml
var leakFile string

var daysAgo = regexp.MustCompile(`\{(\d+)\}`)

// LeakFile is what counsel of the invented service filled in, with its days counted back from now. The employers were told,
// the employees were not: that duty is overdue.
func LeakFile(now time.Time) []byte {
	return daysAgo.ReplaceAllFunc([]byte(leakFile), func(m []byte) []byte {
		n, err := strconv.Atoi(string(m[1 : len(m)-1]))
		if err != nil {
			return m // too many digits to be a day
		}
		return []byte(now.UTC().AddDate(0, 0, -n).Format(time.DateOnly))
	})
}
