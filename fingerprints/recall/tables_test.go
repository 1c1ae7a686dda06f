package recall

import (
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	_ "modernc.org/sqlite"
)

type column int

const (
	colStaff column = iota
	colNumber
	colBSN
	colFamily
	colGiven
	colFull
	colBorn
	colStreet
	colZip
	colTown
	colEmail
	colPhone
	colIBAN
	colEmployer
	colEnterprise
	colWage
	colLogin
	colRemark
	colReversed // family name, given name
)

// labels are rival headings of each column.
var labels = [][]string{
	{"Personeelsnummer", "matricule", "Personalnummer", "staff_id"},
	{"Rijksregisternummer", "numéro national", "INSZ", "national_number"},
	{"BSN", "burgerservicenummer", "bsn", "citizen_no"},
	{"Achternaam", "nom", "Nachname", "last_name"},
	{"Voornaam", "prénom", "Vorname", "first_name"},
	{"Naam", "nom complet", "Name", "full_name"},
	{"Geboortedatum", "date de naissance", "Geburtsdatum", "birth_date"},
	{"Adres", "adresse", "Anschrift", "street"},
	{"Postcode", "code postal", "PLZ", "zip"},
	{"Gemeente", "commune", "Ort", "city"},
	{"E-mail", "courriel", "E-Mail", "email"},
	{"Telefoon", "téléphone", "Telefon", "phone"},
	{"Rekeningnummer", "compte", "Konto", "iban"},
	{"Werkgever", "employeur", "Arbeitgeber", "employer"},
	{"Ondernemingsnummer", "numéro d'entreprise", "Unternehmensnummer", "enterprise_number"},
	{"Loon", "salaire", "Gehalt", "salary"},
	{"Gebruiker", "identifiant", "Benutzer", "login"},
	{"Opmerking", "remarque", "Bemerkung", "notes"},
	{"Naam en voornaam", "nom et prénom", "Name, Vorname", "name"},
}

// schemas are the columns that invented offices keep.
var schemas = [][]column{
	{colNumber, colFamily, colGiven, colBorn, colStreet, colZip, colTown, colEmail, colPhone},
	{colStaff, colFull, colBorn, colNumber, colIBAN, colEmployer, colRemark},
	{colStaff, colFamily, colGiven, colBorn, colTown, colEmail, colLogin, colWage},
	{colFamily, colGiven, colBSN, colBorn, colStreet, colZip, colTown, colPhone, colIBAN},
	{colEnterprise, colEmployer, colFull, colBorn, colNumber, colPhone, colRemark},
	{colFull, colBorn, colStreet, colTown, colPhone, colRemark},
}

// table is rows of people in some columns, written somehow.
type table struct {
	columns []column
	people  []person
	form    form
	labels  int // -1: without headings
	lang    string
}

func (t table) cell(p person, c column) string {
	switch c {
	case colStaff:
		return fmt.Sprint(p.staff)
	case colNumber:
		return p.national(t.form.number)
	case colBSN:
		return p.bsn
	case colFamily:
		return p.family
	case colGiven:
		return p.given
	case colReversed:
		return p.family + ", " + p.given
	case colFull:
		return p.given + " " + p.family
	case colBorn:
		return p.born(t.form.date, t.lang)
	case colStreet:
		return p.street
	case colZip:
		return p.zip
	case colTown:
		return p.town
	case colEmail:
		return p.email
	case colPhone:
		return p.telephone(t.form.phone)
	case colIBAN:
		return p.account(t.form.iban)
	case colEmployer:
		return p.employer
	case colEnterprise:
		return p.enterprise
	case colWage:
		return fmt.Sprintf("%d.%02d", p.wage/100, p.wage%100)
	case colLogin:
		return p.login
	}
	return p.remark
}

func (t table) head() []string {
	var h []string
	for _, c := range t.columns {
		h = append(h, labels[c][max(t.labels, 0)])
	}
	return h
}

func (t table) rows() [][]string {
	all := make([][]string, len(t.people))
	for i, p := range t.people {
		for _, c := range t.columns {
			all[i] = append(all[i], t.cell(p, c))
		}
	}
	return all
}

