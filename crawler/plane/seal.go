package plane

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

// Key is the secret of a plane outside the record: under it addresses are sealed and found again. A worker is given this
// key and never those of the record.
type Key [32]byte

// sealer seals what a plane keeps, and makes the keyed look-up values of addresses.
type sealer struct {
	aead   cipher.AEAD
	lookup []byte
}

func newSealer(k Key) (*sealer, error) {
	if k == (Key{}) {
		return nil, errors.New("the plane's key is empty")
	}
	seal, err := hkdf.Key(sha256.New, k[:], nil, "unmirror plane seal", chacha20poly1305.KeySize)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	look, err := hkdf.Key(sha256.New, k[:], nil, "unmirror plane lookup", sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	aead, err := chacha20poly1305.NewX(seal)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	return &sealer{aead: aead, lookup: look}, nil
}

// seal encrypts for the context, which is authenticated: nonce, ciphertext, tag.
func (s *sealer) seal(context string, plain []byte) []byte {
	out := make([]byte, chacha20poly1305.NonceSizeX, chacha20poly1305.NonceSizeX+len(plain)+chacha20poly1305.Overhead)
	_, _ = rand.Read(out) // crypto/rand.Read never fails
	return s.aead.Seal(out, out, plain, []byte(context))
}

// open decrypts what seal made for the same context.
func (s *sealer) open(context string, sealed []byte) ([]byte, error) {
	if len(sealed) < chacha20poly1305.NonceSizeX {
		return nil, fmt.Errorf("open %s: too short", context)
	}
	plain, err := s.aead.Open(nil, sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:], []byte(context))
	if err != nil {
		return nil, fmt.Errorf("open %s: sealed under another key, or changed: %w", context, err)
	}
	return plain, nil
}

// find is a keyed hash of 32 bytes, which callers cut.
func (s *sealer) find(context, plain string) []byte {
	m := hmac.New(sha256.New, s.lookup)
	m.Write([]byte(context))
	m.Write([]byte{0})
	m.Write([]byte(plain))
	return m.Sum(nil)
}
