package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"unmirror/fingerprints"
	"unmirror/fingerprints/match"
	"unmirror/fingerprints/open"
)

func scanCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use: "scan PATH...|-", Short: "Match local files against the registered leaks (folders recursively, - for standard input)",
		Args: cobra.MinimumNArgs(1), RunE: func(c *cobra.Command, args []string) error {
			return g.with(func(a *app) error { return a.scan(c.Context(), args) })
		},
	}
}

// scan matches on all cores and prints one report an item, in the order of the paths.
func (a *app) scan(ctx context.Context, paths []string) error {
	if !used(a.cfg.DataDir()) {
		return fmt.Errorf("nothing is registered in %s: register a leak first (`unmirror leak add --help`), or name its folder with --data", a.cfg.DataDir())
	}
	m, err := a.matcher()
	if err != nil {
		return err
	}
	if len(a.library.Leaks()) == 0 {
		a.note("warning: no leak is registered in %s, so nothing can match: see `unmirror leak add --help`", a.cfg.DataDir())
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	workers := runtime.GOMAXPROCS(0) * 2 // the opener's process and ours take turns
	queue := make(chan chan match.Report, workers)
	jobs := make(chan scanJob)
	g, ctx := errgroup.WithContext(ctx)
	bar := a.scanBar(ctx, paths)
	defer bar.end()
	var missing []error // named at the end: what can be read is matched all the same
	g.Go(func() error {
		defer close(jobs)
		defer close(queue)
		passed, err := walkItems(ctx, paths, &missing, func(path string) error {
			j := scanJob{path: path, out: make(chan match.Report, 1)}
			select {
			case queue <- j.out:
			case <-ctx.Done():
				return ctx.Err()
			}
			select {
			case jobs <- j:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		if passed > 0 {
			a.note("passed over %d symbolic links, sockets, devices or pipes: name one to scan what it points to", passed)
		}
		return err
	})
	for range workers {
		g.Go(func() error {
			for j := range jobs {
				r := a.scanOne(ctx, m, j.path)
				bar.add(r.Bytes)
				j.out <- r
			}
			return nil
		})
	}
	g.Go(func() error { return a.printReports(ctx, queue) })
	if err := g.Wait(); err != nil {
		return err
	}
	return errors.Join(missing...)
}

// scanBar shows how much of the bytes below paths is read. Where the answers themselves go to the terminal it draws
// nothing: they show it.
func (a *app) scanBar(ctx context.Context, paths []string) *bars {
	b := a.newBars()
	if !isTerminal(a.stderr) || isTerminal(a.stdout) {
		return b
	}
	b.bar = b.bytes("scanning", 0)
	go func() { // the sizes are known long before the contents
		var total int64
		var missing []error
		_, err := walkItems(ctx, paths, &missing, func(path string) error {
			if st, err := os.Stat(path); err == nil {
				total += st.Size()
				b.bar.SetTotal(total, false)
			}
			return nil
		})
		if err != nil {
			return // the walk that matches says why
		}
	}()
	return b
}

type scanJob struct {
	path string
	out  chan match.Report
}

func (a *app) printReports(ctx context.Context, queue <-chan chan match.Report) error {
	for out := range queue {
		select {
		case r := <-out:
			if err := a.printReport(r); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (a *app) printReport(r match.Report) error {
	if r.Matches == nil {
		r.Matches = []match.Match{}
	}
	if a.json {
		return a.printJSON(r)
	}
	a.printf("%-10s  %s", r.Verdict, r.Item)
	if b := r.Best(); b != nil {
		a.printf("  %s %s %s (%.0f bits, %.0f %%)", b.Grade, b.Leak, b.KnownFile, b.Bits, 100*b.Coverage)
	}
	if r.Reason != "" {
		a.printf("  %s", r.Reason)
	}
	a.printf("\n")
	return nil
}

// walkItems calls f for each regular file; what cannot be read is an item too, and scanOne says why. Paths that do not
// exist are gathered in missing; what is neither file nor folder is only counted.
func walkItems(ctx context.Context, paths []string, missing *[]error, f func(path string) error) (passed int, err error) {
	for _, p := range paths {
		if p == "-" {
			if err := f(p); err != nil {
				return passed, err
			}
			continue
		}
		if _, err := os.Stat(p); err != nil {
			*missing = append(*missing, fmt.Errorf("scan: %w", err))
			continue
		}
		err := filepath.WalkDir(p, func(path string, d fs.DirEntry, err error) error {
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil:
				if d != nil && d.IsDir() {
					if ferr := f(path); ferr != nil {
						return ferr
					}
					return fs.SkipDir
				}
				return f(path)
			case d.Type().IsRegular() || (d.Type()&fs.ModeSymlink != 0 && path == p):
				return f(path)
			case !d.IsDir():
				passed++
			}
			return nil
		})
		if err != nil {
			return passed, fmt.Errorf("scan %s: %w", p, err)
		}
	}
	return passed, nil
}

func (a *app) scanOne(ctx context.Context, m *fingerprints.Matcher, path string) match.Report {
	if path == "-" {
		return scanStream(ctx, m, a.stdin)
	}
	f, err := os.Open(path)
	if err != nil {
		return unreadable(path, err)
	}
	defer func() { _ = f.Close() }()
	st, err := f.Stat()
	if err != nil {
		return unreadable(path, err)
	}
	if !st.Mode().IsRegular() {
		return unreadable(path, fmt.Errorf("not a regular file"))
	}
	return m.Match(ctx, path, f, st.Size())
}

func scanStream(ctx context.Context, m *fingerprints.Matcher, r io.Reader) match.Report {
	in, err := m.Intake("-")
	if err != nil {
		return unreadable("-", err)
	}
	if err := takeStream(ctx, in, r, min(streamMost, open.SpoolRoom())); err != nil {
		in.Discard()
		return unreadable("-", err)
	}
	return in.Match(ctx)
}

// streamMost is how much of standard input is read: as many bytes as one item may yield.
const streamMost = 8 << 30

// takeStream copies a stream, and gives up on one that goes on beyond so many bytes: it may have no end, and the disk has.
func takeStream(ctx context.Context, to io.Writer, r io.Reader, most int64) error {
	n, err := io.Copy(to, &untilDone{ctx, io.LimitReader(r, most)})
	if err != nil || n < most {
		return err
	}
	if n, err = io.CopyN(io.Discard, r, 1); n == 0 {
		if err == io.EOF {
			err = nil
		}
		return err
	}
	return fmt.Errorf("standard input goes on beyond %.1f GiB, as much as is read of it (8 GiB, or half of what is free for temporary files): scan a file instead", float64(most)/(1<<30))
}

// untilDone ends reading with its context.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (u *untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}

func unreadable(item string, err error) match.Report {
	return match.Report{Item: item, Verdict: match.Unreadable, Reason: strings.TrimSpace(err.Error()), Matches: []match.Match{}}
}
