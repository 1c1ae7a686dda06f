package open

import (
	"encoding/binary"
	"math"
	"strings"
	"unicode/utf16"
)

// payload joins what lies in the cell with its overflow pages.
func (d *sqlite) payload(b []byte, size int64, table bool) ([]byte, bool) {
	most, least := d.usable-35, (d.usable-12)*32/255-23
	if !table {
		most = (d.usable-12)*64/255 - 23
	}
	if size <= most {
		if size > int64(len(b)) {
			return nil, false
		}
		return b[:size], true
	}
	local := least + (size-least)%(d.usable-4)
	if local > most {
		local = least
	}
	if local+4 > int64(len(b)) || size > d.c.Size() {
		return nil, false
	}
	whole := append(make([]byte, 0, size), b[:local]...)
	next := binary.BigEndian.Uint32(b[local:])
	page := make([]byte, d.usable)
	for int64(len(whole)) < size && next != 0 {
		if got, _ := d.c.ReadAt(page, (int64(next)-1)*d.page); int64(got) < d.usable {
			d.fault(ErrTruncated)
			return whole, len(whole) > 0
		}
		next = binary.BigEndian.Uint32(page)
		whole = append(whole, page[4:min(d.usable, 4+size-int64(len(whole)))]...)
	}
	return whole, true
}

// sqliteVarint reads a number of one to nine bytes; n is 0 when there is none.
func sqliteVarint(b []byte) (v int64, n int) {
	for n < len(b) && n < 8 {
		c := b[n]
		n++
		v = v<<7 | int64(c&0x7f)
		if c < 0x80 {
			return v, n
		}
	}
	if n < len(b) && n == 8 {
		return v<<8 | int64(b[8]), 9
	}
	return 0, 0
}

// record splits a payload into its values: nil, int64, float64, string or []byte. One that is cut gives those that are there.
func (d *sqlite) record(b []byte) ([]any, bool) {
	header, n := sqliteVarint(b)
	if n == 0 || header < int64(n) || header > int64(len(b)) {
		return nil, false
	}
	types, body := b[n:header], b[header:]
	var row []any
	for len(types) > 0 && len(row) < 32768 {
		t, n := sqliteVarint(types)
		if n == 0 || t < 0 {
			return row, len(row) > 0
		}
		types = types[n:]
		size := sqliteSize(t)
		if size > int64(len(body)) {
			return row, len(row) > 0
		}
		row = append(row, d.value(t, body[:size]))
		body = body[size:]
	}
	return row, true
}

func sqliteSize(t int64) int64 {
	switch {
	case t >= 12:
		return (t - 12) / 2
	case t == 5:
		return 6
	case t == 6 || t == 7:
		return 8
	case t <= 4:
		return t
	}
	return 0
}

func (d *sqlite) value(t int64, b []byte) any {
	switch {
	case t >= 12 && t%2 == 0:
		return b
	case t >= 13:
		return d.text(b)
	case t == 7:
		return math.Float64frombits(binary.BigEndian.Uint64(b))
	case t == 8 || t == 9:
		return t - 8
	case t == 0 || t > 9:
		return nil
	}
	v := int64(int8(b[0]))
	for _, c := range b[1:] {
		v = v<<8 | int64(c)
	}
	return v
}

func (d *sqlite) text(b []byte) string {
	if d.coding != 2 && d.coding != 3 {
		return strings.ToValidUTF8(string(b), "\ufffd")
	}
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = uint16(b[2*i+1])<<8 | uint16(b[2*i])
		if d.coding == 3 {
			units[i] = uint16(b[2*i])<<8 | uint16(b[2*i+1])
		}
	}
	return string(utf16.Decode(units))
}
