// Package kind is the table of the sorts of places that a sweep can read: where a sweep starts, what a page lists,
// what its answers mean, what must never be fetched, and where the place says that its operator can be reached.
// It never fetches anything and never matches content.
package kind

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"
)

// Spec is the part of a source that its kind needs, with everything compiled.
type Spec struct {
	Kind   Kind
	Root   *url.URL
	Depth  int            // how many steps from the root are listed
	Follow *regexp.Regexp // links of a site that are followed; nil: all
	Raw    string         // template of an item's raw address: {id}, {href}
	Items  []*url.URL     // addresses or keys given in the configuration, already made absolute
	item   selector
	next   selector
	paths  *jsonPaths // of kind json, in place of the selectors
	// Digests and Beacons are what a kind with Sends may send to the place, set by whoever allowed it.
	Digests []Digests
	Beacons []string
}

// Digests are those of one known file, in hex: see package fingerprints' FileDigests.
type Digests struct {
	SHA256, SHA1, MD5 string
	Size              int64
}

// Sends is what a kind sends to a place beside addresses.
type Sends string

// What a kind may send.
const (
	SendsDigests Sends = "digests" // of known files, where the source allows look-ups
	SendsBeacons Sends = "beacons" // the operator's own words, never anything out of a leak
)

// Settings are the source's fields as the operator wrote them.
type Settings struct {
	Kind, URL, Follow, Item, Raw, Next string
	Depth                              int
	Items                              []string
}

// Link is one address that a page lists.
type Link struct {
	URL     string
	Lists   bool // to be read for more links
	Matches bool // to be matched against the known leaks
	Depth   int
	// Elsewhere says that the address was published somewhere else than on its own host, or by the operator: to fetch
	// it is a known-item fetch.
	Elsewhere bool
	// Listed is how the listing shows the item's time and size, cleaned of white space; empty when it does not show
	// both. Two equal ones mean that the listing shows no change.
	Listed   string
	Modified time.Time // as the listing shows it, its time zone being a guess; zero when it does not
	// Kind names the kind by whose rules the address is read, when it is another one than the source's: a paste that a
	// channel links to.
	Kind string
	// Size is the exact size of the content in bytes as the place publishes it; 0 when it does not, or only rounds it.
	Size int64
	// Published are the digests of the content that the place publishes: a match may be settled by them alone.
	Published []Published
	// Name is the item's file name where its address does not end in it.
	Name string
}

// Published is a digest as a place shows it. Kind is one of package fingerprints/digest's, Text its usual notation.
type Published struct {
	Kind string `json:"k"`
	Text string `json:"t"`
}

// Page is a fetched listing: its first bytes, in UTF-8.
type Page struct {
	URL   *url.URL
	Depth int
	Type  string // media type without parameters, lower case
	Body  []byte
	Root  *goquery.Selection // the parsed page, only for kinds with DOM set, nil when it could not be parsed
	// Header is the answer's, for lists that say there what the next page is; nil when it is not known.
	Header http.Header
}

// Found is what a page lists.
type Found struct {
	Links []Link
	// Elsewhere are items of other kinds at other places that the page links to: each is followed once, within a budget.
	Elsewhere []Link
	// Recognised is false when the page does not look like anything that this kind lists.
	Recognised bool
	Contact    string // a mail address that the page gives for reports, empty when it has none
}

// Answer is the head and first bytes of an answer, for the question whether an item is gone.
type Answer struct {
	Status int
	Header http.Header
	Prefix []byte
	URL    *url.URL // what was asked for; nil when that is not known
	Type   string   // media type without parameters, lower case
}

// Meaning is what an answer says about an item.
type Meaning string

// What an answer can say.
const (
	Present     Meaning = "present"     // there is content: matching it decides
	Gone        Meaning = "gone"        // the place says that the item is not there any more
	Unclear     Meaning = "unclear"     // a wall, a refusal, a form of "no" that is not about the item
	Unreachable Meaning = "unreachable" // the place is out of order, which says nothing
)

