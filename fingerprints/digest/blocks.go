package digest

import "hash"

// blocks hashes a content whole, and each of its blocks at several block sizes. Until the first block of a size has
// ended, its hash is that of the whole so far, so that a size larger than the content costs nothing.
type blocks struct {
	whole hash.Hash
	fresh func() hash.Hash
	cuts  []*cut // by size, ascending
	apart int    // how many of them have hashes of their own
	total int64
}

// cut is one block size.
type cut struct {
	size int64
	most int // blocks from which it is given up: nobody publishes so many
	see  func(sum []byte, n int64)

	own  hash.Hash
	left int64
	n    int
}

func (b *blocks) write(p []byte) {
	for len(p) > 0 {
		n := int64(len(p))
		if b.apart < len(b.cuts) {
			n = min(n, b.cuts[b.apart].size-b.total)
		}
		b.whole.Write(p[:n])
		for _, c := range b.cuts[:b.apart] {
			c.write(p[:n])
		}
		b.total += n
		p = p[n:]
		for b.apart < len(b.cuts) && b.cuts[b.apart].size == b.total {
			c := b.cuts[b.apart]
			c.own, c.left, c.n = b.fresh(), c.size, 1
			c.see(b.whole.Sum(nil), c.size)
			b.apart++
		}
	}
}

func (c *cut) write(p []byte) {
	for len(p) > 0 && !c.givenUp() {
		n := min(int64(len(p)), c.left)
		c.own.Write(p[:n])
		p = p[n:]
		if c.left -= n; c.left == 0 {
			c.see(c.own.Sum(nil), c.size)
			c.own.Reset()
			c.left, c.n = c.size, c.n+1
		}
	}
}

func (c *cut) givenUp() bool { return c.most > 0 && c.n >= c.most }

// end tells the last blocks. A size larger than the content has told none: its only block is the whole.
func (b *blocks) end() {
	for _, c := range b.cuts[:b.apart] {
		if c.left < c.size && !c.givenUp() {
			c.see(c.own.Sum(nil), c.size-c.left)
		}
	}
}
