package cell

import (
	"slices"
	"testing"
)

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
