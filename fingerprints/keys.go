package fingerprints

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"unmirror/fingerprints/cell"
	"unmirror/fingerprints/chunk"
	"unmirror/fingerprints/index"
	"unmirror/fingerprints/page"
	"unmirror/fingerprints/trace"
	"unmirror/fingerprints/winnow"
)

// Keys are the two keys of an index. They live outside the data folder.
type Keys struct {
	Matching [32]byte // keys every fingerprint
	Names    [32]byte // seals known files' names and leaks' titles
}

// secrets are derived from the matching key, one for each use.
type secrets struct {
	public                                                *hashSet // passages of the built-in baseline
	winnow                                                *winnow.Table
	cuts                                                  *chunk.Table
	cells                                                 *cell.Key
	sum                                                   *sumKey
	traces                                                *trace.Table
	pages                                                 *page.Printer
	content, text, item, file, subject, name, ident, stem []byte
	chunk, published, listed                              []byte
}

func derive(matching [32]byte) (*secrets, error) {
	prk, err := hkdf.Extract(sha256.New, matching[:], []byte("unmirror fingerprints"))
	if err != nil {
		return nil, fmt.Errorf("derive keys: %w", err)
	}
	s := &secrets{}
	for _, k := range []struct {
		to   *[]byte
		name string
	}{
		{&s.content, "content"}, {&s.text, "text"}, {&s.item, "item"}, {&s.file, "file id"}, {&s.subject, "subject"},
		{&s.name, "name pair"}, {&s.ident, "identifier"}, {&s.stem, "stem"}, {&s.chunk, "chunk"},
		{&s.published, "published digest"}, {&s.listed, "listed member"},
	} {
		if *k.to, err = hkdf.Expand(sha256.New, prk, k.name, 32); err != nil {
			return nil, fmt.Errorf("derive keys: %w", err)
		}
	}
	table, err := hkdf.Expand(sha256.New, prk, "winnow", winnow.TableBytes)
	if err != nil {
		return nil, fmt.Errorf("derive keys: %w", err)
	}
	cuts, err := hkdf.Expand(sha256.New, prk, "cuts", chunk.TableBytes)
	if err != nil {
		return nil, fmt.Errorf("derive keys: %w", err)
	}
	cells, err := hkdf.Expand(sha256.New, prk, "cells", cell.KeyBytes)
	if err != nil {
		return nil, fmt.Errorf("derive keys: %w", err)
	}
	traces, err := hkdf.Expand(sha256.New, prk, "trace", trace.TableBytes)
	if err != nil {
		return nil, fmt.Errorf("derive keys: %w", err)
	}
	pages, err := hkdf.Expand(sha256.New, prk, "page", 32)
	if err != nil {
		return nil, fmt.Errorf("derive keys: %w", err)
	}
	s.pages = page.New(pages)
	s.traces = trace.NewTable((*[trace.TableBytes]byte)(traces))
	sum, err := hkdf.Expand(sha256.New, prk, "text sum", sumBytes)
	if err != nil {
		return nil, fmt.Errorf("derive keys: %w", err)
	}
	s.sum = newSumKey((*[sumBytes]byte)(sum))
	s.cells = cell.NewKey((*[cell.KeyBytes]byte)(cells))
	s.cuts = chunk.NewTable((*[chunk.TableBytes]byte)(cuts))
	s.winnow = winnow.NewTable((*[winnow.TableBytes]byte)(table))
	s.public, err = publicPassages(s.winnow)
	return s, err
}

func prf(key []byte, parts ...string) [32]byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts { // the length first, so that no two lists read alike
		var n [8]byte
		binary.LittleEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		h.Write([]byte(p))
	}
	return [32]byte(h.Sum(nil))
}

func prf64(key []byte, parts ...string) uint64 {
	sum := prf(key, parts...)
	return binary.LittleEndian.Uint64(sum[:])
}

// keyed is the digest that the index holds of bytes of which sum is the SHA-256.
func keyed(key, sum []byte) (d index.Digest) {
	mac := hmacOf(key, sum)
	copy(d[:], mac[:])
	return d
}

// hmacOf is HMAC-SHA-256 (RFC 2104) of a digest or the like, under one of the secrets. Package hmac makes five objects for
// each, of which a page needs three.
func hmacOf(key, message []byte) [sha256.Size]byte {
	var inner, outer [2 * sha256.BlockSize]byte
	if len(key) > sha256.BlockSize || len(message) > sha256.BlockSize {
		h := hmac.New(sha256.New, key)
		h.Write(message)
		return [sha256.Size]byte(h.Sum(nil))
	}
	copy(inner[:], key)
	copy(outer[:], key)
	for i := range sha256.BlockSize {
		inner[i] ^= 0x36
		outer[i] ^= 0x5c
	}
	sum := sha256.Sum256(inner[:sha256.BlockSize+copy(inner[sha256.BlockSize:], message)])
	return sha256.Sum256(outer[:sha256.BlockSize+copy(outer[sha256.BlockSize:], sum[:])])
}
