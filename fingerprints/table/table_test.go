package table

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// gathered is what came out of a text.
type gathered struct {
	tables []*gatheredTable
	header *bool
}

type gatheredTable struct {
	Schema
	rows    [][]string
	numbers []uint32
	ended   bool
}

func (g *gathered) Header() (yes, known bool) {
	if g.header == nil {
		return false, false
	}
	return *g.header, true
}

func (g *gathered) Table(s *Schema) (Rows, error) {
	t := &gatheredTable{Schema: *s}
	g.tables = append(g.tables, t)
	return t, nil
}

func (t *gatheredTable) Row(n uint32, cells []string) error {
	t.rows = append(t.rows, append([]string(nil), cells...))
	t.numbers = append(t.numbers, n)
	return nil
}

func (t *gatheredTable) End() error { t.ended = true; return nil }

func readText(t testing.TB, kind, text string, piece int) *gathered {
	t.Helper()
	g := &gathered{}
	r := NewReader(kind, g)
	for at := 0; at < len(text); at += piece {
		if _, err := r.Write([]byte(text[at:min(at+piece, len(text))])); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return g
}

// show prints tables in a line each: format, columns, and rows.
func (g *gathered) show() string {
	var b strings.Builder
	for _, t := range g.tables {
		fmt.Fprintf(&b, "%s %s:", t.Format, t.Name)
		for _, c := range t.Columns {
			fmt.Fprintf(&b, " %s=%s", c.Name, c.Kind)
		}
		b.WriteByte('\n')
		for i, r := range t.rows {
			fmt.Fprintf(&b, "%d: %s\n", t.numbers[i], strings.Join(r, "|"))
		}
	}
	return b.String()
}

func TestTablesAreRecognisedInEveryFormat(t *testing.T) {
	const people = "Bavo|Craeyveldt|85.07.30-999.32|30/07/1985|bavo@voorbeeld.example|Zandbergen"
	for _, c := range []struct{ name, kind, text string }{
		{"csv with semicolons", "csv", "Voornaam;Achternaam;Rijksregisternummer;Geboren;E-mail;Gemeente\n" +
			"Bavo;Craeyveldt;85.07.30-999.32;30/07/1985;bavo@voorbeeld.example;Zandbergen\nColeta;Jorisdael;;01/02/1980;coleta@voorbeeld.example;\"Hoog;water\"\n"},
		{"csv with commas and quotes", "csv", "\ufeff\"Voornaam\",\"Achternaam\",\"Rijksregisternummer\",\"Geboren\",\"E-mail\",\"Gemeente\"\r\n" +
			"Bavo,Craeyveldt,85.07.30-999.32,30/07/1985,bavo@voorbeeld.example,Zandbergen\r\nColeta,Jorisdael,,01/02/1980,coleta@voorbeeld.example,\"Hoog;water\"\r\n"},
		{"bars", "text", "| Voornaam | Achternaam | Rijksregisternummer | Geboren | E-mail | Gemeente |\n|---|---|---|---|---|---|\n" +
			"| Bavo | Craeyveldt | 85.07.30-999.32 | 30/07/1985 | bavo@voorbeeld.example | Zandbergen |\n| Coleta | Jorisdael | | 01/02/1980 | coleta@voorbeeld.example | Hoog;water |\n"},
		{"sheet", "xlsx", "Voornaam\tAchternaam\tRijksregisternummer\tGeboren\tE-mail\tGemeente\t\n" +
			"Bavo\tCraeyveldt\t85.07.30-999.32\t30/07/1985\tbavo@voorbeeld.example\tZandbergen\t\nColeta\tJorisdael\t\t01/02/1980\tcoleta@voorbeeld.example\tHoog;water\t\n"},
		{"json", "text", `{"export":"x","people":[{"Voornaam":"Bavo","Achternaam":"Craeyveldt","Rijksregisternummer":"85.07.30-999.32","Geboren":"30/07/1985","E-mail":"bavo@voorbeeld.example","Gemeente":"Zandbergen"},
			{"Voornaam":"Coleta","Achternaam":"Jorisdael","Rijksregisternummer":null,"Geboren":"01/02/1980","E-mail":"coleta@voorbeeld.example","Gemeente":"Hoog\u003bwater"}]}`},
		{"json lines", "text", `{"Voornaam":"Bavo","Achternaam":"Craeyveldt","Rijksregisternummer":"85.07.30-999.32","Geboren":"30/07/1985","E-mail":"bavo@voorbeeld.example","Gemeente":"Zandbergen"}
			{"Voornaam":"Coleta","Achternaam":"Jorisdael","Geboren":"01/02/1980","E-mail":"coleta@voorbeeld.example","Gemeente":"Hoog;water"}`},
		{"json by key", "text", `{"1":{"Voornaam":"Bavo","Achternaam":"Craeyveldt","Rijksregisternummer":"85.07.30-999.32","Geboren":"30/07/1985","E-mail":"bavo@voorbeeld.example","Gemeente":"Zandbergen"},
			"2":{"Voornaam":"Coleta","Achternaam":"Jorisdael","Rijksregisternummer":"","Geboren":"01/02/1980","E-mail":"coleta@voorbeeld.example","Gemeente":"Hoog;water"},
			"3":{"Voornaam":"Coleta","Achternaam":"Jorisdael","Rijksregisternummer":"","Geboren":"01/02/1980","E-mail":"coleta@voorbeeld.example","Gemeente":"Hoog;water"}}`},
		{"json arrays", "text", `[["Voornaam","Achternaam","Rijksregisternummer","Geboren","E-mail","Gemeente"],["Bavo","Craeyveldt","85.07.30-999.32","30/07/1985","bavo@voorbeeld.example","Zandbergen"],
			["Coleta","Jorisdael","","01/02/1980","coleta@voorbeeld.example","Hoog;water"]]`},
		{"sql of MySQL", "text", "-- a dump\nCREATE TABLE `p` (`Voornaam` varchar(9) DEFAULT 'x, y', `Achternaam` text, `Rijksregisternummer` text, `Geboren` date, `E-mail` text, `Gemeente` text, PRIMARY KEY (`Voornaam`)) ENGINE=InnoDB;\n" +
			"INSERT INTO `p` VALUES ('Bavo','Craeyveldt','85.07.30-999.32','30/07/1985','bavo@voorbeeld.example','Zandbergen'),('Coleta','Jorisdael',NULL,'01/02/1980','coleta@voorbeeld.example','Hoog;water');\n"},
		{"sql of PostgreSQL", "text", "COPY public.p (\"Voornaam\", \"Achternaam\", \"Rijksregisternummer\", \"Geboren\", \"E-mail\", \"Gemeente\") FROM stdin;\nBavo\tCraeyveldt\t85.07.30-999.32\t30/07/1985\tbavo@voorbeeld.example\tZandbergen\nColeta\tJorisdael\t\\N\t01/02/1980\tcoleta@voorbeeld.example\tHoog;water\n\\.\n\nSELECT 1;\n"},
		{"sql of SQL Server", "text", "INSERT [dbo].[p] ([Voornaam], [Achternaam], [Rijksregisternummer], [Geboren], [E-mail], [Gemeente]) VALUES (N'Bavo', N'Craeyveldt', N'85.07.30-999.32', CAST(N'30/07/1985' AS Date), N'bavo@voorbeeld.example', N'Zandbergen')\nGO\nINSERT [dbo].[p] ([Voornaam], [Achternaam], [Rijksregisternummer], [Geboren], [E-mail], [Gemeente]) VALUES (N'Coleta', N'Jorisdael', NULL, CAST(N'01/02/1980' AS Date), N'coleta@voorbeeld.example', N'Hoog;water')\n"},
		{"fixed width", "text", "Voornaam  Achternaam  Rijksregisternummer  Geboren     E-mail                    Gemeente\n" +
			"Bavo      Craeyveldt  85.07.30-999.32      30/07/1985  bavo@voorbeeld.example    Zandbergen\nColeta    Jorisdael                        01/02/1980  coleta@voorbeeld.example  Hoog;water\n"},
		{"page", "html", "Titel\n\tVoornaam\tAchternaam\tRijksregisternummer\tGeboren\tE-mail\tGemeente\n\tBavo\tCraeyveldt\t85.07.30-999.32\t30/07/1985\tbavo@voorbeeld.example\tZandbergen\n\tColeta\tJorisdael\t\t01/02/1980\tcoleta@voorbeeld.example\tHoog;water\n"},
		{"XML as it is opened", "xml", "Voornaam\tAchternaam\tRijksregisternummer\tGeboren\tE-mail\tGemeente\t\n" +
			"Bavo\tCraeyveldt\t85.07.30-999.32\t30/07/1985\tbavo@voorbeeld.example\tZandbergen\t\nColeta\tJorisdael\t\t01/02/1980\tcoleta@voorbeeld.example\tHoog;water\t\n"},
		{"blocks", "text", "Voornaam: Bavo\nAchternaam: Craeyveldt\nRijksregisternummer: 85.07.30-999.32\nGeboren: 30/07/1985\nE-mail: bavo@voorbeeld.example\nGemeente: Zandbergen\n\nVoornaam: Coleta\nAchternaam: Jorisdael\nGeboren: 01/02/1980\nE-mail: coleta@voorbeeld.example\nGemeente: Hoog;water\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, piece := range []int{1 << 20, 7, 1} {
				g := readText(t, c.kind, c.text, piece)
				if len(g.tables) != 1 {
					t.Fatalf("tables:\n%s", g.show())
				}
				got := g.tables[0]
				var kinds []string
				for _, col := range got.Columns[:min(6, len(got.Columns))] {
					kinds = append(kinds, col.Kind.String())
				}
				if s := strings.Join(kinds, " "); s != "given family national birth email other" || got.Columns[0].Name != "Voornaam" {
					t.Errorf("columns are %s", s)
				}
				if len(got.rows) < 2 || strings.Join(got.rows[0][:6], "|") != people || got.numbers[0] != 0 || got.numbers[1] != 1 ||
					got.rows[1][5] != "Hoog;water" || got.rows[1][2] != "" || !got.ended {
					t.Errorf("rows:\n%s", g.show())
				}
			}
		})
	}
}

