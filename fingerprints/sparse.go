package fingerprints

import (
	"encoding/binary"
	"math"
)

// What is told by an archive's directory alone.

func listedPair(s *secrets, size int64, crc uint32) uint64 {
	return prf64(s.listed, "pair", string(binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint64(nil, uint64(size)), crc)))
}

func listedSize(s *secrets, size int64) uint64 {
	return prf64(s.listed, "size", string(binary.LittleEndian.AppendUint64(nil, uint64(size))))
}

// sizeBits is what the exact size of a content tells, in bits. Sizes of files lie spread over several powers of two, the
// more thinly the larger they are; three bits less than the logarithm errs to the safe side.
func sizeBits(size int64) float64 {
	return max(0, min(10, math.Log2(float64(max(1, size)))-3))
}
