package layers

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

func project(t *testing.T) []*File {
	t.Helper()
	files, err := Parse(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 10 {
		t.Fatalf("only %d files: this is not the project's folder", len(files))
	}
	return files
}

func TestImportsRunOneWay(t *testing.T) {
	for _, f := range Directions(project(t)) {
		t.Error(f)
	}
}

func TestImportChainsAreShort(t *testing.T) {
	if chain := Depth(project(t)); len(chain)-1 > maxDepth {
		t.Errorf("%d imports in a row: %s", len(chain)-1, strings.Join(chain, " → "))
	}
}

func TestStyleOfTheHouse(t *testing.T) {
	for _, f := range Style(project(t)) {
		t.Error(f)
	}
}

// sample parses one invented file.
func sample(t *testing.T, name, text string) []*File {
	t.Helper()
	files, err := Parse(fstest.MapFS{name: {Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestDirectionsOfSamples(t *testing.T) {
	for _, tc := range []struct {
		file, imports string
		refused       bool
	}{
		{"main.go", "desk", false},
		{"cmd_sweep.go", "crawler/kind", false},
		{"desk/queue_show.go", "takedown", false},
		{"desk/queue_show.go", "takedown/law", false},
		{"desk/queue_show.go", "crawler", true},
		{"desk/queue_show.go", "config", true},
		{"takedown/draft.go", "fingerprints/match", false},
		{"takedown/draft.go", "fingerprints", true},
		{"takedown/draft.go", "fingerprints/matching", true},
		{"takedown/law/law.go", "takedown/notice", false},
		{"takedown/draft.go", "crawler", true},
		{"takedown/draft.go", "alerts", true},
		{"takedown/draft_test.go", "fingerprints", false},
		{"crawler/sweep.go", "fingerprints", false},
		{"crawler/sweep.go", "crawler/kind", false},
		{"crawler/plane/sqlite.go", "store", false},
		{"crawler/plane/sqlite.go", "store/storetest", true},
		{"crawler/sweep.go", "takedown", true},
		{"crawler/kind/haste.go", "takedown", true},
		{"fingerprints/leak.go", "fingerprints/index", false},
		{"fingerprints/leak.go", "store", true},
		{"fingerprints/match/match.go", "fingerprints", true},
		{"fingerprints/match/match.go", "internal/guard", true},
		{"store/store.go", "internal/keyring", true},
		{"store/store.go", "takedown", true},
		{"store/storetest/store.go", "internal/keyring", false},
		{"config/config.go", "internal/guard", true},
		{"internal/account/account.go", "store", false},
		{"internal/account/account.go", "takedown", true},
		{"internal/post/post.go", "internal/guard", false},
		{"internal/post/post.go", "internal/testneeds", true},
		{"internal/post/posttest/server.go", "internal/testneeds", false},
		{"internal/demo/story.go", "crawler", false},
		{"internal/demo/people/people.go", "takedown", false},
		{"internal/demonstration/x.go", "takedown", true},
		{"scanner/scan.go", "store", true},
	} {
		got := Directions(sample(t, tc.file, "package x\n\nimport _ \""+module+"/"+tc.imports+"\"\n"))
		if (len(got) > 0) != tc.refused {
			t.Errorf("%s imports %s: %v, refused should be %v", tc.file, tc.imports, got, tc.refused)
		}
	}
}

func TestDepthCountsTheLongestChain(t *testing.T) {
	files, err := Parse(fstest.MapFS{
		"main.go":  {Data: []byte("package main\nimport _ \"unmirror/a\"\nimport _ \"fmt\"\n")},
		"a/a.go":   {Data: []byte("package a\nimport _ \"unmirror/b\"\nimport _ \"unmirror/c\"\n")},
		"b/b.go":   {Data: []byte("package b\nimport _ \"unmirror/c\"\n")},
		"c/c.go":   {Data: []byte("package c\nimport _ \"unmirror/c/d\"\n")},
		"c/d/d.go": {Data: []byte("package d\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(Depth(files), " "); got != ". a b c c/d" {
		t.Errorf("got %s", got)
	}
}

func TestStyleOfSamples(t *testing.T) {
	const head = "// Package x is invented. It never runs.\npackage x\n\n"
	long := "func f() {\n" + strings.Repeat("\tprintln()\n", maxFunction-1) + "}\n"
	for _, tc := range []struct{ name, file, text, want string }{
		{"good", "x/x.go", head + "func f() {}\n", ""},
		{"no comment", "x/x.go", "package x\n", "has no package comment"},
		{"a comment that is none", "x/x.go", "// Some words that never say it.\npackage x\n", `does not begin with "Package x "`},
		{"a comment without a limit", "x/x.go", "// Package x does all.\npackage x\n", "never does"},
		{"a command", "x/x.go", "// Command x never sleeps.\npackage main\n", ""},
		{"long function", "x/x.go", head + long, "f has 81 lines, more than 80"},
		{"function just short enough", "x/x.go", head + strings.Replace(long, "\tprintln()\n", "", 1), ""},
		{"long function of a test", "x/x_test.go", "package x\n\n" + long, ""},
		{"long file", "x/x.go", head + strings.Repeat("\n", maxFile), "lines, more than 500"},
		{"init", "x/x.go", head + "func init() {}\n", "func init"},
		{"a method called init", "x/x.go", head + "type t int\n\nfunc (t) init() {}\n", ""},
		{"cut chain", "x/x.go", head + "import \"fmt\"\n\nfunc f(err error) error { return fmt.Errorf(\"open: %v\", err) }\n", "cuts the chain"},
		{"cut chain over two literals", "x/x.go", head + "import \"fmt\"\n\nfunc f(readErr error) error { return fmt.Errorf(\"open\"+\": %s\", readErr) }\n", "cuts the chain"},
		{"one of two cut", "x/x.go", head + "import \"fmt\"\n\nfunc f(err, err2 error) error { return fmt.Errorf(\"%w, %v\", err, err2) }\n", "cuts the chain"},
		{"text of an error", "x/x.go", head + "import \"fmt\"\n\nfunc f(err error) error { return fmt.Errorf(\"%s\", err.Error()) }\n", "cuts the chain"},
		{"new from text", "x/x.go", head + "import \"errors\"\n\nfunc f(err error) error { return errors.New(\"open: \" + err.Error()) }\n", "cuts the chain"},
		{"wrapped", "x/x.go", head + "import \"fmt\"\n\nfunc f(err error) error { return fmt.Errorf(\"%d: %w\", 1, err) }\n", ""},
		{"no error in it", "x/x.go", head + "import \"fmt\"\n\nfunc f(terrace, erratum string) error { return fmt.Errorf(\"%s %s\", terrace, erratum) }\n", ""},
		{"cut chain in a test", "x/x_test.go", "package x\n\nimport \"fmt\"\n\nfunc f(err error) error { return fmt.Errorf(\"open: %v\", err) }\n", "cuts the chain"},
		{"old log", "x/x.go", head + "import _ \"log\"\n", "imports log"},
		{"old log that prints", "x/x.go", head + "import \"log\"\n\nfunc f() { log.SetOutput(nil); log.Print(1) }\n", "imports log"},
		{"old log that is only muted", "x/x.go", head + "import \"log\"\n\nfunc f() { log.SetOutput(nil) }\n", ""},
		{"old log of a test's server", "x/xtest/x.go", head + "import _ \"log\"\n", ""},
		{"log line put together", "x/x.go", head + "func f(log l, s string) { log.Info(\"found \" + s) }\n", "not constant"},
		{"log line with a context, put together", "x/x.go", head + "func (d t) f(s string) { d.o.Log.WarnContext(ctx, s) }\n", "not constant"},
		{"log attribute put together", "x/x.go", head + "func f(s string) { slog.Error(\"found\", \"what\", fmt.Sprintf(\"%s\", s)) }\n", "put together by fmt"},
		{"log attribute with a type's name", "x/x.go", head + "func f(p any) { log.Error(\"panicked\", \"type\", fmt.Sprintf(\"%T\", p)) }\n", ""},
		{"log line with attributes", "x/x.go", head + "func (d t) f(s string) { d.log.ErrorContext(ctx, \"found\", \"case\", s) }\n", ""},
		{"an Error that is no log", "x/x.go", head + "func f(err error, s string) { http.Error(w, s, 500) }\n", ""},
		{"slog", "x/x.go", head + "import _ \"log/slog\"\n", ""},
		{"vague folder", "x/util/x.go", head, "says nothing"},
		{"mutex", "x/x.go", head + "import \"sync\"\n\nvar mu sync.Mutex\n", "mu is a sync.Mutex"},
		{"atomic", "x/x.go", head + "import \"sync/atomic\"\n\nvar p atomic.Pointer[int]\n", "p is a atomic.Pointer"},
		{"counter", "x/x.go", head + "var n int\n\nfunc f() { n++ }\n", "n is changed"},
		{"map", "x/x.go", head + "var m = map[int]int{}\n\nfunc f() { m[1] = 2 }\n", "m is changed"},
		{"field", "x/x.go", head + "var s struct{ a []int }\n\nfunc f() { (s.a)[0] = 1 }\n", "s is changed"},
		{"hidden by a local", "x/x.go", head + "var n int\n\nfunc f() { n := 1; n++; _ = n }\n", ""},
		{"hidden by a parameter", "x/x.go", head + "var n int\n\nfunc f(n int) { n = 2; _ = n }\n", ""},
		{"a field of the same name", "x/x.go", head + "var n int\n\ntype t struct{ n int }\n\nfunc (x *t) f() { x.n = 2 }\n", ""},
		{"constant variables", "x/x.go", head + "import \"regexp\"\n\nvar re = regexp.MustCompile(`x`)\n\nvar list = []string{\"a\"}\n", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := Style(sample(t, tc.file, tc.text))
			switch {
			case tc.want == "" && len(got) > 0:
				t.Errorf("found %v", got)
			case tc.want != "" && len(got) != 1:
				t.Errorf("found %v, want one with %q", got, tc.want)
			case tc.want != "" && !strings.Contains(got[0].What, tc.want):
				t.Errorf("found %v, want %q", got[0], tc.want)
			}
		})
	}
}

func TestStateIsSeenAcrossTheFilesOfAPackage(t *testing.T) {
	const head = "// Package x is invented. It never runs.\npackage x\n\n"
	files, err := Parse(fstest.MapFS{
		"x/a.go": {Data: []byte(head + "var count int\n\nvar name string\n")},
		"x/b.go": {Data: []byte("package x\n\nimport \"unmirror/name\"\n\nfunc f() { count = 1; name.X = 2 }\n")},
		"y/y.go": {Data: []byte(strings.ReplaceAll(head, "x", "y") + "func f(count int) { count = 1 }\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := Style(files)
	if len(got) != 1 || got[0].File != "x/b.go" || got[0].Line != 5 || !strings.Contains(got[0].What, "count is changed") {
		t.Errorf("found %v", got)
	}
}
