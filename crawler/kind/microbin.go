package kind

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// microbin reads MicroBin servers: the page of public pastes, or the JSON list where the source's address is that one.
// The JSON list also names unlisted and private pastes, which are passed over.
func microbin() Kind {
	return Kind{
		Name:    "microbin",
		Depth:   1,
		Accept:  "text/html, application/json;q=0.9, */*;q=0.5",
		Untried: "read as its source code has it; it was not run here",
		Never:   "pastes that are not public; pastes that end after so many readings; the forms that edit or remove",
		Gone:    "404; older versions answer 200 with \"Pasta not found! :-(\"",
		Contact: "none is published by the software: the host of the server",
		never:   append([]*regexp.Regexp{regexp.MustCompile(`(?i)/(edit|remove|edit_private|auth|auth_[a-z_]+|admin|qr)(/|$)`)}, neverInPages...),
		seeds: func(s Spec) []Link {
			b, list := base(s.Root, "/list", "/pastalist", "/api/"), s.Root
			if !strings.Contains(s.Root.Path, "list") && !strings.Contains(s.Root.Path, "/api/") {
				list = at(b, "list", "")
			}
			return seeds(s, func(u *url.URL) (Link, bool) { return microbinOwn(b, u) }, list)
		},
		read:   readMicrobin,
		key:    keyed("/list", "/pastalist", "/api/"),
		within: sameHostOnly,
		mean:   microbinMeaning,
	}
}

var microbinID = regexp.MustCompile(`^[A-Za-z0-9-]{2,80}$`)

func microbinOwn(b, u *url.URL) (Link, bool) {
	id, ok := rest(b, u)
	if !ok {
		return Link{}, false
	}
	shown := false
	for _, p := range []string{"upload/", "pasta/", "p/", "raw/", "url/", "u/"} {
		if after, cut := strings.CutPrefix(id, p); cut {
			id, shown = after, true
			break
		}
	}
	if !microbinID.MatchString(id) || !shown && !strings.Contains(id, "-") && len(id) < 3 {
		return Link{}, false
	}
	return Link{URL: at(b, "raw/"+id, "").String()}, true
}

func readMicrobin(s Spec, p Page) (Found, error) {
	b := base(s.Root, "/list", "/pastalist", "/api/")
	if body := bytes.TrimSpace(p.Body); bytes.HasPrefix(body, []byte("[")) || bytes.HasPrefix(body, []byte("{")) {
		return readMicrobinJSON(b, p)
	}
	f := Found{Recognised: bytes.Contains(bytes.ToLower(p.Body), []byte("microbin"))}
	list, from := anchors(p.Body, p.URL)
	for _, a := range list {
		u, err := from.Parse(a.href)
		if err != nil {
			continue
		}
		path, ok := rest(b, u)
		if !ok || !strings.HasPrefix(path, "upload/") && !strings.HasPrefix(path, "pasta/") && !strings.HasPrefix(path, "p/") {
			continue
		}
		if l, ok := microbinOwn(b, u); ok && len(f.Links) < maxEntries {
			l.Matches, l.Depth = true, p.Depth+1
			f.Links, f.Recognised = append(f.Links, l), true
		}
	}
	return f, nil
}

func readMicrobinJSON(b *url.URL, p Page) (Found, error) {
	type paste struct {
		ID               word
		Privacy          string
		BurnAfterReads   int64 `json:"burn_after_reads"`
		PastaType        string
		CreatedAt, Reads int64
	}
	list, err := entries[paste](p.Body, "pastas", "pastes", "data")
	if err != nil {
		return Found{}, err
	}
	f := Found{Recognised: true}
	for _, e := range list {
		if e.Privacy == "public" && e.BurnAfterReads == 0 && microbinID.MatchString(string(e.ID)) {
			f.Links = append(f.Links, Link{URL: at(b, "raw/"+string(e.ID), "").String(), Matches: true, Depth: p.Depth + 1})
		}
	}
	return f, nil
}

func microbinMeaning(a Answer) Meaning {
	if a.Status == http.StatusOK && strings.HasPrefix(strings.TrimSpace(string(a.Prefix)), "Pasta not found") && len(a.Prefix) < 64 {
		return Gone
	}
	return meaning(a)
}