// layouts are the syntaxes of a table that are one text; the first six are also those in which leaks hold it.
var layouts = []string{"csv;", "csv,", "sql", "json", "ndjson", "fixed", "tsv", "pipe", "xml", "html", "markdown", "keyvalue", "prose", "yaml"}

// text writes the table in a layout.
func (t table) text(layout string) string {
	head, rows := t.head(), t.rows()
	switch layout {
	case "csv;", "csv,", "tsv":
		return t.separated(layout, head, rows)
	case "sql":
		return inserts(head, rows)
	case "json", "ndjson":
		return objects(head, rows, layout == "json")
	case "fixed":
		return t.fixed(head, rows)
	case "titled", "quoted", "copy", "insert", "nested":
		return t.odd(layout, head, rows)
	}
	var b strings.Builder
	line := func(open, between, end string, cells []string) {
		b.WriteString(open + strings.Join(cells, between) + end + "\n")
	}
	escaped := func(cells []string) []string {
		all := make([]string, len(cells))
		for i, c := range cells {
			all[i] = html.EscapeString(c)
		}
		return all
	}
	switch layout {
	case "pipe":
		for _, r := range rows {
			line("", "|", "", r)
		}
	case "html":
		b.WriteString("<html><body><table>\n")
		line("<tr><th>", "</th><th>", "</th></tr>", escaped(head))
		for _, r := range rows {
			line("<tr><td>", "</td><td>", "</td></tr>", escaped(r))
		}
		b.WriteString("</table></body></html>\n")
	case "markdown":
		line("| ", " | ", " |", head)
		b.WriteString(strings.Repeat("|---", len(head)) + "|\n")
		for _, r := range rows {
			line("| ", " | ", " |", r)
		}
	default:
		for i := range rows {
			b.WriteString(t.told(layout, i, head, rows[i]))
		}
	}
	if layout == "xml" {
		return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<export>\n" + b.String() + "</export>\n"
	}
	return b.String()
}

// told writes one row over several lines or in a sentence.
func (t table) told(layout string, i int, head, row []string) string {
	var b strings.Builder
	key := strings.NewReplacer(" ", "_", "'", "_", "-", "_", ",", "")
	for j, c := range row {
		switch layout {
		case "xml":
			name := key.Replace(head[j])
			fmt.Fprintf(&b, "  <%s>%s</%s>\n", name, html.EscapeString(c), name)
		case "keyvalue":
			fmt.Fprintf(&b, "%s: %s\n", head[j], c)
		case "yaml":
			fmt.Fprintf(&b, "  %s: %q\n", key.Replace(head[j]), c)
		case "prose":
			fmt.Fprintf(&b, "%s %s %s", []string{"with", "and", "whose", "under"}[j%4], head[j], c)
			if j < len(row)-1 {
				b.WriteString(", ")
			}
		}
	}
	switch layout {
	case "xml":
		return " <row>\n" + b.String() + " </row>\n"
	case "yaml":
		return "- row:\n" + b.String()
	case "prose":
		return fmt.Sprintf("Entry %d is somebody %s.\n", i+1, b.String())
	}
	return b.String() + "\n"
}

func (t table) separated(layout string, head []string, rows [][]string) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Comma = map[string]rune{"csv;": ';', "csv,": ',', "tsv": '\t'}[layout]
	if t.labels >= 0 {
		must(w.Write(head))
	}
	must(w.WriteAll(rows))
	return b.String()
}

