// Package open opens hostile content in a separate, limited process and yields
// its typed parts: the raw bytes of archive members and the visible text of documents.
//
// It never keeps content: nothing is written but an unlinked spool under a key
// that lives in memory, and errors tell what is wrong, never what was read. It
// knows neither keys nor the index, and touches no network.
//
// Start at [New] and [Opener.Open]; a program that opens content calls [Child]
// as the first line of main, a test binary as the first line of TestMain.
package open

import (
	"errors"
	"time"

	"unmirror/fingerprints/page"
)

// Part describes one thing found in an item: the item itself or a member of an archive.
type Part struct {
	// Index counts from 0, the item itself; Parent is the Index of what holds it, -1 for the item.
	Index, Parent int
	// Path is empty for the item; "a.zip!/b/c.docx" for a member, where a.zip is the base name of the
	// item's name; "a.zip!/c.tar.gz!/d.txt" deeper down (a tar.gz is one level). It is hostile text:
	// valid UTF-8 without control characters, at most 4 KiB, without ".." segments, and no more than that.
	Path string
	// Type is told by content, not by name: zip, tar, gz, bz2, xz, lzma, zst, 7z, rar, docx, xlsx, pptx, odt, ods,
	// odp, pdf, eml, html, xml, rtf, csv, text, jpeg, png, gif, tiff, jp2, ole, binary …
	Type string
	// Size is in bytes, -1 when not yet known.
	Size int64
	// Extractor says who makes the text of such a part, with version, or the readers in the order in which
	// they are tried: "docx/1", "pdftotext 22.12.0, ledongthuc/pdf". Empty where no text is made, and of what lies in a binary.
	Extractor string
	// Hidden says that nobody sees it who opens what it lies in, as a page's script or a picture's comment, nor what lies in it. What
	// is alike in unrelated documents lies there, too: an item may be recognised by it, but a known file has nothing of it for its own.
	Hidden bool
}

// Sink takes the events of one item. Calls come from one goroutine; events of different
// parts may interleave, of one part they are in order. An error stops the item and is
// what Open returns. The slices are reused after the call.
type Sink interface {
	// Part announces a part; a parent comes before its members.
	Part(Part) error
	// Data brings raw bytes of a member, in order; not of the item itself, which the caller has.
	Data(index int, b []byte) error
	// Text brings visible text, UTF-8, cut anywhere (also within a rune). Alternatives 0, 1, 2 are rival decodings of one part,
	// each a complete text of its own, the likeliest first; their pieces may interleave. The text that lies in a binary is BinaryText.
	Text(index, alternative int, b []byte) error
	// End closes a part: nil, or why it is unreadable (ErrEncrypted, ErrTruncated, ErrDamaged, ErrUnsupported, *LimitError).
	// What could be read was delivered before.
	End(index int, err error) error
}

// PageSink is a sink that takes the images of an item, too. For any other sink none is decoded, which costs nothing.
type PageSink interface {
	Sink
	// Page brings an image that may be a page, of a part that was announced and has not ended. The raster's pixels are
	// used again after the call.
	Page(index int, p Page) error
}

// Page is an image that may be a page of a document: 200 pixels at least on its longer side, 100 on its shorter one
// and 20,000 altogether, or 40,000 if it is narrower.
type Page struct {
	// Number counts the pages of a PDF or TIFF from 1, and is 1 for an image that is a part of its own. It is 0 where a
	// document is too damaged to tell.
	Number int
	// Image counts the images of one page from 1: most scans have one.
	Image int
	// Raster is upright as far as the image itself says.
	Raster page.Raster
}

// Limits bound what one item may cost. A zero field means the default.
type Limits struct {
	Memory      int64         // bytes of memory that the child may take beyond its own start
	Output      int64         // bytes of data and text together that one item may yield
	MemberBytes int64         // bytes of one member; a longer one is cut and ends with a LimitError, the others go on
	CPU         time.Duration // processor time for one item; a child is stopped between 0.9 and 1.1 of it
	Wall        time.Duration // time by the clock for one item; one with many pages may take five times as long
	Depth       int           // levels of containers; what lies deeper is not opened
	Parts       int           // parts of one item, itself included
	Ratio       float64       // bytes of members per byte of the item, once they exceed 64 MiB; a fourth of it from 256 MiB on
	Pages       int           // images of one item that are handed to a PageSink
}

