package kind

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"unmirror/crawler/kind/kindtest"
)

const binID = "058310c72f364949"

func binLink(key []byte) *url.URL {
	return &url.URL{Scheme: "https", Host: "bin.example", Path: "/", RawQuery: binID, Fragment: kindtest.Base58(key)}
}

func TestADocumentIsDecryptedAsAClientWouldDoIt(t *testing.T) {
	key := append([]byte{0, 0}, bytes.Repeat([]byte{0xa5}, 30)...) // leading zeros vanish in base58
	uri := "data:text/plain;base64," + base64.StdEncoding.EncodeToString([]byte("an attachment\n"))
	text := map[string]any{"paste": "a text: naïve\n"}
	cases := map[string]struct {
		doc  kindtest.Document
		want []string
	}{
		"as the web client":       {kindtest.Document{Plain: text}, []string{"paste.txt:a text: naïve\n"}},
		"a short vector":          {kindtest.Document{Plain: text, IV: 12, Iterations: 20_000}, []string{"paste.txt:a text: naïve\n"}},
		"not compressed":          {kindtest.Document{Plain: text, Plainly: true}, []string{"paste.txt:a text: naïve\n"}},
		"an attachment":           {kindtest.Document{Plain: map[string]any{"paste": "", "attachment": uri, "attachment_name": "a.txt"}}, []string{"a.txt:an attachment\n"}},
		"several attachments":     {kindtest.Document{Plain: map[string]any{"paste": "p", "attachment": []string{uri, "data:,b%20c", "no uri"}, "attachment_name": []string{"a.txt"}}}, []string{"paste.txt:p", "a.txt:an attachment\n", "attachment-2:b c"}},
		"nothing in it":           {kindtest.Document{Plain: map[string]any{"paste": ""}}, []string{"paste.txt:"}},
		"burnt by somebody's GET": {kindtest.Document{Plain: text, Burn: true}, []string{"paste.txt:a text: naïve\n"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			c.doc.Key = key
			parts, err := Spec{Kind: privatebin()}.Unwrap(binLink(key), []byte(c.doc.Answer(t, binID)))
			if err != nil || len(parts) != len(c.want) {
				t.Fatalf("%d parts, %v", len(parts), err)
			}
			for i, p := range parts {
				if got := p.Name + ":" + string(p.Body); got != c.want[i] {
					t.Errorf("part %d: %q, want %q", i, got, c.want[i])
				}
			}
		})
	}
}

func TestWhatCannotBeDecryptedIsUnreadableAndNamesNothing(t *testing.T) {
	key := bytes.Repeat([]byte{0x5a}, 32)
	good := kindtest.Document{Plain: map[string]any{"paste": "x"}, Key: key}.Answer(t, binID)
	locked := kindtest.Document{Plain: map[string]any{"paste": "x"}, Key: key, Password: "secret"}.Answer(t, binID)
	cases := map[string]struct {
		link *url.URL
		body string
	}{
		"a password":      {binLink(key), locked},
		"another key":     {binLink(bytes.Repeat([]byte{1}, 32)), good},
		"no key":          {parse(t, "https://bin.example/?"+binID), good},
		"no base58":       {parse(t, "https://bin.example/?"+binID+"#0OIl"), good},
		"too many rounds": {binLink(key), strings.Replace(good, ",1000,", ",2000000000,", 1)},
		"negative rounds": {binLink(key), strings.Replace(good, ",1000,", ",-1,", 1)},
		"other cipher":    {binLink(key), strings.Replace(good, `"gcm"`, `"ccm"`, 1)},
		"version 1":       {binLink(key), strings.Replace(good, `"v":2`, `"v":1`, 1)},
		"another vector":  {binLink(key), strings.Replace(good, `[["`, `[["AAAA`, 1)},
		"no vector":       {binLink(key), `{"status":0,"v":2,"adata":[["","AAAA",1,256,128,"aes","gcm","none"],"",0,0],"ct":"AAAA"}`},
		"adata of words":  {binLink(key), `{"status":0,"v":2,"adata":["a",2],"ct":"AAAA"}`},
	}
	for name, c := range cases {
		_, err := Spec{Kind: privatebin()}.Unwrap(c.link, []byte(c.body))
		if !errors.Is(err, ErrWrapped) {
			t.Errorf("%s: %v", name, err)
		} else if strings.Contains(err.Error(), binID) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error tells too much: %v", name, err)
		}
	}
}