// odd writes what programs export besides.
func (t table) odd(layout string, head []string, rows [][]string) string {
	var b strings.Builder
	switch layout {
	case "titled":
		return "Overview of the staff;;;;\nPrinted on 03/02/2026;;;;\n;;;;\n" + t.separated("csv;", head, rows)
	case "nested":
		return "{\"export\": {\"version\": 3, \"people\": " + strings.TrimSpace(objects(head, rows, true)) + "}}\n"
	case "copy":
		b.WriteString("COPY public.person (" + strings.Join(head, ", ") + ") FROM stdin;\n")
		for _, r := range rows {
			b.WriteString(strings.Join(r, "\t") + "\n")
		}
		return b.String() + "\\.\n"
	case "insert":
		for _, r := range rows {
			for j := range r {
				r[j] = strings.ReplaceAll(r[j], "'", "''")
			}
			b.WriteString("INSERT INTO person VALUES ('" + strings.Join(r, "', '") + "');\n")
		}
	case "quoted":
		for _, r := range slices.Insert(slices.Clone(rows), 0, head) {
			b.WriteString("\"" + strings.Join(r, "\",\"") + "\"\r\n")
		}
	}
	return b.String()
}

func inserts(head []string, rows [][]string) string {
	var b strings.Builder
	names := strings.NewReplacer(" ", "_", "'", "_", "-", "_").Replace(strings.Join(head, "`,`"))
	b.WriteString("-- dump\nCREATE TABLE `person` (`" + strings.ReplaceAll(names, "`,`", "` varchar(255),`") + "` text);\n")
	for i, r := range rows {
		if i%50 == 0 {
			b.WriteString("INSERT INTO `person` (`" + names + "`) VALUES\n")
		}
		for j := range r {
			r[j] = strings.ReplaceAll(r[j], "'", "''")
		}
		end := ","
		if i%50 == 49 || i == len(rows)-1 {
			end = ";"
		}
		b.WriteString("('" + strings.Join(r, "','") + "')" + end + "\n")
	}
	return b.String()
}

func objects(head []string, rows [][]string, array bool) string {
	var all []string
	for _, r := range rows {
		var fields []string
		for j, c := range r {
			k, _ := json.Marshal(head[j])
			v, _ := json.Marshal(c)
			fields = append(fields, string(k)+": "+string(v))
		}
		all = append(all, "{"+strings.Join(fields, ", ")+"}")
	}
	if array {
		return "[\n  " + strings.Join(all, ",\n  ") + "\n]\n"
	}
	return strings.Join(all, "\n") + "\n"
}

