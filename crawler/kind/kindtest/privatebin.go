// Package kindtest makes, for tests, what the clients of paste servers make. It never talks to a server.
package kindtest

import (
	"bytes"
	"compress/flate"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"
)

// Document is what a client of PrivateBin encrypts, and how.
type Document struct {
	Plain      map[string]any // "paste", "attachment", "attachment_name"
	Key        []byte         // 32 bytes
	Password   string
	IV         int  // length in bytes; 0: 16, as the web client has it
	Iterations int  // 0: 1000, to spare a test's time
	Plainly    bool // without compression
	Burn       bool
}

// Base58 writes a key as a link carries it.
func Base58(key []byte) string {
	const digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	n, m, radix, out := new(big.Int).SetBytes(key), new(big.Int), big.NewInt(58), ""
	for n.Sign() > 0 {
		n.DivMod(n, radix, m)
		out = string(digits[m.Int64()]) + out
	}
	return out
}

// Answer is the JSON in which a server gives the document back, written as PHP does it, with comments on it.
func (d Document) Answer(t testing.TB, id string, comments ...string) string {
	t.Helper()
	burn := 0
	if d.Burn {
		burn = 1
	}
	plain, err := json.Marshal(d.Plain)
	if err != nil {
		t.Fatal(err)
	}
	adata, ct := d.seal(t, plain, `[%s,"plaintext",0,`+fmt.Sprint(burn)+`]`)
	var said []string
	for _, c := range comments {
		plain, err := json.Marshal(map[string]string{"comment": c, "nickname": ""})
		if err != nil {
			t.Fatal(err)
		}
		adata, ct := d.seal(t, plain, "%s")
		said = append(said, fmt.Sprintf(`{"id":"%s","pasteid":"%s","parentid":"%s","v":2,"ct":"%s","adata":%s}`, id, id, id, ct, adata))
	}
	return fmt.Sprintf(`{"status":0,"id":"%s","url":"\/?%s","adata":%s,"meta":{"time_to_live":86399},"v":2,"ct":"%s","comments":[%s],"comment_count":%d,"comment_offset":0,"@context":"?jsonld=paste"}`,
		id, id, adata, ct, strings.Join(said, ","), len(said))
}

// seal encrypts; form is the additional data, with a place for how it is encrypted. Both results are escaped as PHP does.
func (d Document) seal(t testing.TB, plain []byte, form string) (adata, ct string) {
	t.Helper()
	iv, salt := bytes.Repeat([]byte{0xff, 7}, max(d.IV, 4)/2), []byte{0xff, 0xfe, 1, 2, 3, 4, 5, 6}
	if d.IV == 0 {
		iv = bytes.Repeat([]byte{0xff, 7}, 8)
	}
	if d.Iterations == 0 {
		d.Iterations = 1000
	}
	compression := "none"
	if !d.Plainly {
		compression, plain = "zlib", deflate(t, plain)
	}
	b64 := base64.StdEncoding.EncodeToString
	adata = fmt.Sprintf(form, fmt.Sprintf(`["%s","%s",%d,256,128,"aes","gcm","%s"]`, b64(iv), b64(salt), d.Iterations, compression))
	key, kerr := pbkdf2.Key(sha256.New, string(d.Key)+d.Password, salt, d.Iterations, 32)
	block, err := aes.NewCipher(key)
	if err != nil || kerr != nil {
		t.Fatal(err, kerr)
	}
	gcm, err := cipher.NewGCMWithNonceSize(block, len(iv))
	if err != nil {
		t.Fatal(err)
	}
	escaped := func(s string) string { return strings.ReplaceAll(s, "/", `\/`) }
	return escaped(adata), escaped(b64(gcm.Seal(nil, iv, plain, []byte(adata))))
}

func deflate(t testing.TB, plain []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
