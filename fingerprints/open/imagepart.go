package open

import (
	"bufio"
	"encoding/binary"
	"image"
	"image/gif"

	"golang.org/x/image/bmp"
	"golang.org/x/image/webp"

	"unmirror/fingerprints/page"
)

const (
	kindJPEG kind = "jpeg"
	kindPNG  kind = "png"
	kindGIF  kind = "gif"
	kindTIFF kind = "tiff"
	kindBMP  kind = "bmp"
	kindWebP kind = "webp"
)

// isImage reports whether a kind is an image that is decoded.
func (k kind) isImage() bool {
	switch k {
	case kindJPEG, kindPNG, kindGIF, kindTIFF, kindBMP, kindWebP, kindJP2:
		return true
	}
	return false
}

// draws reports whether a part of that kind becomes pages.
func (it *item) draws(k kind) bool { return it.draw != nil && k.isImage() }

// Bounds of what an image may declare. The largest scanners in use make sheets of A0 at 600 dots an inch, 560 million
// pixels, in black and white; of other images fewer, so that one which is nothing but a declaration costs a second.
const (
	imageSide   = 65_535
	imageArea   = 250_000_000
	bilevelArea = 600_000_000
)

// declared checks the size that an image says it has, before anything of it is decoded. held is how many bytes the
// decoder will hold altogether.
func (it *item) declared(w, h int, bilevel bool, held int64) error {
	most := imageArea
	if bilevel {
		most = bilevelArea
	}
	switch {
	case w <= 0 || h <= 0:
		return ErrDamaged
	case w > imageSide || h > imageSide || w*h > most, held > it.limits.Memory*5/8:
		return errTooLarge
	}
	return nil
}

// imagePart yields the pages of an image that is a part of its own.
func (it *item) imagePart(n node, k kind, c content) error {
	if err := it.patient(); err != nil {
		return err
	}
	switch k {
	case kindTIFF:
		return it.tiff(n, c)
	case kindGIF:
		return it.gif(n, c)
	case kindBMP:
		return it.bmp(n, c)
	case kindWebP:
		return it.webp(n, c)
	case kindJP2:
		return it.jp2(n, c)
	}
	r, orientation, err := page.Raster{}, 1, error(nil)
	if k == kindPNG {
		r, orientation, err = it.png(c)
	} else {
		r, orientation, err = it.jpeg(c)
	}
	if r.H == 0 {
		return err
	}
	if e := it.page(n, 1, 1, it.draw.turned(r, orientation)); e != nil {
		return e
	}
	return err
}

// gif yields the first frame.
func (it *item) gif(n node, c content) error {
	var head [10]byte
	if got, _ := c.ReadAt(head[:], 0); got < len(head) {
		return ErrTruncated
	}
	w, h := int(binary.LittleEndian.Uint16(head[6:])), int(binary.LittleEndian.Uint16(head[8:]))
	if err := it.declared(w, h, false, 3*int64(w)*int64(h)); err != nil {
		return err
	}
	m, err := gif.Decode(bufio.NewReader(sequential(c)))
	if err != nil {
		return err
	}
	return it.decoded(n, m, 1)
}

func (it *item) bmp(n node, c content) error {
	conf, err := bmp.DecodeConfig(sequential(c))
	if err != nil {
		return unsupportedOr(err, bmp.ErrUnsupported)
	}
	if err := it.declared(conf.Width, conf.Height, false, 5*int64(conf.Width)*int64(conf.Height)); err != nil {
		return err
	}
	m, err := bmp.Decode(bufio.NewReaderSize(sequential(c), chunk))
	if err != nil {
		return unsupportedOr(err, bmp.ErrUnsupported)
	}
	return it.decoded(n, m, 1)
}

func (it *item) webp(n node, c content) error {
	conf, err := webp.DecodeConfig(sequential(c))
	if err != nil {
		return err
	}
	if err := it.declared(conf.Width, conf.Height, false, 8*int64(conf.Width)*int64(conf.Height)); err != nil {
		return err
	}
	m, err := webp.Decode(bufio.NewReaderSize(sequential(c), chunk))
	if err != nil {
		return err
	}
	switch m := m.(type) {
	case *image.YCbCr:
		fullRange(m.Y)
	case *image.NYCbCrA:
		fullRange(m.Y)
	}
	return it.decoded(n, m, 1)
}

// fullRange spreads the luma of video, black at 16 and white at 235 (ITU-R BT.601), which WebP uses unlike JPEG.
func fullRange(luma []byte) {
	for i, v := range luma {
		luma[i] = byte(min((max(int(v), 16)-16)*255+109, 219*255) / 219)
	}
}

