package desk

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template/parse"
	"unicode"

	"golang.org/x/net/html"

	"unmirror/desk/texts"
)

// eachNode walks a template's tree.
func eachNode(n parse.Node, f func(parse.Node)) {
	if n == nil {
		return
	}
	f(n)
	list := func(l *parse.ListNode) {
		if l != nil {
			eachNode(l, f)
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		for _, c := range n.Nodes {
			eachNode(c, f)
		}
	case *parse.IfNode:
		eachNode(n.Pipe, f)
		list(n.List)
		list(n.ElseList)
	case *parse.RangeNode:
		eachNode(n.Pipe, f)
		list(n.List)
		list(n.ElseList)
	case *parse.WithNode:
		eachNode(n.Pipe, f)
		list(n.List)
		list(n.ElseList)
	case *parse.ActionNode:
		eachNode(n.Pipe, f)
	case *parse.TemplateNode:
		if n.Pipe != nil {
			eachNode(n.Pipe, f)
		}
	case *parse.PipeNode:
		for _, c := range n.Cmds {
			eachNode(c, f)
		}
	case *parse.CommandNode:
		for _, c := range n.Args {
			eachNode(c, f)
		}
	}
}

// trees parses all templates without their functions.
func trees(t *testing.T) map[string]*parse.Tree {
	t.Helper()
	out := map[string]*parse.Tree{}
	for _, name := range must(fs.Glob(templateFiles, "templates/*.html"))(t) {
		one := parse.New(name)
		one.Mode = parse.SkipFuncCheck
		set := map[string]*parse.Tree{}
		must(one.Parse(string(must(fs.ReadFile(templateFiles, name))(t)), "", "", set))(t)
		for k, tree := range set {
			out[name+" "+k] = tree
		}
	}
	return out
}

// literals lists the words that stand in a template itself, between tags or in an attribute that is read aloud or shown.
func literals(tree *parse.Tree) (words []string) {
	var b strings.Builder
	eachNode(tree.Root, func(n parse.Node) {
		if text, ok := n.(*parse.TextNode); ok {
			b.Write(text.Text)
		} else if _, ok := n.(*parse.ActionNode); ok {
			b.WriteByte('0') // holds an attribute's place without being a letter
		}
	})
	for z := html.NewTokenizer(strings.NewReader(b.String())); ; {
		switch z.Next() {
		case html.ErrorToken:
			return words
		case html.TextToken:
			words = append(words, lettersOf(string(z.Text()))...)
		case html.StartTagToken, html.SelfClosingTagToken:
			for _, a := range z.Token().Attr {
				if slices.Contains([]string{"alt", "title", "placeholder", "aria-label", "label"}, a.Key) {
					words = append(words, lettersOf(a.Val)...)
				}
			}
		}
	}
}

func lettersOf(s string) []string {
	if strings.ContainsFunc(s, unicode.IsLetter) {
		return []string{strings.TrimSpace(s)}
	}
	return nil
}

func TestTemplatesHoldNoLiteralText(t *testing.T) {
	for name, tree := range trees(t) {
		for _, word := range literals(tree) {
			if word == "SHA-256" { // the algorithm's name in every language
				continue
			}
			t.Errorf("%s says %q itself: put it into the catalogues", name, word)
		}
	}
	t.Run("the check can fail", func(t *testing.T) {
		set := map[string]*parse.Tree{}
		must(parse.New("x").Parse(`<p title="hello">{{if true}}<b>0</b>world{{end}}</p>`, "", "", set))(t)
		if got := literals(set["x"]); !slices.Equal(got, []string{"hello", "world"}) {
			t.Errorf("found %q", got)
		}
	})
}

func TestEveryTextThatIsAskedForExistsAndEveryTextIsAskedFor(t *testing.T) {
	en := must(texts.Load())(t)["en"]
	used := map[string]bool{}
	var prefixes []string
	for name, tree := range trees(t) {
		eachNode(tree.Root, func(n parse.Node) {
			if text, ok := n.(*parse.StringNode); ok && en.Has(text.Text) {
				used[text.Text] = true // handed to a template
			}
			cmd, ok := n.(*parse.CommandNode)
			if !ok || len(cmd.Args) < 2 {
				return
			}
			fn, isFn := cmd.Args[0].(*parse.IdentifierNode)
			arg, isText := cmd.Args[1].(*parse.StringNode)
			if !isFn {
				return
			}
			switch {
			case fn.Ident == "t" && isText:
				used[arg.Text] = true
				if !en.Has(arg.Text) {
					t.Errorf("%s asks for %q, which no catalogue has", name, arg.Text)
				}
			case fn.Ident == "tn" && isText:
				used[arg.Text+".one"], used[arg.Text+".other"] = true, true
				if !en.Has(arg.Text + ".one") {
					t.Errorf("%s asks for the counted %q, which no catalogue has", name, arg.Text)
				}
			case (fn.Ident == "tor" || fn.Ident == "print") && isText:
				prefixes = append(prefixes, arg.Text)
			}
		})
	}
	inCode := codeKeys(t)
	for _, key := range en.Keys() {
		if used[key] || slices.ContainsFunc(prefixes, func(p string) bool { return p != "" && strings.HasPrefix(key, p) }) ||
			slices.ContainsFunc(inCode, func(k string) bool {
				return key == k || key == k+".title" || key == k+".lede" || (strings.HasSuffix(k, ".") && strings.HasPrefix(key, k))
			}) {
			continue
		}
		t.Errorf("nobody asks for %q", key)
	}
}

// codeKeys lists the strings of the package's own code that look like a key or the beginning of one.
func codeKeys(t *testing.T) (keys []string) {
	t.Helper()
	looks := regexp.MustCompile(`"([a-z_]+\.[a-z_.]*)"`)
	for _, name := range must(fs.Glob(sourceFiles, "*.go"))(t) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, m := range looks.FindAllStringSubmatch(string(must(fs.ReadFile(sourceFiles, name))(t)), -1) {
			keys = append(keys, m[1])
		}
	}
	for _, m := range regexp.MustCompile(`"(format\.[a-z_.]+)"`).FindAllStringSubmatch(string(must(fs.ReadFile(sourceFiles, "texts/format.go"))(t)), -1) {
		keys = append(keys, m[1], m[1]+".one", m[1]+".other")
	}
	return append(keys, "format.ago_moment", "format.in_moment", "name")
}

