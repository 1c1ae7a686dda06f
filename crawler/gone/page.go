// Package gone reads what an answer says about an item beyond its status: that it was removed, that a wall stands before
// it, that the place is out of order or parked. It never fetches anything, and never concludes from silence: a page
// without any sign is an ordinary page.
package gone

import (
	"bytes"
	"encoding/json"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Sign is what a page says beyond its status.
type Sign string

// What a page can say.
const (
	None    Sign = ""        // an ordinary page
	Removed Sign = "removed" // the item is not there, was deleted or has expired
	Wall    Sign = "wall"    // a log-in, password, consent or captcha stands before the item, or the reader is refused
	Outage  Sign = "outage"  // maintenance, a broken application, a server's default page, a suspended account
	Parked  Sign = "parked"  // the domain is for sale, or has lapsed
)

// Page is the beginning of an answer's body.
type Page struct {
	URL  *url.URL
	Type string // media type without parameters, lower case
	Body []byte // UTF-8
}

// Verdict is what was read of a page.
type Verdict struct {
	Sign   Sign
	Reason string // a plain clause without anything that the page wrote; empty with None
	// Named says that an application answered about this one item (a paste, a document, a key), which a place that is
	// out of order does not do.
	Named bool
}

const (
	// lean is how many characters of visible text a page may have for words outside its headings to count: an article
	// about deleted files is no deleted file.
	lean    = 1200
	bare    = 500 // the same for the words of a log-in
	maxRead = 256 << 10
)

// Read tells what a page says about the item that was asked for.
func Read(p Page) Verdict {
	body := bytes.TrimSpace(p.Body[:min(len(p.Body), maxRead)])
	switch {
	case len(body) == 0:
		return Verdict{}
	case strings.HasSuffix(p.Type, "json") || body[0] == '{':
		if v, ok := readJSON(body); ok || strings.HasSuffix(p.Type, "json") {
			return v
		}
	case bytes.HasPrefix(body, []byte("<?xml")) || bytes.HasPrefix(body, []byte("<Error>")):
		if v, ok := readXML(body); ok {
			return v
		}
	}
	if !isHTML(p.Type, body) {
		return readPlain(body)
	}
	return look(body).verdict()
}

func isHTML(mediaType string, body []byte) bool {
	if strings.Contains(mediaType, "html") {
		return true
	}
	head := bytes.ToLower(body[:min(len(body), 512)])
	return mediaType != "text/plain" && (bytes.Contains(head, []byte("<html")) || bytes.Contains(head, []byte("<!doctype html")))
}

// readPlain reads the few words that applications answer in plain text. A longer text is content.
func readPlain(body []byte) Verdict {
	const sentence = 400
	if len(body) > sentence || bytes.IndexByte(body, 0) >= 0 {
		return Verdict{}
	}
	text := normal(string(body))
	v := words(text, text, false)
	v.Named = v.Sign == Removed && namedPlain.MatchString(text)
	return v
}

// readJSON reads an error that an application wraps in JSON. Anything else, such as a document that quotes one, is content.
func readJSON(body []byte) (Verdict, bool) {
	var m map[string]json.RawMessage
	if json.Unmarshal(body, &m) != nil {
		return Verdict{}, false
	}
	var said []string
	code, failed := 0, false
	for k, raw := range m {
		switch strings.ToLower(k) {
		case "error", "message", "errors", "detail", "title", "reason", "msg", "statusmessage", "error_description", "description":
			said = append(said, texts(raw, 0)...)
			failed = failed || strings.HasPrefix(strings.ToLower(k), "err") && string(raw) != "null" && string(raw) != "false"
		case "status", "code", "statuscode", "status_code":
			n, err := strconv.Atoi(strings.Trim(string(raw), `"`))
			failed = failed || err == nil && (n >= 400 && n < 600 || n == 1)
			if err == nil && n >= 400 && n < 600 {
				code = n
			}
			failed = failed || strings.Contains(strings.ToLower(string(raw)), "err")
		case "success", "ok":
			failed = failed || string(raw) == "false"
		}
	}
	if !failed && len(m) > 2 {
		return Verdict{}, true
	}
	text := normal(strings.Join(said, " · "))
	if len(text) > lean {
		return Verdict{}, true
	}
	v := words(text, text, false)
	v.Named = v.Sign == Removed && named.MatchString(text)
	if v.Sign == None {
		v = byCode(code)
	}
	if v.Sign == None && failed {
		v = Verdict{Sign: Wall, Reason: "the place answers with an error of its own"}
	}
	return v, true
}

// texts gathers the strings of a JSON value, a few levels deep.
func texts(raw json.RawMessage, depth int) (out []string) {
	var s string
	var list []json.RawMessage
	var m map[string]json.RawMessage
	switch {
	case depth > 3:
	case json.Unmarshal(raw, &s) == nil:
		return []string{s}
	case json.Unmarshal(raw, &list) == nil:
		for _, v := range list {
			out = append(out, texts(v, depth+1)...)
		}
	case json.Unmarshal(raw, &m) == nil:
		for _, v := range m {
			out = append(out, texts(v, depth+1)...)
		}
	}
	return out
}

func byCode(code int) Verdict {
	switch {
	case code == 404 || code == 410 || code == 451:
		return Verdict{Sign: Removed, Reason: "the place answers " + strconv.Itoa(code) + " inside the page"}
	case code >= 500:
		return Verdict{Sign: Outage, Reason: "the place answers " + strconv.Itoa(code) + " inside the page"}
	case code >= 400:
		return Verdict{Sign: Wall, Reason: "the place answers " + strconv.Itoa(code) + " inside the page"}
	}
	return Verdict{}
}

var xmlCode = regexp.MustCompile(`<Error>(?:\s*<[A-Za-z]+>[^<]{0,200}</[A-Za-z]+>)*?\s*<Code>([A-Za-z]{1,60})</Code>`)

// readXML reads the errors of stores that speak S3.
func readXML(body []byte) (Verdict, bool) {
	m := xmlCode.FindSubmatch(body)
	if m == nil {
		return Verdict{}, false
	}
	switch code := string(m[1]); code {
	case "NoSuchKey", "NoSuchVersion", "BlobNotFound":
		return Verdict{Sign: Removed, Reason: "the store has no such key", Named: true}, true
	case "NoSuchBucket", "AllAccessDisabled", "AccountProblem", "ContainerNotFound", "InternalError", "SlowDown", "ServiceUnavailable":
		return Verdict{Sign: Outage, Reason: "the whole store is closed or out of order"}, true
	}
	return Verdict{Sign: Wall, Reason: "the store refuses to answer"}, true
}

// sight is what somebody would see of a page.
type sight struct {
	heads    string // title and headings
	text     string // all visible words, normal
	chars    int
	password bool
	captcha  bool
}

// captchas are the marks of challenge pages. Ordinary pages carry them too, in a form for comments.
var captchas = []string{"g-recaptcha", "hcaptcha.com", "challenges.cloudflare.com", "cf-chl", "cdn-cgi/challenge-platform", "captcha-delivery.com",
	"ddos-guard", "px-captcha", "sucuri_cloudproxy", "arkoselabs", "friendlycaptcha", "/.within.website/", "anubis_challenge"}

// look reads a page as far as its beginning goes.
func look(body []byte) sight {
	var s sight
	low := strings.ToLower(string(body))
	for _, c := range captchas {
		s.captcha = s.captcha || strings.Contains(low, c)
	}
	var heads, text strings.Builder
	z := html.NewTokenizer(bytes.NewReader(body))
	hidden, head := 0, 0
	for {
		tt := z.Next()
		if tt == html.ErrorToken {
			break
		}
		switch tt {
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			name, attrs := z.TagName()
			a := atom.Lookup(name)
			step := map[html.TokenType]int{html.StartTagToken: 1, html.EndTagToken: -1}[tt]
			switch a {
			case atom.Script, atom.Style, atom.Template, atom.Svg:
				hidden = max(0, hidden+step)
			case atom.Title, atom.H1, atom.H2:
				head = max(0, head+step)
				heads.WriteString(" · ")
			case atom.Input:
				s.password = s.password || attrs && inputType(z) == "password"
			}
			text.WriteByte(' ')
		case html.TextToken:
			if hidden > 0 {
				continue
			}
			t := z.Text()
			text.Write(t)
			if head > 0 {
				heads.Write(t)
			}
		}
	}
	s.heads, s.text = normal(html.UnescapeString(heads.String())), normal(html.UnescapeString(text.String()))
	s.chars = len(s.text)
	return s
}

func inputType(z *html.Tokenizer) string {
	for {
		k, v, more := z.TagAttr()
		if string(k) == "type" {
			return strings.ToLower(strings.TrimSpace(string(v)))
		}
		if !more {
			return ""
		}
	}
}

// normal is text as the phrases below are written: lower case, one kind of apostrophe and blank.
func normal(s string) string {
	s = strings.ToLower(strings.ToValidUTF8(s, " "))
	s = strings.NewReplacer("’", "'", "‘", "'", "\u00a0", " ", "\u2011", "-").Replace(s)
	return strings.Join(strings.Fields(s), " ")
}

func (s sight) verdict() Verdict {
	all := s.heads
	if s.chars <= lean {
		all = s.text
	}
	if s.captcha && s.chars <= lean && !removed.MatchString(s.heads) {
		return Verdict{Sign: Wall, Reason: "a captcha or a check of the browser stands before it"}
	}
	v := words(s.heads, all, true)
	// "Log in" stands in the corner of half the web: below the headings it counts on all but empty pages only.
	if v.Sign == Wall && s.chars > bare && !challenge.MatchString(all) && !wall.MatchString(s.heads) {
		v = Verdict{}
	}
	if v.Sign == None && s.password && s.chars <= lean {
		return Verdict{Sign: Wall, Reason: "a password or a log-in is asked for"}
	}
	return v
}

// words reads the phrases; heads are the title and headings, all what may be believed of the rest.
func words(heads, all string, page bool) Verdict {
	switch {
	case parked.MatchString(all):
		return Verdict{Sign: Parked, Reason: "the domain is parked or for sale"}
	case outage.MatchString(all) || outage.MatchString(heads) || page && defaultPage.MatchString(heads):
		return Verdict{Sign: Outage, Reason: "the page says that the place is out of order, or is a server's default page"}
	case challenge.MatchString(all):
		return Verdict{Sign: Wall, Reason: "a captcha or a check of the browser stands before it"}
	case removed.MatchString(all):
		return Verdict{Sign: Removed, Reason: "the page says that it is not there"}
	case wall.MatchString(all):
		return Verdict{Sign: Wall, Reason: "a log-in, a password or consent is asked for, or the reader is refused"}
	}
	return Verdict{}
}
