package listing

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"math/bits"
)

// The header of a 7z archive (7zFormat.txt of the LZMA SDK).
const (
	sevenMagic   = "7z\xbc\xaf\x27\x1c"
	sevenStart   = 32
	idEnd        = 0
	idHeader     = 1
	idProperties = 2
	idAdditional = 3
	idMain       = 4
	idFiles      = 5
	idPack       = 6
	idUnpack     = 7
	idSubStreams = 8
	idSize       = 9
	idCRC        = 10
	idFolder     = 11
	idUnpackSize = 12
	idNumStreams = 13
	idEncoded    = 23

	maxSevenHeader = 64 << 20 // unpacked, in bytes
	maxNesting     = 4        // headers packed in headers
	maxHeaderRatio = 1 << 13  // no LZMA goes beyond
	maxCoders      = 32
)

// The coders that a header may be packed with.
const (
	coderCopy  = "\x00"
	coderLZMA  = "\x03\x01\x01"
	coderLZMA2 = "\x21"
	coderAES   = "\x06\xf1\x07\x01"
)

func readSeven(r io.ReaderAt, size int64) (Listing, error) {
	var start [sevenStart]byte
	if err := full(r, start[:], 0); err != nil {
		return Listing{}, err
	}
	le := binary.LittleEndian
	off, n := le.Uint64(start[12:]), le.Uint64(start[20:])
	if n == 0 && off == 0 {
		return Listing{Kind: "7z"}, nil
	}
	if off > uint64(size) || n > uint64(size) || sevenStart+off+n > uint64(size) {
		return Listing{}, ErrNone // it was cut
	}
	return sevenHeader(r, sevenStart+int64(off), int64(n), 0)
}

// sevenHeader reads the header of n bytes at a place.
func sevenHeader(r io.ReaderAt, at, n int64, depth int) (Listing, error) {
	var first [1]byte
	if err := full(r, first[:], at); err != nil {
		return Listing{}, err
	}
	p := &sevenParser{r: bufio.NewReaderSize(io.NewSectionReader(r, at, n), 1<<16)}
	return p.header(r, at, depth)
}

// header reads a header or, where it is packed, the one in it. packedBefore is where its own bytes begin: what it is packed
// as lies right before, also when something stands before the archive.
func (p *sevenParser) header(r io.ReaderAt, packedBefore int64, depth int) (Listing, error) {
	switch p.byte() {
	case idHeader:
		return p.directory()
	case idEncoded:
		if depth >= maxNesting {
			return Listing{}, ErrDamaged
		}
		s := p.streams()
		if p.failed != nil {
			return Listing{}, p.failed
		}
		inner, err := s.unpack(r, packedBefore)
		if err != nil {
			return Listing{}, err
		}
		next := &sevenParser{r: inner}
		return next.header(r, 0, depth+1)
	}
	return Listing{}, ErrDamaged
}

// directory reads a header up to its streams. What follows are names and dates.
func (p *sevenParser) directory() (Listing, error) {
	l := Listing{Kind: "7z"}
	id := p.byte()
	if id == idProperties {
		for p.number() != idEnd && p.failed == nil {
			p.skip(p.number())
		}
		id = p.byte()
	}
	if id == idAdditional {
		p.streams()
		id = p.byte()
	}
	if id == idMain {
		s := p.streams()
		l.Members, l.Encrypted = s.members, s.encrypted()
	}
	return l, p.failed
}

// sevenParser reads a header from its beginning; it never allocates for what was only announced.
type sevenParser struct {
	r      *bufio.Reader
	failed error
	read   int64
}

func (p *sevenParser) fail() {
	if p.failed == nil {
		p.failed = ErrDamaged
	}
}

func (p *sevenParser) byte() byte {
	if p.failed != nil {
		return 0
	}
	b, err := p.r.ReadByte()
	p.read++
	if err != nil {
		var m *missing
		if p.failed = ErrDamaged; errors.As(err, &m) {
			p.failed = err
		}
	}
	return b
}

