package desk

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"unmirror/desk/texts"
)

func dutch(t *testing.T) *lang {
	t.Helper()
	must(loadSentences())(t)
	return &lang{Catalogue: must(texts.Load())(t)["nl"]}
}

func TestTheDocketsSentencesAreSaidInDutch(t *testing.T) {
	l := dutch(t)
	for en, nl := range map[string]string{
		"Only counsel may do this.":                     "Alleen de jurist mag dit.",
		"The case is gone: there is nothing to answer.": "Het dossier is weg: er valt niets te antwoorden.",
		"Try 3.":                              "Poging 3.",
		"Try again later.":                    "Try again later.",
		"A person's own words in the record.": "A person's own words in the record.",
		"withdrawn: It is the court's own publication.":   "ingetrokken: It is the court's own publication.",
		"Approved version 2, digest 00ff.":                "Versie 2 goedgekeurd, controlewaarde 00ff.",
		"Approved version 2, digest 00ff. And more.":      "Approved version 2, digest 00ff. And more.",
		"Say which exception applies: journalism, court.": "Zeg welke uitzondering geldt: journalism, court.",
		"": "",
	} {
		if got := l.says(en); got != nl {
			t.Errorf("%q is said as %q, want %q", en, got, nl)
		}
	}
	l.Catalogue = must(texts.Load())(t)["en"]
	if got := l.says("Only counsel may do this."); got != "Only counsel may do this." {
		t.Errorf("in English it is %q", got)
	}
}

// TestRefusalsOfTheFlowAreTranslated reads the files whose refusals counsel meets on the desk: each whole sentence in them is in the
// table.
func TestRefusalsOfTheFlowAreTranslated(t *testing.T) {
	l := dutch(t)
	n := 0
	for _, name := range []string{"approve.go", "edit.go", "dispute.go", "retract.go", "resolve.go", "diff.go"} {
		raw := must(os.ReadFile(filepath.Join("..", "takedown", name)))(t)
		file := must(parser.ParseFile(token.NewFileSet(), name, raw, 0))(t)
		ast.Inspect(file, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok || len(call.Args) != 2 {
				return true
			}
			if id, ok := call.Fun.(*ast.Ident); !ok || id.Name != "refuse" {
				return true
			}
			lit, ok := call.Args[1].(*ast.BasicLit)
			if !ok {
				return true
			}
			text := must(strconv.Unquote(lit.Value))(t)
			if n++; l.says(text) == text && !strings.HasPrefix(text, "Nothing here") && text != "Answer sent or retry." {
				t.Errorf("%s: no Dutch for %q", name, text)
			}
			return true
		})
	}
	if n < 25 {
		t.Fatalf("only %d refusals were read", n)
	}
}
