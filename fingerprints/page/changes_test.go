package page

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"
	"math/rand/v2"

	ximage "golang.org/x/image/draw"
	"golang.org/x/image/font/opentype"
)

// change is something that is done to a page before it is put online again.
type change struct {
	name  string
	floor float64 // the share that must be found
	do    func(g *image.Gray, r *rand.Rand) *image.Gray
}

var changes = []change{
	{"itself", 1, func(g *image.Gray, _ *rand.Rand) *image.Gray { return g }},
	{"jpeg 30", 1, func(g *image.Gray, _ *rand.Rand) *image.Gray { return jpegged(g, 30) }},
	{"tint", 1, func(g *image.Gray, r *rand.Rand) *image.Gray {
		a, b := 0.6+0.3*r.Float64(), 40*r.Float64()
		return tone(g, func(v float64) float64 { return v*a + b*(1-v/255) })
	}},
	{"turn 90", 1, func(g *image.Gray, _ *rand.Rand) *image.Gray { return turn(g) }},
	{"turn 180", 1, func(g *image.Gray, _ *rand.Rand) *image.Gray { return turn(turn(g)) }},
	{"turn 270", 1, func(g *image.Gray, _ *rand.Rand) *image.Gray { return turn(turn(turn(g))) }},
	{"half size", .95, func(g *image.Gray, _ *rand.Rand) *image.Gray { return resized(g, 0.5) }},
	{"quarter size", .95, func(g *image.Gray, _ *rand.Rand) *image.Gray { return resized(g, 0.25) }},
	{"quarter jpeg", .9, func(g *image.Gray, _ *rand.Rand) *image.Gray { return jpegged(resized(g, 0.25), 70) }},
	{"crop 5", .95, func(g *image.Gray, r *rand.Rand) *image.Gray { return cropped(g, .05, .05, .05, .05) }},
	{"crop 10", .95, func(g *image.Gray, r *rand.Rand) *image.Gray { return cropped(g, .10, .10, .10, .10) }},
	{"crop 10 resized", .95, func(g *image.Gray, r *rand.Rand) *image.Gray {
		return scaledTo(cropped(g, .1*r.Float64(), .1, .1, .1*r.Float64()), g.Bounds().Dx(), g.Bounds().Dy())
	}},
	{"rotate 1", .95, func(g *image.Gray, _ *rand.Rand) *image.Gray { return rotated(g, 1, 255) }},
	{"rotate -2", .95, func(g *image.Gray, _ *rand.Rand) *image.Gray { return rotated(g, -2, 255) }},
	{"rotate 5 black", .95, func(g *image.Gray, _ *rand.Rand) *image.Gray { return rotated(g, 5, 0) }},
	{"rotate -5", .95, func(g *image.Gray, _ *rand.Rand) *image.Gray { return rotated(g, -5, 255) }},
	{"watermark light", .95, func(g *image.Gray, r *rand.Rand) *image.Gray { return watermark(g, r, .25) }},
	{"watermark strong", .95, func(g *image.Gray, r *rand.Rand) *image.Gray { return watermark(g, r, .5) }},
	{"border white", .95, func(g *image.Gray, r *rand.Rand) *image.Gray { return bordered(g, .08, 255) }},
	{"border black", .95, func(g *image.Gray, r *rand.Rand) *image.Gray { return bordered(g, .05, 0) }},
	{"rescan", .95, func(g *image.Gray, r *rand.Rand) *image.Gray { return rescanned(g, r, 1, 8) }},
	{"rescan hard", .9, func(g *image.Gray, r *rand.Rand) *image.Gray { return rescanned(g, r, 1.6, 16) }},
	{"perspective", .95, func(g *image.Gray, r *rand.Rand) *image.Gray { return perspective(g, r, .04) }},
	{"perspective 7", .9, func(g *image.Gray, r *rand.Rand) *image.Gray { return perspective(g, r, .07) }},
	{"salt and pepper", .95, func(g *image.Gray, r *rand.Rand) *image.Gray {
		out := jpegged(g, 80)
		for range len(out.Pix) / 400 {
			out.Pix[r.IntN(len(out.Pix))] = uint8(255 * r.IntN(2))
		}
		return jpegged(out, 60)
	}},
	{"shadow", .95, func(g *image.Gray, r *rand.Rand) *image.Gray {
		out := image.NewGray(g.Bounds())
		angle := r.Float64() * math.Pi
		sin, cos := math.Sincos(angle)
		for i := range out.Pix {
			x, y := float64(i%out.Stride)/float64(out.Stride)-0.5, float64(i/out.Stride)/float64(g.Bounds().Dy())-0.5
			out.Pix[i] = uint8(float64(g.Pix[i]) * (0.7 + 0.35*(x*cos+y*sin)))
		}
		return jpegged(out, 75)
	}},
	{"tiled watermark", .95, tiled},
	{"border wide", .95, func(g *image.Gray, r *rand.Rand) *image.Gray { return bordered(g, .15, uint8(60+r.IntN(150))) }},
	{"upper half", .8, func(g *image.Gray, _ *rand.Rand) *image.Gray { return cropped(g, 0, 0, 0, .5) }},
	{"lower half", .8, func(g *image.Gray, _ *rand.Rand) *image.Gray { return cropped(g, 0, .5, 0, 0) }},
	{"left half", .8, func(g *image.Gray, _ *rand.Rand) *image.Gray { return cropped(g, 0, 0, .5, 0) }},
}

