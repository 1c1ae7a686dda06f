package kind

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// directory reads the folder listings of nginx (HTML, JSON, XML, fancyindex), Apache (list, preformatted, table),
// lighttpd (HTML and JSON), Caddy (JSON and HTML), Python's http.server and IIS.
func directory() Kind {
	return Kind{
		Name:    "directory",
		Depth:   8,
		Folders: true,
		Accept:  "application/json, text/html;q=0.9, */*;q=0.5", // Caddy answers JSON; the others do not care
		Gone:    "what plain servers mean: 404, 410 and 451",
		Contact: "a mail address that a listing gives for reports; else its host's abuse desk",
		Never:   "sort links (?C=…), anything above the root folder or on another host",
		seeds:   func(s Spec) []Link { return []Link{{URL: folder(s.Root).String(), Lists: true}} },
		read:    readDirectory,
		within:  func(s Spec, to *url.URL) bool { return sameHost(s.Root, to) && under(folder(s.Root), to) },
	}
}

// folder gives the address of the listing itself: without query, ending in a slash.
func folder(u *url.URL) *url.URL {
	f := *u
	f.RawQuery, f.ForceQuery = "", false
	if !strings.HasSuffix(f.Path, "/") {
		f.Path, f.RawPath = f.Path+"/", ""
	}
	return &f
}

// under compares escaped paths, so that "%2F" inside a segment opens nothing; an escaped "..", which some servers
// still resolve, is never under anything.
func under(root, to *url.URL) bool {
	return !climbs(to) && strings.HasPrefix(Canonical(to).EscapedPath(), Canonical(root).EscapedPath())
}

// climbs reports whether a path has a step upwards that some servers still resolve.
func climbs(u *url.URL) bool {
	return strings.Contains(u.Path, "/../") || strings.HasSuffix(u.Path, "/..")
}

func readDirectory(s Spec, p Page) (Found, error) {
	trimmed := bytes.TrimLeft(p.Body, " \t\r\n\xef\xbb\xbf")
	switch {
	case p.Type == "application/json" || bytes.HasPrefix(trimmed, []byte("[")):
		return readDirectoryJSON(s, p, trimmed)
	case bytes.HasPrefix(trimmed, []byte("<?xml")) && bytes.Contains(trimmed[:min(len(trimmed), 200)], []byte("<list>")):
		return readDirectoryXML(s, p, trimmed)
	}
	list, base := anchors(p.Body, p.URL)
	iis := bytes.Contains(p.Body, []byte("[To Parent Directory]")) || bytes.Contains(p.Body, []byte("&lt;dir&gt;"))
	f := Found{Recognised: listingTitle.Match(p.Body[:min(len(p.Body), 16<<10)]) || iis || emptyPre.Match(p.Body)}
	foreign, here := 0, s.folderAt(p, base)
	for _, a := range list {
		shown := a.after
		if iis {
			shown = a.before
		}
		l, ok := here.entry(a.href, strings.HasSuffix(a.href, "/"))
		if !ok {
			foreign++
			continue
		}
		if l.Listed, l.Modified, l.Size = signature(shown); isDir(l) {
			l.Listed, l.Size = timed(shown, l.Modified), 0
		}
		f.Links = append(f.Links, l)
	}
	// Servers with a theme or no title at all (Go's file server) are given away by dates, or by linking nothing but
	// what lies below.
	f.Recognised = f.Recognised || dated(f.Links) || len(f.Links) > 0 && foreign <= 1
	return f, nil
}

var listingTitle = regexp.MustCompile(`(?i)<(title|h1|h2)[^>]*>\s*(index of|directory listing (for|of)|listing of|listing:|[^<]{1,200} - /)`)

var emptyPre = regexp.MustCompile(`^\s*(<!doctype html>)?\s*(<meta[^>]*>\s*)*<pre>\s*</pre>\s*$`)

func dated(links []Link) bool {
	n := 0
	for _, l := range links {
		if l.Listed != "" && !isDir(l) {
			n++
		}
	}
	return n > 0 && n*2 >= len(links)
}

// rowsIn is a folder whose rows are read.
type rowsIn struct {
	s    Spec
	p    Page
	base *url.URL // what links are relative to
	path string   // of the folder, escaped
}

func (s Spec) folderAt(p Page, base *url.URL) rowsIn {
	return rowsIn{s, p, base, Canonical(folder(p.URL)).EscapedPath()}
}

// entry makes a link of one row; false for sort links, the parent, and whatever is not below this folder.
func (f rowsIn) entry(href string, isDir bool) (Link, bool) {
	u, err := f.base.Parse(href)
	if err != nil || href == "" || strings.HasPrefix(href, "#") {
		return Link{}, false
	}
	if u.RawQuery != "" || u.ForceQuery || !sameHost(f.p.URL, u) {
		return Link{}, false
	}
	u = Canonical(u)
	if path := u.EscapedPath(); climbs(u) || !strings.HasPrefix(path, f.path) || path == f.path {
		return Link{}, false
	}
	l := Link{URL: u.String(), Depth: f.p.Depth + 1, Lists: isDir, Matches: !isDir}
	if isDir && (l.Depth > f.s.Depth || circling(u.Path)) {
		return Link{}, false
	}
	return l, true
}

// circling recognises a link that leads a folder into itself: the same three names in a row, or one name six times.
func circling(path string) bool {
	seg := strings.Split(strings.Trim(path, "/"), "/")
	count := map[string]int{}
	for i, name := range seg {
		if count[name]++; count[name] >= 6 {
			return true
		}
		if i >= 2 && seg[i-1] == name && seg[i-2] == name {
			return true
		}
	}
	return false
}

