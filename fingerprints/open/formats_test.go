package open

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/pierrec/lz4/v4"
	_ "modernc.org/sqlite"
)

func lz4Of(b []byte) []byte {
	var out bytes.Buffer
	w := lz4.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func brotliOf(b []byte) []byte {
	var out bytes.Buffer
	w := brotli.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func TestLz4ZlibAndBrotliAreUnpacked(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	body := []byte(strings.Repeat(letter, 400))
	for name, item := range map[string][]byte{
		"x.lz4": lz4Of(body), "x.zlib": zlibOf(body), "x.br": brotliOf(body), "x.tar.lz4": lz4Of(tarOf(t, file{"x", body})), "x.TAR.BR": brotliOf(tarOf(t, file{"x", body})),
	} {
		h := mustOpen(t, o, name, item)
		if len(h.parts) != 2 || h.textOf(1) != string(body) || h.ends[1] != nil {
			t.Errorf("%s: %s", name, h)
		}
		h = mustOpen(t, o, name, item[:len(item)*3/4])
		if len(h.parts) != 2 || h.ends[1] == nil && h.ends[0] == nil {
			t.Errorf("cut %s: %s", name, h)
		}
	}
	noise := make([]byte, 3000)
	for i := range noise {
		noise[i] = byte(i*i*31 + i>>3)
	}
	if h := mustOpen(t, o, "noise.br", noise); len(h.parts) != 1 {
		t.Errorf("%s", h)
	}
}

func sqliteOf(t testing.TB, statements ...string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestADatabaseYieldsItsTablesAsRows(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	for _, pragma := range []string{"PRAGMA encoding='UTF-8'", "PRAGMA encoding='UTF-16le'", "PRAGMA encoding='UTF-16be'"} {
		var many strings.Builder
		for i := range 3000 {
			fmt.Fprintf(&many, "INSERT INTO personeel(naam, geboren, loon, opmerking) VALUES('Persoon %d Crèvecœur', '1985-01-%02d', %d.5, NULL);", i, i%28+1, i)
		}
		item := sqliteOf(t, "PRAGMA page_size=1024", pragma,
			`CREATE TABLE personeel(id INTEGER PRIMARY KEY, "naam" TEXT NOT NULL, [geboren] DATE, loon NUMERIC(8,2), opmerking, CHECK (loon > -1))`,
			"CREATE INDEX i ON personeel(naam)", "BEGIN", many.String(), "COMMIT",
			"CREATE TABLE sleutels(a TEXT PRIMARY KEY, b INT) WITHOUT ROWID", "INSERT INTO sleutels VALUES('x', -5), ('y', 1234567890123)",
			"CREATE TABLE lang(t TEXT, f BLOB)", "INSERT INTO lang VALUES('"+strings.Repeat("een lang verhaal ", 1000)+"', CAST('"+letter+letter+"' AS BLOB))")
		h := mustOpen(t, o, "a", item)
		text := h.textOf(0)
		for _, want := range []string{"id\tnaam\tgeboren\tloon\topmerking\n1\tPersoon 0 Crèvecœur\t1985-01-01\t0.5\t\n", "\n3000\tPersoon 2999 Crèvecœur\t1985-01-04\t2999.5\t\n\na\tb\nx\t-5\ny\t1234567890123\n\nt\tf\neen lang verhaal een"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: lacks %q: %s", pragma, want, h)
			}
		}
		if strings.Count(text, "een lang verhaal") != 1000 || h.ends[0] != nil || h.parts[0].Type != "sqlite" {
			t.Errorf("%s: %s", pragma, h)
		}
		if pragma == "PRAGMA encoding='UTF-8'" && h.textOf(1) != letter+letter {
			t.Errorf("%s", h)
		}
		if h := mustOpen(t, o, "a", item[:len(item)/2]); !errors.Is(h.ends[0], ErrTruncated) || strings.Count(h.textOf(0), "Persoon") < 1000 {
			t.Errorf("half: %d rows: %s", strings.Count(h.textOf(0), "Persoon"), h)
		}
		if pragma != "PRAGMA encoding='UTF-8'" {
			continue
		}
		for _, piece := range [][]byte{item[len(item)/2:], item[len(item)/4+7 : len(item)/4+7+20<<10]} { // of which the beginning is missing
			h := mustOpen(t, o, "a", piece)
			if rows := strings.Count(h.textOf(0), "Crèvecœur\t1985-01-"); h.parts[0].Type != "sqlite" || !errors.Is(h.ends[0], ErrTruncated) || rows < len(piece)/120 {
				t.Errorf("piece of %d bytes: %d rows: %s", len(piece), rows, h)
			}
		}
	}
}

func TestADatabaseOfPagesInCirclesEnds(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	item := make([]byte, 200*512)
	copy(item, sqliteMagic)
	binary.BigEndian.PutUint16(item[16:], 512)
	for page := range 200 {
		b := item[page*512 : page*512+512]
		if page == 0 {
			b = b[100:]
		}
		b[0] = 5
		binary.BigEndian.PutUint16(b[3:], 100)
		binary.BigEndian.PutUint32(b[8:], uint32(200-page))
		for i := range 100 {
			binary.BigEndian.PutUint16(b[12+2*i:], uint16(212+i%200))
		}
		for i := 212; i+100 < 512; i += 4 {
			binary.BigEndian.PutUint32(item[page*512+i:], uint32(i%200+1))
		}
	}
	if h := mustOpen(t, o, "a", item); !errors.Is(h.ends[0], ErrDamaged) {
		t.Errorf("%s", h)
	}
}

func TestABoxOfMailsYieldsEach(t *testing.T) {
	var b strings.Builder
	for i := range 5 {
		fmt.Fprintf(&b, "From a@example.org Thu Mar  %d 12:00:00 2026\nFrom: a@example.org\nSubject: dossier %d\nMIME-Version: 1.0\n\n%sFrom now on: 12:30 it is, 2026.\n>From quoted\n\n", i+1, i, letter)
	}
	h := mustOpen(t, newOpener(t, Limits{}, 1), "in.mbox", []byte(b.String()))
	if len(h.parts) != 6 || h.parts[0].Type != "mbox" {
		t.Fatalf("%s", h)
	}
	for i := range 5 {
		if text := h.textOf(i + 1); !strings.Contains(text, fmt.Sprintf("dossier %d\n", i)) || !strings.Contains(text, letter) || !strings.Contains(text, "From now on") || h.parts[i+1].Type != "eml" {
			t.Errorf("%q", text)
		}
	}
}

func TestAPieceOutOfTheMiddleOfAZipYieldsItsMembers(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	var files []file
	for i := range 30 {
		files = append(files, file{fmt.Sprintf("brief%02d.txt", i), []byte(fmt.Sprintf("%d %s", i, dossier()))})
	}
	for name, item := range map[string][]byte{"deflated": zipOf(t, files...)} {
		h := mustOpen(t, o, "x", item[len(item)/3:len(item)*2/3])
		whole := 0
		for _, p := range h.parts[1:] {
			if strings.HasSuffix(h.textOf(p.Index), dossier()) && h.ends[p.Index] == nil {
				whole++
			}
		}
		if whole < 8 || h.ends[0] == nil {
			t.Errorf("%s: %d: %s", name, whole, h)
		}
		h = mustOpen(t, o, "x", item[len(item)/2:])
		if len(h.parts) < 14 {
			t.Errorf("second half of %s: %s", name, h)
		}
	}
}
