// Package demo is the invented world in which the daemon can be tried and shown: a leak of invented employees, an open directory and a
// paste site that hold re-uploads among innocent pages, a registry that answers for the loopback, and a mailbox.
//
// It never listens beyond the loopback, never holds anything about anybody who exists, and the product's stages know nothing of it.
package demo

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"unmirror/internal/demo/people"
)

// How many people there are, and where the letters of which lie.
const (
	staff   = 42
	asDocx  = 16 // the first letters are Word documents
	asText  = 30 // those up to here are plain text; the rest lies in an archive only
	perPage = 12 // people in the yearly report
	scanned = 7  // whose form is there as a scan

	scanName = "fiches/0007.jpg"
)

// Company is the invented occupational-health service.
const Company = "Arbeidsgeluk vzw, externe dienst voor verzonnen preventie"

// World says what was invented and where it lies.
type World struct {
	Dir      string // the folder given to Invent
	Leak     string // folder of the leaked files
	Manifest string // for leak add --manifest
	Baseline string // folder of public material
	People   []people.Person
	// Files are the leaked files' names relative to Leak, and those of archive members.
	Files []string
	// Identifiers are all strings that identify one of the people, in every form in which the files hold them.
	Identifiers []string
	// Remarks are the sentences about them.
	Remarks []string

	seed    uint64
	letters []string // text of each person's letter
	table   [][]string
	report  string
	bodies  map[string][]byte // by name in Files, archive members excepted
}

// Invent writes the world's files below dir, which is made when missing. The same seed makes the same bytes.
func Invent(dir string, seed uint64) (World, error) {
	w := World{Dir: dir, Leak: filepath.Join(dir, "leak"), Manifest: filepath.Join(dir, "manifest.yaml"), Baseline: filepath.Join(dir, "baseline"),
		People: people.Invent(seed, staff), seed: seed, bodies: map[string][]byte{}}
	for _, p := range w.People {
		w.Identifiers = append(w.Identifiers, p.Identifiers()...)
		w.Remarks = append(w.Remarks, p.Remarks()...)
		w.letters = append(w.letters, letter(p))
	}
	w.table = table(w.People)
	w.report = report(w.People[:perPage])
	if err := w.files(); err != nil {
		return World{}, err
	}
	for name, body := range w.bodies {
		if err := write(filepath.Join(w.Leak, filepath.FromSlash(name)), body); err != nil {
			return World{}, err
		}
	}
	if err := write(w.Manifest, []byte(w.manifest())); err != nil {
		return World{}, err
	}
	return w, w.writeBaseline()
}

func write(path string, body []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	if err := os.WriteFile(path, body, 0o600); err != nil {
		return fmt.Errorf("write invented file: %w", err)
	}
	return nil
}

// files makes the bodies of all leaked files.
func (w *World) files() error {
	add := func(name string, body []byte, err error) error {
		if err != nil {
			return fmt.Errorf("invent %s: %w", name, err)
		}
		w.Files = append(w.Files, name)
		w.bodies[name] = body
		return nil
	}
	text, err := csvText(w.table, ';')
	if err := add("personeel.csv", text, err); err != nil {
		return err
	}
	book, err := xlsx(w.followUp())
	if err := add("opvolging.xlsx", book, err); err != nil {
		return err
	}
	if err := add("jaarverslag.pdf", pdf(w.report), nil); err != nil {
		return err
	}
	form, err := scan(&w.People[scanned-1])
	if err := add(scanName, form, err); err != nil {
		return err
	}
	var archived []packed
	for i := range w.People {
		name := fmt.Sprintf("brieven/%04d", i+1)
		switch {
		case i < asDocx:
			body, err := docx(w.letters[i])
			if err := add(name+".docx", body, err); err != nil {
				return err
			}
		case i < asText:
			if err := add(name+".txt", []byte(w.letters[i]), nil); err != nil {
				return err
			}
		default:
			body, err := docx(w.letters[i])
			if err != nil {
				return fmt.Errorf("invent letter: %w", err)
			}
			archived = append(archived, packed{name + ".docx", body})
		}
	}
	archive, err := zipped(archived)
	if err := add("archief-2025.zip", archive, err); err != nil {
		return err
	}
	for _, p := range archived {
		w.Files = append(w.Files, "archief-2025.zip!/"+p.name)
	}
	return nil
}

func csvText(rows [][]string, comma rune) ([]byte, error) {
	var b strings.Builder
	c := csv.NewWriter(&b)
	c.Comma, c.UseCRLF = comma, true
	if err := c.WriteAll(rows); err != nil {
		return nil, fmt.Errorf("write table: %w", err)
	}
	return []byte(b.String()), nil
}

func table(list []people.Person) [][]string {
	rows := [][]string{{"Personeelsnummer", "Naam", "Voornaam", "Geboortedatum", "Rijksregisternummer", "Adres", "Gemeente", "Telefoon", "E-mail", "IBAN", "Functie", "Werkgever", "Opmerking"}}
	for _, p := range list {
		rows = append(rows, []string{p.ID, p.Family, p.Given, p.Born.Format("02/01/2006"), p.National, p.Street, p.Town, p.Phone, p.Email, p.IBAN, p.Job, p.Employer, p.Health[0]})
	}
	return rows
}

// followUp is the second table: who is seen again, and why.
func (w *World) followUp() [][]string {
	r := rand.New(rand.NewPCG(w.seed, 2))
	rows := [][]string{{"Personeelsnummer", "Naam", "Voornaam", "Rijksregisternummer", "Volgend onderzoek", "Medische opmerking", "Thuissituatie", "Gedrag"}}
	for _, p := range w.People {
		next := fmt.Sprintf("%02d/%02d/2026", 1+r.IntN(28), 1+r.IntN(12))
		rows = append(rows, []string{p.ID, p.Family, p.Given, p.NationalDigits(), next, p.Health[len(p.Health)-1], p.Family2, p.Conduct})
	}
	return rows
}

