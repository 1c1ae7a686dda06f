package main

import (
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"unmirror/crawler"
)

// sweepBars draws a bar for each source on a terminal: items dealt with, of those known so far. Elsewhere it draws
// nothing.
type sweepBars struct {
	p    *mpb.Progress // nil: nothing is drawn
	mu   sync.Mutex
	list map[string]*sweepBar
}

type sweepBar struct {
	*mpb.Bar
	mu   sync.Mutex
	last crawler.Progress
}

func (a *app) newSweepBars(sources []crawler.Source) *sweepBars {
	if a.json || !isTerminal(a.stderr) {
		return &sweepBars{}
	}
	return drawBars(sources, mpb.WithOutput(a.stderr), mpb.WithWidth(32))
}

func drawBars(sources []crawler.Source, how ...mpb.ContainerOption) *sweepBars {
	b := &sweepBars{p: mpb.New(how...), list: map[string]*sweepBar{}}
	for _, s := range sources {
		bar := &sweepBar{}
		bar.Bar = b.p.AddBar(0,
			mpb.PrependDecorators(decor.Name(s.Name+" ", decor.WCSyncSpaceR), decor.CountersNoUnit("%d / %d items", decor.WCSyncSpace)),
			mpb.AppendDecorators(decor.Any(bar.words)))
		b.list[s.Name] = bar
	}
	return b
}

// words stand after a bar.
func (b *sweepBar) words(decor.Statistics) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.last
	return fmt.Sprintf(" %d pages, % .1f, %d found, %d errors", p.Pages, decor.SizeB1024(p.Bytes), p.Sightings, p.Errors)
}

func (b *sweepBars) onProgress(p crawler.Progress) {
	b.mu.Lock()
	bar := b.list[p.Source]
	b.mu.Unlock()
	if bar == nil {
		return
	}
	bar.mu.Lock()
	bar.last = p
	bar.mu.Unlock() // before the bar is told: it draws words first, which want the lock
	// The total grows while folders are read: a bar that is full stays open until its sweep ends.
	bar.SetTotal(max(p.Listed, p.Done)+1, false)
	bar.SetCurrent(p.Done)
}

// done closes a source's bar.
func (b *sweepBars) done(source string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if bar := b.list[source]; bar != nil {
		bar.SetTotal(-1, true)
	}
}

// over is where lines go while bars are drawn: above them, when both share a terminal.
func (b *sweepBars) over(w io.Writer) io.Writer {
	if f, ok := w.(*os.File); b.p != nil && ok && isTerminal(f) {
		return b.p
	}
	return w
}

// end finishes the drawing.
func (b *sweepBars) end() {
	if b.p == nil {
		return
	}
	for name := range b.list {
		b.done(name)
	}
	b.p.Wait()
}
