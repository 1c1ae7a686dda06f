package open

import "io"

// lzmaReader decodes LZMA (I. Pavlov, LZMA specification, 2015). Unlike a library it yields all that it could read before
// the bytes break off or make no sense. What it keeps of the past grows with what it has read, up to the dictionary's size.
type lzmaReader struct {
	code   lzmaRange
	probs  *lzmaProbs
	window lzmaWindow
	lc     uint
	lp, pb uint32 // as masks of a position
	state  int
	rep    [4]uint32 // the last distances, less 1
	left   int       // bytes of a match that are still to be copied
	size   int64     // bytes to come, -1: an end mark tells
	err    error
}

const (
	lzmaStates   = 12
	lzmaMinMatch = 2
	lzmaProbs0   = 1 << 10 // a bit is as likely 0 as 1
	lzmaStart    = 4       // distances from this slot on have more bits
	lzmaModelled = 14      // and from this one on bits that no model foretells
	lzmaAligned  = 4       // the lowest bits of such a distance, which have a model of their own
)

// lzmaProbs are what foretells the bits, each the chance of 0 of 2,048.
type lzmaProbs struct {
	match, long0          [lzmaStates][16]uint16
	rep, rep0, rep1, rep2 [lzmaStates]uint16
	slot                  [4][64]uint16
	far                   [128]uint16
	align                 [16]uint16
	matchLen, repLen      lzmaLengths
	literals              []uint16
}

type lzmaLengths struct {
	choice   [2]uint16
	low, mid [16][8]uint16
	high     [256]uint16
}

// lzmaProps reads the byte that says how much of a position and of the byte before foretells a literal.
func lzmaProps(b byte) (lc, lp, pb uint, ok bool) {
	v := uint(b)
	return v % 9, v / 9 % 5, v / 45, v < 225
}

// newLZMA reads what in gives. size is -1 where an end mark tells the end, or nothing does.
func newLZMA(in io.Reader, props byte, dictionary, size int64) (*lzmaReader, error) {
	l := &lzmaReader{size: size, window: lzmaWindow{most: dictionary}}
	if !l.props(props) {
		return nil, ErrDamaged
	}
	l.reset()
	l.code.in = in
	l.code.begin()
	return l, nil
}

func (l *lzmaReader) props(b byte) bool {
	lc, lp, pb, ok := lzmaProps(b)
	if !ok || pb > 4 {
		return false
	}
	l.lc, l.lp, l.pb = lc, 1<<lp-1, 1<<pb-1
	if l.probs == nil {
		l.probs = &lzmaProbs{}
	}
	if n := 0x300 << (lc + lp); cap(l.probs.literals) < n {
		l.probs.literals = make([]uint16, n)
	} else {
		l.probs.literals = l.probs.literals[:n]
	}
	return true
}

// reset forgets all that was learned.
func (l *lzmaReader) reset() {
	p, literals := l.probs, l.probs.literals
	*p = lzmaProbs{literals: literals}
	for _, each := range [][]uint16{literals, p.far[:], p.align[:], p.rep[:], p.rep0[:], p.rep1[:], p.rep2[:]} {
		lzmaEven(each)
	}
	for i := range lzmaStates {
		lzmaEven(p.match[i][:])
		lzmaEven(p.long0[i][:])
	}
	for i := range p.slot {
		lzmaEven(p.slot[i][:])
	}
	p.matchLen.reset()
	p.repLen.reset()
	l.state, l.rep = 0, [4]uint32{}
}

func (n *lzmaLengths) reset() {
	lzmaEven(n.choice[:])
	lzmaEven(n.high[:])
	for i := range n.low {
		lzmaEven(n.low[i][:])
		lzmaEven(n.mid[i][:])
	}
}

func lzmaEven(p []uint16) {
	for i := range p {
		p[i] = lzmaProbs0
	}
}

