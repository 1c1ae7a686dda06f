package takedown

import (
	"context"
	"fmt"
	"strings"

	"unmirror/store"
)

// DiffLine is one line of the difference between two versions.
type DiffLine struct {
	Op   string `json:"op"` // " " in both, "-" only before, "+" only after
	Text string `json:"text"`
}

// NoticeDiff tells what changed between two versions of a notice: recipient, regime, subject and text, masked as pages mask them.
// from 0 is the version before to, to 0 the current one; the first version is compared with nothing.
func (d *Docket) NoticeDiff(ctx context.Context, id string, from, to int) (before, after int, lines []DiffLine, err error) {
	var old, now version
	err = d.read(ctx, "compare versions", func(tx *store.Tx) error {
		n, err := loadNotice(tx, id)
		if err != nil {
			return err
		}
		if to == 0 {
			to = n.version
		}
		if from == 0 {
			from = to - 1
		}
		if to < 1 || to > n.version || from < 0 || from > n.version {
			return refuse(CodeNotFound, fmt.Sprintf("The notice has versions 1 to %d.", n.version))
		}
		if now, err = loadVersion(tx, id, to); err != nil || from == 0 {
			return err
		}
		old, err = loadVersion(tx, id, from)
		return err
	})
	if err != nil {
		return 0, 0, nil, err
	}
	var was []string
	if from > 0 {
		was = d.linesOf(old)
	}
	return from, to, diffLines(was, d.linesOf(now)), nil
}

// linesOf is a version as a difference shows it.
func (d *Docket) linesOf(v version) []string {
	subject, _ := d.show(v.Facts, v.Draft.Subject)
	body, _ := d.show(v.Facts, v.Draft.Body)
	head := []string{"From: " + v.Envelope.From, "To: " + v.Envelope.To, "Regime: " + v.Facts.Regime, "Language: " + v.Facts.Language,
		"Subject: " + oneLine(subject), ""}
	return append(head, strings.Split(strings.TrimRight(body, "\n"), "\n")...)
}

// mostCompared bounds the table of a comparison; longer texts are told as wholly replaced.
const mostCompared = 4 << 20

// diffLines is the longest common subsequence of two texts by lines (Hunt and McIlroy 1976, by the plain table).
func diffLines(a, b []string) []DiffLine {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	out := same(nil, a[:head])
	out = append(out, middle(a[head:len(a)-tail], b[head:len(b)-tail])...)
	return same(out, a[len(a)-tail:])
}

func same(out []DiffLine, lines []string) []DiffLine {
	for _, l := range lines {
		out = append(out, DiffLine{" ", l})
	}
	return out
}

// middle compares what is left between the same beginning and the same end.
func middle(a, b []string) (out []DiffLine) {
	w := len(b) + 1
	var common []int32 // length of what a[i:] and b[j:] have in common, at i*w+j
	if (len(a)+1)*w <= mostCompared {
		common = make([]int32, (len(a)+1)*w)
		for i := len(a) - 1; i >= 0; i-- {
			for j := len(b) - 1; j >= 0; j-- {
				if a[i] == b[j] {
					common[i*w+j] = common[(i+1)*w+j+1] + 1
				} else {
					common[i*w+j] = max(common[(i+1)*w+j], common[i*w+j+1])
				}
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j] && common != nil:
			out = append(out, DiffLine{" ", a[i]})
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && (common == nil || common[(i+1)*w+j] >= common[i*w+j+1]):
			out = append(out, DiffLine{"-", a[i]})
			i++
		default:
			out = append(out, DiffLine{"+", b[j]})
			j++
		}
	}
	return out
}
