package canary

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"unmirror/fingerprints"
	"unmirror/fingerprints/match"
	"unmirror/fingerprints/open"
	"unmirror/store"
	"unmirror/store/storetest"
)

func TestMain(m *testing.M) {
	open.Child()
	os.Exit(m.Run())
}

const contact = "https://watch.example/contact"

func TestACanarySaysWhatItIs(t *testing.T) {
	t.Parallel()
	c := New(storetest.New(t))
	for _, kind := range Kinds() {
		dir := filepath.Join(t.TempDir(), "new")
		var registered []string
		made, err := c.Make(t.Context(), Order{Dir: dir, Source: "pastes", Kind: kind, N: 3, Contact: contact,
			Register: func(_ context.Context, paths []string) error { registered = paths; return nil }})
		if err != nil || len(made) != 3 || len(registered) != 3 {
			t.Fatalf("%s: %v, %v, %v", kind, made, registered, err)
		}
		seen := map[string]bool{}
		for _, m := range made {
			raw, err := os.ReadFile(m.Path)
			if err != nil {
				t.Fatal(err)
			}
			text := readable(t, kind, raw)
			if !strings.Contains(text, "synthetic") || !strings.Contains(text, "nobody in it exists") || !strings.Contains(text, contact) {
				t.Errorf("%s does not say what it is", m.Path)
			}
			if seen[text] || len(text) < 1500 || filepath.Ext(m.Path) != "."+kind {
				t.Errorf("%s: %d bytes, twice: %v", m.Path, len(text), seen[text])
			}
			seen[text] = true
		}
	}
	rows, err := c.List(t.Context())
	if err != nil || len(rows) != 12 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, r := range rows {
		if r.State != Fresh || r.Source != "pastes" || r.FirstSeen != nil || r.Rate != nil || r.ID == "" {
			t.Errorf("got %+v", r)
		}
	}
}

// readable is what a reader of the file sees.
func readable(t *testing.T, kind string, raw []byte) string {
	t.Helper()
	switch kind {
	case "csv":
		rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
		if err != nil || len(rows) < 20 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
	case "docx", "zip":
		z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			t.Fatal(err)
		}
		var all bytes.Buffer
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := all.ReadFrom(r); err != nil {
				t.Fatal(err)
			}
		}
		return all.String()
	}
	return string(raw)
}

func TestWhatCannotBeRegisteredIsNotPlanted(t *testing.T) {
	t.Parallel()
	c := New(storetest.New(t))
	dir := t.TempDir()
	broken := errors.New("the index is full")
	_, err := c.Make(t.Context(), Order{Dir: dir, Kind: "txt", N: 2, Register: func(context.Context, []string) error { return broken }})
	left, _ := os.ReadDir(dir)
	rows, _ := c.List(t.Context())
	if !errors.Is(err, broken) || len(left) != 0 || len(rows) != 0 {
		t.Errorf("%v, %d files, %d rows", err, len(left), len(rows))
	}
	for _, o := range []Order{{Dir: dir, Kind: "exe", N: 1}, {Dir: dir, Kind: "txt"}, {Dir: dir, Kind: "txt", N: Most + 1}} {
		if _, err := c.Make(t.Context(), o); err == nil {
			t.Errorf("made %+v", o)
		}
	}
}

