package config

import (
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
)

// consistent checks what concerns more than one value.
func (r *reader) consistent(c *Config) {
	if what := badFolders(c.Data, c.KeysDir()); what != "" {
		blamed := "keys"
		if _, ok := r.places["keys"]; !ok {
			blamed = "data"
		}
		r.blameKey(blamed, "%s", what)
	}
	if list := distinct(c.Evidence.Recipients); len(list) == 1 {
		r.blameKey("evidence.recipients", "has one recipient; name two at least, so that one lost key does not lose the evidence")
	}
	if t := c.Evidence.TimestampAuthority; t.URL != "" && t.CA == "" {
		r.blameKey("evidence.timestamp_authority.url", "is set without evidence.timestamp_authority.ca: tokens could not be verified")
	}
	r.mail(c)
	r.fleet(c)
	r.sources(c)
	r.recipients(c)
	r.doubts(c)
}

func (r *reader) mail(c *Config) {
	if d := c.Mail.DKIM; (d.Selector == "") != !d.Key.IsSet() {
		r.blameKey("mail.dkim", "needs both a selector and a key")
	}
	if u, err := url.Parse(c.Mail.IMAP.Reveal()); err == nil && u.Host != "" && u.User.Username() == "" {
		r.blameKey("mail.imap", "names no user: write imaps://user@host")
	}
	u, err := url.Parse(c.Mail.SMTP.Reveal())
	if err != nil || u.Host == "" {
		return // empty, or blamed already
	}
	if c.Mail.From == "" {
		r.blameKey("mail.smtp", "is set, but mail.from is empty: nothing can be sent without a sender")
	}
	if u.User == nil || loopback(u.Hostname()) {
		return
	}
	if c.Mail.TLS == "none" && u.Scheme == "smtp" {
		r.blameKey("mail.tls", "is none, but mail.smtp has a user: a password goes without TLS on loopback only")
	}
}

// fleet checks that keys travel under a token and over TLS.
func (r *reader) fleet(c *Config) {
	f := c.Fleet
	if (f.Listen != "" || f.Coordinator != "") && !f.Token.IsSet() {
		at := "fleet.listen"
		if f.Listen == "" {
			at = "fleet.coordinator"
		}
		r.blameKey(at, "is set, but fleet.token is not: workers and coordinator know each other by it")
	}
	if (f.Listen != "" || f.Coordinator != "") && !c.Redis.URL.IsSet() {
		r.warn("fleet.* is set, but redis.url is empty: this is no fleet")
	}
	if (f.Cert == "") != (f.Key == "") {
		r.blameKey("fleet.cert", "and fleet.key belong together")
	}
	if host, _, err := net.SplitHostPort(f.Listen); err == nil && f.Cert == "" && !loopback(host) {
		r.blameKey("fleet.listen", "listens beyond loopback, but fleet.cert and fleet.key are not set: keys travel over TLS only")
	}
}

func (r *reader) sources(c *Config) {
	first := map[string]int{}
	for i := range c.Sources {
		s := &c.Sources[i]
		at := fmt.Sprintf("sources[%d]", i)
		s.line = r.places[at].line
		if s.Name != "" {
			if line, twice := first[strings.ToLower(s.Name)]; twice {
				r.blameKey(at+".name", "%q is the name of the source on line %d already", s.Name, line)
			} else {
				first[strings.ToLower(s.Name)] = s.line
			}
		}
		r.sourceFields(at, s)
	}
}

// sourceFields checks what a kind needs and what only another kind would read: a selector at a directory is a misunderstanding
// that would otherwise find nothing and say nothing.
func (r *reader) sourceFields(at string, s *Source) {
	if s.Robots == "known_items" && strings.TrimSpace(s.RobotsReason) == "" {
		r.blameKey(at+".robots", "is known_items without a robots_reason: write why an exact address may be fetched where robots.txt forbids it")
	}
	if _, given := r.places[at+".url"]; !given {
		if s.URL = homeOf(s.Kind); s.URL == "" {
			r.blame(s.line, at, "has no url")
		}
	}
	if s.Kind == "listing" && s.Item == "" {
		r.blame(s.line, at, "has no item, the CSS selector of the links to the items, which a listing needs")
	}
	if s.URL != "" && s.Kind != "ftp" && s.Kind != "rsync" && sourceURL(s.URL) == nil && webURL(s.URL) != nil {
		r.blameKey(at+".url", "%s", webURL(s.URL))
	}
	if s.Kind == "listing" || s.Kind == "haste" {
		r.selectors(at, s)
	}
	if s.Kind == "haste" && s.Item == "" && len(s.Items) == 0 {
		r.blame(s.line, at, "has neither items nor item: a haste lists nothing by itself, so name the items, or the selector of a page that lists them")
	}
	if slices.Contains(itemsOnly[:], s.Kind) && len(s.Items) == 0 {
		r.blame(s.line, at, "has no items, which the kind %s needs: it lists nothing by itself", s.Kind)
	}
	r.words(at, s)
	for _, only := range [...]struct {
		name, value string
		kinds       []string
	}{
		{"follow", s.Follow, []string{"site"}},
		{"item", s.Item, []string{"listing", "haste", "json"}},
		{"next", s.Next, []string{"listing", "haste", "json"}},
		{"raw", s.Raw, []string{"listing", "haste", "json", "feed", "sitemap", "rawpaste"}},
	} {
		if only.value != "" && slices.Contains(kinds[:], s.Kind) && !slices.Contains(only.kinds, s.Kind) {
			r.blameKey(at+"."+only.name, "is not read by the kind %s, only by %s", s.Kind, orList(only.kinds))
		}
	}
}

