package open

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/zlib"
	"errors"
	"hash"
	"hash/crc32"
	"io"
	"path"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/bodgit/sevenzip"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/nwaples/rardecode/v2"
	"github.com/pierrec/lz4/v4"

	"unmirror/fingerprints/listing"
)

// open yields what is in a part whose bytes can be read at random. The error is the part's own; a parser that panics
// has met damaged content, and costs this part only.
func (it *item) open(n node, k kind, c content) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = ErrDamaged
		}
	}()
	if k.container() && n.depth >= it.limits.Depth {
		return &LimitError{Limit: "depth"}
	}
	if !k.quick() {
		if err := it.l.flush(); err != nil { // whatever this one does to us, what came before it is told
			return it.fail(errParent)
		}
	}
	return faultOf(it.dispatch(n, k, c))
}

// quick reports whether a kind is read by plain loops, which neither hang nor take memory.
func (k kind) quick() bool { return k.hasPlainText() || k == kindHTML || k == kindXML || !k.opens() }

func (k kind) container() bool {
	switch k {
	case kindZip, kindTar, kindGz, kindBz2, kindXz, kindZst, kindLz4, kindBr, kindZlib, kindLzma, kindZ, kindFlate, kindYenc, kind7z, kindRar, kindEML, kindMbox:
		return true
	}
	return false
}

func (it *item) dispatch(n node, k kind, c content) error {
	switch k {
	case kindText, kindCSV:
		return it.plain(n, c)
	case kindHTML:
		return it.html(n, c)
	case kindXML:
		return it.xml(n, c)
	case kindRTF:
		return it.rtf(n, c)
	case kindEML:
		return it.mail(n, c)
	case kindMbox:
		return it.mbox(n, c)
	case kindSQLite:
		return it.sqlite(n, c)
	case kindPDF:
		return it.pdf(n, c)
	case kindZip:
		return it.zip(n, c)
	case kindDocx, kindXlsx, kindPptx, kindOOX, kindOdt, kindOds, kindOdp:
		entries, err := it.zipEntries(c)
		return it.office(n, k, entries, err)
	case kindTar:
		return it.tarFile(n, c)
	case kindGz, kindBz2, kindXz, kindZst, kindLz4, kindBr, kindZlib, kindLzma, kindZ, kindFlate:
		return it.unpack(n, k, c)
	case kind7z:
		return it.sevenZip(n, c)
	case kindRar:
		return it.rar(n, c)
	case kindOLE:
		return it.ole(n, c)
	case kindYenc:
		return it.yenc(n, c)
	}
	if it.draws(k) {
		return errors.Join(it.imagePart(n, k, c), it.appended(n, c), it.tail(n, k, c))
	}
	if k.isImage() {
		return errors.Join(it.appended(n, c), it.tail(n, k, c))
	}
	if k == kindBinary {
		return it.binary(n, c)
	}
	return it.appended(n, c)
}

// tarFile yields the members of a tape archive; where its beginning is missing, what lies before its first header is the end
// of a member.
func (it *item) tarFile(n node, c content) error {
	r := sequential(c)
	head := make([]byte, min(c.Size(), chunk))
	got, err := c.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return err
	}
	at := 0
	if !isTar(head[:got]) {
		at = cutTar(head[:got])
		end := bytes.TrimRight(head[:at], "\x00")
		if err := it.member(n, "unnamed", int64(len(end)), bytes.NewReader(end)); err != nil {
			return err
		}
		if _, err := r.Seek(int64(at), io.SeekStart); err != nil {
			return err
		}
	}
	return errors.Join(it.tar(n, r), orSome(at == 0, ErrTruncated))
}

// tar yields the regular files of a tape archive.
func (it *item) tar(n node, r io.Reader) error {
	t := tar.NewReader(r)
	for {
		h, err := t.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg && h.Typeflag != tar.TypeGNUSparse {
			continue
		}
		if err := it.member(n, h.Name, h.Size, t); err != nil {
			return err
		}
	}
}

// unpack yields the one member of a compressed file, or the members of the tape archive in it: a tar.gz is one level.
func (it *item) unpack(n node, k kind, c content) error {
	r, err := it.decompress(k, bufio.NewReaderSize(sequential(c), chunk))
	if err != nil {
		return err
	}
	if closer, ok := r.(io.Closer); ok {
		defer closer.Close()
	}
	b := bufio.NewReaderSize(r, 4096)
	if head, err := b.Peek(512); err == nil && isTar(head) {
		return it.tar(n, b)
	}
	return it.member(n, unpackedName(n.path, k), -1, b)
}