func TestCommentsOfADocumentAreReadToo(t *testing.T) {
	key := bytes.Repeat([]byte{9}, 32)
	body := kindtest.Document{Plain: map[string]any{"paste": "p"}, Key: key}.Answer(t, binID, "the first", "", "the third")
	body = strings.Replace(body, `"comments":[`, `"comments":[{"adata":[1],"ct":"AAAA"},`, 1)
	parts, err := Spec{Kind: privatebin()}.Unwrap(binLink(key), []byte(body))
	if err != nil || len(parts) != 3 || string(parts[1].Body) != "the first" || string(parts[2].Body) != "the third" {
		t.Errorf("%+v, %v", parts, err)
	}
}

func TestABombIsNotUnpacked(t *testing.T) {
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, 1001)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := inflate(packed.Bytes(), 1000); !errors.Is(err, ErrWrapped) {
		t.Errorf("unpacked: %v", err)
	}
	if out, err := inflate(packed.Bytes(), 1001); err != nil || len(out) != 1001 {
		t.Errorf("%d bytes, %v", len(out), err)
	}
}

func TestAnAnswerWithoutADocumentIsJudgedAsItIs(t *testing.T) {
	key := bytes.Repeat([]byte{0x5a}, 32)
	good := kindtest.Document{Plain: map[string]any{"paste": "x"}, Key: key}.Answer(t, binID)
	for _, body := range []string{`{"status":1,"message":"Document does not exist"}`, "<html>", good[:len(good)/2], ""} {
		if parts, err := (Spec{Kind: privatebin()}).Unwrap(binLink(key), []byte(body)); err == nil || errors.Is(err, ErrWrapped) {
			t.Errorf("%.30q: %d parts, %v", body, len(parts), err)
		}
	}
}

func TestAKeyInALinkIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key")
		if rapid.Bool().Draw(t, "zeros") {
			key[0], key[1] = 0, 0
		}
		text := kindtest.Base58(key)
		if text == "" {
			return
		}
		got, err := base58(text)
		if err != nil || !bytes.Equal(got, key) {
			t.Fatalf("%x, %v", got, err)
		}
		if l, ok := privatebinItem(binLink(key)); key[0] > 0 && (!ok || !strings.HasSuffix(l.URL, "#"+text)) {
			t.Fatalf("%v %v", l, ok)
		}
	})
}

func FuzzPrivatebin(f *testing.F) {
	key := bytes.Repeat([]byte{7}, 32)
	f.Add(kindtest.Document{Plain: map[string]any{"paste": "x", "attachment": "data:,a"}, Key: key}.Answer(f, binID), kindtest.Base58(key))
	f.Add(`{"status":0,"v":2,"adata":[["AA==","AA==",1,256,128,"aes","gcm","none"],"",0,0],"ct":"AAAA"}`, "1")
	f.Fuzz(func(t *testing.T, body, fragment string) {
		if strings.Contains(body, "00000,") { // many rounds only cost time
			return
		}
		_, err := Spec{Kind: privatebin()}.Unwrap(&url.URL{Scheme: "https", Host: "h", Path: "/", RawQuery: binID, Fragment: fragment}, []byte(body))
		if errors.Is(err, errBroke) {
			t.Fatal(err)
		}
	})
}

func TestADocumentsCommentsCannotCostWithoutEnd(t *testing.T) {
	key := bytes.Repeat([]byte{0x5a}, 32)
	var p sealedPaste
	if err := json.Unmarshal([]byte(kindtest.Document{Plain: map[string]any{"paste": "x"}, Key: key}.Answer(t, binID)), &p); err != nil {
		t.Fatal(err)
	}
	left := 1500 // of which each opening takes 1000
	if _, err := unseal(key, p.AData, p.CT, &left); err != nil || left != 500 {
		t.Errorf("%d left, %v", left, err)
	}
	if _, err := unseal(key, p.AData, p.CT, &left); !errors.Is(err, ErrWrapped) {
		t.Errorf("opened for nothing: %v", err)
	}
}

func TestALinkWithoutItsKeyIsAskedForPlainly(t *testing.T) {
	_, err := Compile(Settings{Kind: "privatebin", URL: "http://bin.example/", Items: []string{"?abc"}})
	if err == nil || !strings.Contains(err.Error(), "with the key behind its #") {
		t.Errorf("%v", err)
	}
}
