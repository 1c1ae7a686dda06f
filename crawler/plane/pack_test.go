package plane

import (
	"encoding/binary"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"unmirror/crawler/revisit"
)

func TestWhatWasSeenIsUnpackedAsItWasPacked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		maybe := func(name string) bool { return rapid.Bool().Draw(t, name) }
		f := func(name string) float32 { return rapid.Float32Range(0, 1e6).Draw(t, name) }
		s := Seen{ETag: rapid.StringMatching(`("[a-f0-9]{0,20}")?`).Draw(t, "etag"), Listed: rapid.String().Draw(t, "listed"),
			Fetched: time.UnixMilli(rapid.Int64Range(1, 1<<42).Draw(t, "fetched")).UTC(), Generation: rapid.Uint64().Draw(t, "generation"),
			Bytes: rapid.Int64Range(0, 1<<60).Draw(t, "bytes"), Unreadable: maybe("unreadable")}
		s.Checked = s.Fetched
		if maybe("checked") {
			s.Checked = s.Fetched.Add(time.Hour)
		}
		if maybe("print") {
			s.Print = rapid.Uint32().Draw(t, "print")
		}
		if maybe("history") {
			s.History = revisit.History{Visits: f("visits"), Still: f("still"), Span: f("span"), Gap: f("gap"), Yield: f("yield")}
		}
		if maybe("report") {
			s.Report = json.RawMessage(`{"a":1}`)
		}
		b, err := packSeen(s, s.Listed)
		if err != nil {
			t.Fatal(err)
		}
		got, err := unpackSeen(b, s.Listed)
		if err != nil || !reflect.DeepEqual(*got, s) {
			t.Fatalf("%+v became %+v, %v", s, got, err)
		}
	})
}

// TestHabitsThatWerePackedAsTextAreRead reads what versions wrote that kept them with the rest.
func TestHabitsThatWerePackedAsTextAreRead(t *testing.T) {
	b := append([]byte{0, 0, 0, 0}, binary.AppendUvarint(nil, 1001)...)
	b = append(b, sameTime, 7, 5)
	b = append(b, `{"p":9,"v":{"n":2,"s":1}}`...)
	s, err := unpackSeen(b, "")
	if err != nil || s.Print != 9 || s.History.Visits != 2 || s.History.Still != 1 || s.Generation != 7 || s.Bytes != 5 {
		t.Errorf("got %+v, %v", s, err)
	}
}

func FuzzUnpackSeen(f *testing.F) {
	for _, s := range []Seen{{}, {ETag: "x", Print: 7, Checked: time.Unix(9, 0)}, {History: revisit.History{Visits: 1, Yield: 1}, Unreadable: true}} {
		b, err := packSeen(s, "")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := unpackSeen(b, ""); (s == nil) == (err == nil) {
			t.Errorf("got %v, %v", s, err)
		}
	})
}