func (t table) fixed(head []string, rows [][]string) string {
	if t.labels >= 0 {
		rows = slices.Insert(slices.Clone(rows), 0, head)
	}
	width := make([]int, len(head))
	for _, r := range rows {
		for j, c := range r {
			width[j] = max(width[j], utf8.RuneCountInString(c)+2)
		}
	}
	var b strings.Builder
	for _, r := range rows {
		for j, c := range r {
			b.WriteString(c + strings.Repeat(" ", width[j]-utf8.RuneCountInString(c)))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// xlsx writes a workbook; every other one keeps its strings in one list and its dates as day numbers, as spreadsheets do.
func (t table) xlsx(shared bool, level int) []byte {
	var sheet, list strings.Builder
	count := 0
	put := func(s string) {
		if !shared {
			sheet.WriteString(`<c t="inlineStr"><is><t>` + html.EscapeString(s) + `</t></is></c>`)
			return
		}
		fmt.Fprintf(&sheet, `<c t="s"><v>%d</v></c>`, count)
		list.WriteString(`<si><t>` + html.EscapeString(s) + `</t></si>`)
		count++
	}
	sheet.WriteString("<row>")
	for _, h := range t.head() {
		put(h)
	}
	sheet.WriteString("</row>")
	for _, p := range t.people {
		sheet.WriteString("<row>")
		for _, c := range t.columns {
			switch {
			case c == colBorn && shared:
				days := time.Date(p.year, time.Month(p.month), p.day, 0, 0, 0, 0, time.UTC).Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24
				fmt.Fprintf(&sheet, `<c s="1"><v>%d</v></c>`, int(days))
			case c == colStaff || c == colWage:
				fmt.Fprintf(&sheet, `<c><v>%s</v></c>`, t.cell(p, c))
			default:
				put(t.cell(p, c))
			}
		}
		sheet.WriteString("</row>")
	}
	return zipped(level, workbook(sheet.String(), list.String())...)
}

func workbook(sheet, list string) []entry {
	const main, office = "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	const parts = "application/vnd.openxmlformats-officedocument.spreadsheetml."
	file := func(name, body string) entry { return entry{name, []byte(xmlHead + body)} }
	return []entry{
		file("[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="`+parts+`sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="`+parts+`worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="`+parts+`styles+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="`+parts+`sharedStrings+xml"/></Types>`),
		file("_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="`+office+`/officeDocument" Target="xl/workbook.xml"/></Relationships>`),
		file("xl/workbook.xml", `<workbook xmlns="`+main+`" xmlns:r="`+office+`"><sheets><sheet name="Blad1" sheetId="1" r:id="rId1"/></sheets></workbook>`),
		file("xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="`+office+`/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="`+office+`/styles" Target="styles.xml"/><Relationship Id="rId3" Type="`+office+`/sharedStrings" Target="sharedStrings.xml"/></Relationships>`),
		file("xl/styles.xml", `<styleSheet xmlns="`+main+`"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>`),
		file("xl/sharedStrings.xml", `<sst xmlns="`+main+`">`+list+`</sst>`),
		file("xl/worksheets/sheet1.xml", `<worksheet xmlns="`+main+`"><sheetData>`+sheet+`</sheetData></worksheet>`),
	}
}

// sqlite writes a database of one table.
func (t table) sqlite() []byte {
	f, err := os.CreateTemp("", "recall*.db")
	must(err)
	must(f.Close())
	defer os.Remove(f.Name())
	db, err := sql.Open("sqlite", f.Name())
	must(err)
	names := "\"" + strings.Join(t.head(), `" text, "`) + "\" text"
	_, err = db.Exec("create table person (" + names + ")")
	must(err)
	tx, err := db.Begin()
	must(err)
	for _, r := range t.rows() {
		args := make([]any, len(r))
		for i := range r {
			args[i] = r[i]
		}
		_, err := tx.Exec("insert into person values (?"+strings.Repeat(",?", len(r)-1)+")", args...)
		must(err)
	}
	must(tx.Commit())
	must(db.Close())
	b, err := os.ReadFile(f.Name())
	must(err)
	return b
}

// some returns n of the rows, and their numbers, in no order.
func (t table) some(r *rand.Rand, n int) (table, []int) {
	at := r.Perm(len(t.people))[:min(n, len(t.people))]
	c := t
	c.people = nil
	for _, i := range at {
		c.people = append(c.people, t.people[i])
	}
	return c, at
}

// restyled writes values and headings otherwise and puts the columns in another order.
func (t table) restyled(r *rand.Rand) table {
	t.columns = slices.Clone(t.columns)
	r.Shuffle(len(t.columns), func(i, j int) { t.columns[i], t.columns[j] = t.columns[j], t.columns[i] })
	if r.IntN(3) == 0 {
		t.rename(r)
	}
	t.form = anyForm(r)
	t.labels = r.IntN(4)
	t.lang = pick(r, []string{"nl", "fr", "de", "en"})
	return t
}

// rename joins two columns of names, or parts one; the columns are the table's own by now.
func (t *table) rename(r *rand.Rand) {
	if i := slices.Index(t.columns, colFull); i >= 0 {
		t.columns = slices.Replace(t.columns, i, i+1, colFamily, colGiven)
		return
	}
	i := slices.Index(t.columns, colFamily)
	if i < 0 || !slices.Contains(t.columns, colGiven) {
		return
	}
	t.columns[i] = pick(r, []column{colFull, colReversed})
	t.columns = slices.DeleteFunc(t.columns, func(c column) bool { return c == colGiven })
}

// only keeps the columns that are among those asked for.
func (t table) only(keep ...column) table {
	t.columns = slices.DeleteFunc(slices.Clone(t.columns), func(c column) bool { return !slices.Contains(keep, c) })
	return t
}

// without drops columns.
func (t table) without(drop ...column) table {
	t.columns = slices.DeleteFunc(slices.Clone(t.columns), func(c column) bool { return slices.Contains(drop, c) })
	return t
}