// number reads an integer: as many leading ones as bytes follow, then the high bits.
func (p *sevenParser) number() uint64 {
	first := p.byte()
	n := bits.LeadingZeros8(^first)
	var v uint64
	for i := range n {
		v |= uint64(p.byte()) << (8 * i)
	}
	if n < 7 {
		v |= uint64(first&(1<<(7-n)-1)) << (8 * n)
	}
	return v
}

// count reads how many of something follow, each of at least a byte.
func (p *sevenParser) count() int {
	n := p.number()
	if n > maxMembers {
		p.failed = ErrTooLarge
		return 0
	}
	return int(n)
}

func (p *sevenParser) skip(n uint64) {
	if p.failed == nil && n > maxSevenHeader {
		p.failed = ErrDamaged
	}
	if p.failed != nil {
		return
	}
	got, err := p.r.Discard(int(n))
	if p.read += int64(got); err != nil {
		p.failed = ErrDamaged
	}
}

func (p *sevenParser) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = p.byte()
	}
	return b
}

// digests reads which of n streams have checksums, and those.
func (p *sevenParser) digests(n int) (crcs []uint32, has []bool) {
	all := p.byte()
	crcs, has = make([]uint32, 0, min(n, 1<<16)), make([]bool, 0, min(n, 1<<16))
	var mask byte
	for i := 0; i < n && p.failed == nil; i++ {
		if all == 0 {
			if i%8 == 0 {
				mask = p.byte()
			}
			has = append(has, mask&(0x80>>(i%8)) != 0)
		} else {
			has = append(has, true)
		}
	}
	for i := 0; i < n && p.failed == nil; i++ {
		var c uint32
		if has[i] {
			for j := range 4 {
				c |= uint32(p.byte()) << (8 * j)
			}
		}
		crcs = append(crcs, c)
	}
	return crcs, has
}

// sevenStreams is what a header says of packed streams.
type sevenStreams struct {
	packed  []uint64
	folders []sevenFolder
	members []Member
}

type sevenFolder struct {
	coders []sevenCoder
	outs   int
	final  int // the output that no other coder takes in
	size   uint64
	crc    uint32
	hasCRC bool
}

type sevenCoder struct {
	id    string
	props []byte
}

func (p *sevenParser) streams() (s sevenStreams) {
	id := p.byte()
	if id == idPack {
		p.number() // where they begin
		n := p.count()
		for id = p.byte(); id != idEnd && p.failed == nil; id = p.byte() {
			switch id {
			case idSize:
				for i := 0; i < n && p.failed == nil; i++ {
					s.packed = append(s.packed, p.number())
				}
			case idCRC:
				p.digests(n)
			default:
				p.fail()
			}
		}
		id = p.byte()
	}
	if id == idUnpack {
		p.folders(&s)
		id = p.byte()
	}
	if id == idSubStreams {
		p.substreams(&s)
		id = p.byte()
	} else {
		for _, f := range s.folders {
			s.add(f.size, f.crc, f.hasCRC)
		}
	}
	if id != idEnd {
		p.fail()
	}
	return s
}

func (s *sevenStreams) add(size uint64, crc uint32, has bool) {
	if size > 0 && size < 1<<62 {
		s.members = append(s.members, Member{int64(size), crc, has})
	}
}

func (p *sevenParser) folders(s *sevenStreams) {
	if p.byte() != idFolder {
		p.fail()
		return
	}
	n := p.count()
	if p.byte() != 0 { // they stand elsewhere, which no archiver does
		p.fail()
	}
	for i := 0; i < n && p.failed == nil; i++ {
		s.folders = append(s.folders, p.folder())
	}
	if p.byte() != idUnpackSize {
		p.fail()
	}
	for i := range s.folders {
		f := &s.folders[i]
		for j := 0; j < f.outs && p.failed == nil; j++ {
			if size := p.number(); j == f.final {
				f.size = size
			}
		}
	}
	for id := p.byte(); id != idEnd && p.failed == nil; id = p.byte() {
		if id != idCRC {
			p.fail()
			return
		}
		crcs, has := p.digests(n)
		for i := range s.folders[:min(len(s.folders), len(crcs))] {
			s.folders[i].crc, s.folders[i].hasCRC = crcs[i], has[i]
		}
	}
}

