package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"unmirror/fingerprints/canonical"
	"unmirror/fingerprints/open"
	"unmirror/fingerprints/page"
	"unmirror/fingerprints/winnow"
	"unmirror/internal/account"
	"unmirror/internal/keyring"
)

// finding is one line of the doctor's.
type finding struct {
	ID    string `json:"id"`
	State string `json:"state"` // ok, note (works, but…), wrong
	What  string `json:"what"`
	Do    string `json:"do,omitempty"` // what to do about it
}

func doctorCommand(g *globals) *cobra.Command {
	var live bool
	c := &cobra.Command{Use: "doctor", Short: "Tell what is missing or wrong, and what to do about it", RunE: func(c *cobra.Command, _ []string) error {
		return g.with(func(a *app) error {
			if live {
				return a.live(c.Context())
			}
			return a.tellFindings(a.examine(c.Context()))
		})
	}}
	c.Flags().BoolVar(&live, "live", false, "only ask the running daemon whether it is healthy (for health checks of containers)")
	return c
}

func (a *app) tellFindings(fs []finding) error {
	wrong := 0
	for _, f := range fs {
		if f.State == "wrong" {
			wrong++
		}
		if a.json {
			if err := a.printJSON(f); err != nil {
				return err
			}
			continue
		}
		a.printf("%-5s  %-13s %s\n", f.State, f.ID, f.What)
		if f.Do != "" {
			a.printf("%22s→ %s\n", "", f.Do)
		}
	}
	if wrong > 0 {
		return fmt.Errorf("%d things are wrong", wrong)
	}
	return nil
}

// examine asks each part in turn; no part's failure hides another's.
func (a *app) examine(ctx context.Context) []finding {
	out := []finding{a.examinePlatform(), examineVectors(), a.examineConfig()}
	for _, s := range open.Support() {
		out = append(out, finding{"opener", "ok", s, ""})
	}
	out = append(out, a.examineReading(ctx))
	out = append(out, a.examineFolders()...)
	out = append(out, a.examineRecord(ctx)...)
	out = append(out, a.examineNotices()...)
	out = append(out, a.examineSources(ctx)...)
	out = append(out, a.examineGate(ctx)...)
	if used(a.cfg.DataDir()) {
		out = append(out, a.examineDuties(ctx)...)
		out = append(out, a.examineBrake(ctx)...)
	}
	return append(out, a.examineFleet(ctx)...)
}

func (a *app) examinePlatform() finding {
	f := finding{"platform", "ok", runtime.GOOS + "/" + runtime.GOARCH + ", " + runtime.Version(), ""}
	if runtime.GOOS != "linux" {
		f.State, f.Do = "note", "hostile content is opened with resource limits only here: run the daemon on Linux"
	}
	return f
}

// examineVectors tells how text is read, which decides how fast.
func examineVectors() finding {
	switch {
	case canonical.Wide() && winnow.Wide():
		return finding{"text", "ok", "text is read with AVX-512", ""}
	case canonical.Vectors() && winnow.Vectors():
		return finding{"text", "ok", "text is read with AVX2", ""}
	}
	return finding{"text", "ok", "text is read plain, which is slower: no AVX2 here, or built without it", ""}
}

// examineReading tells whether the text of images is read, beside the images themselves.
func (a *app) examineReading(ctx context.Context) finding {
	if a.cfg.Matching.OCR == "off" {
		return finding{"images", "ok", "pages are recognised by their images; their text is not read (matching.ocr: off)", ""}
	}
	reader, err := open.NewOCR()
	if err != nil {
		return finding{"images", "ok", "pages are recognised by their images; their text is not read: " + err.Error(), ""}
	}
	const side = 800
	blank := page.Raster{W: side, H: side, Pix: bytes.Repeat([]byte{255}, side*side)}
	if _, _, err := reader.Text(ctx, blank, 30*time.Second); err != nil {
		return finding{"images", "note", "pages are recognised by their images; " + reader.String() + " is installed, but cannot read their text: " + err.Error(),
			"run `tesseract` on an image of a page by hand; its programs and data must lie in /usr or /usr/local"}
	}
	return finding{"images", "ok", "pages are recognised by their images, and their text is read with " + reader.String(), ""}
}

func (a *app) examineConfig() finding {
	if a.cfg.Path == "" {
		return finding{"configuration", "note", "none found, defaults are used", "write unmirror.yaml (docs/configuration.md), or give --config FILE"}
	}
	return finding{"configuration", "ok", a.cfg.Path, ""}
}

func (a *app) examineFolders() []finding {
	var out []finding
	keys := a.cfg.KeysDir()
	switch st, err := os.Stat(keys); {
	case errors.Is(err, fs.ErrNotExist):
		out = append(out, finding{"keys", "note", "none yet in " + keys, "unmirror keys init"})
	case err != nil:
		out = append(out, finding{"keys", "wrong", err.Error(), "make the folder readable for the daemon's user"})
	case st.Mode().Perm()&0o077 != 0:
		out = append(out, finding{"keys", "wrong", keys + " can be read by others", "chmod 700 " + keys})
	default:
		if _, err := keyring.Load(keys); err != nil {
			out = append(out, finding{"keys", "wrong", err.Error(), "put the keys folder of this data folder back"})
			break
		}
		out = append(out, finding{"keys", "ok", keys + ": keep a copy apart from the data folder", ""})
	}
	data := a.cfg.DataDir()
	probe := filepath.Join(data, ".doctor")
	if err := errors.Join(os.MkdirAll(data, 0o700), os.WriteFile(probe, nil, 0o600), os.Remove(probe)); err != nil {
		return append(out, finding{"data", "wrong", err.Error(), "give the daemon's user a folder it can write, with `data:` or --data"})
	}
	return append(out, finding{"data", "ok", data, ""})
}

