package open

import (
	"bytes"
	"fmt"
	"os"
	"testing"
)

// faxOf is the coded page of a TIFF of testdata.
func faxOf(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/pages/" + name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := openTIFF(memory(b))
	if err != nil {
		t.Fatal(err)
	}
	d, _, err := f.directory(f.first)
	if err != nil {
		t.Fatal(err)
	}
	at, size := d.number(tagStrips, 0), d.number(tagStripBytes, 0)
	return b[at : at+size]
}

// bitWriter writes bits, the high ones first.
type bitWriter struct {
	b []byte
	n int
}

func (w *bitWriter) put(v, bits int) {
	for i := bits - 1; i >= 0; i-- {
		if w.n%8 == 0 {
			w.b = append(w.b, 0)
		}
		w.b[w.n/8] |= byte(v>>i&1) << (7 - w.n%8)
		w.n++
	}
}

// TestFaxOfEitherKindIsReadInAPdf takes rows that libtiff coded by T.6, and wraps them as T.4 wraps rows that are coded so.
func TestFaxOfEitherKindIsReadInAPdf(t *testing.T) {
	_, black := bilevel(drawnPage(240, 340))
	flat := faxOf(t, "black-Group4.tif")
	var mixed bitWriter
	f := newFax(flat, 240, -1, false)
	for at := 0; ; {
		if _, err := f.next(); err != nil {
			break
		}
		mixed.put(0, 5) // fill
		mixed.put(1, 12)
		mixed.put(0, 1) // coded by the row above
		for ; at < f.bits.at; at++ {
			mixed.put(int(flat[at/8]>>(7-at%8))&1, 1)
		}
	}
	for range 6 {
		mixed.put(1, 12)
		mixed.put(1, 1)
	}
	damaged := bytes.Clone(mixed.b)
	damaged[len(damaged)/2] ^= 0x55
	cases := []struct {
		name, dict string
		data       []byte
		off        float64
	}{
		{"T.6", "/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns 240/Rows 340>>", flat, 0},
		{"T.4", "/Filter/CCITTFaxDecode/DecodeParms<</Columns 240>>", faxOf(t, "black-Fax.tif"), 0},
		{"T.4 by rows", "/Filter/CCITTFaxDecode/DecodeParms<</K 4/Columns 240>>", mixed.b, 0},
		{"T.4, damaged", "/Filter/CCITTFaxDecode/DecodeParms<</K 4/Columns 240>>", damaged, 40},
		{"black is 1", "/ImageMask true/Decode[1 0]/Filter/CCF/DecodeParms[<</K -1/BlackIs1 true/Columns 240>>]", flat, 0},
	}
	var pages [][]scanned
	for _, c := range cases {
		pages = append(pages, []scanned{{dict: sized(black) + "/ColorSpace/DeviceGray/BitsPerComponent 1" + c.dict, data: c.data}})
	}
	v := mustView(t, newOpener(t, Limits{}, 1), "a.pdf", pdfScan(pages...))
	if len(v.pages) != len(cases) {
		t.Fatalf("want %d pages: %s", len(cases), v)
	}
	for i, c := range cases {
		if r := v.pages[i].Raster; r.H != 340 || unlike(t, r, black) > c.off {
			t.Errorf("%s: %s", c.name, v)
		}
	}
}

func TestRowsOfFaxMachinesAreAsTallAsTheyAreMeant(t *testing.T) {
	flat := faxOf(t, "black-Group4.tif")
	fields := tiffPageOf(240, 340, tiffT6, 0, uint32(len(flat)))
	fields = append(fields, [3]uint32{tagAcross, 5, 0}, [3]uint32{tagDown, 5, 0})
	item := tiffWith(false, fields)
	le := func(v uint32) []byte { return []byte{byte(v), byte(v >> 8), byte(v >> 16), byte(v >> 24)} }
	ends := uint32(len(item))
	for i, place := range map[int]uint32{5: ends + 16, 7: ends, 8: ends + 8} {
		copy(item[8+2+12*i+8:], le(place))
	}
	for _, v := range []uint32{204, 1, 98, 1} {
		item = append(item, le(v)...)
	}
	v := mustView(t, newOpener(t, Limits{}, 1), "a.tif", append(item, flat...))
	if len(v.pages) != 1 || v.pages[0].Raster.W != 240 || v.pages[0].Raster.H != 680 {
		t.Errorf("%s", fmt.Sprint(v))
	}
}

// TestRunsOfNothingWithoutEndAreGivenUp: a row that never comes nearer to its end would be as long as all that is coded.
func TestRunsOfNothingWithoutEndAreGivenUp(t *testing.T) {
	var b bitWriter
	for range 20_000 {
		b.put(0b00110101, 8)    // white, 0
		b.put(0b0000110111, 10) // black, 0
	}
	f := newFax(b.b, 240, 0, false)
	if _, err := f.next(); err == nil || len(f.row) > 2*240+3 {
		t.Errorf("%v, after %d changes", err, len(f.row))
	}
}
