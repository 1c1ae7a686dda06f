package winnow

import (
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/sys/cpu"
	"pgregory.net/rapid"
)

// eachWay does something with each of the ways in which this machine's vectors can be used.
func eachWay(do func()) {
	do()
	if Wide() {
		cpu.X86.HasAVX512BW = false
		defer func() { cpu.X86.HasAVX512BW = true }()
		do()
	}
}

// samePicks compares what both versions choose of a text, from the same places of it.
func samePicks(t interface{ Fatalf(string, ...any) }, tab *Table, b []byte) {
	if !Vectors() {
		return
	}
	plain, fast := tab.Plain().Stream(), tab.Stream()
	plain.w, fast.w = new(workspace), new(workspace)
	for len(b) >= Guarantee {
		n := min(len(b), carry+batch)
		copy(plain.w.text[:], b[:n])
		for i := copy(fast.w.text[:], b); i < len(fast.w.text); i++ { // what lies behind does not count
			fast.w.text[i] = byte(31 * i)
		}
		count, _ := plain.choose(&plain.w.text, n-carry)
		plain.changes(n - carry)
		want := plain.w.from[:count]
		count, _ = fast.choose(&fast.w.text, n-carry)
		fast.changes(n - carry)
		got := fast.w.from[:count]
		if !slices.Equal(got, want) {
			t.Fatalf("of %.200q %d windows select another passage, plainly %d, or others", b[:n], len(got), len(want))
		}
		for i, window := range want {
			if got, want := int(fast.w.at[window]), int(plain.w.places[i]); got != want {
				t.Fatalf("of %.200q window %d selects %d, plainly %d", b[:n], window, got, want)
			}
		}
		b = b[n-carry:]
	}
}

func TestVectorsChooseWhatIsChosenPlainly(t *testing.T) {
	if !Vectors() {
		t.Skip("this machine has no vector instructions that are used")
	}
	tab := table(12)
	rapid.Check(t, func(t *rapid.T) {
		text := drawText(t)
		eachWay(func() { samePicks(t, tab, text) })
	})
}

func FuzzVectorsChooseWhatIsChosenPlainly(f *testing.F) {
	f.Add([]byte("dewerknemerwasop12maartafwezigwegensrugklachten"), uint64(1))
	f.Add(make([]byte, 3*batch), uint64(2))
	f.Add(slices.Repeat([]byte("enen0000"), 300), uint64(3))
	f.Fuzz(func(t *testing.T, b []byte, key uint64) {
		tab := table(key)
		want := prints(tab.Plain(), b)
		eachWay(func() {
			samePicks(t, tab, b)
			if got := prints(tab, b); !slices.Equal(got, want) {
				t.Fatalf("selected %v, plainly %v", got, want)
			}
		})
	})
}

// TestEveryNumberOfWindowsIsChosenOf has the last vector cut at each place.
func TestEveryNumberOfWindowsIsChosenOf(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	b := text(rng, carry+batch)
	tab := table(7)
	for n := Guarantee; n <= len(b); n++ {
		eachWay(func() { samePicks(t, tab, b[:n]) })
	}
}

func BenchmarkChoose(b *testing.B) {
	for _, name := range []string{"plain", "AVX2", "fastest"} {
		b.Run(name, func(b *testing.B) {
			t := table(1)
			switch {
			case name == "plain":
				t = t.Plain()
			case name == "AVX2" && Wide():
				cpu.X86.HasAVX512BW = false
				defer func() { cpu.X86.HasAVX512BW = true }()
			}
			s := t.Stream()
			s.w = new(workspace)
			copy(s.w.text[:], text(rand.New(rand.NewPCG(1, 2)), roomy))
			b.SetBytes(batch)
			for b.Loop() {
				s.choose(&s.w.text, batch)
			}
		})
	}
}

// TestWhatPassesAFilterIsTold: prints are the same, whatever the filter's size, and what passes it is told of those that are
// left.
func TestWhatPassesAFilterIsTold(t *testing.T) {
	if !Vectors() {
		t.Skip("this machine has no vector instructions that are used")
	}
	eachWay(func() { tellsWhatPasses(t) })
}

func tellsWhatPasses(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	b := slices.Concat(text(rng, 5000), slices.Repeat([]byte("enen0000"), 300), text(rng, 4000))
	tab := table(2)
	want := prints(tab, b)
	var marks [1024]uint64
	for i := range marks {
		marks[i] = 1 << rng.IntN(64)
		marks[i] |= 1 << rng.IntN(64)
	}
	for i, size := range []int{0, 1, 3, 12345, 12345} {
		words := make([]uint64, size)
		for i := range words {
			words[i] = rng.Uint64()
		}
		s := tab.Stream()
		s.Sift(words, &marks)
		var got []Print
		for piece := range slices.Chunk(b, 1900+i*2000) {
			before := len(got)
			got = s.Append(got, piece)
			passed, asked := s.Passed()
			if asked != (size > 0) {
				t.Fatalf("with %d words asked is %v", size, asked)
			}
			var all []uint32
			for i, p := range got[before:] {
				if m := marks[p.Hash>>10&1023]; asked && words[p.Hash>>(HashBits-32)*uint64(size)>>32]&m == m {
					all = append(all, uint32(i))
				}
			}
			if !slices.Equal(passed, all) {
				t.Fatalf("with %d words %v pass, want %v", size, passed, all)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("with %d words %d passages are selected, or others: want %d", size, len(got), len(want))
		}
	}
}
