package open

import (
	"encoding/binary"
	"io"
)

// lzma2Reader decodes LZMA2: pieces of LZMA, or of bytes as they are, each with its sizes before it (as the reference code
// of XZ Utils and the .xz File Format 5.3.1 have it). What comes before a break is yielded.
type lzma2Reader struct {
	in    byteReader
	l     lzmaReader
	ready bool // properties came
	wrong bool // a piece made no sense: nothing does before a dictionary begins anew
	begun bool // a dictionary began
	known bool // where the next piece begins is known, whatever is in this one
	piece []byte
	err   error
}

// newLZMA2 reads to the end mark and no byte beyond.
func newLZMA2(in byteReader, dictionary int64) *lzma2Reader {
	return &lzma2Reader{in: in, l: lzmaReader{window: lzmaWindow{most: dictionary}}}
}

// Read implements io.Reader. The error comes behind everything that could be read.
func (r *lzma2Reader) Read(p []byte) (int, error) {
	for r.l.window.unread() == 0 {
		if r.err != nil {
			return 0, r.err
		}
		if r.err = r.next(); r.err == ErrDamaged && r.known {
			r.err, r.wrong, r.l.size = nil, true, 0
		}
	}
	return r.l.window.read(p), nil
}

// next decodes a piece, 2 MB at most, or a part of one.
func (r *lzma2Reader) next() error {
	if r.l.size > 0 {
		return r.decode()
	}
	r.known = false
	control, err := r.in.ReadByte()
	if err != nil {
		return io.ErrUnexpectedEOF
	}
	if control == 0 {
		return r.ended()
	}
	if control == 1 || control >= 0xe0 {
		r.l.window.restart()
		r.begun, r.wrong = true, false
	}
	if !r.begun || control > 2 && control < 0x80 {
		return ErrDamaged
	}
	if control < 0x80 {
		return r.plain()
	}
	return r.packed(control)
}

// ended is what the end mark means.
func (r *lzma2Reader) ended() error {
	if r.wrong {
		return ErrDamaged
	}
	return io.EOF
}

// plain passes bytes on that are as they are.
func (r *lzma2Reader) plain() error {
	var head [2]byte
	if _, err := io.ReadFull(r.in, head[:]); err != nil {
		return io.ErrUnexpectedEOF
	}
	err := r.take(int(binary.BigEndian.Uint16(head[:])) + 1)
	for _, b := range r.piece {
		if !r.wrong {
			r.l.window.put(b)
		}
	}
	return err
}

// byteReader is what is read to the byte.
type byteReader interface {
	io.Reader
	io.ByteReader
}

// take reads so many bytes, or as many as there are.
func (r *lzma2Reader) take(n int) error {
	r.piece = grow(r.piece, n)
	got, err := io.ReadFull(r.in, r.piece)
	r.piece = r.piece[:got]
	return noEOF(err)
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// packed begins a piece of LZMA.
func (r *lzma2Reader) packed(control byte) error {
	var head [4]byte
	if _, err := io.ReadFull(r.in, head[:]); err != nil {
		return io.ErrUnexpectedEOF
	}
	renew := control >> 5 & 3
	if renew >= 2 {
		props, err := r.in.ReadByte()
		if err != nil {
			return io.ErrUnexpectedEOF
		}
		if lc, lp, _, ok := lzmaProps(props); !ok || lc+lp > 4 || !r.l.props(props) {
			return ErrDamaged
		}
		r.ready = true
	}
	if !r.ready {
		return ErrDamaged
	}
	if renew > 0 {
		r.l.reset()
	}
	if err := r.take(int(binary.BigEndian.Uint16(head[2:])) + 1); err != nil && len(r.piece) == 0 {
		return err
	}
	if r.known = true; r.wrong {
		return nil
	}
	r.l.code = lzmaRange{b: r.piece}
	r.l.code.begin()
	r.l.left = 0
	r.l.size = int64(control&31)<<16 + int64(binary.BigEndian.Uint16(head[:])) + 1
	return r.decode()
}

// decode goes on with a piece.
func (r *lzma2Reader) decode() error {
	switch err := r.l.some(chunk); err {
	case nil:
		return nil
	case io.EOF:
		if r.l.size != 0 || r.l.left > 0 {
			return ErrDamaged
		}
		return nil
	default:
		return err
	}
}
