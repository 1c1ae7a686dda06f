package crawler

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"unmirror/crawler/plane"
)

// smallMirror is a folder of small files that a test changes, served as nginx does, or with the folder's own time as Go does.
type smallMirror struct {
	t    *testing.T
	root string
	old  time.Time
}

func newMirror(t *testing.T) *smallMirror {
	m := &smallMirror{t: t, root: t.TempDir(), old: time.Now().Add(-50 * time.Hour).Truncate(time.Second)}
	for d := range 4 {
		for f := range 10 {
			m.put(fmt.Sprintf("d%d/doc%d.txt", d, f), strings.Repeat("calm ", 200))
		}
	}
	m.put("d2/known.txt", secret)
	m.age()
	return m
}

func (m *smallMirror) put(name, text string) {
	m.t.Helper()
	p := filepath.Join(m.root, name)
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
		m.t.Fatal(err)
	}
	if err := os.Chtimes(p, m.old, m.old); err != nil {
		m.t.Fatal(err)
	}
}

// age makes the folders old, which putting files there made new.
func (m *smallMirror) age() {
	m.t.Helper()
	list, err := os.ReadDir(m.root)
	if err != nil {
		m.t.Fatal(err)
	}
	for _, d := range list {
		if err := os.Chtimes(filepath.Join(m.root, d.Name()), m.old.Add(time.Hour), m.old.Add(time.Hour)); err != nil {
			m.t.Fatal(err)
		}
	}
}

// asNginx lists folders as nginx does, without a validator.
func (m *smallMirror) asNginx() http.Handler {
	files := http.FileServer(http.Dir(m.root))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		list, err := os.ReadDir(filepath.Join(m.root, r.URL.Path))
		if err != nil {
			files.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprintf(w, "<html><head><title>Index of %[1]s</title></head><body><h1>Index of %[1]s</h1><hr><pre>", r.URL.Path)
		for _, e := range list {
			i, err := e.Info()
			if err != nil {
				continue
			}
			name, size := e.Name(), fmt.Sprint(i.Size())
			if e.IsDir() {
				name, size = name+"/", "-"
			}
			_, _ = fmt.Fprintf(w, "<a href=\"%s\">%s</a>%s%19s %19s\n", name, name, strings.Repeat(" ", 40), i.ModTime().UTC().Format("02-Jan-2006 15:04"), size)
		}
	})
}

func (s *site) folders() (out []string) {
	for _, v := range s.visitors() {
		if strings.HasSuffix(v.path, "/") && v.status == http.StatusOK {
			out = append(out, v.path)
		}
	}
	return out
}

func TestFoldersWhoseTimeStandsStillAreNotReadAgain(t *testing.T) {
	m := newMirror(t)
	for name, h := range map[string]http.Handler{"nginx": m.asNginx(), "Go": http.FileServer(http.Dir(m.root))} {
		s := serve(t, h)
		w := newWorld(t, nil)
		src := Source{Name: "m", Kind: "directory", URL: s.URL + "/", RevisitMax: time.Hour, RevisitFolders: time.Hour}
		first := w.sweep(src)
		s.forget()
		again := w.sweep(src)
		if again.Listed != first.Listed || again.Sightings != 1 || again.Unchanged != first.Listed || again.Errors != 0 {
			t.Errorf("%s: %+v, then %+v", name, first, again)
		}
		if got := s.folders(); name == "nginx" && !slices.Equal(got, []string{"/"}) {
			t.Errorf("%s: read again: %v", name, got)
		}
		if name == "nginx" && again.Requests > 2 {
			t.Errorf("requests for what stands still: %v", s.paths())
		}
		if name == "Go" && again.Bytes*10 > first.Bytes {
			t.Errorf("%s: %d of %d bytes", name, again.Bytes, first.Bytes)
		}
	}
}

