package crawler

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"unmirror/crawler/plane"
)

const whyBetrays = "its address would tell the place something out of the leak, and is not sent"

// Check says what is wrong with a source, as it is configured and by what is registered: a beacon that the index knows is
// no beacon.
func (c *Crawler) Check(s Source) error {
	_, _, err := c.ready(s)
	return err
}

// checkBeacons refuses words that hold something out of a leak. The error does not repeat them.
func (c *Crawler) checkBeacons(s Source) error {
	for i, b := range s.Beacons {
		if c.tells(b) {
			return fmt.Errorf("source %s: beacons[%d]: holds something that is registered as part of a leak; a beacon is a mark of your own", s.Name, i)
		}
	}
	return nil
}

// betrays reports whether a request that we composed holds something out of a leak. What others published is not
// composed by us: to ask for it only tells them what they told us.
func (w *walk) betrays(it plane.Claimed, v visiting) bool {
	if it.Elsewhere || !it.Lists || len(it.Via) > 0 {
		return false
	}
	asks := v.spec.Kind.Sends != ""
	if it.Depth > 0 && !asks {
		return false
	}
	text := v.u.RawQuery
	if asks {
		text = v.u.EscapedPath() + "?" + text
	}
	for _, d := range w.src.spec.Digests { // allowed by name: a digest is no identifier, whatever its digits look like
		for _, sum := range []string{d.SHA256, d.SHA1, d.MD5} {
			if sum != "" {
				text = strings.ReplaceAll(text, sum, "")
			}
		}
	}
	return w.c.tells(text)
}

// tells reports whether a text that is about to be sent holds something out of a leak, in any of the ways in which it
// may be written in an address.
func (c *Crawler) tells(text string) bool {
	if c.o.Betrays == nil || text == "" {
		return false
	}
	for _, v := range readings(text) {
		if c.o.Betrays(v) {
			return true
		}
	}
	return false
}

var separators = strings.NewReplacer("+", " ", "&", " ", "=", " ", "/", " ", "?", " ", ";", " ", ",", " ")

// readings are what a text may be read as: as it stands, decoded, its parts, without what only separates.
func readings(text string) []string {
	out := []string{text}
	plainer := text
	for range 3 {
		d, err := url.QueryUnescape(plainer)
		if err != nil || d == plainer {
			break
		}
		plainer = d
		out = append(out, d)
	}
	apart := separators.Replace(plainer)
	out = append(out, apart, glued(apart))
	for _, word := range append(strings.Fields(apart), strings.FieldsFunc(plainer, func(r rune) bool { return r == '&' || r == '=' || r == ' ' })...) {
		if s, ok := packedText(word); ok {
			out = append(out, s)
		}
	}
	return out
}

// glued drops what a number may be broken up with.
func glued(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '@' {
			return r
		}
		return -1
	}, s)
}

// packedText undoes base64 and hex where text comes out.
func packedText(s string) (string, bool) {
	trimmed := strings.TrimRight(s, "=")
	if len(trimmed) < 8 {
		return "", false
	}
	for _, decode := range []func(string) ([]byte, error){hex.DecodeString, base64.RawStdEncoding.DecodeString, base64.RawURLEncoding.DecodeString} {
		if b, err := decode(trimmed); err == nil && utf8.Valid(b) && !strings.ContainsFunc(string(b), unicode.IsControl) {
			return string(b), true
		}
	}
	return "", false
}
