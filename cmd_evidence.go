package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"unmirror/takedown"
	"unmirror/takedown/evidence"
)

func evidenceCommand(g *globals) *cobra.Command {
	ls := &cobra.Command{Use: "list [CASE]", Short: "List what was kept as evidence, with its time tokens and until when it stays", Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return g.withDocket(c.Context(), func(_ *app, d *takedown.Docket) error {
				rows, err := d.Evidence(c.Context(), strings.Join(args, ""))
				if err != nil {
					return err
				}
				return list(g, rows, "EVIDENCE\tSTATE\tCASE\tKIND\tBYTES\tSTAMPED\tUNTIL\tCREATED", func(r takedown.EvidenceFile) []string {
					stamped, until := "", ""
					if r.Stamped != nil {
						stamped = stamp(*r.Stamped)
					}
					switch {
					case r.Held:
						until = "held"
					case r.Until != nil:
						until = stamp(*r.Until)
					}
					return []string{r.ID, r.State, r.Case, r.Kind, fmt.Sprint(r.Bytes), stamped, until, stamp(r.Created)}
				})
			})
		}}
	return group("evidence", "What was kept of each capture, encrypted to counsel", ls, evidenceExport(g), evidenceHold(g))
}

const exportLong = `Make the bundle of a case for a court or an authority: its evidence files with manifest and time tokens, a chronology in four languages,
contacts with their sources, notices and replies as mail, the leak file, the signed rows of the audit log, and VERIFY.txt, an instruction
that needs only public tools. What tells of persons or places is encrypted to evidence.recipients.`

func evidenceExport(g *globals) *cobra.Command {
	var out string
	c := &cobra.Command{Use: "export CASE", Short: "Make the bundle of a case for a court or an authority, as a ZIP file or a folder", Long: exportLong, Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return g.withDocket(c.Context(), func(a *app, d *takedown.Docket) error { return a.exportEvidence(c.Context(), d, args[0], out) })
		}}
	c.Flags().StringVar(&out, "out", "", "file that ends in .zip, or folder; it must not exist yet")
	_ = c.MarkFlagRequired("out")
	return c
}

func (a *app) exportEvidence(ctx context.Context, d *takedown.Docket, caseID, out string) error {
	if _, err := os.Lstat(out); err == nil || out == "" {
		return &usageError{fmt.Errorf("--out %s: it must be a new file or folder", out)}
	}
	keys, err := a.publicKeys()
	if err != nil {
		return err
	}
	with := takedown.ExportWith{Keys: keys, Recipients: len(a.cfg.Evidence.Recipients)}
	if file := a.cfg.Evidence.TimestampAuthority.CA; file != "" {
		if with.AuthorityCA, err = os.ReadFile(file); err != nil {
			return fmt.Errorf("evidence.timestamp_authority.ca: %w", err)
		}
	}
	e, err := d.ExportEvidence(ctx, commandLine, caseID, with)
	if err != nil {
		return err
	}
	if strings.HasSuffix(strings.ToLower(out), ".zip") {
		err = evidence.WriteZip(out, e.Files, a.store.Now())
	} else {
		err = evidence.WriteFolder(out, e.Files)
	}
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(map[string]any{"id": e.Digest, "state": "exported", "created": a.store.Now(), "case": caseID, "files": len(e.Files), "key": e.Key})
	}
	a.printf("%d files, digest of SHA256SUMS %s, signed by key %s\n", len(e.Files), e.Digest, e.Key)
	return nil
}

const dossierLong = `Make the bundle that goes with a complaint to the supervisory authority: that of "evidence export", for a case of which a complaint was drafted.
The complaint itself is in it as letter and mail; counsel opens and hands over what the authority needs.`

func caseDossier(g *globals) *cobra.Command {
	var out string
	c := &cobra.Command{Use: "dossier CASE", Short: "Make the bundle that goes with a complaint to the authority", Long: dossierLong, Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return g.withDocket(c.Context(), func(a *app, d *takedown.Docket) error {
				complaints, err := d.Notices(c.Context(), takedown.NoticeFilter{Case: args[0], Kind: takedown.KindComplaint})
				if err != nil {
					return err
				}
				if len(complaints) == 0 {
					return errors.New("no complaint was drafted for this case: one is when takedown.complaint is over, or the provider refused")
				}
				return a.exportEvidence(c.Context(), d, args[0], out)
			})
		}}
	c.Flags().StringVar(&out, "out", "", "file that ends in .zip, or folder; it must not exist yet")
	_ = c.MarkFlagRequired("out")
	return c
}

func evidenceHold(g *globals) *cobra.Command {
	var who identity
	var reason string
	c := &cobra.Command{Use: "hold CASE on|off", Short: "Keep a case's evidence whatever its keeping time (a legal hold), or release it (counsel)", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			if args[1] != "on" && args[1] != "off" {
				return &usageError{errors.New("say on or off")}
			}
			return g.withDocket(c.Context(), func(a *app, d *takedown.Docket) (err error) {
				by := commandLine
				if who.name != "" {
					if by, err = a.actor(c.Context(), who); err != nil {
						return err
					}
				}
				return d.SetEvidenceHold(c.Context(), by, args[0], args[1] == "on", reason)
			})
		}}
	who.optional(c)
	c.Flags().StringVar(&reason, "reason", "", "why; kept in the record")
	_ = c.MarkFlagRequired("reason")
	return c
}

// timestampAuthority is nil when none is configured.
func (a *app) timestampAuthority() (*evidence.Authority, error) {
	t := a.cfg.Evidence.TimestampAuthority
	if t.URL == "" {
		return nil, nil
	}
	ca, err := os.ReadFile(t.CA)
	if err != nil {
		return nil, fmt.Errorf("evidence.timestamp_authority.ca: %w", err)
	}
	authority, err := evidence.NewAuthority(t.URL, ca, t.Policy, nil)
	if err != nil {
		return nil, fmt.Errorf("evidence.timestamp_authority: %w", err)
	}
	return authority, nil
}

// keepEvidence writes what waits to be kept and asks for the time tokens that are owed.
func (d *daemon) keepEvidence(ctx context.Context) error {
	_, err := d.docket.KeepEvidence(ctx)
	_, err2 := d.docket.StampEvidence(ctx)
	return errors.Join(err, err2)
}

// expireEvidence deletes evidence of which the keeping time is over.
func (d *daemon) expireEvidence(ctx context.Context) error {
	n, err := d.docket.ExpireEvidence(ctx)
	if n > 0 {
		d.log.InfoContext(ctx, "evidence was deleted: its keeping time was over", "files", n)
	}
	return err
}
