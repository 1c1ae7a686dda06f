package packing

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func same(t interface{ Fatalf(string, ...any) }, v Version) []byte {
	packed, err := Pack(v)
	if err != nil {
		t.Fatalf("pack: %v", err)
	}
	got, err := Unpack(packed)
	if err != nil {
		t.Fatalf("unpack: %v", err)
	}
	if !bytes.Equal(got.Content, v.Content) || got.Body != v.Body || !bytes.Equal(got.Message, v.Message) || (got.Message == nil) != (v.Message == nil) {
		t.Fatalf("came back as %q\nwas %q", got, v)
	}
	return packed
}

const head = "Subject: x\r\nMIME-Version: 1.0\r\n\r\n"

func TestEveryMessageComesBackToTheByte(t *testing.T) {
	body := "To: The host\n\nNOTICE – äöü = 100 %\n" + strings.Repeat("a long line ", 30) + "\n"
	report := bytes.Repeat([]byte(`{"a": 1}`), 40)
	for name, m := range map[string][]byte{
		"none":                  nil,
		"empty":                 {},
		"plain":                 []byte(head + body),
		"body encoded":          append([]byte(head), quoted(body)...),
		"body twice":            append(append([]byte(head), quoted(body)...), quoted(body)...),
		"attachment":            append(append([]byte(head), quoted(body)...), "\r\n\r\n"+string(lines(report))+"\r\n--x--\r\n"...),
		"two attachments":       []byte(head + string(lines(report)) + "\r\n--x\r\n\r\n" + string(lines(report[8:])) + "\r\n"),
		"base64 without end":    []byte(head + string(lines(report)[:300])),
		"base64 of other width": []byte(head + base64.StdEncoding.EncodeToString(report) + "\r\n"),
		"base64 with stray bit": []byte(head + strings.Repeat("A", 76) + "\r\nAB==\r\n"),
		"bare line feeds":       []byte("a\nb\r\n\r\n\x00\xff"),
	} {
		t.Run(name, func(t *testing.T) { same(t, Version{Content: []byte(`{"x":1}`), Body: body, Message: m}) })
	}
	same(t, Version{Message: []byte(head)})
}

func TestAnythingComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := Version{Content: rapid.SliceOf(rapid.Byte()).Draw(t, "content"), Body: rapid.String().Draw(t, "body")}
		for range rapid.IntRange(0, 4).Draw(t, "parts") {
			switch rapid.IntRange(0, 2).Draw(t, "part") {
			case 0:
				v.Message = append(v.Message, quoted(v.Body)...)
			case 1:
				v.Message = append(append(v.Message, "\r\n\r\n"...), lines(rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "attached"))...)
			default:
				v.Message = append(v.Message, rapid.SliceOf(rapid.Byte()).Draw(t, "raw")...)
			}
		}
		same(t, v)
	})
}

// A changed dictionary would make everything that was packed with it unreadable.
func TestTheDictionaryNeverChanges(t *testing.T) {
	sum := sha256.Sum256(dictionary1)
	if got := hex.EncodeToString(sum[:]); got != "defd1489813f4b2f8264c5731a16db4ca7d03cc71034c5dd8d6c7a4439862f59" {
		t.Errorf("dictionary 1 has SHA-256 %s: give a new one a new number", got)
	}
}

func FuzzUnpack(f *testing.F) {
	packed, err := Pack(Version{Content: []byte("{}"), Body: "hello\n", Message: append([]byte(head), quoted("hello\n")...)})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(packed)
	f.Add(packed[:len(packed)-2])
	f.Add([]byte{first})
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := Unpack(b)
		if err == nil {
			same(t, v)
		}
	})
}
