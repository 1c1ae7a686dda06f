package fingerprints

import (
	"bufio"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"

	"unmirror/fingerprints/canonical"
	"unmirror/fingerprints/cell"
	"unmirror/fingerprints/index"
	"unmirror/fingerprints/open"
	"unmirror/fingerprints/record"
	"unmirror/fingerprints/table"
)

// Tables of known files become records: of each row the cells that tell most, keyed, in pairs. A row with more of them
// than a record holds becomes several records, all with the name, the birth date and a citizen's number, so that these and
// any other cell find it. National numbers and BSN become cells only with an authority; without one their columns yield nothing.

// TableInfo is what a registration found of a table: its form, never what is in it.
type TableInfo struct {
	File    string // relative to the folder registered
	Table   string // its name in a database; often empty
	Format  string // "csv", "sheet", "sql", "json", "fixed width", "form"
	Rows    int
	Records int
	Columns []ColumnInfo
}

// ColumnInfo is a column as it was guessed, or as the operator said.
type ColumnInfo struct {
	Name     string // empty without a header
	Kind     string // "national", "bsn", "iban", "email", "phone", "enterprise", "given", "family", "name", "birth", "date", "key", "other", "constant", "text", "ignore"
	Category string // identity, contact, health, …; several with spaces between them
	Subject  bool   // it tells whose a row is
	LeftOut  bool   // a national number or BSN, without an authority for it
}

// recording is what the tables of one registration share.
type recording struct {
	secrets   *secrets
	slug      string
	rules     *rules
	overrides []*recordRule
	authority bool
	passing   []byte // keys subjects that only a number tells; never kept, so that no list of all numbers can be tried on them
	dir       string // for what is too large for memory
	pairs     *index.Sorter
	ordinary  map[string]struct{} // words that are nobody's name
	records   atomic.Uint32
	mu        sync.Mutex
	forms     []*rowIntake // not weighed yet
	usage     usage
}

// knownTable is a table of a known part, read.
type knownTable struct {
	info    TableInfo
	base    uint32      // the number of its first record among all of the registration
	room    uint32      // numbers taken from base on
	kept    int         // records
	rows    *open.Spool // the records, as index.AppendRecord writes them; nil: none
	cells   cellPrefixes
	numbers []uint64
	sizes   uint64   // of plain numbers, a bit each
	about   []uint64 // subjects
}

// tableIntake takes the tables of one text.
type tableIntake struct {
	*recording
	name   string // of the part
	rule   *recordRule
	tables []*rowIntake
	names  []uint64 // and birth dates, keyed, for the guard
	sorted int      // of names, how many are sorted and each its own
}

// newRecording checks what the operator says of tables.
func newRecording(l *Library, rules *rules, a AddLeak) (*recording, error) {
	r := &recording{
		secrets: l.secrets, slug: a.Slug, rules: rules, authority: a.NumberAuthority != nil, passing: make([]byte, 32), dir: l.folder.Dir(),
	}
	rand.Read(r.passing)
	if r.authority && strings.TrimSpace(*a.NumberAuthority) == "" {
		return nil, errors.New("number authority: say what permits the use of national numbers, such as the law or the mandate; it is empty")
	}
	for _, text := range a.Records {
		o, err := parseRecordRule(text)
		if err != nil {
			return nil, err
		}
		r.overrides = append(r.overrides, o)
	}
	r.pairs, r.ordinary = index.NewSorter(r.dir), ordinaryWords()
	return r, nil
}

// begin starts the tables of a part's text.
func (r *recording) begin(name, kind string) (*tableIntake, *table.Reader) {
	t := &tableIntake{recording: r, name: name}
	for _, o := range r.overrides {
		if o.glob.Match(name) {
			t.rule = o
			o.mu.Lock()
			o.files++
			o.mu.Unlock()
			break
		}
	}
	return t, table.NewReader(kind, t)
}

// Header tells what the operator said of a header.
func (t *tableIntake) Header() (yes, known bool) {
	if t.rule == nil || t.rule.header == nil {
		return false, false
	}
	return *t.rule.header, true
}

