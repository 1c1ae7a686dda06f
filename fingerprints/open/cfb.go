package open

import (
	"encoding/binary"
	"io"
	"unicode/utf16"
)

// cfb is a compound file ([MS-CFB]): streams in chains of sectors, as the office formats before 2007 use it. Chains are
// followed at most as far as there are sectors, so that a circle ends; where the table is lost, the next sector in the
// file is taken for the next of the chain, which holds in most files.
type cfb struct {
	c       content
	sector  int64
	fat     []uint32
	miniFAT []uint32
	mini    *oleStream
	cutoff  int64
	streams []oleEntry
	cut     bool // something lies behind the end of the file
}

// oleEntry is one stream of the directory, wherever in it.
type oleEntry struct {
	name  string
	start uint32
	size  int64
}

const (
	sectorsOfFAT = 109 // listed in the header itself
	oleEnd       = 0xFFFFFFFA
	miniSector   = 64
	oleEntries   = 100_000
)

func openCFB(c content) (*cfb, error) {
	var h [512]byte
	if n, _ := c.ReadAt(h[:], 0); n < len(h) {
		return nil, ErrTruncated
	}
	le := binary.LittleEndian
	shift := le.Uint16(h[30:])
	if shift != 9 && shift != 12 {
		return nil, ErrDamaged
	}
	f := &cfb{c: c, sector: 1 << shift, cutoff: int64(le.Uint32(h[56:]))}
	f.readFAT(h[:])
	f.miniFAT = f.table(le.Uint32(h[60:]), int64(le.Uint32(h[64:])))
	if err := f.directory(le.Uint32(h[48:])); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *cfb) offset(sector uint32) int64 { return (int64(sector) + 1) * f.sector }

// sectors is how many sectors the file can have.
func (f *cfb) sectors() int64 { return f.c.Size()/f.sector + 1 }

func (f *cfb) readSector(n uint32) []byte {
	b := make([]byte, f.sector)
	got, _ := f.c.ReadAt(b, f.offset(n))
	if got < len(b) {
		f.cut = true
	}
	return b[:got]
}

func (f *cfb) readFAT(h []byte) {
	le := binary.LittleEndian
	list := make([]uint32, 0, sectorsOfFAT)
	for i := range sectorsOfFAT {
		list = append(list, le.Uint32(h[76+4*i:]))
	}
	next := le.Uint32(h[68:])
	for steps := int64(0); next < oleEnd && steps < f.sectors(); steps++ {
		b := f.readSector(next)
		if int64(len(b)) < f.sector {
			break
		}
		for i := 0; i+8 <= len(b); i += 4 {
			list = append(list, le.Uint32(b[i:]))
		}
		next = le.Uint32(b[len(b)-4:])
	}
	perSector := int(f.sector / 4)
	for _, s := range list {
		if s >= oleEnd || int64(len(f.fat)) > f.sectors() {
			break
		}
		b := f.readSector(s)
		for i := range perSector {
			v := uint32(lostLink)
			if 4*i+4 <= len(b) {
				v = le.Uint32(b[4*i:])
			}
			f.fat = append(f.fat, v)
		}
	}
}

// lostLink stands in the table where the file was cut.
const lostLink = 0xFFFFFFFB

// chain lists the sectors of a chain, at most as many as size bytes take.
func chain(fat []uint32, start uint32, most int64) []uint32 {
	var list []uint32
	for s := start; s < oleEnd && int64(len(list)) < most; {
		list = append(list, s)
		if int64(s) >= int64(len(fat)) || fat[s] == lostLink {
			s++
			continue
		}
		s = fat[s]
	}
	return list
}

func (f *cfb) table(start uint32, sectors int64) []uint32 {
	var t []uint32
	for _, s := range chain(f.fat, start, min(sectors, f.sectors())) {
		b := f.readSector(s)
		for i := 0; i+4 <= len(b); i += 4 {
			t = append(t, binary.LittleEndian.Uint32(b[i:]))
		}
	}
	return t
}

// directory reads the names of all streams, without their tree: what we look for is known by name.
func (f *cfb) directory(start uint32) error {
	le := binary.LittleEndian
	found := false
	for _, s := range chain(f.fat, start, min(f.sectors(), oleEntries)) {
		b := f.readSector(s)
		for ; len(b) >= 128; b = b[128:] {
			e := oleEntry{start: le.Uint32(b[116:]), size: int64(le.Uint32(b[120:]))}
			if f.sector > 512 {
				e.size = int64(le.Uint64(b[120:]) & (1<<40 - 1))
			}
			n := int(le.Uint16(b[64:]))/2 - 1
			if n < 0 || n > 31 {
				continue
			}
			units := make([]uint16, n)
			for i := range units {
				units[i] = le.Uint16(b[2*i:])
			}
			e.name = string(utf16.Decode(units))
			switch b[66] {
			case 5:
				found = true
				f.mini = &oleStream{f: f, list: chain(f.fat, e.start, min(f.sectors(), e.size/f.sector+1)), each: f.sector, size: e.size}
			case 2:
				f.streams = append(f.streams, e)
			}
		}
	}
	if !found {
		return ErrTruncated
	}
	return nil
}

// stream finds a stream by name; nil when there is none.
func (f *cfb) stream(name string) *oleStream {
	for _, e := range f.streams {
		if e.name == name {
			return f.open(e)
		}
	}
	return nil
}

func (f *cfb) open(e oleEntry) *oleStream {
	if e.size < f.cutoff {
		most := min(e.size/miniSector+1, f.mini.size/miniSector+1)
		return &oleStream{f: f, list: chain(f.miniFAT, e.start, most), each: miniSector, size: e.size, in: f.mini}
	}
	return &oleStream{f: f, list: chain(f.fat, e.start, min(f.sectors(), e.size/f.sector+1)), each: f.sector, size: e.size}
}

// oleStream is one stream, as content.
type oleStream struct {
	f    *cfb
	list []uint32
	each int64
	size int64
	in   *oleStream // of a small one: what holds its sectors
}

func (s *oleStream) Size() int64 { return min(s.size, int64(len(s.list))*s.each) }

func (s *oleStream) ReadAt(p []byte, off int64) (int, error) {
	done, size := 0, s.Size()
	for done < len(p) && off >= 0 && off < size {
		within := off % s.each
		n := int(min(s.each-within, int64(len(p)-done), size-off))
		at, from := int64(s.list[off/s.each])*s.each, io.ReaderAt(s.in)
		if s.in == nil {
			at, from = s.f.offset(s.list[off/s.each]), s.f.c
		}
		got, err := from.ReadAt(p[done:done+n], at+within)
		done += got
		off += int64(got)
		if got < n {
			s.f.cut = true
			if err == nil || err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return done, err
		}
	}
	return done, eofIfShort(done, len(p))
}
