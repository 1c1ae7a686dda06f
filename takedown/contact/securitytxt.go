package contact

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// SecurityTxt is what a security.txt file says (RFC 9116).
type SecurityTxt struct {
	Emails    []string // of Contact fields, in the file's order, which is one of preference
	Others    int      // Contact fields that are no e-mail address: forms, telephone numbers
	Expires   time.Time
	Languages []string
}

// ParseSecurityTxt reads a security.txt, signed or not. Lines that it does not understand are skipped, as the RFC wants; ok tells
// whether there was any Contact field, without which a file is none (2.5.3).
func ParseSecurityTxt(b []byte) (s SecurityTxt, ok bool) {
	lines := bufio.NewScanner(bytes.NewReader(b))
	lines.Buffer(make([]byte, 0, 4096), maxPage)
	for lines.Scan() {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\uFEFF"))
		if strings.HasPrefix(line, "-----BEGIN PGP SIGNATURE") {
			break
		}
		name, value, found := strings.Cut(line, ":")
		if !found || strings.HasPrefix(line, "#") {
			continue
		}
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "contact":
			ok = true
			if list := addresses(value); len(list) > 0 {
				s.Emails = append(s.Emails, list[0])
			} else {
				s.Others++
			}
		case "expires":
			if t, err := time.Parse(time.RFC3339, strings.ToUpper(value)); err == nil && s.Expires.IsZero() {
				s.Expires = t
			}
		case "preferred-languages":
			for _, tag := range strings.Split(value, ",") {
				if tag = strings.TrimSpace(tag); tag != "" && len(s.Languages) < 20 {
					s.Languages = append(s.Languages, tag)
				}
			}
		}
	}
	return s, ok
}

// securityTxt reads the site's file. It is written for reports of vulnerabilities, hence the low confidence.
func (l *Ladder) securityTxt(ctx context.Context, s spot) []Found {
	const path = "/.well-known/security.txt"
	p, err := l.fetch(ctx, s, s.base+path)
	if err != nil {
		return []Found{l.skip(SourceSecurityTxt, path, plain(err))}
	}
	if p.status != http.StatusOK || !strings.HasPrefix(strings.ToLower(p.kind), "text/plain") {
		return nil // none, or a page that says so with status 200
	}
	txt, ok := ParseSecurityTxt(p.body)
	if !ok {
		return nil
	}
	base := l.skip(SourceSecurityTxt, path, "")
	base.Language, base.Confidence = preferred(txt.Languages), 0.5
	switch {
	case txt.Expires.IsZero():
		base.Confidence = 0.3 // the field is required (2.5.5)
	case txt.Expires.Before(l.now()):
		base.Skipped = fmt.Sprintf("the site's security.txt expired on %s", txt.Expires.UTC().Format(time.DateOnly))
	}
	var out []Found
	for _, e := range txt.Emails[:min(len(txt.Emails), 5)] {
		f := base
		f.Email = e
		out = append(out, f)
	}
	if len(out) == 0 && txt.Others > 0 {
		base.Skipped = "the site's security.txt names a form or telephone, not an e-mail address"
		out = append(out, base)
	}
	return out
}

// preferred is the first of the tags in which there are templates, "" when there is none.
func preferred(tags []string) string {
	for _, t := range tags {
		switch base, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(t)), "-"); base {
		case "nl", "fr", "de", "en":
			return base
		}
	}
	return ""
}