func TestWhatChangesInAFolderThatWasNotReadIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		change func(m *smallMirror, w *world, src *Source)
		want   int64 // sightings
	}{
		"a new file with an old date": {func(m *smallMirror, _ *world, _ *Source) { m.put("d1/new.txt", secret) }, 2},
		"a file renamed over another": {func(m *smallMirror, _ *world, _ *Source) {
			m.put("other", secret)
			if err := os.Rename(filepath.Join(m.root, "other"), filepath.Join(m.root, "d0/doc1.txt")); err != nil {
				m.t.Fatal(err)
			}
		}, 2},
		"the known file taken away": {func(m *smallMirror, _ *world, _ *Source) {
			if err := os.Remove(filepath.Join(m.root, "d2/known.txt")); err != nil {
				m.t.Fatal(err)
			}
		}, 0},
		"a new index": {func(_ *smallMirror, w *world, _ *Source) { w.gen++ }, 1},
		"in its place, after some time": {func(m *smallMirror, _ *world, src *Source) {
			m.put("d1/doc2.txt", secret+"!")
			m.age()
			src.RevisitFolders = 1
		}, 2},
		"nothing is left alone": {func(m *smallMirror, _ *world, src *Source) {
			m.put("d1/doc2.txt", secret+"!")
			m.age()
			src.RevisitFolders = 0
		}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMirror(t)
			s := serve(t, m.asNginx())
			w := newWorld(t, nil)
			src := Source{Name: "m", Kind: "directory", URL: s.URL + "/", RevisitMax: time.Hour, RevisitFolders: time.Hour}
			w.sweep(src)
			c.change(m, w, &src)
			if got := w.sweep(src); got.Sightings != c.want || got.Errors != 0 {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestLargeFilesFoldersAreReadInEverySweep(t *testing.T) {
	m := newMirror(t)
	for f := range 4 {
		m.put(fmt.Sprintf("large/%d.txt", f), strings.Repeat("calm ", 50_000))
	}
	m.age()
	s := serve(t, m.asNginx())
	w := newWorld(t, nil)
	src := Source{Name: "m", Kind: "directory", URL: s.URL + "/", RevisitMax: time.Hour, RevisitFolders: time.Hour}
	w.sweep(src)
	s.forget()
	w.sweep(src)
	if got := s.folders(); !slices.Equal(got, []string{"/", "/large/"}) {
		t.Errorf("%v", got)
	}
}

func TestAMirrorOfSmallFilesCostsNextToNothingTheSecondTime(t *testing.T) {
	for _, s := range servers() {
		t.Run(s.name, func(t *testing.T) {
			if s.name == "python" {
				t.Skip("it shows no times, so that every file is asked for, with its time")
			}
			m := newMirror(t)
			for d := range 4 {
				for f := range 50 {
					m.put(fmt.Sprintf("d%d/small%d.txt", d, f), strings.Repeat("calm ", 1000))
				}
			}
			m.age()
			base, _ := launch(t, s, m.root)
			w := newWorld(t, nil)
			src := Source{Name: "m", Kind: "directory", URL: base, RevisitMax: time.Hour, RevisitFolders: time.Hour}
			first := w.sweep(src)
			again := w.sweep(src)
			if first.Listed != 241 || again.Listed != first.Listed || again.Sightings != 1 || again.Errors != 0 {
				t.Errorf("%+v, then %+v", first, again)
			}
			if again.Bytes*100 > first.Bytes {
				t.Errorf("%d of %d bytes", again.Bytes, first.Bytes)
			}
		})
	}
}

func TestRowsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		items := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) plane.Item {
			return plane.Item{URL: rapid.String().Draw(t, "url"), Listed: rapid.String().Draw(t, "listed"), Size: rapid.Int64Min(0).Draw(t, "size"), Matches: true}
		}), 1, 20).Draw(t, "items")
		b, err := packRows(items)
		if err != nil {
			t.Fatal(err)
		}
		got, err := unpackRows(b)
		if err != nil || len(got) != len(items) {
			t.Fatalf("%d of %d: %v", len(got), len(items), err)
		}
	})
	if _, err := unpackRows([]byte("no rows")); err == nil {
		t.Error("rubbish was taken for rows")
	}
}

func TestRoughSizesAreRead(t *testing.T) {
	t.Parallel()
	for shown, want := range map[string]int64{
		"2026-11-20 12:20 4.9K": 5017, "2026-Nov-20 12:20:00 1.0M text/plain": 1 << 20, "20-Nov-2026 12:20 -": 0, "62 KB": 62 << 10, "": 0,
	} {
		if got := roughSize(plane.Item{Listed: shown}); got != want {
			t.Errorf("%q: %d", shown, got)
		}
	}
	if roughSize(plane.Item{Size: 7, Listed: "9K"}) != 7 {
		t.Error("the exact size counts")
	}
}