func jpegged(g *image.Gray, quality int) *image.Gray {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, g, &jpeg.Options{Quality: quality}); err != nil {
		panic(err)
	}
	img, err := jpeg.Decode(&b)
	if err != nil {
		panic(err)
	}
	return img.(*image.Gray)
}

func tone(g *image.Gray, f func(v float64) float64) *image.Gray {
	out := image.NewGray(g.Bounds())
	for i, v := range g.Pix {
		out.Pix[i] = uint8(min(max(f(float64(v))+0.5, 0), 255))
	}
	return out
}

func turn(g *image.Gray) *image.Gray {
	w, h := g.Bounds().Dx(), g.Bounds().Dy()
	out := image.NewGray(image.Rect(0, 0, h, w))
	for y := range h {
		for x := range w {
			out.Pix[x*out.Stride+h-1-y] = g.Pix[y*g.Stride+x]
		}
	}
	return out
}

func scaledTo(g *image.Gray, w, h int) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, w, h))
	ximage.CatmullRom.Scale(out, out.Bounds(), g, g.Bounds(), ximage.Src, nil)
	return out
}

func resized(g *image.Gray, by float64) *image.Gray {
	return scaledTo(g, int(float64(g.Bounds().Dx())*by), int(float64(g.Bounds().Dy())*by))
}

func cropped(g *image.Gray, left, top, right, bottom float64) *image.Gray {
	w, h := float64(g.Bounds().Dx()), float64(g.Bounds().Dy())
	from := image.Rect(int(w*left), int(h*top), int(w*(1-right)), int(h*(1-bottom)))
	out := image.NewGray(image.Rect(0, 0, from.Dx(), from.Dy()))
	draw.Draw(out, out.Bounds(), g, from.Min, draw.Src)
	return out
}

// warped takes each pixel from where back says it was.
func warped(g *image.Gray, w, h int, fill float64, back func(x, y float64) (float64, float64)) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, w, h))
	get := func(x, y int) float64 {
		if x < 0 || y < 0 || x >= g.Bounds().Dx() || y >= g.Bounds().Dy() {
			return fill
		}
		return float64(g.Pix[y*g.Stride+x])
	}
	for y := range h {
		for x := range w {
			u, v := back(float64(x), float64(y))
			i, j := math.Floor(u), math.Floor(v)
			fu, fv := u-i, v-j
			top := get(int(i), int(j))*(1-fu) + get(int(i)+1, int(j))*fu
			bottom := get(int(i), int(j)+1)*(1-fu) + get(int(i)+1, int(j)+1)*fu
			out.Pix[y*out.Stride+x] = uint8(top*(1-fv) + bottom*fv + 0.5)
		}
	}
	return out
}

func rotated(g *image.Gray, degrees, fill float64) *image.Gray {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	w, h := float64(g.Bounds().Dx()), float64(g.Bounds().Dy())
	W, H := w*cos+h*math.Abs(sin), h*cos+w*math.Abs(sin)
	return warped(g, int(W), int(H), fill, func(x, y float64) (float64, float64) {
		x, y = x-W/2, y-H/2
		return x*cos - y*sin + w/2, x*sin + y*cos + h/2
	})
}