// words checks what a kind asks a place for: without any, its sweeps would find nothing and say nothing.
func (r *reader) words(at string, s *Source) {
	switch {
	case s.Kind == "searxng" && len(s.Beacons) == 0:
		r.blame(s.line, at, "has no beacons, which the kind searxng needs: it searches for nothing else")
	case s.Kind == "ipfs" && len(s.Items) == 0 && !s.Lookups:
		r.blame(s.line, at, "has neither items nor lookups: true: an ipfs gateway lists nothing by itself")
	case (s.Kind == "softwareheritage" || s.Kind == "urlscan") && !s.Lookups:
		r.blame(s.line, at, "has no lookups: true, which the kind %s needs: it is asked for digests of known files and nothing else", s.Kind)
	}
}

// selectors checks the CSS of a kind that reads pages by it.
func (r *reader) selectors(at string, s *Source) {
	for name, css := range map[string]string{"item": s.Item, "next": s.Next} {
		if err := optional(selector)(css); err != nil {
			r.blameKey(at+"."+name, "%s", err)
		}
	}
	if rawPattern(s.Raw) == nil && !strings.Contains(s.Raw, "{id}") && !strings.Contains(s.Raw, "{href}") {
		r.blameKey(at+".raw", "lacks {id} or {href}, which stand for the item's name and its link; write for example /raw/{id}")
	}
}

func (r *reader) recipients(c *Config) {
	first := map[string]int{}
	for i, to := range c.Recipients {
		at := fmt.Sprintf("recipients[%d]", i)
		id := strings.ToLower(to.Place) + " " + to.Kind
		if line, twice := first[id]; twice && to.Place != "" {
			r.blameKey(at+".place", "%q has an entry of the kind %s on line %d already", to.Place, to.Kind, line)
			continue
		}
		first[id] = r.places[at].line
	}
}

// doubts warns of what works and is probably not meant.
func (r *reader) doubts(c *Config) {
	if u, err := url.Parse(c.Desk.PublicURL); err == nil && u.Scheme == "http" && !loopback(u.Hostname()) {
		r.warn("desk.public_url is plain http: passwords and victims' links can be read on the way")
	}
	if c.Desk.PublicURL != "" && c.Desk.CookieSecure == "never" && hasScheme(c.Desk.PublicURL, "https") {
		r.warn("desk.cookie_secure is never although desk.public_url is https: the session can be read on the way")
	}
	if c.Crawler.UserAgentContact == "" && len(c.Sources) > 0 {
		r.warn("crawler.user_agent_contact is empty: sources on public addresses are refused")
	}
	if c.Crawler.PerHostDelay == 0 {
		r.warn("crawler.per_host_delay is 0: only fit for servers of your own")
	}
}

// badFolders says why two folders cannot hold the record and the keys, or "".
func badFolders(data, keys string) string {
	if strings.TrimSpace(data) == "" {
		return "" // blamed already
	}
	d, k := resolved(data), resolved(keys)
	switch {
	case d == k:
		return "keys and data are the same folder; the keys must lie outside the data, so that a copy of the data tells nothing"
	case within(k, d):
		return "the keys lie inside the data folder; they must lie outside, so that a copy of the data tells nothing"
	case within(d, k):
		return "the data folder lies inside the keys folder; put them side by side, so that no backup takes both"
	}
	return ""
}

func within(path, folder string) bool {
	rel, err := filepath.Rel(folder, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// resolved is the absolute path with the symbolic links of the part that exists followed: a link must not smuggle the keys in.
func resolved(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		abs = filepath.Clean(path) // no working directory: compare what was written
	}
	for head, tail := abs, ""; ; {
		if real, err := filepath.EvalSymlinks(head); err == nil {
			return filepath.Join(real, tail)
		}
		up := filepath.Dir(head)
		if up == head {
			return abs
		}
		head, tail = up, filepath.Join(filepath.Base(head), tail)
	}
}

func distinct(list []string) []string {
	sorted := slices.Clone(list)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

func trimSlash(s string) string { return strings.TrimRight(s, "/") }