// Kind is one row of the table.
type Kind struct {
	Name   string
	Depth  int    // the default depth
	Accept string // Accept header for listings
	DOM    bool   // Read wants the page parsed
	// Folders says that a page is a folder, whose address ends in a slash: a redirect to such an address is to be listed.
	Folders bool
	Bytes   bool  // Read wants the page's bytes as they came, whatever media type they are said to have
	Sends   Sends // what is sent to the place, from Spec.Digests or Spec.Beacons; empty: nothing
	// Token is the header that carries a source's token; empty: "Authorization: Bearer".
	Token string
	// Untried is why a kind was never run against its real software or a recorded sample; empty: it was.
	Untried string
	// Never says in words what of such a place is never fetched, for the documents; never holds the patterns.
	Never string
	never []*regexp.Regexp
	// links says that pages of such places publish links to other places, of which those to items that a kind recognises
	// are followed.
	links bool
	// Schemes are the address schemes of such places; empty: http and https.
	Schemes []string
	// Gone says in words what makes an item gone there, and Contact where its operator can be reached, for the documents.
	Gone, Contact string

	// Reported is why links of this kind are told to the operator and never asked for, as a plain clause; empty: they are
	// read like any.
	Reported string

	// header gives the headers of a request beyond the usual ones; nil: none.
	header func(Spec, *url.URL) http.Header
	// ask says whether an item must be asked for by HEAD before a GET, because a GET may use it up. mayGet then reads the
	// answer; false: the item is never fetched, and only what the head says can settle it.
	ask    bool
	mayGet func(Answer) bool
	// unwrap takes an item's content out of what the place wraps it in, such as JSON or encryption, given at most
	// MaxWrapped bytes; nil: the body is the content. It gives the parts to match, each with a name, or ErrWrapped.
	unwrap func(s Spec, u *url.URL, body []byte) ([]Part, error)
	// wraps says which addresses answer wrapped, where some items come bare and may be large; nil: all.
	wraps func(u *url.URL) bool
	// digestsOnly says that an item's address does not lead to its content: only a published digest settles it.
	digestsOnly bool
	// fragment says that the part after # is part of an item's address, such as the key of an encrypted paste. It is kept
	// and never sent.
	fragment bool
	// item makes an address that was found anywhere, such as a link in a channel, an item of this kind: its raw address.
	// False when the address is not of this kind. It decides by well-known hosts and by the address's shape.
	item func(u *url.URL) (Link, bool)

	// key makes a key out of the configuration's items an absolute address; nil: it is relative to the root, or fills
	// the raw template.
	key    func(s Spec, key string) *url.URL
	check  func(Spec) error
	seeds  func(Spec) []Link
	read   func(Spec, Page) (Found, error)
	within func(s Spec, to *url.URL) bool // may a link or a redirect of an item lead there
	mean   func(Answer) Meaning
}

// MaxWrapped is how much of a wrapped item is read, in bytes: it is unwrapped in memory, which takes some four times as
// much. PrivateBin's own limit is 10 MB unless its operator sets another.
const MaxWrapped = 32 << 20

// ErrWrapped says that an item cannot be unwrapped, such as one that needs a password: it counts as unreadable.
var ErrWrapped = errors.New("the item cannot be unwrapped")

// Part is one content of an item.
type Part struct {
	Name string
	Body []byte
}

// Names lists the kinds, sorted.
func Names() []string {
	var names []string
	for _, k := range table() {
		names = append(names, k.Name)
	}
	sort.Strings(names)
	return names
}

// Find gives the kind of that name, or an error that lists the names.
func Find(name string) (Kind, error) {
	for _, k := range table() {
		if k.Name == name {
			return k, nil
		}
	}
	return Kind{}, fmt.Errorf("kind %q is unknown; known are %s", name, strings.Join(Names(), ", "))
}

func table() []Kind { return made.get() }

