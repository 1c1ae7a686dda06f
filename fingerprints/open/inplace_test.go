package open

import (
	"bytes"
	"context"
	"encoding/base64"
	"reflect"
	"strings"
	"testing"
	"time"
)

// texts are small items, and whether they are read without a child.
func texts(t testing.TB) map[string]struct {
	item  []byte
	place bool
} {
	b64 := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte(letter), 8))
	return map[string]struct {
		item  []byte
		place bool
	}{
		"letter.txt":  {[]byte(letter), true},
		"empty":       {nil, true},
		"table.csv":   {[]byte(strings.Repeat("12;Annelies;Vandergucht;2024-03-12\n", 40)), true},
		"page.html":   {[]byte("<html><title>a</title><body><p>" + letter + "<script>x()</script><p>caf&eacute;</html>"), true},
		"latin1.txt":  {[]byte("Geachte mevrouw, een ge\xefnterviewde collega\x92s dossier: caf\xe9, na\xefef, co\xf6rdinatie.\n"), true},
		"utf16.txt":   {[]byte("\xff\xfeG\x00e\x00a\x00c\x00h\x00t\x00e\x00 \x00m\x00e\x00v\x00r\x00o\x00u\x00w\x00"), true},
		"escaped.txt": {[]byte("naam%3DAnnelies%20Vandergucht%0Agemeente%3DGent%20%28Oost%29%0A caf\\u00e9 na\\u00efef"), false},
		"base64.txt":  {[]byte("hier is het:\n" + b64 + "\n"), false},
		"data.html":   {[]byte("<html><body><img src=\"data:text/plain;base64," + b64 + "\"></html>"), false},
		"a.zip":       {zipOf(t, file{name: "a.txt", body: []byte(letter)}), false},
		"mail.eml":    {[]byte("From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\nDate: Mon, 01 Jan 2024 00:00:00 +0000\r\n\r\n" + letter), false},
		"large.txt":   {bytes.Repeat([]byte(letter), inPlaceMax/len(letter)+1), false},
		"x.bin":       {append(bytes.Repeat([]byte{0, 1, 2, 0xff}, 300), letter...), false},
	}
}

func TestASmallTextIsReadWithoutAChildAndJustAsOneWould(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	for name, c := range texts(t) {
		here, there := newHeard(), newHeard()
		done, err := o.inPlace(name, bytes.NewReader(c.item), int64(len(c.item)), here)
		if err != nil || done != c.place {
			t.Errorf("%s: read here: %v, %v", name, done, err)
		}
		if !done {
			if len(here.parts) > 0 {
				t.Errorf("%s: the sink was told of it all the same", name)
			}
			continue
		}
		if err := o.byChild(context.Background(), name, bytes.NewReader(c.item), int64(len(c.item)), there); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(here, there) {
			t.Errorf("%s:\nhere  %s\nchild %s", name, here, there)
		}
	}
}

func TestASmallHostileTextTakesNoTimeInPlace(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	for _, s := range []string{
		"<", "<!--", "<a ", "&", "&#", "%", "%4", "=3D", "\\u", "\\x4", "QUJD", "QUJD\n", "41", "a,", ";", "\"", "> ", "0x41,", "&amp;amp;",
		"\xff", "\xe9", "é", "<p><b>", "</a", "<![CDATA[", "{\"a\":", "[", "\x00a", "SGVsbG8gd29ybGQ ", "M&", "begin 644 a\n", "data:;base64,QUJD",
	} {
		for _, before := range []string{"", letter, "<html>"} {
			item := []byte(before + strings.Repeat(s, (inPlaceMax-len(before))/len(s)))
			start := time.Now()
			if _, err := o.inPlace("a", bytes.NewReader(item), int64(len(item)), newHeard()); err != nil {
				t.Errorf("%q: %v", s, err)
			}
			if took := time.Since(start); took > 5*time.Minute {
				t.Errorf("%q after %.10q: %s", s, before, took)
			}
		}
	}
}

func FuzzInPlaceHearsWhatAChildHears(f *testing.F) {
	for _, c := range texts(f) {
		f.Add(c.item)
	}
	f.Fuzz(func(t *testing.T, item []byte) {
		o := newOpener(t, Limits{}, 1)
		here, there := newHeard(), newHeard()
		done, err := o.inPlace("a", bytes.NewReader(item), int64(len(item)), here)
		if !done {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := o.byChild(context.Background(), "a", bytes.NewReader(item), int64(len(item)), there); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(here, there) {
			t.Fatalf("here %s\nchild %s", here, there)
		}
	})
}
