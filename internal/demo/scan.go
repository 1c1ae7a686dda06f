package demo

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/f64"
	"golang.org/x/image/math/fixed"

	"unmirror/internal/demo/people"
)

// A sheet of A4 at 120 dots an inch.
const scanW, scanH = 1000, 1414

// sheet is a page that is drawn.
type sheet struct {
	*image.Gray
	font *opentype.Font
}

// scan draws the form that a person filled in, or nobody, as a scanner sees it.
func scan(p *people.Person) ([]byte, error) {
	f, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return nil, fmt.Errorf("draw form: %w", err)
	}
	s := &sheet{image.NewGray(image.Rect(0, 0, scanW, scanH)), f}
	draw.Draw(s.Gray, s.Bounds(), image.White, image.Point{}, draw.Src)
	if err := s.form(p); err != nil {
		return nil, fmt.Errorf("draw form: %w", err)
	}
	return jpegOf(s.Gray, 85)
}

func jpegOf(m image.Image, quality int) ([]byte, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("write scan: %w", err)
	}
	return b.Bytes(), nil
}

func (s *sheet) form(p *people.Person) error {
	labels := []string{"Naam", "Geboren", "Rijksregisternummer", "Adres", "Telefoon", "E-mail", "Functie", "Werkgever"}
	values := make([]string, len(labels))
	var remarks string
	if p != nil {
		values = []string{p.Name(), p.Born.Format("02/01/2006"), p.National, p.Street + ", " + p.Town, p.Phone, p.Email, p.Job, p.Employer}
		remarks = p.Health[0] + "\n" + p.Family2 + "\n" + p.Conduct
	}
	if err := s.write(22, 70, 90, Company); err != nil {
		return err
	}
	if err := s.write(30, 70, 150, "Intakefiche gezondheidstoezicht"); err != nil {
		return err
	}
	y := 230
	for i, label := range labels {
		s.box(70, y-36, scanW-140, 52)
		if err := s.write(17, 84, y, label); err != nil {
			return err
		}
		if err := s.write(22, 320, y, values[i]); err != nil {
			return err
		}
		y += 62
	}
	if err := s.write(17, 70, y+20, "Bevindingen van de arts"); err != nil {
		return err
	}
	s.box(70, y+36, scanW-140, 480)
	lines := wrap(remarks, 72)
	for i, line := range lines[:min(len(lines), 12)] { // as many as the box holds
		if err := s.write(21, 90, y+78+36*i, line); err != nil {
			return err
		}
	}
	return s.write(15, 70, scanH-70, "Vertrouwelijk. Wordt bewaard in het gezondheidsdossier zolang de wet dat oplegt.")
}

func (s *sheet) write(size float64, x, y int, text string) error {
	face, err := opentype.NewFace(s.font, &opentype.FaceOptions{Size: size, DPI: 72})
	if err != nil {
		return err
	}
	d := font.Drawer{Dst: s.Gray, Src: image.Black, Face: face, Dot: fixed.P(x, y)}
	d.DrawString(text)
	return nil
}

func (s *sheet) box(x, y, w, h int) {
	for i := range w {
		s.SetGray(x+i, y, color.Gray{})
		s.SetGray(x+i, y+h, color.Gray{})
	}
	for i := range h {
		s.SetGray(x, y+i, color.Gray{})
		s.SetGray(x+w, y+i, color.Gray{})
	}
}

// rescanned is a scan that was printed and laid on another scanner: smaller, askew, on greyish paper, with specks.
func rescanned(r *rand.Rand, body []byte) ([]byte, error) {
	m, err := jpeg.Decode(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("scan again: %w", err)
	}
	const share, turn = 0.86, 1.8 * math.Pi / 180
	out := image.NewGray(image.Rect(0, 0, 900, 1260))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.Gray{Y: 240}), image.Point{}, draw.Src)
	sin, cos := share*math.Sin(turn), share*math.Cos(turn)
	draw.ApproxBiLinear.Transform(out, f64.Aff3{cos, -sin, 44, sin, cos, 4}, m, m.Bounds(), draw.Src, nil)
	for i, v := range out.Pix {
		if v = byte(20 + int(v)*215/255 + r.IntN(11)); r.IntN(4000) == 0 {
			v = 90
		}
		out.Pix[i] = v
	}
	return jpegOf(out, 60)
}
