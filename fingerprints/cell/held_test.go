package cell

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// besides are what is written in ways that make of one run, remembered or of no meaning by itself, a part of something else.
var besides = []string{"250,119", "1234.56", "1234,56", "123.456", "12345.67", "1234.567", "12.1981", "maart,", "12", "1999-00-18", "1999-12-18", "20240305T1200T1999-00-18", "05T12", "be68", "bé68", "BE68 5390 0754 7034",
	"BE68539007547034", "20240305t1200", "\x00", "3", "7", "arbeidsongeschiktheid12", "12arbeidsongeschiktheid", "1é", "1e", "Rückenschmerzen", "RÜCKENSCHMERZEN", "réorganisations", "d’après30T12", "1２34"}

// TestKindsThatAreNotHeldChangeNoOthers: which runs are not read, since nothing that is held can be in them, depends on what
// is held; what the others are does not.
func TestKindsThatAreNotHeldChangeNoOthers(t *testing.T) {
	k := testKey(10)
	words := slices.Concat(pieces, besides, around, []string{"9000", "12 maart 1981", "2024-03-05", "0470", "12"})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 120).Draw(t, "text"), rapid.SampledFrom([]string{"", " ", ";", ",", ".", "-", "\t"}).Draw(t, "between"))
		held := Held{Kinds: rapid.Uint16().Draw(t, "kinds"), Sizes: rapid.Uint64().Draw(t, "sizes") & rapid.SampledFrom([]uint64{0, math.MaxUint64, 0x5555}).Draw(t, "and")}
		s := k.Scanner()
		s.Only(held)
		got := s.End(s.Append(nil, []byte(text)))
		want := slices.DeleteFunc(scanAll(k, text), func(t Token) bool {
			return always>>t.Kind&1 == 0 && !held.Has(t.Kind) || t.Kind == Number && held.Sizes>>t.Size&1 == 0
		})
		if !slices.Equal(got, want) {
			t.Fatalf("%q, held %b and %x: %v, want %v", text, held.Kinds, held.Sizes, got, want)
		}
	})
}

func TestOnlyWhatIsHeldIsTold(t *testing.T) {
	k := testKey(8)
	text := "nr 123456; Jan Peeters; 1980-03-12; 85.07.30-033.28; BE68 5390 0754 7034; jan@voorbeeld.example; 0470 12 34 56; 9000 Gent; 0404.616.494"
	all := scanAll(k, text)
	for name, c := range map[string]struct {
		held Held
		told []Kind
	}{
		"nothing":          {Held{}, []Kind{Word, National, IBAN, Email}},
		"dates":            {Held{Kinds: 1 << Date}, []Kind{Word, Date, National, IBAN, Email}},
		"telephones":       {Held{Kinds: 1 << Phone}, []Kind{Word, National, IBAN, Email, Phone}},
		"sizes of nothing": {Held{Kinds: 1 << Date, Sizes: Everything.Sizes}, []Kind{Word, Date, National, IBAN, Email}},
		"everything":       {Everything, []Kind{Word, Number, Date, National, BSN, IBAN, Email, Phone, Enterprise}},
	} {
		s := k.Scanner()
		s.Only(c.held)
		got := s.End(s.Append(nil, []byte(text)))
		want := slices.DeleteFunc(slices.Clone(all), func(t Token) bool { return !slices.Contains(c.told, t.Kind) })
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
		if s.Places(Date) != 1 {
			t.Errorf("%s: %d dates", name, s.Places(Date))
		}
	}
}

func TestNumbersOfSizesThatAreNotHeldAreNotTold(t *testing.T) {
	k := testKey(8)
	s := k.Scanner()
	s.Only(Held{Kinds: 1 << Number, Sizes: 1 << SizeOf(9000)})
	text := "000009000 9001 12 123456 2024-01-02 9.000 16384"
	var told []string
	for _, x := range s.End(s.Append(nil, []byte(text))) {
		if x.Kind == Number {
			told = append(told, text[x.At:x.End])
		}
	}
	if want := []string{"000009000", "9001", "9.000"}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
}