// TestEachCanaryIsRecognisedAndNoOther registers real canaries and matches each: whole, and as other kinds of file carry
// the same line of warning.
func TestEachCanaryIsRecognisedAndNoOther(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("opens files in child processes")
	}
	ring := storetest.Ring(t)
	l, err := fingerprints.Open(t.TempDir(), fingerprints.Keys{Matching: ring.Matching, Names: ring.Names})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	o, err := open.New(open.DefaultLimits(), 2)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = o.Close() }()
	c := New(storetest.New(t))
	m := fingerprints.NewMatcher(l, o, 64)
	var all []Made
	for _, kind := range Kinds() {
		made, err := c.Make(t.Context(), Order{Dir: t.TempDir(), Source: "pastes", Kind: kind, N: 2, Contact: contact, Register: func(ctx context.Context, paths []string) error {
			_, err := l.AddLeak(ctx, o, fingerprints.AddLeak{Slug: Slug, Title: "Canaries", Paths: paths})
			return err
		}})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, made...)
	}
	for i, made := range all {
		raw, err := os.ReadFile(made.Path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(made.Path, ".txt") {
			raw = append([]byte("<html><body><pre>\n"), append(raw, "\n</pre></body></html>"...)...) // as a paste site shows it
		}
		r := m.Match(t.Context(), "item", bytes.NewReader(raw), int64(len(raw)))
		names, rest := Split(r, 64)
		if len(names) != 1 || names[0] != filepath.Base(made.Path) || rest.Verdict != match.None || len(rest.Matches) != 0 {
			t.Errorf("%s: found %v, left %+v", made.Path, names, rest)
		}
		known, err := c.Observe(t.Context(), "pastes", time.Now(), names)
		again, err2 := c.Observe(t.Context(), "mirror", time.Now(), append(names, "nobody.txt"))
		if known || again || err != nil || err2 != nil {
			t.Errorf("%d: %v, %v, %v, %v", i, known, again, err, err2)
		}
	}
	rows, err := c.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.State != Seen || r.FirstSeen == nil || r.Delay == nil || *r.Delay < 0 || len(r.SeenAt) != 2 {
			t.Errorf("got %+v", r)
		}
	}
}

func TestALeakBesideACanaryStaysALeak(t *testing.T) {
	t.Parallel()
	leak := match.Match{Leak: "idewe", KnownFile: "a.txt", Bits: 90}
	weak := match.Match{Leak: "idewe", KnownFile: "b.txt", Bits: 20}
	mine := match.Match{Leak: Slug, KnownFile: "x.zip!/y.csv", Bits: 900, Coverage: 1}
	line := match.Match{Leak: Slug, KnownFile: "z.txt", Bits: 80, Coverage: 0.05}
	for name, c := range map[string]struct {
		in      []match.Match
		verdict match.Verdict
		names   string
		want    match.Verdict
		left    int
	}{
		"both":            {[]match.Match{mine, leak}, match.Matched, "x.zip", match.Matched, 1},
		"with a weak one": {[]match.Match{mine, weak}, match.Matched, "x.zip", match.Weak, 1},
		"alone":           {[]match.Match{mine}, match.Matched, "x.zip", match.None, 0},
		"only its line":   {[]match.Match{line}, match.Matched, "", match.None, 0},
		"a leak alone":    {[]match.Match{leak}, match.Matched, "", match.Matched, 1},
		"nothing":         {nil, match.None, "", match.None, 0},
		"unreadable":      {nil, match.Unreadable, "", match.Unreadable, 0},
	} {
		names, rest := Split(match.Report{Verdict: c.verdict, Matches: c.in}, 64)
		if strings.Join(names, " ") != c.names || rest.Verdict != c.want || len(rest.Matches) != c.left {
			t.Errorf("%s: %v, %+v", name, names, rest)
		}
	}
}

func TestARetiredCanaryCountsNoMore(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	c := New(st)
	made, err := c.Make(t.Context(), Order{Dir: t.TempDir(), Kind: "txt", N: 2, Register: func(context.Context, []string) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range made { // made for nowhere in particular: where they are found is where they were planted
		if _, err := c.Observe(t.Context(), "pastes", time.Now(), []string{filepath.Base(m.Path)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := st.Write(t.Context(), func(tx *store.Tx) error { return Passed(tx, "pastes", time.Now()) }); err != nil {
		t.Fatal(err)
	}
	if f, err := c.Figures(t.Context()); err != nil || f["pastes"].Planted != 2 {
		t.Errorf("%+v, %v", f, err)
	}
	if err := c.Retire(t.Context(), []string{made[0].ID, "canary_nobody"}); err == nil {
		t.Error("one that does not exist was retired")
	}
	if err := c.Retire(t.Context(), []string{made[0].ID}); err != nil {
		t.Fatal(err)
	}
	if f, err := c.Figures(t.Context()); err != nil || f["pastes"].Planted != 1 {
		t.Errorf("%+v, %v", f, err)
	}
}
