package fingerprints

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"unmirror/fingerprints/match"
	"unmirror/internal/testneeds"
)

// sheetPrinted draws a table as office programs print sheets: column by column.
func sheetPrinted(rows [][]string) []byte {
	var b strings.Builder
	b.WriteString("BT /F1 9 Tf\n")
	for c := range rows[0] {
		for i, row := range rows {
			if row[c] != "" {
				fmt.Fprintf(&b, "1 0 0 1 %d %d Tm (%s) Tj\n", 30+110*c, 810-11*i, row[c])
			}
		}
	}
	b.WriteString("ET")
	return fmt.Appendf(nil, "%%PDF-1.4\n1 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>\nendobj\n2 0 obj\n<</Length %d>>\nstream\n%s\nendstream\nendobj\n"+
		"3 0 obj\n<</Type/Page/Parent 4 0 R/Contents 2 0 R/MediaBox[0 0 842 842]/Resources<</Font<</F1 1 0 R>>>>>>\nendobj\n4 0 obj\n<</Type/Pages/Count 1/Kids[3 0 R]>>\nendobj\n"+
		"5 0 obj\n<</Type/Catalog/Pages 4 0 R>>\nendobj\ntrailer\n<</Size 6/Root 5 0 R>>\nstartxref\n0\n%%%%EOF\n", b.Len(), b.String())
}

func tenants(r *rand.Rand, n int) [][]string {
	rows := [][]string{{"Huurder", "Geboren", "Nota", "Gsm", "Straat"}}
	for i := range n {
		note := ""
		if r.IntN(3) == 0 {
			note = "sleutel bij de buren"
		}
		rows = append(rows, []string{
			fmt.Sprintf("%c%c Fal%cmans%c", 'A'+i%26, 'a'+r.IntN(26), 'a'+r.IntN(26), 'a'+r.IntN(26)), fmt.Sprintf("%02d/%02d/19%02d", 1+r.IntN(28), 1+r.IntN(12), 40+r.IntN(60)), note,
			fmt.Sprintf("0477/%02d.%02d.%02d", r.IntN(100), r.IntN(100), r.IntN(100)), fmt.Sprintf("Wilgendreef %d", 1+r.IntN(300)),
		})
	}
	return rows
}

func TestASheetPrintedAsAPDFIsFoundByItsRows(t *testing.T) {
	testneeds.Program(t, "pdftotext", "poppler-utils")
	r := rand.New(rand.NewPCG(3, 12))
	rows, others := tenants(r, 40), tenants(r, 40)
	var csv strings.Builder
	for _, row := range rows {
		csv.WriteString(strings.Join(row, ";") + "\n")
	}
	w := chunkWorld(t, map[string][]byte{"huurders.csv": []byte(csv.String())})
	rep := w.match(t, "a.pdf", sheetPrinted(rows))
	if rep.Verdict != match.Matched || len(rep.Best().Rows) != 40 {
		t.Errorf("%s: %+v", rep.Verdict, rep.Best())
	}
	if rep := w.match(t, "a.pdf", sheetPrinted(others)); rep.Verdict == match.Matched {
		t.Errorf("others: %+v", rep.Best())
	}
}

// TestWhatAPDFIsReadAsTwiceIsLearnedOnce: where its columns begin is not told for certain, and its heads are everybody's.
func TestWhatAPDFIsReadAsTwiceIsLearnedOnce(t *testing.T) {
	testneeds.Program(t, "pdftotext", "poppler-utils")
	r := rand.New(rand.NewPCG(4, 12))
	rows := tenants(r, 40)
	w := chunkWorld(t, map[string][]byte{"huurders.pdf": sheetPrinted(rows)})
	s := w.library.hold()
	defer s.Release()
	for _, seg := range s.Known {
		for i := range seg.Files() {
			if f, err := seg.File(i); err != nil || strings.HasSuffix(f.Name, "drawn") {
				t.Errorf("%+v, %v", f, err)
			}
		}
	}
	if rep := w.match(t, "a.pdf", sheetPrinted(rows)); rep.Verdict != match.Matched || rep.Best().KnownFile != "huurders.pdf" {
		t.Errorf("%s: %+v", rep.Verdict, rep.Best())
	}
	if rep := w.match(t, "a.txt", []byte(strings.Join(rows[0], " ")+"\n")); rep.Verdict == match.Matched {
		t.Errorf("its heads: %+v", rep.Best())
	}
}
