package cell

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func testKey(seed byte) *Key {
	var secret [KeyBytes]byte
	r := rand.NewChaCha8([32]byte{seed})
	r.Read(secret[:])
	return NewKey(&secret)
}

func scanAll(k *Key, text string, cuts ...int) []Token {
	s := k.Scanner()
	var out []Token
	from := 0
	for _, c := range cuts {
		out = s.Append(out, []byte(text[from:c]))
		from = c
	}
	out = s.Append(out, []byte(text[from:]))
	return s.End(out)
}

func has(tokens []Token, want Token) bool {
	return slices.ContainsFunc(tokens, func(t Token) bool { return t.Hash == want.Hash && t.Kind == want.Kind })
}

// writings are values as tables hold them, and how items may write them.
var writings = []struct {
	kind  Kind
	value string
	same  []string
	other []string
}{
	{Date, "12/03/1981", []string{"12-3-81", "1981-03-12", "12.03.1981", "19810312", "12031981", "12 maart 1981", "le 12 mars 1981", "12. März 1981", "March 12, 1981",
		"12th of March 1981", "1981-03-12T00:00:00Z", "1981-03-12 00:00:00", "19810312T0800", "03/12/1981", "12-mrt-1981", "12 mar. 1981", "12 MRT 81", `"1981-03-12"`,
		"1981/03/12", "12 / 3 / 1981", "geboren 12.3.1981.", "12 mars 1981", "12 MÄRZ 1981", "°12 maart 1981", "(º12 mars 1981)", "°12/03/1981"}, []string{"12/04/1981", "1981-02-12", "21 maart 1981", "31/31/1981", "12-03"}},
	{Date, "1981-02-01", []string{"1er février 1981", "1 fevrier 1981", "01/02/1981", "1ste februari 1981", "1. Februar 1981", "Feb 1, 1981", "1° février 1981"}, []string{"2/3/1981"}},
	{National, "85.07.30-033.28", []string{"85073003328", "850730 033 28", "85 07 30 033 28", "85.07.30.033.28", "850730-033-28", "85/07/30-033/28", "nr.85073003328;"},
		[]string{"85.07.30-033.29", "850730033281", "1 85073003328 1"[:11]}},
	{BSN, "123456782", []string{"1234.56.782", "1234 56 782", "123 456 782", "BSN:123456782"}, []string{"123456783"}},
	{IBAN, "BE49 9990 0000 0171", []string{"BE49999000000171", "be49 9990 0000 0171", "BE49-9990-0000-0171", "BE49.9990.0000.0171,", "IBAN BE49 9990 0000 0171 BIC"}, []string{"BE49 9990 0000 0172"}},
	{Email, "Jan.Peeters@voorbeeld.example", []string{"jan.peeters@voorbeeld.example.", "<JAN.PEETERS@VOORBEELD.EXAMPLE>", "mailto:jan.peeters@voorbeeld.example?x", "(jan.peeters@voorbeeld.example)"},
		[]string{"an.peeters@voorbeeld.example", "jan.peeters@voorbeeld.exampl"}},
	{Phone, "0472 12 34 56", []string{"+32 472 12 34 56", "+32 (0)472/12.34.56", "0472/123456", "0032472123456", "0472-12-34-56", "+32472123456", "32472123456", "472123456", "tel. 0472.12.34.56"}, []string{"0472 12 34 57"}},
	{Enterprise, "0694.679.950", []string{"BE 0694.679.950", "0694679950", "BE0694679950"[2:], "694679950", "0694 679 950"}, []string{"0694.679.951"}},
	{Number, "004512", []string{"4512", "4.512", "4 512", "P-004512", "4,512"}, []string{"45123", "451"}},
	{Number, "1234567", []string{"1.234.567", "1 234 567", "1'234'567", "1234567,00", "1,234,567.00"}, nil},
	{Word, "Hélène", []string{"HELENE", "Helene", "hélène", "He\u0301le\u0300ne", "Hé\u200blène", "ｈｅｌｅｎｅ"}, []string{"Helena", "Hel ene"}},
	{Word, "Straße", []string{"STRASSE", "strasse"}, []string{"strase"}},
	{Word, "EMP00123", []string{"emp00123", "(EMP00123)"}, []string{"EMP-00123", "EMP00124"}},
}

func TestValueHasOneHashHoweverItIsWritten(t *testing.T) {
	k := testKey(1)
	for _, w := range writings {
		known := k.Cell(nil, w.kind, w.value)
		if len(known) != 1 {
			t.Errorf("%s %q: %d tokens", w.kind, w.value, len(known))
			continue
		}
		for _, text := range w.same {
			for _, around := range []string{"%s", "x %s y", "a;%s;b", "\"%s\",\n", "<td>%s</td>", "\t%s\t"} {
				if line := fmt.Sprintf(around, text); !has(scanAll(k, line), known[0]) {
					t.Errorf("%s %q is not found in %q", w.kind, w.value, line)
				}
			}
		}
		for _, text := range w.other {
			if has(scanAll(k, text), known[0]) {
				t.Errorf("%s %q is found in %q", w.kind, w.value, text)
			}
		}
	}
}

