package fingerprints

import (
	"context"
	"fmt"
	"image"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"golang.org/x/image/draw"

	"unmirror/fingerprints/page"
)

// benchScan is a page of 1,000 x 1,414 pixels.
func benchScan(b *testing.B, p *person) []byte {
	b.Helper()
	of := form(b, p)
	out := image.NewGray(image.Rect(0, 0, 1000, 1414))
	draw.BiLinear.Scale(out, out.Bounds(), of, of.Bounds(), draw.Src, nil)
	return jpegOf(b, out, 80)
}

// BenchmarkPages is what a scanned page of 1,000 x 1,414 pixels costs, decoding included: registered, and matched where
// it is known, where it is another person's page of a known form, and where it is unlike all known ones.
// go test -run '^$' -bench Pages ./fingerprints
func BenchmarkPages(b *testing.B) {
	people := invent(rand.New(rand.NewPCG(5, 5)), 60)
	w := &world{opener: newOpener(b), library: openLibrary(b, filepath.Join(b.TempDir(), "data"))}
	w.matcher = NewMatcher(w.library, w.opener, 0)
	files := map[string][]byte{}
	for i := range 40 {
		files[fmt.Sprintf("%d.jpg", i)] = benchScan(b, &people[i])
	}
	dir := writeFiles(b, files)
	b.Run("register", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			l := openLibrary(b, filepath.Join(b.TempDir(), "data"))
			if _, err := l.AddLeak(context.Background(), w.opener, AddLeak{Slug: "scans", Paths: []string{dir}}); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N)/float64(len(files)), "ms/page")
	})
	if _, err := w.library.AddLeak(context.Background(), w.opener, AddLeak{Slug: "scans", Paths: []string{dir}}); err != nil {
		b.Fatal(err)
	}
	noise := image.NewGray(image.Rect(0, 0, 1000, 1414))
	for i, r := 0, rand.New(rand.NewPCG(1, 1)); i < len(noise.Pix); i++ {
		noise.Pix[i] = byte(128 + 60*r.NormFloat64())
	}
	for name, item := range map[string][]byte{"known": files["3.jpg"], "of another": benchScan(b, &people[50]), "unlike": jpegOf(b, noise, 70)} {
		item = append(item, 0) // not the same bytes
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				w.match(b, "x.jpg", item)
			}
			b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N), "ms/page")
		})
	}
	b.Run("look", func(b *testing.B) {
		for b.Loop() {
			w.library.secrets.pages.Look(page.Raster{W: 1000, H: 1414, Pix: noise.Pix})
		}
	})
}
