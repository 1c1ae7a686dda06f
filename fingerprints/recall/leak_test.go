package recall

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"
)

// known is a file of an invented leak, and what the transformations must know of it.
type known struct {
	name       string // as the matcher must name it
	body       []byte
	kind       string // letter, report, table, binary, archive
	format     string // txt, docx …; of a table the layout
	paragraphs []string
	own        []bool // by paragraph: not of the template
	text       string // the visible text; empty for binaries
	ownAt      [][2]int
	table      *table
	members    []entry
	whose      *person // of a letter
}

// letterhead is what one office prints on all its letters.
type letterhead struct {
	tongue  *tongue
	head    []string
	middle  []string
	tail    []string
	remarks []string // sentences that its clerks choose from a list
	usual   []string // those of them that stand in several known files, or all
	form    bool     // what concerns the person stands in lines of a form, not in a sentence
	names   *nameBook
}

// size is how large an invented leak is.
type size struct {
	letters, reports, tables, rows, binaries int
	large                                    bool // one table of 2,000 people
}

// leak is the files of one invented leak, with the material to make others of.
type leak struct {
	label   string
	names   *nameBook
	offices []*letterhead
	people  []person // in the letters
	tabled  int      // so many of them are in a table too
	known   []*known
}

func newOffice(r *rand.Rand, t *tongue, names *nameBook) *letterhead {
	o := &letterhead{tongue: t, names: names}
	o.head = []string{coin(r, 3) + " vzw – " + pick(r, names.streets) + " 14 – " + pick(r, names.towns) + " – info@" + pick(r, names.domains), t.hello}
	o.middle = t.prose(r, 350+r.IntN(500))
	o.tail = append(t.prose(r, 250+r.IntN(500)), t.bye, coin(r, 2)+" "+coin(r, 2)+", "+pick(r, t.nouns))
	o.form = r.IntN(2) == 0
	for range 24 {
		o.remarks = append(o.remarks, t.sentence(r))
	}
	return o
}

// settle finds out which remarks of the list are usual: what one letter alone holds is its addressee's, wherever it came
// from.
func (o *letterhead) settle(all []*known) {
	for _, s := range o.remarks {
		n := 0
		for _, k := range all {
			if strings.Contains(k.text, s) || k.table != nil && slices.ContainsFunc(k.table.people, func(p person) bool { return p.remark == s }) {
				n++
			}
		}
		if n > 2 {
			o.usual = append(o.usual, s)
		}
	}
	for _, k := range all {
		for _, s := range o.usual {
			k.disown(s)
		}
	}
	if len(o.usual) == 0 {
		o.usual = o.remarks
	}
}

// disown takes what stands in other people's letters too from what is the document's own.
func (k *known) disown(remark string) {
	if !isProse(k) {
		return
	}
	for from := 0; ; {
		at := strings.Index(k.text[from:], remark)
		if at < 0 {
			return
		}
		at += from
		from = at + len(remark)
		var own [][2]int
		for _, s := range k.ownAt {
			if left := [...]int{s[0], min(s[1], at)}; left[0] < left[1] {
				own = append(own, left)
			}
			if right := [...]int{max(s[0], from), s[1]}; right[0] < right[1] {
				own = append(own, right)
			}
		}
		k.ownAt = own
	}
}

// remark is somebody's own, out of the list, or both.
func (o *letterhead) remark(r *rand.Rand) string {
	var all []string
	for range r.IntN(3) {
		all = append(all, pick(r, o.remarks))
	}
	return strings.Join(append(all, o.tongue.sentences(r, 1+r.IntN(5))), " ")
}

// letter writes to one person; own marks the paragraphs that the template does not have.
func (o *letterhead) letter(r *rand.Rand, p person) (paragraphs []string, own []bool) {
	t := o.tongue
	add := func(mine bool, all ...string) {
		for _, s := range all {
			paragraphs, own = append(paragraphs, s), append(own, mine)
		}
	}
	add(false, o.head[0])
	if o.form {
		for _, c := range []column{colFull, colBorn, colNumber, colStreet, colTown, colPhone} {
			add(true, labels[c][slices.Index([]string{"nl", "fr", "de", "en"}, t.code)]+": "+(table{form: form{date: 1}, lang: t.code}).cell(p, c))
		}
	} else {
		add(true, fmt.Sprintf("%s %s %s, %s %s, %s, %s %s, %s %s. %s", t.about, p.given, p.family, t.born, p.born(1, t.code), p.national(0), t.living, p.street, p.zip, p.town, p.email))
	}
	add(false, o.head[1])
	add(false, o.middle...)
	add(true, p.remark)
	if r.IntN(3) == 0 {
		add(true, o.remark(r))
	}
	add(false, o.tail...)
	return paragraphs, own
}

