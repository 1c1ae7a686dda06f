package kind

import (
	"bytes"
	"compress/flate"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/url"
	"strings"
)

// sealedPaste is the answer of a server, version 2 of the format (PrivateBin's wiki, "Encryption format").
type sealedPaste struct {
	Status json.Number
	V      json.Number
	AData  json.RawMessage
	CT     string
	// Comments of a discussion, sealed with the document's key.
	Comments []struct {
		AData json.RawMessage
		CT    string
	}
}

// sealing is how a document was encrypted.
type sealing struct {
	iv, salt         []byte
	iterations, bits int
	deflated         bool
}

const (
	maxIterations = 2_000_000 // of PBKDF2; the software uses 600,000 at most
	maxDerivings  = 8_000_000 // iterations for one document and its comments: a few seconds
	maxPlain      = MaxWrapped
	maxComments   = 20 // of one document: each costs a derivation of its key
)

func wrapped(why string) error { return fmt.Errorf("%s: %w", why, ErrWrapped) }

// unwrapPrivatebin decrypts a document: its text and its attachments.
func unwrapPrivatebin(_ Spec, u *url.URL, body []byte) ([]Part, error) {
	var p sealedPaste
	if err := json.Unmarshal(bytes.TrimSpace(body), &p); err != nil || p.CT == "" {
		return nil, errBare // what says that there is none is judged as it is
	}
	if p.V != "2" {
		return nil, wrapped("it is in an old format of encryption")
	}
	secret, err := base58(strings.TrimPrefix(privatebinURL(u).Fragment, "-"))
	if err != nil {
		return nil, wrapped("the link carries no key")
	}
	left := maxDerivings
	plain, err := unseal(secret, p.AData, p.CT, &left)
	p.CT = "" // it may be large
	if err != nil {
		return nil, err
	}
	parts, err := privatebinParts(plain)
	if err != nil {
		return nil, err
	}
	for i, c := range p.Comments[:min(len(p.Comments), maxComments)] {
		var said struct{ Comment string }
		if plain, err := unseal(secret, c.AData, c.CT, &left); err == nil && object(plain, &said) && said.Comment != "" {
			parts = append(parts, Part{Name: fmt.Sprintf("comment-%d.txt", i+1), Body: []byte(said.Comment)})
		}
	}
	return parts, nil
}

// unseal opens one sealed text and takes what that costs off the iterations that are left.
func unseal(secret []byte, adata json.RawMessage, content string, left *int) ([]byte, error) {
	how, err := readSealing(adata)
	if err != nil {
		return nil, err
	}
	if *left -= how.iterations; *left < 0 {
		return nil, wrapped("to open it costs too much")
	}
	ct, err := unbase64(content)
	if err != nil || len(ct) == 0 {
		return nil, wrapped("its content is not readable")
	}
	return how.open(secret, ct, authenticated(adata))
}

// authenticated is the additional data as the client wrote it: compact JSON. PHP gives it back with every slash escaped.
func authenticated(adata []byte) []byte {
	var b bytes.Buffer
	if json.Compact(&b, adata) != nil {
		return adata
	}
	return bytes.ReplaceAll(b.Bytes(), []byte(`\/`), []byte(`/`))
}

func readSealing(adata []byte) (sealing, error) {
	var outer []json.RawMessage
	var inner []any
	if json.Unmarshal(adata, &outer) != nil || len(outer) == 0 {
		return sealing{}, wrapped("it does not say how it is encrypted")
	}
	if json.Unmarshal(outer[0], &inner) != nil && json.Unmarshal(adata, &inner) != nil || len(inner) < 8 { // a comment's is not nested
		return sealing{}, wrapped("it does not say how it is encrypted")
	}
	text := func(i int) string { s, _ := inner[i].(string); return s }
	number := func(i int) int { f, _ := inner[i].(float64); return int(min(f, 1<<30)) }
	s := sealing{iterations: number(2), bits: number(3), deflated: text(7) == "zlib"}
	var ierr, serr error
	s.iv, ierr = unbase64(text(0))
	s.salt, serr = unbase64(text(1))
	switch {
	case ierr != nil || serr != nil || len(s.iv) == 0 || len(s.iv) > 64:
		return s, wrapped("it does not say how it is encrypted")
	case text(5) != "aes" || text(6) != "gcm" || text(7) != "zlib" && text(7) != "none" || number(4) != 128:
		return s, wrapped("it is encrypted in an unknown way")
	case s.bits != 128 && s.bits != 192 && s.bits != 256 || s.iterations < 1 || s.iterations > maxIterations:
		return s, wrapped("it is encrypted in an unknown way")
	}
	return s, nil
}

