package index

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestVeilIsUndone(t *testing.T) {
	v := testSealer(t).veil
	rapid.Check(t, func(t *rapid.T) {
		hash := rapid.Uint64Range(0, 1<<hashBits-1).Draw(t, "hash")
		hidden := v.hide(hash)
		if hidden>>hashBits != 0 || hidden&dropMask != 0 {
			t.Fatalf("%x becomes %x", hash, hidden)
		}
		if got := v.show(hidden); got != hash&^dropMask {
			t.Fatalf("%x becomes %x, and that %x", hash, hidden, got)
		}
	})
}

func TestManyHashesAreHiddenAsOneIs(t *testing.T) {
	v := testSealer(t).veil
	rapid.Check(t, func(t *rapid.T) {
		hashes := rapid.SliceOfN(rapid.Uint64Range(0, 1<<hashBits-1), 0, 19).Draw(t, "hashes")
		hidden := slices.Clone(hashes)
		v.hideAll(hidden)
		for i, h := range hashes {
			if hidden[i] != v.hide(h) {
				t.Fatalf("%x becomes %x and alone %x", h, hidden[i], v.hide(h))
			}
		}
		v.showAll(hidden)
		for i, h := range hashes {
			if hidden[i] != h&^dropMask {
				t.Fatalf("%x becomes %x", h, hidden[i])
			}
		}
	})
}

func TestVeilIsOfTheKey(t *testing.T) {
	one := testSealer(t).veil
	other, err := NewSealer([32]byte{3, 2, 1})
	if err != nil {
		t.Fatal(err)
	}
	same := 0
	for i := range uint64(1000) {
		if one.hide(i<<dropBits) == other.veil.hide(i<<dropBits) {
			same++
		}
	}
	if same > 0 {
		t.Errorf("%d of 1000 hashes are hidden alike by two keys", same)
	}
}

// TestVeilSpreadsNeighbours: hashes that differ in one bit are hidden by what differs in half the bits.
func TestVeilSpreadsNeighbours(t *testing.T) {
	v := testSealer(t).veil
	r := rand.New(rand.NewPCG(4, 4))
	for bit := dropBits; bit < hashBits; bit++ {
		var flips [keptBits]int
		for range 1000 {
			h := hash60(r)
			d := v.hide(h) ^ v.hide(h^1<<bit)
			for i := range flips {
				flips[i] += int(d >> (dropBits + i) & 1)
			}
		}
		for i, n := range flips {
			if n < 400 || n > 600 {
				t.Errorf("bit %d flips bit %d in %d of 1000", bit, i, n)
			}
		}
	}
}

// TestFilterIsEncryptedAnew: what look-ups are addressed by lies in no file, and the same passages make another file.
func TestFilterIsEncryptedAnew(t *testing.T) {
	hashes := passagesOf(1, 20_000)
	words := make([]uint64, sieveWords(uint64(len(hashes))))
	want := openSieve(words)
	for _, h := range hashes {
		want.add(h)
	}
	var files [2][]byte
	for i := range files {
		f := testFolder(t)
		if err := f.Add(known(t, f, "one", [][]uint64{hashes})); err != nil {
			t.Fatal(err)
		}
		names, err := filepath.Glob(filepath.Join(f.dir, "*.seg"))
		if err != nil || len(names) != 1 {
			t.Fatal(names, err)
		}
		if files[i], err = os.ReadFile(names[0]); err != nil {
			t.Fatal(err)
		}
		s := load(t, f).Known[0]
		for at, w := range s.memory.words {
			if w != words[at] {
				t.Fatalf("word %d of the filter is %x, want %x", at, w, words[at])
			}
		}
		for at := range len(words) - 1 {
			b := binary.LittleEndian.AppendUint64(nil, words[at])
			if b = binary.LittleEndian.AppendUint64(b, words[at+1]); bytes.Contains(files[i], b) {
				t.Fatalf("words %d and %d of the filter lie in the file", at, at+1)
			}
		}
	}
	filterOf := func(b []byte) []byte {
		h, err := decodeHeader(b)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range h.entries {
			if e.id == secFilter {
				return b[e.off+nonceBytes : e.off+e.len]
			}
		}
		return nil
	}
	if a, b := filterOf(files[0]), filterOf(files[1]); len(a) == 0 || bytes.Equal(a, b) || bytes.Equal(a[:16], b[:16]) {
		t.Error("two filters of the same passages are encrypted alike")
	}
}

func TestMemoryOfEverySizeHoldsItsWords(t *testing.T) {
	for _, n := range []uint64{0, 1, smallFilter/wordBytes - 1, smallFilter / wordBytes, hugePage / wordBytes, hugePage/wordBytes + 1, 1 << 20} {
		m, err := newMemory(n)
		if err != nil {
			t.Fatal(err)
		}
		for i := range m.words {
			m.words[i] = uint64(i) * spread
		}
		if b := m.bytes(); uint64(len(m.words)) != n || len(b) != int(n)*wordBytes || n > 0 && binary.NativeEndian.Uint64(b[len(b)-8:]) != (n-1)*spread {
			t.Errorf("%d words: have %d", n, len(m.words))
		}
		if err := m.free(); err != nil {
			t.Error(err)
		}
		if err := m.free(); err != nil {
			t.Errorf("freed again: %v", err)
		}
	}
	if _, err := newMemory(1 << 61); err == nil {
		t.Error("memory for 2^60 words")
	}
}
