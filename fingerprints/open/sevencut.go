package open

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"io"

	"github.com/klauspost/compress/flate"
)

// sevenData is where the packed bytes of a 7z archive begin, behind its header (7zFormat.txt of the LZMA SDK).
const sevenData = 32

// What a packer takes when nobody tells it otherwise, for what the lost directory would say.
const (
	sevenProps      = 0x5d // of LZMA: lc 3, lp 0, pb 2
	sevenDictionary = 64 << 20
)

// sevenTrial is how much of a stream must make sense for it to be taken as packed in some way.
const sevenTrial = 2048

// brokenSeven reads a 7z archive whose directory is lost, with the names and sizes of its members: its packed streams
// lie one behind the other, and say by themselves how they are packed, or are packed as most are.
func (it *item) brokenSeven(n node, c content) error {
	for at := int64(sevenData); at < c.Size(); {
		r, in := it.sevenStream(c, at)
		if r == nil {
			break
		}
		err := it.joined(n, r)
		if it.fatal != nil {
			return it.fatal
		}
		if err != nil || in == nil {
			break
		}
		at += in.n
	}
	return ErrTruncated
}

// sevenStream opens the packed stream at a place. in tells how much of it was taken, nil where that is not known.
func (it *item) sevenStream(c content, at int64) (r io.Reader, in *countedBytes) {
	from := func() *countedBytes {
		return &countedBytes{Reader: bufio.NewReaderSize(io.NewSectionReader(c, at, c.Size()-at), chunk)}
	}
	head, _ := from().Peek(512)
	most := min(it.limits.Memory/4, sevenDictionary)
	switch {
	case len(head) < 16:
	case bytes.HasPrefix(head, []byte("BZh")):
		return bzip2.NewReader(from()), nil
	case head[0] == 1 || head[0] >= 0xe0:
		in := from()
		if sensible(newLZMA2(from(), most)) {
			return newLZMA2(in, most), in
		}
	case head[0] == 0:
		open := func() io.Reader {
			l, _ := newLZMA(from(), sevenProps, most, -1) // such properties are sound
			return l
		}
		if sensible(open()) {
			return open(), nil
		}
	}
	if sensible(flate.NewReader(from())) {
		return flate.NewReader(from()), nil
	}
	if k := sniff(head, false); k != kindBinary {
		return from(), nil
	}
	return nil, nil
}

// sensible reports whether the beginning of a stream decodes, or all of it that there is.
func sensible(r io.Reader) bool {
	b := make([]byte, sevenTrial)
	n, err := io.ReadFull(r, b)
	return err == nil || n > 64 && (faultOf(err) == ErrTruncated)
}
