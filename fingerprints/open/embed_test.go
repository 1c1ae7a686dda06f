package open

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"testing"
)

// with adds files to a document's package.
func with(t testing.TB, doc []byte, files ...file) []byte {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(doc), int64(len(doc)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range r.File {
		w.Copy(f)
	}
	for _, f := range files {
		p, err := w.Create(f.name)
		if err != nil {
			t.Fatal(err)
		}
		p.Write(f.body)
	}
	w.Close()
	return out.Bytes()
}

func drawn(t testing.TB, as string) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 60, 40))
	for i := range m.Pix {
		m.SetGray(i%60, i/60, color.Gray{uint8(i * 37)})
	}
	var out bytes.Buffer
	if as == "png" {
		png.Encode(&out, m)
	} else {
		jpeg.Encode(&out, m, nil)
	}
	return out.Bytes()
}

func pngChunk(kind string, b []byte) []byte {
	c := append([]byte(kind), b...)
	return slices.Concat(binary.BigEndian.AppendUint32(nil, uint32(len(b))), c, binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(c)))
}

// TestWhatADocumentCarriesIsOpened: small or large, wherever it lies in it.
func TestWhatADocumentCarriesIsOpened(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	text := dossier()[:700]
	small := zipOf(t, file{"a.txt", []byte(text)})
	cover := docxOf(t, []string{"See the file."}, nil)
	jpg, picture := drawn(t, "jpeg"), drawn(t, "png")
	embedded := fmt.Sprintf("%%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n3 0 obj\n<</Type/EmbeddedFile/Length %d>>\nstream\n%s\nendstream\nendobj\ntrailer\n<</Root 1 0 R>>\n%%%%EOF\n", len(text), text)
	paragraphs := "<w:p><w:r><w:t>" + strings.ReplaceAll(strings.TrimSpace(text), "\n", "</w:t></w:r></w:p><w:p><w:r><w:t>") + "</w:t></w:r></w:p>"
	body := func(s string) []byte {
		return zipOf(t, file{"[Content_Types].xml", []byte("<Types/>")}, file{"word/document.xml", []byte(`<w:document xmlns:w="w" xmlns:mc="m"><w:body>` + s + "</w:body></w:document>")})
	}
	for name, item := range map[string][]byte{
		"docx, zip":        with(t, cover, file{"word/embeddings/oleObject1.bin", small}),
		"docx, page":       with(t, cover, file{"word/afchunk.htm", []byte("<html><body><pre>" + text + "</pre></body></html>")}),
		"docx, glossary":   with(t, cover, file{"word/glossary/document.xml", []byte(`<w:d xmlns:w="w">` + paragraphs + strings.Repeat("<w:p/>", 100) + "</w:d>")}),
		"docx, old box":    body(`<w:p><mc:AlternateContent><mc:Fallback>` + paragraphs + `</mc:Fallback></mc:AlternateContent></w:p>`),
		"docx, deleted":    body(strings.ReplaceAll(paragraphs, "w:t>", "w:delText>")),
		"odt, object":      with(t, odtOf(t, "x"), file{"Object 1", small}),
		"pdf, file":        []byte(embedded),
		"pdf, zip behind":  append(pdfOf("x"), small...),
		"rtf, object":      []byte(`{\rtf1 x{\object{\*\objdata ` + foldAt(hex.EncodeToString(append([]byte("\x01\x05\x00\x00\x02\x00\x00\x00"), small...)), 64) + `}}}`),
		"rtf, shape":       []byte(`{\rtf1 x{\shp{\*\shpinst{\shptxt ` + strings.NewReplacer("\n", `\par `, "é", `\'e9`, "è", `\'e8`, "œ", `\u339?`).Replace(text) + `}}}}`),
		"rtf, behind":      append([]byte(`{\rtf1 x}`), text...),
		"jpeg, comment":    slices.Concat(jpg[:2], []byte{0xff, 0xfe, byte((len(text) + 2) >> 8), byte(len(text) + 2)}, []byte(text), jpg[2:]),
		"jpeg, behind":     slices.Concat(jpg, gz([]byte(text))),
		"png, comment":     slices.Concat(picture[:33], pngChunk("tEXt", append([]byte("Comment\x00"), text...)), picture[33:]),
		"png, packed":      slices.Concat(picture[:33], pngChunk("zTXt", append([]byte("Comment\x00\x00"), zlibOf([]byte(text))...)), picture[33:]),
		"binary, gzip":     slices.Concat(randomBytes(5, 9000), gz([]byte(text)), randomBytes(6, 3000)),
		"binary, far gzip": slices.Concat(randomBytes(7, 3<<20), gz([]byte(text)), randomBytes(8, 3000)),
		"script, archive":  slices.Concat([]byte("#!/bin/sh\ntail -n +3 $0|gunzip; exit\n"), gz(append(randomBytes(9, 3000), []byte("\n"+text)...))),
	} {
		t.Run(name, func(t *testing.T) {
			if h := mustOpen(t, o, "a", item); !h.foundIn(text) {
				t.Errorf("not found: %s", h)
			}
			if h := mustOpen(t, o, "a.tar", tarOf(t, file{"x/a", item})); !h.foundIn(text) {
				t.Errorf("in an archive: not found: %s", h)
			}
		})
	}
}

