package open

// zigzag is where the coefficients lie that are told one after the other (T.81, figure 5).
var zigzag = [64 + 16]uint8{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
	// Runs that lead too far end here.
	63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63,
}

// wholeBlock reads a block of a sequential image, and transforms it where it is wanted.
func (d *jpegImage) wholeBlock(c *jpegComp, x, y int) bool {
	if !c.wanted {
		return d.pass(c)
	}
	r := &d.bits
	clear(d.blocks[:])
	q := &d.quant[c.tq]
	if !d.dcOf(c) {
		return false
	}
	d.blocks[0] = c.last * q[0]
	h := d.ac[c.ac]
	for k := 1; k < 64; {
		if r.n < 32 {
			r.fill()
		}
		if e := h.short[r.acc>>55]; e != 0 {
			r.take(int(e & 255))
			k += int(e >> 8 & 255)
			at := zigzag[k]
			d.blocks[at] = (e >> 16) * q[at]
			k++
			continue
		}
		v := r.symbol(h)
		if v < 0 {
			return false
		}
		run, size := v>>4, v&15
		if size == 0 {
			if run < 15 {
				break
			}
			k += 16
			continue
		}
		k += run
		at := zigzag[min(k, 79)]
		d.blocks[at] = r.extend(size) * q[at]
		k++
	}
	d.transform(c, x, y)
	return true
}

// dcOf reads how a block's first coefficient differs from the last block's.
func (d *jpegImage) dcOf(c *jpegComp) bool {
	r := &d.bits
	r.fill()
	size := r.symbol(d.dc[c.dc])
	if size < 0 || size > 15 {
		return false
	}
	c.last += r.extend(size)
	return true
}

// pass reads a block that nobody wants.
func (d *jpegImage) pass(c *jpegComp) bool {
	if !d.dcOf(c) {
		return false
	}
	r, h := &d.bits, d.ac[c.ac]
	for k := 1; k < 64; k++ {
		if r.n < 32 {
			r.fill()
		}
		if e := h.short[r.acc>>55]; e != 0 {
			r.take(int(e & 255))
			k += int(e >> 8 & 255)
			continue
		}
		v := r.symbol(h)
		if v < 0 {
			return false
		}
		if v&15 == 0 && v>>4 < 15 {
			return true
		}
		r.take(v & 15)
		k += v >> 4
	}
	return true
}

// passBlock is pass for a scan of an image in several: of a component that nobody wants there are only first coefficients.
func (d *jpegImage) passBlock(s *jpegScan, c *jpegComp) bool {
	switch {
	case !d.progressive:
		return d.pass(c)
	case s.high > 0:
		d.bits.bit()
		return true
	}
	return d.dcOf(c)
}

// scanBlock reads what a scan tells of a block's coefficients (T.81, G.1.2).
func (d *jpegImage) scanBlock(s *jpegScan, c *jpegComp, coefs []int16) bool {
	coefs = coefs[:64]
	switch {
	case s.start == 0 && s.high > 0:
		if d.bits.bit() {
			coefs[0] |= 1 << s.low
		}
		return true
	case s.start == 0:
		if !d.dcOf(c) {
			return false
		}
		coefs[0] = int16(c.last << s.low)
		if s.end == 0 {
			return true
		}
		return d.firstBits(s, d.ac[c.ac], coefs, 1)
	case s.high == 0:
		return d.firstBits(s, d.ac[c.ac], coefs, s.start)
	}
	return d.moreBits(s, d.ac[c.ac], coefs)
}

// firstBits reads coefficients from k on for the first time.
func (d *jpegImage) firstBits(s *jpegScan, h *jpegHuffman, coefs []int16, k int) bool {
	if d.eobs > 0 {
		d.eobs--
		return true
	}
	r := &d.bits
	for k <= s.end {
		if r.n < 32 {
			r.fill()
		}
		v := r.symbol(h)
		if v < 0 {
			return false
		}
		run, size := v>>4, v&15
		if size == 0 {
			if run == 15 {
				k += 16
				continue
			}
			d.eobs = 1<<run - 1 + int(r.number(run))
			return true
		}
		k += run
		coefs[zigzag[min(k, 79)]] = int16(r.extend(size) << s.low)
		k++
	}
	return true
}

// number reads so many bits, at most 16.
func (r *jpegBits) number(n int) uint64 {
	if n == 0 {
		return 0
	}
	if r.n < n {
		r.fill()
	}
	v := r.acc >> (64 - n)
	r.take(n)
	return v
}

// moreBits makes coefficients exact by one bit more (T.81, G.1.2.3).
func (d *jpegImage) moreBits(s *jpegScan, h *jpegHuffman, coefs []int16) bool {
	r, k, bit := &d.bits, s.start, int16(1)<<s.low
	for d.eobs == 0 && k <= s.end {
		r.fill()
		v := r.symbol(h)
		if v < 0 {
			return false
		}
		run, size := v>>4, v&15
		var fresh int16
		if size == 0 {
			if run < 15 {
				d.eobs = 1<<run + int(r.number(run))
				break
			}
		} else {
			if fresh = -bit; r.bit() {
				fresh = bit
			}
		}
		k = d.refine(coefs, k, s.end, run, bit)
		if k <= s.end && fresh != 0 {
			coefs[zigzag[k]] = fresh
		}
		k++
	}
	if d.eobs > 0 {
		d.refine(coefs, k, s.end, -1, bit)
		d.eobs--
	}
	return true
}

