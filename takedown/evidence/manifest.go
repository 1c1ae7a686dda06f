package evidence

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// Event is what became of a kept file: one line of the case's manifest.
type Event struct {
	What   string    `json:"what"` // kept, stamped, deleted
	At     time.Time `json:"at"`
	File   string    `json:"file"`
	Kind   string    `json:"kind,omitempty"`
	Bytes  int64     `json:"bytes,omitempty"`
	SHA256 string    `json:"sha256"` // of the file
}

// line is an event with its place in the chain.
type line struct {
	N int `json:"n"`
	Event
	Before string `json:"before"` // SHA-256 of the line before, without its end; of nothing in the first
}

// ManifestName is the name of a case's manifest in the vault's folder.
func ManifestName(caseID string) string { return caseID + ".manifest.jsonl" }

// Note appends to the case's manifest those of the events that are not in it: one JSON object a line, each with the digest of the
// line before. Lines are only ever added, so that whoever kept a copy can tell what came later. It names no place.
func (v *Vault) Note(caseID string, events []Event) (err error) {
	if !opaque(caseID) {
		return errors.New("write manifest: the id is not opaque")
	}
	f, err := os.OpenFile(filepath.Join(v.dir, ManifestName(caseID)), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for err = unix.EINTR; errors.Is(err, unix.EINTR); { // the daemon and a command beside it may both add
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX)
	}
	if err != nil {
		return fmt.Errorf("lock manifest: %w", err)
	}
	old, err := io.ReadAll(f)
	if err != nil {
		return fmt.Errorf("read manifest: %w", err)
	}
	more, err := appendix(old, events)
	if err != nil || len(more) == 0 {
		return err
	}
	if _, err = f.Write(more); err == nil {
		err = f.Sync()
	}
	if err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	return v.sync()
}

// appendix is what a manifest lacks of the events. A line that a crash tore is ended and left as it is: nothing is ever rewritten.
func appendix(old []byte, events []Event) ([]byte, error) {
	var more []byte
	if len(old) > 0 && old[len(old)-1] != '\n' {
		more = append(more, '\n')
		old = append(old, '\n')
	}
	lines := bytes.Split(bytes.TrimSuffix(old, []byte("\n")), []byte("\n"))
	if len(old) == 0 {
		lines = nil
	}
	has, before, n := map[string]bool{}, []byte(nil), len(lines)
	for _, l := range lines {
		var e Event
		if json.Unmarshal(l, &e) == nil {
			has[e.What+" "+e.File] = true
		}
		before = l
	}
	for _, e := range events {
		if has[e.What+" "+e.File] {
			continue
		}
		has[e.What+" "+e.File] = true
		n++
		sum := sha256.Sum256(before)
		b, err := json.Marshal(line{N: n, Event: e, Before: hex.EncodeToString(sum[:])})
		if err != nil {
			return nil, fmt.Errorf("write manifest: %w", err)
		}
		more, before = append(append(more, b...), '\n'), b
	}
	return more, nil
}

// VerifyManifest checks the chain of a manifest's lines and returns its events; the error names the first line that does not fit.
func VerifyManifest(raw []byte) (events []Event, err error) {
	var before []byte
	for n, l := range bytes.Split(bytes.TrimSuffix(raw, []byte("\n")), []byte("\n")) {
		var parsed line
		sum := sha256.Sum256(before)
		if err := json.Unmarshal(l, &parsed); err != nil {
			return events, fmt.Errorf("manifest line %d: %w", n+1, err)
		}
		if again, err := json.Marshal(parsed); err != nil || !bytes.Equal(again, l) || parsed.N != n+1 || parsed.Before != hex.EncodeToString(sum[:]) {
			return events, errors.Join(fmt.Errorf("manifest line %d does not continue the one before it", n+1), err)
		}
		events, before = append(events, parsed.Event), l
	}
	return events, nil
}