func TestWhatIsNoTableYieldsNone(t *testing.T) {
	for name, text := range map[string]string{
		"prose":       strings.Repeat("De ploegbaas vermoedt, na 12 dagen, een lichte allergie; de huisarts ontkent.\nDat is alles, zegt hij.\n", 40),
		"code":        strings.Repeat("func main() {\n\tx := f(a, b)\n\tprintln(x, y, z)\n}\n", 30),
		"one line":    "a;b;c\n",
		"empty":       "",
		"a paragraph": "Wij delen u mee dat het overleg doorgaat.\nTot dan.\n",
	} {
		if g := readText(t, "text", text, 1000); len(g.tables) > 0 {
			t.Errorf("%s: %s", name, g.show()[:200])
		}
	}
}

func TestLettersAboutOnePersonAreForms(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Externe dienst\n\nBetreft: periodiek gezondheidstoezicht van Anselma Van den Abrahamsen\n\nGeboren op 12/03/1981, rijksregisternummer 81.03.12-001.00, wonende te X.\n", "Anselma Van den Abrahamsen|12/03/1981"},
		{"Madame Eulalie Fonteynaert, née le 3 mars 1979\nObjet: examen\n", "Eulalie Fonteynaert|3 mars 1979"},
		{"Betreft het dossier van Orla Vanhimste, geboren op 4 mei 1961, 61.05.04-001.31, wonende te\nKwartelweg 8, 9999 Zeldegem. orla@post.example\n",
			"Orla Vanhimste|4 mei 1961|61.05.04-001.31|orla@post.example|Kwartelweg 8, 9999 Zeldegem"},
		{"Naam: Bavo Craeyveldt\nGeboortedatum: 30/07/1985\n\nGeachte,\n", "Bavo Craeyveldt|30/07/1985"},
		{"Re: Ursula Zukafert (DOB 16/01/1963), operator\nDear Manager,\nSo we are told.\n", "Ursula Zukafert|16/01/1963"},
		{"FACTUUR 2023/26382\n\nAan: Bavo Craeyveldt\n     Kwartelweg 8\nRekening: BE68 5390 0754 7034\n", "Bavo Craeyveldt|BE68 5390 0754 7034"},
		{"DOSSIER 12\nNaam       Craeyveldt Bavo\nGeboren    30-07-1985\n\n12-03-2024 JV: geen klachten.\n", "Craeyveldt Bavo|30-07-1985"},
	} {
		g := readText(t, "docx", c.text, 11)
		if len(g.tables) != 1 || len(g.tables[0].rows) != 1 || !strings.HasPrefix(strings.Join(g.tables[0].rows[0], "|"), c.want) {
			t.Errorf("%q gives %s", c.text, g.show())
		}
	}
}

