package fingerprints

import (
	"unmirror/fingerprints/canonical"
	"unmirror/fingerprints/winnow"
)

// numbered is the rival reading of an item's text without the numbers of its lines. It takes nothing from the ordinary
// reading: a table with a column of numbers is found by that one.
type numbered struct {
	lines canonical.LineNumbers
	buf   []byte
	text  *textMatch // nil until numbers are noticed
}

// feed takes the next piece of the text of which first is the ordinary reading.
func (n *numbered) feed(b []byte, first *textMatch, s *secrets) error {
	for len(b) > 0 {
		piece := b[:min(len(b), pieceBytes)]
		b = b[len(piece):]
		n.buf = n.lines.Append(n.buf[:0], piece)
		if err := n.see(first, s); err != nil {
			return err
		}
	}
	return nil
}

func (n *numbered) see(first *textMatch, s *secrets) error {
	if len(n.buf) == 0 {
		return nil
	}
	if n.text == nil {
		n.text = &textMatch{textReading: newTextReading(s), hits: hits{snap: first.hits.snap, public: first.hits.public}}
	}
	return n.text.textReading.feed(n.buf, func(prints []winnow.Print) error {
		n.text.hits.see(prints)
		return nil
	})
}

// withoutNumbers adds to the ordinary readings of texts that have ended those without line numbers, where there are such.
// These are no whole texts: what they lack may be what matters.
func withoutNumbers(texts []*textMatch, s *secrets) []*textMatch {
	for _, t := range texts[:len(texts):len(texts)] {
		n := &t.numbers
		n.buf = n.lines.End(n.buf[:0])
		if err := n.see(t, s); err == nil && n.text != nil {
			texts = append(texts, n.text)
		}
	}
	return texts
}
