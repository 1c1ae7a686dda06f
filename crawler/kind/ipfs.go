package kind

import (
	"bytes"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"

	"unmirror/fingerprints/digest"
)

// ipfs reads one gateway. An address there is a digest of the content, so a known file of usual layout is recognised by
// its address alone. Everything is asked with only-if-cached: without it the gateway would fetch the content from its
// peers and provide it again.
func ipfs() Kind {
	return Kind{
		Name:   "ipfs",
		Depth:  8,
		Accept: "text/html, application/json;q=0.9, */*;q=0.5",
		Sends:  SendsDigests,
		Gone: "410 and 451, by which gateways refuse what is on a deny list, and 404 that does not speak of missing blocks; 412 " +
			"only says that this gateway does not have it at hand",
		Contact: "the gateway's own abuse address; the content itself belongs to no host",
		Never:   "anything without only-if-cached; the node's programming interface (/api/v0); joining the network",
		never:   compileAll(`/api/v0(/|$)`),
		header:  func(Spec, *url.URL) http.Header { return http.Header{"Cache-Control": {"only-if-cached"}} },
		key: func(s Spec, key string) *url.URL {
			return at(base(s.Root, "/ipfs/"), "ipfs/"+strings.TrimPrefix(strings.TrimPrefix(key, "ipfs://"), "/ipfs/"), "")
		},
		item:  ipfsItem,
		seeds: ipfsSeeds,
		read:  readIPFS,
		within: func(s Spec, to *url.URL) bool {
			return sameHost(s.Root, to) || s.Root.Port() == to.Port() && strings.HasSuffix(to.Hostname(), ".ipfs."+s.Root.Hostname())
		},
		mean: ipfsMeaning,
	}
}

// cidOf reads the CID of an address and what follows it; false when there is none.
func cidOf(u *url.URL) (cid, rest string, ok bool) {
	if label, host, found := strings.Cut(u.Hostname(), ".ipfs."); found && host != "" {
		cid, rest = label, strings.Trim(u.Path, "/")
	} else if after, found := strings.CutPrefix(u.Path, "/ipfs/"); found {
		cid, rest, _ = strings.Cut(after, "/")
	}
	if !cidForm.MatchString(cid) {
		return "", "", false
	}
	return cid, strings.Trim(rest, "/"), true
}

var cidForm = regexp.MustCompile(`^(Qm[1-9A-HJ-NP-Za-km-z]{44}|[bB][A-Za-z2-7]{50,110}|z[1-9A-HJ-NP-Za-km-z]{40,110}|[fF][0-9A-Fa-f]{60,160}|k[0-9a-z]{50,110})$`)

// ipfsLink is an item at a gateway: a file, or a folder that is listed.
func ipfsLink(u *url.URL, depth int) (Link, bool) {
	cid, rest, ok := cidOf(u)
	if !ok {
		return Link{}, false
	}
	l := Link{URL: Canonical(u).String(), Matches: true, Depth: depth, Name: path.Base(rest)}
	if rest == "" {
		l.Name = u.Query().Get("filename")
		if _, err := digest.Parse(digest.CID, cid); err == nil {
			l.Published = []Published{{string(digest.CID), cid}}
		}
	}
	return l, true
}

func ipfsItem(u *url.URL) (Link, bool) { return ipfsLink(u, 0) }

func ipfsSeeds(s Spec) (links []Link) {
	for _, u := range append([]*url.URL{s.Root}, s.Items...) {
		if l, ok := ipfsLink(u, 1); ok {
			l.Lists, l.Elsewhere = true, true
			links = append(links, l)
		}
	}
	return append(links, s.asked("/routing/v1/providers/", "", func(d Digests) string { return rawCID(d.SHA256) })...)
}

// rawCID is the address of a file of one block by its SHA-256; empty for what is none.
func rawCID(sha256 string) string {
	sum, err := hex.DecodeString(sha256)
	if err != nil || len(sum) != 32 {
		return ""
	}
	b := append([]byte{1, 0x55, 0x12, 32}, sum...)
	return "b" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))
}

func readIPFS(s Spec, p Page) (Found, error) {
	if cid, ok := strings.CutPrefix(p.URL.Path, "/routing/v1/providers/"); ok {
		return providers(p, cid)
	}
	if !bytes.Contains(p.Body, []byte("/ipfs/")) {
		return Found{}, errors.New("the page is no folder of a gateway")
	}
	f := Found{Recognised: true}
	list, base := anchors(p.Body, p.URL)
	here := folder(p.URL)
	for _, a := range list {
		u, err := base.Parse(a.href)
		if err != nil || u.Hostname() == "" {
			continue
		}
		if u.RawQuery == "" && under(here, u) && Canonical(u).Path != here.Path { // by name: the digest comes in another link
			l := Link{URL: Canonical(u).String(), Matches: true, Depth: p.Depth + 1, Name: path.Base(u.Path), Lists: p.Depth < s.Depth}
			f.Links = append(f.Links, l)
			continue
		}
		if name := u.Query().Get("filename"); name != "" && len(f.Links) > 0 {
			if l, ok := ipfsLink(u, 0); ok && f.Links[len(f.Links)-1].Name == name {
				f.Links[len(f.Links)-1].Published = l.Published
			}
		}
	}
	return f, nil
}

// providers reads who has a content: if anybody, the gateway is asked whether it serves it.
func providers(p Page, cid string) (Found, error) {
	found := false
	for line := range bytes.Lines(p.Body) { // one object, or one a line
		var doc struct {
			Providers []json.RawMessage
			ID        string
		}
		if err := json.Unmarshal(line, &doc); err != nil {
			return Found{}, errors.New("the list of providers cannot be read")
		}
		found = found || len(doc.Providers) > 0 || doc.ID != ""
	}
	f := Found{Recognised: true}
	if !found {
		return f, nil
	}
	u := *p.URL
	u.Path, u.RawPath, u.RawQuery = "/ipfs/"+cid, "", ""
	if l, ok := ipfsLink(&u, p.Depth+1); ok {
		f.Links = []Link{l}
	}
	return f, nil
}

func ipfsMeaning(a Answer) Meaning {
	if a.Status == http.StatusNotFound && missingBlock.Match(a.Prefix) {
		return Unclear
	}
	return meaning(a)
}

var missingBlock = regexp.MustCompile(`(?i)not found locally|offline|no providers|could not find|routing: not found|ipld:`)
