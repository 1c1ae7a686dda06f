package people_test

import (
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"unmirror/internal/demo/people"
)

func TestNationalNumbersOfTheRules(t *testing.T) {
	for want, in := range map[string]struct {
		born   time.Time
		serial int
	}{
		"85.07.30-999.32": {time.Date(1985, 7, 30, 0, 0, 0, 0, time.UTC), 999},
		"99.12.31-001.97": {time.Date(2099, 12, 31, 0, 0, 0, 0, time.UTC), 1},
		"99.12.31-001.68": {time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC), 1},
	} {
		if got := people.NationalNumber(in.born, in.serial); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := people.IBAN("9990000001"); got != "BE49 9990 0000 0171" {
		t.Errorf("got %s", got)
	}
}

func TestInventedPeople(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed, n := rapid.Uint64().Draw(t, "seed"), rapid.IntRange(1, 400).Draw(t, "n")
		list := people.Invent(seed, n)
		if len(list) != n {
			t.Fatalf("%d people, want %d", len(list), n)
		}
		seen := map[string]string{}
		for _, p := range list {
			if !nationalOK(p.NationalDigits(), p.Born.Year() >= 2000) {
				t.Errorf("national number %s", p.National)
			}
			if !ibanOK(p.IBAN) {
				t.Errorf("account %s", p.IBAN)
			}
			if !strings.HasSuffix(p.Email, ".example") || strings.ContainsFunc(p.Email, func(r rune) bool { return r > '~' || r <= ' ' }) {
				t.Errorf("address %q", p.Email)
			}
			if len(p.Health) < 4 || p.Family2 == "" || p.Conduct == "" {
				t.Errorf("no remarks about %s", p.ID)
			}
			for _, id := range []string{p.ID, p.Name(), p.National, p.Email, p.Phone, p.IBAN} {
				if other, ok := seen[id]; ok {
					t.Errorf("%s belongs to %s and %s", id, other, p.ID)
				}
				seen[id] = p.ID
			}
		}
	})
}

func TestSameSeedSamePeople(t *testing.T) {
	if !reflect.DeepEqual(people.Invent(7, 40), people.Invent(7, 40)) {
		t.Error("they differ")
	}
	if reflect.DeepEqual(people.Invent(7, 40), people.Invent(8, 40)) {
		t.Error("another seed makes the same people")
	}
}

// The checks below are written from the rules, not with the generator's code.

func nationalOK(d string, this bool) bool {
	if len(d) != 11 {
		return false
	}
	nine := d[:9]
	if this {
		nine = "2" + nine
	}
	n, err := strconv.Atoi(nine)
	check, err2 := strconv.Atoi(d[9:])
	return err == nil && err2 == nil && check == 97-n%97
}

func ibanOK(s string) bool {
	s = strings.ReplaceAll(s, " ", "")
	rest := 0
	for _, c := range s[4:] + s[:4] {
		v := int(c - '0')
		width := 10
		if c >= 'A' {
			v, width = int(c-'A')+10, 100
		}
		rest = (rest*width + v) % 97
	}
	return len(s) == 16 && rest == 1
}
