package kind

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// archiveOrg reads items of the Internet Archive. An item's metadata name each file with its size, MD5, SHA-1 and CRC-32,
// so that a known file is mostly recognised without fetching it.
func archiveOrg() Kind {
	return Kind{
		Name:   "archiveorg",
		Depth:  1,
		Accept: "application/json, */*;q=0.5",
		Untried: "read as the metadata API's documents and recorded answers of its form have it; it is one place, which was " +
			"not visited for trying",
		Gone:    "metadata that are empty ({}) or say that the item is dark; 404 of a file; 403 of a file means restricted, not gone",
		Contact: "info@archive.org, as the Archive's terms name it for removal",
		Never:   "archive-now; borrowing, which is a log-in; other items",
		never:   neverInPages,
		check:   needArchiveItem,
		key:     func(s Spec, key string) *url.URL { return at(archiveBase(s.Root), "metadata/"+key, "") },
		item:    archiveItem,
		seeds:   archiveSeeds,
		read:    readArchive,
		within:  func(s Spec, to *url.URL) bool { return sameHost(s.Root, to) || archiveHost(s.Root) && archiveHost(to) },
		mean:    archiveMeaning,
	}
}

func archiveBase(root *url.URL) *url.URL { return base(root, "/details/", "/metadata/", "/download/") }

func archiveHost(u *url.URL) bool {
	h := strings.ToLower(u.Hostname())
	return h == "archive.org" || strings.HasSuffix(h, ".archive.org") && h != "web.archive.org"
}

// archiveName reads an item's identifier and the file, if any, out of an address.
func archiveName(u *url.URL) (id, file string, ok bool) {
	for _, p := range []string{"/details/", "/metadata/", "/download/"} {
		if _, after, found := strings.Cut(u.Path, p); found {
			id, file, _ = strings.Cut(after, "/")
			return id, file, archiveID.MatchString(id)
		}
	}
	return "", "", false
}

var archiveID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.@-]{1,120}$`)

func needArchiveItem(s Spec) error {
	if _, _, ok := archiveName(s.Root); !ok && len(s.Items) == 0 {
		return errors.New("items: kind archiveorg does not search: give items by identifier or address, or an item's address as url")
	}
	return nil
}

func archiveSeeds(s Spec) (links []Link) {
	items := s.Items
	if _, _, ok := archiveName(s.Root); ok {
		items = append([]*url.URL{s.Root}, items...)
	}
	for _, u := range items {
		id, _, ok := archiveName(u)
		if !ok {
			continue
		}
		links = append(links, Link{URL: at(archiveBase(u), "metadata/"+id, "").String(), Lists: true, Elsewhere: true})
	}
	return links
}

func archiveItem(u *url.URL) (Link, bool) {
	id, file, ok := archiveName(u)
	if !ok || !archiveHost(u) || file == "" || strings.HasSuffix(file, "/") || !strings.Contains(u.Path, "/download/") {
		return Link{}, false
	}
	return Link{URL: at(&url.URL{Scheme: "https", Host: "archive.org", Path: "/"}, "download/"+id+"/"+file, "").String(), Matches: true, Name: path.Base(file)}, true
}

func readArchive(s Spec, p Page) (Found, error) {
	var doc struct {
		IsDark   bool `json:"is_dark"`
		Error    string
		Metadata struct{ Identifier json.RawMessage }
		Files    []struct {
			Name, Source, Private string
			Size, MTime           json.RawMessage
			MD5, SHA1, CRC32      string
			Format                string
		}
	}
	if err := json.Unmarshal(p.Body, &doc); err != nil {
		return Found{}, errors.New("the metadata cannot be read")
	}
	id, _, ok := archiveName(p.URL)
	if !ok {
		return Found{}, errors.New("the address is no item's metadata")
	}
	f := Found{Recognised: true} // an empty object too: the item is not there any more
	for _, file := range doc.Files {
		if file.Name == "" || file.Source == "metadata" || len(f.Links) >= maxEntries || doc.IsDark {
			continue // what the Archive wrote itself
		}
		u := at(archiveBase(p.URL), "download/"+id+"/"+file.Name, "")
		l := Link{URL: u.String(), Matches: true, Depth: p.Depth + 1, Elsewhere: true, Name: path.Base(file.Name), Size: looseInt(file.Size)}
		for kind, text := range map[string]string{"md5": file.MD5, "sha1": file.SHA1, "crc32": file.CRC32} {
			if text != "" && strings.Trim(text, "0") != "" {
				l.Published = append(l.Published, Published{kind, text})
			}
		}
		slices.SortFunc(l.Published, func(a, b Published) int { return strings.Compare(b.Kind, a.Kind) }) // the strongest first
		if at := looseInt(file.MTime); at > 0 && l.Size > 0 {
			l.Modified = time.Unix(at, 0).UTC()
			l.Listed = strconv.FormatInt(at, 10) + " " + strconv.FormatInt(l.Size, 10) + " " + file.SHA1
		}
		f.Links = append(f.Links, l)
	}
	return f, nil
}

// looseInt reads a number that may stand in quotes; 0 when it is none.
func looseInt(raw json.RawMessage) int64 {
	n, err := strconv.ParseInt(strings.Trim(string(raw), `"`), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// archiveMeaning: the metadata of what is not there are an empty object, with 200.
func archiveMeaning(a Answer) Meaning {
	if a.Status == http.StatusOK && a.URL != nil && strings.Contains(a.URL.Path, "/metadata/") {
		body := bytes.TrimSpace(a.Prefix)
		if bytes.Equal(body, []byte("{}")) || bytes.Equal(body, []byte("[]")) || darkItem.Match(body) {
			return Gone
		}
	}
	return meaning(a)
}

var darkItem = regexp.MustCompile(`"is_dark"\s*:\s*true`)
