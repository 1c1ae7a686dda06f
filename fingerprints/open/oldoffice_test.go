package open

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"
	"unicode/utf16"
)

// cfbOf writes a compound file with sectors of 512 bytes; streams are padded so that none is small.
func cfbOf(streams ...file) []byte {
	const sector = 512
	le := binary.LittleEndian
	pad := func(b []byte, n int) []byte { return append(b, make([]byte, (n-len(b)%n)%n)...) }
	var body []byte
	fat := []uint32{}
	add := func(b []byte) uint32 {
		start := uint32(len(fat))
		b = pad(b, sector)
		for i := range len(b) / sector {
			fat = append(fat, start+uint32(i)+1)
		}
		fat[len(fat)-1] = 0xFFFFFFFE
		body = append(body, b...)
		return start
	}
	entry := func(name string, kind byte, start uint32, size int) []byte {
		e := make([]byte, 128)
		units := utf16.Encode([]rune(name))
		for i, u := range units {
			le.PutUint16(e[2*i:], u)
		}
		le.PutUint16(e[64:], uint16(2*len(units)+2))
		e[66] = kind
		le.PutUint32(e[116:], start)
		le.PutUint32(e[120:], uint32(size))
		return e
	}
	dir := entry("Root Entry", 5, 0xFFFFFFFE, 0)
	for _, s := range streams {
		b := s.body
		if len(b) < 4096 {
			b = pad(b, 4096)
		}
		dir = append(dir, entry(s.name, 2, add(b), len(b))...)
	}
	dirStart := add(dir)
	n := len(fat)/127 + 1
	fatStart := len(fat)
	for range n {
		fat = append(fat, 0xFFFFFFFD)
	}
	var table []byte
	for _, v := range fat {
		table = le.AppendUint32(table, v)
	}
	for len(table)%sector != 0 {
		table = le.AppendUint32(table, 0xFFFFFFFF)
	}
	h := make([]byte, sector)
	copy(h, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	le.PutUint16(h[30:], 9)
	le.PutUint16(h[32:], 6)
	le.PutUint32(h[44:], uint32(n))
	le.PutUint32(h[48:], dirStart)
	le.PutUint32(h[56:], 4096)
	le.PutUint32(h[60:], 0xFFFFFFFE)
	le.PutUint32(h[68:], 0xFFFFFFFE)
	for i := range 109 {
		v := uint32(0xFFFFFFFF)
		if i < n {
			v = uint32(fatStart + i)
		}
		le.PutUint32(h[76+4*i:], v)
	}
	return append(append(h, body...), table...)
}

// docOf writes a Word 97 document of two pieces, one in each width.
func docOf(narrow, wide string) []byte {
	le := binary.LittleEndian
	doc := make([]byte, 0x400)
	le.PutUint16(doc, 0xA5EC)
	le.PutUint16(doc[2:], 0xC1)
	le.PutUint16(doc[0x0A:], 0x0200)
	first := len(doc)
	for _, r := range narrow {
		doc = append(doc, byte(r))
	}
	second := len(doc)
	for _, u := range utf16.Encode([]rune(wide)) {
		doc = le.AppendUint16(doc, u)
	}
	a, b := uint32(len([]rune(narrow))), uint32(len([]rune(wide)))
	plc := le.AppendUint32(nil, 0)
	plc = le.AppendUint32(le.AppendUint32(plc, a), a+b)
	for _, fc := range []uint32{uint32(first)*2 | 1<<30, uint32(second)} {
		plc = append(le.AppendUint32(append(plc, 0, 0), fc), 0, 0)
	}
	clx := append(le.AppendUint32([]byte{1, 2, 0, 9, 9, 2}, uint32(len(plc))), plc...)
	le.PutUint32(doc[0x1A6:], uint32(len(clx)))
	return cfbOf(file{"1Table", clx}, file{"WordDocument", doc})
}

func biffRecord(dst []byte, kind int, d ...byte) []byte {
	dst = binary.LittleEndian.AppendUint16(dst, uint16(kind))
	dst = binary.LittleEndian.AppendUint16(dst, uint16(len(d)))
	return append(dst, d...)
}

// xlsOf writes a workbook: a text that is parted between two records, a date, packed numbers and a formula's text.
func xlsOf() []byte {
	le := binary.LittleEndian
	at := func(row, column, style uint16) []byte {
		return le.AppendUint16(le.AppendUint16(le.AppendUint16(nil, row), column), style)
	}
	b := biffRecord(nil, biffStart, 0, 6, 5, 0)
	b = biffRecord(b, biffFormat, append([]byte{164, 0, 10, 0, 0}, "dd/mm/yyyy"...)...)
	b = biffRecord(b, biffXF, 0, 0, 0, 0)
	b = biffRecord(b, biffXF, 0, 0, 164, 0)
	b = biffRecord(b, biffStrings, append([]byte{3, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 'n', 'a', 'a', 'm', 10, 0, 0}, "Vander"...)...)
	b = biffRecord(b, biffContinue, 1, 'g', 0, 0x61, 0x01, 'h', 0, 't', 0)
	b = biffRecord(b, biffEnd)
	b = biffRecord(b, biffStart, 0, 6, 0x10, 0)
	b = biffRecord(b, biffLabelSST, append(at(0, 0, 0), 0, 0, 0, 0)...)
	b = biffRecord(b, biffLabelSST, append(at(1, 0, 0), 1, 0, 0, 0)...)
	b = biffRecord(b, biffNumber, le.AppendUint64(at(1, 2, 1), math.Float64bits(31048))...)
	rk := append(le.AppendUint32(append(le.AppendUint16(le.AppendUint16(nil, 2), 0), 0, 0), 1234<<2|3), 0, 0)
	b = biffRecord(b, biffMulRK, append(le.AppendUint32(rk, 77<<2|2), 1, 0)...)
	b = biffRecord(b, biffFormula, append(at(3, 0, 0), 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0)...)
	b = biffRecord(b, biffString, append([]byte{6, 0, 0}, "totaal"...)...)
	b = biffRecord(b, biffEnd)
	return cfbOf(file{"Workbook", b})
}

func TestOldOfficeFilesYieldTheirText(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	for name, c := range map[string]struct {
		item []byte
		want string
	}{
		"doc": {docOf("Geachte mevrouw\rnaam\x07datum\x07\x07\x13 PAGE \x14drie\x15 ", "één dossier – Łódź\r"), "Geachte mevrouw\nnaam\tdatum\t\ndrie één dossier – Łódź\n"},
		"xls": {xlsOf(), "naam\t\nVandergšht\t\t01/01/1985\t\n12.34\t77\t\ntotaal\t\n\n"},
	} {
		h := mustOpen(t, o, "a", c.item)
		if name == "xls" {
			c.want = strings.Replace(c.want, "š", "\u0161", 1)
			c.want = strings.Replace(c.want, "g\u0161h", "g\u0161h", 1)
		}
		if got := h.textOf(0); got != strings.Replace(c.want, "\u0161", "\u0161", 1) || h.ends[0] != nil {
			t.Errorf("%s: got %q, want %q: %v", name, got, c.want, h.ends[0])
		}
	}
}

func TestACutOldOfficeFileYieldsItsRunsOfText(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	item := docOf(strings.Repeat("Dossier van mevrouw Vandergucht, keer op keer besproken. ", 200), strings.Repeat("Hoofdstuk twee, over het vervolg. ", 200))
	for _, cut := range []int{len(item) / 2, len(item) - 700, 8000} {
		h := mustOpen(t, o, "a", item[:cut])
		if h.ends[0] == nil || !strings.Contains(h.textOf(0), "Vandergucht, keer op keer besproken. Dossier van") {
			t.Errorf("%d: %s", cut, h)
		}
	}
}

func TestChainsInCirclesEnd(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	item := xlsOf()
	for i := len(item) - 512; i+4 <= len(item); i += 4 { // every sector follows itself
		binary.LittleEndian.PutUint32(item[i:], uint32(i-(len(item)-512))/4)
	}
	mustOpen(t, o, "a", item)
	item = docOf("a", "b")
	for i := len(item) - 512; i+4 <= len(item); i += 4 {
		binary.LittleEndian.PutUint32(item[i:], 0)
	}
	mustOpen(t, o, "a", item)
	mustOpen(t, o, "a", bytes.Repeat([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), 500))
}
