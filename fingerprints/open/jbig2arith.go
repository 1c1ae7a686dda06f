package open

// arithmetic is the adaptive binary decoder of JBIG2 (ITU-T T.88, annex E). Behind the end of the bytes are ones, without
// end, as the standard has it.
type arithmetic struct {
	b    []byte
	at   int
	c, a uint32
	left int // bits in c before the next byte is needed
}

// arithmeticState is a line of table E.1: the probability of the rarer symbol, and the states that follow.
type arithmeticState struct {
	qe          uint32
	more, less  byte // after the likelier symbol, and after the rarer one
	switchSense bool
}

// arithmeticStates are table E.1 of T.88.
var arithmeticStates = [47]arithmeticState{
	{0x5601, 1, 1, true}, {0x3401, 2, 6, false}, {0x1801, 3, 9, false}, {0x0AC1, 4, 12, false}, {0x0521, 5, 29, false}, {0x0221, 38, 33, false},
	{0x5601, 7, 6, true}, {0x5401, 8, 14, false}, {0x4801, 9, 14, false}, {0x3801, 10, 14, false}, {0x3001, 11, 17, false}, {0x2401, 12, 18, false},
	{0x1C01, 13, 20, false}, {0x1601, 29, 21, false}, {0x5601, 15, 14, true}, {0x5401, 16, 14, false}, {0x5101, 17, 15, false}, {0x4801, 18, 16, false},
	{0x3801, 19, 17, false}, {0x3401, 20, 18, false}, {0x3001, 21, 19, false}, {0x2801, 22, 19, false}, {0x2401, 23, 20, false}, {0x2201, 24, 21, false},
	{0x1C01, 25, 22, false}, {0x1801, 26, 23, false}, {0x1601, 27, 24, false}, {0x1401, 28, 25, false}, {0x1201, 29, 26, false}, {0x1101, 30, 27, false},
	{0x0AC1, 31, 28, false}, {0x09C1, 32, 29, false}, {0x08A1, 33, 30, false}, {0x0521, 34, 31, false}, {0x0441, 35, 32, false}, {0x02A1, 36, 33, false},
	{0x0221, 37, 34, false}, {0x0141, 38, 35, false}, {0x0111, 39, 36, false}, {0x0085, 40, 37, false}, {0x0049, 41, 38, false}, {0x0025, 42, 39, false},
	{0x0015, 43, 40, false}, {0x0009, 44, 41, false}, {0x0005, 45, 42, false}, {0x0001, 45, 43, false}, {0x5601, 46, 46, false},
}

// newArithmetic begins to decode (figure E.20).
func newArithmetic(b []byte) *arithmetic {
	d := &arithmetic{b: b, at: -1}
	d.c = uint32(d.byteAt(0)) << 16
	d.at = 0
	d.next()
	d.c <<= 7
	d.left -= 7
	d.a = 0x8000
	return d
}

func (d *arithmetic) byteAt(i int) byte {
	if i < len(d.b) {
		return d.b[i]
	}
	return 0xff
}

// next takes a byte (figure E.19): behind 0xff it has seven bits, and a marker has none.
func (d *arithmetic) next() {
	if d.byteAt(d.at) != 0xff {
		d.at++
		d.c += uint32(d.byteAt(d.at)) << 8
		d.left = 8
		return
	}
	if d.byteAt(d.at+1) > 0x8f {
		d.c += 0xff00
		d.left = 8
		return
	}
	d.at++
	d.c += uint32(d.byteAt(d.at)) << 9
	d.left = 7
}

// bit decodes one symbol in a context (figures E.14 to E.18), whose state is its line in the table times two, and the
// likelier symbol.
func (d *arithmetic) bit(context *byte) byte {
	state := &arithmeticStates[*context>>1]
	likely := *context & 1
	d.a -= state.qe
	if d.c>>16 >= state.qe {
		d.c -= state.qe << 16
		if d.a&0x8000 != 0 {
			return likely
		}
		if d.a >= state.qe {
			return d.settle(context, likely, state, true)
		}
		return d.settle(context, likely, state, false)
	}
	more := d.a < state.qe
	d.a = state.qe
	return d.settle(context, likely, state, more)
}

// settle changes the context's state after a symbol, the likelier one or not, and renews the interval.
func (d *arithmetic) settle(context *byte, likely byte, state *arithmeticState, asLikely bool) byte {
	bit := likely
	if asLikely {
		*context = state.more<<1 | likely
	} else {
		bit ^= 1
		if state.switchSense {
			likely ^= 1
		}
		*context = state.less<<1 | likely
	}
	for {
		if d.left == 0 {
			d.next()
		}
		d.a <<= 1
		d.c <<= 1
		d.left--
		if d.a&0x8000 != 0 {
			return bit
		}
	}
}
