package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"unmirror/internal/account"
	"unmirror/internal/demo"
)

func demoCommand(g *globals) *cobra.Command {
	var once bool
	var seed uint64
	c := &cobra.Command{Use: "demo", Short: "The whole story on loopback with an invented leak; stays up as a daemon with its desk",
		RunE: func(c *cobra.Command, _ []string) error {
			if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
				return fmt.Errorf("the demonstration runs on Linux and macOS, not on %s", runtime.GOOS)
			}
			return g.demo(c.Context(), once, seed)
		}}
	c.Flags().BoolVar(&once, "once", false, "play the whole story unattended, print it step by step, and end")
	c.Flags().Uint64Var(&seed, "seed", 2026, "which invented world")
	return c
}

// stage is the invented world with the installation that works in it.
type stage struct {
	*app
	dir     string
	world   demo.World
	planted []demo.Planted
	mirror  *demo.OpenDirectory
	pastes  *demo.PasteSite
	rdap    *demo.RDAP
	mailbox *demo.Mailbox
	once    bool
	step    int
	played  bool // the script went through to its end
}

const demoLeak = "zorgpunt-2026"

// demo builds the world in a temporary folder, plays, and removes it again.
func (g *globals) demo(ctx context.Context, once bool, seed uint64) (err error) {
	dir, err := os.MkdirTemp("", "unmirror-demo-")
	if err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s := &stage{dir: dir, once: once}
	defer func() { err = errors.Join(err, s.closeSites()) }()
	s.app = &app{globals: g} // until the configuration is written, only to print
	s.say("An invented world on this machine's loopback; nothing leaves it")
	if err := s.build(seed); err != nil {
		return err
	}
	inner := *g
	inner.configPath, inner.dataDir, inner.json, inner.env = filepath.Join(dir, "unmirror.yaml"), "", false, nil
	return inner.with(func(a *app) error {
		s.app = a
		if err := s.register(ctx); err != nil {
			return err
		}
		err := s.play(ctx)
		if !once && ctx.Err() != nil && errors.Is(err, context.Canceled) {
			return nil // stopped by its watcher
		}
		return err
	})
}

// say prints the next step's heading.
func (s *stage) say(format string, args ...any) {
	s.step++
	s.printf("\n%d. %s\n", s.step, fmt.Sprintf(format, args...))
}

func (s *stage) tell(format string, args ...any) { s.printf("   "+format+"\n", args...) }

// build invents the leak, starts the sites that hold its re-uploads, and writes the configuration.
func (s *stage) build(seed uint64) (err error) {
	if s.world, err = demo.Invent(filepath.Join(s.dir, "world"), seed); err != nil {
		return err
	}
	s.tell("%d invented employees of an occupational-health service, and %d files about them", len(s.world.People), len(s.world.Files))
	if s.mirror, err = demo.StartOpenDirectory(s.address(8082)); err != nil {
		return err
	}
	if s.pastes, err = demo.StartPasteSite(s.address(8083)); err != nil {
		return err
	}
	if s.rdap, err = demo.StartRDAP(s.address(0)); err != nil {
		return err
	}
	if s.mailbox, err = demo.StartMailbox(s.address(0), s.address(8081)); err != nil {
		return err
	}
	if s.planted, err = s.world.Plant(s.mirror, s.pastes); err != nil {
		return err
	}
	s.tell("an open directory  %s  and a paste site  %s", s.mirror.URL, s.pastes.URL)
	s.tell("hold %d re-uploads among innocent pages; a mail server keeps every mail in  %s", len(s.planted), s.mailbox.URL)
	return s.configure()
}

// address gives the preferred port when it is free, another otherwise. With --once nobody looks at the pages.
func (s *stage) address(port int) string {
	if s.once || port == 0 {
		return "127.0.0.1:0"
	}
	return s.reserve(port)
}

// reserve finds a free port and gives it back at once: the little time between is a demonstration's risk.
func (s *stage) reserve(port int) string {
	for _, p := range []int{port, 0} {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", p))
		if err == nil {
			addr := l.Addr().String()
			_ = l.Close()
			return addr
		}
	}
	return "127.0.0.1:0"
}

const demoConfig = `data: %[1]s/data
organisation: {name: "Arbeidsgezondheidsdienst Zorgpunt", role: controller, contact: "Functionaris voor gegevensbescherming", email: privacy@zorgpunt.example, telephone: "+32 2 000 00 00", address: "Kerkstraat 1, 9999 Droombeke", languages: [nl, fr]}
schedule: {outbox: "@every 1s", recheck: "@every 2s", digest: "@every 1h"}
takedown: {gone_checks: 3, gone_apart: 2s}
crawler: {user_agent_contact: "https://unmirror.example/bot", allow_private: ["127.0.0.1/32"], per_host_delay: 10ms}
matching: {ocr: off}
evidence: {recipients: ["%[2]s", "%[3]s"]}
rdap: {bootstrap: "%[4]s"}
mail: {smtp: "%[5]s", from: takedown@zorgpunt.example, per_domain: 0s}
desk: {listen: "%[6]s", public_url: "http://%[6]s"}
log: {level: warn}
sources:
  - {name: open-directory, kind: directory, url: "%[7]s/", every: "@every 5s", depth: 8}
  - {name: paste-site, kind: listing, url: "%[8]s/recent", item: "a.paste", raw: "/raw/{id}", every: "@every 5s"}
  - {name: paste-pages, kind: site, url: "%[8]s/html/", depth: 2, every: "@every 5s"}
recipients:
  - {place: "%[9]s", name: "Mirror Hosting", email: abuse@mirror-hosting.example, language: en, kind: host, profile: {attachments: true, offers_in_eu: true}}
`

