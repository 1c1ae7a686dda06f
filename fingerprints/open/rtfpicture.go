package open

import "io"

// rtfPicture is a picture of an RTF document that is being read: a member whose bytes stand there as digits, or as they are.
type rtfPicture struct {
	into  *pushed
	depth int // of the group that it is in; what lies deeper tells about it
	half  bool
	high  byte
	some  []byte
}

// picture begins one, where pages are wanted.
func (d *rtf) picture() {
	if d.out.it.draw == nil || d.pict != nil || !d.top().hidden || d.n.depth >= d.out.it.limits.Depth {
		return
	}
	d.pict = &rtfPicture{into: d.out.it.push(d.n, "picture", ""), depth: len(d.groups)}
}

// pictured takes a character that belongs to a picture.
func (d *rtf) pictured(c byte) bool {
	p := d.pict
	if p == nil || len(d.groups) != p.depth {
		return false
	}
	v, ok := hexValue(c)
	switch {
	case !ok:
	case p.half:
		p.half = false
		if p.some = append(p.some, p.high<<4|v); len(p.some) == chunk {
			p.into.Write(p.some) // what ends the item is seen at the end
			p.some = p.some[:0]
		}
	default:
		p.half, p.high = true, v
	}
	return true
}

// pictureBytes takes the bytes that follow \bin.
func (d *rtf) pictureBytes(n int) bool {
	p := d.pict
	if p == nil || len(d.groups) != p.depth {
		return false
	}
	io.CopyN(p.into, d.r, int64(n)) // the end of the document is seen by whoever reads on
	return true
}

// pictureEnd closes the picture under way.
func (d *rtf) pictureEnd() error {
	p := d.pict
	if p == nil {
		return nil
	}
	d.pict = nil
	p.into.Write(p.some)
	return p.into.close()
}
