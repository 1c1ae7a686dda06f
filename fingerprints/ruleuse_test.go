package fingerprints

import (
	"context"
	"strings"
	"testing"
)

func TestAMisspeltColumnOfTheManifestIsTold(t *testing.T) {
	const columns = "voornaam;familienaam;gemeente\nAnna;Verzonnen;Gent\nBart;Bedacht;Aalst\nCleo;Gefingeerd;Ieper\n"
	for name, c := range map[string]struct{ manifest, want string }{
		"fits":        {"tables:\n- {match: '*.csv', column: voornaam, categories: {gemeente: [contact]}}", ""},
		"no column":   {"tables:\n- {match: '*.csv', column: RRN}", `manifest: tables: a.csv has no column "RRN"; its columns are: voornaam, familienaam, gemeente`},
		"no category": {"tables:\n- {match: '*.csv', column: voornaam, categories: {Remarks: [health], '*': [identity]}}", `manifest: tables: a.csv has no column "Remarks"; its columns are: voornaam, familienaam, gemeente`},
		"no file":     {"files:\n- {match: 'brief.txt', subject: x}\n- {match: 'breif*.txt', subject: y}", `manifest: files: "breif*.txt" matches no file`},
		"no table":    {"tables:\n- {match: 'b.csv', column: RRN}", `manifest: tables: no table was found in what "b.csv" matches`},
	} {
		dir := t.TempDir()
		write(t, dir, map[string][]byte{"a.csv": []byte(columns), "brief.txt": []byte("Naam: Anna Verzonnen\nGeboortedatum: 01/02/1980\n\nGeachte mevrouw,\n")})
		added, err := libraryIn(t).AddLeak(context.Background(), newOpener(t), AddLeak{Slug: "x", Paths: []string{dir}, Manifest: strings.NewReader(c.manifest)})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := strings.Join(added.Notes, "\n"); got != c.want {
			t.Errorf("%s: notes %q, want %q", name, got, c.want)
		}
	}
}

func TestARecordsRuleThatContradictsItselfIsRefused(t *testing.T) {
	for rule, want := range map[string]string{
		"a.csv:subject=a,subject=b": `a row has one subject, and both "a" and "b" are named`,
		"a.csv:email=a,phone=a":     `column "a" is both email and phone`,
	} {
		if _, err := parseRecordRule(rule); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", rule, err, want)
		}
	}
	for _, rule := range []string{"a.csv:subject=a,email=a", "a.csv:key=a,key=b", "a.csv:subject=a,header=no"} {
		if _, err := parseRecordRule(rule); err != nil {
			t.Errorf("%s: %v", rule, err)
		}
	}
}
