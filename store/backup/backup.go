// Package backup packs a data folder into one file beside a running daemon, and unpacks it into a new one.
// It never holds a key: what it packs is sealed as it was, and of use only with the keys folder, which belongs in another backup.
package backup

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// sums is the last file of a backup: the digest of each file before it, as sha256sum writes them.
const sums = "SHA256SUMS"

// names are those of the files that a backup may hold.
var names = regexp.MustCompile(`^(unmirror\.db|index/[A-Za-z0-9][A-Za-z0-9._-]*|evidence/[A-Za-z0-9][A-Za-z0-9._-]*)$`)

// mostSums bounds the list of digests when it is read.
const mostSums = 256 << 20

// Pack writes the data folder dir to w, as a tar archive: a snapshot of the record, the index and the evidence. snapshot writes the
// record's, in one moment, to the path that it is given. The record comes first, because what it names is on disk before it names it.
func Pack(ctx context.Context, w io.Writer, dir string, snapshot func(ctx context.Context, path string) error) error {
	scratch, err := os.MkdirTemp(dir, ".backup-*") // beside the record: what is sealed there is sealed here
	if err != nil {
		return fmt.Errorf("make snapshot: %w", err)
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	record := filepath.Join(scratch, "unmirror.db")
	if err := snapshot(ctx, record); err != nil {
		return fmt.Errorf("make snapshot: %w", err)
	}
	p := &packer{ctx: ctx, w: tar.NewWriter(w)}
	if err := p.file("unmirror.db", record); err != nil {
		return err
	}
	unlock, err := lockIndex(ctx, filepath.Join(dir, "index"))
	if err != nil {
		return err
	}
	defer unlock()
	for _, folder := range []string{"index", "evidence"} {
		if err := p.folder(folder, filepath.Join(dir, folder)); err != nil {
			return err
		}
	}
	list := []byte(p.list.String())
	if err := p.w.WriteHeader(&tar.Header{Name: sums, Mode: 0o600, Size: int64(len(list)), ModTime: time.Unix(0, 0)}); err != nil {
		return fmt.Errorf("write backup: %w", err)
	}
	if _, err := p.w.Write(list); err != nil {
		return fmt.Errorf("write backup: %w", err)
	}
	if err := p.w.Close(); err != nil {
		return fmt.Errorf("write backup: %w", err)
	}
	return nil
}

// lockIndex keeps the index from being rewritten while it is read. It waits for a registration that is under way.
func lockIndex(ctx context.Context, dir string) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, "LOCK"), os.O_CREATE|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		return func() {}, nil // nothing is registered
	}
	if err != nil {
		return nil, fmt.Errorf("lock index: %w", err)
	}
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return func() { _ = f.Close() }, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			return nil, errors.Join(fmt.Errorf("lock index: %w", err), f.Close())
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("wait for the index: %w", ctx.Err()), f.Close())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

type packer struct {
	ctx  context.Context
	w    *tar.Writer
	list strings.Builder
}

// folder packs the files of a folder that a backup may hold; one that is deleted meanwhile (evidence whose time is over) is left out.
func (p *packer) folder(name, dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	for _, e := range entries {
		full := path.Join(name, e.Name())
		if !e.Type().IsRegular() || !names.MatchString(full) || e.Name() == "LOCK" {
			continue
		}
		if err := p.file(full, filepath.Join(dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (p *packer) file(name, from string) error {
	if p.ctx.Err() != nil {
		return p.ctx.Err()
	}
	f, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("pack %s: %w", name, err)
	}
	defer func() { _ = f.Close() }()
	st, err := f.Stat()
	if err != nil {
		return fmt.Errorf("pack %s: %w", name, err)
	}
	// A manifest of evidence may grow meanwhile: what it held at this moment is packed.
	if err := p.w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: st.Size(), ModTime: st.ModTime()}); err != nil {
		return fmt.Errorf("pack %s: %w", name, err)
	}
	h := sha256.New()
	if _, err := io.CopyN(io.MultiWriter(p.w, h), f, st.Size()); err != nil {
		return fmt.Errorf("pack %s: %w", name, err)
	}
	fmt.Fprintf(&p.list, "%x  %s\n", h.Sum(nil), name)
	return nil
}

// Unpack reads a backup into dir, which must not exist yet: it appears whole, or not at all.
func Unpack(r io.Reader, dir string) (err error) {
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("unpack backup: %s is there already", dir), err)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return fmt.Errorf("unpack backup: %w", err)
	}
	scratch, err := os.MkdirTemp(filepath.Dir(dir), ".restore-*")
	if err != nil {
		return fmt.Errorf("unpack backup: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }() // renamed away by then, unless something failed
	if err := unpackInto(tar.NewReader(r), scratch); err != nil {
		return fmt.Errorf("unpack backup: %w", err)
	}
	if err := os.Rename(scratch, dir); err != nil {
		return fmt.Errorf("unpack backup: %w", err)
	}
	return nil
}

// unpackInto writes the files and compares them with the list that comes last.
func unpackInto(t *tar.Reader, dir string) error {
	var got strings.Builder
	seen := map[string]bool{}
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return errors.New("it is not whole: its list of digests is missing")
		}
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if h.Name == sums {
			list, err := io.ReadAll(io.LimitReader(t, mostSums))
			if err != nil {
				return fmt.Errorf("read: %w", err)
			}
			if string(list) != got.String() || !seen["unmirror.db"] {
				return errors.New("it was changed: a file does not fit its digest")
			}
			return nil
		}
		if h.Typeflag != tar.TypeReg || !names.MatchString(h.Name) || seen[h.Name] {
			return errors.New("it holds what is no part of a backup")
		}
		seen[h.Name] = true
		sum, err := writeOne(t, filepath.Join(dir, filepath.FromSlash(h.Name)))
		if err != nil {
			return err
		}
		fmt.Fprintf(&got, "%s  %s\n", sum, h.Name)
	}
}

func writeOne(r io.Reader, to string) (sum string, err error) {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return "", err
	}
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(f, h), r)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
