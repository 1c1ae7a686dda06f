package contact

import (
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/idna"
)

// addresses reads an e-mail address, a mailto: URI, or a comma list of either. What is not plainly an address is left out: header
// injection through mailto:, addresses that nobody reads, host names without a dot.
func addresses(s string) []string {
	s = strings.TrimSpace(s)
	if len(s) > 1000 {
		return nil
	}
	if len(s) >= 7 && strings.EqualFold(s[:7], "mailto:") {
		s, _, _ = strings.Cut(s[7:], "?")
		un, err := url.PathUnescape(s)
		if err != nil {
			return nil
		}
		s = un
	}
	var out []string
	for _, one := range strings.Split(s, ",") {
		if a := address(strings.TrimSpace(one)); a != "" && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

var localPart = regexp.MustCompile(`^[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+)*$`)

// address returns s in the form in which it is written to, "" for what is no usable address.
func address(s string) string {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > 254 {
		return ""
	}
	at := strings.LastIndexByte(s, '@')
	local := s[:at]
	domain, err := idna.Lookup.ToASCII(strings.TrimSuffix(s[at+1:], "."))
	if err != nil || !strings.Contains(domain, ".") || !localPart.MatchString(local) || len(local) > 64 || unread(local) {
		return ""
	}
	if tld := domain[strings.LastIndexByte(domain, '.')+1:]; tld == "" || strings.Trim(tld, "0123456789") == "" {
		return ""
	}
	return local + "@" + strings.ToLower(domain)
}

// unread tells the mailboxes that nobody reads, and the ones that only show how an address looks.
func unread(local string) bool {
	l := strings.NewReplacer("-", "", "_", "", ".", "").Replace(strings.ToLower(local))
	return slices.Contains([]string{"noreply", "donotreply", "nepasrepondre", "nichtantworten", "mailerdaemon", "you", "yourname",
		"youremail", "name", "username", "user", "email", "jouwnaam", "votrenom", "ihrname"}, l) || strings.HasPrefix(l, "noreply")
}

// weight says how likely notices are read behind a local part: RFC 2142's roles and their kin, 0 for none of them.
func weight(local string) float64 {
	l := strings.ToLower(local)
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool {
			rest, ok := strings.CutPrefix(l, w)
			return ok && (rest == "" || strings.ContainsAny(rest[:1], "-_.+0123456789"))
		})
	}
	switch {
	case has("abuse", "dsa", "takedown", "take-down", "report", "reports", "notice", "ntd", "misbruik", "missbrauch"):
		return 0.9
	case has("legal", "privacy", "dpo", "gdpr", "avg", "rgpd", "datenschutz", "compliance", "trust", "safety", "moderation", "moderators", "copyright", "juridisch"):
		return 0.75
	case has("contact", "info", "support", "help", "helpdesk", "hello", "kontakt", "admin", "webmaster", "postmaster", "hostmaster", "noc", "security", "office", "mail", "team", "service", "staff"):
		return 0.6
	}
	return 0
}
