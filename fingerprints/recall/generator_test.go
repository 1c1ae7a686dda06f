package recall

import (
	"bytes"
	"math/big"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
)

func atoi(t *testing.T, s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestInventedNumbersPassTheirCheckDigits(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for _, p := range newNameBook(r).people(r, 500, func() string { return "" }) {
		n := atoi(t, p.number[:9])
		if p.year >= 2000 {
			n += 2_000_000_000
		}
		if len(p.number) != 11 || 97-n%97 != atoi(t, p.number[9:]) {
			t.Errorf("national number %s", p.number)
		}
		sum := -int(p.bsn[8] - '0')
		for i := range 8 {
			sum += (9 - i) * int(p.bsn[i]-'0')
		}
		if len(p.bsn) != 9 || sum%11 != 0 {
			t.Errorf("citizen number %s", p.bsn)
		}
		iban, ok := new(big.Int).SetString(strings.NewReplacer("B", "11", "E", "14").Replace(p.iban[4:]+p.iban[:4]), 10)
		if !ok || iban.Mod(iban, big.NewInt(97)).Int64() != 1 {
			t.Errorf("account %s", p.iban)
		}
		if e := p.enterprise; len(e) != 10 || 97-atoi(t, e[:8])%97 != atoi(t, e[8:]) {
			t.Errorf("enterprise number %s", e)
		}
	}
}

// TestALeakIsTheSameWheneverItIsInvented: else no floor would hold.
func TestALeakIsTheSameWheneverItIsInvented(t *testing.T) {
	for _, makeLeak := range chosen().leaks[:1] {
		a, b := makeLeak(), makeLeak()
		for i, k := range a.known {
			if k.name != b.known[i].name || !bytes.Equal(k.body, b.known[i].body) {
				t.Errorf("%s differs from %s", k.name, b.known[i].name)
			}
		}
		for _, l := range lines() {
			x, okX := l.make(a, seeded(l.name))
			y, okY := l.make(b, seeded(l.name))
			if okX != okY || x.name != y.name || !bytes.Equal(x.body, y.body) && l.name != "7z" {
				t.Errorf("%s: %s is made otherwise a second time", l.group, l.name)
			}
		}
	}
}

// TestTheDocumentHasEveryLine keeps docs/matching.md from falling behind the code.
func TestTheDocumentHasEveryLine(t *testing.T) {
	b, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines() {
		if !bytes.Contains(b, []byte("| "+strings.ReplaceAll(l.name, "|", "¦")+" | ")) {
			t.Errorf("%s lacks the line %q: UNMIRROR_RECALL=full go test ./fingerprints/recall -run Table -update", document, l.name)
		}
	}
	for _, l := range negatives() {
		if !bytes.Contains(b, []byte("| "+l.group+": "+l.name+" | ")) {
			t.Errorf("%s lacks the negatives %q", document, l.name)
		}
	}
}
