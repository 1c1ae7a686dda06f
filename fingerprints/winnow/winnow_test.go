package winnow

import (
	"crypto/sha256"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func table(seed uint64) *Table {
	var secret [TableBytes]byte
	rng := rand.New(rand.NewPCG(seed, 1))
	for i := range secret {
		secret[i] = byte(rng.Uint32())
	}
	return NewTable(&secret)
}

func text(rng *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = "abcdefghijklmnopqrstuvwxyz0123456789"[rng.IntN(36)]
	}
	return b
}

func prints(t *Table, b []byte) []Print {
	s := t.Stream()
	return s.Append(nil, b)
}

// naive is the definition: each window for itself, nothing carried along but what was selected.
func naive(t *Table, b []byte) []Print {
	var out []Print
	for from := 0; from+Guarantee <= len(b); from++ {
		best := 0
		for x := range span {
			if product(b[from+x:], t.order)>>rankShift >= product(b[from+best:], t.order)>>rankShift {
				best = x
			}
		}
		at := int64(from + best%Window)
		p := Print{t.secret.hash((*[K]byte)(b[at:])), at}
		if n := len(out); n > 0 && out[n-1].Offset >= int64(from) && out[n-1].Hash == p.Hash {
			continue
		}
		out = append(out, p)
	}
	return out
}

// drawText draws text of which much repeats, at all distances, so that there are ties.
func drawText(t *rapid.T) []byte {
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 5))
	size := rapid.IntRange(0, 4*batch).Draw(t, "size")
	letters := rapid.SampledFrom([]string{"a", "ab", "abc1", "abcdefghijklmnopqrstuvwxyz"}).Draw(t, "letters")
	var b []byte
	for len(b) < size {
		if back := 1 + rng.IntN(40); back <= len(b) && rng.IntN(30) == 0 {
			for range rng.IntN(80) {
				b = append(b, b[len(b)-back])
			}
		}
		b = append(b, letters[rng.IntN(len(letters))])
	}
	return b
}

func TestSelectsWhatTheDefinitionSelects(t *testing.T) {
	tab := table(1)
	rapid.Check(t, func(t *rapid.T) {
		b := drawText(t)
		want := naive(tab, b)
		s := tab.Stream()
		var got []Print
		most := rapid.SampledFrom([]int{1, 40, 200, 5000}).Draw(t, "most")
		for rest := b; len(rest) > 0; {
			n := rapid.IntRange(1, min(most, len(rest))).Draw(t, "cut")
			got = s.Append(got, rest[:n])
			rest = rest[n:]
		}
		if len(got) != len(want) {
			t.Fatalf("%q: %d passages, want %d", b, len(got), len(want))
		}
		all := tab.All(b)
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("%q: passage %d is %v, want %v", b, i, got[i], want[i])
			}
			if all[got[i].Offset] != got[i].Hash {
				t.Fatalf("All disagrees at %d", got[i].Offset)
			}
		}
	})
}

func TestEverySharedRunOfGuaranteedLengthIsFound(t *testing.T) {
	tab := table(2)
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3))
		run := text(rng, rapid.IntRange(Guarantee, 400).Draw(t, "run"))
		a := append(append(text(rng, rng.IntN(200)), run...), text(rng, rng.IntN(200))...)
		b := append(append(text(rng, rng.IntN(200)), run...), text(rng, rng.IntN(200))...)
		known := map[uint64]bool{}
		for _, p := range prints(tab, a) {
			known[p.Hash] = true
		}
		for _, p := range prints(tab, b) {
			if known[p.Hash] {
				return
			}
		}
		t.Fatalf("a shared run of %d was not found", len(run))
	})
}

func TestOnePassageInSpacingIsSelected(t *testing.T) {
	n := 1_000_000
	got := float64(len(prints(table(3), text(rand.New(rand.NewPCG(4, 4)), n)))) / float64(n)
	if want := 1.0 / Spacing; math.Abs(got-want) > 0.002 {
		t.Errorf("density %.4f, want %.4f", got, want)
	}
}