// refine goes over run coefficients that are zero, or with -1 over all, and corrects those that are not. It returns
// where it stopped.
func (d *jpegImage) refine(coefs []int16, k, end, run int, bit int16) int {
	for ; k <= end; k++ {
		c := &coefs[zigzag[k]]
		if *c == 0 {
			if run == 0 {
				break
			}
			run--
			continue
		}
		if d.bits.bit() && *c&bit == 0 {
			if *c > 0 {
				*c += bit
			} else {
				*c -= bit
			}
		}
	}
	return k
}

// transform turns d.blocks into the pixels of a block of a component's line.
func (d *jpegImage) transform(c *jpegComp, x, y int) {
	stride := c.wide * d.side
	to := c.plane[y*d.side*stride+x*d.side:]
	switch d.side {
	case 8:
		inverseDCT(&d.blocks, to, stride)
	case 4:
		inverseSmall(&d.blocks, to, stride, 4, &dct4)
	case 2:
		inverseSmall(&d.blocks, to, stride, 2, &dct2)
	default:
		to[0] = light(d.blocks[0], 3)
	}
}

// light descales a sample and moves it to 0 … 255.
func light(v int32, scale uint) byte {
	v = (v+1<<(scale-1))>>scale + 128
	if uint32(v) > 255 {
		if v < 0 {
			return 0
		}
		return 255
	}
	return byte(v)
}

// dct4 and dct2 are c(u)·cos((2x+1)uπ/2N)·√(2/N) for each x, in 1/4096. The coefficients of a block of eight count half
// (N = 4) or a quarter (N = 2).
var (
	dct4 = [16]int32{2048, 2676, 2048, 1108, 2048, 1108, -2048, -2676, 2048, -1108, -2048, 2676, 2048, -2676, 2048, -1108}
	dct2 = [16]int32{2896, 2896, 2896, -2896}
)

// inverseSmall transforms a block's lowest n × n coefficients to n × n pixels, each the mean of those for which it stands.
func inverseSmall(b *[64]int32, to []byte, stride, n int, m *[16]int32) {
	var half [16]int32
	scale := uint(24 - 12 + 1) // two factors of 4096, less what is dropped on the way, and the half
	if n == 2 {
		scale++
	}
	for u := range n { // columns
		for y := range n {
			var t int32
			for v := range n {
				t += m[y*n+v] * clampCoef(b[8*v+u])
			}
			half[y*n+u] = (t + 1<<3) >> 4
		}
	}
	for y := range n {
		for x := range n {
			var t int64
			for u := range n {
				t += int64(m[x*n+u]) * int64(half[y*n+u])
			}
			to[y*stride+x] = light(int32((t+1<<7)>>8), scale)
		}
	}
}

// clampCoef keeps what a hostile image tells within what sums of it can hold.
func clampCoef(v int32) int32 { return min(max(v, -1<<15), 1<<15) }

// Constants of inverseDCT in 1/8192, by what they are multiplied with.
const (
	dct0298 = 2446
	dct0390 = 3196
	dct0541 = 4433
	dct0765 = 6270
	dct0899 = 7373
	dct1175 = 9633
	dct1501 = 12299
	dct1847 = 15137
	dct1961 = 16069
	dct2053 = 16819
	dct2562 = 20995
	dct3072 = 25172
)

// inverseDCT is the inverse transform of Loeffler, Ligtenberg and Moschytz (ICASSP 1989), in whole numbers.
func inverseDCT(b *[64]int32, to []byte, stride int) {
	for x := range 8 {
		c := b[x : x+57 : x+57]
		if c[8]|c[16]|c[24]|c[32]|c[40]|c[48]|c[56] == 0 {
			v := c[0] << 2
			c[0], c[8], c[16], c[24], c[32], c[40], c[48], c[56] = v, v, v, v, v, v, v, v
			continue
		}
		e0, e1, e2, e3 := evenPart(c[0], c[16], c[32], c[48])
		o0, o1, o2, o3 := oddPart(c[8], c[24], c[40], c[56])
		const half = 1 << 10
		c[0], c[56] = (e0+o3+half)>>11, (e0-o3+half)>>11
		c[8], c[48] = (e1+o2+half)>>11, (e1-o2+half)>>11
		c[16], c[40] = (e2+o1+half)>>11, (e2-o1+half)>>11
		c[24], c[32] = (e3+o0+half)>>11, (e3-o0+half)>>11
	}
	for y := range 8 {
		r := b[8*y : 8*y+8 : 8*y+8]
		o := to[y*stride : y*stride+8 : y*stride+8]
		e0, e1, e2, e3 := evenPart(r[0], r[2], r[4], r[6])
		o0, o1, o2, o3 := oddPart(r[1], r[3], r[5], r[7])
		o[0], o[7] = light(e0+o3, 18), light(e0-o3, 18)
		o[1], o[6] = light(e1+o2, 18), light(e1-o2, 18)
		o[2], o[5] = light(e2+o1, 18), light(e2-o1, 18)
		o[3], o[4] = light(e3+o0, 18), light(e3-o0, 18)
	}
}

func evenPart(c0, c2, c4, c6 int32) (e0, e1, e2, e3 int32) {
	z := (c2 + c6) * dct0541
	t2, t3 := z-c6*dct1847, z+c2*dct0765
	t0, t1 := (c0+c4)<<13, (c0-c4)<<13
	return t0 + t3, t1 + t2, t1 - t2, t0 - t3
}

func oddPart(c1, c3, c5, c7 int32) (o0, o1, o2, o3 int32) {
	z1, z2, z3, z4 := c7+c1, c5+c3, c7+c3, c5+c1
	z5 := (z3 + z4) * dct1175
	z1, z2, z3, z4 = -z1*dct0899, -z2*dct2562, z5-z3*dct1961, z5-z4*dct0390
	return c7*dct0298 + z1 + z3, c5*dct2053 + z2 + z4, c3*dct3072 + z2 + z3, c1*dct1501 + z1 + z4
}
