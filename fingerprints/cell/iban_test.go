package cell_test

import (
	"testing"

	"unmirror/fingerprints/cell"
)

// Every pair of capitals is asked, so that a country that is added to one of the two lists alone is found.
func TestCountriesOfIBANsAreThoseWithALength(t *testing.T) {
	listed := map[string]bool{}
	for _, c := range cell.IBANCountries() {
		listed[c] = true
	}
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			c := string(a) + string(b)
			if has := cell.IBANLength(c) > 0; has != listed[c] {
				t.Errorf("%s: listed %v, has a length %v", c, listed[c], has)
			}
		}
	}
}
