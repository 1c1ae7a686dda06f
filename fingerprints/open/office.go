package open

import (
	"bytes"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
)

// mediaMin is the size from which an embedded picture or file is worth a part of its own; below lie bullets and icons,
// which are the same in innocent documents.
const mediaMin = 4 << 10

// office yields the visible text of an office document, and its larger embedded files as members. Its style parts are
// not yielded: they are the same in every document of one program.
func (it *item) office(n node, k kind, entries []entry, listErr error) error {
	out := it.textOut(n, 0)
	var err error
	switch {
	case k == kindXlsx || k == kindOOX && slices.ContainsFunc(entries, func(e entry) bool { return strings.HasPrefix(e.name, "xl/") }):
		err = it.workbook(out, entries, listErr != nil)
	case k == kindOdt || k == kindOds || k == kindOdp:
		err = it.eachPart(entries, []string{"content.xml", "styles.xml"}, func(r io.Reader, name string) error {
			return odfText(out, r, name == "styles.xml")
		})
	default:
		err = it.eachPart(entries, wordParts(entries), func(r io.Reader, _ string) error { return ooxmlText(out, r) })
	}
	err = errors.Join(listErr, err, out.close())
	if it.fatal != nil {
		return it.fatal
	}
	for _, e := range entries {
		if e := it.officeMember(n, e); e != nil {
			return e
		}
	}
	return err
}

// officeMember yields what lies in a document and is no part of its own.
func (it *item) officeMember(n node, e entry) error {
	switch {
	case n.depth >= it.limits.Depth:
	case stray(e.name), embedded(e.name) && e.size >= mediaMin:
		return it.zipMember(n, e)
	case unseenPart(e):
		n.hidden = true
		return it.zipMember(n, e)
	case embedded(e.name):
		var fatal error
		e.read(func(r io.Reader) error { // what a small file is that does not decode is no fault of the document's
			fatal = it.embeddedFile(n, e.name, r)
			return nil
		})
		return fatal
	}
	return nil
}

func embedded(name string) bool {
	for _, dir := range []string{"word/media/", "word/embeddings/", "xl/media/", "xl/embeddings/", "ppt/media/", "ppt/embeddings/", "Pictures/"} {
		if strings.HasPrefix(name, dir) {
			return true
		}
	}
	return isDocumentName(name) || strings.HasPrefix(name, "Object ") && !strings.Contains(name, "/")
}

// wordParts lists the parts of a text document or presentation that hold visible text, in reading order.
func wordParts(entries []entry) []string {
	order := []string{"word/document", "word/header", "word/footer", "word/footnotes", "word/endnotes", "word/comments", "word/charts/chart", "word/diagrams/data", "ppt/slides/slide", "ppt/notesSlides/notesSlide", "ppt/comments/comment", "ppt/charts/chart", "ppt/diagrams/data"}
	var names []string
	for _, prefix := range order {
		var group []string
		for _, e := range entries {
			stem, isXML := strings.CutSuffix(e.name, ".xml")
			if isXML && strings.HasPrefix(stem, prefix) && strings.Trim(stem[len(prefix):], "0123456789") == "" {
				group = append(group, e.name)
			}
		}
		slices.SortFunc(group, byNumber)
		names = append(names, group...)
	}
	return names
}

// byNumber sorts slide2 before slide10.
func byNumber(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// eachPart reads the named parts in order. What is wrong with one does not keep the others from being read.
func (it *item) eachPart(entries []entry, names []string, read func(r io.Reader, name string) error) error {
	var wrong error
	for _, name := range names {
		i := slices.IndexFunc(entries, func(e entry) bool { return path.Clean(e.name) == name })
		if i < 0 {
			continue
		}
		wrong = errors.Join(wrong, entries[i].read(func(r io.Reader) error { return read(&metered{it, r}, name) }))
	}
	return wrong
}

// metered counts what a document unpacks to, although little of it is text: its mark-up costs time, too.
type metered struct {
	it *item
	r  io.Reader
}

// Documents are mark-up, of which a fourth of the ratio of archives is already much.
const documentRatio = 4

func (m *metered) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if m.it.raw += int64(n); m.it.raw > ratioFree && float64(m.it.raw) > m.it.limits.Ratio/documentRatio*float64(m.it.in) {
		return 0, m.it.fail(&LimitError{Limit: "ratio"})
	}
	return n, err
}

