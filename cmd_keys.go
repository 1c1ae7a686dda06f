package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"unmirror/internal/keyring"
	"unmirror/store"
)

func keysCommand(g *globals) *cobra.Command {
	initKeys := &cobra.Command{Use: "init", Short: "Make the keys of a new installation", RunE: func(*cobra.Command, []string) error {
		return g.with(func(a *app) error {
			if keyring.Exists(a.cfg.KeysDir()) {
				g.note("keys are already in %s", a.cfg.KeysDir())
				return nil
			}
			_, err := a.keys()
			return err
		})
	}}
	rotate := &cobra.Command{Use: "rotate", Short: "Add new sealing and audit keys, with the daemon stopped (the matching key stays: fingerprints depend on it)",
		RunE: func(c *cobra.Command, _ []string) error {
			return g.with(func(a *app) (err error) {
				// A running daemon holds the old ring and could not read what is sealed under the new keys.
				release, err := store.LockDaemon(a.cfg.DataDir())
				if err != nil {
					return fmt.Errorf("rotate keys: %w", err)
				}
				defer func() { err = errors.Join(err, release()) }()
				if err := keyring.Rotate(a.cfg.KeysDir()); err != nil {
					return err
				}
				st, err := a.record(c.Context())
				if err != nil {
					return err
				}
				g.note("new keys are in use; copy %s again", a.cfg.KeysDir())
				return audit(c.Context(), st, "keys.rotate", "keys", "")
			})
		}}
	return group("keys", "The keys that lie outside the data folder", initKeys, rotate)
}

// printed is a key of the audit log as outsiders compare it.
type printed struct {
	ID     string `json:"id"`
	SHA256 string `json:"sha256"` // of the public key as DER: what a bundle's instruction prints
}

func keyPrints(keys []ed25519.PublicKey) (out []printed) {
	for _, k := range keys {
		der, err := x509.MarshalPKIXPublicKey(k)
		if err != nil {
			continue // an Ed25519 key always marshals
		}
		sum := sha256.Sum256(der)
		out = append(out, printed{store.KeyID(k), hex.EncodeToString(sum[:])})
	}
	return out
}

func auditCommand(g *globals) *cobra.Command {
	verify := &cobra.Command{Use: "verify", Short: "Check order, chain and signatures of the whole audit log, and that its end was not cut off", RunE: func(c *cobra.Command, _ []string) error {
		return g.with(func(a *app) error {
			st, err := a.record(c.Context())
			if err != nil {
				return err
			}
			keys, err := a.publicKeys()
			if err != nil {
				return err
			}
			mark, missing := os.Stat(filepath.Join(a.cfg.KeysDir(), store.CheckpointFile))
			n, head, err := st.VerifyAudit(c.Context(), keys)
			var broken *store.Broken
			if errors.As(err, &broken) && g.json {
				return errors.Join(g.printJSON(map[string]any{"id": broken.Seq, "state": "broken", "rows": n, "reason": broken.What}), err)
			}
			if err != nil {
				return fmt.Errorf("verify: %w", err)
			}
			prints := keyPrints(keys)
			vouched := missing == nil && mark.Size() > 0
			if g.json {
				return g.printJSON(map[string]any{"id": head, "state": "clean", "rows": n, "keys": prints, "end_signed": vouched})
			}
			g.printf("clean: %d rows, head %s\n", n, head)
			if !vouched {
				g.printf("but %s is not in the keys folder: nothing shows that no row was cut off at the end; compare the head with the one that you noted\n", store.CheckpointFile)
			}
			for _, p := range prints {
				g.printf("key %s: its fingerprint (SHA-256) is %s\n", p.ID, p.SHA256)
			}
			return nil
		})
	}}
	return group("audit", "The hash-chained log of everything that was done", verify)
}
