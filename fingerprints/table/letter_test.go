package table

import (
	"strings"
	"testing"
)

func TestALetterTellsItsPersonWhereverItNamesHim(t *testing.T) {
	for text, want := range map[string]string{
		// labels with blanks between, also of what tells of an address or of the file
		"DIENST\nName                      Fatima Craey\nGeburtsdatum              26.05.1996\nAktenzeichen              D550398\nAnschrift                 Kwartelweg 80, 9999 Zeldegem\nTelefon                   0472 91 72 24\n": "name=Fatima Craey birth=26.05.1996 key=D550398 other=Kwartelweg 80, 9999 Zeldegem phone=0472 91 72 24",
		// a noun before the name is no part of it
		"Praxis\n\nOmar Hoffman\nKwartelweg 7\n9999 Zeldegem\n\nGuten Tag,\nHeute sah ich in der Sprechstunde Omar Hoffman (geboren am 21/05/1969).\n": "name=Omar Hoffman birth=21/05/1969 other=Kwartelweg 7, 9999 Zeldegem",
		// a date of birth that nothing calls so, and an address in the line of the name, far from the first place of it
		"DIENST\nDate: 03/09/2025\nSubject: File number A667041 - Bavo Welda - 23-5-1967\nE-mail: bavo.welda76@post.example\nDear Mr Welda,\n" + strings.Repeat("We write to you. ", 40) + "\nBavo Welda, Dorpsplein 78, 9999 Zeldegem, 0498 50 79 92\n": "name=Bavo Welda birth=23-5-1967 key=A667041 email=bavo.welda76@post.example phone=0498 50 79 92 other=Dorpsplein 78, 9999 Zeldegem date=03/09/2025",
		// what labels leave out
		"Naam: Bavo Welda\nGeboren: 23/05/1967\n\nDossier nr. K-20394\nBavo Welda\nDorpsplein 78\n9999 Zeldegem\n": "name=Bavo Welda birth=23/05/1967 key=K-20394 other=Dorpsplein 78, 9999 Zeldegem",
	} {
		g := readText(t, "text", text, 1<<20)
		var b strings.Builder
		for _, table := range g.tables {
			for i, c := range table.Columns {
				b.WriteString(c.Kind.String() + "=" + table.rows[0][i] + " ")
			}
		}
		if got := strings.TrimSpace(b.String()); got != want {
			t.Errorf("%.40q…:\n%s, not\n%s", text, got, want)
		}
	}
}

func TestWhatStandsBesideANameIsNotAlwaysItsPersons(t *testing.T) {
	for text, not := range map[string]string{
		"To whom it may concern\nBavo Welda, 12-03-2025\n": "birth", // the day of a letter
		"Mevrouw Bavo Welda, geboren op 3 mei 1981\n" + strings.Repeat("Wij schrijven u. ", 40) + "\nBavo Welda\n" + strings.Repeat("En nog eens. ", 20) + "\nDIENST, Kwartelweg 8, 9999 Zeldegem\n": "Kwartelweg",
		"Geboren in Zeldegem; woont in Temeit\nNaam: Bavo Welda\nTelefoon; niet bekend\n":                                                                                                            "Temeit",
		"Betreft: Bavo Welda, geboren op 3 mei 1981\nDossier van 12/03/2025\n":                                                                                                                       "key",
	} {
		if got := readText(t, "text", text, 1<<20).show(); strings.Contains(got, not) {
			t.Errorf("%.40q… tells %q: %s", text, not, got)
		}
	}
}
