package fingerprints

import (
	_ "embed" // the list of ordinary words
	"maps"
	"math"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"unmirror/fingerprints/canonical"
	"unmirror/fingerprints/index"
)

// ordinaryText lists words, in canonical form, that stand in any notice and in anybody's file names. A name made of them
// alone, such as "personal data", tells nothing, and would block every notice.
//
//go:embed ordinary.txt
var ordinaryText string

const (
	kindSubject = "subject"
	// minNamed is how many letters and digits a name must have to be looked for, minStem a stem without its extension.
	minNamed, minStem = 5, 8
	// headWords is how many words every window of a text is looked up for; longer names are tried only where these many
	// words begin one.
	headWords    = 4
	maxFileWords = 32
	// nearFileWords is how many bytes may lie between two words of one name: a line's end and its indentation too.
	nearFileWords = 4
)

// The keys that one run of words has in the guard's set: as a name or a stem, as a subject, as a name that says nothing
// without its extension, and as the beginning of a longer one.
const (
	asFile uint64 = iota + 1
	asSubject
	asDotted
	asHead
)

func (s *secrets) namedKey(words string, as uint64) uint64 {
	return prf64(s.ident, "named", words) ^ as
}

// namedWord is a run of letters and digits.
type namedWord struct {
	start, end int
	norm       string // canonical
}

func (w namedWord) digits() bool { return strings.Trim(w.norm, "0123456789") == "" }

// namedWords splits a text at everything that is neither letter nor digit, so that all separators are alike.
func namedWords(text string) []namedWord {
	var out []namedWord
	var fold canonical.Folder
	start := -1
	end := func(at int) {
		fold.Reset()
		if norm := string(fold.Append(nil, []byte(text[start:at]))); norm != "" {
			out = append(out, namedWord{start, at, norm})
		}
		start = -1
	}
	for i, r := range text {
		in := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)
		if in && start < 0 {
			start = i
		} else if !in && start >= 0 {
			end(i)
		}
	}
	if start >= 0 {
		end(len(text))
	}
	return out
}

func joined(words []namedWord) string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = w.norm
	}
	return strings.Join(all, " ")
}

// named tells of every known file's name and of every subject in a text.
func (g *guard) named(text string, hit func(kind string, start, end int)) {
	all := namedWords(text)
	for i := range all {
		name := make([]byte, 0, 64)
		number := i > 0 && all[i].start-all[i-1].end == 1 && all[i-1].digits() // what goes on with digits is another number
		for j := i; j < len(all) && j < i+maxFileWords; j++ {
			if j > i {
				if all[j].start-all[j-1].end > nearFileWords {
					break
				}
				name = append(name, ' ')
			}
			name = append(name, all[j].norm...)
			number = number && all[j].digits()
			key := g.secrets.namedKey(string(name), 0)
			start, end := all[i].start, all[j].end
			if !number && g.hasExact(key^asFile) {
				hit(kindFileName, start, end)
			}
			if !number && g.hasExact(key^asSubject) {
				hit(kindSubject, start, end)
			}
			if j > i && text[all[j-1].end:all[j].start] == "." && !continues(text, start) && g.hasExact(key^asDotted) {
				hit(kindFileName, start, end)
			}
			if j-i+1 == headWords && !g.hasExact(key^asHead) {
				break
			}
		}
	}
}

