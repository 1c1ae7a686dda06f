// Package evidence keeps what shows that known content stood at a place: one WARC file a capture, encrypted to counsel's
// recipients, with a manifest per case.
// It never keeps the content itself, and cannot read back what it kept: the daemon holds no identity.
package evidence

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"

	"unmirror/fingerprints/match"
)

// Capture is how one fetch went; it holds no body.
type Capture struct {
	URL          string    `json:"url"`
	Method       string    `json:"method"`
	RequestHead  string    `json:"request_head"`
	ResponseHead string    `json:"response_head"`
	Status       int       `json:"status"`
	IP           string    `json:"ip"`
	Port         int       `json:"port"`
	TLSVersion   string    `json:"tls_version,omitempty"`
	Certificates [][]byte  `json:"certificates,omitempty"` // DER, leaf first
	Redirects    []string  `json:"redirects,omitempty"`
	Hops         []Hop     `json:"hops,omitempty"` // how each address on the way answered, in order, as far as it was kept
	Started      time.Time `json:"started"`
	Finished     time.Time `json:"finished"`
	BodyBytes    int64     `json:"body_bytes"`
	BodySHA256   string    `json:"body_sha256,omitempty"`
}

// Hop is one answer that led on to another address.
type Hop = struct {
	URL          string
	RequestHead  string
	ResponseHead string
	Status       int
	IP           string
	Port         int
	Started      time.Time
}

// Earlier points at the record in which the same content was captured first.
type Earlier struct {
	ID  string    `json:"id"`
	URL string    `json:"url"`
	At  time.Time `json:"at"` // of its response record
}

// Record is what one file keeps: a capture and why it was taken for a re-upload, or what a recheck saw.
type Record struct {
	ID      string        `json:"id"` // opaque; names the file
	Case    string        `json:"case"`
	Leak    string        `json:"leak"`
	Kind    string        `json:"kind"`  // first capture, seen again, recheck
	State   string        `json:"state"` // of the case after it
	Source  string        `json:"source"`
	At      time.Time     `json:"at"`
	Capture Capture       `json:"capture"`
	Matches []match.Match `json:"matches,omitempty"`
	// Outcome and Reason are what a recheck made of it; Same is the first capture of the very content that was seen again.
	Outcome string   `json:"outcome,omitempty"`
	Reason  string   `json:"reason,omitempty"`
	Same    *Earlier `json:"same,omitempty"`
	Version string   `json:"version,omitempty"` // of the program
}

// Responded is when a record's response counts as captured: what a later record of the same content refers to.
func (r Record) Responded() time.Time {
	if !r.Capture.Started.IsZero() {
		return r.Capture.Started
	}
	return r.At
}

// Kept is one file on disk.
type Kept struct {
	Name   string `json:"file"`
	Bytes  int64  `json:"bytes"`
	Digest string `json:"sha256"` // of the encrypted file
}

// Vault is the folder of evidence files.
type Vault struct {
	dir        string
	recipients []age.Recipient
}

// New prepares a vault in dir for age recipients ("age1…"); without recipients it keeps nothing.
func New(dir string, recipients []string) (*Vault, error) {
	v := &Vault{dir: dir}
	for i, s := range recipients {
		list, err := age.ParseRecipients(strings.NewReader(s))
		if err != nil || len(list) != 1 {
			return nil, fmt.Errorf("evidence recipient %d: %w", i+1, errors.Join(errors.New("is no age recipient (age1…)"), err))
		}
		v.recipients = append(v.recipients, list...)
	}
	if len(v.recipients) == 0 {
		return v, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make evidence folder: %w", err)
	}
	return v, nil
}

// FileName is the name of an evidence file in the vault's folder.
func FileName(id string) string { return id + ".warc.gz.age" }

// TokenName is the name of an evidence file's time token (RFC 3161).
func TokenName(id string) string { return FileName(id) + ".tsr" }

// Enabled says whether the vault keeps anything.
func (v *Vault) Enabled() bool { return v != nil && len(v.recipients) > 0 }

