package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// printJSON writes one object on one line.
func (g *globals) printJSON(v any) error {
	enc := json.NewEncoder(g.stdout)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

func (g *globals) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(g.stdout, format, args...)
}

// note writes to standard error, so that what a script reads stays clean.
func (g *globals) note(format string, args ...any) {
	_, _ = fmt.Fprintf(g.stderr, format+"\n", args...)
}

// table prints rows under a heading, aligned.
func (g *globals) table(head string, rows [][]string) {
	tw := tabwriter.NewWriter(g.stdout, 2, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(tw, head)
	for _, r := range rows {
		_, _ = fmt.Fprintln(tw, strings.Join(r, "\t"))
	}
	_ = tw.Flush()
}

// list prints rows as JSON lines or as a table.
func list[T any](g *globals, rows []T, head string, cells func(T) []string) error {
	if g.json {
		for _, r := range rows {
			if err := g.printJSON(r); err != nil {
				return err
			}
		}
		return nil
	}
	var out [][]string
	for _, r := range rows {
		out = append(out, cells(r))
	}
	g.table(head, out)
	return nil
}

// stamp is a time as lists show it, in UTC.
func stamp(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

// bars draws progress on a terminal; elsewhere it stays silent, so that logs are not filled with redrawn lines.
type bars struct {
	p    *mpb.Progress
	bar  *mpb.Bar
	read atomic.Int64 // images of pages whose text was read, beside the bytes
}

func (g *globals) newBars() *bars {
	if !isTerminal(g.stderr) {
		return &bars{p: mpb.New(mpb.WithOutput(io.Discard), mpb.WithAutoRefresh())}
	}
	return &bars{p: mpb.New(mpb.WithOutput(g.stderr), mpb.WithWidth(48))}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// add counts bytes that are done.
func (b *bars) add(n int64) {
	if b.bar != nil {
		b.bar.IncrInt64(n)
	}
}

// bytes adds a bar that counts bytes.
func (b *bars) bytes(name string, total int64) *mpb.Bar {
	return b.p.AddBar(total,
		mpb.PrependDecorators(decor.Name(name+" ", decor.WCSyncSpaceR), decor.CountersKibiByte("% .1f / % .1f")),
		mpb.AppendDecorators(decor.Percentage(), decor.OnComplete(decor.EwmaETA(decor.ET_STYLE_GO, 30), " done"), decor.Any(b.images)))
}

// images tells how many images were read, each of which takes as long as many files.
func (b *bars) images(decor.Statistics) string {
	if n := b.read.Load(); n > 0 {
		return fmt.Sprintf("  text of %s read", plural(int(n), "image"))
	}
	return ""
}

// progress is a callback for registering: done and total in bytes.
func (b *bars) progress(name string) func(done, total int64, file string) {
	return func(done, total int64, _ string) {
		if b.bar == nil {
			b.bar = b.bytes(name, total)
		}
		b.bar.SetTotal(total, false)
		b.bar.SetCurrent(done)
	}
}

// end finishes the drawing.
func (b *bars) end() {
	if b.bar != nil {
		b.bar.SetTotal(-1, true)
	}
	b.p.Wait()
}