// newLeak invents a leak. Files of one seed are always the same.
func newLeak(label string, seed uint64, tongues func(*rand.Rand) []*tongue, s size) *leak {
	r := rand.New(rand.NewPCG(seed, 0x1ea4))
	l := &leak{label: label, names: newNameBook(r)}
	all := tongues(r)
	for i := range max(3, len(all)) {
		l.offices = append(l.offices, newOffice(r, all[i%len(all)], l.names))
	}
	l.letters(r, s.letters)
	for i := range s.reports {
		l.report(r, i)
	}
	for i := range s.tables {
		rows := s.rows/2 + r.IntN(s.rows)
		if s.large && i == 0 {
			rows = 2000
		}
		l.tabulate(r, i, rows)
	}
	for _, o := range l.offices {
		o.settle(l.known)
	}
	for i := range s.binaries {
		b := make([]byte, 40_000+r.IntN(200_000))
		noise(r)(b)
		l.add(&known{name: fmt.Sprintf("scans/%s%d.bin", coin(r, 2), i), kind: "binary", format: "bin", body: b})
	}
	return l
}

func noise(r *rand.Rand) func([]byte) {
	return func(b []byte) {
		for i := range b {
			b[i] = byte(r.Uint32())
		}
	}
}

func (l *leak) add(k *known) {
	k.text = strings.Join(k.paragraphs, "\n\n")
	at := 0
	for i, p := range k.paragraphs {
		if k.own[i] {
			k.ownAt = append(k.ownAt, [2]int{at, at + len(p)})
		}
		at += len(p) + 2
	}
	if k.table != nil && len(k.body) == 0 {
		k.body = []byte(k.table.text(k.format))
		k.text, k.ownAt = string(k.body), [][2]int{{0, len(k.body)}}
	}
	l.known = append(l.known, k)
}

// letters writes letters in every format; every fifth lies in an archive alone.
func (l *leak) letters(r *rand.Rand, n int) {
	formats := []string{"txt", "docx", "odt", "pdf", "html", "eml", "rtf", "docx"}
	var inArchive [2]known
	for i := range n {
		o := l.offices[i%len(l.offices)]
		p := l.names.people(r, 1, func() string { return o.remark(r) })[0]
		l.people = append(l.people, p)
		k := &known{kind: "letter", format: formats[i%len(formats)], whose: &p}
		k.paragraphs, k.own = o.letter(r, p)
		k.body = written(k.format, k.paragraphs)
		name := fmt.Sprintf("%s_%s_%d.%s", p.family, p.given, i, k.format)
		if i%5 != 4 {
			k.name = "brieven/" + name
			l.add(k)
			continue
		}
		a := &inArchive[i/5%2]
		a.name = []string{"oud.zip", "oud.tar.gz"}[i/5%2]
		a.members = append(a.members, entry{name, k.body})
		k.name = a.name + "!/" + name
		l.add(k)
	}
	for i := range inArchive {
		a := &inArchive[i]
		if len(a.members) == 0 {
			continue
		}
		a.kind, a.format = "archive", []string{"zip", "tar.gz"}[i]
		a.body = zipped(6, a.members...)
		if i == 1 {
			a.body = gzipped(tarred(a.members...))
		}
		l.add(a)
	}
}

// written writes paragraphs in a format of documents.
func written(format string, paragraphs []string) []byte {
	switch format {
	case "docx":
		return docx(paragraphs, 0, 6)
	case "odt":
		return odt(paragraphs)
	case "pdf":
		return pdf(paragraphs)
	case "html":
		return page("Brief", paragraphs)
	case "eml":
		return mail(paragraphs)
	case "rtf":
		return rtf(paragraphs)
	}
	return []byte(strings.Join(paragraphs, "\n\n") + "\n")
}

