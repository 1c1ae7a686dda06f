package open

// Contexts of a code block (annex D).
const (
	jpxSign    = 9
	jpxRefine  = 14
	jpxRun     = 17
	jpxUniform = 18
)

// Flags of a coefficient.
const (
	jpxIs      = 1 << iota // it is not 0
	jpxMinus               // it is negative
	jpxSeen                // it had its bit in this plane
	jpxRefined             // it had another before
)

// jpxZero are the contexts of table D.1 by band, neighbours across, down and aslant.
var jpxZero = func() (t [4][3][3][5]byte) {
	for h := range 3 {
		for v := range 3 {
			for d := range 5 {
				low, both := jpxZeroLow(h, v, d), jpxZeroBoth(h+v, d)
				t[0][h][v][d], t[2][h][v][d], t[3][h][v][d] = low, low, both
				t[1][v][h][d] = low
			}
		}
	}
	return t
}()

func jpxZeroLow(h, v, d int) byte {
	switch {
	case h == 2:
		return 8
	case h == 1 && v >= 1:
		return 7
	case h == 1 && d >= 1:
		return 6
	case h == 1:
		return 5
	case v == 2:
		return 4
	case v == 1:
		return 3
	}
	return byte(min(d, 2))
}

func jpxZeroBoth(hv, d int) byte {
	switch {
	case d >= 3:
		return 8
	case d == 2:
		return 6 + byte(min(hv, 1))
	case d == 1:
		return 3 + byte(min(hv, 2))
	}
	return byte(min(hv, 2))
}

// jpxCoder decodes the planes of bits of a code block.
type jpxCoder struct {
	code     *arithmetic
	contexts [19]byte
	w, h     int
	wide     int    // of a row with its margins
	flags    []byte // with a margin all around
	v        []uint32
	zero     *[3][3][5]byte
	plane    uint
	causal   bool
}

func (c *jpxCoder) reset() {
	c.contexts = [19]byte{0: 4 << 1, jpxRun: 3 << 1, jpxUniform: 46 << 1}
}

// decode writes the coefficients of a block to a band.
func (k *jpxBlock) decode(to []float32, b *jpxBand, s *jpxStyle) {
	w, h := k.w(), k.h()
	c := &jpxCoder{w: w, h: h, wide: w + 2, flags: make([]byte, (w+2)*(h+2)), v: make([]uint32, w*h), zero: &jpxZero[b.kind], causal: s.flags&jpxCausal != 0}
	c.reset()
	plane, pass := b.planes-1-k.zeroes, 2
	if plane < 0 {
		return
	}
	for _, segment := range k.segments {
		c.code = newArithmetic(segment.b)
		for range segment.passes {
			if plane < 0 {
				break
			}
			c.plane = uint(plane)
			switch pass {
			case 0:
				c.significance()
			case 1:
				c.refinement()
			default:
				c.cleanup()
				if s.flags&jpxSegments != 0 {
					for range 4 {
						c.code.bit(&c.contexts[jpxUniform])
					}
				}
			}
			if s.flags&jpxReset != 0 {
				c.reset()
			}
			if pass++; pass == 3 {
				pass = 0
				plane--
			}
		}
	}
	c.write(to, b, s.reversible && plane < 0)
}

// write gives the values, in the middle of what the missing planes leave open.
func (c *jpxCoder) write(to []float32, b *jpxBand, exact bool) {
	middle := float32(0)
	if !exact {
		middle = float32(uint32(1)<<c.plane) / 2
	}
	for y := range c.h {
		row := to[y*b.w():][:c.w]
		for x := range row {
			v := c.v[y*c.w+x]
			if v == 0 {
				continue
			}
			f := (float32(v) + middle) * b.step
			if c.flags[(y+1)*c.wide+x+1]&jpxMinus != 0 {
				f = -f
			}
			row[x] = f
		}
	}
}

// around counts the neighbours that are not 0: across, down and aslant. last says that the row below is not asked.
func (c *jpxCoder) around(at int, last bool) (h, v, d byte) {
	f, wide := c.flags, c.wide
	up, down := at-wide, at+wide
	h = f[at-1]&1 + f[at+1]&1
	v, d = f[up]&1, f[up-1]&1+f[up+1]&1
	if !last {
		v += f[down] & 1
		d += f[down-1]&1 + f[down+1]&1
	}
	return h, v, d
}

