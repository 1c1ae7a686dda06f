package store

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"testing"
	"time"
)

// FuzzHead feeds whatever may stand in the checkpoint file: only what a key signed is a head, and only byte for byte.
func FuzzHead(f *testing.F) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	public := key.Public().(ed25519.PublicKey)
	text := head{seq: 3, hash: bytes.Repeat([]byte{2}, 32)}.text(time.Unix(0, 0), KeyID(public))
	good := fmt.Appendf(bytes.Clone(text), "signature %x\n", ed25519.Sign(key, text))
	keys := map[string]ed25519.PublicKey{KeyID(public): public}
	if _, err := parseHead(good, keys); err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)-9])
	f.Add(text)
	f.Add([]byte("unmirror audit head 1\nrow 99999999999999999999\nhash zz\ntime now\nkey \"\nsignature "))
	f.Fuzz(func(t *testing.T, b []byte) {
		if h, err := parseHead(b, keys); err == nil && !bytes.Equal(b, good) {
			t.Fatalf("%q passes as %+v", b, h)
		}
	})
}
