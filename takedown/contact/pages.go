package contact

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// Limits of one site.
const (
	maxPages   = 8
	maxLinked  = 3  // contact pages taken from the front page's links
	maxPerSite = 5  // contacts kept
	enough     = .7 // a contact this sure ends the search
)

// guesses are the usual paths of contact pages.
var guesses = []string{"/contact", "/abuse", "/imprint", "/impressum", "/dsa", "/legal"}

// contactLink is what links to contact pages are called, in text or path.
var contactLink = regexp.MustCompile(`(?i)\b(contact|kontakt|abuse|misbruik|imprint|impressum|colofon|dsa|digital services act|legal notice|mentions[ -]l[ée]gales|report|takedown|notice and action|point of contact)`)

// pages reads the front page, what it links to as contact, and the usual paths, until somebody is found who surely reads notices.
func (l *Ladder) pages(ctx context.Context, s spot) []Found {
	var found []Found
	queue := []string{"/"}
	asked := map[string]bool{}
	broken := ""
	for len(queue) > 0 && len(asked) < maxPages {
		path := queue[0]
		queue = queue[1:]
		if asked[path] {
			continue
		}
		asked[path] = true
		if l.Allowed != nil && !l.Allowed(ctx, s.base+path) {
			broken = "robots.txt forbids reading the site's contact pages"
			continue
		}
		p, err := l.fetch(ctx, s, s.base+path)
		if err != nil {
			if broken = plain(err); path == "/" || ctx.Err() != nil {
				break // a site that does not answer is not asked eight times
			}
			continue
		}
		fresh, links := l.read(p, s, path)
		found = append(found, fresh...)
		if path == "/" {
			queue = append(links, guesses...)
		}
		if slices.ContainsFunc(found, func(f Found) bool { return f.Skipped == "" && f.Confidence >= enough }) {
			break
		}
	}
	slices.SortStableFunc(found, func(a, b Found) int { return cmp.Compare(b.Confidence, a.Confidence) })
	if len(found) == 0 && broken != "" {
		return []Found{l.skip(SourceSite, "", broken)}
	}
	return found[:min(len(found), maxPerSite)]
}

// read takes the contacts and, from a front page, the links to contact pages out of a page.
func (l *Ladder) read(p page, s spot, path string) (found []Found, links []string) {
	kind := strings.ToLower(p.kind)
	if p.status != http.StatusOK || !strings.HasPrefix(kind, "text/html") && !strings.HasPrefix(kind, "application/xhtml") && (!strings.HasPrefix(kind, "text/plain") || path == "/") {
		return nil, nil
	}
	if strings.HasPrefix(kind, "text/plain") {
		return l.keep(nil, text(string(p.body)), s, path, ""), nil
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(p.body))
	if err != nil {
		return nil, nil
	}
	doc.Find("script,style,noscript,template").Remove()
	lang := preferred([]string{doc.Find("html").AttrOr("lang", "")})
	found = l.keep(found, mailtos(doc), s, path, lang)
	if path != "/" { // in a front page's text stand other people's addresses too: pastes, comments
		found = l.keep(found, text(doc.Text()), s, path, lang)
	} else {
		links = contactLinks(doc, s)
	}
	return found, links
}

func contactLinks(doc *goquery.Document, s spot) []string {
	var out []string
	base, err := url.Parse(s.base + "/")
	if err != nil {
		return nil
	}
	doc.Find("a[href]").EachWithBreak(func(i int, a *goquery.Selection) bool {
		u, err := base.Parse(a.AttrOr("href", ""))
		if err != nil || u.Host != base.Host || u.Scheme != base.Scheme || u.RawQuery != "" {
			return i < 2000
		}
		if path := u.EscapedPath(); path != "" && path != "/" && (contactLink.MatchString(a.Text()) || contactLink.MatchString(u.Path)) && !slices.Contains(out, path) {
			out = append(out, path)
		}
		return i < 2000 && len(out) < maxLinked
	})
	return out
}

