package evidence

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	_ "embed"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"time"
)

//go:embed verify.txt
var verifyText string

// File is one file of a bundle.
type File struct {
	Name    string // with slashes
	Content []byte
}

// About is what the instruction tells of a bundle.
type About struct {
	Case, Version, Made string
	Key                 string // id of the key that signs the list of digests
	Recipients          int
	SumsStamped         bool // the list of digests has a time token
}

// Bundle gathers the files that are handed to a court or an authority.
type Bundle struct {
	vault *Vault
	files []File
}

// NewBundle begins a bundle of a vault that has recipients: what tells of persons or places goes in encrypted to them.
func NewBundle(v *Vault) (*Bundle, error) {
	if !v.Enabled() {
		return nil, errors.New("make bundle: no recipients")
	}
	return &Bundle{vault: v}, nil
}

// Add puts a file in as it is: what is opaque, or encrypted already.
func (b *Bundle) Add(name string, content []byte) { b.files = append(b.files, File{name, content}) }

// Seal puts a file in encrypted, below sealed/.
func (b *Bundle) Seal(name string, plain []byte) error {
	sealed, err := b.vault.Encrypt(plain)
	if err != nil {
		return err
	}
	b.Add("sealed/"+name+".age", sealed)
	return nil
}

// AddKey puts a public key of the audit log in.
func (b *Bundle) AddKey(id string, k ed25519.PublicKey) error {
	der, err := x509.MarshalPKIXPublicKey(k)
	if err != nil {
		return fmt.Errorf("write key: %w", err)
	}
	b.Add("keys/"+id+".pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	return nil
}

// Sums adds the instruction and the list of digests, in the form of sha256sum; sign gives the signature of the list, and stamp its time
// token (nil: none). It returns the list's own digest, and all files.
func (b *Bundle) Sums(about About, sign func([]byte) []byte, stamp func(digest []byte) []byte) (digest [sha256.Size]byte, files []File, err error) {
	// The instruction is part of the list, so whether there is a token must be known before: it is asked for a list with the sentence,
	// and where none comes the list is made again without.
	for _, about.SumsStamped = range []bool{stamp != nil, false} {
		var text bytes.Buffer
		t, err := template.New("verify").Parse(verifyText)
		if err == nil {
			err = t.Execute(&text, about)
		}
		if err != nil {
			return digest, nil, fmt.Errorf("write instruction: %w", err)
		}
		all := append(slices.Clone(b.files), File{"VERIFY.txt", text.Bytes()})
		slices.SortFunc(all, func(x, y File) int { return strings.Compare(x.Name, y.Name) })
		var sums bytes.Buffer
		for _, f := range all {
			fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(f.Content), f.Name)
		}
		digest = sha256.Sum256(sums.Bytes())
		files = append(all, File{"SHA256SUMS", sums.Bytes()}, File{"SHA256SUMS.sig", sign(sums.Bytes())})
		if !about.SumsStamped {
			break
		}
		if token := stamp(digest[:]); token != nil {
			files = append(files, File{"SHA256SUMS.tsr", token})
			break
		}
	}
	return digest, files, nil
}

// WriteFolder writes files into a new folder.
func WriteFolder(dir string, files []File) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return fmt.Errorf("make folder of bundle: %w", err)
	}
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return fmt.Errorf("write bundle: %w", err)
		}
		if err := os.WriteFile(path, f.Content, 0o600); err != nil {
			return fmt.Errorf("write bundle: %w", err)
		}
	}
	return nil
}

// WriteZip writes files into a new ZIP archive.
func WriteZip(path string, files []File, at time.Time) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("make bundle: %w", err)
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			_ = os.Remove(path) // half a bundle would be taken for one
		}
	}()
	z := zip.NewWriter(f)
	for _, one := range files {
		w, err := z.CreateHeader(&zip.FileHeader{Name: one.Name, Method: zip.Deflate, Modified: at.UTC()})
		if err == nil {
			_, err = w.Write(one.Content)
		}
		if err != nil {
			return fmt.Errorf("write bundle: %w", err)
		}
	}
	if err := errors.Join(z.Close(), f.Sync()); err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	return nil
}
