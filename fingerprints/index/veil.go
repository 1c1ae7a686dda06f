package index

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"
)

// A veil is what keeps passages secret on disk. What look-ups give is a keyed hash under which different passages are
// hardly ever the same, but which is no PRF, so that it takes a fifth of the time: the filter, where nearly all look-ups
// end, is addressed by it. On disk nothing may be: so the filter lies there encrypted, under a nonce of its segment, and is
// decrypted into memory when the segment is opened. All the rest is in the order of the hashes as a secret permutation
// maps them, which only passages that get past the filter go through. A PRF of such a hash is a PRF of the passage (Carter
// and Wegman, "New Hash Functions and Their Use in Authentication and Set Equality", 1981), so without the key the
// segment tells how many passages there are and which documents share them, and nothing of what they say. That it is a
// permutation lets segments be joined without the passages at hand, though the filter of the joined one is made anew.
//
// The permutation is a Feistel network of six rounds, each SipHash-1-3 of one word: from five on, whoever sees fewer than
// 2^25 passages (half the width) cannot tell it from a random one whatever they compute (Patarin, "Security of Random
// Feistel Schemes with 5 or More Rounds", 2004), unless they break SipHash.
type veil struct {
	start [4]uint64 // SipHash's state before the first word
	block cipher.Block
}

const (
	veilRounds = 6
	halfBits   = keptBits / 2
	halfMask   = 1<<halfBits - 1
)

// newVeil derives a veil from the key that seals names.
func newVeil(key [32]byte) (*veil, error) {
	derive := func(use string, n int) ([]byte, error) { return hkdf.Key(sha256.New, key[:], nil, "index "+use, n) }
	b, err := derive("passages", 16)
	if err != nil {
		return nil, fmt.Errorf("derive the key of passages: %w", err)
	}
	k0, k1 := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
	if b, err = derive("filter", 32); err != nil {
		return nil, fmt.Errorf("derive the key of filters: %w", err)
	}
	block, err := aes.NewCipher(b)
	if err != nil {
		return nil, fmt.Errorf("derive the key of filters: %w", err)
	}
	return &veil{[4]uint64{k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573}, block}, nil
}

// hide maps a hash to what is kept of it on disk; the bits that are dropped become zero. A veil of nil changes nothing.
func (v *veil) hide(hash uint64) uint64 {
	if v == nil {
		return hash &^ dropMask
	}
	l, r := hash>>(dropBits+halfBits)&halfMask, hash>>dropBits&halfMask
	for i := range uint64(veilRounds) {
		l, r = r, l^v.round(i, r)
	}
	return (l<<halfBits | r) << dropBits
}

// show undoes hide, but for the bits that were dropped.
func (v *veil) show(kept uint64) uint64 {
	if v == nil {
		return kept
	}
	l, r := kept>>(dropBits+halfBits)&halfMask, kept>>dropBits&halfMask
	for i := range uint64(veilRounds) {
		l, r = r^v.round(veilRounds-1-i, l), l
	}
	return (l<<halfBits | r) << dropBits
}

// hideAll hides hashes where they lie.
func (v *veil) hideAll(hashes []uint64) {
	for hashes = v.fours(hashes, 0, 1); len(hashes) >= 2; hashes = hashes[2:] {
		hashes[0], hashes[1] = v.twice(hashes[0], hashes[1], 0, 1)
	}
	if len(hashes) == 1 {
		hashes[0] = v.hide(hashes[0])
	}
}

// showAll undoes hideAll.
func (v *veil) showAll(kept []uint64) {
	for i := range kept {
		kept[i] = swapped(kept[i])
	}
	rest := v.fours(kept, veilRounds-1, ^uint64(0))
	for ; len(rest) >= 2; rest = rest[2:] {
		rest[0], rest[1] = v.twice(rest[0], rest[1], veilRounds-1, ^uint64(0))
	}
	for i := range kept {
		kept[i] = swapped(kept[i])
	}
	if len(rest) == 1 {
		rest[0] = v.show(rest[0])
	}
}

