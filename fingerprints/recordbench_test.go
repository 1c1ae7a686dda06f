package fingerprints

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// BenchmarkRegisterTable registers a table of 100,000 rows: rows a second, and bytes of index a row.
func BenchmarkRegisterTable(b *testing.B) {
	const rows = 100_000
	r := rand.New(rand.NewPCG(31, 32))
	var text strings.Builder
	text.WriteString("nr;voornaam;achternaam;geboortedatum;e-mail;telefoon;straat;postcode;gemeente\n")
	for i := range rows {
		given, family := pick(r, givenNames), pick(r, familyNames)
		fmt.Fprintf(&text, "P%06d;%s;%s;%02d/%02d/%d;%s.%s%d@voorbeeld.example;04%08d;%s %d;%d;%s\n", i, given, family, 1+r.IntN(28), 1+r.IntN(12), 1950+r.IntN(55),
			strings.ToLower(given), strings.ToLower(family), i, r.IntN(100_000_000), pick(r, streets), 1+r.IntN(200), 9000+r.IntN(900), pick(r, towns))
	}
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "t.csv"), []byte(text.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		l := libraryIn(b)
		added, err := l.AddLeak(context.Background(), newOpener(b), AddLeak{Slug: "t", Paths: []string{dir}})
		if err != nil || len(added.Tables) != 1 || added.Tables[0].Rows != rows {
			b.Fatalf("%+v, %v", added.Tables, err)
		}
		b.ReportMetric(float64(added.Records)/rows, "records/row")
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkRecordsOfText is what the search for cells and records costs in text of which a hundredth is known, apart from
// passages, in nanoseconds a byte: each slice's best round, since machines have other work.
func BenchmarkRecordsOfText(b *testing.B) {
	kinds := []string{"prose", "csv", "utf8"}
	l := benchLibrary(b, kinds)
	for _, way := range benchWays() {
		for _, kind := range kinds {
			text := hardlyKnown(kind)
			b.Run(way+kind, func(b *testing.B) {
				readsThat(b, way)
				snap := l.hold()
				defer snap.Release()
				b.SetBytes(int64(len(text)))
				best := bestTimes{}
				for b.Loop() {
					rec := newRecordHits(l.secrets, snap)
					at := 0
					for piece := range slices.Chunk(text, pieceBytes) {
						best.time(at, func() { rec.feed(piece) })
						at++
					}
					rec.scanner.Free()
				}
				b.ReportMetric(float64(best.sum().Nanoseconds())/float64(len(text)), "records-ns/B")
			})
		}
	}
}
