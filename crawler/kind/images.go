package kind

import (
	"bytes"
	"net/url"
	"path"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

const (
	// maxImages bounds the images of one page that are fetched.
	maxImages = 200
	// iconSide is the side, in pixels, below which an image that tells its size can show no page of a document.
	iconSide = 200
)

// images lists what a page shows as images, and may show documents: mirrors show scans so, and link to no file. Icons, by the
// size that the page tells or by their kind, are passed over. Where an image is loaded only when it is scrolled to, or comes in several
// sizes, the real and the largest one counts.
func images(body []byte, base *url.URL) (list []*url.URL) {
	if !bytes.Contains(bytes.ToLower(body), []byte("<img")) {
		return nil
	}
	seen := map[string]bool{}
	z := html.NewTokenizer(bytes.NewReader(body))
	for len(list) < maxImages {
		switch z.Next() {
		case html.ErrorToken:
			return list
		case html.StartTagToken, html.SelfClosingTagToken:
			name, has := z.TagName()
			if string(name) != "img" || !has {
				continue
			}
			src := imageOf(z)
			u, err := base.Parse(src)
			if src == "" || err != nil || u.Hostname() == "" || seen[u.String()] {
				continue
			}
			seen[u.String()] = true
			list = append(list, u)
		}
	}
	return list
}

// imageOf reads the attributes of an image: where it lies, empty for an icon.
func imageOf(z *html.Tokenizer) string {
	var src, lazy, largest string
	for more := true; more; {
		var k, v []byte
		if k, v, more = z.TagAttr(); len(v) >= 8<<10 {
			continue
		}
		value := strings.TrimSpace(string(v))
		switch string(k) {
		case "src":
			src = value
		case "data-src", "data-original", "data-lazy-src":
			lazy = value
		case "srcset", "data-srcset":
			largest = largestOf(value)
		case "width", "height":
			if n, err := strconv.Atoi(strings.TrimSuffix(value, "px")); err == nil && n < iconSide {
				return ""
			}
		}
	}
	for _, s := range []string{largest, lazy, src} {
		if s != "" && !strings.HasPrefix(strings.ToLower(s), "data:") && !icon(s) {
			return s
		}
	}
	return ""
}

// icon tells images by their names that are never scans: drawings, and what moves.
func icon(src string) bool {
	at, _, _ := strings.Cut(src, "?")
	switch strings.ToLower(path.Ext(at)) {
	case ".svg", ".ico", ".gif", ".cur":
		return true
	}
	return false
}

// largestOf takes the last of the sizes that a page offers, "a.jpg 480w, b.jpg 2x": they stand in rising order nearly always.
func largestOf(srcset string) string {
	all := strings.Split(srcset, ", ")
	first, _, _ := strings.Cut(strings.TrimSpace(all[len(all)-1]), " ")
	return first
}
