package takedown

import (
	"sort"
	"strings"

	"unmirror/fingerprints/match"
)

// mask stands where an identifier stood.
const mask = "[redacted]"

// redact masks what the guard finds in a URL: each path or query segment that a hit touches. All views go through it.
func (d *Docket) redact(url string) string {
	return maskRanges(url, segments(url, d.o.Guard(url)))
}

// redactText masks what the guard finds in a text, and nothing beside it.
func (d *Docket) redactText(text string) string {
	return maskRanges(text, ranges(d.o.Guard(text)))
}

func ranges(hits []match.Hit) [][2]int {
	out := make([][2]int, 0, len(hits))
	for _, h := range hits {
		out = append(out, [2]int{h.Start, h.End})
	}
	return out
}

// segments widens hits to the URL's segments: half a file name left standing could still name somebody. A known file's
// name by itself stays: it is how the re-upload's own address is called.
func segments(url string, hits []match.Hit) [][2]int {
	const ends = "/?&=#"
	var out [][2]int
	for _, h := range hits {
		if h.Kind == match.FileName {
			continue
		}
		from, to := clamp(h.Start, len(url)), clamp(h.End, len(url))
		if i := strings.LastIndexAny(url[:from], ends); i >= 0 {
			from = i + 1
		} else {
			from = 0
		}
		if i := strings.IndexAny(url[to:], ends); i >= 0 {
			to += i
		} else {
			to = len(url)
		}
		out = append(out, [2]int{from, to})
	}
	return out
}

func clamp(i, n int) int { return max(0, min(i, n)) }

// maskRanges replaces the ranges, merged where they touch, by the mask.
func maskRanges(text string, at [][2]int) string {
	if len(at) == 0 {
		return text
	}
	sort.Slice(at, func(i, j int) bool { return at[i][0] < at[j][0] })
	var b strings.Builder
	done := 0
	for i := 0; i < len(at); {
		from, to := clamp(at[i][0], len(text)), clamp(at[i][1], len(text))
		for i++; i < len(at) && at[i][0] <= to; i++ {
			to = max(to, clamp(at[i][1], len(text)))
		}
		b.WriteString(text[done:from])
		b.WriteString(mask)
		done = to
	}
	b.WriteString(text[done:])
	return b.String()
}
