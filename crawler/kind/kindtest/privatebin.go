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

// Answer is the JSON in which a server gives the document back, written as PHP does it.
func (d Document) Answer(t testing.TB, id string) string {
	t.Helper()
	if d.IV == 0 {
		d.IV = 16
	}
	if d.Iterations == 0 {
		d.Iterations = 1000
	}
	iv, salt := bytes.Repeat([]byte{0xff, 7}, d.IV/2), []byte{0xff, 0xfe, 1, 2, 3, 4, 5, 6}
	compression, burn := "zlib", 0
	plain, err := json.Marshal(d.Plain)
	if d.Plainly {
		compression = "none"
	} else {
		plain = deflate(t, plain)
	}
	if d.Burn {
		burn = 1
	}
	b64 := base64.StdEncoding.EncodeToString
	adata := fmt.Sprintf(`[["%s","%s",%d,256,128,"aes","gcm","%s"],"plaintext",0,%d]`, b64(iv), b64(salt), d.Iterations, compression, burn)
	key, kerr := pbkdf2.Key(sha256.New, string(d.Key)+d.Password, salt, d.Iterations, 32)
	block, berr := aes.NewCipher(key)
	if err != nil || kerr != nil || berr != nil {
		t.Fatal(err, kerr, berr)
	}
	gcm, err := cipher.NewGCMWithNonceSize(block, len(iv))
	if err != nil {
		t.Fatal(err)
	}
	ct := b64(gcm.Seal(nil, iv, plain, []byte(adata)))
	escaped := func(s string) string { return strings.ReplaceAll(s, "/", `\/`) }
	return fmt.Sprintf(`{"status":0,"id":"%s","url":"\/?%s","adata":%s,"meta":{"time_to_live":86399},"v":2,"ct":"%s","comments":[],"comment_count":0,"comment_offset":0,"@context":"?jsonld=paste"}`,
		id, id, escaped(adata), escaped(ct))
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
