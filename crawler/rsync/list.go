package rsync

import (
	"bytes"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"golang.org/x/crypto/md4" //lint:ignore SA1019 protocol 27 has no other digest; it only tells that nothing broke on the way
)

const (
	maxFiles = 500_000
	maxName  = 4 << 10
	maxNames = 32 << 20 // bytes of all names of a list: each repeats what the one before began with
	maxToken = 32 << 20
)

// file is one line of a file list.
type file struct {
	name     string
	size     int64
	modified time.Time
	mode     uint32
}

func (f file) regular() bool { return f.mode&0o170000 == 0o100000 }
func (f file) dir() bool     { return f.mode&0o170000 == 0o040000 }

// The flags of a file list's entry, protocol 27.
const (
	sameMode = 1 << 1
	sameName = 1 << 5
	longName = 1 << 6
	sameTime = 1 << 7
)

// files asks for the list of a folder's entries or of one file.
func (c *conn) files(path string, flat bool) ([]file, error) {
	if err := c.send(path, flat); err != nil {
		return nil, err
	}
	list, err := readList(c)
	if err != nil && c.msgs.Len() > 0 {
		return nil, c.said() // it refused and closed
	}
	if err != nil {
		return nil, fmt.Errorf("read the file list: %w", err)
	}
	return list, nil
}

var errList = errors.New("a file list that breaks its own rules")

// readList reads the entries, each told as a difference from the one before, and the number of the sender's troubles.
func readList(r io.Reader) ([]file, error) {
	var list []file
	var last file
	names := 0
	for {
		flags, err := readByte(r)
		if err != nil {
			return nil, err
		}
		if flags == 0 {
			_, err := readInt(r) // troubles: messages tell of them
			return list, err
		}
		if len(list) >= maxFiles || names > maxNames {
			return nil, errList
		}
		if last.name, err = readName(r, flags, last.name); err != nil {
			return nil, err
		}
		names += len(last.name)
		if last.size, err = readLong(r); err != nil {
			return nil, err
		}
		if last.size < 0 {
			return nil, errList
		}
		if flags&sameTime == 0 {
			t, err := readInt(r)
			if err != nil {
				return nil, err
			}
			last.modified = time.Unix(int64(uint32(t)), 0).UTC()
		}
		if flags&sameMode == 0 {
			m, err := readInt(r)
			if err != nil {
				return nil, err
			}
			last.mode = uint32(m)
		}
		list = append(list, last)
	}
}

func readName(r io.Reader, flags byte, last string) (string, error) {
	keep, size := 0, 0
	if flags&sameName != 0 {
		n, err := readByte(r)
		if err != nil {
			return "", err
		}
		keep = int(n)
	}
	if flags&longName != 0 {
		n, err := readInt(r)
		if err != nil {
			return "", err
		}
		size = int(n)
	} else {
		n, err := readByte(r)
		if err != nil {
			return "", err
		}
		size = int(n)
	}
	if keep > len(last) || size < 0 || keep+size > maxName || keep+size == 0 {
		return "", errList
	}
	name := make([]byte, size)
	if _, err := io.ReadFull(r, name); err != nil {
		return "", err
	}
	return last[:keep] + string(name), nil
}

func readByte(r io.Reader) (byte, error) {
	var b [1]byte
	_, err := io.ReadFull(r, b[:])
	return b[0], err
}

func readInt(r io.Reader) (int32, error) {
	var b [4]byte
	_, err := io.ReadFull(r, b[:])
	return int32(binary.LittleEndian.Uint32(b[:])), err
}

func readLong(r io.Reader) (int64, error) {
	n, err := readInt(r)
	if err != nil || n != -1 {
		return int64(uint32(n)), err
	}
	var b [8]byte
	_, err = io.ReadFull(r, b[:])
	return int64(binary.LittleEndian.Uint64(b[:])), err
}

// fetch asks for the file of that place in the list, without blocks that we have already, and for nothing after it.
func (c *conn) fetch(index int, size int64) (io.ReadCloser, error) {
	ask := binary.LittleEndian.AppendUint32(nil, uint32(index))
	ask = append(ask, make([]byte, 16)...)                  // no blocks of ours
	ask = append(ask, bytes.Repeat([]byte{0xff}, 4+4+4)...) // end of both phases, and goodbye
	if err := c.write(ask); err != nil {
		return nil, err
	}
	got, err := readInt(c)
	if err != nil && c.msgs.Len() > 0 {
		return nil, c.said()
	}
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if got == -1 {
		return nil, c.said() // it cannot open the file
	}
	var head [16]byte
	if _, err := io.ReadFull(c, head[:]); err != nil || int(got) != index {
		return nil, errTalk
	}
	c.ends = time.Time{} // from here on the reader of the body watches it
	b := &body{c: c, want: size, sum: md4.New()}
	b.sum.Write(c.seed[:])
	return b, nil
}

// body is a file in tokens.
type body struct {
	c    *conn
	left int64 // of the open token
	want int64
	got  int64
	sum  hash.Hash
	err  error
}

// Read implements io.Reader. A file whose digest does not fit ends in an error.
func (b *body) Read(p []byte) (int, error) {
	if b.err == nil && b.left == 0 {
		b.err = b.token()
	}
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.c.Read(p[:min(int64(len(p)), b.left)])
	b.sum.Write(p[:n])
	b.left, b.got = b.left-int64(n), b.got+int64(n)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		b.err = fmt.Errorf("rsync: %w", err)
	}
	return n, b.err
}

func (b *body) token() error {
	n, err := readInt(b.c)
	switch {
	case err != nil:
		return fmt.Errorf("rsync: %w", errors.Join(io.ErrUnexpectedEOF, err))
	case n < 0 || n > maxToken: // a reference to a block of ours: we have none
		return fmt.Errorf("rsync: %w", errTalk)
	case n > 0:
		b.left = int64(n)
		return nil
	}
	var sum [md4.Size]byte
	if _, err := io.ReadFull(b.c, sum[:]); err != nil {
		return fmt.Errorf("rsync: %w", errors.Join(io.ErrUnexpectedEOF, err))
	}
	if subtle.ConstantTimeCompare(sum[:], b.sum.Sum(nil)) == 0 || b.got < b.want {
		return fmt.Errorf("rsync: the file broke on its way: %w", io.ErrUnexpectedEOF)
	}
	return io.EOF
}

// Close implements io.Closer.
func (b *body) Close() error {
	b.c.close()
	return nil
}