// Read implements io.Reader. The error comes behind everything that could be read.
func (l *lzmaReader) Read(p []byte) (int, error) {
	for l.window.unread() == 0 {
		if l.err != nil {
			return 0, l.err
		}
		l.err = l.some(chunk)
	}
	return l.window.read(p), nil
}

// some decodes about so many bytes, which must be read before more are decoded.
func (l *lzmaReader) some(n int) error {
	for l.window.unread() < n {
		if l.left > 0 {
			l.copy()
			continue
		}
		if l.size == 0 {
			return io.EOF
		}
		if err := l.packet(); err != nil {
			return err
		}
		if l.code.cut {
			return io.ErrUnexpectedEOF
		}
	}
	return nil
}

// copy goes on with a match.
func (l *lzmaReader) copy() {
	n := l.left
	if l.size >= 0 && int64(n) > l.size {
		n = int(l.size)
	}
	l.window.copy(int(l.rep[0])+1, n)
	l.sized(n)
	l.left = 0
}

func (l *lzmaReader) sized(n int) {
	if l.size > 0 {
		l.size -= int64(n)
	}
}

// packet decodes a literal, or what a match is.
func (l *lzmaReader) packet() error {
	c, p := &l.code, l.probs
	at := l.window.position & l.pb
	if c.bit(&p.match[l.state][at]) == 0 {
		l.literal()
		return nil
	}
	if c.bit(&p.rep[l.state]) == 0 {
		return l.match(at)
	}
	switch {
	case c.bit(&p.rep0[l.state]) == 0:
		if c.bit(&p.long0[l.state][at]) == 0 {
			l.state, l.left = lzmaAfter(l.state, 9, 11), 1
			return l.reach()
		}
	case c.bit(&p.rep1[l.state]) == 0:
		l.rep[0], l.rep[1] = l.rep[1], l.rep[0]
	case c.bit(&p.rep2[l.state]) == 0:
		l.rep[0], l.rep[1], l.rep[2] = l.rep[2], l.rep[0], l.rep[1]
	default:
		l.rep[0], l.rep[1], l.rep[2], l.rep[3] = l.rep[3], l.rep[0], l.rep[1], l.rep[2]
	}
	l.left = lzmaMinMatch + c.length(&p.repLen, at)
	l.state = lzmaAfter(l.state, 8, 11)
	return l.reach()
}

// lzmaAfter is the state behind a match: one after a literal, another after a match.
func lzmaAfter(state, literal, match int) int {
	if state < 7 {
		return literal
	}
	return match
}

// reach asks whether a match lies in what was read.
func (l *lzmaReader) reach() error {
	if l.code.cut {
		l.left = 0
		return io.ErrUnexpectedEOF
	}
	if !l.window.has(l.rep[0]) {
		l.left = 0
		return ErrDamaged
	}
	return nil
}

func (l *lzmaReader) match(at uint32) error {
	c, p := &l.code, l.probs
	n := c.length(&p.matchLen, at)
	l.rep[1], l.rep[2], l.rep[3] = l.rep[0], l.rep[1], l.rep[2]
	l.rep[0] = c.distance(p, min(n, 3))
	l.state = lzmaAfter(l.state, 7, 10)
	if l.rep[0] == 1<<32-1 && !c.cut {
		if l.size > 0 {
			return ErrDamaged
		}
		return io.EOF
	}
	l.left = lzmaMinMatch + n
	return l.reach()
}

func (l *lzmaReader) literal() {
	c := &l.code
	before := l.window.back(1)
	set := (l.window.position&l.lp)<<l.lc + uint32(before)>>(8-l.lc)
	p := l.probs.literals[0x300*set:][:0x300]
	symbol := uint32(1)
	if l.state >= 7 {
		like := uint32(l.window.back(int(l.rep[0]) + 1))
		for symbol < 0x100 {
			like <<= 1
			foretold := like >> 8 & 1
			bit := c.bit(&p[(1+foretold)<<8+symbol])
			symbol = symbol<<1 | bit
			if bit != foretold {
				break
			}
		}
	}
	for symbol < 0x100 {
		symbol = symbol<<1 | c.bit(&p[symbol])
	}
	switch {
	case l.state < 4:
		l.state = 0
	case l.state < 10:
		l.state -= 3
	default:
		l.state -= 6
	}
	if !c.cut {
		l.window.put(byte(symbol))
		l.sized(1)
	}
}

