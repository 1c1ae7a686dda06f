package desk

import (
	"net/http"
	"testing"

	"unmirror/internal/account"
)

func TestRowsOfATableAreExplainedByTheirNumbersAndKindsOfCells(t *testing.T) {
	w := newWorld(t)
	id := w.observe("https://paste.small.example/raw/rows", rows())
	b := w.as(account.Counsel)
	b.get("/cases/"+id).wants(t, http.StatusOK, "Rows of the known table", "3–5, 9", "12 in all", "Recognised by", "birth date", "telephone")
	b.get("/cases/"+id+"?lang=nl").wants(t, http.StatusOK, "Herkend aan", "geboortedatum")
}
