package kind

import (
	"bytes"
	"encoding/xml"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// s3 reads open buckets of what speaks Amazon's protocol. A bucket is listed flat, a thousand keys at a time, and the
// listing publishes each object's size and mostly its MD5.
func s3() Kind {
	return Kind{
		Name:   "s3",
		Depth:  100_000, // pages of a listing
		Accept: "application/xml, */*;q=0.5",
		Gone: "404 that says NoSuchKey or NoSuchBucket, or a delete marker; 403 means nothing, because a bucket that may not be " +
			"listed answers so for missing keys too",
		Contact: "the abuse desk of the network that serves it: stores of this protocol publish no contact of their own",
		Never:   "subresources (?acl, ?uploads, ?versions, ?restore …), other buckets of the same host",
		never:   []*regexp.Regexp{regexp.MustCompile(`[?&](acl|cors|delete|lifecycle|logging|notification|policy|restore|select|tagging|torrent|uploads|versions|website)(=|&|$)`)},
		header:  func(Spec, *url.URL) http.Header { return http.Header{"X-Amz-Checksum-Mode": {"ENABLED"}} },
		item:    s3Item,
		seeds:   s3Seeds,
		read:    readS3,
		within: func(s Spec, to *url.URL) bool {
			base, prefix := s.bucket()
			rest, ok := strings.CutPrefix(Canonical(to).EscapedPath(), base.EscapedPath())
			return sameHost(base, to) && ok && (rest == "" || strings.HasPrefix(rest, escapeKey(prefix)))
		},
		mean: s3Meaning,
	}
}

// virtualHosts are stores whose bucket stands in the host's name. Elsewhere it is the first segment of the path.
var virtualHosts = regexp.MustCompile(`(?i)^(.+\.s3([.-][a-z0-9-]+)*\.amazonaws\.com(\.cn)?|.+\.storage\.googleapis\.com|.+\.r2\.dev|[^.]+\.[^.]+\.(cdn\.)?digitaloceanspaces\.com|.+\.s3\.[a-z0-9-]+\.(wasabisys|backblazeb2|scw|ovh)\.(com|cloud|net))$`)

// bucket gives the address below which a bucket's objects lie, and the prefix of the keys that the source is about: the
// rest of the path, and what its query calls prefix.
func (s Spec) bucket() (base *url.URL, prefix string) {
	b := *s.Root
	b.RawQuery, b.ForceQuery = "", false
	rest := strings.TrimPrefix(b.Path, "/")
	b.Path, b.RawPath = "/", ""
	if name, more, _ := strings.Cut(rest, "/"); name != "" && !virtualHosts.MatchString(b.Hostname()) {
		b.Path, rest = "/"+name+"/", more
	}
	return &b, rest + s.Root.Query().Get("prefix")
}

func s3Seeds(s Spec) []Link {
	base, prefix := s.bucket()
	q := url.Values{"list-type": {"2"}, "encoding-type": {"url"}, "max-keys": {"1000"}}
	if prefix != "" {
		q.Set("prefix", prefix)
	}
	base.RawQuery = q.Encode()
	return append(given(s), Link{URL: base.String(), Lists: true})
}

// escapeKey writes a key as a path: its slashes stay.
func escapeKey(key string) string {
	return strings.NewReplacer("%2F", "/", "+", "%20").Replace(url.QueryEscape(key))
}

type s3Object struct {
	Key, ETag, LastModified string
	Size                    int64
}

// s3List is what a listing of either version says.
type s3List struct {
	objects            []s3Object
	truncated, encoded bool
	token, marker      string
}

func readS3(s Spec, p Page) (Found, error) {
	list, err := parseS3(p.Body)
	if err != nil {
		return Found{}, err
	}
	f := Found{Recognised: true}
	base, _ := s.bucket()
	last := ""
	for _, o := range list.objects {
		key := o.Key
		if list.encoded { // "+" is a space then
			if plain, err := url.QueryUnescape(key); err == nil {
				key = plain
			}
		}
		last = key
		if strings.HasSuffix(key, "/") && o.Size == 0 {
			continue // what consoles make for an empty folder
		}
		u, err := url.Parse(strings.TrimSuffix(base.String(), "/") + "/" + escapeKey(key))
		if err != nil || Canonical(u).Path != u.Path {
			continue // a key with dot segments has no address that survives the way
		}
		f.Links = append(f.Links, o.link(u, p.Depth+1))
	}
	if next := list.next(p.URL, last); next != nil && p.Depth < s.Depth {
		f.Links = append(f.Links, Link{URL: next.String(), Lists: true, Depth: p.Depth + 1})
	}
	return f, nil
}

func (o s3Object) link(u *url.URL, depth int) Link {
	l := Link{URL: Canonical(u).String(), Matches: true, Depth: depth, Size: o.Size}
	if o.ETag != "" {
		l.Published = []Published{{"s3-etag", o.ETag}}
	}
	if t, err := time.Parse(time.RFC3339Nano, o.LastModified); err == nil {
		l.Modified = t.UTC()
		l.Listed = o.LastModified + " " + strconv.FormatInt(o.Size, 10) + " " + o.ETag
	}
	return l
}

// next is the address of the following page, by the token of version 2 or the marker of version 1; nil at the end.
func (l s3List) next(page *url.URL, last string) *url.URL {
	if !l.truncated {
		return nil
	}
	q := page.Query()
	switch {
	case l.token != "":
		if q.Get("continuation-token") == l.token {
			return nil // a server that gives the same page for ever
		}
		q.Set("continuation-token", l.token)
	case last != "" || l.marker != "":
		marker := l.marker
		if marker != "" && l.encoded {
			if plain, err := url.QueryUnescape(marker); err == nil {
				marker = plain
			}
		}
		if marker == "" {
			marker = last // version 1 without a delimiter leaves it out
		}
		if q.Get("marker") == marker {
			return nil
		}
		q.Del("list-type") // it only knows version 1
		q.Set("marker", marker)
	default:
		return nil
	}
	u := *page
	u.RawQuery = q.Encode()
	return Canonical(&u)
}

// parseS3 walks tokens, so that a listing that breaks off gives what came before.
func parseS3(body []byte) (l s3List, err error) {
	if widestTag(body) > maxTag {
		return l, errCrowded
	}
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimSpace(body)))
	ok, depth, text := false, 0, ""
	for {
		tok, err := d.Token()
		if err != nil || depth > maxNested {
			if !ok {
				return l, errors.New("the page is no listing of a bucket")
			}
			return l, nil
		}
		switch t := tok.(type) {
		case xml.StartElement:
			text = ""
			switch {
			case depth == 0:
				if ok = t.Name.Local == "ListBucketResult"; !ok {
					return l, errors.New("the page is no listing of a bucket")
				}
			case t.Name.Local == "Contents" && depth == 1 && len(l.objects) < maxEntries:
				var o s3Object
				if err := d.DecodeElement(&o, &t); err == nil && o.Key != "" {
					l.objects = append(l.objects, o)
				}
				continue
			}
			depth++
		case xml.CharData:
			text = string(t)
		case xml.EndElement:
			if depth--; depth == 1 {
				l.setting(t.Name.Local, strings.TrimSpace(text))
			}
			text = ""
		}
	}
}