// TestSmallPicturesOfADocumentAreNoParts: bullets and icons are the same in innocent documents.
func TestSmallPicturesOfADocumentAreNoParts(t *testing.T) {
	b := with(t, docxOf(t, []string{"x"}, nil), file{"word/media/image1.png", drawn(t, "png")}, file{"docProps/core.xml", []byte("<a>Author</a>")}, file{"customXml/item1.xml", []byte("<b/>")})
	if h := mustOpen(t, newOpener(t, Limits{}, 1), "a.docx", b); len(h.parts) != 1 {
		t.Error(h)
	}
	embedded := with(t, docxOf(t, []string{"x"}, nil), file{"word/embeddings/a.bin", zipOf(t, file{"a.txt", []byte(dossier()[:300])})})
	if h := mustOpen(t, newOpener(t, Limits{}, 1), "a.docx", embedded); len(h.parts) != 3 || !h.parts[1].Hidden || !h.parts[2].Hidden {
		t.Error(h)
	}
}

func TestBytesThatOnlyLookLikeFilesAreNone(t *testing.T) {
	b := randomBytes(10, 1<<20)
	for i, mark := range []string{"\x1f\x8b\x08\x00", "%PDF-1.", "PK\x03\x04", "BZh91AY&S"} {
		copy(b[10_000*(i+1):], mark)
	}
	if h := mustOpen(t, newOpener(t, Limits{}, 1), "a.bin", b); len(h.parts) != 1 || h.ends[0] != nil {
		t.Error(h)
	}
}

// FuzzCarver feeds hostile bytes in pieces of any size.
func FuzzCarver(f *testing.F) {
	for _, b := range [][]byte{gz([]byte(dossier())), zipOf(f, file{"a", []byte("x")}), pdfOf("x"), []byte("{\\rtf1 x}"), {0xff, 0xd8, 0xff, 0xfe, 0, 9, 'a'}} {
		f.Add(slices.Concat([]byte("\x00\x01\x02"), b, []byte("\x00\x00"), b[:len(b)/2]), 7)
	}
	f.Fuzz(func(t *testing.T, b []byte, step int) {
		l := Limits{Output: 8 << 20, MemberBytes: 1 << 20, Memory: 64 << 20, Parts: 200, Depth: 4}.withDefaults()
		it := newItem(&link{w: newFrameWriter(discard{})}, l, tools{})
		it.next, it.in = 1, int64(len(b))
		c := &carver{it: it, archives: step%2 == 0}
		step = 1 + int(uint(step)%1000)
		for at := 0; at < len(b); at += step {
			c.feed(b[at:min(at+step, len(b))])
		}
		c.close()
		for _, k := range []kind{kindJPEG, kindPNG} {
			it.tail(node{}, k, memory(b))
		}
		it.attachments(node{}, memory(b))
	})
}
