package digest

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
)

// merkleLeaf is the block of a v2 torrent (BEP 52).
const merkleLeaf = 16 * kib

// merkle builds a v2 torrent's pieces root out of its leaves as they come, in logarithmic memory.
type merkle struct{ stack []subtree }

type subtree struct {
	level int
	sum   [32]byte
}

func join(a, b [32]byte) [32]byte {
	var both [64]byte
	copy(both[:], a[:])
	copy(both[32:], b[:])
	return sha256.Sum256(both[:])
}

func (m *merkle) see(sum []byte, _ int64) {
	t := subtree{sum: [32]byte(sum)}
	for len(m.stack) > 0 && m.stack[len(m.stack)-1].level == t.level {
		t = subtree{t.level + 1, join(m.stack[len(m.stack)-1].sum, t.sum)}
		m.stack = m.stack[:len(m.stack)-1]
	}
	m.stack = append(m.stack, t)
}

// root pads the leaves with zeros to a power of two; there is at least one.
func (m *merkle) root() []byte {
	t := m.stack[len(m.stack)-1]
	for i := len(m.stack) - 2; i >= 0; i-- {
		for t.level < m.stack[i].level {
			t = subtree{t.level + 1, join(t.sum, padding(t.level))}
		}
		t = subtree{t.level + 1, join(m.stack[i].sum, t.sum)}
	}
	return t.sum[:]
}

// padding is the root of a tree of that many levels over zero leaves.
func padding(level int) (sum [32]byte) {
	for range level {
		sum = join(sum, sum)
	}
	return sum
}

// pieces digests the whole pieces of one length.
type pieces struct {
	size int64
	sum  hash.Hash
}

func (p *pieces) see(sum []byte, n int64) {
	if n == p.size {
		p.sum.Write(sum)
	}
}

func (p *pieces) value() Value { return piecesValue(p.size, p.sum.Sum(nil)) }

func piecesValue(size int64, sum []byte) Value {
	return Value{Torrent1, string(binary.BigEndian.AppendUint32(nil, uint32(size))) + string(sum)}
}

// File is what a v1 torrent says of one of its files.
type File struct {
	Offset, Length int64 // in the concatenated files, in bytes
	PieceLength    int64
	Pieces         []byte // the torrent's pieces, 20 bytes each
}

// FromTorrent returns the digest that a v1 torrent gives of a file: of its whole pieces when it begins where a piece
// does, or SHA1 when it is the torrent's last and shorter than one piece. The size is not part of it: compare that too.
// The error wraps ErrForm where the numbers do not fit, and ErrUnaligned where the pieces tell of other files as well.
func FromTorrent(f File) (Value, error) {
	n := int64(len(f.Pieces) / sha1.Size)
	if f.PieceLength <= 0 || f.PieceLength > 1<<31 || f.Length <= 0 || f.Offset < 0 || len(f.Pieces)%sha1.Size != 0 || f.Offset/f.PieceLength >= n {
		return Value{}, fmt.Errorf("read a torrent's file: %w", ErrForm)
	}
	if f.Offset%f.PieceLength != 0 {
		return Value{}, ErrUnaligned
	}
	first, whole := f.Offset/f.PieceLength, f.Length/f.PieceLength
	if whole > n-first {
		return Value{}, fmt.Errorf("read a torrent's file: %w", ErrForm)
	}
	if whole == 0 {
		if first != n-1 {
			return Value{}, ErrUnaligned
		}
		return value(SHA1, f.Pieces[first*sha1.Size:]), nil
	}
	sum := sha256.Sum256(f.Pieces[first*sha1.Size : (first+whole)*sha1.Size])
	return piecesValue(f.PieceLength, sum[:]), nil
}
