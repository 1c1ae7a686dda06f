package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"unmirror/fingerprints"
	"unmirror/fingerprints/open"
	"unmirror/fingerprints/page"
)

// reading is what the command line says of reading the text of images while files are registered.
type reading struct {
	off  bool
	most time.Duration // 0: as long as it takes
}

// readingTime is for how long images are read in one registration unless the command line says more: some hundred pages on
// each processor.
const readingTime = 15 * time.Minute

func readingFlags(c *cobra.Command, r *reading) {
	c.Flags().BoolVar(&r.off, "no-ocr", false, "do not read the text of page images, also where tesseract is installed")
	c.Flags().DurationVar(&r.most, "ocr-time", readingTime, "for how long the text of page images is read at most; 0: as long as it takes")
}

// imageTexts reads images for a registration, if they are to be read, with the bar that shows how many.
func (a *app) imageTexts(how reading) (fingerprints.ImageTexts, *bars, error) {
	b := a.newBars()
	if how.off {
		return fingerprints.ImageTexts{}, b, nil
	}
	reader, err := a.imageReader()
	if err != nil || reader == nil {
		return fingerprints.ImageTexts{}, b, err
	}
	return fingerprints.ImageTexts{Reader: reader, Most: how.most, Progress: func(n int) { b.read.Store(int64(n)) }}, b, nil
}

// imageReader is the one reader of images of this process, so that no more are read at a time than there are processors; nil
// where none is installed or none is wanted.
func (a *app) imageReader() (*imageReader, error) {
	if a.images != nil || a.cfg.Matching.OCR == "off" {
		return a.images, nil
	}
	switch ocr, err := open.NewOCR(); {
	case errors.Is(err, open.ErrNoOCR):
	case err != nil:
		return nil, fmt.Errorf("read images: %w", err)
	default:
		a.images = newImageReader(ocr, a.log)
	}
	return a.images, nil
}

// imageReader reads images, counts how that ends, and tells each way of failing once.
type imageReader struct {
	*prometheus.CounterVec
	ocr  *open.OCR
	log  *slog.Logger
	mu   sync.Mutex
	told map[string]bool
}

func newImageReader(ocr *open.OCR, log *slog.Logger) *imageReader {
	r := &imageReader{ocr: ocr, log: log, told: map[string]bool{}, CounterVec: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "unmirror_images_read_total", Help: "Images whose text was to be read, by how that ended."}, []string{"result"})}
	for _, result := range []string{"read", "wall", "cpu", "memory", "crashed"} {
		r.WithLabelValues(result)
	}
	return r
}

// Text is that of open.OCR.
func (r *imageReader) Text(ctx context.Context, p page.Raster, most time.Duration) (text string, took time.Duration, err error) {
	text, took, err = r.ocr.Text(ctx, p, most)
	if ctx.Err() == nil {
		r.note(ctx, err)
	}
	return text, took, err
}

func (r *imageReader) note(ctx context.Context, err error) {
	result := "read"
	var limit *open.LimitError
	switch {
	case errors.As(err, &limit):
		result = limit.Limit
	case err != nil:
		result = "crashed"
	}
	r.WithLabelValues(result).Inc()
	r.mu.Lock()
	first := err != nil && !r.told[result]
	r.told[result] = r.told[result] || err != nil
	r.mu.Unlock()
	if first {
		r.log.WarnContext(ctx, "the text of an image was not read; others that end so are counted, not told", "why", result)
	}
}
