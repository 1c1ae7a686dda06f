package index

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"sync"
)

// A page is an image of one that a known file holds: the words by which it is found (package page makes them, keyed), and
// a body with which an item's page is compared. Neither lies open here: of a word, what a second PRF under another key
// maps it to, so that the segment tells which pages share words and not which; the body is encrypted with the page's
// number as additional data, and its tag is what tells damage: a body is checked when it is compared and not when the
// segment is opened, since a million of them take five gigabytes.

const (
	// pageSize is what a page takes beside its words and body, in bytes: its file, its number there, and where its body
	// begins.
	pageSize = 16
	// maxPages is how many pages a segment holds at most; MaxPageBody bounds one's body, in bytes.
	maxPages    = 1 << 24
	MaxPageBody = 64 << 10
)

// Page says where a page stands: a file of its segment, and the page's number in it, from 1. Of a baseline, which has no
// files, File is 0.
type Page struct{ File, Number uint32 }

// pageVeil hides what is kept of pages.
type pageVeil struct {
	words cipher.Block
	body  cipher.AEAD
}

func newPageVeil(key [32]byte) (*pageVeil, error) {
	var blocks [2]cipher.Block
	for i, use := range []string{"page words", "page bodies"} {
		b, err := hkdf.Key(sha256.New, key[:], nil, "index "+use, 32)
		if err != nil {
			return nil, fmt.Errorf("derive the key of %s: %w", use, err)
		}
		if blocks[i], err = aes.NewCipher(b); err != nil {
			return nil, fmt.Errorf("derive the key of %s: %w", use, err)
		}
	}
	body, err := cipher.NewGCMWithRandomNonce(blocks[1])
	if err != nil {
		return nil, fmt.Errorf("derive the key of page bodies: %w", err)
	}
	return &pageVeil{blocks[0], body}, nil
}

// word is a PRF of a word, in the upper pageWordBits bits.
func (v *pageVeil) word(word uint32) uint64 {
	var b [aes.BlockSize]byte
	binary.LittleEndian.PutUint32(b[:], word)
	v.words.Encrypt(b[:], b[:])
	return binary.LittleEndian.Uint64(b[:]) &^ (1<<(64-pageWordBits) - 1)
}

func pageContext(number uint32) []byte {
	return binary.LittleEndian.AppendUint32([]byte("index.page"), number)
}

// PageSpool keeps pages in unlinked files until their segment is written. It is safe for concurrent use.
type PageSpool struct {
	veil   *pageVeil
	sorter *Sorter
	mu     sync.Mutex
	f      *os.File
	n      int64
	rows   []spooledPage
}

type spooledPage struct {
	number, size uint32
	at           int64
}

// PageSpool begins a spool in the index folder; the caller closes it.
func (f *Folder) PageSpool() (*PageSpool, error) {
	file, err := tempFile(f.dir)
	if err != nil {
		return nil, fmt.Errorf("keep pages: %w", err)
	}
	return &PageSpool{veil: f.seal.pages, sorter: NewSorter(f.dir), f: file}, nil
}

// Close frees the spool; a draft that has pages of it must be written by then.
func (s *PageSpool) Close() error {
	s.sorter.Close()
	return s.f.Close()
}

// Count is the number of pages so far.
func (s *PageSpool) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.rows)
}

// Add keeps a page, which is number number of its file. It returns the page's place in the spool, from 0.
func (s *PageSpool) Add(number uint32, words []uint32, body []byte) (place uint32, err error) {
	if len(body) > MaxPageBody {
		return 0, fmt.Errorf("keep a page: its body has %d bytes, and %d at most are kept", len(body), MaxPageBody)
	}
	sealed := s.veil.body.Seal(nil, nil, body, pageContext(number))
	if place, err = s.keep(number, sealed); err != nil {
		return 0, err
	}
	pairs := make([]Pair, len(words))
	for i, w := range words {
		pairs[i] = Pair{s.veil.word(w), place}
	}
	return place, s.sorter.Add(pairs)
}

func (s *PageSpool) keep(number uint32, sealed []byte) (uint32, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.rows) >= maxPages {
		return 0, fmt.Errorf("a segment holds at most %d pages: register the leak in parts", maxPages)
	}
	if _, err := s.f.WriteAt(sealed, s.n); err != nil {
		return 0, fmt.Errorf("keep a page: %w", err)
	}
	s.rows = append(s.rows, spooledPage{number, uint32(len(sealed)), s.n})
	s.n += int64(len(sealed))
	return uint32(len(s.rows) - 1), nil
}

func (s *PageSpool) append(dst []byte, row spooledPage) ([]byte, error) {
	from := len(dst)
	dst = append(dst, make([]byte, row.size)...)
	if _, err := s.f.ReadAt(dst[from:], row.at); err != nil {
		return nil, fmt.Errorf("read a page back: %w", err)
	}
	return dst, nil
}

// Pages returns the number of pages.
func (s *Segment) Pages() uint32 { return uint32(len(s.sections[secPages]) / pageSize) }

// Page returns where a page stands.
func (s *Segment) Page(i uint32) (Page, bool) {
	if i >= s.Pages() {
		return Page{}, false
	}
	row := s.sections[secPages][pageSize*int(i):]
	p := Page{binary.LittleEndian.Uint32(row), binary.LittleEndian.Uint32(row[4:])}
	return p, s.kind == Baseline || p.File < s.files
}

// PageBody decrypts a page's body. The error wraps ErrCorrupt.
func (s *Segment) PageBody(i uint32) ([]byte, error) {
	sealed := s.sealedBody(i)
	p, ok := s.Page(i)
	if !ok || sealed == nil {
		return nil, fmt.Errorf("no page %d: %w", i, ErrCorrupt)
	}
	plain, err := s.seal.pages.body.Open(nil, nil, sealed, pageContext(p.Number))
	if err != nil {
		return nil, fmt.Errorf("page %d: %w", i, ErrCorrupt)
	}
	return plain, nil
}

// sealedBody is a page's body as it lies in the segment; nil where its place is impossible.
func (s *Segment) sealedBody(i uint32) []byte {
	rows, all := s.sections[secPages], s.sections[secPageBodies]
	if i >= s.Pages() {
		return nil
	}
	begin := func(i uint32) uint64 { return binary.LittleEndian.Uint64(rows[pageSize*int(i)+8:]) }
	from, to := begin(i), uint64(len(all))
	if i+1 < s.Pages() {
		to = begin(i + 1)
	}
	if from >= to || to > uint64(len(all)) || to-from > 2*MaxPageBody {
		return nil
	}
	return all[from:to]
}
