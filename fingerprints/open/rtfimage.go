package open

import "io"

// rtfImage is an image of an RTF document that is being read: a member whose bytes stand there as digits, or as they are.
type rtfImage struct {
	into  *pushed
	depth int  // of the group that it is in; what lies deeper tells about it
	file  bool // an object of whatever kind
	half  bool
	high  byte
	some  []byte
}

// image begins one, where pages are wanted.
func (d *rtf) image() {
	if d.out.it.draw == nil || d.drawn != nil || !d.top().hidden || d.n.depth >= d.out.it.limits.Depth {
		return
	}
	d.drawn = &rtfImage{into: d.out.it.push(d.n, "image", ""), depth: len(d.groups)}
}

// object begins what another program put into the document.
func (d *rtf) object() {
	if d.drawn == nil && d.top().hidden && d.n.depth < d.out.it.limits.Depth {
		d.drawn = &rtfImage{file: true, depth: len(d.groups)}
	}
}

// begun is the member that the bytes go to.
func (p *rtfImage) begun(d *rtf, hidden bool) *pushed {
	if p.into == nil {
		n := d.n
		n.hidden = n.hidden || hidden
		p.into = d.out.it.push(n, "object", "")
	}
	return p.into
}

// imageChar takes a character that belongs to an image.
func (d *rtf) imageChar(c byte) bool {
	p := d.drawn
	if p == nil || len(d.groups) != p.depth {
		return false
	}
	v, ok := hexValue(c)
	switch {
	case !ok:
	case p.half:
		p.half = false
		if p.some = append(p.some, p.high<<4|v); len(p.some) == chunk {
			p.begun(d, false).Write(p.some) // what ends the item is seen at the end
			p.some = p.some[:0]
		}
	default:
		p.half, p.high = true, v
	}
	return true
}

// imageBytes takes the bytes that follow \bin.
func (d *rtf) imageBytes(n int) bool {
	p := d.drawn
	if p == nil || len(d.groups) != p.depth {
		return false
	}
	io.CopyN(p.begun(d, n < mediaMin), d.r, int64(n)) // the end of the document is seen by whoever reads on
	return true
}

// imageEnd closes the image under way.
func (d *rtf) imageEnd() error {
	p := d.drawn
	if p == nil {
		return nil
	}
	d.drawn = nil
	if p.file && p.into == nil && len(p.some) < runMin {
		return nil
	}
	p.begun(d, len(p.some) < mediaMin).Write(p.some)
	return p.into.close()
}
