package canary

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/csv"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"unmirror/store"
)

// Kinds are the sorts of files that can be made.
func Kinds() []string { return []string{"txt", "csv", "docx", "zip"} }

// Most is how many canaries are made at once.
const Most = 100

// Order asks for canaries.
type Order struct {
	Dir     string // made when missing
	Source  string // where they will be planted; empty: anywhere
	Kind    string // one of Kinds
	N       int    // 1 to Most
	Contact string // stands in each file; empty: none
	// Register enters files into the index under Slug.
	Register func(ctx context.Context, paths []string) error
}

// Made is a canary that was made.
type Made struct {
	ID   string
	Path string
}

type file struct {
	id, name, kind, path string
}

// Make writes canaries into a folder, registers them and records them. When registering fails, the files are removed
// again: a canary that nothing recognises would measure a blindness that is not there.
func (c *Canaries) Make(ctx context.Context, o Order) (out []Made, err error) {
	if !slices.Contains(Kinds(), o.Kind) {
		return nil, fmt.Errorf("make canary: kind %q is none of %s", o.Kind, strings.Join(Kinds(), ", "))
	}
	if o.N < 1 || o.N > Most {
		return nil, fmt.Errorf("make canary: between 1 and %d at once", Most)
	}
	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("make canary: %w", err)
	}
	var made []file
	var paths []string
	defer func() {
		if err == nil {
			return
		}
		for _, p := range paths {
			err = errors.Join(err, os.Remove(p))
		}
	}()
	for range o.N {
		f, body, err := write(o)
		if err != nil {
			return nil, fmt.Errorf("make canary: %w", err)
		}
		f.path = filepath.Join(o.Dir, f.name)
		w, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) // the operator plants it: others may read it
		if err != nil {
			return nil, fmt.Errorf("make canary: %w", err)
		}
		paths = append(paths, f.path)
		_, err = w.Write(body)
		if err = errors.Join(err, w.Close()); err != nil {
			return nil, fmt.Errorf("make canary: %w", err)
		}
		made = append(made, f)
		out = append(out, Made{ID: f.id, Path: f.path})
	}
	// Registered first: one that is registered but not recorded, after a crash, is passed over, while one that is recorded
	// but cannot be recognised would be missed for ever.
	if err := o.Register(ctx, paths); err != nil {
		return nil, fmt.Errorf("register canaries: %w", err)
	}
	if err := c.record(ctx, made, o.Source); err != nil {
		return nil, err
	}
	return out, nil
}

// write makes one canary's name and content.
func write(o Order) (file, []byte, error) {
	var seed [16]byte
	_, _ = rand.Read(seed[:]) // crypto/rand.Read never fails
	g := &author{r: mrand.New(mrand.NewPCG(binary.LittleEndian.Uint64(seed[:8]), binary.LittleEndian.Uint64(seed[8:]))), mark: mark(o.Contact)}
	f := file{id: store.NewID("canary"), kind: o.Kind}
	stem := g.pick("verzuim", "opvolging", "dossier", "overzicht", "consultaties", "export") + "-" + strconv.Itoa(2019+g.r.IntN(6)) + "-" + hex.EncodeToString(seed[:5])
	f.name = stem + "." + o.Kind
	switch o.Kind {
	case "csv":
		return f, g.table(), nil
	case "docx":
		b, err := g.docx()
		return f, b, err
	case "zip":
		b, err := g.archive(stem)
		return f, b, err
	}
	return f, []byte(strings.Join(g.letter(), "\n\n") + "\n"), nil
}

// mark is the line that says what such a file is.
func mark(contact string) string {
	s := "TEST FILE, NOT A LEAK: this file is synthetic, and nobody in it exists. It was planted to measure whether leaks are found. Dit is een testbestand met verzonnen personen."
	if contact != "" {
		s += " Questions: " + contact
	}
	return s
}

// author invents people and what is said of them.
type author struct {
	r    *mrand.Rand
	mark string
}

func (g *author) pick(words ...string) string { return words[g.r.IntN(len(words))] }

// person is somebody who does not exist: the family name is put together from syllables.
type person struct{ first, last, born, staff, team string }