// DefaultLimits returns the limits that New uses for zero fields: 512 MiB of memory, 8 GiB of output, 2 GiB a member,
// 120 s of processor time, 300 s by the clock, 16 levels, 100,000 parts, 2,000 pages, a ratio of 200 (ordinary logs and
// tables compress 5 to 50 times, bombs 1,000 times and more).
func DefaultLimits() Limits {
	return Limits{
		Memory: 512 << 20, Output: 8 << 30, MemberBytes: 2 << 30,
		CPU: 120 * time.Second, Wall: 300 * time.Second,
		Depth: 16, Parts: 100_000, Ratio: 200, Pages: 2_000,
	}
}

// ratioFree is how many bytes of members are never held against the ratio, so that
// a few highly compressible tables are no bomb.
const ratioFree = 64 << 20

// Of what unpacks to much, a ratio that a small log reaches is suspect: beyond ratioLarge bytes, ratioOfLarge of it holds.
const (
	ratioLarge   = 256 << 20
	ratioOfLarge = 0.25
)

// bomb tells whether so many bytes of members are too many for an item of so many bytes.
func (l Limits) bomb(members, item int64) bool {
	if members <= ratioFree {
		return false
	}
	times := float64(members) / float64(max(item, 1))
	return times > l.Ratio || members > ratioLarge && times > l.Ratio*ratioOfLarge
}

func (l Limits) withDefaults() Limits {
	d := DefaultLimits()
	l.Memory = orDefault(l.Memory, d.Memory)
	l.Output = orDefault(l.Output, d.Output)
	l.MemberBytes = orDefault(l.MemberBytes, d.MemberBytes)
	l.CPU = orDefault(l.CPU, d.CPU)
	l.Wall = orDefault(l.Wall, d.Wall)
	l.Depth = orDefault(l.Depth, d.Depth)
	l.Parts = orDefault(l.Parts, d.Parts)
	l.Ratio = orDefault(l.Ratio, d.Ratio)
	l.Pages = orDefault(l.Pages, d.Pages)
	return l
}

func orDefault[N int | int64 | float64 | time.Duration](v, d N) N {
	if v <= 0 {
		return d
	}
	return v
}

// Why a part or an item is unreadable. None of these errors carries content or names.
var (
	ErrEncrypted   = errors.New("encrypted: needs a password")
	ErrTruncated   = errors.New("truncated: the end is missing")
	ErrDamaged     = errors.New("damaged: does not decode")
	ErrUnsupported = errors.New("unsupported kind of content")
	ErrCrashed     = errors.New("the process that opened it crashed")
	ErrClosed      = errors.New("the opener is closed")
)

// LimitError says which limit was reached: memory, output, member, cpu, wall, depth, parts, ratio, entities or pages.
type LimitError struct{ Limit string }

func (e *LimitError) Error() string { return "over the limit: " + e.Limit }

// codeOf gives the word by which an error crosses the pipe: a word of ours and never a
// library's message, which may quote content.
func codeOf(err error) string {
	var limit *LimitError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &limit):
		return "limit " + limit.Limit
	case errors.Is(err, ErrEncrypted):
		return "encrypted"
	case errors.Is(err, ErrTruncated):
		return "truncated"
	case errors.Is(err, ErrUnsupported):
		return "unsupported"
	}
	return "damaged"
}

// errOf is the reverse of codeOf. The child is not trusted: an unknown word is damage.
func errOf(code string) error {
	switch code {
	case "":
		return nil
	case "encrypted":
		return ErrEncrypted
	case "truncated":
		return ErrTruncated
	case "unsupported":
		return ErrUnsupported
	case "limit memory", "limit output", "limit member", "limit depth", "limit parts", "limit ratio", "limit wall", "limit entities", "limit pages":
		return &LimitError{Limit: code[len("limit "):]}
	}
	return ErrDamaged
}
