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