func TestOneRepeatedCharacterIsSelectedOncePerWindow(t *testing.T) {
	b := make([]byte, 16_000)
	for i := range b {
		b[i] = 'a'
	}
	if got := len(prints(table(5), b)); got > 1001 {
		t.Errorf("%d passages of a text without content", got)
	}
}

func TestHashDependsOnTheKey(t *testing.T) {
	b := text(rand.New(rand.NewPCG(9, 9)), 5000)
	seen := map[uint64]bool{}
	for _, h := range table(6).All(b) {
		if h>>HashBits != 0 {
			t.Fatalf("hash %x is wider than %d bits", h, HashBits)
		}
		seen[h] = true
	}
	for _, h := range table(7).All(b) {
		if seen[h] {
			t.Fatal("two keys give one hash")
		}
	}
}

func TestShortTextSelectsNothing(t *testing.T) {
	tab := table(8)
	for n := range Guarantee {
		if got := prints(tab, make([]byte, n)); len(got) != 0 {
			t.Errorf("%d bytes select %d passages", n, len(got))
		}
	}
}

// BenchmarkAppend tells its speed as a ratio to SHA-256 too, the best round of each.
func BenchmarkAppend(b *testing.B) {
	src := text(rand.New(rand.NewPCG(1, 2)), 1<<14)
	for name, t := range map[string]*Table{"plain": table(1).Plain(), "fastest": table(1)} {
		b.Run(name, func(b *testing.B) {
			s := t.Stream()
			var dst []Print
			mine, sha := time.Hour, time.Hour
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				start := time.Now()
				dst = s.Append(dst[:0], src)
				mid := time.Now()
				sha256.Sum256(src)
				mine, sha = min(mine, mid.Sub(start)), min(sha, time.Since(mid))
			}
			b.ReportMetric(float64(sha)/float64(mine), "of-sha256")
			b.ReportMetric(float64(mine)/float64(len(src)), "ns/byte")
		})
	}
}

// TestTextOfLittleVarietyIsNotSelectedThroughout: where few different grams come again and again, hardly more is selected
// than elsewhere, under any key.
func TestTextOfLittleVarietyIsNotSelectedThroughout(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 11))
	of := func(n int, piece func() string) []byte {
		var b []byte
		for len(b) < n {
			b = append(b, piece()...)
		}
		return b
	}
	for name, b := range map[string][]byte{
		"digits":         of(50_000, func() string { return fmt.Sprint(rng.IntN(10)) }),
		"numbers":        of(50_000, func() string { return fmt.Sprintf("%012d", rng.IntN(1000)) }),
		"dates":          of(50_000, func() string { return fmt.Sprintf("2024%02d%02d", 1+rng.IntN(12), 1+rng.IntN(28)) }),
		"rows":           of(50_000, func() string { return fmt.Sprintf("employeeactivebrussels%05d", rng.IntN(1e5)) }),
		"two words":      of(50_000, func() string { return []string{"de", "en"}[rng.IntN(2)] }),
		"two letters":    of(50_000, func() string { return string("ab"[rng.IntN(2)]) }),
		"runs":           of(50_000, func() string { return strings.Repeat(string("abc"[rng.IntN(3)]), rng.IntN(30)) }),
		"one word":       of(50_000, func() string { return "enen" }),
		"one long word":  of(50_000, func() string { return "abcdefghijklmnopqrstuvwxyz01234567890" }),
		"other alphabet": of(50_000, func() string { return string(rune(0x430 + rng.IntN(32))) }),
	} {
		sum, most := 0.0, 0.0
		for key := range uint64(20) {
			d := float64(len(prints(table(key), b))) / float64(len(b))
			sum, most = sum+d/20, max(most, d)
		}
		if sum > 0.13 || most > 0.25 {
			t.Errorf("%s: density %.3f, at most %.3f", name, sum, most)
		}
	}
}
