package page

import (
	"math/rand/v2"
	"testing"
)

// The pages are of 1,000 x 1,414 pixels: a dense report, the costliest. Run
//
//	go test ./fingerprints/page -run xxx -bench .

func BenchmarkPrint(b *testing.B) {
	p, r := New([]byte("a key")), raster(report(1, 1))
	for b.Loop() {
		p.Print(r)
	}
}

// BenchmarkLook is what every item's page costs before anything is compared.
func BenchmarkLook(b *testing.B) {
	p, r := New([]byte("a key")), raster(report(1, 1))
	for b.Loop() {
		p.Look(r).Probes()
	}
}

// BenchmarkCompare is one candidate: a scan of the known page, another person's page of the same form, and another page.
func BenchmarkCompare(b *testing.B) {
	p := New([]byte("a key"))
	scan := rescanned(report(1, 1), rand.New(rand.NewPCG(1, 1)), 1, 8)
	for _, c := range []struct {
		name        string
		known, item Raster
	}{
		{"copy", raster(report(1, 1)), raster(scan)},
		{"form", raster(form(1, 1)), raster(form(1, 2))},
		{"photo", raster(xray(1)), raster(rescanned(xray(1), rand.New(rand.NewPCG(1, 1)), 1, 8))},
		{"photo of another", raster(xray(1)), raster(xray(2))},
		{"unrelated", raster(report(1, 1)), raster(report(2, 2))},
	} {
		known, _ := p.Print(c.known)
		l := p.Look(c.item)
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := l.Compare(known.Body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
