package desk

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"unmirror/desk/texts"
	"unmirror/takedown/law"
	"unmirror/takedown/notice"
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

// TestWhatTheCheckMissesIsSaidInDutch spoils each fact of each letter in turn, and the text of all of it: every sentence that says what is
// missing is in the table.
func TestWhatTheCheckMissesIsSaidInDutch(t *testing.T) {
	l, table := dutch(t), must(law.Load())(t)
	said := map[string]bool{}
	look := func(f notice.Facts, d notice.Draft) {
		for _, e := range notice.Check(table, f, d) {
			if !e.Present {
				said[e.Missing] = true
			}
		}
		for _, s := range notice.Unsure(table, f) {
			said[s] = true
		}
	}
	for _, r := range table.Regimes() {
		for i, act := range notice.Acts(r) {
			if i > 0 && r.ID != "dsa16" {
				continue // the further acts lack the same
			}
			f := notice.Sample(r, act, r.Recipients[0], r.Written()[0])
			d := must(notice.Compose(table, f))(t)
			look(f, d)
			look(f, notice.Draft{})
			for i := range reflect.TypeOf(f).NumField() {
				g := f
				if name := reflect.TypeOf(f).Field(i).Name; name == "Locations" {
					g.Locations = []notice.Location{{URL: "nowhere"}}
					look(g, d)
					g.Locations = []notice.Location{{URL: "https://host_name.example/x"}, {}}
					look(g, d)
				}
				reflect.ValueOf(&g).Elem().Field(i).SetZero()
				look(g, d)
			}
			for _, spoil := range []func(*notice.Facts){
				func(f *notice.Facts) { f.Regime = "none" }, func(f *notice.Facts) { f.Act = "poem" },
				func(f *notice.Facts) { f.Mandate.Kind = "gift" }, func(f *notice.Facts) { f.Mandate.Date = time.Time{} },
				func(f *notice.Facts) { f.Mandate = notice.Mandate{Kind: "union", Date: f.Date} }, func(f *notice.Facts) { f.Withdrawal.Wrong = "other" },
				func(f *notice.Facts) { f.Optional = []string{"be-hacking-new", "nl-139g", "be-secrecy-new"} },
				func(f *notice.Facts) { f.FactsDate = f.FactsDate.AddDate(10, 5, 0) }, func(f *notice.Facts) { f.Incident.Kind = "lost" },
				func(f *notice.Facts) { f.Notifier.Email = "no address" }, func(f *notice.Facts) { f.Notifier.Name = strings.Repeat("x", 300) },
				func(f *notice.Facts) {
					f.Notifier = notice.Party{Name: f.Notifier.Name, Email: f.Notifier.Email, Role: f.Notifier.Role}
				},
				func(f *notice.Facts) { f.Notifier.Name = "" }, func(f *notice.Facts) { f.Language = "en" },
			} {
				g := f
				spoil(&g)
				look(g, d)
			}
		}
	}
	for s := range said {
		if got := l.says(s); got == s {
			t.Errorf("no Dutch for %q", s)
		}
	}
	if len(said) < 80 {
		t.Errorf("only %d sentences were met", len(said))
	}
}