// The ways in which listings write a time, each with its layout and, so that the expression is tried only where it can be
// found, with the shape of its part that is always there: 0 is a digit, A and a are letters.
var shownTimes = []struct {
	shape  string
	re     *regexp.Regexp
	layout []string
}{
	{"0000-00-00T00:00:00", regexp.MustCompile(`\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})`), []string{time.RFC3339Nano}},
	{"0000-00-00 00:00", regexp.MustCompile(`\d{4}-\d{2}-\d{2} \d{2}:\d{2}(:\d{2})?`), []string{"2006-01-02 15:04:05", "2006-01-02 15:04"}},
	{"00-Aaa-0000 00:00", regexp.MustCompile(`\d{2}-[A-Z][a-z]{2}-\d{4} \d{2}:\d{2}(:\d{2})?`), []string{"02-Jan-2006 15:04:05", "02-Jan-2006 15:04"}},
	{"0000-Aaa-00 00:00", regexp.MustCompile(`\d{4}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}(:\d{2})?`), []string{"2006-Jan-02 15:04:05", "2006-Jan-02 15:04"}},
	{"/0000 ", regexp.MustCompile(`\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2} [AP]M`), []string{"1/2/2006 3:04 PM"}},
}

// shaped reports whether a text holds a shape.
func shaped(text, shape string) bool {
	for at := 0; at+len(shape) <= len(text); at++ {
		n := 0
		for n < len(shape) && ofShape(text[at+n], shape[n]) {
			n++
		}
		if n == len(shape) {
			return true
		}
	}
	return false
}

func ofShape(c, shape byte) bool {
	switch shape {
	case '0':
		return '0' <= c && c <= '9'
	case 'A':
		return 'A' <= c && c <= 'Z'
	case 'a':
		return 'a' <= c && c <= 'z'
	}
	return c == shape
}

var shownSize = regexp.MustCompile(`(^|\s)\d+([.,]\d+)?\s?([KMGTP]?i?B?|[kmgt]|bytes)(\s|$)`)

// signature reads what stands beside a link: only a text with both a time and a size can show a change.
// The size is given where the listing writes it out in full.
func signature(shown string) (listed string, at time.Time, size int64) {
	for _, f := range shownTimes {
		if !shaped(shown, f.shape) {
			continue
		}
		where := f.re.FindStringIndex(shown)
		if where == nil {
			continue
		}
		for _, layout := range f.layout {
			text := shown[where[0]:where[1]]
			if len(f.layout) > 1 && len(text) != len(layout) {
				continue
			}
			t, err := time.Parse(layout, text)
			if err != nil {
				continue
			}
			rest := shown[:where[0]] + " " + shown[where[1]:]
			size = exactSize(rest)
			if size == 0 && !shownSize.MatchString(rest) { // an exact one is shown
				return "", t, 0
			}
			return shown, t, size
		}
	}
	return "", time.Time{}, 0
}

// isDir says that a link leads to a folder.
func isDir(l Link) bool { return l.Lists && !l.Matches }

// timed is what stands beside a folder, whose size says nothing, when there is a time in it.
func timed(shown string, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return shown
}

// exactSize is the one whole number in a text; 0 when there is none or more than one.
func exactSize(text string) int64 {
	found := int64(0)
	for _, word := range strings.Fields(text) {
		n, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			if strings.ContainsAny(word, "0123456789") {
				return 0 // "0.1K", or a unit that stands apart
			}
			continue
		}
		if found != 0 || n < 0 {
			return 0
		}
		found = n
	}
	if strings.Contains(text, "B") || strings.Contains(text, "bytes") { // "62 KB"
		return 0
	}
	return found
}

// readDirectoryXML reads nginx's autoindex_format xml.
func readDirectoryXML(s Spec, p Page, body []byte) (Found, error) {
	type row struct {
		Name  string    `xml:",chardata"`
		MTime time.Time `xml:"mtime,attr"`
		Size  string    `xml:"size,attr"`
	}
	if widestTag(body) > maxTag {
		return Found{}, errCrowded
	}
	f := Found{Recognised: true}
	here := s.folderAt(p, p.URL)
	add := func(r row, isDir bool) {
		href := (&url.URL{Path: "./" + r.Name}).EscapedPath()
		if isDir {
			href += "/"
		}
		l, ok := here.entry(href, isDir)
		if !ok {
			return
		}
		if l.Modified = r.MTime; isDir && !r.MTime.IsZero() {
			l.Listed = r.MTime.Format(time.RFC3339)
		} else if !r.MTime.IsZero() && r.Size != "" {
			l.Listed = fmt.Sprint(r.MTime.Format(time.RFC3339), " ", r.Size)
			l.Size = looseInt([]byte(r.Size))
		}
		f.Links = append(f.Links, l)
	}
	d := xml.NewDecoder(bytes.NewReader(body))
	for deep := nesting(0); len(f.Links) < maxAnchors; {
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil && len(f.Links) == 0 || deep.tooDeep(tok) {
			return Found{}, errors.New("the XML listing cannot be read")
		}
		if err != nil {
			break // a long listing is cut by our own limit: what came before counts
		}
		t, ok := tok.(xml.StartElement)
		if !ok || t.Name.Local != "directory" && t.Name.Local != "file" {
			continue
		}
		deep-- // its end is read with it
		var r row
		if err := d.DecodeElement(&r, &t); err == nil {
			add(r, t.Name.Local == "directory")
		}
	}
	return f, nil
}
