package open

import (
	"bytes"
	"io"
	"os"
	"testing"

	"pgregory.net/rapid"
)

func TestASpoolGivesBackWhatWasWritten(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		s := NewSpool(dir)
		defer s.Close()
		var want []byte
		for range rapid.IntRange(0, 6).Draw(t, "writes") {
			n := rapid.IntRange(0, 2<<20).Draw(t, "bytes")
			piece := bytes.Repeat([]byte(rapid.StringMatching("[a-z]{1,40}").Draw(t, "words")+"-"), n/2+1)[:n]
			if got, err := s.Write(piece); got != n || err != nil {
				t.Fatalf("write: %d, %v", got, err)
			}
			want = append(want, piece...)
		}
		if s.Size() != int64(len(want)) {
			t.Fatalf("size %d, want %d", s.Size(), len(want))
		}
		for range 5 {
			off := rapid.IntRange(0, len(want)).Draw(t, "offset")
			p := make([]byte, rapid.IntRange(0, 200_000).Draw(t, "length"))
			n, err := s.ReadAt(p, int64(off))
			if !bytes.Equal(p[:n], want[off:min(off+len(p), len(want))]) {
				t.Fatalf("other bytes at %d", off)
			}
			if (n < len(p)) != (err == io.EOF) && len(p) > 0 {
				t.Fatalf("%d of %d bytes, %v", n, len(p), err)
			}
		}
	})
}

func TestALargeSpoolLeavesNoNameAndNoPlainTextBehind(t *testing.T) {
	dir := t.TempDir()
	s := NewSpool(dir)
	defer s.Close()
	if _, err := s.Write(bytes.Repeat([]byte(letter), 100_000)); err != nil {
		t.Fatal(err)
	}
	if s.file == nil {
		t.Fatal("it stayed in memory")
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) > 0 {
		t.Errorf("the folder holds %v, %v", names, err)
	}
	raw := make([]byte, s.Size())
	if _, err := s.file.ReadAt(raw, 0); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(raw, []byte("Vandergucht")) {
		t.Error("the file holds plain text")
	}
	if n := countZeroRuns(raw); n > 0 {
		t.Errorf("%d pieces of plain zeros", n)
	}
	if err := s.Close(); err != nil || s.Size() != 0 {
		t.Errorf("close: %v, size %d", err, s.Size())
	}
}

func countZeroRuns(b []byte) int { return bytes.Count(b, make([]byte, 32)) }
