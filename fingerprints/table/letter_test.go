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
		// a family name of a particle and a word, by which the salutation calls him, is not all of his name
		"DIENST\nFriedhelm Van Wagefeld\nZavelput 59\n2460 Kasterlee\n\nBeste heer Van Wagefeld,\nWij noteren dit.\n(Friedhelm Van Wagefeld, geboren te Ninove op 7 maart 1971, GSM 0477/09.17.24)\n": "name=Friedhelm Van Wagefeld birth=7 maart 1971 phone=0477/09.17.24 other=Zavelput 59, 2460 Kasterlee",
		// a date with the word of its label, a file's number that is no telephone's
		"DIENST\nVorgang: Schadennummer 007661448\nGuten Tag Herr Thormans,\n(Sebald Thormans, geb. am 15/04/1989, Mobil 0463/52.83.15)\n": "name=Sebald Thormans birth=15/04/1989 phone=0463/52.83.15",
		// a label that no list has, over the date of birth; the writer's address is nobody's
		"Siège : place du Perron 44, 6600 Bastogne\nBénévole: Mehmet Van Ingbrecht\nNaissance: 12-10-2003\nHabitation: sentier des Moines 126a, 4800 Verviers\nCourriel: vaning3@post.example\n": "name=Mehmet Van Ingbrecht birth=12-10-2003 other=sentier des Moines 126a, 4800 Verviers email=vaning3@post.example",
		// labels with one blank, or one of another width, behind them
		"REPORT\nMember Roswitha Lamard\nDOB 24.07.1982\nMobile\u00a00473/62.40.40\nAccount BE71 0961 2345 6769\n": "name=Roswitha Lamard birth=24.07.1982 phone=0473/62.40.40 iban=BE71 0961 2345 6769",
		// the number before the name, the mail address that is made of it, and a British postcode
		"Re 65785/40 / Hedwig Le Crawescu / 04/01/1964\nThe panel met.\nHome of Hedwig Le Crawescu, Larkspur Close 170, CV3 5RT Coventry\nWrite to: hedwig.lecrawescu@post.example\n": "name=Hedwig Le Crawescu birth=04/01/1964 email=hedwig.lecrawescu@post.example other=Larkspur Close 170, CV3 5RT Coventry key=65785/40",
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
		"Docteur: Bavo Welda\nTéléphone: 0498 50 79 92\n\nNaissance: 12-10-2003\n":                                                                                                                   "name", // a name beside an unknown label, and no date of birth below
		"Betreft: Bavo Welda, geboren op 3 mei 1981\nIf the address is attempted from outside, it fails.\n":                                                                                          "attempted",
		"Geboren in Zeldegem; woont in Temeit\nNaam: Bavo Welda\nTelefoon; niet bekend\n":                                                                                                            "Temeit",
		"Betreft: Bavo Welda, geboren op 3 mei 1981\nDossier van 12/03/2025\n":                                                                                                                       "key",
	} {
		if got := readText(t, "text", text, 1<<20).show(); strings.Contains(got, not) {
			t.Errorf("%.40q… tells %q: %s", text, not, got)
		}
	}
}

func TestARowWithinALetterIsAPersonsByItsDateOfBirth(t *testing.T) {
	text := "Institut Golelle\nBénévole\tNaissance\tMatricule\tPortable\nPolelle Berend\t06/09/2004\tW-090736.92\t0463/64.81.75\nNous restons à votre écoute.\n"
	if got := readText(t, "text", text, 1<<20).show(); !strings.Contains(got, "Bénévole=name") {
		t.Errorf("no name: %s", got)
	}
	text = strings.Replace(text, "Polelle Berend", "Golelle 44", 1)
	if got := readText(t, "text", text, 1<<20).show(); strings.Contains(got, "Bénévole=name") {
		t.Errorf("a number is a name: %s", got)
	}
}

func TestFormsOfNumbersAreStrict(t *testing.T) {
	for v, is := range map[string]func(string) bool{"Kornelia Van Kruibeek": isIBAN, "007661448": isPhone} {
		if is(v) {
			t.Errorf("%q has a form that it has not", v)
		}
	}
	if !isPhone("0032 471 22 33 44") || !isPhone("0471/22.33.44") {
		t.Error("a telephone number is none")
	}
}
