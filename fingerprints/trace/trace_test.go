package trace

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func table() *Table {
	var secret [TableBytes]byte
	for i := range secret {
		secret[i] = byte(37*i + 11)
	}
	return NewTable(&secret)
}

func letters(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = "abcdefghijklmnopqrstuvwxyz"[r.IntN(26)]
	}
	return b
}

func TestATraceReadsAsItWasWrittenInWhateverPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(rapid.StringMatching(`[a-z0-9é]{0,300}`).Draw(t, "text"))
		want := table().Of(text)
		w := table().Writer()
		for rest := text; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "piece")
			w.Write(rest[:n])
			rest = rest[n:]
		}
		got := w.Trace()
		if !bytes.Equal(got.Bytes(), want.Bytes()) || got.Len() != max(0, len(text)-Gram+1) {
			t.Fatalf("%d grams in pieces, %d at once", got.Len(), want.Len())
		}
		if back := Decode(want.Bytes()); back.Len() != want.Len() || !bytes.Equal(back.Bytes(), want.Bytes()) {
			t.Fatalf("decoded %d grams of %d", back.Len(), want.Len())
		}
	})
}

func TestDigitsLeaveNoTrace(t *testing.T) {
	a, b := table().Of([]byte("rijksregisternummer85073003328geboren30juli1985")), table().Of([]byte("rijksregisternummer91112244197geboren17juli1944"))
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("texts that differ in digits have different traces")
	}
}

func TestAnExcerptIsFoundToTheCharacter(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		known := letters(r, 2000)
		from, n := r.IntN(1900), 60+r.IntN(40)
		before := 500 + r.IntN(500)
		item := slices.Concat(letters(r, before), known[from:from+n], letters(r, 700))
		trace := Decode(table().Of(known).Bytes())
		runs := table().Text(item).Runs(&trace)
		at := slices.IndexFunc(runs, func(r Run) bool { return r.Text-r.Trace == before-from })
		if at < 0 {
			t.Fatalf("%d characters are not found", n)
		}
		got := runs[at]
		if got.Text > before || before-got.Text > 12 || got.End() < before+n || got.End() > before+n+12 {
			t.Errorf("%d characters from %d on, which are from %d on known: found %+v", n, before, from, runs)
		}
	}
}

func TestACopyWithEverySeventhWordReplacedIsFollowed(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	covered, all := 0, 0
	for range 20 {
		var words, edited []string
		for i := range 200 {
			w := string(letters(r, 2+r.IntN(8)))
			words = append(words, w)
			if i%7 == 6 {
				w = string(letters(r, 2+r.IntN(8)))
			}
			edited = append(edited, w)
		}
		trace := table().Of([]byte(strings.Join(words, "")))
		item := []byte(strings.Join(edited, ""))
		last := 0
		for _, run := range table().Text(item).Runs(&trace) {
			covered += run.End() - max(run.Text, last)
			last = run.End()
		}
		all += len(item)
	}
	if share := float64(covered) / float64(all); share < 0.75 {
		t.Errorf("%.0f %% of the edited copies are followed", 100*share)
	}
}

// TestAChainGoesOnBehindMuchThatWasChanged: the pieces in the middle are too short to be looked for anywhere in the document.
func TestAChainGoesOnBehindMuchThatWasChanged(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 4))
	const short = 31
	between, moved := 0, 0
	for range 40 {
		known := letters(r, 20_000)
		trace := table().Of(known)
		runs := func(from int) []Run {
			item := slices.Concat(known[:200], letters(r, 270), known[from:from+short], letters(r, 10), known[from+short+10:from+short+34], letters(r, 186), known[680:900])
			return table().Text(item).Runs(&trace)
		}
		for i, run := range runs(450) {
			if run.Text-run.Trace == 20 && i == 1 && !run.Resumed && run.End()-run.Text >= short {
				between++
			}
		}
		for _, run := range runs(2000) {
			if run.Trace > 1900 {
				moved++
			}
		}
	}
	if between < 38 || moved > 4 {
		t.Errorf("of 40 pieces between others, %d are found in their place and %d out of it", between, moved)
	}
}

func TestWhatOnlyBeginsAlikeDoesNotGoOn(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 6))
	found := 0
	for range 200 {
		known, item := letters(r, 3000), letters(r, 3000)
		copy(item, known[:100])
		trace := table().Of(known)
		for _, run := range table().Text(item).Runs(&trace) {
			if run.Text > 110 {
				found++
			}
		}
	}
	if found > 6 {
		t.Errorf("%d runs in 200 pairs of texts that begin alike", found)
	}
}

func TestUnrelatedTextsShareNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	found := 0
	for range 200 {
		trace := table().Of(letters(r, 3000))
		found += len(table().Text(letters(r, 3000)).Runs(&trace))
	}
	if found > 6 {
		t.Errorf("%d runs in 200 pairs of unrelated texts", found)
	}
}

func TestNumbersAloneAreNoRun(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	numbers := func() []byte {
		b := make([]byte, 2000)
		for i := range b {
			b[i] = byte('0' + r.IntN(10))
		}
		return b
	}
	trace := table().Of(numbers())
	if runs := table().Text(numbers()).Runs(&trace); len(runs) > 0 {
		t.Errorf("two lists of numbers share %d runs", len(runs))
	}
}

func TestAPieceIsPlacedWhereItsSurroundingsAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for range 50 {
		known := letters(r, 12_000)
		from := 40 + r.IntN(11_900)
		known = append(known, known[from:from+20]...) // the piece once more, between other letters
		known = append(known, letters(r, 500)...)
		trace := Decode(table().Of(known).Bytes())
		text := slices.Concat(letters(r, 30), known[from-9:from+28], letters(r, 30))
		around := table().Of(text)
		if at, ok := trace.Place(&around, 39, 20-Gram+1); !ok || at != from {
			t.Errorf("a piece of 20 from %d on is placed at %d (%v)", from, at, ok)
		}
		if at, ok := trace.Place(&around, len(text), 15); ok {
			t.Errorf("a piece behind the text is placed at %d", at)
		}
	}
}

func FuzzRuns(f *testing.F) {
	f.Add([]byte{3, 1, 2, 3, 4, 5, 6, 7, 8, 9}, []byte("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"))
	f.Add(table().Of([]byte(strings.Repeat("abc", 200))).Bytes(), []byte(strings.Repeat("abc", 300)))
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 0, 0}, []byte{})
	f.Fuzz(func(t *testing.T, b, text []byte) {
		trace := Decode(b)
		text = text[:min(len(text), 1<<12)]
		for _, r := range table().Text(text).Runs(&trace) {
			if r.Text < 0 || r.Trace < 0 || r.End() > len(text) || r.Trace+r.Length > trace.Len() {
				t.Fatalf("run %+v of %d bytes and %d grams", r, len(text), trace.Len())
			}
		}
	})
}