func TestTheStyleSheetAsksNoOtherHostAndStylesWhatThePagesUse(t *testing.T) {
	css := string(must(fs.ReadFile(staticFiles, "static/desk.css"))(t))
	for _, m := range regexp.MustCompile(`url\("?([^)"]+)`).FindAllStringSubmatch(css, -1) {
		if _, ok := must(loadAssets())(t)[m[1]]; !ok {
			t.Errorf("the style sheet asks for %s", m[1])
		}
	}
	if strings.Contains(css, "@import") || strings.Contains(css, "http") {
		t.Error("the style sheet reaches out")
	}
	for _, name := range must(fs.Glob(templateFiles, "templates/*.html"))(t) {
		page := string(must(fs.ReadFile(templateFiles, name))(t))
		for _, forbidden := range []string{" style=", "<style", "<script", " onclick", "javascript:", "http://", "https://"} {
			if strings.Contains(page, forbidden) {
				t.Errorf("%s holds %q, which the content security policy or a promise forbids", name, forbidden)
			}
		}
		for _, m := range regexp.MustCompile(`class="([^"{}]+)"`).FindAllStringSubmatch(page, -1) {
			for _, class := range strings.Fields(m[1]) {
				if !regexp.MustCompile(`\.` + regexp.QuoteMeta(class) + `\b`).MatchString(css) {
					t.Errorf("%s uses class %q, which the style sheet does not know", name, class)
				}
			}
		}
	}
}
