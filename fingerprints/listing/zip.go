package listing

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// The end of a zip (APPNOTE.TXT 4.3).
const (
	endMagic       = "PK\x05\x06"
	endSize        = 22
	end64Magic     = "PK\x06\x06"
	end64Size      = 56
	locatorMagic   = "PK\x06\x07"
	locatorSize    = 20
	entryMagic     = "PK\x01\x02"
	entrySize      = 46
	localMagic     = "PK\x03\x04"
	localSize      = 30
	maxComment     = 1<<16 - 1
	endRegion      = endSize + maxComment + locatorSize + end64Size
	maxEnds        = 64 // candidates for the end record, which a comment may imitate
	marker16       = 1<<16 - 1
	marker32       = 1<<32 - 1
	extraZip64     = 1
	extraAES       = 0x9901
	methodAES      = 99
	flagEncrypted  = 1
	flagDescriptor = 8
)

// zipEnd is what an end record says.
type zipEnd struct {
	at    int64  // where the directory ends
	bytes uint64 // its size
	count uint64
}

// readZip reads the central directory that the end record points to. What stands before the archive, such as a program
// that unpacks it, shifts all offsets; the directory lies right before its end, whatever they say.
func readZip(r io.ReaderAt, size, base int64) (Listing, error) {
	from := max(base, size-endRegion, 0)
	region := make([]byte, size-from)
	if err := full(r, region, from); err != nil {
		return Listing{}, err
	}
	best := error(ErrNone)
	for tries, at := 0, len(region); tries < maxEnds; tries++ {
		if at = bytes.LastIndex(region[:at], []byte(endMagic)); at < 0 {
			break
		}
		if at+endSize > len(region) {
			continue
		}
		end, err := parseEnd(r, region[at:], from+int64(at))
		if err != nil {
			best = worse(best, err)
			continue
		}
		l, err := readDirectory(r, end, base)
		if err == nil {
			return l, nil
		}
		best = worse(best, err)
	}
	return Listing{}, best
}

// worse keeps the error that tells most: that bytes are missing, then damage.
func worse(a, b error) error {
	var m *missing
	if errors.As(a, &m) || errors.Is(b, ErrNone) {
		return a
	}
	return b
}

func parseEnd(r io.ReaderAt, b []byte, at int64) (zipEnd, error) {
	le := binary.LittleEndian
	end := zipEnd{at: at, bytes: uint64(le.Uint32(b[12:])), count: uint64(le.Uint16(b[10:]))}
	if end.count != marker16 && end.bytes != marker32 && le.Uint32(b[16:]) != marker32 {
		return end, nil
	}
	var loc [locatorSize]byte
	if at < locatorSize+end64Size {
		return end, nil
	}
	if err := full(r, loc[:], at-locatorSize); err != nil {
		return end, err
	}
	if string(loc[:4]) != locatorMagic {
		return end, nil // exactly as many members as the marker says, without zip64
	}
	var rec [end64Size]byte
	at64 := at - locatorSize - end64Size
	if err := full(r, rec[:], at64); err != nil {
		return end, err
	}
	if string(rec[:4]) != end64Magic { // it is longer than usual; the locator tells, unless something stands before the archive
		where := le.Uint64(loc[8:])
		if where > uint64(at64) {
			return end, ErrDamaged
		}
		at64 = int64(where)
		if err := full(r, rec[:], at64); err != nil {
			return end, err
		}
		if string(rec[:4]) != end64Magic {
			return end, ErrDamaged
		}
	}
	return zipEnd{at: at64, bytes: le.Uint64(rec[40:]), count: le.Uint64(rec[32:])}, nil
}

// readDirectory reads the entries that end at the end record.
func readDirectory(r io.ReaderAt, end zipEnd, base int64) (Listing, error) {
	l := Listing{Kind: "zip"}
	if end.bytes > uint64(end.at) {
		return l, ErrDamaged
	}
	if end.bytes < entrySize {
		if end.count > 0 {
			return l, ErrDamaged
		}
		return l, nil
	}
	from := end.at - int64(end.bytes)
	var first [4]byte
	if err := full(r, first[:], from); err != nil {
		return l, err
	}
	if string(first[:]) != entryMagic {
		return l, ErrDamaged
	}
	b := bufio.NewReaderSize(io.NewSectionReader(r, from, int64(end.bytes)), 1<<18) // an entry has 192 KiB at most
	for {
		h, err := b.Peek(entrySize)
		if err == io.EOF && len(h) == 0 {
			break
		}
		if err != nil || string(h[:4]) != entryMagic {
			l.Partial = true
			break
		}
		if len(l.Members) == maxMembers {
			l.Partial = true
			break
		}
		n, ok := l.entry(b, h)
		if !ok {
			l.Partial = true
			break
		}
		if _, err := b.Discard(n); err != nil {
			l.Partial = true
			break
		}
	}
	return l, nil
}

