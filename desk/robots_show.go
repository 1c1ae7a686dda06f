package desk

import "net/http"

// robotsShow keeps search engines to the one page that somebody may look for. A page under /alerts/ has a token in its address.
func (d *desk) robotsShow(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=86400")
	_, _ = w.Write([]byte("User-agent: *\nDisallow: /\nAllow: /alerts$\nAllow: /static/\n"))
}
