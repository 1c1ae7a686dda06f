package open

import (
	"archive/zip"
	"bufio"
	"compress/bzip2"
	"hash"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"
)

// How members of a zip are packed (APPNOTE.TXT 4.4.5), beside those that archive/zip names.
const (
	methodBzip2 = 12
	methodLZMA  = 14
	methodXz    = 95
)

// unzipped undoes what a member of a zip was packed with. size is that of the member as its header tells it.
func (it *item) unzipped(method uint16, r io.Reader, size int64) (io.ReadCloser, error) {
	switch method {
	case zip.Store:
		return io.NopCloser(&short{r: r, left: size}), nil
	case zip.Deflate:
		return flate.NewReader(bufio.NewReaderSize(r, 16<<10)), nil
	case methodBzip2:
		return io.NopCloser(bzip2.NewReader(r)), nil
	case methodLZMA:
		return io.NopCloser(it.lzmaInZip(r, size)), nil
	case zstd.ZipMethodWinZip:
		return it.newZstd(r)
	case methodXz:
		x, err := it.newXz(r)
		return io.NopCloser(x), err
	}
	return nil, ErrUnsupported
}

// openZipped reads a member that the directory names. archive/zip would keep back the last bytes of one that is damaged.
func (it *item) openZipped(f *zip.File) (io.ReadCloser, error) {
	raw, err := f.OpenRaw()
	if err != nil {
		return nil, err
	}
	r, err := it.unzipped(f.Method, raw, int64(f.UncompressedSize64))
	if err != nil {
		return nil, err
	}
	return &zipSum{ReadCloser: r, left: int64(f.UncompressedSize64), want: f.CRC32, sum: crc32.NewIEEE()}, nil
}

// zipSum checks a member's size and checksum, behind its last byte.
type zipSum struct {
	io.ReadCloser
	left int64
	want uint32 // 0: not told
	sum  hash.Hash32
	err  error
}

// Read implements io.Reader.
func (s *zipSum) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.ReadCloser.Read(p)
	if int64(n) > s.left {
		n, err = int(s.left), ErrDamaged
	}
	s.left -= int64(n)
	s.sum.Write(p[:n]) // a hash never fails
	switch {
	case err != io.EOF:
	case s.left > 0:
		err = io.ErrUnexpectedEOF
	case s.want != 0 && s.sum.Sum32() != s.want:
		err = ErrDamaged
	}
	s.err = err
	return n, err
}

// short tells a file that ends before its announced size from one that is complete.
type short struct {
	r    io.Reader
	left int64
}

// Read implements io.Reader.
func (s *short) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.left -= int64(n)
	if err == io.EOF && s.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// failing is a member that cannot be read.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