// made holds the table. It is no sync.OnceValue, which would name functions that name the table.
var made = new(kinds)

// kinds is made once and never changed: its many patterns take longer to compile than a page to fetch, and each link to another
// place is asked about.
type kinds struct {
	once sync.Once
	all  []Kind
}

func (k *kinds) get() []Kind {
	k.once.Do(func() {
		k.all = slices.Concat([]Kind{directory(), feed(), haste(), listing(), site()}, pastes(), boards(), stores(), archives())
	})
	return k.all
}

// Compile checks the settings of a source and makes them ready. An error names the key and what is wrong with it.
func Compile(s Settings) (Spec, error) {
	k, err := Find(s.Kind)
	if err != nil {
		return Spec{}, err
	}
	root, err := url.Parse(s.URL)
	if err != nil || !k.Speaks(strings.ToLower(root.Scheme)) || root.Hostname() == "" {
		return Spec{}, fmt.Errorf("url: kind %s needs an address that begins with %s", k.Name, k.beginnings())
	}
	if root.User != nil {
		return Spec{}, fmt.Errorf("url: must not carry a password: places behind a log-in are not swept")
	}
	if s.Depth < 0 {
		return Spec{}, fmt.Errorf("depth: must not be negative")
	}
	spec := Spec{Kind: k, Root: Canonical(root), Depth: s.Depth, Raw: s.Raw}
	if spec.Depth == 0 {
		spec.Depth = k.Depth
	}
	if s.Follow != "" {
		if spec.Follow, err = regexp.Compile(s.Follow); err != nil {
			return Spec{}, fmt.Errorf("follow: %w", err)
		}
	}
	if err := spec.compilePlaces(s); err != nil {
		return Spec{}, err
	}
	if err := spec.compileItems(s.Items); err != nil {
		return Spec{}, err
	}
	if k.check != nil {
		if err := k.check(spec); err != nil {
			return Spec{}, err
		}
	}
	return spec, nil
}

// compilePlaces reads where a page shows its items and the next page.
func (s *Spec) compilePlaces(set Settings) (err error) {
	if s.Kind.Name == "json" {
		s.paths, err = compilePaths(set)
		return err
	}
	if s.item, err = compileSelector(set.Item); err != nil {
		return fmt.Errorf("item: %w", err)
	}
	if s.next, err = compileSelector(set.Next); err != nil {
		return fmt.Errorf("next: %w", err)
	}
	return nil
}

// compileItems makes the listed keys absolute: each is an address, or an id for the raw template, or a path.
func (s *Spec) compileItems(items []string) error {
	for i, it := range items {
		it = strings.TrimSpace(it)
		u, err := url.Parse(it)
		if err != nil || it == "" {
			return fmt.Errorf("items[%d]: is neither an address nor a key", i)
		}
		if u.Host != "" && s.Kind.Speaks(strings.ToLower(u.Scheme)) {
			s.Items = append(s.Items, s.Kind.canonical(u))
			continue
		}
		if s.Kind.key != nil {
			u = s.Kind.key(*s, it)
		} else if s.Raw != "" || s.Kind.Name == "haste" {
			u = s.rawURL(s.Root, it, nil)
		} else {
			u = s.Root.ResolveReference(u)
		}
		if u == nil && s.Kind.Name == "privatebin" {
			return fmt.Errorf("items[%d]: wants a whole link, with the key behind its #", i)
		}
		if u == nil {
			return fmt.Errorf("items[%d]: does not fit the raw template", i)
		}
		s.Items = append(s.Items, s.Kind.canonical(u))
	}
	return nil
}

// canonical is the one form of an item's address.
func (k Kind) canonical(u *url.URL) *url.URL {
	c := Canonical(u)
	if k.fragment {
		c.Fragment, c.RawFragment = u.Fragment, u.RawFragment
	}
	return c
}

// Seeds is where a sweep starts.
func (s Spec) Seeds() []Link { return s.Kind.seeds(s) }