func perspective(g *image.Gray, r *rand.Rand, by float64) *image.Gray {
	w, h := float64(g.Bounds().Dx()), float64(g.Bounds().Dy())
	jitter := func() float64 { return (2*r.Float64() - 1) * by }
	var all []correspondence
	for _, c := range [4][2]float64{{0, 0}, {1, 0}, {0, 1}, {1, 1}} {
		all = append(all, correspondence{c[0] * w, c[1] * h, (c[0] + jitter()) * w, (c[1] + jitter()) * h, 1})
	}
	t, _ := fit(all, true)
	return warped(g, int(w), int(h), 128, func(x, y float64) (float64, float64) { return t.apply(x, y) })
}

func bordered(g *image.Gray, by float64, fill uint8) *image.Gray {
	w, h := g.Bounds().Dx(), g.Bounds().Dy()
	m := int(float64(w) * by)
	out := image.NewGray(image.Rect(0, 0, w+2*m, h+2*m))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.Gray{fill}), image.Point{}, draw.Src)
	draw.Draw(out, image.Rect(m, m, m+w, m+h), g, image.Point{}, draw.Src)
	return out
}

func watermark(g *image.Gray, r *rand.Rand, alpha float64) *image.Gray {
	fonts := testFonts()
	p := &pen{img: image.NewGray(image.Rect(0, 0, sheetW, 300)), face: newPen(0).face, font: fonts[[]int{0, 4}[r.IntN(2)]], tone: 255}
	size := 110 + r.IntN(80)
	face, _ := opentype.NewFace(p.font, &opentype.FaceOptions{Size: float64(size), DPI: 72})
	p.face[size] = face
	p.text(20, 220, size, []string{"KOPIE", "CONFIDENTIAL", "COPY 2024", "leaksite.example"}[r.IntN(4)])
	out := image.NewGray(g.Bounds())
	sin, cos := math.Sincos((25 + 30*r.Float64()) * math.Pi / 180)
	w, h := float64(g.Bounds().Dx()), float64(g.Bounds().Dy())
	for i, v := range g.Pix {
		x, y := float64(i%g.Stride)-w/2, float64(i/g.Stride)-h/2
		u, t := int(x*cos-y*sin+500), int(x*sin+y*cos+150)
		a := 0.0
		if image.Pt(u, t).In(p.img.Bounds()) {
			a = float64(p.img.GrayAt(u, t).Y) / 255 * alpha
		}
		out.Pix[i] = uint8(float64(v)*(1-a) + 90*a)
	}
	return out
}

// tiled writes small words all over the page, as download sites do.
func tiled(g *image.Gray, r *rand.Rand) *image.Gray {
	p := &pen{img: image.NewGray(g.Bounds()), face: newPen(0).face, font: testFonts()[0], tone: 255}
	size := 24 + r.IntN(30)
	for y := 60; y < g.Bounds().Dy(); y += size * 4 {
		for x := 10 + (y/size%3)*50; x < g.Bounds().Dx(); x += size * 9 {
			p.text(x, y, size, "leaksite")
		}
	}
	out := image.NewGray(g.Bounds())
	for i, v := range g.Pix {
		a := float64(p.img.Pix[i]) / 255 * 0.35
		out.Pix[i] = uint8(float64(v)*(1-a) + 120*a)
	}
	return out
}

func rescanned(g *image.Gray, r *rand.Rand, blur, noise float64) *image.Gray {
	g = rotated(g, (r.Float64()-0.5)*2.4, 235)
	pl := newPlane(g.Bounds().Dx(), g.Bounds().Dy())
	for i, v := range g.Pix {
		pl.p[i] = float32(v)
	}
	pl = convolve(pl, gaussian(blur))
	out := image.NewGray(g.Bounds())
	a, b := 0.75+0.2*r.Float64(), 20+10*r.Float64()
	shade := (r.Float64() - 0.5) * 40 / float64(pl.w)
	for i, v := range pl.p {
		out.Pix[i] = uint8(min(max(float64(v)*a+b+r.NormFloat64()*noise+shade*float64(i%pl.w), 0), 255))
	}
	for range 150 {
		x, y, size := r.IntN(pl.w), r.IntN(pl.h), 1+r.IntN(4)
		draw.Draw(out, image.Rect(x, y, x+size, y+size), image.NewUniform(color.Gray{uint8(r.IntN(100))}), image.Point{}, draw.Src)
	}
	return jpegged(out, 60)
}