// Table settles a schema by the operator's word, and begins its rows.
func (t *tableIntake) Table(s *table.Schema) (table.Rows, error) {
	r := &rowIntake{tableIntake: t, subject: -1, counts: counter64{exact: map[uint64]uint32{}}, spool: open.NewSpool(t.dir)}
	r.spooled = bufio.NewWriterSize(r.spool, 64<<10)
	var numbers []table.Kind // by column: National or BSN, as guessed
	for _, c := range s.Columns {
		numbers = append(numbers, c.Kind)
	}
	if t.rule != nil {
		r.subject = t.rule.apply(s)
	}
	for i := range s.Columns {
		if c := &s.Columns[i]; !t.authority && isNumber(numbers[i]) && c.Kind != table.Ignored {
			c.Kind = numbers[i] // whatever a rule calls it
		}
	}
	var ruled map[string][]string
	for i, g := range t.rules.globs {
		if !g.Match(t.name) {
			continue
		}
		t.usage.use(t.rules, i, t.name, s)
		if at := columnAt(s, t.rules.tables[i].Column); at >= 0 && r.subject < 0 {
			r.subject = at
		}
		ruled = t.rules.tables[i].Categories
	}
	if s.Format == "form" {
		ruled = r.aboutOne(ruled)
	}
	r.info = TableInfo{File: t.name, Table: shownName(s.Name), Format: s.Format}
	for i, c := range s.Columns {
		info := ColumnInfo{Name: shownName(c.Name), Kind: c.Kind.String(), Subject: i == r.subject, LeftOut: isNumber(c.Kind) && !t.authority}
		words := categoriesOf(c, ruled)
		info.Category = strings.Join(words, " ")
		r.info.Columns = append(r.info.Columns, info)
		r.columns = append(r.columns, intakeColumn{c, categoryPlace(words), info.LeftOut})
		if info.LeftOut {
			r.columns[i].Kind = table.Ignored
		}
		if r.columns[i].Kind == table.Other {
			r.plain |= 1 << i
		}
	}
	t.tables = append(t.tables, r)
	return r, nil
}

// aboutOne takes over what the manifest says of a file that is a form: whose it is, and that its categories are known.
func (r *rowIntake) aboutOne(ruled map[string][]string) map[string][]string {
	subjects, categories := r.rules.of(r.secrets, r.slug, r.name)
	if len(subjects) == 1 {
		if id, err := hex.DecodeString(strings.TrimPrefix(subjects[0], "s_")); err == nil && len(id) == len(r.whose) {
			r.whose = [6]byte(id)
		}
	}
	if len(categories) > 0 && ruled == nil {
		return map[string][]string{"*": nil}
	}
	return ruled
}