// swapped is a hash with its halves exchanged: a Feistel network is undone by itself, from the last round to the first,
// on swapped halves.
func swapped(hash uint64) uint64 {
	return (hash>>(dropBits+halfBits)&halfMask | hash>>dropBits&halfMask<<halfBits) << dropBits
}

// twice takes two hashes through all rounds at once, from the round given on: each waits for its own numbers only, so
// that two take little longer than one.
func (v *veil) twice(a, b, number, step uint64) (uint64, uint64) {
	l, r := a>>(dropBits+halfBits)&halfMask, a>>dropBits&halfMask
	m, s := b>>(dropBits+halfBits)&halfMask, b>>dropBits&halfMask
	for range veilRounds {
		x, y := v.rounds(number, r, s)
		l, r = r, l^x
		m, s = s, m^y
		number += step
	}
	return (l<<halfBits | r) << dropBits, (m<<halfBits | s) << dropBits
}

// sipLength is what SipHash ends a message of one word with.
const sipLength = 8 << 56

// round is a PRF of half a hash: SipHash-1-3 of the one word that it makes with the number of its round.
func (v *veil) round(number, half uint64) uint64 {
	m := number<<halfBits | half
	a, b, c, d := sipRound(v.start[0], v.start[1], v.start[2], v.start[3]^m)
	a, b, c, d = sipRound(a^m, b, c, d^sipLength)
	a, b, c, d = sipRound(a^sipLength, b, c^0xff, d)
	a, b, c, d = sipRound(a, b, c, d)
	a, b, c, d = sipRound(a, b, c, d)
	return (a ^ b ^ c ^ d) & halfMask
}

// rounds is round of two halves.
func (v *veil) rounds(number, half, other uint64) (uint64, uint64) {
	m, n := number<<halfBits|half, number<<halfBits|other
	a, b, c, d := sipRound(v.start[0], v.start[1], v.start[2], v.start[3]^m)
	e, f, g, h := sipRound(v.start[0], v.start[1], v.start[2], v.start[3]^n)
	a, b, c, d = sipRound(a^m, b, c, d^sipLength)
	e, f, g, h = sipRound(e^n, f, g, h^sipLength)
	a, b, c, d = sipRound(a^sipLength, b, c^0xff, d)
	e, f, g, h = sipRound(e^sipLength, f, g^0xff, h)
	a, b, c, d = sipRound(a, b, c, d)
	e, f, g, h = sipRound(e, f, g, h)
	a, b, c, d = sipRound(a, b, c, d)
	e, f, g, h = sipRound(e, f, g, h)
	return (a ^ b ^ c ^ d) & halfMask, (e ^ f ^ g ^ h) & halfMask
}

// sipRound is four additions, rotations and exclusive ors: the round of SipHash.
func sipRound(a, b, c, d uint64) (uint64, uint64, uint64, uint64) {
	a += b
	c += d
	b = bits.RotateLeft64(b, 13) ^ a
	d = bits.RotateLeft64(d, 16) ^ c
	a = bits.RotateLeft64(a, 32)
	c += b
	a += d
	b = bits.RotateLeft64(b, 17) ^ c
	d = bits.RotateLeft64(d, 21) ^ a
	c = bits.RotateLeft64(c, 32)
	return a, b, c, d
}

// nonceBytes is the size of what an encrypted filter begins with.
const nonceBytes = aes.BlockSize

// write encrypts a filter.
func (v *veil) write(to *column, words []uint64) {
	nonce := make([]byte, nonceBytes)
	rand.Read(nonce) // never fails since Go 1.24
	to.bytes(nonce)
	stream := cipher.NewCTR(v.block, nonce)
	buf := make([]byte, 0, columnBuffer)
	for len(words) > 0 {
		n := min(len(words), columnBuffer/wordBytes)
		buf = buf[:0]
		for _, w := range words[:n] {
			buf = binary.LittleEndian.AppendUint64(buf, w)
		}
		words = words[n:]
		stream.XORKeyStream(buf, buf)
		to.bytes(buf)
	}
}

// decrypts returns what decrypts a filter that begins with nonce, piece by piece from the front.
func (v *veil) decrypts(nonce []byte) cipher.Stream { return cipher.NewCTR(v.block, nonce) }