func TestAbbreviatedHeadingsAreReadAsOneWord(t *testing.T) {
	for name, want := range map[string]Kind{"geb.datum": Birth, "Tel.nr": Phone, "person.birth_date": Birth, "dossier.naam": Name, "order.datum": Date} {
		if got, ok := byName(name); !ok || got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

func TestACustomerBesideGivenAndFamilyNamesIsNobodysName(t *testing.T) {
	var csv strings.Builder
	csv.WriteString("achternaam;voornaam;klant\n")
	for i := range 60 {
		fmt.Fprintf(&csv, "Craey%c%c;Ba%c;Temeit %c\n", 'a'+i%26, 'b'+i/26, 'c'+i%20, 'A'+i%5)
	}
	g := readText(t, "csv", csv.String(), 1<<20)
	if len(g.tables) != 1 || !strings.Contains(g.show(), "achternaam=family voornaam=given klant=other") {
		t.Errorf("%.200s", g.show())
	}
}

func TestNamesOfEveryShapeLookLikeNames(t *testing.T) {
	for _, v := range []string{"Peeters", "van 't Petit", "O'Brien", "Lefèvre-Roux", "de la Cruz", "d'Haese", "VAN DEN BERG", "Ann-Sofie", "von der Höh", "Le\u0301a Dupont", "Ng Li"} {
		if !nameLike(v) {
			t.Errorf("%q is not taken for a name", v)
		}
	}
	for _, v := range []string{"", "no", "met de auto", "van", "Rue 12", "geen opmerking", "Beroep aangetekend bij de bevoegde dienst", "A"} {
		if nameLike(v) {
			t.Errorf("%q is taken for a name", v)
		}
	}
}

func TestALastColumnOfLongTextHasNoColumnsInIt(t *testing.T) {
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 8))
		var b strings.Builder
		fmt.Fprintf(&b, "%-12s%-14s%-20s%s\n", "Voornaam", "Achternaam", "Gemeente", "Nota")
		for range 150 {
			var note []string
			for range 5 + r.IntN(5)*r.IntN(12) {
				note = append(note, strings.Repeat(string(rune('a'+r.IntN(26))), 2+r.IntN(9)))
			}
			fmt.Fprintf(&b, "%-12s%-14s%-20s%s\n", "Bavo", "Craeyveldt", "Zandbergen", strings.Join(note, " "))
		}
		g := readText(t, "text", b.String(), 1<<20)
		if len(g.tables) != 1 || len(g.tables[0].Columns) != 4 || len(g.tables[0].rows) != 150 {
			t.Errorf("seed %d: %d tables", seed, len(g.tables))
		}
	}
}

