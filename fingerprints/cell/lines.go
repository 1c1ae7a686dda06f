package cell

import (
	"bytes"
	"encoding/binary"
	"sort"
	"unicode/utf8"
)

// lineCount counts the lines and the records of lists that end in a text. Where they do is found out only where it is asked
// for: that is seldom.
type lineCount struct {
	ends     uint32 // counted so far
	at       int    // up to where in the buffer
	from     int    // where the piece begins
	maps     *maps  // of the piece; nil: there are none
	brackets bool   // records may end in this piece
}

// begin begins a piece of text, from its first byte that was not counted yet on. Maps, if there are any, are of the text from there.
func (l *lineCount) begin(text []byte, from int, m *maps) {
	l.at, l.from, l.maps, l.brackets = from, from, m, false
	behind := text[max(0, from-maxBlanks):]
	if m != nil && m.brackets == 0 {
		behind = behind[:min(from, maxBlanks)]
	}
	if m == nil && bytes.IndexByte(text[from:], ',') < 0 { // one search instead of three, where there is none
		return
	}
	for _, bracket := range []byte(")}]") {
		l.brackets = l.brackets || bytes.IndexByte(behind, bracket) >= 0
	}
}

// upTo tells how many ended before a place that is not before the one asked for last.
func (l *lineCount) upTo(text []byte, place int) uint32 {
	place = max(place, l.at)
	if l.maps != nil {
		l.ends += countIn(&l.maps.lines, l.at-l.from, place-l.from)
	} else {
		l.ends += uint32(bytes.Count(text[l.at:place], []byte{'\n'}))
	}
	if l.brackets {
		for ; l.at < place; l.at++ {
			if text[l.at] == ',' && recordEnds(text[:l.at]) {
				l.ends++
			}
		}
	}
	l.at = place
	return l.ends
}

// maxBlanks is how many blanks may stand between a bracket and its comma, less one.
const maxBlanks = 16

// recordEnds tells whether with a comma one record of a list ends, and the next begins, by what stands before.
func recordEnds(text []byte) bool {
	for j := len(text) - 1; j >= 0 && len(text)-j <= maxBlanks; j-- {
		switch text[j] {
		case ' ', '\n', '\r', '\t':
			continue
		case ')', '}', ']':
			return true
		}
		return false
	}
	return false
}

// addresses finds the '@' in a text, and puts those runs aside that follow one. It returns the place of the one behind all
// runs; -1: there is none.
func (s *Scanner) addresses(borders, text []byte) (behind int) {
	if s.lines.maps != nil && s.lines.maps.ats == 0 {
		return -1
	}
	runs := len(borders) / (2 * edgeBytes)
	for at := s.next; ; at++ {
		next := bytes.IndexByte(text[at:], '@')
		if next < 0 {
			return -1
		}
		at += next
		run := sort.Search(runs, func(run int) bool { return edgeAt(borders[2*edgeBytes*run:]) > at })
		if run == runs {
			return bytes.LastIndexByte(text, '@')
		}
		if run == 0 {
			s.at = at
		}
		putAside(borders[2*edgeBytes*run:])
	}
}

func edgeAt(b []byte) int { return int(binary.LittleEndian.Uint16(b) &^ (aside | firm)) }

func putAside(borders []byte) {
	binary.LittleEndian.PutUint16(borders, binary.LittleEndian.Uint16(borders)|aside)
}

// addressBegins looks for the '@' of an address in the gap before i.
func (s *Scanner) addressBegins(i int) {
	for at := i - 1; at >= 0 && !isAlnum(s.buf[at]) && s.buf[at] < utf8.RuneSelf; at-- {
		if s.buf[at] == '@' {
			s.at = at
			return
		}
	}
}