// shownName is a column's name as messages have it: "" for a name that may be a value, such as the keys of a JSON object by
// person, or the first row of a table without a header.
func shownName(name string) string {
	digits := 0
	for _, r := range name {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	if digits > 4 || strings.Contains(name, "@") {
		return ""
	}
	return name
}

func isNumber(k table.Kind) bool { return k == table.National || k == table.BSN }

// categoriesOf are a column's data categories: the manifest's where it has a rule, or what its name and kind say.
func categoriesOf(c table.Column, ruled map[string][]string) []string {
	for name, words := range ruled {
		if strings.EqualFold(strings.TrimSpace(name), strings.TrimSpace(c.Name)) && c.Name != "" {
			return words
		}
	}
	if words, ok := ruled["*"]; ok {
		return words
	}
	return []string{c.Topic()}
}

// categoryPlace is the place of the gravest category in Categories plus one: a cell has room for one. 0: none.
func categoryPlace(words []string) uint8 {
	for _, c := range []string{"health", "credentials", "conduct", "family", "finance", "location", "contact", "identity", "other"} {
		if slices.Contains(words, c) {
			return uint8(slices.Index(Categories[:], c) + 1)
		}
	}
	return 0
}

// intakeColumn is a column whose cells are taken in.
type intakeColumn struct {
	table.Column
	category uint8
	leftOut  bool
}

// rowIntake takes the rows of one table: first their keyed tokens, to see how rare each is, then what of them is kept.
type rowIntake struct {
	*tableIntake
	info    TableInfo
	columns []intakeColumn
	subject int     // column, or -1
	whose   [6]byte // of a form; zero: not known
	rows    int
	among   int // rows that counts counted
	counts  counter64
	spool   *open.Spool
	spooled *bufio.Writer
	numbers []uint64
	sizes   uint64 // of plain numbers, a bit each
	spans   map[feature]numberSpan
	plain   uint64       // columns of nothing that is told of a person, a bit each
	tokens  []cell.Token // scratch
	named   []string     // words of the row's names, in canonical form
	row     []intakeToken
	line    []byte
	out     knownTable
}

// intakeToken is a token of a row.
type intakeToken struct {
	hash     uint64
	mark     uint8 // as record has it
	category uint8
	length   uint8
	column   uint8
	bits     uint8 // quarter bits, once the table is read
}

const (
	// maxRowTokens bounds what is looked at of one row.
	maxRowTokens = 64
	// maxCellTokens bounds what is looked at of one cell: the words of an address.
	maxCellTokens = 6
	tokenBytes    = 12
	rowHead       = 11 // number u32, subject [6], tokens u8
)

// Row takes the cells of a row.
func (r *rowIntake) Row(number uint32, cells []string) error {
	r.rows++
	r.row, r.named = r.row[:0], r.named[:0]
	r.people(cells)
	for i, text := range cells {
		if i < len(r.columns) && r.columns[i].Kind.IsName() {
			for _, w := range strings.FieldsFunc(text, func(c rune) bool { return !unicode.IsLetter(c) }) {
				if w = string(canonical.Text(w)); len(w) > 2 {
					r.named = append(r.named, w)
				}
			}
		}
	}
	for _, telling := range [...]bool{true, false} { // of a row too wide, what tells whose it is comes first
		for i, text := range cells {
			if i < len(r.columns) && text != "" && len(r.row) < maxRowTokens && tells(r.columns[i].Kind) == telling {
				r.cell(i, text)
			}
		}
	}
	for i, t := range r.row {
		if !slices.ContainsFunc(r.row[:i], func(o intakeToken) bool { return o.hash == t.hash }) {
			r.counts.add(t.hash)
		}
	}
	if len(r.row) < 2 {
		return nil
	}
	subject := r.subjectOf(cells)
	b := binary.LittleEndian.AppendUint32(r.line[:0], number)
	b = append(append(b, subject[:]...), byte(len(r.row)))
	for _, t := range r.row {
		b = binary.LittleEndian.AppendUint64(b, t.hash)
		b = append(b, t.mark, t.category, t.length, t.column)
	}
	r.line = b
	if _, err := r.spooled.Write(b); err != nil {
		return fmt.Errorf("spool cells: %w", err)
	}
	return nil
}

// tells says of a kind of column whether it tells whose a row is.
func tells(k table.Kind) bool {
	return k >= table.National && k <= table.Birth || k == table.Key
}

// cell appends the tokens of a cell to the row. What is no word yields its own kind alone; a telephone number or an
// address without the usual form still has words and numbers.
func (r *rowIntake) cell(i int, text string) {
	c := &r.columns[i]
	kind, mark := cell.Word, uint8(0)
	switch c.Kind {
	case table.Constant, table.FreeText, table.Ignored:
		return
	case table.National:
		kind = cell.National
	case table.BSN:
		kind = cell.BSN
	case table.IBAN:
		kind = cell.IBAN
	case table.Email:
		kind = cell.Email
	case table.Phone:
		kind = cell.Phone
	case table.Enterprise:
		kind = cell.Enterprise
	case table.Birth:
		kind, mark, text = cell.Date, record.Birth, c.DayOf(text)
	case table.Date:
		kind, text = cell.Date, c.DayOf(text)
	case table.Given:
		mark = record.Name | record.Given
	case table.Family, table.Name:
		mark = record.Name
	}
	if !r.authority && (kind == cell.Word || kind == cell.Email) && holdsNumber(text) {
		return // "RR85073003328" in a column that is called otherwise
	}
	key := r.secrets.cells
	r.tokens = key.Cell(r.tokens[:0], kind, text)
	if len(r.tokens) == 0 && (kind == cell.Phone || kind == cell.Email) {
		r.tokens = key.Cell(r.tokens, cell.Word, text)
	}
	if isNumber(c.Kind) {
		for _, t := range r.tokens {
			r.numbers = append(r.numbers, t.Hash)
		}
	}
	if kind == cell.Email && slices.ContainsFunc(r.named, func(w string) bool { return strings.Contains(localPart(text), w) }) {
		mark |= record.Derived
	}
	for n, t := range r.tokens {
		if n >= maxCellTokens || len(r.row) >= maxRowTokens {
			return
		}
		if t.Kind == cell.Number {
			r.sizes |= 1 << t.Size
		}
		if t.Kind == cell.Word && c.Kind == table.Key && r.info.Format == "form" && isFileNumber(text) {
			t.Kind = cell.Number // as rare, and no word of a list
		}
		if t.Kind == cell.Number && r.info.Format != "form" {
			r.reach(feature{uint8(i), uint8(n)}, text[t.At:t.End])
		}
		r.row = append(r.row, intakeToken{
			hash: t.Hash, mark: uint8(t.Kind) | mark, category: c.category, length: uint8(min(t.End-t.At, 255)), column: uint8(i),
		})
	}
}

// fileNumberDigits is how many digits a file's number has at least, beside its letters.
const fileNumberDigits = 5

// isFileNumber tells whether a letter calls its file by a number of its own, such as "B275039".
func isFileNumber(text string) bool {
	digits := 0
	for i := range len(text) {
		if text[i] >= '0' && text[i] <= '9' {
			digits++
		}
	}
	return digits >= fileNumberDigits && !strings.ContainsRune(strings.TrimSpace(text), ' ')
}

// localPart is what stands before the @ of an address, in canonical form.
func localPart(address string) string {
	local, _, _ := strings.Cut(address, "@")
	return string(canonical.Text(local))
}

// End chooses what is kept, now that it is known how rare each token is. Forms wait for the others of the registration.
func (r *rowIntake) End() error {
	if err := r.spooled.Flush(); err != nil {
		return fmt.Errorf("spool cells: %w", err)
	}
	r.spooled = nil
	r.out.info = r.info
	r.out.info.Rows = r.rows
	r.among = r.rows
	if r.info.Format == "form" {
		r.mu.Lock()
		defer r.mu.Unlock()
		// thousands of them may wait: without what only rows need
		r.counts, r.tokens, r.named, r.row, r.line, r.columns = counter64{}, nil, nil, nil, nil, nil
		r.forms = append(r.forms, r)
		return nil
	}
	return r.finish()
}

// finish writes the records of a table.
func (r *rowIntake) finish() error {
	defer r.spool.Close()
	r.out.room = uint32(rowRecords(r.rows) * r.rows)
	if r.out.base = r.recording.records.Add(r.out.room) - r.out.room; r.out.base >= maxRecordNumber-r.out.room {
		return fmt.Errorf("too many rows of tables for one registration: register the leak in parts")
	}
	slices.Sort(r.numbers)
	r.out.numbers, r.out.sizes = slices.Compact(r.numbers), r.sizes
	derived, err := r.dependencies()
	if err != nil {
		return err
	}
	k := &keeping{rowIntake: r, derived: derived, least: math.Log2(float64(max(r.rows, 1))) - 6}
	if err := r.each(k.keep); err != nil {
		return err
	}
	if err := k.flush(0, 0); err != nil {
		return err
	}
	r.out.cells.settle()
	slices.Sort(r.out.about)
	r.out.about = slices.Compact(r.out.about)
	r.out.info.Records = r.out.kept
	r.counts = counter64{}
	return nil
}

// each yields the rows that were spooled; the slice is reused.
func (r *rowIntake) each(see func(number uint32, subject [6]byte, row []intakeToken) error) error {
	in := bufio.NewReaderSize(io.NewSectionReader(r.spool, 0, r.spool.Size()), 64<<10)
	var head [rowHead]byte
	var body [maxRowTokens * tokenBytes]byte
	var row []intakeToken
	for {
		if _, err := io.ReadFull(in, head[:]); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("read spooled cells: %w", err)
		}
		b := body[:min(int(head[10]), maxRowTokens)*tokenBytes]
		if _, err := io.ReadFull(in, b); err != nil {
			return fmt.Errorf("read spooled cells: %w", err)
		}
		row = row[:0]
		nth := map[uint8]uint8{}
		for ; len(b) >= tokenBytes; b = b[tokenBytes:] {
			t := intakeToken{hash: binary.LittleEndian.Uint64(b), mark: b[8], category: b[9], length: b[10], column: b[11]}
			t.bits = record.Rarity(t.mark, int(t.length), r.among, int(r.counts.of(t.hash)))
			if t.mark == uint8(cell.Number) {
				t.bits = min(t.bits, r.mostBits(feature{t.column, nth[t.column]}))
			}
			nth[t.column]++
			row = append(row, t)
		}
		if err := see(binary.LittleEndian.Uint32(head[:]), [6]byte(head[4:10]), row); err != nil {
			return err
		}
	}
}
