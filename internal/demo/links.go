package demo

import "regexp"

var linkPattern = regexp.MustCompile(`https?://[^\s<>"]+`)

// Links are the addresses in a mail's text, in order.
func (r Received) Links() []string {
	var out []string
	for _, p := range view(r).Parts {
		out = append(out, linkPattern.FindAllString(p.Text, -1)...)
	}
	return out
}

// Subject is the decoded subject.
func (r Received) Subject() string { return view(r).Subject }
