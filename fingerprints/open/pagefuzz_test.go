package open

import (
	"io"
	"os"
	"testing"
	"time"
)

// drawingItem is the work on an item whose pages are wanted, without a child.
func drawingItem(b []byte) *item {
	l := Limits{Output: 8 << 20, MemberBytes: 1 << 20, Memory: 32 << 20, Parts: 200, Depth: 4, Pages: 20}.withDefaults()
	it := newItem(&link{w: newFrameWriter(io.Discard)}, l, tools{})
	it.next, it.in, it.draw = 1, int64(len(b)), newDrawer(it.l)
	return it
}

var fuzzImages = []kind{kindJPEG, kindPNG, kindGIF, kindTIFF, kindBMP, kindWebP, kindPDF, kindJP2}

// FuzzImages runs the decoders of images on hostile content, without the net that a child's recover is. What others
// wrote is known to panic now and then, and is caught as it is in a child.
func FuzzImages(f *testing.F) {
	files, err := os.ReadDir("testdata/pages")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		b, err := os.ReadFile("testdata/pages/" + file.Name())
		if err != nil {
			f.Fatal(err)
		}
		for i, k := range fuzzImages {
			if k == sniff(b, true) {
				f.Add(byte(i), b)
			}
		}
	}
	m := drawnPage(200, 210)
	bits, _ := bilevel(m)
	f.Add(byte(6), pdfScan([]scanned{{dict: sized(m) + "/ImageMask true/Filter/FlateDecode", data: deflated(bits)}}, []scanned{{dict: sized(m) + "/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/DCTDecode", data: jpegOf(f, m, 50)}}))
	f.Fuzz(func(t *testing.T, which byte, b []byte) {
		k := fuzzImages[int(which)%len(fuzzImages)]
		it := drawingItem(b)
		start := time.Now()
		switch k {
		case kindPDF:
			it.pdfPages(node{path: "x"}, memory(b))
		case kindGIF, kindBMP, kindWebP:
			it.open(node{path: "x"}, k, memory(b))
		default:
			it.imagePart(node{path: "x"}, k, memory(b))
		}
		if took := time.Since(start); took > 2*time.Minute {
			t.Fatalf("took %s for %d bytes", took, len(b))
		}
	})
}

// FuzzFax runs the decoder of fax images on any bits: rows never leave their width.
func FuzzFax(f *testing.F) {
	f.Add([]byte{0x26, 0xa0, 0x00, 0x10, 0x01}, int8(-1), uint16(100))
	f.Add([]byte("\x00\x01\x35\x00\x11"), int8(0), uint16(1728))
	f.Add([]byte("\x00\x19\xff\x00\x11"), int8(1), uint16(7))
	f.Fuzz(func(t *testing.T, b []byte, k int8, w uint16) {
		d := newFax(b, int(w)+1, int(k), k&1 == 0)
		row := make([]byte, d.w)
		for range 200 {
			changes, err := d.next()
			if err != nil {
				return
			}
			last := 0
			for _, c := range changes {
				if c < last || c > d.w {
					t.Fatalf("a change at %d after %d of %d", c, last, d.w)
				}
				last = c
			}
			paintFax(row, changes, 255, 0)
		}
	})
}
