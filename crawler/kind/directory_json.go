package kind

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// directoryRow is an entry of Caddy's {name,size,url,mod_time,is_dir}, nginx's {name,type,mtime,size}, whose time is a
// text, lighttpd's, whose time is a number, or {base,type} of Node's serve, whose name lacks its ending.
type directoryRow struct {
	Name, Base, URL, Type string
	MTime                 json.RawMessage
	ModTime               time.Time `json:"mod_time"`
	IsDir                 bool      `json:"is_dir"`
	Size                  json.RawMessage
}

func (r directoryRow) dir() bool {
	return r.IsDir || r.Type == "directory" || r.Type == "dir" || r.Type == "folder" || strings.HasSuffix(r.Name, "/")
}

func (r directoryRow) modified() time.Time {
	if !r.ModTime.IsZero() {
		return r.ModTime.UTC()
	}
	if secs := looseInt(r.MTime); secs > 0 {
		return time.Unix(secs, 0).UTC()
	}
	t, err := time.Parse(time.RFC1123, strings.Trim(string(r.MTime), `"`))
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// readDirectoryJSON reads entry by entry, so that a listing that was cut gives what came before. Caddy is then asked for
// the rest, which it gives in pieces of a limit from an offset.
func readDirectoryJSON(s Spec, p Page, body []byte) (Found, error) {
	d := json.NewDecoder(bytes.NewReader(rowsOf(body)))
	if tok, err := d.Token(); err != nil || tok != json.Delim('[') {
		if err == nil && tok == nil {
			return Found{Recognised: true}, nil // Caddy writes an empty folder as null
		}
		// encoding/json quotes the input in its messages, and the input names files.
		return Found{}, errors.New("the JSON listing cannot be read")
	}
	f, here := Found{Recognised: true}, s.folderAt(p, p.URL)
	n, caddy := 0, false
	var err error
	for d.More() && len(f.Links) < maxAnchors {
		var r directoryRow
		if err = d.Decode(&r); err != nil {
			break
		}
		n++
		caddy = caddy || r.URL != "" && !r.ModTime.IsZero()
		if l, ok := here.row(r); ok {
			f.Links = append(f.Links, l)
		}
	}
	if err == nil {
		var end json.Token
		if end, err = d.Token(); err == nil && end != json.Delim(']') {
			err = errCrowded // more than one page gives: the rest is asked for
		}
	}
	if err != nil && n == 0 {
		return Found{}, errors.New("the JSON listing cannot be read")
	}
	if next := caddyRest(p.URL, n, err != nil); next != nil && caddy {
		f.Links = append(f.Links, Link{URL: next.String(), Lists: true, Depth: p.Depth})
	}
	return f, nil
}

// rowsOf gives the list of a folder that is an object; anything else as it is.
func rowsOf(body []byte) []byte {
	var o struct{ Files json.RawMessage }
	if bytes.HasPrefix(body, []byte("{")) && json.Unmarshal(body, &o) == nil && bytes.HasPrefix(o.Files, []byte("[")) {
		return o.Files
	}
	return body
}

// row makes a link of an entry.
func (f rowsIn) row(r directoryRow) (Link, bool) {
	if r.Base != "" {
		r.Name = r.Base
	}
	isDir, href := r.dir(), r.URL
	if href == "" {
		href = (&url.URL{Path: "./" + strings.TrimSuffix(r.Name, "/")}).EscapedPath()
	}
	if isDir && !strings.HasSuffix(href, "/") {
		href += "/"
	}
	l, ok := f.entry(href, isDir)
	if !ok || r.Name == "" {
		return Link{}, false
	}
	size, err := strconv.ParseInt(string(r.Size), 10, 64) // serve writes "3.5 KB"
	if err == nil && size >= 0 && !isDir {
		l.Size = size
	}
	if at := r.modified(); !at.IsZero() {
		l.Modified = at
		if isDir {
			l.Listed = at.Format(time.RFC3339Nano)
		} else if err == nil {
			l.Listed = at.Format(time.RFC3339Nano) + " " + strconv.FormatInt(size, 10)
		}
	}
	return l, true
}

// maxOffset ends the paging of a server that gives the same for every offset.
const maxOffset = 1_000_000

// caddyRest is where a folder goes on of which a page held n entries; nil when it ends there.
func caddyRest(page *url.URL, n int, cut bool) *url.URL {
	q := page.Query()
	limit, _ := strconv.Atoi(q.Get("limit"))
	offset, _ := strconv.Atoi(q.Get("offset"))
	if !cut && (limit == 0 || n < limit) || n == 0 || offset < 0 || offset > maxOffset {
		return nil
	}
	if cut && (limit == 0 || n < limit) {
		limit = n // what fits one page
	}
	u := *page
	u.RawQuery = url.Values{"limit": {strconv.Itoa(limit)}, "offset": {strconv.Itoa(offset + n)}}.Encode()
	return Canonical(&u)
}