// letter is the template with one person's paragraphs.
func letter(p people.Person) string {
	return fmt.Sprintf(letterForm, Company, p.Title(), p.Name(), p.Street, p.Town, p.Family, p.Title(), strings.Join(p.Health, "\n"), p.Family2, p.Conduct, p.National, p.Phone, p.Email)
}

const letterForm = `%s
Dienst gezondheidstoezicht
Verzonnenlaan 1, 0990 Verzinsel

Vertrouwelijk

Aan %s %s
%s
%s

Betreft: verslag van uw periodiek gezondheidsonderzoek

Geachte %[7]s %[6]s,

Naar aanleiding van uw bezoek aan onze dienst bezorgen wij u het verslag van het onderzoek. Dit verslag
wordt bewaard in uw gezondheidsdossier en wordt niet zonder uw toestemming aan derden meegedeeld.

%[8]s

%[9]s

%[10]s

U hebt het recht om uw dossier in te kijken. Een afspraak maakt u bij het secretariaat, elke werkdag
tussen 9 en 12 uur. Gelieve bij elke briefwisseling uw rijksregisternummer %[11]s te vermelden. Wij bereiken
u op het nummer %[12]s of via %[13]s, tenzij u ons iets anders laat weten.

Met beleefde groeten,

De preventieadviseur-arbeidsarts
`

// report is the yearly report about some of the people.
func report(list []people.Person) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\nJaarverslag gezondheidstoezicht 2025, bijlage met individuele dossiers\n\n", Company)
	for i, p := range list {
		fmt.Fprintf(&b, "%d. %s (%s), geboren %s, rijksregisternummer %s, %s bij %s\n\n%s\n\n%s\n%s\n\n", i+1, p.Name(), p.ID, p.Born.Format("02/01/2006"), p.National, p.Job, p.Employer,
			strings.Join(p.Health, "\n"), p.Family2, p.Conduct)
	}
	return b.String()
}

// manifest tells whose each file is (docs/manifest.md).
func (w *World) manifest() string {
	var b strings.Builder
	b.WriteString("files:\n")
	for i, p := range w.People {
		match := fmt.Sprintf("brieven/%04d.*", i+1)
		if i >= asText {
			match = "archief-2025.zip!/" + match
		}
		fmt.Fprintf(&b, "  - {match: %q, subject: %q, categories: [identity, contact, health, family, conduct]}\n", match, p.ID)
	}
	fmt.Fprintf(&b, "  - {match: %q, subject: %q, categories: [identity, contact, health, family, conduct]}\n", scanName, w.People[scanned-1].ID)
	ids := make([]string, 0, len(w.People))
	for _, p := range w.People {
		ids = append(ids, fmt.Sprintf("%q", p.ID))
	}
	fmt.Fprintf(&b, "  - {match: jaarverslag.pdf, subjects: [%s], categories: [identity, health, family, conduct]}\n", strings.Join(ids[:perPage], ", "))
	fmt.Fprintf(&b, "  - {match: archief-2025.zip, subjects: [%s], categories: [identity, contact, health, family, conduct]}\n", strings.Join(ids[asText:], ", "))
	b.WriteString(`tables:
  - match: personeel.csv
    column: Personeelsnummer
    categories: {Opmerking: [health], IBAN: [finance], Adres: [contact], Telefoon: [contact], E-mail: [contact], "*": [identity]}
  - match: opvolging.xlsx
    column: Personeelsnummer
    categories: {Medische opmerking: [health], Thuissituatie: [family], Gedrag: [conduct], "*": [identity]}
`)
	return b.String()
}

// writeBaseline writes what is public and must never match: the blank letter and the blank form, the letterhead and a licence.
func (w *World) writeBaseline() error {
	blank := fmt.Sprintf(letterForm, Company, "mevrouw / de heer", "………", "………", "………", "………", "mevrouw / heer", "………", "………", "………", "………", "………", "………")
	body, err := docx(blank)
	if err != nil {
		return fmt.Errorf("invent blank letter: %w", err)
	}
	form, err := scan(nil)
	if err != nil {
		return fmt.Errorf("invent blank form: %w", err)
	}
	for name, b := range map[string][]byte{
		"blanco-verslag.docx": body,
		"blanco-fiche.jpg":    form,
		"briefhoofd.txt":      []byte(Company + "\nDienst gezondheidstoezicht\nVerzonnenlaan 1, 0990 Verzinsel\n"),
		"licentie.txt":        []byte(licence),
	} {
		if err := write(filepath.Join(w.Baseline, name), b); err != nil {
			return err
		}
	}
	return nil
}

// Needles are the strings that must be found nowhere outside the leak itself: identifiers, remarks, the files' names, and the unkeyed
// digests, in hex, of all these and of the files.
func (w World) Needles() []string {
	out := append(append([]string(nil), w.Identifiers...), w.Remarks...)
	out = append(out, w.Files...)
	var hashed [][]byte
	for _, s := range out {
		hashed = append(hashed, []byte(s))
	}
	for _, b := range w.bodies {
		hashed = append(hashed, b)
	}
	for _, b := range hashed {
		m, s, l := md5.Sum(b), sha1.Sum(b), sha256.Sum256(b)
		out = append(out, hex.EncodeToString(m[:]), hex.EncodeToString(s[:]), hex.EncodeToString(l[:]))
	}
	return out
}
