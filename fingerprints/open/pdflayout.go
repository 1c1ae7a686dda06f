package open

import "bytes"

// What a table looks like on paper is lost where pdftotext follows the order in which a program drew it: office programs
// draw sheets column by column, and one that is too wide over several pages. Then the table is read once more as it lies
// on the page, and that becomes a member.
const (
	// Drawn is the name of that member. Where a column begins and ends it does not tell for certain, so that it is for looking known
	// rows up, and not for learning what a row is.
	Drawn = "drawn"

	// fewestDrawn is of how many lines in a row, all dates, telephone numbers, addresses or accounts, it takes to tell.
	fewestDrawn = 4
	// layoutMost bounds the text as it lies on the pages, in bytes; much of it are blanks.
	layoutMost = 8 << 20
)

// lineForms watches a text for lines that are written alike.
type lineForms struct {
	line  []byte // of the one that is not yet whole
	form  byte
	n     int
	found bool
}

func (f *lineForms) see(b []byte) {
	for len(b) > 0 && !f.found {
		end := bytes.IndexByte(b, '\n')
		piece := b[:max(end, 0)]
		if end < 0 {
			piece = b
		}
		f.line = append(f.line, piece[:min(len(piece), columnLine+1-len(f.line))]...)
		if end < 0 {
			return
		}
		f.whole()
		f.line, b = f.line[:0], b[end+1:]
	}
}

func (f *lineForms) whole() {
	line := bytes.TrimSpace(f.line)
	if len(line) == 0 {
		return
	}
	form := byte(0)
	if len(f.line) <= columnLine {
		form = formOf(string(line))
	}
	if form == 0 || form != f.form {
		f.n = 0
	}
	f.form = form
	f.n++
	f.found = form != 0 && f.n >= fewestDrawn
}

// layout reads a PDF as it lies on its pages. What hinders it hinders nothing else: the text is there.
func (it *item) layout(n node, c content) error {
	p := &pushedText{it: it, pushed: it.push(n, Drawn, kindText)}
	it.prints(&nonBlank{it: it, out: p, most: layoutMost}, c, it.tools.pdftotext, []string{"pdftotext", "-layout", "-enc", "UTF-8", "-nopgbrk", "-q", "-", "-"})
	return p.close()
}

// pushedText is a member that a program prints.
type pushedText struct {
	it *item
	*pushed
	n int64
}

func (p *pushedText) Write(b []byte) (int, error) {
	p.n += int64(len(b))
	return p.pushed.Write(b)
}

func (p *pushedText) length() int64 { return p.n }
