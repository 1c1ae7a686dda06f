package plane

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"sync"

	"golang.org/x/crypto/chacha20"
)

// Key is the secret of a plane outside the record: under it addresses are sealed and found again. A worker is given this
// key and never those of the record.
type Key [32]byte

// sealer seals what a plane keeps, and makes the keyed look-up values of addresses.
type sealer struct {
	stream      []byte
	mac, lookup keyed
}

// keyed is a keyed hash. Its states are used again: to take in the key each time would take longer than a short text.
type keyed struct{ *sync.Pool }

func newKeyed(key []byte) keyed {
	return keyed{&sync.Pool{New: func() any { return hmac.New(sha256.New, key) }}}
}

// sum is the hash of a text in a context.
func (k keyed) sum(context string, plain []byte) (out [sha256.Size]byte) {
	m := k.Get().(hash.Hash)
	m.Reset()
	var room [64]byte
	m.Write(append(append(room[:0], context...), 0))
	m.Write(plain)
	m.Sum(out[:0])
	k.Put(m)
	return out
}

func newSealer(key Key) (*sealer, error) {
	if key == (Key{}) {
		return nil, errors.New("the plane's key is empty")
	}
	var parts [3][]byte
	for i, name := range []string{"unmirror plane stream", "unmirror plane tag", "unmirror plane lookup"} {
		var err error
		if parts[i], err = hkdf.Key(sha256.New, key[:], nil, name, chacha20.KeySize); err != nil {
			return nil, fmt.Errorf("derive key: %w", err)
		}
	}
	return &sealer{stream: parts[0], mac: newKeyed(parts[1]), lookup: newKeyed(parts[2])}, nil
}

// tagBytes is how much longer a sealed text is. Ninety-six bits keep two of a billion texts from sharing a nonce by chance, but
// for once in a hundred thousand million such planes.
const tagBytes = 12

// seal encrypts for the context, which is authenticated: a tag, then the ciphertext. The tag is a keyed hash of the text and
// serves as the nonce too (the synthetic IV of Rogaway and Shrimpton 2006, and of RFC 5297), since there are millions of
// short texts, of which a nonce of its own would be a quarter. That the same text in the same context looks the same tells
// no more than the look-up values beside it.
func (s *sealer) seal(context string, plain []byte) []byte { return s.sealAfter("", context, plain) }

// sealAfter is seal with something in clear before it.
func (s *sealer) sealAfter(clear, context string, plain []byte) []byte {
	out := make([]byte, len(clear)+tagBytes+len(plain))
	sealed := out[copy(out, clear):]
	copy(sealed, s.tag(context, plain))
	s.crypt(sealed[tagBytes:], plain, sealed[:tagBytes])
	return out
}

// open decrypts what seal made for the same context.
func (s *sealer) open(context string, sealed []byte) ([]byte, error) {
	if len(sealed) < tagBytes {
		return nil, fmt.Errorf("open %s: too short", context)
	}
	plain := make([]byte, len(sealed)-tagBytes)
	s.crypt(plain, sealed[tagBytes:], sealed[:tagBytes])
	if !hmac.Equal(sealed[:tagBytes], s.tag(context, plain)) {
		return nil, fmt.Errorf("open %s: sealed under another key, or changed", context)
	}
	return plain, nil
}

func (s *sealer) tag(context string, plain []byte) []byte {
	sum := s.mac.sum(context, plain)
	return sum[:tagBytes]
}

func (s *sealer) crypt(to, from, tag []byte) {
	var nonce [chacha20.NonceSizeX]byte
	copy(nonce[:], tag)
	c, err := chacha20.NewUnauthenticatedCipher(s.stream, nonce[:])
	if err != nil {
		panic(err) // only of a wrong size of key or nonce
	}
	c.XORKeyStream(to, from)
}

// find is a keyed hash of 32 bytes, which callers cut.
func (s *sealer) find(context, plain string) []byte {
	sum := s.lookup.sum(context, []byte(plain))
	return sum[:]
}
