package takedown

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

//go:embed chronology.yaml
var chronologyYAML []byte

// chronologyLanguages are those that a chronology is written in.
var chronologyLanguages = [...]string{"nl", "fr", "de", "en"}

// happening is one line of a chronology.
type happening struct {
	At     time.Time `json:"at"`
	What   string    `json:"what"` // "case.gone": a key of chronology.yaml
	About  string    `json:"about,omitempty"`
	Reason string    `json:"reason,omitempty"`
}

// chronologyWords reads the words of all languages.
func chronologyWords() (words map[string]map[string]string, err error) {
	if err := yaml.Unmarshal(chronologyYAML, &words); err != nil {
		return nil, fmt.Errorf("read words of the chronology: %w", err)
	}
	return words, nil
}

// happenings puts everything that a file of a case tells into one order. What the chronology has no words for is no event of its own.
func (x *exported) happenings(words map[string]string) []happening {
	var all []happening
	add := func(at time.Time, what, about, reason string) {
		if _, told := words[what]; told && !at.IsZero() {
			all = append(all, happening{at, what, about, reason})
		}
	}
	for _, h := range x.File.History {
		add(h.At, "case."+h.To, "", h.Why)
	}
	for _, n := range x.Notices {
		about := words["kind."+string(n.Kind)] + " " + n.ID
		if n.Recipient != "" {
			about += " " + fmt.Sprintf(words["to"], n.Recipient)
		}
		for _, h := range n.History {
			add(h.At, "notice."+h.To, about, h.Why)
		}
		for _, t := range n.Attempts {
			for _, h := range t.History {
				add(h.At, "attempt."+h.To, about, h.Why)
			}
		}
	}
	for _, c := range x.File.Checks {
		add(c.At, "check."+string(c.Outcome), "", c.Reason)
	}
	for _, e := range x.Events {
		add(e.At, "evidence."+e.What, e.File, "")
	}
	for _, s := range x.File.Disputes {
		for _, h := range s.History {
			add(h.At, "dispute."+h.To, s.ID, h.Why)
		}
	}
	for _, r := range x.Replies {
		add(r.Received, "reply."+r.Kind, r.ID, "")
	}
	slices.SortStableFunc(all, func(a, b happening) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(rank(a.What), rank(b.What))) })
	return all
}

// rank orders what happened in one transaction, and so at one time, as one thing led to the other.
func rank(what string) int {
	for i, prefix := range []string{"check.", "reply.", "evidence.kept", "case.triage", "case.open", "dispute.", "notice.draft", "notice.approved",
		"attempt.open", "attempt.", "notice.", "case.", "evidence."} {
		if strings.HasPrefix(what, prefix) {
			return i
		}
	}
	return len(what)
}

// chronology writes what happened, in one language.
func (x *exported) chronology(words map[string]string, leakTitle string) string {
	var b strings.Builder
	fmt.Fprintf(&b, words["title"]+"\n\n", x.File.ID)
	fmt.Fprintf(&b, words["head"]+"\n", leakTitle, x.Place, x.URL)
	b.WriteString(words["note"] + "\n\n")
	for _, h := range x.happenings(words) {
		text := words[h.What]
		if strings.Contains(text, "%s") {
			text = fmt.Sprintf(text, h.About)
		}
		fmt.Fprintf(&b, "%s  %s.\n", h.At.UTC().Format("2006-01-02 15:04:05"), text)
		if h.Reason != "" {
			fmt.Fprintf(&b, "                     %s %s\n", words["reason"], strings.Join(strings.Fields(h.Reason), " "))
		}
	}
	return b.String()
}