// errBroke says that a parser panicked.
var errBroke = errors.New("the page broke the parser")

// Read gives what a page lists, without what must never be fetched and what lies outside the source's bounds.
func (s Spec) Read(p Page) (f Found, err error) {
	defer func() {
		if recover() != nil { // parsers of several libraries run on hostile input here
			f, err = Found{}, errBroke
		}
	}()
	most := maxValues
	if s.Kind.Folders {
		most = maxRows
	}
	if s.Kind.Name != "site" && crowded(p.Body, most) { // a site's page may be anything, and nothing but its links is read
		return Found{}, errCrowded
	}
	f, err = s.Kind.read(s, p)
	if err != nil {
		return f, err
	}
	s.sort(p, &f)
	if f.Contact == "" {
		f.Contact = contact(p.Body)
	}
	return f, nil
}

// Within reports whether an address lies inside the source's bounds; redirects are held to it too.
func (s Spec) Within(u *url.URL) bool {
	if !s.Kind.Speaks(u.Scheme) || u.Hostname() == "" || u.User != nil {
		return false
	}
	if climbs(u) {
		return false // escaped dots that some servers resolve: what robots.txt and the root say of it is not what is served
	}
	for _, it := range s.Items {
		if u.Host == it.Host {
			return true
		}
	}
	return s.Kind.within(s, u)
}

// Forbidden reports whether fetching an address would spread or destroy something, or act instead of read.
func (s Spec) Forbidden(u *url.URL) bool {
	if Denied(u) != "" {
		return true
	}
	target := u.String()
	plain := ""
	if strings.Contains(target, "%") { // as a server reads it: an escaped letter hides nothing
		plain = u.Scheme + "://" + u.Host + strings.ReplaceAll(unescaped(u.EscapedPath()), "?", "%3F") + "?" + unescaped(u.RawQuery)
	}
	for _, re := range s.Kind.never {
		if re.MatchString(target) || plain != "" && re.MatchString(plain) {
			return true
		}
	}
	return false
}

// neverInPages are links of ordinary pages that act instead of read. A folder listing is left out: a folder there may
// well be called "delete".
var neverInPages = []*regexp.Regexp{
	regexp.MustCompile(`(?i)/(log-?out|sign-?out|delete|remove|unsubscribe)(\.[a-z]+)?/?(\?|$)`),
	regexp.MustCompile(`(?i)/(delete|remove)/[^/.]+/?$`),
	regexp.MustCompile(`(?i)[?&](action|do|mode|act|cmd|op)=(log-?out|delete|remove|edit|report|post|reply|vote|buy)`),
	regexp.MustCompile(`(?i)[?&](delete|logout|del|deletetoken)=`),
}

// Mean tells what an answer says about an item.
func (k Kind) Mean(a Answer) Meaning {
	if k.mean != nil {
		return k.mean(a)
	}
	return meaning(a)
}

// meaning is what plain web servers mean. RFC 9110 for 404 and 410, RFC 7725 for 451.
func meaning(a Answer) Meaning {
	switch {
	case a.Status == http.StatusOK || a.Status == http.StatusPartialContent:
		return Present
	case a.Status == http.StatusNotFound || a.Status == http.StatusGone || a.Status == http.StatusUnavailableForLegalReasons:
		return Gone
	case a.Status >= 500:
		return Unreachable
	}
	return Unclear
}

// selector is a CSS selector, with an optional "@attribute" at its end that says where the address or id stands.
type selector struct {
	match cascadia.Selector
	attr  string
}

func compileSelector(s string) (selector, error) {
	if s == "" {
		return selector{}, nil
	}
	css, attr, _ := strings.Cut(s, "@")
	m, err := cascadia.Compile(strings.TrimSpace(css))
	if err != nil {
		return selector{}, fmt.Errorf("is not a CSS selector: %w", err)
	}
	return selector{match: m, attr: strings.ToLower(strings.TrimSpace(attr))}, nil
}