// report writes prose of 2 to 50 KB; every third also has an earlier and a final version.
func (l *leak) report(r *rand.Rand, i int) {
	t := l.offices[i%len(l.offices)].tongue
	paragraphs := t.prose(r, []int{2000, 6000, 15_000, 50_000}[i%4])
	versions := [][]string{paragraphs}
	if i%3 == 0 {
		second := slices.Clone(paragraphs)
		for range max(1, len(second)/10) {
			second[r.IntN(len(second))] = t.sentences(r, 4)
		}
		third := append(slices.Clone(second), t.sentences(r, 6))
		versions = append(versions, second, third)
	}
	format := []string{"docx", "txt", "pdf", "odt"}[i/len(l.offices)%4]
	title := strings.ToLower(coin(r, 2))
	for v, p := range versions {
		name := "verslagen/" + title + []string{"_v1", "_v2", "_final"}[v] + "." + format
		l.add(&known{name: name, kind: "report", format: format, paragraphs: p, own: slices.Repeat([]bool{true}, len(p)), body: written(format, p)})
	}
}

// stored are the layouts in which the leak itself holds tables.
var stored = []string{"csv;", "xlsx", "csv,", "sql", "json", "sqlite", "ndjson", "fixed", "tsv", "xlsx", "titled", "quoted", "copy", "insert", "nested"}

func (l *leak) tabulate(r *rand.Rand, i, rows int) {
	o := l.offices[i%len(l.offices)]
	people := l.names.people(r, rows, func() string {
		if r.IntN(2) == 0 {
			return pick(r, o.remarks)
		}
		return o.tongue.sentence(r)
	})
	for j := range people { // a few of them also got a letter; nobody is in two tables
		if r.IntN(40) == 0 && l.tabled < len(l.people) {
			people[j] = l.people[l.tabled]
			l.tabled++
		}
	}
	t := &table{columns: schemas[i%len(schemas)], people: people, form: anyForm(r), labels: i % 4, lang: o.tongue.code}
	k := &known{kind: "table", format: stored[i%len(stored)], table: t}
	extension := strings.TrimRight(k.format, ";,")
	switch k.format {
	case "xlsx":
		k.body = t.xlsx(r.IntN(2) == 0, 6)
	case "sqlite":
		k.body = t.sqlite()
	case "fixed":
		extension = "txt"
	case "titled", "quoted":
		extension = "csv"
	case "copy", "insert":
		extension = "sql"
	case "nested":
		extension = "json"
	}
	k.name = fmt.Sprintf("tabellen/%s_%d.%s", strings.ToLower(coin(r, 2)), i, extension)
	l.add(k)
}

// visible counts letters and digits.
func visible(s string) int {
	n := 0
	for _, c := range s {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			n++
		}
	}
	return n
}

// ownVisible counts the letters and digits in text[from:to] that are not of the template.
func (k *known) ownVisible(from, to int) int {
	n := 0
	for _, s := range k.ownAt {
		if a, b := max(s[0], from), min(s[1], to); a < b {
			n += visible(k.text[a:b])
		}
	}
	return n
}

// any picks a known file of one of the kinds that has what is asked for.
func (l *leak) any(r *rand.Rand, want func(*known) bool) *known {
	at := r.IntN(len(l.known))
	for i := range l.known {
		if k := l.known[(at+i)%len(l.known)]; want(k) {
			return k
		}
	}
	return nil
}

func isProse(k *known) bool   { return k.kind == "letter" || k.kind == "report" }
func hasText(k *known) bool   { return k.text != "" }
func isReport(k *known) bool  { return k.kind == "report" }
func isTable(k *known) bool   { return k.kind == "table" }
func isArchive(k *known) bool { return k.kind == "archive" }

// isWritten: a table of which the file is text.
func isWritten(k *known) bool { return isTable(k) && k.format != "xlsx" && k.format != "sqlite" }

// sources names every known file that holds the excerpt of k: near versions share their paragraphs, letters their
// template, and what a letter says of somebody may stand in a table's row too.
func (l *leak) sources(k *known, excerpt string) []string {
	var names []string
	about := k.whose != nil && (strings.Contains(excerpt, k.whose.national(0)) || strings.Contains(excerpt, k.whose.family) && strings.Contains(excerpt, k.whose.given))
	for _, o := range l.known {
		switch {
		case strings.Contains(o.text, excerpt),
			about && o.table != nil && slices.ContainsFunc(o.table.people, func(p person) bool { return p.number == k.whose.number }):
			names = append(names, o.name)
		}
	}
	return names
}
