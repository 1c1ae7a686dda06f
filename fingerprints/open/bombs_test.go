package open

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

// repeated deflates so many copies of piece, each of which stands alone, without holding them.
func repeated(t testing.TB, piece []byte, times int) []byte {
	t.Helper()
	var one, end bytes.Buffer
	w, err := flate.NewWriter(&one, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(piece)
	w.Flush()
	w.Reset(&end)
	w.Close()
	return append(bytes.Repeat(one.Bytes(), times), end.Bytes()...)
}

// deflatedZip is a zip of members that are deflated already.
func deflatedZip(t testing.TB, size uint64, members ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range members {
		raw, err := z.CreateRaw(&zip.FileHeader{Name: f.name, Method: zip.Deflate, CompressedSize64: uint64(len(f.body)), UncompressedSize64: size})
		if err != nil {
			t.Fatal(err)
		}
		raw.Write(f.body)
	}
	z.Close()
	return b.Bytes()
}

func gzipRaw(deflated []byte) []byte {
	return append(append([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"), deflated...), 0, 0, 0, 0, 0, 0, 0, 0)
}

// quotedZip is Fifield's bomb (A better zip bomb, 2019): every member's data are the headers of the next ones, quoted in
// stored blocks, and then one kernel that all share.
func quotedZip(t testing.TB, members, mib int) []byte {
	t.Helper()
	le := binary.LittleEndian
	data := repeated(t, make([]byte, 1<<20), mib)
	size := uint32(mib) << 20
	local := func(i int, packed, size uint32) []byte {
		h := make([]byte, 30, 40)
		copy(h, localMagic)
		h[4], h[8] = 20, 8
		le.PutUint32(h[18:], packed)
		le.PutUint32(h[22:], size)
		le.PutUint16(h[26:], 8)
		return append(h, fmt.Sprintf("%08d", i)...)
	}
	type at struct{ fromEnd, packed, size uint32 }
	var all []at
	for i := members - 1; i >= 0; i-- {
		h := local(i, uint32(len(data)), size)
		all = append(all, at{uint32(len(h) + len(data)), uint32(len(data)), size})
		n := uint16(len(h))
		if i > 0 {
			data = append(append(binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16([]byte{0}, n), ^n), h...), data...)
			size += uint32(n)
		} else {
			data = append(h, data...)
		}
	}
	item := data
	start := len(item)
	for i, a := range all {
		c := make([]byte, 46, 54)
		copy(c, "PK\x01\x02")
		c[4], c[6], c[10] = 20, 20, 8
		le.PutUint32(c[20:], a.packed)
		le.PutUint32(c[24:], a.size)
		le.PutUint16(c[28:], 8)
		le.PutUint32(c[42:], uint32(start)-a.fromEnd)
		item = append(item, append(c, fmt.Sprintf("%08d", members-1-i)...)...)
	}
	end := make([]byte, 22)
	copy(end, "PK\x05\x06")
	le.PutUint16(end[8:], uint16(members))
	le.PutUint16(end[10:], uint16(members))
	le.PutUint32(end[12:], uint32(len(item)-start))
	le.PutUint32(end[16:], uint32(start))
	return append(item, end...)
}

// manyZip has so many members of a few bytes each.
func manyZip(members int) []byte {
	le := binary.LittleEndian
	body := []byte("x")
	sum := crc32.ChecksumIEEE(body)
	item := make([]byte, 0, members*100)
	central := make([]byte, 0, members*55)
	for i := range members {
		off := len(item)
		h := append(append([]byte(localMagic), 20, 0, 0, 0, 0, 0, 0, 0, 0, 0), le.AppendUint32(nil, sum)...)
		h = append(h, 1, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0)
		name := fmt.Sprintf("%07d", i)
		item = append(append(append(item, h...), name...), body...)
		c := append([]byte("PK\x01\x02\x14\x00\x14\x00\x00\x00\x00\x00\x00\x00\x00\x00"), le.AppendUint32(nil, sum)...)
		c = append(c, 1, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
		central = append(append(central, le.AppendUint32(c, uint32(off))...), name...)
	}
	start := len(item)
	item = append(item, central...)
	zip64 := append([]byte("PK\x06\x06"), 44, 0, 0, 0, 0, 0, 0, 0, 45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	for _, v := range []int{members, members, len(central), start} {
		zip64 = le.AppendUint64(zip64, uint64(v))
	}
	end := len(item)
	item = append(item, zip64...)
	item = append(le.AppendUint64(append(item, "PK\x06\x07\x00\x00\x00\x00"...), uint64(end)), 1, 0, 0, 0)
	return append(item, "PK\x05\x06\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00"...)
}

// pdfObjects writes a PDF of these objects, numbered from 1; the first is the catalogue.
func pdfObjects(objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	var offsets []int
	for i, o := range objects {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, off := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", off)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return b.Bytes()
}

const pdfCatalogue, pdfFont = "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"

// pdfPagesBomb is a tree of pages in which every node is shared: ten to the eighth pages in a kilobyte.
func pdfPagesBomb() []byte {
	objects := []string{pdfCatalogue}
	for i := range 8 {
		objects = append(objects, fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", 100_000_000, strings.Repeat(fmt.Sprintf("%d 0 R ", i+3), 10)))
	}
	return pdfObjects(append(objects, "<</Type/Page/Parent 9 0 R/MediaBox[0 0 9 9]/Contents 11 0 R/Resources<</Font<</F 12 0 R>>>>>>",
		"<</Length 40>>\nstream\nBT /F 9 Tf (Vandergucht en nog wat) Tj ET     \nendstream", pdfFont)...)
}

func pdfStream(filters string, body []byte) string {
	return fmt.Sprintf("<</Length %d/Filter[%s]>>\nstream\n%s\nendstream", len(body), filters, body)
}

// pdfStreamBomb is a page of a stream that unpacks a thousandfold, and again.
func pdfStreamBomb(t testing.TB) []byte {
	text := bytes.Repeat([]byte("BT /F 9 Tf (Vandergucht) Tj ET\n"), 1<<15)
	body := zlibOf(append([]byte{0x78, 0xda}, repeated(t, text, 2000)...))
	return pdfObjects(pdfCatalogue, "<</Type/Pages/Count 1/Kids[3 0 R]>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
		pdfStream("/FlateDecode/FlateDecode", body), pdfFont)
}

// pdfFormsBomb draws a form that draws another ten times, nine levels deep.
func pdfFormsBomb() []byte {
	objects := []string{pdfCatalogue, "<</Type/Pages/Count 1/Kids[3 0 R]>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>", "<</Length 6>>\nstream\n/X Do \nendstream"}
	for i := range 9 {
		objects = append(objects, fmt.Sprintf("<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>/Font<</F 15 0 R>>>>/Length 60>>\nstream\n%-60s\nendstream", i+6, strings.Repeat("/X Do ", 10)))
	}
	return pdfObjects(append(objects, "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</Font<</F 15 0 R>>>>/Length 60>>\nstream\nBT /F 9 Tf (Vandergucht) Tj ET                                \nendstream", pdfFont)...)
}

// entities is the billion laughs, within a document of whatever sort.
func entities(root, inner string) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a0 "ha">`)
	for i := 1; i < 30; i++ {
		fmt.Fprintf(&b, `<!ENTITY a%d "%s">`, i, strings.Repeat(fmt.Sprintf("&a%d;", i-1), 10))
	}
	return b.String() + "]>" + strings.Replace(root, "INNER", inner+"&a29;", 1)
}

// officeZip is an office document of one large part, given deflated.
func officeZip(t testing.TB, name string, head, piece, tail string, times int) []byte {
	t.Helper()
	var start, end bytes.Buffer
	w, _ := flate.NewWriter(&start, 9)
	w.Write([]byte(head))
	w.Flush()
	w.Reset(&end)
	w.Write([]byte(tail))
	w.Close()
	body := repeated(t, []byte(piece), times)
	body = append(append(start.Bytes(), body[:len(body)-9]...), end.Bytes()...)
	return deflatedZip(t, 1<<30, file{"[Content_Types].xml", repeated(t, []byte("<Types/>"), 1)}, file{name, body})
}

func manyMails(n int) []byte {
	var b strings.Builder
	b.WriteString("From: a@example.org\nTo: b@example.org\nSubject: dossier Vandergucht\nMIME-Version: 1.0\n")
	for i := range n {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	return []byte(b.String() + "\nten slotte\n")
}

// bomb is one hostile item: what ends it, or one of its parts, and whether what came before is still read.
type bomb struct {
	build func(t testing.TB) []byte
	ends  string // the limit, several parted by a bar, or empty: it may also be read to its end, or be damaged
	huge  bool   // only where UNMIRROR_TEST_HUGE is set
}

var bombs = map[string]bomb{
	"zip of 10 GB": {build: func(t testing.TB) []byte {
		return deflatedZip(t, 10<<30, file{"a.txt", repeated(t, []byte(letter), 1)}, file{"0", repeated(t, make([]byte, 1<<20), 10<<10)})
	}, ends: "ratio"},
	"zip of quoted headers": {build: func(t testing.TB) []byte { return quotedZip(t, 200, 50) }, ends: "ratio"},
	"zips in zips": {build: func(t testing.TB) []byte {
		b := deflatedZip(t, 400<<20, file{"0", repeated(t, make([]byte, 1<<20), 400)})
		for range 5 {
			var sixteen []file
			for i := range 16 {
				sixteen = append(sixteen, file{fmt.Sprint(i, ".zip"), b})
			}
			b = zipOf(t, sixteen...)
		}
		return b
	}, ends: "ratio"},
	"forty zips in another": {build: func(t testing.TB) []byte {
		b := []byte(letter)
		for range 40 {
			b = zipOf(t, file{"x.zip", b})
		}
		return b
	}, ends: "depth"},
	"zip of a million members":  {build: func(testing.TB) []byte { return manyZip(1_000_000) }, ends: "parts"},
	"endless gzip":              {build: func(t testing.TB) []byte { return bytes.Repeat(gz(make([]byte, 1<<20)), 4000) }, ends: "ratio"},
	"gzip of text":              {build: func(t testing.TB) []byte { return gzipRaw(repeated(t, bytes.Repeat([]byte(letter), 1<<12), 2000)) }, ends: "ratio"},
	"mail of 3000 nested parts": {build: func(testing.TB) []byte { return manyMails(3000) }, ends: "depth"},
	"pdf of shared pages":       {huge: true, build: func(testing.TB) []byte { return pdfPagesBomb() }, ends: "wall|memory|"},
	"pdf of filters":            {huge: true, build: func(t testing.TB) []byte { return pdfStreamBomb(t) }, ends: "wall|memory|"},
	"pdf of forms":              {huge: true, build: func(testing.TB) []byte { return pdfFormsBomb() }, ends: "wall|memory|"},
	"pdf in circles": {huge: true, build: func(testing.TB) []byte {
		return pdfObjects(pdfCatalogue, "<</Type/Pages/Count 9/Kids[2 0 R 3 0 R]>>", "<</Type/Pages/Count 9/Kids[2 0 R 3 0 R]>>")
	}, ends: "wall|"},
	"entities, plain": {build: func(testing.TB) []byte { return []byte(entities("<l>INNER</l>", "")) }, ends: "entities"},
	"entities, svg":   {build: func(testing.TB) []byte { return []byte(entities("<svg><text>INNER</text></svg>", "")) }, ends: "entities"},
	"entities, docx": {build: func(t testing.TB) []byte {
		return zipOf(t, file{"[Content_Types].xml", []byte("<Types/>")}, file{"word/document.xml", []byte(entities("<w:document><w:p><w:t>INNER</w:t></w:p></w:document>", ""))})
	}, ends: "entities"},
	"entities, undeclared": {build: func(testing.TB) []byte { return []byte(entities("<l>INNER</l>", "")[len(`<?xml version="1.0"?>`):]) }, ends: "entities"},
	"entities, utf-16":     {build: func(testing.TB) []byte { return []byte("\xff\xfe" + utf16le(entities("<l>INNER</l>", ""))) }, ends: "entities"},
	"entities, odt": {build: func(t testing.TB) []byte {
		return zipOf(t, file{"content.xml", []byte(entities("<o><p>INNER</p></o>", ""))}, file{"META-INF/manifest.xml", []byte("<m/>")})
	}, ends: "entities"},
	"entities, xlsx": {build: func(t testing.TB) []byte {
		return zipOf(t, file{"[Content_Types].xml", []byte("<Types/>")}, file{"xl/workbook.xml", []byte("<workbook/>")},
			file{"xl/worksheets/sheet1.xml", []byte(entities("<worksheet><row><c><v>INNER</v></c></row></worksheet>", ""))})
	}, ends: "entities"},
	"docx of tags": {huge: true, build: func(t testing.TB) []byte {
		return officeZip(t, "word/document.xml", "<w:document><w:body><w:p><w:r><w:t>Vandergucht</w:t></w:r></w:p>", strings.Repeat("<w:p><w:r></w:r></w:p>", 1<<15), "</w:body></w:document>", 1000)
	}, ends: "ratio"},
	"docx of open tags": {huge: true, build: func(t testing.TB) []byte {
		return officeZip(t, "word/document.xml", "<w:document><w:body><w:p><w:r><w:t>Vandergucht</w:t></w:r></w:p>", strings.Repeat("<w:tbl>", 1<<16), "", 1000)
	}, ends: "ratio"},
	"xlsx of strings": {huge: true, build: func(t testing.TB) []byte {
		return officeZip(t, "xl/sharedStrings.xml", "<sst>", strings.Repeat("<si><t>x</t></si>", 1<<15), "</sst>", 1000)
	}, ends: "ratio|memory"},
	"page of open tags": {build: func(t testing.TB) []byte {
		return []byte("<html><body>Vandergucht" + strings.Repeat("<b>", 10_000_000))
	}, ends: ""},
	"one tag": {huge: true, build: func(testing.TB) []byte {
		return []byte("<html><body>Vandergucht<a " + strings.Repeat("b=c ", 10_000_000))
	}, ends: ""},
	"deep json":    {build: func(testing.TB) []byte { return []byte(strings.Repeat(`{"a":[`, 1_000_000) + "Vandergucht") }, ends: ""},
	"deep rtf":     {build: func(testing.TB) []byte { return []byte(`{\rtf1 Vandergucht` + strings.Repeat(`{`, 1_000_000)) }, ends: "depth"},
	"zstd window":  {build: func(testing.TB) []byte { return []byte("\x28\xb5\x2f\xfd\x00\xb8" + strings.Repeat("x", 50)) }, ends: "memory|"},
	"zstd of GiBs": {build: zstdBomb, ends: "ratio"},
	"lz4":          {build: func(t testing.TB) []byte { return lz4Of(make([]byte, 300<<20)) }, ends: "ratio"},
	"layers":       {build: func(t testing.TB) []byte { return []byte(strings.Repeat("%25", 1<<20)) }, ends: "depth|"},
	"amplified layers": {build: func(t testing.TB) []byte {
		return []byte(strings.Repeat(`\u0025\u003d &amp;lt;/p&amp;gt; =3D41 %5Cn </b> &#92;n \x25\x34\x31 `, 1<<14))
	}, ends: "depth|ratio|"},
	"tar of members": {build: func(t testing.TB) []byte {
		one := tarOf(t, file{"x", []byte("x")})[:1024]
		return gzipRaw(repeated(t, bytes.Repeat(one, 100), 3000))
	}, ends: "ratio|parts"},
}

func zstdBomb(t testing.TB) []byte {
	var out bytes.Buffer
	w, err := zstd.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	io.CopyN(w, zeros{}, 2<<30)
	w.Close()
	return out.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestABombIsGivenUpEarlyAndTheNextItemIsRead runs each bomb under the limits that everybody has.
func TestABombIsGivenUpEarlyAndTheNextItemIsRead(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	for name, b := range bombs {
		t.Run(name, func(t *testing.T) {
			if b.huge && os.Getenv("UNMIRROR_TEST_HUGE") == "" {
				t.Skip("set UNMIRROR_TEST_HUGE to run it")
			}
			built := time.Now()
			item := b.build(t)
			if raced && len(item) > 20<<20 {
				t.Skip("large ones take minutes under the race detector")
			}
			t.Logf("%s: built in %s", name, time.Since(built))
			start := time.Now()
			h := &heardEnds{}
			ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
			defer cancel()
			err := o.Open(ctx, "bomb", bytes.NewReader(item), int64(len(item)), h)
			took := time.Since(start)
			if err == nil {
				err = h.limit
			}
			t.Logf("%s: %d bytes, %s, %d parts, %d bytes of text, %d of data: %v", name, len(item), took.Round(time.Millisecond), h.parts, h.text, h.data, err)
			if !strings.Contains("|"+b.ends+"|", "|"+limitOf(err)+"|") {
				t.Errorf("ended by %v, want a limit of %s", err, b.ends)
			}
			if h := mustOpen(t, o, "a", []byte(letter)); h.textOf(0) != letter {
				t.Error("the next item fails")
			}
		})
	}
}

// heardEnds counts what it is told, and keeps the last limit.
type heardEnds struct {
	parts, text, data int
	limit             error
}

func (h *heardEnds) Part(Part) error                   { h.parts++; return nil }
func (h *heardEnds) Data(_ int, b []byte) error        { h.data += len(b); return nil }
func (h *heardEnds) Text(_ int, _ int, b []byte) error { h.text += len(b); return nil }
func (h *heardEnds) End(_ int, err error) error {
	if limitOf(err) != "" {
		h.limit = err
	}
	return nil
}

func TestWhatPrintsTooMuchOfAPDFIsStopped(t *testing.T) {
	var frames bytes.Buffer
	it := newItem(&link{w: newFrameWriter(&frames)}, DefaultLimits(), tools{})
	n := &nonBlank{it: it, out: it.textOut(node{}, 0), most: 100}
	if _, err := n.Write([]byte(letter[:60])); err != nil || n.over {
		t.Fatal(err)
	}
	if _, err := n.Write([]byte(letter[:60])); limitOf(err) != "ratio" || !n.over {
		t.Errorf("%v", err)
	}
}
