package digest

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

const (
	legacyBlock = 256 * kib // kubo's block by default
	legacyLinks = 174       // and its links a node
	wideLinks   = 1024      // of profile unixfs-v1-2025
	cidRaw      = 0x55
	cidDagPB    = 0x70
)

// link is a child of a node of a balanced tree: its address, the bytes of the file below it, and of the blocks.
type link struct {
	sum         [32]byte
	file, total uint64
}

// treeRoot builds a balanced UnixFS tree over leaves (at least one) and returns the root's SHA-256. v1 tells whether the
// leaves are raw and links are CIDs of version 1.
func treeRoot(leaves []link, width int, v1 bool) []byte {
	codec := byte(cidDagPB)
	if v1 {
		codec = cidRaw
	}
	level := leaves
	for len(level) > 1 {
		var up []link
		for len(level) > 0 {
			n := min(width, len(level))
			up = append(up, node(level[:n], codec, v1))
			level = level[n:]
		}
		level, codec = up, cidDagPB
	}
	return level[0].sum[:]
}

// node encodes a UnixFS file node in canonical dag-pb: links first, then data.
func node(children []link, codec byte, v1 bool) link {
	var n link
	var b, data []byte
	data = append(data, 0x08, 2) // type: file
	for _, c := range children {
		n.file += c.file
		n.total += c.total
	}
	data = binary.AppendUvarint(append(data, 0x18), n.file)
	for _, c := range children {
		data = binary.AppendUvarint(append(data, 0x20), c.file)
		var l []byte
		if v1 {
			l = append(l, 0x0a, 36, 1, codec, 0x12, 32)
		} else {
			l = append(l, 0x0a, 34, 0x12, 32)
		}
		l = append(l, c.sum[:]...)
		l = append(l, 0x12, 0) // no name
		l = binary.AppendUvarint(append(l, 0x18), c.total)
		b = append(binary.AppendUvarint(append(b, 0x12), uint64(len(l))), l...)
	}
	b = append(binary.AppendUvarint(append(b, 0x0a), uint64(len(data))), data...)
	n.total += uint64(len(b))
	n.sum = sha256.Sum256(b)
	return n
}

// rawLeaves gathers leaves that are the blocks themselves.
type rawLeaves []link

func (r *rawLeaves) see(sum []byte, n int64) {
	*r = append(*r, link{[32]byte(sum), uint64(n), uint64(n)})
}

func (r rawLeaves) root(width int) []byte { return treeRoot(r, width, true) }

// legacyLeaves gathers leaves that are dag-pb nodes with the block in them, as CIDs of version 0 have.
type legacyLeaves struct {
	leaves []link
	block  []byte
	hash   hash.Hash
}

func (l *legacyLeaves) write(p []byte) {
	for len(p) > 0 {
		if len(l.block) == legacyBlock { // only now: the last block is not to be an empty one
			l.flush()
		}
		n := min(len(p), legacyBlock-len(l.block))
		l.block = append(l.block, p[:n]...)
		p = p[n:]
	}
}

func (l *legacyLeaves) flush() {
	if l.hash == nil {
		l.hash = sha256.New()
	}
	size := uint64(len(l.block))
	inner := []byte{0x08, 2}
	if size > 0 {
		inner = binary.AppendUvarint(append(inner, 0x12), size)
	}
	tail := binary.AppendUvarint([]byte{0x18}, size)
	head := binary.AppendUvarint([]byte{0x0a}, uint64(len(inner)+len(tail))+size)
	l.hash.Reset()
	l.hash.Write(head)
	l.hash.Write(inner)
	l.hash.Write(l.block)
	l.hash.Write(tail)
	leaf := link{file: size, total: uint64(len(head)+len(inner)+len(tail)) + size}
	l.hash.Sum(leaf.sum[:0])
	l.leaves = append(l.leaves, leaf)
	l.block = l.block[:0]
}

// all returns the content when it fits into one block.
func (l *legacyLeaves) all() ([]byte, bool) { return l.block, len(l.leaves) == 0 }

func (l *legacyLeaves) root() []byte {
	l.flush()
	l.block = nil
	return treeRoot(l.leaves, legacyLinks, false)
}
