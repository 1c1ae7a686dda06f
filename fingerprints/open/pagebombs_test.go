package open

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"strings"
	"testing"
	"time"
)

// pngWith is a PNG with a header that declares what it likes.
func pngWith(w, h uint32, depth, colour, interlace byte, data []byte) []byte {
	be := binary.BigEndian
	chunkOf := func(kind string, body []byte) []byte {
		return append(append(be.AppendUint32(nil, uint32(len(body))), kind...), append(bytes.Clone(body), 0, 0, 0, 0)...)
	}
	ihdr := append(be.AppendUint32(be.AppendUint32(nil, w), h), depth, colour, 0, 0, interlace)
	b := append([]byte("\x89PNG\r\n\x1a\n"), chunkOf("IHDR", ihdr)...)
	return append(append(b, chunkOf("IDAT", data)...), chunkOf("IEND", nil)...)
}

// tiffWith is a TIFF of directories, each of fields {tag, kind, value}, that follow one another; loop leads from the last one to the first.
func tiffWith(loop bool, pages ...[][3]uint32) []byte {
	le := binary.LittleEndian
	b := []byte("II*\x00\x08\x00\x00\x00")
	for i, fields := range pages {
		b = le.AppendUint16(b, uint16(len(fields)))
		for _, f := range fields {
			b = le.AppendUint32(le.AppendUint32(le.AppendUint16(le.AppendUint16(b, uint16(f[0])), uint16(f[1])), 1), f[2])
		}
		next := uint32(len(b) + 4)
		if i == len(pages)-1 {
			if next = 0; loop {
				next = 8
			}
		}
		b = le.AppendUint32(b, next)
	}
	return b
}

func tiffPageOf(w, h, compression, at, size uint32) [][3]uint32 {
	return [][3]uint32{{tagWidth, 4, w}, {tagLength, 4, h}, {tagBits, 3, 1}, {tagCompression, 3, compression}, {tagPhotometric, 3, 0}, {tagStrips, 4, at}, {tagStripBytes, 4, size}}
}

// jpegSized changes the size that a JPEG declares.
func jpegSized(b []byte, w, h uint16) []byte {
	b = bytes.Clone(b)
	i := bytes.Index(b, []byte{0xff, 0xc0, 0, 11})
	if i < 0 {
		i = bytes.Index(b, []byte{0xff, 0xc0, 0, 17})
	}
	binary.BigEndian.PutUint16(b[i+5:], h)
	binary.BigEndian.PutUint16(b[i+7:], w)
	return b
}