// lzmaRange is the range decoder. Behind the end of its bytes it gives zeroes, and says so in cut.
type lzmaRange struct {
	in    io.Reader // nil: b is all
	b     []byte
	at    int
	width uint32
	value uint32
	cut   bool
	room  []byte
}

// begin reads the five bytes that every stream begins with.
func (c *lzmaRange) begin() {
	c.width, c.value, c.cut = 1<<32-1, 0, false
	for range 5 {
		c.value = c.value<<8 | uint32(c.next())
	}
}

func (c *lzmaRange) next() byte {
	if c.at >= len(c.b) && !c.more() {
		c.cut = true
		return 0
	}
	c.at++
	return c.b[c.at-1]
}

func (c *lzmaRange) more() bool {
	if c.in == nil {
		return false
	}
	if c.room == nil {
		c.room = make([]byte, 16<<10)
	}
	for range 100 { // empty reads
		n, err := c.in.Read(c.room)
		c.b, c.at = c.room[:n], 0
		if n > 0 {
			return true
		}
		if err != nil {
			break
		}
	}
	c.in = nil
	return false
}

// bit decodes one with a model, which learns from it.
func (c *lzmaRange) bit(p *uint16) uint32 {
	if c.width < 1<<24 {
		c.width <<= 8
		c.value = c.value<<8 | uint32(c.next())
	}
	bound := c.width >> 11 * uint32(*p)
	if c.value < bound {
		c.width = bound
		*p += (1<<11 - *p) >> 5
		return 0
	}
	c.width -= bound
	c.value -= bound
	*p -= *p >> 5
	return 1
}

// tree decodes a number of so many bits, the highest first.
func (c *lzmaRange) tree(p []uint16, bits int) uint32 {
	m := uint32(1)
	for range bits {
		m = m<<1 | c.bit(&p[m])
	}
	return m - 1<<bits
}

// treeBack decodes one whose lowest bit comes first.
func (c *lzmaRange) treeBack(p []uint16, bits int) uint32 {
	m, v := uint32(1), uint32(0)
	for i := range bits {
		b := c.bit(&p[m])
		m = m<<1 | b
		v |= b << i
	}
	return v
}

// even decodes bits that nothing foretells.
func (c *lzmaRange) even(bits int) uint32 {
	v := uint32(0)
	for range bits {
		if c.width < 1<<24 {
			c.width <<= 8
			c.value = c.value<<8 | uint32(c.next())
		}
		c.width >>= 1
		v <<= 1
		if c.value >= c.width {
			c.value -= c.width
			v |= 1
		}
	}
	return v
}

func (c *lzmaRange) length(n *lzmaLengths, at uint32) int {
	if c.bit(&n.choice[0]) == 0 {
		return int(c.tree(n.low[at][:], 3))
	}
	if c.bit(&n.choice[1]) == 0 {
		return 8 + int(c.tree(n.mid[at][:], 3))
	}
	return 16 + int(c.tree(n.high[:], 8))
}

// distance decodes how far back a match lies, less 1.
func (c *lzmaRange) distance(p *lzmaProbs, length int) uint32 {
	slot := c.tree(p.slot[length][:], 6)
	if slot < lzmaStart {
		return slot
	}
	bits := int(slot>>1) - 1
	v := (2 | slot&1) << bits
	if slot < lzmaModelled {
		return v + c.treeBack(p.far[v-slot:], bits)
	}
	return v + c.even(bits-lzmaAligned)<<lzmaAligned + c.treeBack(p.align[:], lzmaAligned)
}
