package listing

import (
	"bytes"
	"encoding/binary"
	"io"
)

// The headers of a rar (its technotes), which stand before each member.
const (
	rarMagic       = "Rar!\x1a\x07"
	programRegion  = 1 << 20 // how far in an archive behind a program may begin, in bytes
	rar4Block      = 7
	rar4Main       = 0x73
	rar4File       = 0x74
	rar4End        = 0x7b
	rar5Main       = 1
	rar5File       = 2
	rar5Encryption = 4
	rar5End        = 5
	maxRarHeader   = 2 << 20
)

func readRar(r io.ReaderAt, size, at int64) (Listing, error) {
	var magic [8]byte
	if err := full(r, magic[:], at); err != nil {
		return Listing{}, err
	}
	switch {
	case magic[6] == 0:
		return readRar4(r, size, at+7)
	case magic[6] == 1 && magic[7] == 0:
		return readRar5(r, size, at+8)
	}
	return Listing{}, ErrNone
}

// behindProgram looks for an archive that a program to unpack it stands before.
func behindProgram(r io.ReaderAt, size int64) (Listing, error) {
	b := make([]byte, min(size, programRegion))
	if err := full(r, b, 0); err != nil {
		return Listing{}, err
	}
	if len(b) < 2 || string(b[:2]) != "MZ" && string(b[:2]) != "\x7fE" {
		return Listing{}, ErrNone
	}
	if at := bytes.Index(b, []byte(rarMagic)); at >= 0 && size-int64(at) > 8 {
		return readRar(r, size, int64(at))
	}
	if at := bytes.Index(b, []byte(sevenMagic)); at >= 0 {
		return readSeven(io.NewSectionReader(r, int64(at), size-int64(at)), size-int64(at))
	}
	return Listing{}, ErrNone
}

func readRar4(r io.ReaderAt, size, at int64) (Listing, error) {
	l := Listing{Kind: "rar"}
	le := binary.LittleEndian
	var h [40]byte
	for hops := 0; at+rar4Block <= size && hops < maxHops; hops++ {
		n, _ := r.ReadAt(h[:min(40, size-at)], at)
		if n < rar4Block {
			break
		}
		kind, flags, length := h[2], le.Uint16(h[3:]), int64(le.Uint16(h[5:]))
		if length < rar4Block || kind < 0x72 || kind > 0x7b {
			l.Partial = true
			break
		}
		if kind == rar4Main && flags&0x80 != 0 {
			return Listing{}, ErrEncrypted
		}
		if kind == rar4End {
			return l, nil
		}
		next := at + length
		if (flags&0x8000 != 0 || kind == rar4File) && n >= 11 {
			next += int64(le.Uint32(h[7:]))
		}
		if kind == rar4File && n >= 32 {
			unpacked := uint64(le.Uint32(h[11:]))
			if flags&0x100 != 0 && n == 40 {
				next += int64(le.Uint32(h[32:])&0x7fffffff) << 32
				unpacked |= uint64(le.Uint32(h[36:])) << 32
			}
			l.Encrypted = l.Encrypted || flags&4 != 0
			if flags&0xe0 != 0xe0 && unpacked > 0 && unpacked < 1<<62 {
				l.Members = append(l.Members, Member{int64(unpacked), le.Uint32(h[16:]), flags&3 == 0}) // in several volumes it is of a piece
			}
		}
		if next <= at || next > size {
			l.Partial = true
			break
		}
		at = next
	}
	return l, nil
}

// vints reads the variable integers of a version 5 header.
type vints struct {
	b   []byte
	bad bool
}

func (v *vints) next() uint64 {
	n, used := binary.Uvarint(v.b)
	if used <= 0 {
		v.bad = true
		return 0
	}
	v.b = v.b[used:]
	return n
}

func (v *vints) skip(n uint64) []byte {
	if n > uint64(len(v.b)) {
		v.bad = true
		return nil
	}
	b := v.b[:n]
	v.b = v.b[n:]
	return b
}

func readRar5(r io.ReaderAt, size, at int64) (Listing, error) {
	l := Listing{Kind: "rar"}
	for hops := 0; at+7 <= size && hops < maxHops; hops++ {
		buf := make([]byte, min(512, size-at))
		if err := full(r, buf, at); err != nil {
			return l, err
		}
		length, used := binary.Uvarint(buf[4:])
		start := at + 4 + int64(used)
		if used <= 0 || used > 3 || length == 0 || length > maxRarHeader || start+int64(length) > size {
			l.Partial = true
			break
		}
		head := buf[min(len(buf), 4+used):]
		if int(length) <= len(head) {
			head = head[:length]
		} else {
			head = make([]byte, length)
			if err := full(r, head, start); err != nil {
				return l, err
			}
		}
		data, kind, ok := l.rar5(head)
		if kind == rar5Encryption {
			return Listing{}, ErrEncrypted
		}
		if kind == rar5End {
			return l, nil
		}
		if !ok || data > uint64(size-start)-length {
			l.Partial = true
			break
		}
		at = start + int64(length) + int64(data)
	}
	return l, nil
}

// rar5 lists what a header tells, and returns how many bytes of data follow it.
func (l *Listing) rar5(head []byte) (data uint64, kind uint64, ok bool) {
	v := &vints{b: head}
	kind = v.next()
	flags := v.next()
	var extra uint64
	if flags&1 != 0 {
		extra = v.next()
	}
	if flags&2 != 0 {
		data = v.next()
	}
	if v.bad || extra > uint64(len(v.b)) {
		return 0, kind, false
	}
	if kind != rar5File {
		return data, kind, true
	}
	about, size := v.next(), v.next()
	v.next() // attributes
	if about&2 != 0 {
		v.skip(4)
	}
	m := Member{Size: int64(size)}
	if about&4 != 0 {
		if b := v.skip(4); b != nil {
			m.CRC, m.HasCRC = binary.LittleEndian.Uint32(b), flags&0x18 == 0
		}
	}
	if v.bad {
		return data, kind, false
	}
	if encrypted, tweaked := rar5Encrypted(head[uint64(len(head))-extra:]); encrypted {
		l.Encrypted, m.HasCRC = true, m.HasCRC && !tweaked
	}
	if about&(1|8) == 0 && size > 0 && size < 1<<62 && len(l.Members) < maxMembers {
		l.Members = append(l.Members, m)
	}
	return data, kind, true
}

// rar5Encrypted looks for the record of encryption among a header's extras: it says whether the checksum is keyed.
func rar5Encrypted(extra []byte) (encrypted, tweaked bool) {
	v := &vints{b: extra}
	for len(v.b) > 0 && !v.bad {
		rec := &vints{b: v.skip(v.next())}
		if rec.next() == 1 && !rec.bad {
			rec.next() // version
			return true, rec.next()&2 != 0
		}
	}
	return false, false
}