// sign decodes a sign (D.3.2) and notes that the coefficient is not 0.
func (c *jpxCoder) sign(at, x, y int, last bool) {
	side := func(i int) int {
		switch c.flags[i] & (jpxIs | jpxMinus) {
		case jpxIs:
			return 1
		case jpxIs | jpxMinus:
			return -1
		}
		return 0
	}
	h, v := side(at-1)+side(at+1), side(at-c.wide)
	if !last {
		v += side(at + c.wide)
	}
	h, v = min(max(h, -1), 1), min(max(v, -1), 1)
	flip := byte(0)
	if h < 0 || h == 0 && v < 0 {
		h, v, flip = -h, -v, 1
	}
	context := jpxSign + v // of h 0
	if h == 1 {
		context = jpxSign + 3 + v
	}
	f := byte(jpxIs)
	if c.code.bit(&c.contexts[context])^flip != 0 {
		f |= jpxMinus
	}
	c.flags[at] |= f
	c.v[y*c.w+x] = 1 << c.plane
}

// each calls see with the coefficients in stripes of four rows, column by column.
func (c *jpxCoder) each(see func(at, x, y int, last bool)) {
	for y0 := 0; y0 < c.h; y0 += 4 {
		for x := range c.w {
			for y := y0; y < min(y0+4, c.h); y++ {
				see((y+1)*c.wide+x+1, x, y, c.causal && y == y0+3)
			}
		}
	}
}

// significance is the pass of those that have a neighbour (D.3.1).
func (c *jpxCoder) significance() {
	c.each(func(at, x, y int, last bool) {
		if c.flags[at]&jpxIs != 0 {
			return
		}
		h, v, d := c.around(at, last)
		if h+v+d == 0 {
			return
		}
		if c.code.bit(&c.contexts[c.zero[h][v][d]]) != 0 {
			c.sign(at, x, y, last)
		}
		c.flags[at] |= jpxSeen
	})
}

// refinement is the pass of those that are not 0 (D.3.3).
func (c *jpxCoder) refinement() {
	c.each(func(at, x, y int, last bool) {
		if c.flags[at]&(jpxIs|jpxSeen) != jpxIs {
			return
		}
		context := jpxRefine + 2
		if c.flags[at]&jpxRefined == 0 {
			context = jpxRefine
			if h, v, d := c.around(at, last); h+v+d > 0 {
				context++
			}
		}
		c.v[y*c.w+x] |= uint32(c.code.bit(&c.contexts[context])) << c.plane
		c.flags[at] |= jpxRefined
	})
}

// cleanup is the pass of all others (D.3.4), four at once where nothing is near.
func (c *jpxCoder) cleanup() {
	for y0 := 0; y0 < c.h; y0 += 4 {
		for x := range c.w {
			y, found := y0, false
			if y0+4 <= c.h && c.lonely(x, y0) {
				if c.code.bit(&c.contexts[jpxRun]) == 0 {
					continue
				}
				n := c.code.bit(&c.contexts[jpxUniform]) << 1
				n |= c.code.bit(&c.contexts[jpxUniform])
				y, found = y0+int(n), true
			}
			for ; y < min(y0+4, c.h); y++ {
				c.clean((y+1)*c.wide+x+1, x, y, c.causal && y == y0+3, found)
				found = false
			}
		}
	}
	for i := range c.flags {
		c.flags[i] &^= jpxSeen
	}
}

func (c *jpxCoder) clean(at, x, y int, last, found bool) {
	if found {
		c.sign(at, x, y, last)
		return
	}
	if c.flags[at]&(jpxIs|jpxSeen) != 0 {
		return
	}
	h, v, d := c.around(at, last)
	if c.code.bit(&c.contexts[c.zero[h][v][d]]) != 0 {
		c.sign(at, x, y, last)
	}
}

// lonely reports whether four in a column are 0, were not seen and have no neighbour.
func (c *jpxCoder) lonely(x, y0 int) bool {
	for y := y0; y < y0+4; y++ {
		at := (y+1)*c.wide + x + 1
		if c.flags[at]&(jpxIs|jpxSeen) != 0 {
			return false
		}
		if h, v, d := c.around(at, c.causal && y == y0+3); h+v+d != 0 {
			return false
		}
	}
	return true
}
