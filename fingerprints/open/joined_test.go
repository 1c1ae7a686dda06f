package open

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// prose is invented text of which no two lines are the same.
func prose(seed uint64, lines int) string {
	r := rand.New(rand.NewPCG(seed, 0))
	var b strings.Builder
	for range lines {
		for range 12 {
			fmt.Fprintf(&b, "%s%s ", []string{"ka", "lo", "mi", "ter", "von"}[r.IntN(5)], []string{"der", "rin", "sal", "pot", "buk"}[r.IntN(5)])
		}
		b.WriteString("\n")
	}
	return b.String()
}

// allTexts are what all parts of an item say.
func allTexts(h *heard) string {
	var b strings.Builder
	for i := range h.parts {
		b.WriteString(h.textOf(i) + "\n")
	}
	return b.String()
}

func TestA7zWithoutItsDirectoryGivesWhatItHolds(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	first, second := prose(1, 300), prose(2, 300)
	files := []file{{"a.txt", []byte(first)}, {"b.docx", docxOf(t, strings.Split(prose(3, 40), "\n"), nil)}, {"c.txt", []byte(second)}}
	for name, args := range map[string][]string{
		"LZMA2": {"-m0=lzma2"}, "LZMA": {"-m0=lzma"}, "Deflate": {"-m0=deflate"}, "each by itself": {"-m0=lzma2", "-ms=off"}, "stored": {"-mx0"},
	} {
		b := sevenZ(t, files, args...)
		h := mustOpen(t, o, "a.7z", b[:len(b)-len(b)/50-40])
		all := allTexts(h)
		for what, text := range map[string]string{"the first text": first[:4000], "the document": strings.Split(prose(3, 40), "\n")[20], "the last text": second[:4000]} {
			if !strings.Contains(all, text) {
				t.Errorf("%s: %s is not there: %s", name, what, h)
			}
		}
		if h.ends[0] != ErrTruncated {
			t.Errorf("%s: %v", name, h.ends[0])
		}
		if h := mustOpen(t, o, "a.7z", b[:len(b)/2]); !strings.Contains(allTexts(h), first[:4000]) {
			t.Errorf("%s: half of it: %s", name, h)
		}
	}
}

func TestNoiseBehindA7zHeaderIsNothing(t *testing.T) {
	b := append([]byte("7z\xbc\xaf\x27\x1c\x00\x04\x00\x00\x00\x00\xff\xff\x00\x00\x00\x00\x00\x00\xff\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), make([]byte, 50_000)...)
	r := rand.New(rand.NewPCG(9, 9))
	for i := sevenData; i < len(b); i++ {
		b[i] = byte(r.Uint32())
	}
	for _, first := range []byte{0, 1, 'B', 0xe0, 0x7f} {
		b[sevenData] = first
		if h := mustOpen(t, newOpener(t, Limits{}, 1), "a.7z", b); h.ends[0] != ErrTruncated || strings.TrimSpace(allTexts(h)) != "" {
			t.Errorf("%x: %s", first, h)
		}
	}
}

// split gives the files that a splitter finds in a row.
func split(b []byte) (files [][]byte, kinds []kind) {
	s := &splitter{r: newLook(bytes.NewReader(b))}
	for s.begin() {
		kinds = append(kinds, s.kind)
		f, err := io.ReadAll(s)
		if err != nil {
			break
		}
		files = append(files, f)
	}
	return files, kinds
}

func TestFilesInARowAreParted(t *testing.T) {
	inner := zipOf(t, file{"x", []byte(prose(7, 3))})
	row := [][]byte{
		[]byte(prose(4, 3000)), docxOf(t, []string{letter}, nil), []byte(prose(5, 5)), storedZip(t, file{"in.zip", inner}), pdfOf("page one"), pdfOf("page two"),
		xlsxOf(t), []byte("Geachte heer\n" + prose(6, 5)), sqliteOf(t, "CREATE TABLE a(b)", "INSERT INTO a VALUES('x')"), []byte(prose(8, 2)),
	}
	files, kinds := split(bytes.Join(row, nil))
	if len(files) != len(row) {
		t.Fatalf("%d files: %v", len(files), kinds)
	}
	for i := range row {
		if !bytes.Equal(files[i], row[i]) {
			t.Errorf("%d, %s: %d bytes of %d", i, kinds[i], len(files[i]), len(row[i]))
		}
	}
}

// FuzzJoined checks that whatever lies in a row comes through whole.
func FuzzJoined(f *testing.F) {
	f.Add(bytes.Join([][]byte{[]byte(letter), zipOf(f, file{"x", []byte(letter)}), pdfOf("page"), sqliteOf(f, "CREATE TABLE a(b)"), []byte(letter)}, nil))
	f.Add([]byte("%PDF-1.4\n%%EOF\n%%EOF\nxref %%EOF\n\x89PNG\r\n\x1a\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		files, _ := split(b)
		if !bytes.Equal(bytes.Join(files, nil), b) {
			t.Fatalf("%q became %q", b, files)
		}
	})
}