// continues tells whether what begins at i is the rest of a longer file name.
func continues(text string, i int) bool {
	if i == 0 || strings.IndexByte("-_.", text[i-1]) < 0 {
		return false
	}
	r, _ := utf8.DecodeLastRuneInString(text[:i-1])
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// naming gathers the keyed names of one registration for the guard.
type naming struct {
	*harvest
	ordinary map[string]struct{}
	baseline bool
	keys     map[uint64]struct{}
}

// newNaming also takes the words of the leak's own title and slug for ordinary: a notice names the leak.
func newNaming(h *harvest, baseline bool, own ...string) *naming {
	n := &naming{harvest: h, ordinary: ordinaryWords(), baseline: baseline, keys: map[uint64]struct{}{}}
	for _, text := range own {
		for _, w := range namedWords(text) {
			n.ordinary[w.norm] = struct{}{}
		}
	}
	return n
}

// part takes the name of a part of a file of this name; what lies in an office document is named by a program.
func (n *naming) part(parts []*knownPart, i int, name string) {
	p := parts[i]
	if p.path != "" {
		name = p.path
	}
	if p.parent < 0 || !office(parts[p.parent].kind) {
		n.file(name)
	}
}

func office(kind string) bool {
	switch kind {
	case "docx", "xlsx", "pptx", "ooxml", "odt", "ods", "odp":
		return true
	}
	return false
}

// set returns what the index keeps of identifiers and of names.
func (n *naming) set(leak uint32) index.GuardSet {
	g := n.harvest.set(leak, n.baseline)
	g.Exact = slices.AppendSeq(g.Exact, maps.Keys(n.keys))
	return g
}

// file takes the name of a known file or of a member of one.
func (n *naming) file(name string) {
	base, _ := unescape(path.Base(name))
	base = path.Base(base)
	n.identifiers(base)
	stem, ext := cutExtension(base)
	words, whole := namedWords(stem), namedWords(base)
	length := utf8.RuneCountInString(strings.ReplaceAll(joined(words), " ", ""))
	if length < minNamed || len(whole) > maxFileWords {
		whole = nil // too short to name anything; or longer than what is looked for, and then its stem is cut
	}
	if len(words) > maxFileWords {
		words = words[:maxFileWords]
	}
	silent := n.silent(stem, words)
	if ext != "" && len(whole) > 0 {
		if silent || n.baseline {
			n.add(whole, asDotted)
		}
		if !silent || n.baseline {
			n.add(whole, asFile)
		}
	}
	if length >= minStem && (!silent || n.baseline) {
		n.add(words, asFile)
	}
}

// subject takes a subject of the manifest. What a placeholder filled in may be an ordinary name of a file or a folder;
// what was written out is a subject's unless it is ordinary words and nothing more.
func (n *naming) subject(value string, filled bool) {
	plain, _ := unescape(value)
	n.identifiers(plain)
	words := namedWords(plain)
	if utf8.RuneCountInString(plain) < minNamed || len(words) == 0 || len(words) > maxFileWords {
		return
	}
	if n.allOrdinary(plain, words) && (filled || !strings.ContainsAny(plain, "0123456789")) {
		return
	}
	n.add(words, asSubject)
}

// identifiers takes what has check digits, or is an address, out of a name itself.
func (n *naming) identifiers(name string) {
	scan(name, func(f found) {
		set := &n.exact
		switch f.kind {
		case kindNational:
			set = &n.numbers
		case kindIBAN:
			set = &n.lines
		case kindEmail:
			if roleAddress(f.norm) {
				return
			}
		default:
			return
		}
		if set.len() < maxIdentifiers {
			set.add(n.key(f), math.MaxUint32, false)
		}
	})
}

func (n *naming) add(words []namedWord, as uint64) {
	if len(n.keys) >= maxIdentifiers {
		return
	}
	n.keys[n.secrets.namedKey(joined(words), as)] = struct{}{}
	if len(words) > headWords && !n.baseline {
		n.keys[n.secrets.namedKey(joined(words[:headWords]), asHead)] = struct{}{}
	}
}

// silent tells whether a stem says nothing without its extension: one word of letters, or ordinary words, years, dates
// and short numbers.
func (n *naming) silent(stem string, words []namedWord) bool {
	if len(words) == 1 && !strings.ContainsFunc(words[0].norm, unicode.IsDigit) && len(runs(stem)) == 1 {
		return true
	}
	return n.allOrdinary(stem, words)
}

func (n *naming) allOrdinary(name string, words []namedWord) bool {
	if !ordinaryNumbers(words) {
		return false
	}
	known := func(w string) bool {
		_, ok := n.ordinary[w]
		return ok || utf8.RuneCountInString(w) <= 2
	}
	for _, w := range words {
		for _, part := range runs(name[w.start:w.end]) {
			norm := string(canonical.Text(part))
			switch {
			case known(w.norm):
			case strings.Trim(norm, "0123456789") != "":
				if !known(norm) {
					return false
				}
			case !w.digits() && len(norm) > 4 && !datelike(norm):
				return false
			}
		}
	}
	return true
}

// runs splits a word where letters and digits meet and where a capital follows a small letter.
func runs(word string) []string {
	var out []string
	start, last := 0, rune(0)
	for i, r := range word {
		if i > 0 && (unicode.IsDigit(r) != unicode.IsDigit(last) && !unicode.Is(unicode.Mn, r) || unicode.IsLower(last) && unicode.IsUpper(r)) {
			out = append(out, word[start:i])
			start = i
		}
		last = r
	}
	return append(out, word[start:])
}

// ordinaryNumbers tells whether each number of a name, over its separators, is a date, years, or at most four digits.
func ordinaryNumbers(words []namedWord) bool {
	for i := 0; i < len(words); i++ {
		var digits, rest string
		for ; i < len(words) && words[i].digits(); i++ {
			digits += words[i].norm
			if !year(words[i].norm) {
				rest += words[i].norm
			}
		}
		if len(rest) > 4 && !datelike(digits) {
			return false
		}
	}
	return true
}

func year(d string) bool {
	return len(d) == 4 && (d[:2] == "19" || d[:2] == "20")
}

// datelike tells whether digits are a date, with or without the time of day: 20261121, 21112026, 261121, 202611.
func datelike(d string) bool {
	day := func(m, d string) bool { return atoi(m) >= 1 && atoi(m) <= 12 && atoi(d) >= 1 && atoi(d) <= 31 }
	switch len(d) {
	case 6:
		return year(d[:4]) && atoi(d[4:]) >= 1 && atoi(d[4:]) <= 12 || day(d[2:4], d[4:]) || day(d[2:4], d[:2])
	case 8, 10, 12, 14:
		return year(d[:4]) && day(d[4:6], d[6:8]) || len(d) == 8 && year(d[4:]) && (day(d[2:4], d[:2]) || day(d[:2], d[2:4]))
	}
	return false
}

// cutExtension takes off what looks like an extension: up to five letters and digits, one of them a letter, or a longer
// one that is known.
func cutExtension(base string) (stem, ext string) {
	ext = path.Ext(base)
	plain := strings.ToLower(strings.TrimPrefix(ext, "."))
	for i := range len(plain) {
		if !isAlnum(plain[i]) {
			return base, ""
		}
	}
	switch {
	case plain == "sqlite", plain == "sqlite3", plain == "parquet", plain == "backup", plain == "torrent":
	case plain == "", len(plain) > 5, strings.Trim(plain, "0123456789") == "":
		return base, ""
	}
	return base[:len(base)-len(ext)], ext
}
