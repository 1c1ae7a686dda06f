package kind

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// plik reads uploads of Plik servers, whose description names each file with its MD5 and size. There is no list of
// uploads. Every file is asked for by HEAD first, which is safe: one for a single download says there that it must not be
// stored, and is never fetched; its published digest may still settle it.
func plik() Kind {
	return Kind{
		Name:     "plik",
		Depth:    1,
		fragment: true,
		Never:    "files for one download, and streams: only their published digests are compared",
		Gone:     "404 of a file or an upload; a file whose status in its upload's description is no longer \"uploaded\" is not listed",
		Contact:  "abuseContact of /config, read at each sweep",
		ask:      true,
		mayGet:   plikMayGet,
		check:    needItems("plik", "\"https://plik.example/#/?id=t4BCJLoZXvuaveTX\""),
		item:     plikItem,
		key:      keyed("/upload/", "/file/", "/config"),
		seeds: func(s Spec) []Link {
			b := s.plikBase()
			return append(seeds(s, func(u *url.URL) (Link, bool) { return plikOwn(b, u) }), about(at(b, "config", "")))
		},
		read: readPlik,
		within: func(s Spec, to *url.URL) bool { // a server may redirect to a host of its own for downloads
			return sameHost(s.Root, to) || plikFile.MatchString(to.Path)
		},
	}
}

func (s Spec) plikBase() *url.URL { return base(s.Root, "/upload/", "/file/", "/config") }

// plikOnce marks the address of a file that must not be fetched, whatever its head says.
const plikOnce = "once"

// plikMayGet: of what is for one download, the head forbids any store to keep it.
func plikMayGet(a Answer) bool {
	return a.Status == http.StatusOK && !strings.Contains(strings.ToLower(a.Header.Get("Cache-Control")), "no-store") &&
		(a.URL == nil || a.URL.Fragment != plikOnce)
}

var (
	plikID   = regexp.MustCompile(`^[A-Za-z0-9]{16}$`)
	plikFile = regexp.MustCompile(`/(file|stream)/([A-Za-z0-9]{16})/[A-Za-z0-9]{16}/[^/]+$`)
)

// plikUpload reads the upload's id in any of its addresses.
func plikUpload(b, u *url.URL) (string, bool) {
	if at := strings.Index(u.Fragment, "?"); at >= 0 {
		if q, err := url.ParseQuery(u.Fragment[at+1:]); err == nil && plikID.MatchString(q.Get("id")) {
			return q.Get("id"), true
		}
	}
	path, _ := rest(b, u)
	for _, p := range []string{"upload/", "archive/", "file/"} {
		path = strings.TrimPrefix(path, p)
	}
	id, _, _ := strings.Cut(path, "/")
	return id, plikID.MatchString(id)
}

// plikOwn makes a configured address or id the upload's description, which is listed: it says what is in it.
func plikOwn(b, u *url.URL) (Link, bool) {
	id, ok := plikUpload(b, u)
	return Link{URL: at(b, "upload/"+id, "").String(), Lists: true}, ok
}

// plikItem: a link found elsewhere is not listed, so an upload's page stands for the archive of all its files.
func plikItem(u *url.URL) (Link, bool) {
	if m := plikFile.FindStringSubmatch(u.Path); m != nil && m[1] == "file" {
		return Link{URL: Canonical(u).String()}, true
	}
	page := *u
	page.Fragment = ""
	if !strings.HasPrefix(u.Fragment, "/?id=") {
		return Link{}, false
	}
	b := base(&page)
	id, ok := plikUpload(b, u)
	return Link{URL: at(b, "archive/"+id+"/archive.zip", "").String()}, ok
}

func readPlik(s Spec, p Page) (Found, error) {
	if strings.HasSuffix(p.URL.Path, "/config") {
		var c struct{ AbuseContact string }
		ok := object(p.Body, &c)
		return Found{Recognised: ok, Contact: mailAddress(c.AbuseContact)}, nil
	}
	var up struct {
		ID              string
		OneShot, Stream bool
		Files           []struct {
			ID, FileName, FileMd5, Status string
			FileSize                      int64
		}
	}
	if !object(p.Body, &up) || up.ID == "" {
		return Found{}, nil
	}
	f := Found{Recognised: true}
	for _, file := range up.Files {
		if file.Status != "uploaded" || !plikID.MatchString(file.ID) || len(f.Links) >= maxEntries {
			continue
		}
		u := at(s.plikBase(), "file/"+up.ID+"/"+file.ID+"/"+strings.ReplaceAll(file.FileName, "/", "_"), "")
		if up.OneShot || up.Stream {
			u.Fragment = plikOnce
		}
		l := Link{URL: u.String(), Matches: true, Depth: p.Depth + 1, Elsewhere: true, Name: file.FileName, Size: file.FileSize}
		if file.FileMd5 != "" {
			l.Published = []Published{{Kind: "md5", Text: file.FileMd5}}
		}
		f.Links = append(f.Links, l)
	}
	return f, nil
}