func (it *item) decompress(k kind, r io.Reader) (io.Reader, error) {
	switch k {
	case kindGz:
		g, err := gzip.NewReader(r)
		if err != nil {
			return nil, err
		}
		return &gzipMembers{r: g}, nil
	case kindBz2:
		return bzip2.NewReader(r), nil
	case kindXz:
		return it.newXz(r)
	case kindLzma:
		return it.newLzmaFile(r)
	case kindLz4:
		return lz4.NewReader(r), nil
	case kindBr:
		return brotli.NewReader(r), nil
	case kindZlib:
		return zlib.NewReader(r)
	case kindZ:
		return newCompressReader(r)
	case kindFlate:
		return flate.NewReader(r), nil
	default:
		return it.newZstd(r)
	}
}

// gzipMembers ends quietly at what follows the last member: padding and signatures are common there.
type gzipMembers struct {
	r   *gzip.Reader
	any bool
}

func (g *gzipMembers) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	g.any = g.any || n > 0
	if errors.Is(err, gzip.ErrHeader) && g.any {
		err = io.EOF
	}
	return n, err
}

func (it *item) newZstd(r io.Reader) (io.ReadCloser, error) {
	window := uint64(min(max(it.limits.Memory/4, 1<<20), 512<<20))
	d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(window))
	if err != nil {
		return nil, err
	}
	return d.IOReadCloser(), nil
}

// unpackedName drops the suffix that the packer added.
func unpackedName(packed string, k kind) string {
	base := path.Base(packed)
	ext := path.Ext(base)
	switch strings.ToLower(ext) {
	case "." + string(k), ".zstd", ".bzip2", ".gzip":
		return strings.TrimSuffix(base, ext)
	}
	return base
}

// sevenZip yields the members of a 7z archive.
func (it *item) sevenZip(n node, c content) error {
	z, err := sevenzip.NewReader(c, c.Size())
	if err != nil {
		if err = cutOrDamaged(c, err); faultOf(err) == ErrEncrypted {
			return err
		}
		return errors.Join(err, it.brokenSeven(n, c))
	}
	for _, f := range z.File {
		if f.FileInfo().IsDir() {
			continue
		}
		if err := it.sevenMember(n, c, f); err != nil {
			return err
		}
	}
	return nil
}

func (it *item) sevenMember(n node, c content, f *sevenzip.File) error {
	r, err := f.Open()
	if err != nil {
		return it.unreadable(n, f.Name, int64(f.UncompressedSize), err)
	}
	defer r.Close()
	return it.member(n, f.Name, int64(f.UncompressedSize), &sevenSum{r: r, archive: c, want: f.CRC32, sum: crc32.NewIEEE()})
}

// sevenSum checks a member's checksum, which the library does not: what is stored and encrypted, without compression,
// is otherwise read as noise, and nothing says that it was not read at all.
type sevenSum struct {
	r       io.Reader
	archive content
	want    uint32 // 0: not told
	sum     hash.Hash32
}

// Read implements io.Reader.
func (s *sevenSum) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.sum.Write(p[:n]) // a hash never fails
	if err == io.EOF && s.want != 0 && s.sum.Sum32() != s.want {
		err = ErrDamaged
		if l, lerr := listing.ReadAt(s.archive, s.archive.Size()); lerr == nil && l.Encrypted {
			err = ErrEncrypted
		}
	}
	return n, err
}

// cutOrDamaged looks whether the directory that the 7z header points to lies beyond the end.
func cutOrDamaged(c content, err error) error {
	if faultOf(err) == ErrEncrypted {
		return ErrEncrypted
	}
	var head [32]byte
	if n, _ := c.ReadAt(head[:], 0); n < len(head) {
		return ErrTruncated
	}
	f := head[12:]
	var off, size uint64
	for i := 7; i >= 0; i-- {
		off = off<<8 | uint64(f[i])
		size = size<<8 | uint64(f[8+i])
	}
	if off > uint64(c.Size()) || size > uint64(c.Size())-off || off+size+32 > uint64(c.Size()) {
		return ErrTruncated
	}
	return err
}

// rar yields the members of a RAR archive (versions 1.5 to 7).
func (it *item) rar(n node, c content) error {
	r, err := rardecode.NewReader(bufio.NewReaderSize(sequential(c), chunk), rardecode.MaxDictionarySize(it.limits.Memory/2))
	if err != nil {
		return err
	}
	for {
		h, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if h.IsDir {
			continue
		}
		if h.Encrypted {
			err = it.unreadable(n, h.Name, h.UnPackedSize, ErrEncrypted)
		} else {
			err = it.member(n, h.Name, h.UnPackedSize, r)
		}
		if err != nil {
			return err
		}
	}
}
