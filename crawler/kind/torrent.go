package kind

import (
	"bytes"
	"encoding/hex"
	"errors"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"unmirror/fingerprints/digest"
)

const (
	maxBencode      = 64 // levels of nesting
	maxTorrentFiles = 200_000
	maxBencodes     = 1_000_000 // values
)

// torrent reads .torrent files and pages that link to them. They publish digests of what they share, by which a known
// file is recognised; the swarm is never joined and no tracker asked.
func torrent() Kind {
	return Kind{
		Name:        "torrent",
		Depth:       2,
		Bytes:       true,
		Accept:      "application/x-bittorrent, text/html;q=0.9, */*;q=0.5",
		digestsOnly: true,
		fragment:    true,
		Gone:        "the .torrent file's 404, 410 or 451 at that site; whether the swarm still shares it, nobody is asked",
		Contact:     "a mail address that the site gives for reports",
		Never:       "trackers, web seeds, the swarm; magnet links, which name no file; services that fetch torrents for others",
		never:       neverInPages,
		seeds: func(s Spec) []Link {
			var links []Link
			for _, l := range given(s) {
				l.Lists, l.Matches = true, false
				links = append(links, l)
			}
			return append(links, Link{URL: s.Root.String(), Lists: true})
		},
		read:   readTorrent,
		within: sameHostOnly,
	}
}

func readTorrent(s Spec, p Page) (Found, error) {
	body := bytes.TrimSpace(p.Body[:min(len(p.Body), 64)])
	if bytes.HasPrefix(body, []byte("d")) && len(body) > 1 && body[1] >= '0' && body[1] <= '9' {
		return torrentFiles(p)
	}
	list, base := anchors(p.Body, p.URL)
	f := Found{}
	for _, a := range list {
		if strings.HasPrefix(strings.ToLower(a.href), "magnet:") {
			f.Recognised = true
			continue
		}
		u, err := base.Parse(a.href)
		if err != nil || u.Hostname() == "" || !strings.HasSuffix(strings.ToLower(u.Path), ".torrent") {
			continue
		}
		f.Recognised = true
		if p.Depth < s.Depth && !s.Forbidden(u) {
			f.Links = append(f.Links, Link{URL: Canonical(u).String(), Lists: true, Depth: p.Depth + 1})
		}
	}
	return f, nil
}

// shared is a file of a torrent.
type shared struct {
	path      []string
	size      int64
	published []Published
}

func torrentFiles(p Page) (Found, error) {
	doc, err := parseBencode(p.Body)
	if err != nil {
		return Found{}, err
	}
	info, _ := doc["info"].(map[string]any)
	if info == nil {
		return Found{}, errors.New("the torrent says nothing about its files")
	}
	name := text(info["name"])
	var files []shared
	if tree, ok := info["file tree"].(map[string]any); ok {
		files = treeFiles(tree, nil, files)
	}
	files = append(files, flatFiles(info, name)...)
	f := Found{Recognised: true}
	at := map[string]int{} // a hybrid torrent names each file twice
	for i, sh := range files {
		u := *Canonical(p.URL)
		u.Fragment = "file=" + strconv.Itoa(i+1)
		key := strings.Join(sh.path, "/")
		if j, twice := at[key]; twice {
			f.Links[j].Published = append(f.Links[j].Published, sh.published...)
			continue
		}
		at[key] = len(f.Links)
		f.Links = append(f.Links, Link{URL: u.String(), Matches: true, Depth: p.Depth + 1, Size: sh.size, Published: sh.published, Name: path.Base(key)})
	}
	return f, nil
}

// treeFiles walks the file tree of a v2 torrent (BEP 52).
func treeFiles(tree map[string]any, at []string, out []shared) []shared {
	for _, name := range slices.Sorted(maps.Keys(tree)) {
		node, ok := tree[name].(map[string]any)
		if !ok || len(out) >= maxTorrentFiles {
			continue
		}
		if name != "" {
			out = treeFiles(node, append(at[:len(at):len(at)], name), out)
			continue
		}
		size, _ := node["length"].(int64)
		sh := shared{path: at, size: size}
		if root := text(node["pieces root"]); len(root) == 32 {
			sh.published = []Published{{string(digest.Torrent2), hex.EncodeToString([]byte(root))}}
		}
		if size > 0 && len(at) > 0 {
			out = append(out, sh)
		}
	}
	return out
}

