package table

import (
	"fmt"
	"strings"
	"testing"
)

func TestACommaWithinANameSeparatesNoColumns(t *testing.T) {
	var b strings.Builder
	fmt.Fprintf(&b, "%-30s%-16s%-14s%s\n", "Naam", "Geboortedatum", "Gemeente", "GSM")
	for i := range 30 {
		fmt.Fprintf(&b, "%-30s%02d/%02d/19%02d      %-14s047%07d\n", fmt.Sprintf("%sbroeck, %s", []string{"Van den Os", "Ravel", "Mor"}[i%3], []string{"An", "Theodora", "Wim"}[i%3]), 1+i%28, 1+i%12, 40+i, []string{"Gent", "Oudenaarde"}[i%2], 1234567+i)
	}
	text := []byte(b.String())
	cuts, ok := fixedCuts(text, true)
	if sep, separated := delimiter(text, true); !ok || separated && sep == ',' && commas(text) >= len(cuts)-1 {
		t.Errorf("columns begin at %v, %q separates them with %d commas a line", cuts, sep, commas(text))
	}
	if commas([]byte("a,b,c,d\ne,f,g,h\n")) != 3 {
		t.Error("the commas of a line are counted wrongly")
	}
}
