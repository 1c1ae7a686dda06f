package open

import (
	"bytes"
	"encoding/ascii85"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/klauspost/compress/zlib"
)

func TestADamagedMemberOfAZipGivesWhatCameBefore(t *testing.T) {
	o, text := newOpener(t, Limits{}, 1), prose(11, 60)
	b := docxOf(t, strings.Split(text, "\n"), nil)
	at := bytes.Index(b, []byte("word/document.xml"))
	b[at+500] ^= 0x55
	h := mustOpen(t, o, "a.docx", b)
	if !strings.Contains(h.textOf(0), text[:200]) || h.ends[0] == nil {
		t.Errorf("document: %s", h)
	}
	z := zipOf(t, file{"a.txt", []byte(text)})
	z[bytes.Index(z, []byte("a.txt"))+500] ^= 0x55
	if h = mustOpen(t, o, "a.zip", z); len(h.parts) != 2 || !strings.Contains(h.textOf(1), text[:200]) || h.ends[1] == nil {
		t.Errorf("text: %s", h)
	}
}

func TestATarWithoutItsBeginningIsOpened(t *testing.T) {
	first, second := prose(12, 400), prose(13, 40)
	b := tarOf(t, file{"a.txt", []byte(first)}, file{"b.txt", []byte(second)})
	h := mustOpen(t, newOpener(t, Limits{}, 1), "a.tar", b[2000:])
	if len(h.parts) != 3 || h.textOf(1) != first[2000-tarBlock:] || h.textOf(2) != second || h.ends[0] != ErrTruncated {
		t.Error(h)
	}
	quoting := "The word ustar stands here.\n" + prose(14, 40) + "\x00\x01"
	if h = mustOpen(t, newOpener(t, Limits{}, 1), "a", []byte(quoting)); h.parts[0].Type == "tar" {
		t.Error(h)
	}
}

// pdf85 is a PDF as programs write it that keep to printable characters.
func pdf85(pages ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n")
	for i, p := range pages {
		var packed, code bytes.Buffer
		z := zlib.NewWriter(&packed)
		z.Write([]byte("BT /F1 12 Tf 1 0 0 1 10 800 Tm"))
		for line := range strings.Lines(p) {
			fmt.Fprintf(z, " (%s) Tj T*\n", strings.TrimSpace(line))
		}
		z.Write([]byte(" ET"))
		z.Close()
		a := ascii85.NewEncoder(&code)
		a.Write(packed.Bytes())
		a.Close()
		fmt.Fprintf(&b, "%d 0 obj\n<< /Filter [ /ASCII85Decode /FlateDecode ] /Length %d >>\nstream\n%s~>endstream\nendobj\n", i+8, code.Len()+2, code.Bytes())
	}
	return b.Bytes()
}

func TestACutPDFOfPrintableCharactersIsRead(t *testing.T) {
	o, first, second := newOpener(t, Limits{}, 1), prose(15, 60), prose(16, 60)
	b := pdf85(first, second)
	h := mustOpen(t, o, "a.pdf", b[:len(b)/2-200])
	if !strings.Contains(h.textOf(0), strings.TrimSpace(strings.Split(first, "\n")[10])) {
		t.Errorf("first half: %s", h)
	}
	h = mustOpen(t, o, "a.pdf", b[len(b)/2-200:])
	if !strings.Contains(h.textOf(0), strings.TrimSpace(strings.Split(second, "\n")[50])) {
		t.Errorf("second half: %s", h)
	}
	note := "A stream ends with endstream\nendobj, as the standard has it.\n" + second
	if h = mustOpen(t, o, "a.txt", []byte(note)); h.parts[0].Type != "text" || h.textOf(0) != note {
		t.Errorf("a text that tells of it: %s", h)
	}
}

func TestADamagedLineOfAnAttachmentCostsNoOther(t *testing.T) {
	text := prose(17, 100)
	code := base64.StdEncoding.EncodeToString([]byte(text))
	var lines []string
	for ; len(code) > 76; code = code[76:] {
		lines = append(lines, code[:76])
	}
	lines = append(lines, code)
	lines[3] = lines[3][:20] + "\x12" + lines[3][21:]
	mail := "From: a@b.example\nTo: b@b.example\nSubject: x\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=a.txt\n\n" + strings.Join(lines, "\n") + "\n"
	h := mustOpen(t, newOpener(t, Limits{}, 1), "a.eml", []byte(mail))
	if len(h.parts) != 2 || !strings.HasSuffix(h.textOf(1), text[300:]) || errors.Is(h.ends[1], ErrDamaged) {
		t.Error(h)
	}
}
