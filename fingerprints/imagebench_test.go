package fingerprints

import (
	"context"
	"fmt"
	"image"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"golang.org/x/image/draw"

	"unmirror/fingerprints/match"
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

// benchPicture is a picture of 1,000 x 1,414 pixels, as all of its kind on the whole and somebody's own in its parts: an X-ray, with
// the name in light type, or a portrait.
func benchPicture(b *testing.B, p *person, seed uint64, xray bool) []byte {
	b.Helper()
	r := rand.New(rand.NewPCG(seed, 5))
	img := image.NewGray(image.Rect(0, 0, 1000, 1414))
	ground, parts := 12.0, [][5]float64{{500, 750, 420, 560, 80}, {500, 750, 60, 600, 170}}
	if xray {
		for i := range 20 {
			side := float64(i%2*2 - 1)
			parts = append(parts, [5]float64{500 + side*(210+20*r.NormFloat64()), 380 + 36*float64(i) + 12*r.NormFloat64(), 150 + 9*r.NormFloat64(), 11, 120})
		}
	} else {
		ground, parts = 215, [][5]float64{{500, 1400, 480, 420, 75}, {500, 560, 250, 330, 55}, {500, 620, 215, 290, 150}}
		for i := range 40 {
			parts = append(parts, [5]float64{340 + 320*r.Float64(), 420 + 420*r.Float64(), 10 + 50*r.Float64(), 8 + 22*r.Float64(), 60 + 150*float64(i%2)})
		}
	}
	for i := range img.Pix {
		v, x, y := ground, float64(i%1000), float64(i/1000)
		for _, e := range parts {
			dx, dy := (x-e[0])/e[2], (y-e[1])/e[3]
			v += (e[4] - v) * min(max((1-dx*dx-dy*dy)*4, 0), 1)
		}
		img.Pix[i] = byte(min(max(v+4*r.NormFloat64(), 0), 255))
	}
	if xray {
		label, write := blankSheet(b, 400, 80)
		write(24, 10, 30, p.family+" "+p.given)
		write(24, 10, 64, p.born)
		for i, v := range label.Pix {
			at := (i/400+20)*1000 + i%400 + 20
			img.Pix[at] = max(img.Pix[at], 240-v)
		}
	}
	return jpegOf(b, img, 85)
}

// BenchmarkPages is what a scanned page of 1,000 x 1,414 pixels costs, decoding included: registered, and matched where
// it is known, where it is another person's page of a known form, X-ray or portrait, and where it is unlike all known ones.
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
	pictures := map[string][]byte{}
	for i := range 8 {
		pictures[fmt.Sprintf("x%d.jpg", i)] = benchPicture(b, &people[i], uint64(i), true)
		pictures[fmt.Sprintf("p%d.jpg", i)] = benchPicture(b, &people[i], uint64(i), false)
	}
	if _, err := w.library.AddLeak(context.Background(), w.opener, AddLeak{Slug: "pictures", Paths: []string{writeFiles(b, pictures)}}); err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name string
		item []byte
		want match.Verdict
	}{
		{"known", files["3.jpg"], match.Matched},
		{"of another", benchScan(b, &people[50]), match.None},
		{"known X-ray", pictures["x3.jpg"], match.Matched},
		{"X-ray of another", benchPicture(b, &people[50], 50, true), match.None},
		{"known portrait", pictures["p3.jpg"], match.Matched},
		{"portrait of another", benchPicture(b, &people[50], 50, false), match.None},
		{"unlike", jpegOf(b, noise, 70), match.None},
	} {
		item := append(c.item, 0) // not the same bytes
		b.Run(c.name, func(b *testing.B) {
			if rep := w.match(b, "x.jpg", item); rep.Verdict != c.want {
				b.Fatalf("%s instead of %s", rep.Verdict, c.want)
			}
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
