package crawler

import (
	"strings"
	"testing"
)

func TestAProxyThatIsDownIsNamedAsTheCulprit(t *testing.T) {
	t.Parallel()
	srv := serve(t, pages(map[string]string{"/": listing("a")}))
	for _, scheme := range []string{"socks5h", "http"} {
		w := newWorld(t, nil)
		sum := w.sweep(Source{Name: "s", Kind: "directory", URL: srv.URL, Proxy: scheme + "://127.0.0.1:9"})
		if !strings.Contains(sum.Reason, "the source's proxy: the connection is refused") {
			t.Errorf("%s: %q", scheme, sum.Reason)
		}
	}
}