// flatFiles walks the files of a v1 torrent (BEP 3), which lie one behind the other in the pieces; padding files
// (BEP 47) only fill.
func flatFiles(info map[string]any, name string) (out []shared) {
	pieceLength, _ := info["piece length"].(int64)
	pieces := []byte(text(info["pieces"]))
	offset := int64(0)
	add := func(at []string, size int64, padding bool) {
		if size > 0 && !padding && len(at) > 0 && len(out) < maxTorrentFiles {
			sh := shared{path: at, size: size}
			v, err := digest.FromTorrent(digest.File{Offset: offset, Length: size, PieceLength: pieceLength, Pieces: pieces})
			if err == nil {
				sh.published = []Published{{string(v.Kind), hex.EncodeToString([]byte(v.Sum))}}
			}
			out = append(out, sh)
		}
		if size > 0 && offset <= 1<<60 {
			offset += min(size, 1<<60)
		}
	}
	if size, ok := info["length"].(int64); ok && name != "" {
		add([]string{name}, size, false)
		return out
	}
	list, _ := info["files"].([]any)
	for _, e := range list {
		f, _ := e.(map[string]any)
		size, _ := f["length"].(int64)
		segments, _ := f["path"].([]any)
		var at []string
		for _, seg := range segments {
			at = append(at, text(seg))
		}
		add(at, size, strings.Contains(text(f["attr"]), "p") || len(at) > 0 && at[0] == ".pad")
	}
	return out
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

var errBencode = errors.New("the torrent is not in the form of one")

// parseBencode reads a dictionary: texts, whole numbers, lists and dictionaries. What follows it does not matter.
func parseBencode(b []byte) (map[string]any, error) {
	d := bencode{b: b}
	v, ok := d.value(0)
	m, isMap := v.(map[string]any)
	if !ok || !isMap {
		return nil, errBencode
	}
	return m, nil
}

type bencode struct {
	b  []byte
	at int
	n  int // values so far
}

func (d *bencode) value(depth int) (any, bool) {
	if d.n++; d.n > maxBencodes || depth > maxBencode || d.at >= len(d.b) {
		return nil, false
	}
	switch c := d.b[d.at]; {
	case c == 'i':
		end := bytes.IndexByte(d.b[d.at:min(len(d.b), d.at+24)], 'e')
		if end < 0 {
			return nil, false
		}
		n, err := strconv.ParseInt(string(d.b[d.at+1:d.at+end]), 10, 64)
		d.at += end + 1
		return n, err == nil
	case c == 'l':
		d.at++
		var list []any // an empty one takes nothing when it becomes a value
		for d.at < len(d.b) && d.b[d.at] != 'e' {
			v, ok := d.value(depth + 1)
			if !ok {
				return nil, false
			}
			list = append(list, v)
		}
		d.at++
		return list, d.at <= len(d.b)
	case c == 'd':
		return d.dictionary(depth)
	case c >= '0' && c <= '9':
		return d.text()
	}
	return nil, false
}

func (d *bencode) dictionary(depth int) (any, bool) {
	d.at++
	m := map[string]any{}
	for d.at < len(d.b) && d.b[d.at] != 'e' {
		k, ok := d.text()
		if !ok {
			return nil, false
		}
		if m[k], ok = d.value(depth + 1); !ok {
			return nil, false
		}
	}
	d.at++
	return m, d.at <= len(d.b)
}

func (d *bencode) text() (string, bool) {
	colon := bytes.IndexByte(d.b[d.at:min(len(d.b), d.at+12)], ':')
	if colon < 1 {
		return "", false
	}
	n, err := strconv.Atoi(string(d.b[d.at : d.at+colon]))
	from := d.at + colon + 1
	if err != nil || n < 0 || n > len(d.b)-from {
		return "", false
	}
	d.at = from + n
	return string(d.b[from : from+n]), true
}