func (l *s3List) setting(name, text string) {
	switch name {
	case "IsTruncated":
		l.truncated = text == "true"
	case "EncodingType":
		l.encoded = text == "url"
	case "NextContinuationToken":
		l.token = text
	case "NextMarker":
		l.marker = text
	}
}

// s3Meaning: only the store's own word is one about the item; a 404 in HTML comes from something in front of it.
func s3Meaning(a Answer) Meaning {
	gone := bytes.Contains(a.Prefix, []byte("NoSuchKey")) || bytes.Contains(a.Prefix, []byte("NoSuchBucket")) ||
		a.Header.Get("X-Amz-Delete-Marker") == "true"
	switch {
	case a.Status == http.StatusNotFound && !gone && (len(a.Prefix) > 0 || a.Header.Get("X-Amz-Request-Id") == ""):
		return Unclear
	case a.Status == http.StatusMethodNotAllowed && gone:
		return Gone
	}
	return meaning(a)
}

// pathHosts are stores whose bucket is the first segment of the path.
var pathHosts = regexp.MustCompile(`(?i)^(s3([.-][a-z0-9-]+)*\.amazonaws\.com(\.cn)?|storage\.googleapis\.com|s3\.[a-z0-9-]+\.(wasabisys|backblazeb2)\.com|[0-9a-f]{32}\.r2\.cloudflarestorage\.com)$`)

// s3Item recognises an object at a well-known store.
func s3Item(u *url.URL) (Link, bool) {
	if u.Scheme != "http" && u.Scheme != "https" {
		return Link{}, false
	}
	key := strings.TrimPrefix(u.Path, "/")
	switch host := u.Hostname(); {
	case virtualHosts.MatchString(host):
	case pathHosts.MatchString(host):
		_, key, _ = strings.Cut(key, "/")
	default:
		return Link{}, false
	}
	if key == "" || strings.HasSuffix(key, "/") {
		return Link{}, false
	}
	return Link{URL: Canonical(u).String(), Matches: true}, true
}
