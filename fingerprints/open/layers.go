package open

import (
	"bytes"
	"strings"
)

// layers watches the text of one part for what pastes wrap content in: runs of base64, hex and the like, each of which
// becomes a member with the bytes that it stands for, and texts in which characters are escaped, which become a member
// with the escapes undone. Members are opened in turn, so that a gzip within base64 within JSON is found. The text
// itself is always read as it stands, too: a layer seen where there is none costs time and hides nothing.
type layers struct {
	it   *item
	n    node
	text []byte // what is still to be looked at
	from int    // bytes of text that were looked at, and are kept because a line began there
	blob blob   // the encoded run that the text is in the middle of
	into *pushed
	few  *pushed // short texts found encoded here and there share one member

	undo    *unescape
	undoing *pushed

	columns columns
	turned  *turnedText

	begun  bool
	failed uint  // runs in a row that were nothing
	rest   int   // bytes to pass over before looking for runs again
	err    error // what the part ends with: a layer too many
}

const (
	// runMin is the length from which a run of characters is looked at as an encoded one.
	runMin = 40
	// judged is how much of a run is decoded to see whether there is sense in it.
	judged = 2 << 10
	// lineKept is how far before a run its line may begin.
	lineKept = 512
)

// turnedName is the member with what a text says whose letters stand for others.
const turnedName = "turned"

// Classes of characters that encoded runs are made of.
const (
	inBase64 = 1 << iota // also base32 and plain hex
	inHex                // hex digits and what is written between them
)

var runClass = func() (t [256]byte) {
	for c := range t {
		b := byte(c)
		if isBase64(b) || b == '-' || b == '_' {
			t[c] |= inBase64
		}
		if isHex(b) || bytes.IndexByte([]byte(" \t\r\n,:;xX\\-"), b) >= 0 {
			t[c] |= inHex
		}
	}
	return t
}()

