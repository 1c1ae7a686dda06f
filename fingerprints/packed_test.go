package fingerprints

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"

	"unmirror/fingerprints/index"
	"unmirror/fingerprints/match"
)

// officeLike is a docx with styles that every file of its program has, and the places of its document's compressed bytes.
func officeLike(t *testing.T, paragraphs []string) (file []byte, from, to int) {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	styles := rand.New(rand.NewPCG(1, 1))
	add := func(name, content string) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err != nil {
			t.Fatal(err)
		}
		w.Write([]byte(content))
	}
	add("[Content_Types].xml", `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`)
	add("word/document.xml", `<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>`+strings.Join(paragraphs, "</w:t></w:r></w:p><w:p><w:r><w:t>")+`</w:t></w:r></w:p></w:body></w:document>`)
	var s strings.Builder
	for range 400 {
		fmt.Fprintf(&s, `<w:style w:id="%x"/>`, styles.Uint64())
	}
	add("word/styles.xml", `<?xml version="1.0"?><w:styles xmlns:w="x">`+s.String()+`</w:styles>`)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	at, err := r.File[1].DataOffset()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), int(at), int(at) + int(r.File[1].CompressedSize64)
}

// TestARawPieceOfAnOfficeDocumentIsRecognised: by the compressed bytes of its text, and by nothing that is its program's
// or its template's.
func TestARawPieceOfAnOfficeDocumentIsRecognised(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 2))
	template := []string{filler(r, 1500), filler(r, 1500)}
	letter := func() []string {
		return append([]string{template[0], sentence(r) + " " + sentence(r)}, append(strings.Split(filler(r, 3000), ". "), template[1])...)
	}
	known, from, to := officeLike(t, letter())
	if to-from < 1500 {
		t.Fatalf("%d bytes of text", to-from)
	}
	m := registered(t, map[string][]byte{"brief.docx": known})
	tries, found := 0, 0
	for at := from; at+512 <= to; at += 97 {
		tries++
		if rep := matchText(m, string(known[at:at+512])); rep.Verdict == match.Matched && rep.Best().KnownFile == "brief.docx" {
			found++
		}
	}
	if found*10 < tries*9 {
		t.Errorf("%d of %d pieces of 512 bytes were recognised", found, tries)
	}
	for at := to + 200; at+1024 <= len(known); at += 200 {
		if rep := matchText(m, string(known[at:at+1024])); rep.Verdict == match.Matched || rep.Verdict == match.Weak {
			t.Errorf("of its styles: %+v", rep.Best())
		}
	}
	for range 10 {
		other, from, to := officeLike(t, letter())
		for at := from; at+1024 <= to; at += 500 {
			if rep := matchText(m, string(other[at:at+1024])); rep.Verdict == match.Matched || rep.Verdict == match.Weak {
				t.Errorf("another letter of the template: %+v", rep.Best())
			}
		}
	}
}

// TestADirectoryThatNamesItsBytesManyTimesIsReadOnce: overlapping members would make a file of some megabytes hours of work.
func TestADirectoryThatNamesItsBytesManyTimesIsReadOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var paragraphs []string
	for range 200 {
		paragraphs = append(paragraphs, sentence(r))
	}
	file, _, _ := officeLike(t, paragraphs)
	end := bytes.LastIndex(file, []byte("PK\x05\x06"))
	from := int(binary.LittleEndian.Uint32(file[end+16:]))
	entry := from + bytes.Index(file[from:], []byte("word/document.xml")) - 46
	entries := bytes.Repeat(file[entry:entry+bytes.Index(file[entry+4:], []byte("PK\x01\x02"))+4], 40)
	tail := bytes.Clone(file[end:])
	binary.LittleEndian.PutUint16(tail[8:], 40)
	binary.LittleEndian.PutUint16(tail[10:], 40)
	binary.LittleEndian.PutUint32(tail[12:], uint32(len(entries)))
	hostile := append(append(bytes.Clone(file[:from]), entries...), tail...)

	l := libraryIn(t)
	x := &extraction{secrets: l.secrets, chunked: &atomic.Uint32{}, chunks: index.NewSorter(t.TempDir())}
	defer x.chunks.Close()
	root := &knownPart{kind: "docx"}
	if err := x.packedRoot(bytes.NewReader(hostile), int64(len(hostile)), root); err != nil {
		t.Fatal(err)
	}
	if n := root.chunks.own.bytes; n == 0 || n > int64(len(hostile)) {
		t.Errorf("%d bytes were read of a file of %d", n, len(hostile))
	}
}
