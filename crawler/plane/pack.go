package plane

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"reflect"
	"strings"
	"time"

	"unmirror/crawler/revisit"
)

// Items and what was seen of them lie in memory by the million, so the fields that nearly all of them have are packed into
// bytes; whatever else they hold follows as JSON, so that a new field is never lost.

var errShort = errors.New("packed text ends too soon")

// unpacker reads what the append functions wrote; the first error stays.
type unpacker struct {
	b   []byte
	err error
}

func (u *unpacker) uint() uint64 {
	v, n := binary.Uvarint(u.b)
	if n <= 0 {
		u.b, u.err = nil, errShort
		return 0
	}
	u.b = u.b[n:]
	return v
}

func (u *unpacker) text() string {
	n := u.uint()
	if n > uint64(len(u.b)) {
		u.b, u.err = nil, errShort
		return ""
	}
	s := string(u.b[:n])
	u.b = u.b[n:]
	return s
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// appendTime keeps milliseconds; the zero time is 0.
func appendTime(b []byte, t time.Time) []byte {
	if t.IsZero() || t.UnixMilli() < 0 {
		return append(b, 0)
	}
	return binary.AppendUvarint(b, uint64(t.UnixMilli())+1)
}

func (u *unpacker) time() time.Time {
	ms := u.uint()
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(ms - 1)).UTC()
}

// appendDate packs the date of an HTTP header into its seconds when nothing is lost by it.
func appendDate(b []byte, s string) []byte {
	if s == "" {
		return append(b, 0, 0)
	}
	if t, err := http.ParseTime(s); err == nil && t.Unix() >= 0 && t.UTC().Format(http.TimeFormat) == s {
		return binary.AppendUvarint(append(b, 1), uint64(t.Unix()))
	}
	return appendText(append(b, 0), s)
}

func (u *unpacker) date() string {
	if len(u.b) == 0 {
		u.err = errShort
		return ""
	}
	how := u.b[0]
	u.b = u.b[1:]
	if how == 0 {
		return u.text()
	}
	return time.Unix(int64(u.uint()), 0).UTC().Format(http.TimeFormat)
}

// appendRest adds what the packed fields did not hold; nothing when all of it is zero.
func appendRest[T any](b []byte, rest T) ([]byte, error) {
	if reflect.ValueOf(&rest).Elem().IsZero() {
		return b, nil
	}
	j, err := json.Marshal(rest)
	if err != nil {
		return nil, err
	}
	var zero T
	if z, err := json.Marshal(zero); err != nil || bytes.Equal(j, z) {
		return b, err
	}
	return append(b, j...), nil
}

const (
	itemLists = 1 << iota
	itemMatches
	itemElsewhere
	itemPlain  // the address begins with http:// and the host
	itemSecure // … with https://
)

func packItem(it Item) ([]byte, error) {
	flags, u := byte(0), it.URL
	set := func(on bool, f byte) {
		if on {
			flags |= f
		}
	}
	set(it.Lists, itemLists)
	set(it.Matches, itemMatches)
	set(it.Elsewhere, itemElsewhere)
	if rest, ok := strings.CutPrefix(it.URL, "http://"+it.Host); ok {
		flags, u = flags|itemPlain, rest
	} else if rest, ok := strings.CutPrefix(it.URL, "https://"+it.Host); ok {
		flags, u = flags|itemSecure, rest
	}
	b := appendText([]byte{flags}, u)
	b = binary.AppendUvarint(b, uint64(max(it.Depth, 0)))
	b = appendText(b, it.Listed)
	b = appendTime(b, it.Modified)
	rest := it
	rest.URL, rest.Host, rest.Lists, rest.Matches, rest.Elsewhere, rest.Depth, rest.Listed, rest.Modified = "", "", false, false, false, 0, "", time.Time{}
	b, err := appendRest(b, rest)
	if err != nil {
		return nil, fmt.Errorf("write item: %w", err)
	}
	return b, nil
}

func unpackItem(b []byte, host string) (Item, error) {
	it := Item{Host: host}
	if len(b) == 0 {
		return it, fmt.Errorf("read item: %w", errShort)
	}
	flags, u := b[0], &unpacker{b: b[1:]}
	address, depth, listed, modified := u.text(), u.uint(), u.text(), u.time()
	if u.err != nil {
		return it, fmt.Errorf("read item: %w", u.err)
	}
	if len(u.b) > 0 {
		if err := json.Unmarshal(u.b, &it); err != nil {
			return it, fmt.Errorf("read item: %w", err)
		}
	}
	switch {
	case flags&itemPlain != 0:
		address = "http://" + host + address
	case flags&itemSecure != 0:
		address = "https://" + host + address
	}
	it.URL, it.Depth, it.Listed, it.Modified = address, int(depth), listed, modified
	it.Lists, it.Matches, it.Elsewhere = flags&itemLists != 0, flags&itemMatches != 0, flags&itemElsewhere != 0
	return it, nil
}