func isHex(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' }

// see takes the next piece of the text; last is the end of it.
func (l *layers) see(b []byte, last bool) error {
	if l.it.fatal != nil {
		return l.it.fatal
	}
	if err := l.escapes(b, last); err != nil {
		return err
	}
	if err := l.turn(b, last); err != nil {
		return err
	}
	l.text = append(l.text, b...)
	switch {
	case !l.begun && (last || len(l.text) >= judged):
		l.begun = true
		if err := l.start(last); err != nil {
			return err
		}
	case l.turned != nil:
		if err := l.turned.feed(b, last); err != nil {
			return err
		}
	}
	if !l.begun {
		return nil
	}
	if err := l.runs(last); err != nil || !last {
		return err
	}
	return l.close()
}

func (l *layers) close() error {
	all := []*pushed{l.into, l.few, l.undoing}
	if l.turned != nil {
		all = append(all, l.turned.into)
	}
	for _, p := range all {
		if p != nil {
			if err := p.close(); err != nil {
				return err
			}
		}
	}
	l.into, l.few, l.undoing, l.turned = nil, nil, nil, nil
	return l.err
}

// turn makes a member of the rows of a table that was written column by column.
func (l *layers) turn(b []byte, last bool) error {
	rows := l.columns.see(b, last)
	if rows == nil || strings.HasSuffix(l.n.path, "!/"+rowsName) {
		return nil
	}
	if l.n.depth >= l.it.limits.Depth {
		l.err = &LimitError{Limit: "depth"}
		return nil
	}
	l.columns.told = true
	p := l.it.push(l.n, rowsName, kindText)
	if _, err := p.Write(rows); err != nil {
		return err
	}
	return p.close()
}

// start looks for what is encoded as a whole, in characters of which runs would be found everywhere.
func (l *layers) start(last bool) error {
	if b := wholeText(l.text, last); b != nil {
		return l.begin(b, false)
	}
	if t := judgeTurned(l.text); t != nil && l.n.depth < l.it.limits.Depth && !strings.HasSuffix(l.n.path, "!/"+turnedName) {
		t.into = l.it.push(l.n, turnedName, kindText)
		l.turned = t
		return t.feed(l.text, last)
	}
	return nil
}

// runs goes through the text at hand as far as can be told without the next piece.
func (l *layers) runs(last bool) error {
	at := l.from
	mark := nextMark(l.text, at)
	for {
		if l.blob != nil {
			used, done, err := l.decode(l.text[at:], last)
			if err != nil {
				return err
			}
			if !done {
				at += used
				break
			}
			at += max(used, 1)
			continue
		}
		if mark >= 0 && mark < at {
			mark = nextMark(l.text, at)
		}
		start, class := l.find(l.text, at)
		if mark >= 0 && (class == 0 || mark <= start) {
			line := max(bytes.LastIndexByte(l.text[:mark], '\n')+1, mark-lineKept, 0)
			if len(l.text)-mark < judged/2 && !last {
				at = min(at, line)
				break
			}
			found := judgeMarked(l.text, line, mark, last)
			if found == nil {
				mark = nextMark(l.text, mark+1)
				continue
			}
			if err := l.begin(found, false); err != nil {
				return err
			}
			if at = line; text85(l.text[mark:]) {
				at = mark
			}
			continue
		}
		if class == 0 {
			at = max(at, len(l.text)-runMin)
			break
		}
		if len(l.text)-start < judged && !last {
			at = start
			break
		}
		line := max(bytes.LastIndexByte(l.text[:start], '\n')+1, start-lineKept, 0)
		found, skip, small := judge(l.text, line, start, class, last)
		if found == nil {
			l.nothing()
			at = max(skip, start+1)
			continue
		}
		l.failed = 0
		if err := l.begin(found, small); err != nil {
			return err
		}
		at = skip
	}
	l.keep(at, last)
	return nil
}

// keep drops what was looked at, but for the line that it may be in the middle of.
func (l *layers) keep(at int, last bool) {
	if last {
		l.text, l.from = l.text[:0], 0
		return
	}
	cut := max(at-lineKept, 0)
	l.text = append(l.text[:0], l.text[cut:]...)
	l.from = at - cut
}

// nothing makes runs that turn out to be nothing, such as the columns of a table of numbers, cost little: the more in
// a row, the more text is passed over, up to a few kilobytes.
func (l *layers) nothing() {
	l.failed++
	if l.failed > 16 {
		l.rest = min(64<<min(l.failed/8, 20), 4<<10)
	}
}

// find returns where the next run begins that is long enough, and the classes that all of it belongs to. It looks at
// the far end of where a run would lie first, so that of ordinary text only every eighth byte or so is touched.
func (l *layers) find(b []byte, at int) (int, byte) {
	if l.rest > 0 {
		n := min(l.rest, max(len(b)-at, 0))
		l.rest -= n
		at += n
	}
	for at+runMin <= len(b) {
		class := byte(inBase64 | inHex)
		i := at + runMin - 1
		for ; i >= at; i-- {
			if class &= runClass[b[i]]; class == 0 {
				break
			}
		}
		if class != 0 {
			return at, class
		}
		at = i + 1
	}
	return at, 0
}

// begin starts the member that a run becomes.
func (l *layers) begin(b blob, small bool) error {
	if l.n.depth >= l.it.limits.Depth {
		l.err = &LimitError{Limit: "depth"}
		l.blob = b
		return nil
	}
	l.blob = b
	switch {
	case small && l.few == nil:
		l.few = l.it.push(l.n, "encoded", kindText)
	case !small:
		l.into = l.it.push(l.n, b.name(), "")
	}
	return nil
}

// decode gives the run in progress its next piece.
func (l *layers) decode(b []byte, last bool) (used int, done bool, err error) {
	out, used, done := l.blob.decode(nil, b, last)
	to := l.into
	if to == nil {
		to = l.few
	}
	if to != nil {
		if _, err := to.Write(out); err != nil {
			return 0, false, err
		}
	}
	if !done {
		return used, last, l.ended(last)
	}
	return used, true, l.ended(true)
}

// ended closes the member of a run.
func (l *layers) ended(yes bool) error {
	if !yes {
		return nil
	}
	l.blob = nil
	if l.into != nil {
		err := l.into.close()
		l.into = nil
		return err
	}
	if l.few != nil {
		_, err := l.few.Write([]byte{'\n'})
		return err
	}
	return nil
}

// escapes undoes the escape that is frequent enough in the text. Of several, the most frequent goes first; the others
// are found in the member that it yields.
func (l *layers) escapes(b []byte, last bool) error {
	if l.undo == nil {
		e := frequentEscape(b)
		if e == nil {
			return nil
		}
		if l.n.depth >= l.it.limits.Depth {
			l.err = &LimitError{Limit: "depth"}
			return nil
		}
		l.undo = &unescape{e: e}
		l.undoing = l.it.push(l.n, e.name, e.forced)
	}
	_, err := l.undoing.Write(l.undo.feed(b, last))
	return err
}
