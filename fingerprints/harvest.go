package fingerprints

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"unmirror/fingerprints/cell"
	"unmirror/fingerprints/index"
)

// harvest gathers the keyed identifiers of one registration for the guard. It is not safe for concurrent use.
type harvest struct {
	secrets *secrets
	texts   uint32
	prose   int // texts that are no tables
	exact   keyTally
	numbers keyTally
	lines   keyTally
}

// harvested is one text that is read; several may be read in turns.
type harvested struct {
	*harvest
	number  uint32
	isTable bool // a header makes its columns known
	isProse bool // it may have a letterhead
	isXML   bool // what comes is what is left without tags
	table   nameTable
	cards   cards
	line    []byte
}

const (
	// maxLine bounds the line that a harvest holds; identifiers across the cut of a longer one may be lost.
	maxLine = 64 << 10
	// maxIdentifiers bounds the sets of one registration, ten bytes each.
	maxIdentifiers = 8 << 20
	// bsnContext is how far before a number a word may stand that makes it a BSN: nine digits alone are anything.
	bsnContext = 60
	// letterhead is from how many texts that are no tables on, if they are a third of those, something is taken for the
	// letterhead's: an address or a telephone number in many of them is no victim's.
	letterhead = 5
)

func newHarvest(s *secrets) *harvest {
	return &harvest{secrets: s}
}

// begin starts another text, of a part of this type. A spreadsheet's sheets follow one another in one text; a plain text
// may be a table by another name.
func (h *harvest) begin(kind string) *harvested {
	h.texts++
	t := &harvested{harvest: h, number: h.texts}
	switch kind {
	case "csv", "tsv", "xlsx", "xls", "ods", "sql", "sqlite":
		t.isTable = true
	case "text":
		t.isTable, t.isProse = true, true
	default:
		t.isProse, t.isXML = true, kind == "xml"
	}
	if t.isProse {
		h.prose++
	}
	return t
}

func (h *harvested) feed(b []byte) {
	for len(b) > 0 {
		n := bytes.IndexByte(b, '\n')
		if n < 0 {
			n = min(len(b), maxLine)
			h.line = append(h.line, b[:n]...)
			b = b[n:]
		} else {
			h.line = append(h.line, b[:n]...)
			b = b[n+1:]
			h.end()
		}
		if len(h.line) >= maxLine {
			h.end()
		}
	}
}

// end takes what was gathered as a line; the last line of a text needs it too.
func (h *harvested) end() {
	line := strings.TrimRight(string(h.line), "\r")
	h.line = h.line[:0]
	if line == "" {
		return
	}
	scan(line, func(f found) { h.take(line, f) })
	if utf8.ValidString(line) {
		h.cards.line(line, h.isXML, h.carded, h.born)
	}
	if !h.isTable || !utf8.ValidString(line) || h.table.header(line) || h.table.columns == nil {
		return
	}
	h.table.row(line, h.name, h.bsn)
}

func (h *harvested) take(line string, f found) {
	switch f.kind {
	case kindNational:
		h.add(&h.numbers, h.key(f))
	case kindBSN:
		before := strings.ToLower(line[max(0, f.start-bsnContext):f.start])
		if strings.Contains(before, "bsn") || strings.Contains(before, "burgerservice") || strings.Contains(before, "sofi") {
			h.add(&h.numbers, h.key(f))
		}
	case kindEmail:
		if !roleAddress(f.norm) {
			h.add(&h.exact, h.key(f))
		}
	case kindPhone, kindIBAN:
		h.add(&h.lines, h.key(f))
	}
}

func (h *harvest) key(f found) uint64 { return prf64(h.secrets.ident, f.kind, f.norm) }

// roleAddress tells whether an e-mail address is an office's and not a person's.
func roleAddress(address string) bool {
	local, _, _ := strings.Cut(address, "@")
	switch local {
	case "info", "contact", "abuse", "privacy", "dpo", "noreply", "no-reply", "support", "help", "helpdesk", "admin", "administration", "postmaster",
		"webmaster", "hostmaster", "security", "secretariaat", "secretariat", "office", "hr", "legal", "sales", "mail", "onthaal", "accueil":
		return true
	}
	return false
}

func (h *harvested) name(given, family string) {
	for _, key := range h.secrets.nameKeys(given, family) {
		h.add(&h.exact, key)
	}
}

// carded takes a name that stands in no table.
func (h *harvested) carded(given, family string) {
	h.name(given, family)
	if key, ok := h.secrets.initialKey(given, family); ok {
		h.add(&h.exact, key)
	}
}

// born takes a date of birth.
func (h *harvested) born(day string) {
	if len(day) == 8 && strings.Trim(day, "0123456789") == "" {
		day = day[:4] + "-" + day[4:6] + "-" + day[6:] // as vCards write it
	}
	if read := days(day); len(read) > 0 {
		h.add(&h.exact, birthKey(h.secrets, read[0]))
	}
}

// bsn takes a cell of a column that says so.
func (h *harvested) bsn(text string) {
	var digits []byte
	for i := range len(text) {
		if isDigit(text[i]) {
			digits = append(digits, text[i])
		}
	}
	if len(digits) == 8 { // spreadsheets drop the leading zero
		digits = append([]byte{'0'}, digits...)
	}
	if len(digits) == 9 && cell.ValidBSN(atoi(string(digits))) {
		h.add(&h.numbers, h.key(found{kind: kindBSN, norm: string(digits)}))
	}
}

func (h *harvested) add(set *keyTally, key uint64) {
	if set.len() < maxIdentifiers {
		set.add(key, h.number, h.isProse)
	}
}

// absorb adds what another harvest of the same registration found, which is used up.
func (h *harvest) absorb(other *harvest) {
	h.prose += other.prose
	h.exact.absorb(&other.exact)
	h.numbers.absorb(&other.numbers)
	h.lines.absorb(&other.lines)
}

// set returns what the index keeps: of a leak, without what is its letterhead's. It uses the harvest up.
func (h *harvest) set(leak uint32, baseline bool) index.GuardSet {
	common := func(texts int) bool { return !baseline && h.common(texts) }
	// No letterhead carries a national number; and a filter of those in public documents would let victims' through too.
	numbers := h.numbers.take(func(int) bool { return baseline })
	return index.GuardSet{Leak: leak, Exact: h.exact.take(common), Numbers: numbers, Lines: h.lines.take(common)}
}

// common takes a count that has reached its bound for as many texts as there are.
func (h *harvest) common(texts int) bool {
	return texts >= letterhead && (3*texts >= h.prose || texts == mostSeen)
}
