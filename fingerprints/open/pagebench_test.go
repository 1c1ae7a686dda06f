package open

import (
	"bytes"
	"context"
	"os"
	"testing"
)

// Pages of 1,000 × 1,414 pixels, decoded alone and through a child: go test -bench Page ./fingerprints/open

type noPages struct{ deaf }

func (noPages) Page(int, Page) error { return nil }

func benchPage(b *testing.B, k kind, item []byte) {
	b.Run("decode", func(b *testing.B) {
		it := drawingItem(item)
		it.limits = DefaultLimits()
		b.ReportAllocs()
		for b.Loop() {
			it.draw.drawn, it.draw.spent = 0, cpuUsed()
			if err := it.open(node{}, k, memory(item)); err != nil || it.fatal != nil || it.draw.drawn == 0 {
				b.Fatal(err, it.fatal, it.draw.drawn)
			}
		}
	})
	b.Run("child", func(b *testing.B) {
		o := newOpener(b, Limits{}, 1)
		mustView(b, o, "a", item)
		for b.Loop() {
			if err := o.Open(context.Background(), "a", bytes.NewReader(item), int64(len(item)), noPages{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkPageJPEG(b *testing.B) {
	benchPage(b, kindJPEG, jpegOf(b, tinted(drawnPage(1000, 1414)), 85))
}
func BenchmarkPagePNG(b *testing.B) { benchPage(b, kindPNG, pngOf(b, drawnPage(1000, 1414))) }
func BenchmarkPagePNGColour(b *testing.B) {
	benchPage(b, kindPNG, pngOf(b, tinted(drawnPage(1000, 1414))))
}

// BenchmarkPage300dpi is a scan of A4 as scanners make them.
func BenchmarkPage300dpi(b *testing.B) {
	benchPage(b, kindJPEG, jpegOf(b, tinted(drawnPage(2480, 3508)), 85))
}

func BenchmarkPagePDF(b *testing.B) {
	m := drawnPage(1000, 1414)
	benchPage(b, kindPDF, pdfScan([]scanned{{dict: sized(m) + "/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode", data: jpegOf(b, tinted(m), 85)}}))
}

// BenchmarkPageFax is a small page in black and white.
func BenchmarkPageFax(b *testing.B) {
	item, err := os.ReadFile("testdata/pages/black-Group4.tif")
	if err != nil {
		b.Fatal(err)
	}
	benchPage(b, kindTIFF, item)
}