// Keep writes one file. It is on disk when Keep returns. Where a file of that ID is there already (a crash came between
// the file and the note of it, or another process was first), that one stands, and Keep tells of it.
func (v *Vault) Keep(r Record) (Kept, error) {
	if !v.Enabled() {
		return Kept{}, errors.New("keep evidence: no recipients")
	}
	if !opaque(r.ID) {
		return Kept{}, errors.New("keep evidence: the id is not opaque")
	}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, v.recipients...)
	if err != nil {
		return Kept{}, fmt.Errorf("encrypt evidence: %w", err)
	}
	if err := writeWARC(w, r); err != nil {
		return Kept{}, fmt.Errorf("write evidence: %w", err)
	}
	if err := w.Close(); err != nil {
		return Kept{}, fmt.Errorf("encrypt evidence: %w", err)
	}
	name, content := FileName(r.ID), sealed.Bytes()
	err = v.place(name, content, os.Link)
	if errors.Is(err, os.ErrExist) {
		content, err = os.ReadFile(filepath.Join(v.dir, name))
	}
	if err != nil {
		return Kept{}, err
	}
	sum := sha256.Sum256(content)
	return Kept{Name: name, Bytes: int64(len(content)), Digest: hex.EncodeToString(sum[:])}, nil
}

// PlaceToken puts a time token beside the evidence file of that id. It is on disk when PlaceToken returns.
func (v *Vault) PlaceToken(id string, token []byte) error {
	if !opaque(id) {
		return errors.New("place time token: the id is not opaque")
	}
	return v.place(TokenName(id), token, os.Rename)
}

// Delete removes an evidence file and its time token; files that are gone already are no error.
func (v *Vault) Delete(id string) error {
	if v == nil || v.dir == "" || !opaque(id) {
		return errors.New("delete evidence: there is no vault, or the id is not opaque")
	}
	for _, name := range []string{FileName(id), TokenName(id)} {
		if err := os.Remove(filepath.Join(v.dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("delete evidence: %w", err)
		}
	}
	return v.sync()
}

// Read returns a file of the vault as it lies there: encrypted evidence, a token, a manifest.
func (v *Vault) Read(name string) ([]byte, error) {
	if v == nil || v.dir == "" || name != filepath.Base(name) {
		return nil, errors.New("read evidence: there is no vault, or this is no name in it")
	}
	b, err := os.ReadFile(filepath.Join(v.dir, name))
	if err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	return b, nil
}

// Encrypt encrypts what is handed out besides captures, to the same recipients.
func (v *Vault) Encrypt(plain []byte) ([]byte, error) {
	if !v.Enabled() {
		return nil, errors.New("encrypt: no recipients")
	}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, v.recipients...)
	if err != nil {
		return nil, fmt.Errorf("encrypt: %w", err)
	}
	_, err = w.Write(plain)
	if err = errors.Join(err, w.Close()); err != nil {
		return nil, fmt.Errorf("encrypt: %w", err)
	}
	return sealed.Bytes(), nil
}

// place writes a file so that after a crash it is either whole or not there; put gives the finished file its name.
func (v *Vault) place(name string, content []byte, put func(from, to string) error) error {
	f, err := os.CreateTemp(v.dir, ".new-*")
	if err != nil {
		return fmt.Errorf("write evidence file: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // renamed away or linked by then, unless something failed
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write evidence file: %w", err)
	}
	if err := put(f.Name(), filepath.Join(v.dir, name)); err != nil {
		return fmt.Errorf("place evidence file: %w", err)
	}
	return v.sync()
}

// sync makes the folder's names last.
func (v *Vault) sync() error {
	d, err := os.Open(v.dir)
	if err != nil {
		return fmt.Errorf("open evidence folder: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync evidence folder: %w", err)
	}
	return nil
}

// opaque keeps anything but an id from becoming a file name.
func opaque(id string) bool {
	for _, r := range id {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' {
			return false
		}
	}
	return id != ""
}
