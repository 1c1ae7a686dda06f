package demo

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"html"
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// OpenDirectory is an open directory as nginx shows one: folders of files for everybody, most of them innocent.
type OpenDirectory struct {
	site
	mu    sync.Mutex
	files map[string]*stored // by path with a leading slash
}

type stored struct {
	body     []byte
	modified time.Time
	etag     string
	uploaded bool // not part of the innocent stock
	down     bool
}

// StartOpenDirectory listens on addr (a loopback address; port 0 takes a free one) with some 160 innocent files.
func StartOpenDirectory(addr string) (*OpenDirectory, error) {
	d := &OpenDirectory{files: map[string]*stored{}}
	for _, f := range innocents(1, 160) {
		d.put("/"+f.name, f.body, written, false)
	}
	// robots.txt forbids it, so a polite guest never sees it.
	d.put("/private/backup/accounts.txt", []byte("nobody reads this who reads robots.txt\n"), written, false)
	mux := http.NewServeMux()
	d.operator(mux, "Open directory", d.uploads, d.set)
	mux.HandleFunc("GET /robots.txt", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = w.Write([]byte("User-agent: *\nDisallow: /private/\nDisallow: /_operator\n"))
	})
	mux.HandleFunc("GET /", d.serve)
	if err := d.start(addr, mux); err != nil {
		return nil, err
	}
	return d, nil
}

// Put uploads a file; p is its path, such as "/mirror/misc/a.zip". It returns the file's URL.
func (d *OpenDirectory) Put(p string, body []byte) string {
	p = path.Clean("/" + p)
	d.put(p, body, time.Now(), true)
	return d.URL + (&url.URL{Path: p}).EscapedPath()
}

func (d *OpenDirectory) put(p string, body []byte, modified time.Time, uploaded bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	sum := sha256.Sum256(body)
	d.files[p] = &stored{body: body, modified: modified.UTC().Truncate(time.Second), etag: fmt.Sprintf(`"%x-%x"`, modified.Unix(), sum[:6]), uploaded: uploaded}
}

// TakeDown removes a file, given by path or URL; it answers 404 from then on. It returns false when there is none.
func (d *OpenDirectory) TakeDown(p string) bool { return d.set(p, true) }

// Restore puts a file back that was taken down.
func (d *OpenDirectory) Restore(p string) bool { return d.set(p, false) }

func (d *OpenDirectory) set(p string, down bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.files[pathOf(p)]
	if f != nil {
		f.down = down
	}
	return f != nil
}

// pathOf takes a path or a URL.
func pathOf(p string) string {
	if u, err := url.Parse(p); err == nil {
		p = u.Path
	}
	return path.Clean("/" + p)
}

func (d *OpenDirectory) uploads() []upload {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []upload
	for p, f := range d.files {
		if f.uploaded {
			out = append(out, upload{Path: p, Title: path.Base(p), Bytes: len(f.body), Down: f.down})
		}
	}
	slices.SortFunc(out, func(a, b upload) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// Files returns the paths that can be fetched now.
func (d *OpenDirectory) Files() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for p, f := range d.files {
		if !f.down {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return out
}

func (d *OpenDirectory) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Server", "nginx/1.22.1")
	p := r.URL.Path
	if strings.HasSuffix(p, "/") {
		d.list(w, p)
		return
	}
	d.mu.Lock()
	f := d.files[p]
	if f != nil {
		now := *f // it may be taken down while it is served
		f = &now
	}
	isFolder := len(d.children(p+"/")) > 0
	d.mu.Unlock()
	switch {
	case f != nil && !f.down:
		t := mime.TypeByExtension(path.Ext(p))
		if t == "" {
			t = "application/octet-stream"
		}
		w.Header().Set("Content-Type", t)
		w.Header().Set("ETag", f.etag)
		http.ServeContent(w, r, "", f.modified, bytes.NewReader(f.body))
	case f == nil && isFolder:
		http.Redirect(w, r, p+"/", http.StatusMovedPermanently)
	default:
		notFound(w)
	}
}

func notFound(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.Write([]byte("<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n"))
}

// child is one row of a listing.
type child struct {
	name     string // folders end in a slash
	bytes    int
	modified time.Time
}

// children lists a folder, folders first; the caller holds the lock.
func (d *OpenDirectory) children(folder string) []child {
	seen := map[string]child{}
	for p, f := range d.files {
		rest, ok := strings.CutPrefix(p, folder)
		if !ok || f.down || rest == "" {
			continue
		}
		c := child{name: rest, bytes: len(f.body), modified: f.modified}
		if name, _, deeper := strings.Cut(rest, "/"); deeper {
			c = child{name: name + "/", modified: written}
		}
		if old, ok := seen[c.name]; !ok || c.modified.After(old.modified) {
			seen[c.name] = c
		}
	}
	out := make([]child, 0, len(seen))
	for _, c := range seen {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b child) int {
		if x, y := strings.HasSuffix(a.name, "/"), strings.HasSuffix(b.name, "/"); x != y {
			return map[bool]int{true: -1, false: 1}[x]
		}
		return strings.Compare(a.name, b.name)
	})
	return out
}

// list writes a folder as nginx's autoindex does.
func (d *OpenDirectory) list(w http.ResponseWriter, folder string) {
	d.mu.Lock()
	rows := d.children(folder)
	d.mu.Unlock()
	if len(rows) == 0 && folder != "/" {
		notFound(w)
		return
	}
	title := html.EscapeString(folder)
	var b strings.Builder
	fmt.Fprintf(&b, "<html>\r\n<head><title>Index of %s</title></head>\r\n<body>\r\n<h1>Index of %s</h1><hr><pre><a href=\"../\">../</a>\r\n", title, title)
	for _, c := range rows {
		shown, size := c.name, fmt.Sprint(c.bytes)
		if strings.HasSuffix(c.name, "/") {
			size = "-"
		}
		if r := []rune(shown); len(r) > 50 {
			shown = string(r[:47]) + "..>"
		}
		pad := strings.Repeat(" ", max(1, 51-len([]rune(shown))))
		href := url.PathEscape(strings.TrimSuffix(c.name, "/")) + strings.Repeat("/", strings.Count(c.name, "/"))
		fmt.Fprintf(&b, "<a href=\"%s\">%s</a>%s%s %19s\r\n", html.EscapeString(href), html.EscapeString(shown), pad, c.modified.Format("02-Jan-2006 15:04"), size)
	}
	b.WriteString("</pre><hr></body>\r\n</html>\r\n")
	w.Header().Set("Content-Type", "text/html")
	_, _ = w.Write([]byte(b.String()))
}