func TestALetterIsAboutThePersonItGreets(t *testing.T) {
	read := func(text string) string {
		g := &gathered{}
		r := NewReader("text", g)
		if _, err := r.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, table := range g.tables {
			for i, c := range table.Columns {
				fmt.Fprintf(&b, "%s=%s ", c.Kind, table.rows[0][i])
			}
		}
		return b.String()
	}
	for text, want := range map[string]string{
		"DIENST\nPopulierendreef\n\nBavo Van den Linde\nGeboren op: 04/05/1981\nWerkgever: Drukkerij Lettermans\n\nGeachte heer Linde,\n\nU bent onderzocht.\n": "name=Bavo Van den Linde",
		"DIENST\n\nHeike Fischer\nAm Markt 160\n54290 Trier\n\nSehr geehrte Frau Fischer,\n\nSie sind am 26.11.2001 geboren.\n":                                 "birth=26.11.2001 other=Am Markt 160, 54290 Trier",
		"Isobel Waldale\nNational number: 89.06.18-263.41\nEmployer: Joinery\n\nDear Ms Waldale,\n\nPlease find below.\n":                                       "national=89.06.18-263.41",
		"Nom et prénom: Gaëlle Beaumont\nNuméro de registre national: 89.06.18-263.41\nEmployeur: Ateliers\n":                                                   "national=89.06.18-263.41",
	} {
		if got := read(text); !strings.Contains(got, want) {
			t.Errorf("%q: %q, not %q", text, got, want)
		}
	}
	if got := read("General Terms\nPaid Leave\n\nDear colleagues,\n\nThe office is closed on 04/05/2021.\n"); got != "" {
		t.Errorf("a letter to nobody: %q", got)
	}
}

func TestAHeadLaidOutWithBlanksIsOne(t *testing.T) {
	for line, want := range map[string]bool{
		"familienaam    gsm            personeelsnr  postnr  woonplaats      roepnaam  geboortedatum": true,
		"Surname        First name     Date of birth    City":                                         true,
		"Van Bekedonck  0478 86 24 24  746937        9199    Kruisputte      Eline     01/10/1961":    false,
		"She gave her name and her date of birth   and went":                                          false,
	} {
		if IsHead(line) != want {
			t.Errorf("%q: %t", line, !want)
		}
	}
}
