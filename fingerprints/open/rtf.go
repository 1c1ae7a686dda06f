package open

import (
	"bufio"
	"errors"
	"io"
	"strconv"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
)

// rtfDeep bounds the nesting of groups; real documents stay under thirty.
const rtfDeep = 4096

// rtfHidden are the destinations whose text is not shown.
var rtfHidden = map[string]bool{
	"fonttbl": true, "colortbl": true, "stylesheet": true, "info": true, "pict": true, "object": true, "fldinst": true, "themedata": true,
	"datastore": true, "latentstyles": true, "listtable": true, "listoverridetable": true, "generator": true, "xmlnstbl": true, "filetbl": true, "rsidtbl": true,
}

// rtf reads Rich Text Format (specification 1.9.1): the text between the control words.
type rtf struct {
	r      *bufio.Reader
	out    *textOut
	groups []rtfGroup
	page   encoding.Encoding
	drop   int // characters that stand in for the Unicode one before them
	drawn  *rtfImage
	n      node
	shaped bool // text stood in a shape
}

type rtfGroup struct {
	hidden bool
	uc     int
}

func (it *item) rtf(n node, c content) error {
	out := it.textOut(n, 0)
	d := rtf{r: bufio.NewReaderSize(sequential(c), 16<<10), out: out, page: charmap.Windows1252, groups: []rtfGroup{{uc: 1}}, n: n}
	err := errors.Join(d.read(), d.imageEnd())
	if e := out.close(); e != nil {
		return e
	}
	if err == nil && n.depth < it.limits.Depth {
		return errors.Join(it.appended(n, c), it.behind(n, d.r))
	}
	return err
}

func (d *rtf) top() *rtfGroup { return &d.groups[len(d.groups)-1] }

func (d *rtf) read() error {
	for {
		b, err := d.r.ReadByte()
		if err == io.EOF {
			if len(d.groups) > 1 {
				return ErrTruncated
			}
			return nil
		}
		if err != nil {
			return err
		}
		switch b {
		case '{':
			if len(d.groups) > rtfDeep {
				return &LimitError{Limit: "depth"}
			}
			d.groups = append(d.groups, *d.top())
		case '}':
			if len(d.groups) > 1 {
				d.groups = d.groups[:len(d.groups)-1]
			}
			if d.drawn != nil && len(d.groups) < d.drawn.depth {
				if err := d.imageEnd(); err != nil {
					return err
				}
			}
			if len(d.groups) == 1 {
				return nil // what follows the outermost group is no part of the document
			}
		case '\\':
			if err := d.control(); err != nil {
				return err
			}
		case '\r', '\n':
		default:
			if !d.imageChar(b) {
				d.char(string(d.decode(b)))
			}
		}
		if d.out.it.fatal != nil {
			return d.out.it.fatal
		}
	}
}

func (d *rtf) decode(b byte) []byte {
	s, err := d.page.NewDecoder().Bytes([]byte{b})
	if err != nil {
		return nil
	}
	return s
}

func (d *rtf) char(s string) {
	if d.drop > 0 {
		d.drop--
		return
	}
	if !d.top().hidden {
		d.out.string(s)
	}
}

// control reads what follows a backslash.
func (d *rtf) control() error {
	b, err := d.r.ReadByte()
	if err != nil {
		return ErrTruncated
	}
	switch {
	case b == '\'':
		var hex [2]byte
		if _, err := io.ReadFull(d.r, hex[:]); err != nil {
			return ErrTruncated
		}
		if v, err := strconv.ParseUint(string(hex[:]), 16, 8); err == nil {
			d.char(string(d.decode(byte(v))))
		}
	case b == '*':
		d.top().hidden = true
	case b == '~':
		d.char(" ")
	case b == '\\' || b == '{' || b == '}':
		d.char(string(b))
	case b == '\r' || b == '\n':
		d.char("\n")
	case b|0x20 >= 'a' && b|0x20 <= 'z':
		return d.word(b)
	}
	return nil
}

func (d *rtf) word(first byte) error {
	name := []byte{first}
	number, negative, has := 0, false, false
	for {
		b, err := d.r.ReadByte()
		if err != nil {
			break
		}
		switch {
		case !has && !negative && b|0x20 >= 'a' && b|0x20 <= 'z' && len(name) < 32:
			name = append(name, b)
			continue
		case !has && b == '-':
			negative = true
			continue
		case b >= '0' && b <= '9' && number < 1<<26:
			number, has = number*10+int(b-'0'), true
			continue
		case b == ' ':
		default:
			if err := d.r.UnreadByte(); err != nil {
				return err
			}
		}
		break
	}
	if negative {
		number = -number
	}
	return d.apply(string(name), number, has)
}

func (d *rtf) apply(name string, n int, has bool) error {
	switch name {
	case "par", "line", "row", "sect", "page":
		d.char("\n")
	case "tab", "cell":
		d.char("\t")
	case "uc":
		d.top().uc = max(0, min(n, 16))
	case "u":
		d.drop = 0
		d.char(string(rune(uint16(n))))
		d.drop = d.top().uc
	case "bin":
		if has && n > 0 && !d.imageBytes(n) {
			if _, err := d.r.Discard(n); err != nil {
				return ErrTruncated
			}
		}
	case "jpegblip", "pngblip":
		d.image()
	case "objdata":
		d.object()
	case "shptxt":
		d.shaped = true
		d.top().hidden = false
	case "shprslt": // the same text again for old readers
		d.top().hidden = d.top().hidden || d.shaped
	case "annotation":
		d.top().hidden = false
	case "ansicpg":
		if e, err := htmlindex.Get("windows-" + strconv.Itoa(n)); err == nil {
			d.page = e
		}
	case "mac":
		d.page = charmap.Macintosh
	case "emdash", "endash":
		d.char("-")
	case "lquote", "rquote":
		d.char("'")
	case "ldblquote", "rdblquote":
		d.char("\"")
	default:
		if rtfHidden[name] {
			d.top().hidden = true
		}
	}
	return nil
}