func (a *app) examineRecord(ctx context.Context) []finding {
	if !used(a.cfg.DataDir()) {
		return []finding{{"record", "note", "nothing registered yet", "unmirror leak add SLUG PATH..."}}
	}
	st, err := a.record(ctx)
	if err != nil {
		return []finding{{"record", "wrong", err.Error(), "see above; a damaged record is replaced from a backup"}}
	}
	out := []finding{{"record", "ok", filepath.Join(a.cfg.DataDir(), "unmirror.db"), ""}}
	l, err := a.index()
	leaks := 0
	if err == nil {
		leaks = len(a.leaks())
	}
	if err != nil {
		return append(out, finding{"index", "wrong", err.Error(), "restore index/ from a backup, or register the leaks again"})
	}
	if leaks == 0 {
		out = append(out, finding{"index", "note", "no leak is registered", "unmirror leak add SLUG PATH..."})
	} else {
		out = append(out, finding{"index", "ok", fmt.Sprintf("%d leaks, generation %d", leaks, l.Generation()), ""})
	}
	users, err := account.New(st).List(ctx)
	for _, u := range users {
		if u.Role == account.Counsel {
			return append(out, finding{"accounts", "ok", fmt.Sprintf("%d, counsel among them", len(users)), ""})
		}
	}
	if err != nil {
		return append(out, finding{"accounts", "wrong", err.Error(), ""})
	}
	return append(out, finding{"accounts", "note", "nobody can approve a notice", "unmirror user add NAME --role counsel --password-file FILE"})
}

// examineNotices looks at what a notice needs before it can be approved and sent.
func (a *app) examineNotices() []finding {
	var out []finding
	o := a.cfg.Organisation
	for _, f := range []struct{ key, value, why string }{
		{"organisation.name", o.Name, "no notice can be approved without the notifier's name"},
		{"organisation.email", o.Email, "no notice can be approved without the notifier's address"},
		{"mail.from", a.cfg.Mail.From, "no notice can be approved without a sender"},
	} {
		if f.value == "" {
			out = append(out, finding{"notices", "note", f.key + " is empty: " + f.why, "set " + f.key})
		}
	}
	if !a.cfg.Mail.SMTP.IsSet() {
		out = append(out, finding{"mail", "note", "mail.smtp is empty: approved notices wait", "set mail.smtp"})
	} else if _, err := a.sender(); err != nil {
		out = append(out, finding{"mail", "wrong", err.Error(), "correct mail.smtp and mail.password"})
	} else {
		out = append(out, finding{"mail", "ok", a.cfg.Mail.SMTP.String(), ""})
	}
	switch box, err := a.mailbox(); {
	case err != nil:
		out = append(out, finding{"replies", "wrong", err.Error(), "correct mail.imap and mail.imap_password"})
	case box == nil:
		out = append(out, finding{"replies", "note", "mail.imap is empty: answers and bounces are not read", "set mail.imap"})
	default:
		out = append(out, finding{"replies", "ok", a.cfg.Mail.IMAP.String(), ""})
	}
	if len(a.cfg.Evidence.Recipients) == 0 {
		out = append(out, finding{"evidence", "note", "no recipients: no evidence is kept", "set evidence.recipients to counsel's age keys, two at least"})
	} else {
		out = append(out, finding{"evidence", "ok", fmt.Sprintf("encrypted to %d recipients", len(a.cfg.Evidence.Recipients)), ""})
	}
	return out
}

func (a *app) examineSources(ctx context.Context) []finding {
	if len(a.cfg.Sources) == 0 {
		return []finding{{"sources", "note", "none configured: nothing is swept", "add one under `sources:`"}}
	}
	out := []finding{{"sources", "ok", fmt.Sprintf("%d configured", len(a.cfg.Sources)), ""}}
	if a.cfg.Crawler.UserAgentContact == "" {
		out = append(out, finding{"sources", "wrong", "crawler.user_agent_contact is empty: public addresses are refused",
			"set it to a neutral https:// page or mailto: address"})
	}
	if a.cfg.Crawler.SecondExit == "" && !a.looksElsewhere(ctx) {
		out = append(out, finding{"sources", "note", "one network only: what is gone reads \"gone for us\"", "set crawler.second_exit to a proxy on another network, or fleet.exit of a worker there"})
	}
	return append(out, a.examineEachSource(ctx)...)
}

// live asks the running daemon.
func (a *app) live(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+a.cfg.Desk.Listen+"/healthz", nil)
	if err != nil {
		return fmt.Errorf("ask daemon: %w", err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("ask daemon: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the daemon answers %s", res.Status)
	}
	return nil
}
