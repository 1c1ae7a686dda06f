package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"unmirror/internal/keyring"
	"unmirror/store/backup"
)

const backupLong = `Write the record, the index and the evidence as they are at one moment into one file, also beside a running daemon. What stands in it
is sealed as it is in the data folder, and of no use without the keys folder: keep that in another place. Configuration is not in it.`

func backupCommand(g *globals) *cobra.Command {
	return &cobra.Command{Use: "backup FILE", Short: "Write record, index and evidence into one file, without the keys", Long: backupLong, Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return g.with(func(a *app) (err error) {
				st, err := a.record(c.Context())
				if err != nil {
					return err
				}
				f, err := os.OpenFile(args[0], os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
				if errors.Is(err, fs.ErrExist) {
					return &usageError{fmt.Errorf("%s is there already: name a new file", args[0])}
				}
				if err != nil {
					return fmt.Errorf("make backup: %w", err)
				}
				err = backup.Pack(c.Context(), f, a.cfg.DataDir(), st.Snapshot)
				if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
					return errors.Join(err, os.Remove(args[0])) // half a backup would be taken for one
				}
				g.note("wrote %s; the keys in %s are not in it: keep a copy of them apart", args[0], a.cfg.KeysDir())
				return audit(c.Context(), st, "backup.write", "record", "")
			})
		}}
}

const restoreLong = `Read a file that "unmirror backup" wrote into the data folder, which must be empty or not there. The keys folder must be in its place:
it is compared with the record. What was done after the backup is lost; the audit log then says that an older copy was put back, and from which row on.`

func restoreCommand(g *globals) *cobra.Command {
	return &cobra.Command{Use: "restore FILE", Short: "Read a backup into an empty data folder", Long: restoreLong, Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return g.with(func(a *app) (err error) {
				dir := a.cfg.DataDir()
				if used(dir) {
					return &usageError{fmt.Errorf("%s holds data: move it away, or name another folder with --data", dir)}
				}
				if !keyring.Exists(a.cfg.KeysDir()) {
					return fmt.Errorf("there are no keys in %s: put the keys folder of the backup back first, or name it with `keys:`", a.cfg.KeysDir())
				}
				f, err := os.Open(args[0])
				if err != nil {
					return fmt.Errorf("read backup: %w", err)
				}
				defer func() { err = errors.Join(err, f.Close()) }()
				if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
					return fmt.Errorf("restore: %s is not empty: %w", dir, err)
				}
				if err := backup.Unpack(f, dir); err != nil {
					return err
				}
				st, err := a.record(c.Context())
				if err != nil {
					return err
				}
				signed, err := st.Restored(c.Context(), commandLine.ID)
				if err != nil {
					return err
				}
				keys, err := a.publicKeys()
				if err != nil {
					return err
				}
				n, _, err := st.VerifyAudit(c.Context(), keys)
				if err != nil {
					return fmt.Errorf("the backup was unpacked, but its audit log does not fit these keys: %w", err)
				}
				if signed > n-1 {
					g.note("the log had %d rows when it was last written; the backup holds %d: what was done since is lost", signed, n-1)
				}
				g.note("restored %s", dir)
				return nil
			})
		}}
}
