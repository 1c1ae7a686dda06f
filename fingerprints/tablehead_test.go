package fingerprints

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"unmirror/fingerprints/match"
)

// registered registers files and returns a matcher of them.
func registered(t testing.TB, files map[string][]byte) *Matcher {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, files)
	l, o := openLibrary(t, t.TempDir()), newOpener(t)
	if _, err := l.AddLeak(context.Background(), o, AddLeak{Slug: "x", Paths: []string{dir}}); err != nil {
		t.Fatal(err)
	}
	return NewMatcher(l, o, 0)
}

func matchText(m *Matcher, text string) match.Report {
	return m.Match(context.Background(), "item.txt", strings.NewReader(text), int64(len(text)))
}

// TestTheHeadOfATableAccusesNobody: its columns stand over other people's rows, too.
func TestTheHeadOfATableAccusesNobody(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	head := "personeelsnummer;achternaam;voornaam;geboortedatum;dienstjaren;afdelingshoofd;telefoonnummer;laatste_evaluatie;opmerking_arbeidsarts\n"
	create := "CREATE TABLE `verzuim` (`personeelsnummer` varchar(20), `achternaam_medewerker` text, `eerste_ziektedag` date, `behandelend_arts` text, `reden_van_verzuim` text);\n" +
		"INSERT INTO `verzuim` (`personeelsnummer`, `achternaam_medewerker`, `eerste_ziektedag`, `behandelend_arts`, `reden_van_verzuim`) VALUES\n"
	var csv, dump strings.Builder
	csv.WriteString(head)
	dump.WriteString(create)
	for _, p := range invent(r, 40) {
		csv.WriteString(strings.Join([]string{p.number, p.family, p.given, p.born, "4", "x", p.phone, "goed", p.remark}, ";") + "\n")
		dump.WriteString("('" + strings.Join([]string{p.number, p.family, p.born, "dr. " + p.given, p.remark}, "', '") + "'),\n")
	}
	m := registered(t, map[string][]byte{"personeel.csv": []byte(csv.String()), "verzuim.sql": []byte(dump.String())})
	for what, text := range map[string]string{"csv": head + filler(r, 2000), "csv alone": head, "dump": create + filler(r, 2000), "dump alone": create} {
		if rep := matchText(m, text); rep.Verdict == match.Matched {
			t.Errorf("%s: %s, %+v", what, rep.Verdict, rep.Best())
		}
	}
	if rep := matchText(m, csv.String()[:1500]); rep.Verdict != match.Matched {
		t.Errorf("head and rows: %s", rep.Verdict)
	}
}
