package desk

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
)

//go:embed static/*.css static/*.svg static/*.woff2
var staticFiles embed.FS

type asset struct {
	body          []byte
	mime, version string
}

// assets are the embedded files by name.
type assets map[string]asset

func loadAssets() (assets, error) {
	types := map[string]string{".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
	out := assets{}
	entries, err := fs.ReadDir(staticFiles, "static")
	if err != nil {
		return nil, fmt.Errorf("list assets: %w", err)
	}
	for _, e := range entries {
		body, err := fs.ReadFile(staticFiles, "static/"+e.Name())
		if err != nil {
			return nil, fmt.Errorf("read asset %s: %w", e.Name(), err)
		}
		sum := sha256.Sum256(body)
		out[e.Name()] = asset{body: body, mime: types[path.Ext(e.Name())], version: hex.EncodeToString(sum[:6])}
	}
	return out, nil
}

// path is an asset's address, which changes with its content.
func (a assets) path(name string) string { return "/static/" + name + "?v=" + a[name].version }

func (d *desk) assetShow(w http.ResponseWriter, r *http.Request) {
	a, ok := d.assets[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", a.mime)
	h.Set("ETag", `"`+a.version+`"`)
	h.Set("Cache-Control", "public, max-age=86400")
	if r.URL.Query().Get("v") == a.version {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if r.Header.Get("If-None-Match") == h.Get("ETag") {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(a.body)
}