// entry lists the entry of which h is the fixed part, and returns its length.
func (l *Listing) entry(b *bufio.Reader, h []byte) (int, bool) {
	le := binary.LittleEndian
	name, extra, comment := int(le.Uint16(h[28:])), int(le.Uint16(h[30:])), int(le.Uint16(h[32:]))
	n := entrySize + name + extra + comment
	all, err := b.Peek(entrySize + name + extra)
	if err != nil {
		return n, false
	}
	switch string(all[entrySize : entrySize+name]) {
	case "[Content_Types].xml", "mimetype", "META-INF/manifest.xml", "AndroidManifest.xml":
		l.Document = true
	}
	e := zipEntry{flags: le.Uint16(all[8:]), method: le.Uint16(all[10:]), crc: le.Uint32(all[16:]), size: uint64(le.Uint32(all[24:]))}
	e.extras(all[entrySize+name:])
	l.add(e)
	return n, true
}

// zipEntry is what a header says of a member.
type zipEntry struct {
	flags, method uint16
	crc           uint32
	size          uint64
	hidden        bool // AE-2, which leaves the checksum out
}

func (e *zipEntry) extras(b []byte) {
	le := binary.LittleEndian
	for len(b) >= 4 {
		id, n := le.Uint16(b), int(le.Uint16(b[2:]))
		b = b[4:]
		if n > len(b) {
			return
		}
		switch {
		case id == extraZip64 && e.size == marker32 && n >= 8:
			e.size = le.Uint64(b)
		case id == extraAES && n >= 7:
			e.hidden = le.Uint16(b) != 1
		}
		b = b[n:]
	}
}

func (l *Listing) add(e zipEntry) {
	l.Encrypted = l.Encrypted || e.flags&flagEncrypted != 0
	if e.size == 0 || e.size > 1<<62 {
		return
	}
	known := !e.hidden && !(e.method == methodAES && e.crc == 0)
	l.Members = append(l.Members, Member{int64(e.size), e.crc, known})
}

// maxHops bounds the local headers followed.
const maxHops = maxMembers

// localHeaders lists a zip without its directory by the headers before its members, as far as they tell where the next
// one is.
func localHeaders(r io.ReaderAt, size int64) (Listing, error) {
	l := Listing{Kind: "zip", Partial: true}
	le := binary.LittleEndian
	var h [localSize]byte
	for at, hops := int64(0), 0; at <= size-localSize && hops < maxHops; hops++ {
		if err := full(r, h[:], at); err != nil {
			return l, err
		}
		if string(h[:4]) != localMagic {
			break
		}
		e := zipEntry{flags: le.Uint16(h[6:]), method: le.Uint16(h[8:]), crc: le.Uint32(h[14:]), size: uint64(le.Uint32(h[22:]))}
		packed, name, extra := uint64(le.Uint32(h[18:])), int64(le.Uint16(h[26:])), int64(le.Uint16(h[28:]))
		rest := make([]byte, name+extra)
		if err := full(r, rest, at+localSize); err != nil {
			break
		}
		if string(rest[:name]) == "[Content_Types].xml" || string(rest[:name]) == "mimetype" {
			l.Document = true
		}
		if packed == marker32 {
			packed = packedZip64(rest[name:])
		}
		e.extras(rest[name:])
		if e.flags&flagDescriptor != 0 && packed == 0 || packed > uint64(size) {
			break // the sizes stand behind the data
		}
		l.add(e)
		at += localSize + name + extra + int64(packed)
		at += descriptor(r, e, at)
	}
	if len(l.Members) == 0 {
		return Listing{}, ErrNone
	}
	return l, nil
}

func packedZip64(extra []byte) uint64 {
	le := binary.LittleEndian
	for len(extra) >= 4 {
		id, n := le.Uint16(extra), int(le.Uint16(extra[2:]))
		if extra = extra[4:]; n > len(extra) {
			break
		}
		if id == extraZip64 && n >= 16 {
			return le.Uint64(extra[8:])
		}
		extra = extra[n:]
	}
	return 1 << 63
}

// descriptor is the length of the data descriptor at a place, which repeats the checksum; 0 when there is none.
func descriptor(r io.ReaderAt, e zipEntry, at int64) int64 {
	if e.flags&flagDescriptor == 0 {
		return 0
	}
	var d [28]byte
	n, _ := r.ReadAt(d[:], at)
	for _, length := range []int{16, 24, 12, 20} {
		if n >= length+4 && string(d[length:length+4]) == localMagic || n >= length+4 && string(d[length:length+4]) == entryMagic {
			return int64(length)
		}
	}
	return 0
}
