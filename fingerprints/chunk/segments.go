package chunk

import (
	"encoding/binary"
	"math"
)

// segments walks the head of a JPEG or a PNG, which holds profiles, previews and tables, to where the picture begins.
type segments struct {
	walk func(head []byte) (length int64, picture bool)
	from int64 // where the picture begins; beyond everything as long as it is not known
	next int64 // where the next segment begins
	head []byte
}

const segmentHead = 8

func segmentsOf(kind string) segments {
	switch kind {
	case "jpeg":
		return segments{walk: jpegSegment, from: math.MaxInt64, next: 2}
	case "png":
		return segments{walk: pngSegment, from: math.MaxInt64, next: 8}
	}
	return segments{}
}

// jpegSegment reads a marker and its length (ITU-T T.81, B.1.1.4). The picture begins with the first scan.
func jpegSegment(h []byte) (int64, bool) {
	if h[0] != 0xff || h[1] == 0xda { // a scan, or damaged: what follows is no head any more
		return 0, true
	}
	if h[1] == 0xff { // a fill byte
		return 1, false
	}
	return 2 + int64(binary.BigEndian.Uint16(h[2:])), false
}

// pngSegment reads the length and name of a chunk, which a checksum follows. What has no name is damaged, and no head any more.
func pngSegment(h []byte) (int64, bool) {
	for _, c := range h[4:8] {
		if c |= 0x20; c < 'a' || c > 'z' {
			return 0, true
		}
	}
	return 12 + int64(binary.BigEndian.Uint32(h)), string(h[4:8]) == "IDAT"
}

// feed follows the bytes at an offset; those of earlier offsets were fed before.
func (s *segments) feed(at int64, b []byte) {
	for s.from == math.MaxInt64 {
		skip := s.next + int64(len(s.head)) - at
		if skip >= int64(len(b)) {
			return
		}
		n := min(segmentHead-len(s.head), len(b)-int(skip))
		s.head = append(s.head, b[skip:int(skip)+n]...)
		if len(s.head) < segmentHead {
			return
		}
		length, picture := s.walk(s.head)
		if picture {
			s.from = s.next
			return
		}
		s.next += length
		s.head = s.head[:0]
		if s.next < at { // the head reached over from an earlier chunk, and the segment was shorter than that
			s.next = at
		}
	}
}
