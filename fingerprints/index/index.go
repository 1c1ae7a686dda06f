// Package index keeps fingerprints on disk: a manifest of immutable, memory-mapped, checksummed segments.
// It never sees content: what it is given is keyed hashes, and what could name a person (file names, titles) it seals.
// Nor is anything on disk addressed by a hash that is weaker than a PRF: passages, whose hashes are, lie there veiled, as
// the type veil explains.
package index

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/crypto/chacha20poly1305"
)

// Digest is a keyed digest of content or canonical text.
type Digest [16]byte

// FileID is a known file's opaque id.
type FileID [6]byte

// MarshalText writes it as hex.
func (id FileID) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, id[:]), nil }

// UnmarshalText reads what MarshalText wrote.
func (id *FileID) UnmarshalText(b []byte) error {
	if len(b) != 2*len(id) {
		return fmt.Errorf("file id has %d digits", len(b))
	}
	_, err := hex.Decode(id[:], b)
	return err
}

// Kind tells what a segment is for.
type Kind uint32

// The kinds of segment.
const (
	Known    Kind = 1 // fingerprints of leaks
	Baseline Kind = 2 // fingerprints that never count
)

// Leak is what a segment knows of a leak. It is stored sealed.
type Leak struct {
	Slug       string    `json:"slug"`
	Title      string    `json:"title,omitempty"`
	Created    time.Time `json:"created"`
	Files      int       `json:"files"`    // files of the registered folder; members of archives are not counted
	Bytes      int64     `json:"bytes"`    // their size
	Passages   int       `json:"passages"` // distinct passages of each document, summed
	Subjects   []string  `json:"subjects,omitempty"`
	Categories []string  `json:"categories,omitempty"`
	Tables     []Table   `json:"tables,omitempty"`
	Authority  string    `json:"authority,omitempty"` // what permits the use of national numbers
	People     int       `json:"people,omitempty"`    // subjects of rows, where there are too many to list
}

// Table is a rule that names the column of a table in which its subjects stand. It is stored sealed.
type Table struct {
	Files      string              `json:"files"` // glob
	Column     string              `json:"column"`
	Categories map[string][]string `json:"categories,omitempty"` // by column
}

// NoDoc and NoParent stand where a file has no text of its own or is no member of an archive.
const (
	NoDoc    = ^uint32(0)
	NoParent = ^uint32(0)
)

// File is a known file or a member of a known archive. It is stored sealed.
type File struct {
	ID        FileID  `json:"i"`
	Leak      uint32  `json:"l"`
	Name      string  `json:"n"` // relative to the folder registered; members "a.zip!/b/c.docx"
	Type      string  `json:"t,omitempty"`
	Extractor string  `json:"e,omitempty"`
	Bytes     int64   `json:"b"`
	Entropy   float64 `json:"x,omitempty"` // bits of content by compression, capped: what identical content weighs
	Canonical int64   `json:"c,omitempty"` // length of the canonical text in bytes
	Doc       uint32  `json:"d"`           // its text, or NoDoc
	Parent    uint32  `json:"p"`           // the archive that holds it, or NoParent
	Members   int     `json:"m,omitempty"` // members below it, when it is an archive
	Chunked   int64   `json:"h,omitempty"` // bytes of it that lie in chunks
	Public    float64 `json:"u,omitempty"` // share of its passages that were public when it was registered
	Lookup    *Lookup `json:"o,omitempty"`
	Rows      int     `json:"r,omitempty"` // of its tables
	Pages     int     `json:"g,omitempty"` // images by which it is recognised
	// PageRules are what the manifest says of single pages of it, beside what it says of the file.
	PageRules  []FilePage `json:"f,omitempty"`
	Subjects   []string   `json:"s,omitempty"` // opaque subject ids
	Categories []string   `json:"k,omitempty"`
}