func unsupportedOr(err, unsupported error) error {
	if err == unsupported {
		return ErrUnsupported
	}
	return err
}

// decoded yields an image that lies in memory as a whole.
func (it *item) decoded(n node, m image.Image, orientation int) error {
	b := m.Bounds()
	if b.Dx() < 1 || b.Dy() < 1 {
		return ErrDamaged
	}
	s := it.draw.newShrinker(b.Dx(), b.Dy())
	eachGreyRow(m, s.row)
	return it.page(n, 1, 1, it.draw.turned(s.raster(), orientation))
}

// eachGreyRow calls row with the rows of an image as grey on white paper. The layouts that decoders give are read as
// they lie in memory: asking for each pixel's colour costs twenty times as much.
func eachGreyRow(m image.Image, row func([]byte)) {
	b := m.Bounds()
	grey := make([]byte, b.Dx())
	var wide []byte
	for y := range b.Dy() {
		switch m := m.(type) {
		case *image.YCbCr:
			row(m.Y[y*m.YStride:][:b.Dx()])
			continue
		case *image.Gray:
			row(m.Pix[y*m.Stride:][:b.Dx()])
			continue
		case *image.NYCbCrA:
			overWhite(grey, m.Y[y*m.YStride:], m.A[y*m.AStride:])
		case *image.Paletted:
			(&pixels{bits: 8, each: 1, table: paletteGrey(m)}).grey(grey, m.Pix[y*m.Stride:], &wide)
		case *image.NRGBA:
			(&pixels{bits: 8, each: 4, mean: coloursRGB, alpha: true}).grey(grey, m.Pix[y*m.Stride:], &wide)
		case *image.NRGBA64:
			(&pixels{bits: 16, each: 4, mean: coloursRGB, alpha: true}).grey(grey, m.Pix[y*m.Stride:], &wide)
		case *image.RGBA: // opaque, or black where it is not
			(&pixels{bits: 8, each: 4, mean: coloursRGB}).grey(grey, m.Pix[y*m.Stride:], &wide)
		case *image.CMYK:
			(&pixels{bits: 8, each: 4, mean: coloursInk}).grey(grey, m.Pix[y*m.Stride:], &wide)
		default:
			anyGrey(grey, m, b.Min.X, b.Min.Y+y)
		}
		row(grey)
	}
}

func overWhite(to, y, a []byte) {
	for i := range to {
		v, o := uint32(y[i]), uint32(a[i])
		to[i] = byte((v*o + 255*(255-o) + 127) / 255)
	}
}

// paletteGrey gives the grey of each colour of a palette, on white.
func paletteGrey(m *image.Paletted) *[256]byte {
	var t [256]byte
	for i, c := range m.Palette[:min(len(m.Palette), 256)] {
		r, g, b, a := c.RGBA()
		back := 0xffff - a
		t[i] = luma(byte((r+back)>>8), byte((g+back)>>8), byte((b+back)>>8))
	}
	return &t
}

func anyGrey(to []byte, m image.Image, x0, y int) {
	for i := range to {
		r, g, b, a := m.At(x0+i, y).RGBA()
		back := 0xffff - a
		to[i] = luma(byte((r+back)>>8), byte((g+back)>>8), byte((b+back)>>8))
	}
}

// isBMP checks the two headers of a bitmap of Windows: two letters alone begin many texts.
func isBMP(head []byte) bool {
	if len(head) < 30 || head[0] != 'B' || head[1] != 'M' || binary.LittleEndian.Uint32(head[6:]) != 0 {
		return false
	}
	switch binary.LittleEndian.Uint32(head[14:]) {
	case 40, 52, 56, 64, 108, 124:
	default:
		return false
	}
	return binary.LittleEndian.Uint32(head[10:]) < 1<<16 && binary.LittleEndian.Uint16(head[26:]) == 1
}

// isWebP checks the container's names ([WebP container specification], RIFF).
func isWebP(head []byte) bool {
	return len(head) >= 16 && string(head[:4]) == "RIFF" && string(head[8:15]) == "WEBPVP8"
}

// readExif finds the orientation in an Exif block, which is a TIFF file (Exif 2.32, 4.6.4); 1 where it tells none.
func readExif(b []byte) int {
	t, err := openTIFF(memory(b))
	if err != nil {
		return 1
	}
	d, _, err := t.directory(t.first)
	if err != nil {
		return 1
	}
	return int(d.number(tagOrientation, 1))
}