func (s sealing) open(secret, ct, aad []byte) ([]byte, error) {
	key, err := pbkdf2.Key(sha256.New, string(secret), s.salt, s.iterations, s.bits/8)
	if err != nil {
		return nil, wrapped("its key cannot be derived")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, wrapped("its key cannot be used")
	}
	gcm, err := cipher.NewGCMWithNonceSize(block, len(s.iv))
	if err != nil {
		return nil, wrapped("its key cannot be used")
	}
	plain, err := gcm.Open(ct[:0], s.iv, ct, aad) // in its place: it may be large
	if err != nil {
		return nil, wrapped("the link's key does not open it, or it also needs a password")
	}
	if !s.deflated {
		return plain, nil
	}
	return inflate(plain, maxPlain)
}

// inflate unpacks raw deflate (RFC 1951) to so many bytes at most.
func inflate(packed []byte, most int) ([]byte, error) {
	n, _ := io.Copy(io.Discard, io.LimitReader(flate.NewReader(bytes.NewReader(packed)), int64(most)+1)) // what is wrong with it shows below
	if n > int64(most) {
		return nil, wrapped("it unpacks to too much")
	}
	out := make([]byte, n) // a buffer that grows would take twice as much
	_, err := io.ReadFull(flate.NewReader(bytes.NewReader(packed)), out)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, wrapped("it cannot be unpacked")
	}
	return out, nil
}

// privatebinParts reads the plaintext: attachments are data URIs, one or a list.
func privatebinParts(plain []byte) ([]Part, error) {
	var doc struct {
		Paste          string
		Attachment     texts
		AttachmentName texts `json:"attachment_name"`
	}
	if crowded(plain, maxValues) || !object(plain, &doc) {
		return nil, wrapped("what it decrypts to is not readable")
	}
	var parts []Part
	if doc.Paste != "" {
		parts = append(parts, Part{Name: "paste.txt", Body: []byte(doc.Paste)})
	}
	for i, uri := range doc.Attachment {
		content, ok := dataURI(uri)
		if !ok {
			continue
		}
		name := fmt.Sprintf("attachment-%d", i+1)
		if i < len(doc.AttachmentName) && doc.AttachmentName[i] != "" {
			name = doc.AttachmentName[i]
		}
		parts = append(parts, Part{Name: name, Body: content})
	}
	if len(parts) == 0 {
		parts = append(parts, Part{Name: "paste.txt"})
	}
	return parts, nil
}

// texts is a string or a list of strings.
type texts []string

// UnmarshalJSON implements json.Unmarshaler.
func (t *texts) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*t = nil
		if one != "" {
			*t = texts{one}
		}
		return nil
	}
	var many []string
	if err := json.Unmarshal(b, &many); err != nil {
		return fmt.Errorf("neither a text nor a list of texts: %w", err)
	}
	*t = many
	return nil
}

func dataURI(uri string) ([]byte, bool) {
	head, data, ok := strings.Cut(uri, ",")
	if !ok || !strings.HasPrefix(head, "data:") {
		return nil, false
	}
	if strings.HasSuffix(head, ";base64") {
		b, err := unbase64(data)
		return b, err == nil
	}
	plain, err := url.PathUnescape(data)
	return []byte(plain), err == nil
}

func unbase64(s string) ([]byte, error) {
	b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
	if err != nil {
		return nil, fmt.Errorf("read base64: %w", err)
	}
	return b, nil
}

const base58Digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// base58 reads a key of 32 bytes, in the alphabet of Bitcoin; a shorter one has leading zeros.
func base58(s string) ([]byte, error) {
	if s == "" || len(s) > 64 {
		return nil, errors.New("no key")
	}
	n, radix := new(big.Int), big.NewInt(58)
	for i := range len(s) {
		digit := strings.IndexByte(base58Digits, s[i])
		if digit < 0 {
			return nil, errors.New("no base58")
		}
		n.Add(n.Mul(n, radix), big.NewInt(int64(digit)))
	}
	if n.BitLen() > 256 {
		return nil, errors.New("too long a key")
	}
	return n.FillBytes(make([]byte, 32)), nil
}