// brief stands for what a listing showed of an item where only its being the same matters. No listing begins with a zero.
func brief(listed string) string {
	sum := sha256.Sum256([]byte(listed))
	return "\x00" + string(sum[:6])
}

// sameTime stands for a second time that is the first again.
const sameTime = 1

// packSeen packs what was seen of an item of which a listing shows the given text.
func packSeen(s Seen, listed string) ([]byte, error) {
	shown := s.Listed
	if shown == listed && len(shown) > len(brief("")) {
		shown = brief(shown)
	}
	b := appendText(nil, s.ETag)
	b = appendDate(b, s.LastModified)
	b = appendText(b, shown)
	b = appendTime(b, s.Fetched)
	if !s.Checked.IsZero() && s.Checked.UnixMilli() == s.Fetched.UnixMilli() {
		b = append(b, sameTime)
	} else {
		b = appendTime(b, s.Checked)
	}
	b = binary.AppendUvarint(b, s.Generation)
	b = binary.AppendUvarint(b, uint64(max(s.Bytes, 0)))
	b = appendHabits(b, s)
	rest := s
	rest.ETag, rest.LastModified, rest.Listed, rest.Fetched, rest.Checked, rest.Generation, rest.Bytes = "", "", "", time.Time{}, time.Time{}, 0, 0
	rest.Print, rest.History = 0, revisit.History{}
	b, err := appendRest(b, rest)
	if err != nil {
		return nil, fmt.Errorf("write what was seen: %w", err)
	}
	return b, nil
}

const (
	seenPrint   = 1 << iota // four bytes of it follow
	seenHistory             // four bytes of each of its figures but the last
	seenYield               // and of that
)

// appendHabits packs how often it changes. Where there is nothing it packs nothing; its first byte is none that the rest begins with.
func appendHabits(b []byte, s Seen) []byte {
	h, flags := s.History, byte(0)
	if s.Print != 0 {
		flags |= seenPrint
	}
	if h != (revisit.History{}) {
		flags |= seenHistory
	}
	if h.Yield != 0 {
		flags |= seenYield
	}
	if flags == 0 {
		return b
	}
	b = append(b, flags)
	if flags&seenPrint != 0 {
		b = binary.LittleEndian.AppendUint32(b, s.Print)
	}
	if flags&seenHistory != 0 {
		for _, f := range []float32{h.Visits, h.Still, h.Span, h.Gap} {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(f))
		}
	}
	if flags&seenYield != 0 {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(h.Yield))
	}
	return b
}

func (u *unpacker) word() uint32 {
	if len(u.b) < 4 {
		u.b, u.err = nil, errShort
		return 0
	}
	v := binary.LittleEndian.Uint32(u.b)
	u.b = u.b[4:]
	return v
}

// habits reads what appendHabits wrote.
func (u *unpacker) habits(s *Seen) {
	if len(u.b) == 0 || u.b[0] == '{' { // the rest alone
		return
	}
	flags := u.b[0]
	u.b = u.b[1:]
	if flags&seenPrint != 0 {
		s.Print = u.word()
	}
	if flags&seenHistory != 0 {
		for _, f := range []*float32{&s.History.Visits, &s.History.Still, &s.History.Span, &s.History.Gap} {
			*f = math.Float32frombits(u.word())
		}
	}
	if flags&seenYield != 0 {
		s.History.Yield = math.Float32frombits(u.word())
	}
}

// unpackSeen unpacks what was seen of an item of which a listing now shows the given text.
func unpackSeen(b []byte, shown string) (*Seen, error) {
	u := &unpacker{b: b}
	etag, modified, listed, fetched := u.text(), u.date(), u.text(), u.time()
	checked := fetched
	if len(u.b) > 0 && u.b[0] == sameTime {
		u.b = u.b[1:]
	} else {
		checked = u.time()
	}
	gen, size := u.uint(), u.uint()
	if listed == brief(shown) {
		listed = shown
	}
	s := &Seen{}
	u.habits(s)
	if u.err != nil {
		return nil, fmt.Errorf("read what was seen: %w", u.err)
	}
	if len(u.b) > 0 {
		if err := json.Unmarshal(u.b, s); err != nil {
			return nil, fmt.Errorf("read what was seen: %w", err)
		}
	}
	s.ETag, s.LastModified, s.Listed, s.Fetched, s.Checked, s.Generation, s.Bytes = etag, modified, listed, fetched, checked, gen, int64(size)
	return s, nil
}
