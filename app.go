package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"

	"unmirror/config"
	"unmirror/crawler/plane"
	"unmirror/fingerprints"
	"unmirror/fingerprints/open"
	"unmirror/internal/keyring"
	"unmirror/store"
)

// app is an opened installation: what a command asks for is opened on first use and closed with it.
type app struct {
	*globals
	cfg   *config.Config
	log   *slog.Logger
	close []func() error

	ring    *keyring.Ring
	store   *store.Store
	library *fingerprints.Library
	opener  *open.Opener
	images  *imageReader // nil: no text of images was asked for yet, or there is no reader

	shared  *plane.Redis // a fleet's plane; nil in one process
	patient bool         // waits for a Redis that restarts or fails over

	gate *gate // between leak files and sweeps; made with the first crawler

	demo *credentials // shown on the log-in page of the demonstration; nil otherwise
}

// openApp reads the configuration; nothing else is touched yet.
func (g *globals) openApp() (*app, error) {
	cfg, err := config.Load(g.configPath, g.env)
	if err != nil {
		return nil, err
	}
	if g.dataDir != "" {
		if err := cfg.UseData(g.dataDir); err != nil {
			return nil, &usageError{err}
		}
	}
	for _, w := range cfg.Warnings {
		g.note("warning: %s", w)
	}
	return &app{globals: g, cfg: cfg, log: newLogger(cfg, g.stderr, slog.LevelWarn)}, nil
}

// with opens an installation, runs f, and closes what f opened.
func (g *globals) with(f func(*app) error) (err error) {
	a, err := g.openApp()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.shut()) }()
	return f(a)
}

// shut closes in the reverse order of opening.
func (a *app) shut() error {
	var errs []error
	for i := len(a.close) - 1; i >= 0; i-- {
		errs = append(errs, a.close[i]())
	}
	a.close = nil
	return errors.Join(errs...)
}

// keys opens the keys folder. A fresh installation gets its keys made; a data folder without its keys is never given
// new ones, because nothing in it could be read or recognised with them.
func (a *app) keys() (*keyring.Ring, error) {
	if a.ring != nil {
		return a.ring, nil
	}
	dir := a.cfg.KeysDir()
	if !keyring.Exists(dir) {
		if used(a.cfg.DataDir()) {
			return nil, fmt.Errorf("%s holds data, but its keys are not in %s: put the keys folder back, or name it with `keys:`",
				a.cfg.DataDir(), dir)
		}
		if err := keyring.Init(dir); err != nil && !errors.Is(err, fs.ErrExist) { // another command was quicker
			return nil, err
		}
		a.note("made new keys in %s: keep a copy apart from the data folder", dir)
	}
	ring, err := keyring.Load(dir)
	if err != nil {
		return nil, err
	}
	a.ring = ring
	return ring, nil
}

// used says whether a data folder holds a record or an index, or may: of one that cannot be read, who opens it says why.
func used(dir string) bool {
	for _, name := range []string{store.FileName, "index"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil || errors.Is(err, fs.ErrPermission) {
			return true
		}
	}
	return false
}

// record opens the store.
func (a *app) record(ctx context.Context) (*store.Store, error) {
	if a.store != nil {
		return a.store, nil
	}
	ring, err := a.keys()
	if err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, store.Options{Dir: a.cfg.DataDir(), Seal: ring, Sign: ring.Sign(),
		Checkpoint: filepath.Join(a.cfg.KeysDir(), store.CheckpointFile)})
	if err != nil {
		return nil, err
	}
	a.store = s
	a.close = append(a.close, s.Close)
	return s, nil
}

// index opens the library of known files.
func (a *app) index() (*fingerprints.Library, error) {
	if a.library != nil {
		return a.library, nil
	}
	ring, err := a.keys()
	if err != nil {
		return nil, err
	}
	l, err := fingerprints.Open(filepath.Join(a.cfg.DataDir(), "index"), fingerprints.Keys{Matching: ring.Matching, Names: ring.Names})
	if err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	a.library = l
	a.close = append(a.close, l.Close)
	return l, nil
}

// contentOpener starts the pool of limited processes.
func (a *app) contentOpener() (*open.Opener, error) {
	if a.opener != nil {
		return a.opener, nil
	}
	o, err := open.New(open.DefaultLimits(), runtime.GOMAXPROCS(0))
	if err != nil {
		return nil, fmt.Errorf("start content opener: %w", err)
	}
	a.opener = o
	a.close = append(a.close, o.Close)
	return o, nil
}

// matcher joins index and opener under the operator's threshold.
func (a *app) matcher() (*fingerprints.Matcher, error) {
	l, err := a.index()
	if err != nil {
		return nil, err
	}
	o, err := a.contentOpener()
	if err != nil {
		return nil, err
	}
	m := fingerprints.NewMatcher(l, o, a.cfg.Matching.NoticeBits)
	reader, err := a.imageReader()
	if err != nil {
		return nil, err
	}
	if reader != nil {
		m = m.WithOCR(reader)
	}
	return m, nil
}

// publicKeys are what the audit log is verified against.
func (a *app) publicKeys() ([]ed25519.PublicKey, error) {
	ring, err := a.keys()
	if err != nil {
		return nil, err
	}
	return ring.Public(), nil
}
