package crawler

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"unmirror/fingerprints"
	"unmirror/fingerprints/match"
	"unmirror/fingerprints/open"
)

// TestASweepRecognisesReuploadsWithTheRealMatcher proves the whole of this stage: a registered leak, a place with
// re-uploads in other forms among innocent files, and nothing accused that is innocent.
func TestASweepRecognisesReuploadsWithTheRealMatcher(t *testing.T) {
	t.Parallel()
	letter := "Geachte mevrouw Vandersteen-Onbestaand, naar aanleiding van uw consultatie van 12 maart over aanhoudende rugklachten stelt onze " +
		"arts tijdelijk lichter werk voor, zonder tillen boven de vijf kilo en zonder nachtdienst, tot aan de controle in mei. Uw ploegbaas " +
		"Floribert Dhoossche kreeg enkel het formulier met de beperkingen, niet de reden ervan. De verzwegen zwangerschap blijft in uw dossier.\n"
	leak := t.TempDir()
	write(t, filepath.Join(leak, "brief.txt"), letter)
	opener, err := open.New(open.Limits{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = opener.Close() })
	lib, err := fingerprints.Open(t.TempDir(), fingerprints.Keys{Matching: [32]byte{1}, Names: [32]byte{2}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lib.Close() })
	if _, err := lib.AddLeak(t.Context(), opener, fingerprints.AddLeak{Slug: "dienst", Title: "Dienst", Paths: []string{leak}}); err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "a/b/c"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range 15 {
		write(t, filepath.Join(root, fmt.Sprintf("a/recept %d.txt", i)), fmt.Sprintf("Recept %d: neem %d eieren, klop ze los en bak ze in boter op een zacht vuur.", i, i+2))
	}
	var z bytes.Buffer
	zw := zip.NewWriter(&z)
	f, err := zw.Create("x/y.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.Write([]byte(letter))
	_ = zw.Close()
	for name, body := range map[string]string{
		"a/b/c/same.bin": letter, "a/crlf.txt": strings.ReplaceAll(letter, ". ", ".\r\n"), "a/b/all.zip": z.String(),
		"a/excerpt.html": "<html><p>" + strings.Repeat("Iets heel anders over tuinieren in het voorjaar. ", 40) + letter[60:380] + "</html>",
	} {
		write(t, filepath.Join(root, name), body)
	}
	srv := serve(t, http.FileServer(http.Dir(root)))
	m := fingerprints.NewMatcher(lib, opener, 64)
	w := newWorld(t, func(o *Options) {
		o.Generation = lib.Generation
		o.Intake = func(item string) (Intake, error) { return m.Intake(item) }
	})
	sum := w.sweep(Source{Name: "m", Kind: "directory", URL: srv.URL})
	want := []string{srv.URL + "/a/b/all.zip", srv.URL + "/a/b/c/same.bin", srv.URL + "/a/crlf.txt", srv.URL + "/a/excerpt.html"}
	if got := w.urls(); !slices.Equal(got, want) || sum.Errors != 0 || sum.Fetched != 19 {
		t.Errorf("got %v, %+v", got, sum)
	}
	for _, s := range w.got {
		if s.Report.Verdict != match.Matched || s.Report.Best().KnownFile != "brief.txt" || s.Report.Digest == "" {
			t.Errorf("%s: %+v", s.URL, s.Report)
		}
	}
	if sum = w.sweep(Source{Name: "m", Kind: "directory", URL: srv.URL}); sum.Fetched != 0 || sum.Sightings != 4 {
		t.Errorf("second sweep: %+v", sum)
	}
	l, err := w.c.Look(t.Context(), Source{Name: "m", Kind: "directory", URL: srv.URL}, want[3])
	if err != nil || l.Outcome != LookLive {
		t.Errorf("look: %+v, %v", l, err)
	}
}
