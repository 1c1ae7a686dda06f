package open

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"sync"
)

// spoolMemory is how many bytes a spool keeps in memory before it takes a file.
const spoolMemory = 4 << 20

// smallSpool is how many bytes the buffers have that spools use one after the other.
const smallSpool = 16 << 10

var smallSpools = sync.Pool{New: func() any { return new([smallSpool]byte) }}

// Spool takes bytes and gives them back at random. Up to 4 MiB stay in memory; beyond that they lie in a file that
// has no name any more, encrypted (AES-256-CTR) under a key that exists only in memory, so that nothing readable
// remains after a crash. Writing is for one goroutine at a time; reading may go on beside it.
type Spool struct {
	dir string

	mu    sync.RWMutex
	mem   []byte
	small *[smallSpool]byte // where mem begins; nil: it has its own
	file  *os.File
	size  int64
	block cipher.Block
	iv    [aes.BlockSize]byte
	work  []byte
}

// NewSpool returns an empty spool whose file, should it need one, lies in dir ("": the system's temporary folder).
func NewSpool(dir string) *Spool { return &Spool{dir: dir} }

// Size returns the number of bytes written so far.
func (s *Spool) Size() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.size
}

// Write appends p.
func (s *Spool) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil && len(s.mem)+len(p) <= spoolMemory {
		s.room(len(p))
		s.mem = append(s.mem, p...)
		s.size = int64(len(s.mem))
		return len(p), nil
	}
	if s.file == nil {
		if err := s.spill(); err != nil {
			return 0, err
		}
	}
	return s.append(p)
}

// room makes room for n more bytes, at first in a buffer that is used again.
func (s *Spool) room(n int) {
	switch {
	case s.mem == nil && n <= smallSpool:
		s.small = smallSpools.Get().(*[smallSpool]byte)
		s.mem = s.small[:0]
	case s.small != nil && len(s.mem)+n > smallSpool:
		s.mem = append(make([]byte, 0, 2*(len(s.mem)+n)), s.mem...)
		s.free()
	}
}

// free leaves the buffer to others.
func (s *Spool) free() {
	if s.small != nil {
		smallSpools.Put(s.small)
		s.small = nil
	}
}

// spill moves what is in memory to the file.
func (s *Spool) spill() error {
	f, err := os.CreateTemp(s.dir, "spool-*")
	if err != nil {
		return fmt.Errorf("create spool: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return fmt.Errorf("unlink spool: %w", err)
	}
	var key [32]byte
	rand.Read(key[:])
	rand.Read(s.iv[:8]) // the lower half counts blocks
	block, err := aes.NewCipher(key[:])
	if err != nil {
		f.Close()
		return fmt.Errorf("key spool: %w", err)
	}
	s.file, s.block, s.size = f, block, 0
	mem := s.mem
	s.mem = nil
	_, err = s.append(mem)
	s.free()
	return err
}

func (s *Spool) append(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		n := min(len(p)-done, chunk)
		s.work = append(s.work[:0], p[done:done+n]...)
		s.crypt(s.work, s.size)
		if _, err := s.file.WriteAt(s.work, s.size); err != nil {
			return done, fmt.Errorf("write spool: %w", err)
		}
		s.size += int64(n)
		done += n
	}
	return done, nil
}

// crypt applies the key stream that belongs to offset off.
func (s *Spool) crypt(b []byte, off int64) {
	iv := s.iv
	binary.BigEndian.PutUint64(iv[8:], uint64(off/aes.BlockSize))
	stream := cipher.NewCTR(s.block, iv[:])
	if skip := off % aes.BlockSize; skip > 0 {
		var waste [aes.BlockSize]byte
		stream.XORKeyStream(waste[:skip], waste[:skip])
	}
	stream.XORKeyStream(b, b)
}

// ReadAt reads what was written, as io.ReaderAt.
func (s *Spool) ReadAt(p []byte, off int64) (int, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if off < 0 {
		return 0, fmt.Errorf("read spool: negative offset")
	}
	if off >= s.size {
		return 0, io.EOF
	}
	if s.file == nil {
		n := copy(p, s.mem[off:])
		return n, eofIfShort(n, len(p))
	}
	want := int(min(int64(len(p)), s.size-off))
	n, err := s.file.ReadAt(p[:want], off)
	s.crypt(p[:n], off)
	if err != nil && err != io.EOF {
		return n, fmt.Errorf("read spool: %w", err)
	}
	return n, eofIfShort(n, len(p))
}

func eofIfShort(n, want int) error {
	if n < want {
		return io.EOF
	}
	return nil
}

// Close frees the memory and the file; a closed spool is empty.
func (s *Spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mem, s.size, s.block = nil, 0, nil
	s.free()
	if s.file == nil {
		return nil
	}
	f := s.file
	s.file = nil
	if err := f.Close(); err != nil {
		return fmt.Errorf("close spool: %w", err)
	}
	return nil
}
