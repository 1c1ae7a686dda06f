package open

import (
	"encoding/binary"
	"os"
	"testing"
)

// jpxWith is a codestream of JPEG 2000 that declares what it likes, and then has an empty segment of some kind.
func jpxWith(w, h uint32, marker uint16) []byte {
	be := binary.BigEndian
	b := append([]byte(jpxMagic), 0, 41, 0, 0)
	for _, v := range []uint32{w, h, 0, 0, w, h, 0, 0} {
		b = be.AppendUint32(b, v)
	}
	b = append(b, 0, 1, 7, 1, 1)
	return append(be.AppendUint16(b, marker), 0, 2)
}

func TestAJpeg2000InAPdfIsAPage(t *testing.T) {
	m := drawnPage(240, 340)
	for _, name := range []string{"grey.jp2", "colour.jp2", "styles.j2k"} {
		b, err := os.ReadFile("testdata/pages/" + name)
		if err != nil {
			t.Fatal(err)
		}
		v := mustView(t, newOpener(t, Limits{}, 1), "a.pdf", pdfScan([]scanned{{dict: "/Width 240/Height 340/Filter/JPXDecode", data: b}}))
		if len(v.pages) != 1 || unlike(t, v.pages[0].Raster, m) > 2 {
			t.Errorf("%s: %s", name, v)
		}
	}
}

func TestACutJpeg2000IsCoarse(t *testing.T) {
	b, err := os.ReadFile("testdata/pages/layers.jp2")
	if err != nil {
		t.Fatal(err)
	}
	m := drawnPage(240, 340)
	v := mustView(t, newOpener(t, Limits{}, 1), "a.jp2", b[:len(b)/2])
	if len(v.pages) != 1 || unlike(t, v.pages[0].Raster, m) > 12 {
		t.Error(v)
	}
	if v = mustView(t, newOpener(t, Limits{}, 1), "a.jp2", b[:60]); len(v.pages) != 0 || v.ends[0] == nil {
		t.Error(v)
	}
}
