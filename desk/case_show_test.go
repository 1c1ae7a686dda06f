package desk

import (
	"net/http"
	"testing"

	"unmirror/fingerprints/match"
	"unmirror/internal/account"
)

func TestRowsOfATableAreExplainedByTheirNumbersAndKindsOfCells(t *testing.T) {
	w := newWorld(t)
	id := w.observe("https://paste.small.example/raw/rows", match.Match{
		Grade: match.Records, FileID: "f_0123456789ab", Bits: 310, Coverage: 0.3, Subjects: 12, Rows: []int{3, 4, 5, 9}, RowsFound: 12,
		Cells: []string{"name", "birth date", "telephone"}, Categories: []string{"identity", "health"},
	})
	b := w.as(account.Counsel)
	b.get("/cases/"+id).wants(t, http.StatusOK, "Rows of the known table", "3–5, 9", "12 in all", "Recognised by", "birth date", "telephone")
	b.get("/cases/"+id+"?lang=nl").wants(t, http.StatusOK, "Herkend aan", "geboortedatum")
}
