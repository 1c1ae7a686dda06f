package incident

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestABlankFileHoldsNothingAndNamesEverything(t *testing.T) {
	text := Blank()
	f, err := Parse([]byte(text), time.Time{})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if !reflect.DeepEqual(f, File{}) {
		t.Errorf("it holds %+v", f)
	}
	// With its lists taken in too, every field is known.
	all := strings.ReplaceAll(text, "# ", "")
	var lines []string
	for line := range strings.Lines(text) {
		field, _, _ := strings.Cut(strings.TrimPrefix(line, "# "), "  #")
		if strings.HasSuffix(strings.TrimSpace(field), ":") {
			lines = append(lines, strings.TrimRight(field, "\n"))
		}
	}
	r := &reader{lines: map[string]int{}}
	var g File
	r.document([]byte(strings.Join(lines, "\n")), &g)
	if len(r.problems) > 0 || len(g.Processors) != 1 || len(g.Legal.WorksCouncil) != 1 {
		t.Errorf("%v\n%s", r.problems, strings.Join(lines, "\n"))
	}
	for _, f := range Fields() {
		if !strings.Contains(all, f.What) {
			t.Errorf("%s is not explained", f.Path)
		}
	}
}
