package crawler

import (
	"log/slog"
	"strings"
	"testing"
)

func TestDebugTellsOfEachRequestWithoutItsAddress(t *testing.T) {
	s := serve(t, pages(map[string]string{
		"/": `<title>Index of /</title><a href="Vandersteen-Mieke.txt">x</a><a href="gone-Onbestaand.txt">y</a>`, "/Vandersteen-Mieke.txt": secret,
	}))
	w := newWorld(t, nil)
	w.sweep(Source{Name: "mirror", Kind: "directory", URL: s.URL + "/"})
	told := 0
	for line := range strings.Lines(w.log.String()) {
		if !strings.Contains(line, "msg=asked") {
			continue
		}
		told++
		for _, want := range []string{"level=DEBUG", "source=mirror", "item=", "host=127.0.0.1:", "status=", "bytes=", "ms="} {
			if !strings.Contains(line, want) {
				t.Errorf("no %s in %s", want, line)
			}
		}
	}
	if told < 3 || !strings.Contains(w.log.String(), "status=404") {
		t.Errorf("%d requests told", told)
	}
	for _, never := range []string{"Vandersteen", "Onbestaand", ".txt", "http://"} {
		if strings.Contains(w.log.String(), never) {
			t.Errorf("the log holds %s", never)
		}
	}
	quiet := newWorld(t, func(o *Options) { o.Log = slog.New(slog.DiscardHandler) })
	quiet.sweep(Source{Name: "mirror", Kind: "directory", URL: s.URL + "/"})
}
