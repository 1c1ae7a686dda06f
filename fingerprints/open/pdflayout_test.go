package open

import (
	"fmt"
	"strings"
	"testing"

	"unmirror/internal/testneeds"
)

// sheetPDF writes a PDF as office programs print a sheet: column by column, that many columns on a page.
func sheetPDF(columns [][]string, wide int) []byte {
	var pages []string
	for ; len(columns) > 0; columns = columns[min(wide, len(columns)):] {
		var b strings.Builder
		b.WriteString("BT /F1 9 Tf\n")
		for i, c := range columns[:min(wide, len(columns))] {
			for row, cell := range c {
				if cell != "" {
					fmt.Fprintf(&b, "1 0 0 1 %d %d Tm (%s) Tj\n", 40+130*i, 800-12*row, inPDF.Replace(cell))
				}
			}
		}
		pages = append(pages, b.String()+"ET")
	}
	return pdfDrawing(pages...)
}

// fewTenants are more people than fit side by side, with gaps in a column and another that wraps nowhere.
func fewTenants() [][]string {
	columns := [][]string{{"Huurder"}, {"Geboren"}, {"Nota"}, {"Gsm"}, {"Wijk"}}
	for i := range 9 {
		note := []string{"", "sleutel bij de buren", ""}[i%3]
		for c, cell := range []string{fmt.Sprintf("%c. Falmans%d", 'A'+i, i), fmt.Sprintf("%02d/10/19%d", 10+i, 60+i), note, fmt.Sprintf("0477/09.17.%d", 20+i), "Noord"} {
			columns[c] = append(columns[c], cell)
		}
	}
	return columns
}

func TestASheetPrintedAsAPDFIsReadAsItLiesOnThePage(t *testing.T) {
	testneeds.Program(t, "pdftotext", "poppler-utils")
	o := newOpener(t, Limits{}, 1)
	h := mustOpen(t, o, "a.pdf", sheetPDF(fewTenants(), 4))
	text := h.textOf(h.at(t, "a.pdf!/"+Drawn).Index)
	for _, line := range strings.Split(text, "\n") {
		if strings.Contains(line, "D. Falmans3") && strings.Contains(line, "13/10/1963") && strings.Contains(line, "0477/09.17.23") {
			return
		}
	}
	t.Errorf("no line tells of one person: %q", text)
}

func TestALetterPrintedAsAPDFIsReadOnce(t *testing.T) {
	testneeds.Program(t, "pdftotext", "poppler-utils")
	letter := "Geachte heer Falmans,\n\nGeboren op:\n19/10/1966\nOns bezoek van 4 november:\n04/11/2023\n11/05/2023\nBel ons op\n0477/09.17.24\nof 0489/63.37.61 na vijf uur."
	h := mustOpen(t, newOpener(t, Limits{}, 1), "a.pdf", pdfOf(letter, letter))
	for _, p := range h.parts {
		if strings.HasSuffix(p.Path, Drawn) {
			t.Errorf("%+v", p)
		}
	}
}

func FuzzLineForms(f *testing.F) {
	f.Add("19/10/1966\n\n04/11/1992\n11/05/1958\n07/03/1971\n", 3)
	f.Add("a\n0477/09.17.24\n0489/63.37.61\n"+strings.Repeat("x", 300)+"\n0490/78.83.22\n0484/41.98.88", 7)
	f.Fuzz(func(t *testing.T, s string, n int) {
		var whole, pieces lineForms
		whole.see([]byte(s))
		n = 1 + (n&0xff)%40
		for b := []byte(s); len(b) > 0; b = b[min(n, len(b)):] {
			pieces.see(b[:min(n, len(b))])
		}
		if whole.found != pieces.found {
			t.Errorf("%t at once, %t in pieces of %d", whole.found, pieces.found, n)
		}
	})
}