func TestSpreadsheetsDropZeros(t *testing.T) {
	k := testKey(1)
	n := uint64(5_07_30_033)
	full := fmt.Sprintf("%09d%02d", n, 97-(2_000_000_000+n)%97)
	known := k.Cell(nil, National, full)
	if len(known) != 1 || full[0] != '0' {
		t.Fatal(full, known)
	}
	if short := full[1:]; !has(scanAll(k, "x;"+short+";y"), known[0]) || !has(k.Cell(nil, National, short), known[0]) {
		t.Errorf("%s is not found as %s", full, short)
	}
}

func TestNothingOfAWrongIdentifierIsACell(t *testing.T) {
	k := testKey(1)
	for kind, text := range map[Kind]string{National: "85.07.30-033.29", BSN: "123456783", IBAN: "BE50 9990 0000 0171", Email: "jan.peeters", Date: "31-31-1981", Enterprise: "0694.679.951"} {
		if got := k.Cell(nil, kind, text); len(got) != 0 {
			t.Errorf("%s %q: %v", kind, text, got)
		}
	}
	if got := k.Cell(nil, Word, "nummer 85.07.30-033.28 en 85073003328"); len(got) != 2 {
		t.Errorf("words beside a national number: %d tokens", len(got))
	}
}

func TestKeysDisagree(t *testing.T) {
	a, b := scanAll(testKey(1), "Jan 12/03/1981 100234"), scanAll(testKey(2), "Jan 12/03/1981 100234")
	for _, x := range a {
		if has(b, x) {
			t.Errorf("token %+v under another key", x)
		}
	}
}

func TestLinesAndRecordsAreToldApart(t *testing.T) {
	k := testKey(1)
	for text, want := range map[string]uint32{
		"jan peeters": 0, "jan\npeeters": 1, "('jan'),('peeters')": 1, `{"a":"jan"}, {"a":"peeters"}`: 1, `{"a":"jan"},` + "\n" + `{"a":"peeters"}`: 2, "jan (oud) peeters": 0,
	} {
		tokens := scanAll(k, text)
		if got := tokens[len(tokens)-1].Line; got != want {
			t.Errorf("%q: line %d, want %d", text, got, want)
		}
	}
}

// alphabet makes texts in which cells are likely.
var pieces = []string{"Jan", "Peeters", " ", "\n", ";", ",", "12/03/1981", "85.07.30-033.28", "850730 033 28", "BE49 9990 0000 0171", "jan.peeters@voorbeeld.example",
	"+32 472 12 34 56", "0694.679.950", "1.234.567", "é", "e\u0301", "\u200b", "ß", "12 maart 1981", "March 12, 1981", "1981-03-12T00:00", "@", ".", "-", "(", ")", "}", ",{", "\xff", "\xc3", "7", "00",
	strings.Repeat("a1", 70), strings.Repeat("9", 130), "\u00a0", "ﬁ", "BE49", "x@y.zz"}

func TestCutsChangeNothing(t *testing.T) {
	k := testKey(3)
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 40).Draw(t, "pieces"), "")
		cuts := rapid.SliceOfN(rapid.IntRange(0, len(text)), 0, 12).Draw(t, "cuts")
		slices.Sort(cuts)
		if whole, cut := scanAll(k, text), scanAll(k, text, cuts...); !slices.Equal(whole, cut) {
			t.Fatalf("%q cut at %v: %v, whole %v", text, cuts, cut, whole)
		}
	})
}

func FuzzScan(f *testing.F) {
	for _, p := range pieces {
		f.Add("x "+p+" y", 3)
	}
	for _, w := range writings {
		f.Add(strings.Join(w.same, "\n"), 7)
	}
	k := testKey(4)
	f.Fuzz(func(t *testing.T, text string, every int) {
		whole := scanAll(k, text)
		for _, x := range whole {
			if x.At < 0 || x.At >= x.End || x.End > int64(len(text)) || x.Kind >= Kinds || x.Hash>>HashBits != 0 {
				t.Fatalf("%+v in %d bytes", x, len(text))
			}
		}
		if every < 1 || every > len(text) {
			return
		}
		var cuts []int
		for c := every; c < len(text); c += every {
			cuts = append(cuts, c)
		}
		if cut := scanAll(k, text, cuts...); !slices.Equal(whole, cut) {
			t.Fatalf("cut every %d bytes: %v, whole %v", every, cut, whole)
		}
		for kind := range Kinds {
			k.Cell(nil, kind, text)
		}
	})
}