// candidate is an address as a page shows it, with the words around it.
type candidate struct {
	email, around string
	linked        bool
}

func mailtos(doc *goquery.Document) []candidate {
	var out []candidate
	doc.Find("a[href], [data-cfemail]").EachWithBreak(func(_ int, a *goquery.Selection) bool {
		around := a.Closest("p,li,td,dd,address,section,footer,div").Text()
		if len(around) > 400 {
			around = a.Text()
		}
		var list []string
		if href := strings.TrimSpace(a.AttrOr("href", "")); len(href) > 7 && strings.EqualFold(href[:7], "mailto:") {
			list = addresses(href)
		} else if hex, ok := a.Attr("data-cfemail"); ok {
			list = addresses(unscramble(hex))
		}
		for _, e := range list[:min(len(list), 3)] {
			out = append(out, candidate{e, around, true})
		}
		return len(out) < 50
	})
	return out
}

// unscramble undoes the way in which one CDN hides addresses from harvesters: hex, the first byte is XORed with the rest.
func unscramble(hex string) string {
	var out []byte
	var key byte
	for i := 0; i+2 <= len(hex) && i < 600; i += 2 {
		n, err := strconv.ParseUint(hex[i:i+2], 16, 8)
		if err != nil {
			return ""
		}
		if i == 0 {
			key = byte(n)
			continue
		}
		out = append(out, byte(n)^key)
	}
	return string(out)
}

var (
	written = regexp.MustCompile(`[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}`)
	spelled = strings.NewReplacer(" (at) ", "@", " [at] ", "@", " {at} ", "@", "(at)", "@", "[at]", "@", " (dot) ", ".", " [dot] ", ".", "(dot)", ".", "[dot]", ".",
		" (punt) ", ".", " (Punkt) ", ".", " (point) ", ".")
)

func text(s string) []candidate {
	s = spelled.Replace(s)
	var out []candidate
	for _, m := range written.FindAllStringIndex(s, 50) {
		around := strings.ToValidUTF8(s[max(0, m[0]-150):min(len(s), m[1]+60)], "")
		for _, e := range addresses(strings.Trim(s[m[0]:m[1]], ".-")) {
			out = append(out, candidate{e, around, false})
		}
	}
	return out
}

var (
	forAuthorities = regexp.MustCompile(`(?i)\b(art\.?|article|artikel)\s*11\b|\b(authorit(y|ies)|autorit[ée]s?|autoriteiten|behörden?)\b`)
	forUsers       = regexp.MustCompile(`(?i)\b(art\.?|article|artikel)\s*(12|16)\b|\b(users?|recipients|notices?|report|gebruikers|utilisateurs|signal|nutzer|melde|meld)`)
)

// keep turns candidates into contacts. On a page anybody may have written, an address needs a role (RFC 2142) or the site's own
// domain; a person's address counts only as a link on a contact page.
func (l *Ladder) keep(found []Found, list []candidate, s spot, path, lang string) []Found {
	for _, c := range list {
		if slices.ContainsFunc(found, func(f Found) bool { return strings.EqualFold(f.Email, c.email) }) {
			continue
		}
		at := strings.LastIndexByte(c.email, '@')
		sure := weight(c.email[:at])
		ownDomain := s.domain != "" && registrable(c.email[at+1:]) == s.domain
		switch {
		case ownDomain && sure == 0 && path != "/":
			sure = 0.5
		case !ownDomain && sure > 0 && (c.linked || path != "/"):
			sure -= 0.2
		case !ownDomain && sure == 0 && c.linked && path != "/":
			sure = 0.3
		}
		if sure <= 0 || len(found) >= 20 {
			continue
		}
		f := l.skip(SourceSite, path, "")
		f.Email, f.Language, f.Confidence = c.email, lang, sure
		if forAuthorities.MatchString(c.around) && !forUsers.MatchString(c.around) {
			f.Skipped = "the site's contact point for authorities (DSA art. 11), not for notices"
		}
		found = append(found, f)
	}
	return found
}
