// Package listing reads the directory of an archive (zip, 7z, rar): the sizes and checksums of its members, also where
// the members are encrypted or were not fetched. It never unpacks a member and never keeps a member's name.
package listing

import (
	"errors"
	"fmt"
	"io"
)

// Member is what a directory says of one file that is not empty.
type Member struct {
	Size   int64 // unpacked, in bytes
	CRC    uint32
	HasCRC bool // false where the archiver leaves it out, so that it tells nothing of what is encrypted
}

// Listing is an archive's directory.
type Listing struct {
	Kind      string // "zip", "7z", "rar"
	Members   []Member
	Encrypted bool // a member or more needs a password; of a 7z that is not looked at
	Partial   bool // there are more members than are listed
	Document  bool // an office document or the like, of which the members are no files of their own
}

var (
	// ErrNone says that there is no directory: another kind of content, or an archive that was cut.
	ErrNone = errors.New("no archive's directory")
	// ErrEncrypted says that the directory itself is encrypted.
	ErrEncrypted = errors.New("the directory is encrypted")
	// ErrDamaged says that a directory is there and cannot be followed.
	ErrDamaged = errors.New("the directory is damaged")
	// ErrTooLarge says that a directory goes beyond what is read.
	ErrTooLarge = errors.New("the directory is too large")
)

const (
	// maxMembers bounds what is listed, 16 bytes each.
	maxMembers = 2 << 20
	// MaxTail is the most that Read ever asks for, in bytes.
	MaxTail = 64 << 20
	// firstTail is what Read asks for first: the directory of some hundred members.
	firstTail = 64 << 10
)

// missing is the error of a read before the tail at hand.
type missing struct{ from int64 }

func (m *missing) Error() string { return fmt.Sprintf("bytes from %d on are not at hand", m.from) }

// tailReader reads the last bytes of a content at their place in it.
type tailReader struct {
	tail []byte
	base int64
}

func (t tailReader) ReadAt(p []byte, off int64) (int, error) {
	if off < t.base {
		return 0, &missing{off}
	}
	if off >= t.base+int64(len(t.tail)) {
		return 0, io.EOF
	}
	n := copy(p, t.tail[off-t.base:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Read reads the directory of a content of size bytes of which tail are the last. Where need is above 0, that many bytes
// from the end are wanted for an answer, more than tail has and at most MaxTail; call again with them. Of a rar, which has
// no directory at its end, it needs the whole: ReadAt finds its way. The error is one of those above.
func Read(tail []byte, size int64) (l Listing, need int64, err error) {
	defer recovered(&err)
	if size < int64(len(tail)) {
		tail = tail[int64(len(tail))-size:]
	}
	base := size - int64(len(tail))
	if base > 0 && len(tail) < 1<<10 {
		return Listing{}, min(size, firstTail), nil
	}
	l, err = read(tailReader{tail, base}, size, base)
	var m *missing
	if !errors.As(err, &m) {
		return l, 0, err
	}
	if need = size - max(0, m.from); need > MaxTail || need <= int64(len(tail)) {
		return Listing{}, 0, ErrTooLarge
	}
	return Listing{}, need, nil
}

// ReadAt reads the directory of a content of size bytes. Memory is bounded by some tens of MB whatever it claims. A zip
// that was cut before its directory is listed by the headers before its members, as far as they go. The error is one of
// those above, or that of r.
func ReadAt(r io.ReaderAt, size int64) (l Listing, err error) {
	defer recovered(&err)
	return read(r, size, 0)
}

// recovered makes damage of what a parser met and did not foresee.
func recovered(err *error) {
	if recover() != nil {
		*err = ErrDamaged
	}
}

// read tries the kinds in turn. The content is at hand from base on.
func read(r io.ReaderAt, size, base int64) (Listing, error) {
	var head [8]byte
	var n int
	if base == 0 {
		n, _ = r.ReadAt(head[:min(size, 8)], 0)
	}
	switch start := string(head[:n]); {
	case base > 0:
	case len(start) >= 6 && start[:6] == sevenMagic:
		return readSeven(r, size)
	case len(start) >= 7 && start[:6] == rarMagic[:6]:
		return readRar(r, size, 0)
	}
	l, err := readZip(r, size, base)
	switch {
	case !errors.Is(err, ErrNone):
		return l, err
	case base == 0:
		return readCut(r, size)
	}
	if l, err = sevenTail(r, size, base); !errors.Is(err, ErrNone) {
		return l, err
	}
	if wanted := max(0, size-endRegion); base > wanted {
		return Listing{}, &missing{wanted}
	}
	return Listing{}, ErrNone
}

// readCut looks for what is left of an archive without a directory at its end, or behind a program that unpacks it.
func readCut(r io.ReaderAt, size int64) (Listing, error) {
	if l, err := localHeaders(r, size); !errors.Is(err, ErrNone) {
		return l, err
	}
	return behindProgram(r, size)
}

// full reads exactly len(p) bytes; what ends before is damage.
func full(r io.ReaderAt, p []byte, off int64) error {
	n, err := r.ReadAt(p, off)
	if n == len(p) {
		return nil
	}
	var m *missing
	if err == nil || err == io.EOF {
		return ErrDamaged
	}
	if errors.As(err, &m) {
		return err
	}
	return fmt.Errorf("read a directory: %w", err)
}