func gifOf(t testing.TB, m image.Image, frames int) []byte {
	t.Helper()
	p := image.NewPaletted(m.Bounds(), color.Palette{color.Black, color.White})
	g := gif.GIF{}
	for range frames {
		g.Image, g.Delay = append(g.Image, p), append(g.Delay, 0)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestImagesThatDeclareTooMuchAreUnreadable also opens an honest one after each.
func TestImagesThatDeclareTooMuchAreUnreadable(t *testing.T) {
	m := drawnPage(240, 340)
	grey := jpegOf(t, m, 80)
	gifHead := []byte("GIF89a\xff\xff\xff\xff\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x02\x00;")
	bmpHead := make([]byte, 200)
	copy(bmpHead, "BM")
	for at, v := range map[int]uint32{10: 54, 14: 40, 18: 100_000, 22: 100_000, 26: 1 | 24<<16} {
		binary.LittleEndian.PutUint32(bmpHead[at:], v)
	}
	webpHead := append([]byte("RIFF\x20\x00\x00\x00WEBPVP8L\x14\x00\x00\x00\x2f\xff\xff\xff\x0f"), make([]byte, 15)...)
	o := newOpener(t, Limits{}, 1)
	honest := pngOf(t, m)
	for name, c := range map[string]struct {
		item []byte
		want string
	}{
		"png of 10^10 pixels":          {pngWith(100_000, 100_000, 8, 0, 0, deflated(make([]byte, 1000))), "memory"},
		"png of 2^31 columns":          {pngWith(1<<31-1, 1, 8, 6, 0, nil), "memory"},
		"interlaced png":               {pngWith(15_000, 15_000, 16, 6, 1, nil), "memory"},
		"jpeg of 2^32 pixels":          {jpegSized(grey, 65535, 65535), "memory"},
		"gif of 2^32 pixels":           {gifHead, "memory"},
		"bmp of 10^10 pixels":          {bmpHead, "memory"},
		"webp of 2^28 pixels":          {webpHead, "memory"},
		"jpeg 2000 of 10^10 pixels":    {jpxWith(100_000, 100_000, 0xff52), "memory"},
		"jpeg 2000 of 2^62 pixels":     {jpxWith(1<<31-1, 1<<31-1, 0xff52), "memory"},
		"tiff of 10^10 pixels":         {tiffWith(false, tiffPageOf(100_000, 100_000, 4, 8, 100)), "memory"},
		"pdf with one of 10^10 pixels": {pdfScan([]scanned{{dict: "/Width 100000/Height 100000/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode", data: deflated(make([]byte, 1000))}}), "part memory"},
	} {
		v, err := view(t, o, "a", c.item)
		if err != nil {
			t.Errorf("%s: the item ends with %v", name, err)
			continue
		}
		at := 0
		want, inPart := strings.CutPrefix(c.want, "part ")
		if inPart {
			at = v.at(t, "a!/page 1 image 1").Index
		}
		if limitOf(v.ends[at]) != want || len(v.pages) > 0 {
			t.Errorf("%s: %s", name, v)
		}
		if v := mustView(t, o, "b", honest); len(v.pages) != 1 {
			t.Fatalf("after %s: %s", name, v)
		}
	}
}

func TestACutImageYieldsWhatIsThere(t *testing.T) {
	m := drawnPage(240, 340)
	o := newOpener(t, Limits{}, 1)
	for name, item := range map[string][]byte{"png": pngOf(t, m), "jpeg": jpegOf(t, m, 80), "colour jpeg": jpegOf(t, tinted(m), 80)} {
		cut := item[:len(item)*3/4]
		v := mustView(t, o, "a", cut)
		if len(v.pages) != 1 || !errors.Is(v.ends[0], ErrTruncated) {
			t.Errorf("%s: %s", name, v)
			continue
		}
		r := v.pages[0].Raster
		if r.H < 150 || r.H > 330 {
			t.Errorf("%s: %d rows of 340", name, r.H)
		}
		r.H -= 32 // the last row of blocks may be a guess
		r.Pix = r.Pix[:r.W*r.H]
		if d := unlike(t, r, m.SubImage(image.Rect(0, 0, r.W, r.H)).(*image.Gray)); d > 2 {
			t.Errorf("%s differs by %.2f", name, d)
		}
		if v := mustView(t, o, "a", item[:40]); len(v.pages) > 0 || v.ends[0] == nil {
			t.Errorf("%s without an image: %s", name, v)
		}
	}
}

func TestEndlessImagesEnd(t *testing.T) {
	m := drawnPage(240, 340)
	var loop, many [][][3]uint32
	for range 3 {
		loop = append(loop, tiffPageOf(240, 340, 1, 8, 100_000))
	}
	for range 300 {
		many = append(many, tiffPageOf(200, 200, 1, 8, 5_000))
	}
	scans := jpegOf(t, m, 80)
	sos := bytes.Index(scans, []byte{0xff, 0xda})
	progressive := bytes.Clone(scans[:sos])
	progressive[bytes.Index(progressive, []byte{0xff, 0xc0})+1] = 0xc2
	progressive = append(progressive, bytes.Repeat([]byte("\xff\xda\x00\x08\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00"), 2_000)...)
	huge := pngOf(t, m)
	huge = append(append(bytes.Clone(huge[:33]), "\xff\xff\xff\xfftEXt"...), huge[33:]...)
	frames := gifOf(t, m, 2)
	frames = append(frames[:len(frames)-1], bytes.Repeat(frames[len(frames)/2:len(frames)-1], 2_000)...)
	o := newOpener(t, Limits{Pages: 200}, 1)
	for name, c := range map[string]struct {
		item  []byte
		pages int
		want  error
	}{
		"tiff in a circle":      {append(tiffWith(true, loop...), make([]byte, 20_000)...), 3, ErrDamaged},
		"tiff of 300 pages":     {tiffWith(false, many...), 200, &LimitError{Limit: "pages"}},
		"jpeg of 2,000 scans":   {progressive, -1, &LimitError{Limit: "pages"}},
		"png with a huge chunk": {huge, 0, ErrTruncated},
		"gif of many frames":    {frames, 1, nil},
	} {
		start := time.Now()
		v, err := view(t, o, "a", c.item)
		if err != nil || c.pages >= 0 && len(v.pages) != c.pages {
			t.Errorf("%s: %d pages, %v after %s", name, len(v.pages), err, time.Since(start))
		}
		if got := v.ends[0]; codeOf(got) != codeOf(c.want) {
			t.Errorf("%s ends with %v", name, got)
		}
	}
}

func TestAnImageTakesNoMoreThanItsChildMay(t *testing.T) {
	if raced {
		t.Skip("the race detector takes more memory than any limit")
	}
	// A progressive image holds two bytes a pixel: 60 million of them are too many for 64 MiB, and few for 512.
	m := jpegOf(t, drawnPage(240, 340), 80)
	big := jpegSized(m, 10_000, 6_000)
	big[bytes.Index(big, []byte{0xff, 0xc0})+1] = 0xc2
	v := mustView(t, newOpener(t, Limits{Memory: 64 << 20}, 1), "a", big)
	if limitOf(v.ends[0]) != "memory" {
		t.Errorf("%s", v)
	}
	// A sheet of A4 at 600 dots an inch, as rows, takes none to speak of.
	data := append([]byte("\x78\x9c"), repeated(t, make([]byte, 16*(4960*3+1)), 7016/16+1)...)
	sheet := pngWith(4960, 7016, 8, 2, 0, append(data, 0, 0, 0, 0))
	v = mustView(t, newOpener(t, Limits{Memory: 64 << 20}, 1), "a", sheet)
	if len(v.pages) != 1 || v.pages[0].Raster.H != 1754 || v.ends[0] != nil {
		t.Errorf("%s", v)
	}
}

func TestAPdfThatWindsIsGoneThroughOnce(t *testing.T) {
	m := drawnPage(240, 340)
	im := scanned{dict: sized(m) + "/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode", data: deflated(m.Pix)}
	circle := pdfScan([]scanned{im})
	// The tree of pages leads to itself, and a form draws itself.
	circle = bytes.Replace(circle, []byte("/Kids[3 0 R]"), []byte("/Kids[4 0 R 3 0 R 4 0 R 3 0 R]"), 1)
	form := append([]byte(nil), "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Kids[3 0 R]/Count 1>>endobj 3 0 obj<</Type/Page/Contents 4 0 R/Resources<</XObject<</F 4 0 R>>>>>>endobj 4 0 obj<</Subtype/Form/Length 60>>stream\n"...)
	form = append(form, strings.Repeat("/F Do ", 10)...)
	form = append(form, "\nendstream endobj trailer<</Root 1 0 R>>"...)
	deep := []byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages " + strings.Repeat("[", 100_000) + ">>endobj trailer<</Root 1 0 R>>")
	for name, c := range map[string]struct {
		item  []byte
		pages int
	}{
		"a tree in a circle":                  {circle, 1},
		"a form that draws itself":            {form, 0},
		"arrays without end":                  {deep, 0},
		"an image without its pages":          {bytes.ReplaceAll(pdfScan([]scanned{im}), []byte("/Catalog"), []byte("/Katalog")), 1},
		"an image that is drawn often":        {bytes.Replace(pdfScan([]scanned{im}), []byte("/Im0 Do"), []byte(strings.Repeat("/Im0 Do ", 3000)), 1), 1},
		"references that lead to themselves":  {[]byte("%PDF-1.4\n1 0 obj 1 0 R endobj 2 0 obj<</Pages 1 0 R/Type/Catalog>>endobj trailer<</Root 2 0 R>>"), 0},
		"a length that is a lie":              {bytes.Replace(pdfScan([]scanned{im}), fmt.Appendf(nil, "/Length %d", len(im.data)), []byte("/Length 99999999"), 1), 1},
		"the first half, of which all is cut": {pdfScan([]scanned{im}, []scanned{im})[:len(im.data)+300], 1},
	} {
		start := time.Now()
		it := drawingItem(c.item)
		if err := it.pdfPages(node{path: "x"}, memory(c.item)); err != nil || it.draw.drawn != c.pages {
			t.Errorf("%s: %v, %d pages of %d after %s", name, err, it.draw.drawn, c.pages, time.Since(start))
		}
	}
}

// TestImagesThatContradictThemselvesAreRefused runs without the net that a child's recover is.
func TestImagesThatContradictThemselvesAreRefused(t *testing.T) {
	twice := pngWith(240, 340, 8, 0, 0, deflated(make([]byte, 241*340)))
	key := []byte("\x00\x00\x00\x02tRNS\x00\x00....")
	at := bytes.Index(twice, []byte("IDAT")) - 4
	twice = bytes.Join([][]byte{twice[:at], key, key, twice[at:]}, nil)
	nothing := tiffPageOf(240, 340, 1, 8, 100)
	nothing[2][2] = 0 // bits of a sample
	data := deflated(make([]byte, 240*340))
	deep := func(space string) []byte {
		return pdfScan([]scanned{{dict: "/Width 240/Height 340/BitsPerComponent -5/Decode[1 0]/Filter/FlateDecode/ColorSpace" + space, data: data}})
	}
	for name, c := range map[string]struct {
		kind  kind
		item  []byte
		pages int
	}{
		"a PNG with two colours that are not there": {kindPNG, twice, 1},
		"a TIFF of samples without bits":            {kindTIFF, tiffWith(false, nothing), 0},
		"a PDF of samples of fewer bits than none":  {kindPDF, deep("/DeviceGray"), 0},
		"the same with a palette":                   {kindPDF, deep("[/Indexed/DeviceGray 255 <00>]"), 0},
	} {
		it := drawingItem(c.item)
		var err error
		if n := (node{path: "x"}); c.kind == kindPDF {
			err = it.pdfPages(n, memory(c.item))
		} else {
			err = it.imagePart(n, c.kind, memory(c.item))
		}
		if it.draw.drawn != c.pages || c.pages == 0 && c.kind != kindPDF && err == nil {
			t.Errorf("%s: %v, %d pages", name, err, it.draw.drawn)
		}
	}
}
