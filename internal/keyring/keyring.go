// Package keyring holds the keys of one installation and does with them what needs doing: seal, open, look up, sign.
// It never lets a key into the data folder, a log or an error.
package keyring

import (
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/sys/unix"
)

// The files of a keys folder. Sealing and audit hold one key a line, newest last: old ones still open and verify.
const (
	matchingFile = "matching.key"
	namesFile    = "names.key"
	sealingFile  = "sealing.keys"
	auditFile    = "audit.keys"
)

const keySize = 32

// ErrMissing says that the keys folder holds no keys.
var ErrMissing = errors.New("no keys")

// Ring is an opened keys folder.
type Ring struct {
	Matching [keySize]byte // PRF key of all fingerprints
	Names    [keySize]byte // seals known files' names and titles in the index folder
	sealing  []cipher.AEAD
	lookup   []byte
	audit    []ed25519.PrivateKey
}

// Exists says whether dir holds keys.
func Exists(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, matchingFile))
	return err == nil || errors.Is(err, fs.ErrPermission)
}

// Init makes a new set of keys in dir (mode 0700, files 0600). It refuses when there are keys already. What an
// interrupted Init left is no set of keys, because the matching key is written last, and is made anew.
func Init(dir string) (err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make keys folder: %w", err)
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("open keys folder: %w", err)
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	// Of two commands that start together on a new folder, the second finds the first one's keys.
	if err := unix.Flock(int(d.Fd()), unix.LOCK_EX); err != nil {
		return fmt.Errorf("lock keys folder: %w", err)
	}
	if Exists(dir) {
		return fmt.Errorf("make keys in %s: %w", dir, fs.ErrExist)
	}
	for _, name := range []string{namesFile, sealingFile, auditFile, matchingFile} {
		if err := writeKey(filepath.Join(dir, name), os.O_TRUNC, newKey()); err != nil {
			return fmt.Errorf("make key: %w", err)
		}
	}
	return syncDir(dir)
}

// Rotate adds a new sealing key and a new audit signing key; the old ones still open and verify what they made. The
// matching key cannot be rotated: fingerprints made under it could not be recognised any more without the originals.
func Rotate(dir string) error {
	if !Exists(dir) {
		return fmt.Errorf("rotate keys in %s: %w", dir, ErrMissing)
	}
	for _, name := range []string{sealingFile, auditFile} {
		if err := writeKey(filepath.Join(dir, name), os.O_APPEND, newKey()); err != nil {
			return fmt.Errorf("rotate keys: %w", err)
		}
	}
	return syncDir(dir)
}

func newKey() []byte {
	k := make([]byte, keySize)
	_, _ = rand.Read(k) // crypto/rand.Read never fails
	return k
}

func writeKey(path string, how int, key []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|how, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%x\n", key)
	return errors.Join(err, f.Sync(), f.Close())
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync keys folder: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}

// Load opens the keys folder. The error is ErrMissing, wrapped, when there are no keys at all.
func Load(dir string) (*Ring, error) {
	if !Exists(dir) {
		return nil, fmt.Errorf("%w in %s: `unmirror keys init` makes them", ErrMissing, dir)
	}
	r := &Ring{}
	for name, into := range map[string]*[keySize]byte{matchingFile: &r.Matching, namesFile: &r.Names} {
		keys, err := readKeys(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		copy(into[:], keys[len(keys)-1])
	}
	sealing, err := readKeys(filepath.Join(dir, sealingFile))
	if err != nil {
		return nil, err
	}
	if len(sealing) > 255 {
		return nil, fmt.Errorf("read %s: more than 255 keys", sealingFile)
	}
	for _, k := range sealing {
		aead, err := chacha20poly1305.NewX(derive(k, "seal"))
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", sealingFile, err)
		}
		r.sealing = append(r.sealing, aead)
	}
	r.lookup = derive(sealing[0], "lookup") // the first for ever: equality must survive a rotation
	audit, err := readKeys(filepath.Join(dir, auditFile))
	if err != nil {
		return nil, err
	}
	for _, k := range audit {
		r.audit = append(r.audit, ed25519.NewKeyFromSeed(k))
	}
	return r, nil
}

// derive panics only when the hash is unknown, which it is not.
func derive(key []byte, info string) []byte {
	out, err := hkdf.Key(sha256.New, key, nil, "unmirror "+info, keySize)
	if err != nil {
		panic(err)
	}
	return out
}

// readKeys never puts what it read into an error.
func readKeys(path string) (keys [][]byte, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	for i, line := range strings.Fields(string(b)) {
		k, err := hex.DecodeString(line)
		if err != nil || len(k) != keySize {
			return nil, fmt.Errorf("read key %s: line %d is not 64 hex digits", path, i+1)
		}
		keys = append(keys, k)
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("read key %s: empty", path)
	}
	return keys, nil
}

// Sign is the newest audit signing key.
func (r *Ring) Sign() ed25519.PrivateKey { return r.audit[len(r.audit)-1] }

// Public are the public keys of all audit signing keys, oldest first.
func (r *Ring) Public() []ed25519.PublicKey {
	var out []ed25519.PublicKey
	for _, k := range r.audit {
		out = append(out, k.Public().(ed25519.PublicKey))
	}
	return out
}

// Seal encrypts plain under the newest key with XChaCha20-Poly1305: key number, nonce, ciphertext. The context is
// authenticated.
func (r *Ring) Seal(context string, plain []byte) []byte {
	n := len(r.sealing) - 1
	out := make([]byte, 1+chacha20poly1305.NonceSizeX, 1+chacha20poly1305.NonceSizeX+len(plain)+chacha20poly1305.Overhead)
	out[0] = byte(n)
	_, _ = rand.Read(out[1:])
	return r.sealing[n].Seal(out, out[1:], plain, []byte(context))
}

// Open decrypts what Seal made for the same context.
func (r *Ring) Open(context string, sealed []byte) ([]byte, error) {
	if len(sealed) < 1+chacha20poly1305.NonceSizeX || int(sealed[0]) >= len(r.sealing) {
		return nil, fmt.Errorf("open %s: sealed under a key that is not in this keys folder", context)
	}
	nonce, body := sealed[1:1+chacha20poly1305.NonceSizeX], sealed[1+chacha20poly1305.NonceSizeX:]
	plain, err := r.sealing[sealed[0]].Open(nil, nonce, body, []byte(context))
	if err != nil {
		return nil, fmt.Errorf("open %s: wrong key or changed data: %w", context, err)
	}
	return plain, nil
}

// Plane is the key of a fleet's crawl plane. Workers are given it, and it opens nothing of the record. It survives rotations.
func (r *Ring) Plane() [keySize]byte { return [keySize]byte(derive(r.lookup, "plane")) }

// Lookup is HMAC-SHA-256 over context and plain, cut to 16 bytes.
func (r *Ring) Lookup(context string, plain []byte) []byte {
	m := hmac.New(sha256.New, r.lookup)
	m.Write([]byte(context))
	m.Write([]byte{0})
	m.Write(plain)
	return m.Sum(nil)[:16]
}