func (s *stage) configure() error {
	var keys [2]string
	for i := range keys {
		id, err := age.GenerateX25519Identity()
		if err != nil {
			return fmt.Errorf("make counsel's key: %w", err)
		}
		keys[i] = id.Recipient().String()
	}
	desk := s.reserve(8080)
	if s.once {
		desk = s.reserve(0)
	}
	text := fmt.Sprintf(demoConfig, s.dir, keys[0], keys[1], s.rdap.Bootstrap, s.mailbox.SMTPURL, desk, s.mirror.URL, s.pastes.URL, s.mirror.Addr())
	if err := os.WriteFile(filepath.Join(s.dir, "unmirror.yaml"), []byte(text), 0o600); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	return nil
}

func (s *stage) closeSites() error {
	var errs []error
	if s.mirror != nil {
		errs = append(errs, s.mirror.Close())
	}
	if s.pastes != nil {
		errs = append(errs, s.pastes.Close())
	}
	if s.rdap != nil {
		errs = append(errs, s.rdap.Close())
	}
	if s.mailbox != nil {
		errs = append(errs, s.mailbox.Close())
	}
	return errors.Join(errs...)
}

// register makes the installation know the leak, the baseline and counsel.
func (s *stage) register(ctx context.Context) error {
	s.say("The leaked files are registered: keyed fingerprints, never their content")
	d, err := s.docket(ctx)
	if err != nil {
		return err
	}
	filled := filepath.Join(s.world.Dir, "leak.yaml")
	if err := os.WriteFile(filled, demo.LeakFile(s.store.Now()), 0o600); err != nil {
		return fmt.Errorf("write leak file: %w", err)
	}
	add := leakToAdd{slug: demoLeak, title: "Datalek Zorgpunt 2026", manifest: s.world.Manifest, leakFile: filled, paths: []string{s.world.Leak}}
	if err := s.addWithFile(ctx, d, add); err != nil {
		return err
	}
	s.tell("counsel filled in the leak file: on what basis copies are searched for, and who was told; the employees were not, which is overdue")
	if err := s.addBaseline(ctx, []string{s.world.Baseline}, reading{}); err != nil {
		return err
	}
	accounts, err := s.accounts(ctx)
	if err != nil {
		return err
	}
	s.app.demo = &credentials{name: "counsel", password: "counsel-demo-2026"}
	if _, err := accounts.Add(ctx, s.app.demo.name, account.Counsel, s.app.demo.password); err != nil {
		return fmt.Errorf("add counsel: %w", err)
	}
	s.say("Every source is swept once; the daemon goes on doing it every five seconds")
	return s.sweep(ctx, nil)
}

// play runs the daemon, and beside it the script or the hints.
func (s *stage) play(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ready := make(chan string, 1)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.run(ctx, func(addr string) { ready <- addr }) })
	g.Go(func() error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ready:
		}
		if !s.once {
			return s.hints(ctx)
		}
		defer stop()
		return s.script(ctx)
	})
	err := g.Wait()
	if s.once && errors.Is(err, context.Canceled) && s.played {
		return nil // the script is through and stopped the daemon
	}
	return err
}

// hints tells a newcomer what to click.
func (s *stage) hints(ctx context.Context) error {
	if err := s.subscribe(ctx); err != nil {
		return err
	}
	desk := s.cfg.PublicURL()
	s.mailbox.Hint(demo.Hint{Text: "Notices are approved at", Label: "the desk", URL: desk},
		demo.Hint{Text: "Re-uploads are taken down at", Label: "the open directory", URL: s.mirror.URL + "/_operator"},
		demo.Hint{Text: "and at", Label: "the paste site", URL: s.pastes.URL + "/_operator"})
	s.say("Now it is your turn")
	for _, l := range [][2]string{
		{"the desk", desk + "   (name " + s.app.demo.name + ", password " + s.app.demo.password + ")"},
		{"", "open a notice in the queue, read it, approve it"},
		{"the mailbox", s.mailbox.URL + "   shows it arrive, with the XARF report"},
		{"the operators", s.mirror.URL + "/_operator   and   " + s.pastes.URL + "/_operator"},
		{"", "press \"Take it down\": within a minute the case is gone, and the subscriber has mail"},
		{"a subscriber", desk + "/alerts   follows the leak without learning where it lies"},
	} {
		s.printf("   %-14s %s\n", l[0], l[1])
	}
	s.printf("\n   Stop with Ctrl-C; everything is removed then.\n")
	<-ctx.Done()
	return ctx.Err()
}

// until polls for a condition, and fails with what was waited for.
func until(ctx context.Context, what string, within time.Duration, done func() (bool, error)) error {
	deadline := time.Now().Add(within)
	for {
		ok, err := done()
		if err != nil || ok {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("waited %s in vain for %s", within, what)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, strings.TrimSuffix(one, "s"))
}
