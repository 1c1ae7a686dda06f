package listing

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"

	"github.com/ulikunitz/xz/lzma"
)

// unpack opens a packed header, which lies right before that place.
func (s *sevenStreams) unpack(r io.ReaderAt, before int64) (*bufio.Reader, error) {
	if s.encrypted() {
		return nil, ErrEncrypted
	}
	if len(s.folders) != 1 || len(s.packed) != 1 || len(s.folders[0].coders) != 1 {
		return nil, ErrDamaged
	}
	f, n := s.folders[0], s.packed[0]
	if f.size > maxSevenHeader || n > MaxTail || f.size/maxHeaderRatio > n {
		return nil, ErrTooLarge
	}
	if n > uint64(max(0, before-sevenStart)) {
		return nil, ErrDamaged
	}
	var first [1]byte
	if err := full(r, first[:], before-int64(n)); err != nil {
		return nil, err
	}
	packed := bufio.NewReader(io.NewSectionReader(r, before-int64(n), int64(n)))
	var plain io.Reader
	var err error
	switch c := f.coders[0]; {
	case c.id == coderCopy:
		plain = packed
	case c.id == coderLZMA && len(c.props) == 5:
		dict := min(binary.LittleEndian.Uint32(c.props[1:]), uint32(max(f.size, 1<<12))) // no more than there is to refer to
		head := binary.LittleEndian.AppendUint32([]byte{c.props[0]}, dict)
		head = binary.LittleEndian.AppendUint64(head, f.size)
		plain, err = lzma.NewReader(io.MultiReader(bytes.NewReader(head), packed))
	case c.id == coderLZMA2 && len(c.props) == 1:
		plain, err = lzma.Reader2Config{DictCap: int(max(f.size, 1<<12))}.NewReader2(packed)
	default:
		return nil, ErrDamaged
	}
	if err != nil {
		return nil, ErrDamaged
	}
	return bufio.NewReaderSize(io.LimitReader(plain, int64(f.size)), 1<<16), nil
}

const (
	// encodedRegion is how far from the end the note on a packed header may begin, in bytes: it has some dozens.
	encodedRegion = 4 << 10
	// maxHeaders bounds the places at which a plain header is looked for, and maxHeaderWork the bytes read for that.
	maxHeaders    = 1 << 10
	maxHeaderWork = 32 << 20
)

// sevenTail finds the header at the end of a 7z of which the beginning, that tells where it is, is not at hand: the note
// on a packed header, or a plain one, is what reads well and ends where the content ends.
func sevenTail(r io.ReaderAt, size, base int64) (Listing, error) {
	from := max(base, size-encodedRegion)
	b := make([]byte, size-from)
	if err := full(r, b, from); err != nil {
		return Listing{}, err
	}
	for at := len(b); ; {
		if at = bytes.LastIndex(b[:at], []byte{idEncoded, idPack}); at < 0 {
			break
		}
		p := &sevenParser{r: bufio.NewReader(bytes.NewReader(b[at+1:]))}
		s := p.streams()
		if p.failed != nil || p.read != int64(len(b)-at-1) {
			continue
		}
		inner, err := s.unpack(r, from+int64(at))
		if err != nil {
			return Listing{}, err
		}
		return (&sevenParser{r: inner}).header(r, 0, 1)
	}
	return plainTail(r, size, base)
}

func plainTail(r io.ReaderAt, size, base int64) (Listing, error) {
	from := max(base, size-MaxTail/16)
	b := make([]byte, size-from)
	if err := full(r, b, from); err != nil {
		return Listing{}, err
	}
	work := int64(0)
	for at, tries := 0, 0; tries < maxHeaders && work < maxHeaderWork; tries++ {
		i := bytes.Index(b[at:], []byte{idHeader, idMain, idPack})
		if i < 0 {
			break
		}
		at += i + 1
		p := &sevenParser{r: bufio.NewReader(bytes.NewReader(b[at:]))}
		l, err := p.directory()
		p.rest()
		work += p.read
		if err == nil && p.failed == nil && p.read == int64(len(b)-at) {
			return l, nil
		}
	}
	return Listing{}, ErrNone
}

// rest passes over what follows the streams.
func (p *sevenParser) rest() {
	id := p.byte()
	if id == idFiles {
		p.number()
		for kind := p.number(); kind != idEnd && p.failed == nil; kind = p.number() {
			p.skip(p.number())
		}
		id = p.byte()
	}
	if id != idEnd {
		p.fail()
	}
}