func (e entry) read(f func(io.Reader) error) error {
	if e.encrypted {
		return ErrEncrypted
	}
	r, err := e.open()
	if err != nil {
		return err
	}
	defer r.Close()
	return f(r)
}

// ooxmlText writes the text of a WordprocessingML or DrawingML part: paragraphs as lines, table cells parted by tabs,
// rows by line ends. Deleted text and field codes have element names of their own and stay out.
func ooxmlText(out *textOut, r io.Reader) error {
	inText, deleted, fallback, cells := false, false, 0, 0
	var chosen []int64 // how much text there was where an alternative began
	var unseen *aside
	if out.layers != nil {
		unseen = out.it.aside(out.layers.n)
		defer unseen.close() // what ends the item is seen by whoever goes on
	}
	return xmlTokens(r, func(t *token) error {
		switch t.kind {
		case tokenStart:
			switch t.name {
			case "AlternateContent":
				chosen = append(chosen, out.length())
			case "Fallback":
				if n := len(chosen); n == 0 || out.length() > chosen[n-1] {
					fallback++ // the same text again for old readers
				} else {
					chosen[n-1] = -1
				}
			case "t", "text":
				inText = true
			case "delText":
				deleted = true
			case "tab":
				if !inText && len(bytes.TrimSpace(t.attrs)) == 0 { // with attributes it is a tab stop
					out.string("\t")
				}
			case "br", "cr":
				out.string("\n")
			case "tc":
				cells++
			}
		case tokenEnd:
			switch t.name {
			case "AlternateContent":
				chosen = chosen[:max(len(chosen)-1, 0)]
			case "Fallback":
				if n := len(chosen); n == 0 || chosen[n-1] >= 0 {
					fallback--
				}
			case "t", "text":
				inText = false
			case "delText":
				deleted = false
			case "p":
				if cells > 0 {
					out.string(" ")
				} else {
					out.string("\n")
				}
			case "tc":
				cells--
				out.string("\t")
			case "tr":
				out.string("\n")
			}
		case tokenText:
			if inText && fallback <= 0 {
				_, err := out.Write(t.text)
				return err
			}
			if deleted && unseen != nil {
				unseen.Write(append(t.text[:len(t.text):len(t.text)], ' '))
			}
		}
		return out.it.fatal
	})
}

// odfText writes the text of an OpenDocument part: of content.xml everything within paragraphs and headings, of
// styles.xml (master) only headers and footers.
func odfText(out *textOut, r io.Reader, master bool) error {
	inText, skipped, cells, inMaster := 0, 0, 0, !master
	repeat := 1
	return xmlTokens(r, func(t *token) error {
		switch t.kind {
		case tokenStart:
			switch t.name {
			case "master-styles":
				inMaster = true
			case "tracked-changes":
				skipped++
			case "p", "h":
				inText++
			case "s":
				out.string(strings.Repeat(" ", attrCount(t, "c", 256)))
			case "tab":
				out.string("\t")
			case "line-break":
				out.string("\n")
			case "table-cell", "covered-table-cell":
				cells++
				repeat = attrCount(t, "number-columns-repeated", 64)
			}
		case tokenEnd:
			switch t.name {
			case "tracked-changes":
				skipped--
			case "p", "h":
				inText--
				if cells > 0 {
					out.string(" ")
				} else {
					out.string("\n")
				}
			case "table-cell", "covered-table-cell":
				cells--
				out.string(strings.Repeat("\t", repeat))
				repeat = 1
			case "table-row":
				out.newline()
			}
		case tokenText:
			if inText > 0 && skipped <= 0 && inMaster {
				_, err := out.Write(t.text)
				return err
			}
		}
		return out.it.fatal
	})
}

// attrCount reads a small repeat count, 1 when absent.
func attrCount(t *token, name string, limit int) int {
	n := 0
	for _, c := range t.attr(name) {
		if c < '0' || c > '9' || n > limit {
			return limit
		}
		n = n*10 + int(c-'0')
	}
	return max(1, min(n, limit))
}
