package desk

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"unmirror/takedown"
)

// pill is a state, as a word in a colour; the word alone must do.
type pill struct{ Class, Text string }

// pill names the state of a thing ("case", "notice", "attempt", "source").
func (l *lang) pill(of string, state any) pill {
	word := fmt.Sprint(state)
	return pill{Class: pillClass(of + "." + word), Text: l.Or("state."+of+".", word)}
}

func pillClass(state string) string {
	switch state {
	case "case.triage":
		return "violet"
	case "case.open", "notice.draft", "attempt.deferred":
		return "amber"
	case "case.noticed", "notice.sent", "attempt.sent":
		return "blue"
	case "notice.approved", "attempt.queued", "attempt.open", "source.running":
		return "blue ring"
	case "case.vanishing":
		return "teal ring"
	case "case.gone_for_us":
		return "teal"
	case "case.gone", "source.ok", "duty.done":
		return "green"
	case "duty.late":
		return "amber ring"
	case "duty.no_clock", "source.held":
		return "amber"
	case "duty.open":
		return "blue ring"
	case "dispute.open", "reply.unmatched":
		return "red"
	case "reply.waiting":
		return "amber"
	case "source.silent", "duty.overdue", "notice.unknown", "attempt.unknown", "notice.failed", "attempt.failed", "source.failing":
		return "red"
	default:
		return "grey ring"
	}
}

// element names a required element; what the catalogue does not know goes by the law table's own label.
func (l *lang) element(e takedown.ElementRow) string {
	if l.Has("element." + e.ID) {
		return l.T("element." + e.ID)
	}
	return e.Label
}

// contactSource tells where a contact comes from; what stands in brackets behind it is an address of that source.
func (l *lang) contactSource(source string) string {
	head, rest, ok := strings.Cut(source, " (")
	head = l.Or("contact.source.", head)
	if !ok {
		return head
	}
	return head + " (" + rest
}

// act names what a row of the audit log tells: a move of a case, notice or attempt, or something else that was done.
func (l *lang) act(act string) string {
	of, to, _ := strings.Cut(act, ".")
	if state := "state." + of + "." + to; l.Has("act.move."+of) && l.Has(state) {
		return l.T("act.move."+of, "to", l.T(state))
	}
	return l.Or("act.", act)
}

// short is a digest to recognise, not to compare.
func short(digest string) string {
	if len(digest) <= 16 {
		return digest
	}
	return digest[:8] + "…" + digest[len(digest)-4:]
}

// thousandth draws a share between 0 and 1 on a line of 1000.
func thousandth(share float64) int {
	return int(math.Round(1000 * min(1, max(0, share))))
}

// scale is a weight in bits drawn against what a notice needs.
type scale struct {
	Fill, Tick  int // of 1000
	Below       bool
	Words, Odds string
}

func (l *lang) scale(bits, threshold float64) scale {
	top := max(bits, 2*threshold)
	word := "far"
	switch {
	case bits < threshold:
		word = "below"
	case bits < 1.5*threshold:
		word = "just"
	case bits < 4*threshold:
		word = "above"
	}
	s := scale{Fill: thousandth(bits / top), Tick: thousandth(threshold/top) - 2, Below: bits < threshold}
	s.Words = l.T("case.match.bits", "bits", l.Decimal(bits, 0),
		"words", l.T("case.match."+word, "threshold", l.Decimal(threshold, 0)))
	if zeros := int(bits * math.Log10(2)); zeros > 0 {
		s.Odds = l.T("case.match.odds", "n", zeros, "threshold", l.Decimal(threshold, 0))
	}
	return s
}

// spanMap draws where in an item the shared runs lie.
type spanMap struct {
	N     int // runs
	Marks []mark
	To    int64 // where the map ends, in the item's canonical text
	From  int64
}

type mark struct{ X, W int }

// mapWidth is the drawing's width; a run is at least two units wide so that it is seen.
const mapWidth, mapLeast = 1000, 2

func drawMap(spans [][2]int64) spanMap {
	m := spanMap{}
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b [2]int64) int { return int(min(1, max(-1, a[0]-b[0]))) })
	for _, s := range spans {
		if s[1] > s[0] && s[0] >= 0 {
			m.N++
			m.To = max(m.To, s[1])
		}
	}
	for _, s := range spans {
		if s[1] <= s[0] || s[0] < 0 {
			continue
		}
		from := int(float64(s[0]) / float64(m.To) * mapWidth)
		to := max(from+mapLeast, int(math.Ceil(float64(s[1])/float64(m.To)*mapWidth)))
		from, to = min(from, mapWidth-mapLeast), min(to, mapWidth)
		if n := len(m.Marks); n > 0 && from <= m.Marks[n-1].X+m.Marks[n-1].W {
			m.Marks[n-1].W = max(m.Marks[n-1].W, to-m.Marks[n-1].X)
			continue
		}
		m.Marks = append(m.Marks, mark{from, to - from})
	}
	return m
}

// rowsText writes row numbers as ranges, as many as fit a line or two.
func rowsText(rows []int) string {
	rows = slices.Clone(rows)
	slices.Sort(rows)
	rows = slices.Compact(rows)
	var out []string
	for i := 0; i < len(rows); {
		j := i
		for j+1 < len(rows) && rows[j+1] == rows[j]+1 {
			j++
		}
		text := strconv.Itoa(rows[i])
		if j > i {
			text += "–" + strconv.Itoa(rows[j])
		}
		if out = append(out, text); len(out) == 40 {
			return strings.Join(out, ", ") + " …"
		}
		i = j + 1
	}
	return strings.Join(out, ", ")
}