func (g *author) person() person {
	last := g.pick("Dra", "Quel", "Vro", "Zwen", "Hul", "Mers", "Oost", "Plin", "Stra", "Tuy", "Wex", "Brun") + g.pick("ven", "dor", "mel", "gaer", "lin", "sper", "trom", "bex", "hui") +
		g.pick("steyn", "quaert", "houtx", "velde", "gracht", "wijck", "broeckx", "akkers")
	born := time.Date(1958+g.r.IntN(42), time.Month(1+g.r.IntN(12)), 1+g.r.IntN(28), 0, 0, 0, 0, time.UTC)
	return person{
		first: g.pick("Mieke", "Joris", "Samira", "Thibault", "Elke", "Marek", "Noor", "Bertrand", "Liesbet", "Yannick", "Gudrun", "Pavel", "Ottilie", "Ruben", "Amina", "Wout"),
		last:  last, born: born.Format("02/01/2006"), staff: fmt.Sprintf("P%07d", g.r.IntN(10_000_000)),
		team: g.pick("magazijn", "onderhoud", "planning", "keuken", "receptie", "labo", "transport", "boekhouding") + " " + strconv.Itoa(1+g.r.IntN(60)),
	}
}

// remark is one sentence. Its parts are many, so that no two canaries share a passage of any length.
func (g *author) remark() string {
	return g.pick("meldde", "beschreef", "noemde", "vermeldde", "bevestigde", "ontkende") + " " +
		g.pick("hoofdpijn", "rugklachten", "slecht slapen", "duizeligheid", "een stijve schouder", "oorsuizen", "vermoeide ogen", "een verstuikte enkel") + " " +
		g.pick("na", "tijdens", "sinds", "vóór", "ondanks") + " " + g.pick("de nachtdienst", "de verhuis", "het tillen", "de opleiding", "het overleg", "een val", "de zomer", "de reorganisatie") + " op " +
		strconv.Itoa(1+g.r.IntN(28)) + " " + g.pick("januari", "maart", "april", "juni", "september", "november") + ", dossier " + strconv.Itoa(100_000+g.r.IntN(900_000)) + "; " +
		g.pick("advies", "voorstel", "afspraak", "besluit") + ": " + g.pick("lichter werk", "aangepaste uren", "een andere stoel", "rust", "een nieuwe controle", "overleg met het team") + " voor " + strconv.Itoa(2+g.r.IntN(40)) + " dagen"
}

// letter is some paragraphs of a file of notes.
func (g *author) letter() []string {
	out := []string{g.mark}
	for range 14 {
		p := g.person()
		out = append(out, fmt.Sprintf("%s %s (geboren %s, nr. %s, %s) %s. %s %s.", p.first, p.last, p.born, p.staff, p.team, g.remark(),
			g.pick("Hij of zij", "De medewerker", "Betrokkene"), g.remark()))
	}
	return append(out, g.mark)
}

// table is a list of people.
func (g *author) table() []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	// A bytes.Buffer never fails.
	_ = w.Write([]string{"personeelsnr", "voornaam", "naam", "geboortedatum", "dienst", "e-mail", "opmerking"})
	for range 24 {
		p := g.person()
		_ = w.Write([]string{p.staff, p.first, p.last, p.born, p.team, strings.ToLower(p.first+"."+p.last) + "@test-" + strconv.Itoa(g.r.IntN(1000)) + ".example", g.remark()})
	}
	_ = w.Write([]string{"", "", "", "", "", "", g.mark})
	w.Flush()
	return b.Bytes()
}

// docx is the least document that word processors open.
func (g *author) docx() ([]byte, error) {
	var body strings.Builder
	for _, p := range g.letter() {
		body.WriteString(`<w:p><w:r><w:t xml:space="preserve">`)
		if err := xml.EscapeText(&body, []byte(p)); err != nil {
			return nil, fmt.Errorf("write document: %w", err)
		}
		body.WriteString(`</w:t></w:r></w:p>`)
	}
	const head = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	return pack([][2]string{
		{"[Content_Types].xml", head + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`},
		{"_rels/.rels", head + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`},
		{"word/document.xml", head + `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>` + body.String() + `</w:body></w:document>`},
	})
}

// archive holds a table and a letter.
func (g *author) archive(stem string) ([]byte, error) {
	return pack([][2]string{
		{stem + "/personeel.csv", string(g.table())}, {stem + "/notities.txt", strings.Join(g.letter(), "\n\n")},
	})
}

func pack(members [][2]string) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, m := range members {
		w, err := z.Create(m[0])
		if err != nil {
			return nil, fmt.Errorf("write archive: %w", err)
		}
		if _, err := w.Write([]byte(m[1])); err != nil {
			return nil, fmt.Errorf("write archive: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("write archive: %w", err)
	}
	return b.Bytes(), nil
}
