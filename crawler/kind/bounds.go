package kind

import (
	"bytes"
	"encoding/xml"
	"errors"
)

// A value of two bytes on the wire costs a hundred in memory, so that bytes alone bound nothing.
const (
	maxValues = 400_000   // of a JSON document: a list of tens of thousands of items has as many
	maxRows   = 1_500_000 // the same for folders, which are read entry by entry
	maxNested = 1000      // open elements of an XML document
	maxTag    = 64 << 10  // bytes of one tag with its attributes
)

var errCrowded = errors.New("the page holds too many values to be read")

// crowded reports whether a page is JSON of which the reading would cost memory out of all proportion.
func crowded(body []byte, most int) bool {
	body = bytes.TrimLeft(body, " \t\r\n\xef\xbb\xbf")
	return len(body) > 0 && (body[0] == '{' || body[0] == '[') && jsonValues(body, most) > most
}

// jsonValues counts the commas and opening brackets outside strings: as many as there are values, and up to one more. It
// stops beyond most.
func jsonValues(body []byte, most int) (n int) {
	for i := 0; i < len(body) && n <= most; i++ {
		switch body[i] {
		case '"':
			for i++; i < len(body) && body[i] != '"'; i++ {
				if body[i] == '\\' {
					i++
				}
			}
		case ',', '{', '[':
			n++
		}
	}
	return n
}

// widestTag is the length of the longest tag of an XML document: its attributes are read as one.
func widestTag(body []byte) (widest int) {
	for {
		at := bytes.IndexByte(body, '<')
		if at < 0 || at+1 >= len(body) {
			return widest
		}
		body = body[at+1:]
		end := bytes.IndexByte(body, '>')
		if end < 0 {
			end = len(body)
		}
		if body[0] != '!' && body[0] != '?' {
			widest = max(widest, end)
		}
		body = body[end:]
	}
}

// nesting counts the open elements of an XML document: the decoder keeps each until it is closed.
type nesting int

// tooDeep takes one more token in.
func (n *nesting) tooDeep(t xml.Token) bool {
	switch t.(type) {
	case xml.StartElement:
		*n++
	case xml.EndElement:
		*n--
	}
	return *n > maxNested
}