func (p *sevenParser) folder() (f sevenFolder) {
	n := p.number()
	if n == 0 || n > maxCoders {
		p.fail()
		return f
	}
	ins := 0
	for range n {
		flags := p.byte()
		if flags&0xc0 != 0 {
			p.fail()
			return f
		}
		c := sevenCoder{id: string(p.bytes(int(flags & 15)))}
		in, out := 1, 1
		if flags&0x10 != 0 {
			in, out = int(min(p.number(), maxCoders)), int(min(p.number(), maxCoders))
		}
		ins, f.outs = ins+in, f.outs+out
		if flags&0x20 != 0 {
			size := p.number()
			if size > 1<<10 {
				p.fail()
				return f
			}
			c.props = p.bytes(int(size))
		}
		f.coders = append(f.coders, c)
	}
	if f.outs == 0 {
		p.fail()
		return f
	}
	taken := make([]bool, f.outs)
	for range f.outs - 1 {
		p.number()
		if out := p.number(); out < uint64(f.outs) {
			taken[out] = true
		}
	}
	for f.final < f.outs-1 && taken[f.final] {
		f.final++
	}
	if packed := ins - (f.outs - 1); packed > 1 {
		for range packed {
			p.number()
		}
	}
	return f
}

// substreams reads into which files each folder's content is cut.
func (p *sevenParser) substreams(s *sevenStreams) {
	counts := make([]int, len(s.folders))
	for i := range counts {
		counts[i] = 1
	}
	id := p.byte()
	if id == idNumStreams {
		total := 0
		for i := range counts {
			counts[i] = p.count()
			if total += counts[i]; total > maxMembers {
				p.failed = ErrTooLarge
				return
			}
		}
		id = p.byte()
	}
	sizes := p.sizes(s, counts, id == idSize)
	if id == idSize {
		id = p.byte()
	}
	unknown := 0
	for i, f := range s.folders {
		if counts[i] != 1 || !f.hasCRC {
			unknown += counts[i]
		}
	}
	var crcs []uint32
	var has []bool
	for ; id != idEnd && p.failed == nil; id = p.byte() {
		if id != idCRC {
			p.fail()
			return
		}
		crcs, has = p.digests(unknown)
	}
	if p.failed != nil {
		return
	}
	at, next := 0, 0
	for i, f := range s.folders {
		for range counts[i] {
			switch {
			case counts[i] == 1 && f.hasCRC:
				s.add(sizes[at], f.crc, true)
			case next < len(crcs):
				s.add(sizes[at], crcs[next], has[next])
				next++
			default:
				s.add(sizes[at], 0, false)
			}
			at++
		}
	}
}

// sizes reads the size of each file; that of a folder's last is what is left.
func (p *sevenParser) sizes(s *sevenStreams, counts []int, told bool) []uint64 {
	var sizes []uint64
	for i, n := range counts {
		left := s.folders[i].size
		for j := 0; j < n && p.failed == nil; j++ {
			size := left
			if j < n-1 && told {
				if size = p.number(); size > left {
					p.fail()
				}
			} else if j < n-1 {
				p.fail()
			}
			left -= size
			sizes = append(sizes, size)
		}
	}
	return sizes
}

func (s *sevenStreams) encrypted() bool {
	for _, f := range s.folders {
		for _, c := range f.coders {
			if c.id == coderAES {
				return true
			}
		}
	}
	return false
}
