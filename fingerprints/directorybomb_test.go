package fingerprints

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/ulikunitz/xz/lzma"
)

// sevenNum writes a number of a 7z header in eight bytes.
func sevenNum(n uint64) []byte {
	return binary.LittleEndian.AppendUint64([]byte{0xff}, n)
}

// sevenBomb is a 7z of which the packed header unpacks to size bytes.
func sevenBomb(t *testing.T, size int) []byte {
	t.Helper()
	plain := append([]byte{1, 2, 1}, sevenNum(uint64(size-40))...)
	plain = append(plain, make([]byte, size-len(plain))...)
	var b bytes.Buffer
	w, err := lzma.WriterConfig{SizeInHeader: true, Size: int64(size), DictCap: 1 << 16}.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	packed := b.Bytes()
	props := packed[:5]
	packed = packed[13:]
	h := []byte{23, 6, 0, 1, 9}
	h = append(h, sevenNum(uint64(len(packed)))...)
	h = append(h, 0, 7, 11, 1, 0, 1, 0x23, 3, 1, 1, 5)
	h = append(h, props...)
	h = append(h, 12)
	h = append(h, sevenNum(uint64(size))...)
	h = append(h, 0, 0)
	out := append([]byte("7z\xbc\xaf\x27\x1c\x00\x04"), make([]byte, 4)...)
	out = binary.LittleEndian.AppendUint64(out, uint64(len(packed)))
	out = binary.LittleEndian.AppendUint64(out, uint64(len(h)))
	out = append(out, make([]byte, 4)...)
	return append(append(out, packed...), h...)
}

// Each of these 7z of 10 KB takes half a second, and an archive holds thousands of them.
func TestDirectoriesInsideAnItemAreReadWithinBounds(t *testing.T) {
	l := libraryIn(t)
	snap := l.hold()
	defer snap.Release()
	r := &ranking{m: NewMatcher(l, nil, 0), snap: snap}
	tail := &directoryTail{}
	tail.write(sevenBomb(t, rounds(60<<20)))
	for r.reading <= maxDirectoryTime {
		tail.match(r, "bomb.7z")
	}
	spent := r.reading
	for range 1000 {
		tail.match(r, "bomb.7z")
	}
	if r.reading != spent {
		t.Errorf("reading went on: %v, then %v", spent, r.reading)
	}
}