// FilePage is whose a page of a known file is.
type FilePage struct {
	Number     uint32   `json:"n"`
	Subjects   []string `json:"s,omitempty"`
	Categories []string `json:"k,omitempty"`
}

// Lookup are the digests by which others can be asked whether they hold a file. They are not keyed, and only ever sealed.
type Lookup struct {
	SHA256 []byte `json:"a"`
	SHA1   []byte `json:"b"`
	MD5    []byte `json:"c"`
}

// Doc is one distinct text of one leak. Files that read the same share it.
type Doc struct {
	Text     Digest
	Group    uint64 // documents of one group are the same text in another form and count once
	Stem     uint64 // keyed hash of the file name without its extension
	Form     uint32 // keyed hash of the extension
	Leak     uint32
	Passages uint32 // distinct
	Total    uint32 // selected, repeats included
	Own      uint32 // distinct, and in no document of another group; settled by Write
	files    uint32 // its only file, or listFlag and where its files begin in the segment's list
}

// GuardSet is what the guard knows of one registration: keyed hashes of identifiers.
type GuardSet struct {
	Leak    uint32
	Exact   []uint64 // pairs of names, e-mail addresses: kept as they are
	Numbers []uint64 // national numbers: kept in a filter that answers wrongly once in 256 times, by design
	Lines   []uint64 // telephone and account numbers: in a filter that answers wrongly once in 65,536 times
}

// ErrCorrupt is wrapped by every error about a file of the index that is damaged.
var ErrCorrupt = errors.New("index is damaged: restore its folder from a backup, or move it away and register the known files again")

func corrupt(file, why string) error { return fmt.Errorf("%s: %s: %w", file, why, ErrCorrupt) }

// Sealer seals what could name somebody, and veils passages. Make it with NewSealer.
type Sealer struct {
	aead     cipher.AEAD
	packer   *zstd.Encoder
	unpacker *zstd.Decoder
	veil     *veil
	pages    *pageVeil
}

// NewSealer seals with XChaCha20-Poly1305 under key.
func NewSealer(key [32]byte) (Sealer, error) {
	aead, err := chacha20poly1305.NewX(key[:])
	if err != nil {
		return Sealer{}, fmt.Errorf("seal names: %w", err)
	}
	packer, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return Sealer{}, fmt.Errorf("seal names: %w", err)
	}
	unpacker, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxPacked))
	if err != nil {
		return Sealer{}, fmt.Errorf("seal names: %w", err)
	}
	veil, err := newVeil(key)
	if err != nil {
		return Sealer{}, err
	}
	pages, err := newPageVeil(key)
	if err != nil {
		return Sealer{}, err
	}
	return Sealer{aead, packer, unpacker, veil, pages}, nil
}

// maxPacked is the most that a packed block may hold, in bytes.
const maxPacked = 256 << 20

func (s Sealer) pack(plain []byte) []byte { return s.packer.EncodeAll(plain, nil) }

func (s Sealer) unpack(packed []byte) ([]byte, error) {
	plain, err := s.unpacker.DecodeAll(packed, nil)
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	return plain, nil
}

func (s Sealer) seal(context string, plain []byte) []byte {
	nonce := make([]byte, chacha20poly1305.NonceSizeX, chacha20poly1305.NonceSizeX+len(plain)+s.aead.Overhead())
	rand.Read(nonce) // never fails since Go 1.24
	return s.aead.Seal(nonce, nonce, plain, []byte(context))
}

// ErrKey says that sealed data does not open: another key, or damage that the checksum did not see.
var ErrKey = errors.New("does not open under this key")

func (s Sealer) open(context string, sealed []byte) ([]byte, error) {
	if len(sealed) < chacha20poly1305.NonceSizeX {
		return nil, ErrKey
	}
	n := chacha20poly1305.NonceSizeX
	plain, err := s.aead.Open(nil, sealed[:n], sealed[n:], []byte(context))
	if err != nil {
		return nil, ErrKey
	}
	return plain, nil
}
