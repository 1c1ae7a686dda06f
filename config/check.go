package config

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/andybalholm/cascadia"
	"github.com/robfig/cron/v3"

	"unmirror/config/quiet"
)

// The checks take the value as it was written and answer what is wrong with it, and what would be right. Addresses are not
// repeated in the answers: they can carry passwords or, in a source, what nobody should read in a log.

// oneOf accepts the listed words.
func oneOf(words ...string) func(string) error {
	return func(s string) error {
		if slices.Contains(words, s) {
			return nil
		}
		if near := nearest(s, words); near != "" {
			return fmt.Errorf("%q is not known; did you mean %q?", s, near)
		}
		return fmt.Errorf("%q is not known; choose %s", s, orList(words))
	}
}

func orList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// optional lets the empty value pass and checks every other.
func optional(check func(string) error) func(string) error {
	return func(s string) error {
		if s == "" {
			return nil
		}
		return check(s)
	}
}

func notEmpty(s string) error {
	if strings.TrimSpace(s) == "" {
		return errors.New("is empty")
	}
	return nil
}

// oneLine refuses what could break a mail's header.
func oneLine(s string) error {
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return errors.New("holds a line break or a control character")
	}
	return nil
}

// between accepts whole numbers from least to most.
func between(least, most int) func(string) error {
	return func(s string) error {
		n, err := strconv.Atoi(s)
		if err != nil {
			return nil // the parser has complained already
		}
		if n < least || n > most {
			return fmt.Errorf("%d is out of range; it runs from %d to %d", n, least, most)
		}
		return nil
	}
}

func positive(s string) error {
	if f, err := strconv.ParseFloat(s, 64); err == nil && f <= 0 {
		return fmt.Errorf("%s is not above 0", s)
	}
	return nil
}

func share(s string) error {
	if f, err := strconv.ParseFloat(s, 64); err == nil && !(f >= 0 && f <= 1) {
		return fmt.Errorf("%s is no share; it runs from 0 to 1", s)
	}
	return nil
}

func positiveSize(s string) error {
	if n, err := ParseSize(s); err == nil && n == 0 {
		return errors.New("is 0, which would fetch nothing")
	}
	return nil
}

func positiveDuration(s string) error {
	if d, err := parseDuration(s); err == nil && d == 0 {
		return errors.New("is 0, which would end before it began")
	}
	return nil
}

// schedule is the five fields of cron and its descriptors, in UTC.
var schedule = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)

// epoch is where intervals are measured from: a Monday and a first of the month at once, far from leap days.
var epoch = time.Date(2018, time.January, 1, 0, 0, 0, 0, time.UTC)

func cronSpec(s string) error {
	if strings.HasPrefix(s, "TZ=") || strings.HasPrefix(s, "CRON_TZ=") {
		return errors.New("names a time zone; schedules are in UTC, because a local one skips or repeats an hour each year")
	}
	if rest, ok := strings.CutPrefix(s, "@every "); ok {
		d, err := time.ParseDuration(rest)
		if err != nil {
			return fmt.Errorf("%q has no duration after @every; write for example @every 30m", s)
		}
		if d < time.Second {
			return fmt.Errorf("%q is shorter than a second", s)
		}
	}
	plan, err := schedule.Parse(s)
	if err != nil {
		return fmt.Errorf("%q is no schedule (%w); write for example @hourly, @daily, @every 30m or 0 8 * * 1", s, err)
	}
	if plan.Next(epoch).IsZero() {
		return fmt.Errorf("%q never comes", s)
	}
	return nil
}

// interval is the shortest time between two runs of a valid schedule among the 64 that follow the epoch.
func interval(spec string) time.Duration {
	plan, err := schedule.Parse(spec)
	if err != nil {
		return 0
	}
	var least time.Duration
	last := plan.Next(epoch)
	for range 64 {
		next := plan.Next(last)
		if next.IsZero() {
			break
		}
		if d := next.Sub(last); least == 0 || d < least {
			least = d
		}
		last = next
	}
	return least
}

func hasScheme(s string, schemes ...string) bool {
	u, err := url.Parse(s)
	return err == nil && slices.Contains(schemes, u.Scheme) && u.Hostname() != ""
}

// webURL accepts an absolute http or https address without a user.
func webURL(s string) error {
	u, err := url.Parse(s)
	if err != nil {
		return errors.New("is no URL") // url.Error repeats the address
	}
	if !hasScheme(s, "http", "https") {
		return errors.New("wants a whole address that begins with http:// or https://")
	}
	if u.User != nil {
		return errors.New("carries a user name; nothing behind a log-in is swept or linked")
	}
	return badPort(u)
}

// sourceURL accepts an absolute address of a scheme that some kind reads, without a user.
func sourceURL(s string) error {
	u, err := url.Parse(s)
	if err != nil || !slices.Contains([]string{"ftp", "ftps", "rsync"}, u.Scheme) {
		return webURL(s)
	}
	if u.Hostname() == "" {
		return errors.New("names no host")
	}
	if u.User != nil {
		return errors.New("carries a user name; nothing behind a log-in is swept or linked")
	}
	return badPort(u)
}

// proxyURL accepts a proxy that looks names up itself: what a name is must not be asked in clear from here.
func proxyURL(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return errors.New("is no URL")
	case u.Scheme == "socks5" || u.Scheme == "socks4" || u.Scheme == "socks":
		return errors.New("looks names up on this side; write socks5h://host:port, which leaves that to the proxy")
	case !slices.Contains([]string{"socks5h", "http", "https"}, u.Scheme) || u.Hostname() == "":
		return errors.New("wants socks5h://host:port or http://host:port")
	case u.User != nil:
		return errors.New("carries a user name or a password, which does not belong into this file")
	case u.Port() == "":
		return errors.New("names no port")
	}
	return badPort(u)
}

func badPort(u *url.URL) error {
	if p := u.Port(); p != "" {
		if n, err := strconv.Atoi(p); err != nil || n < 1 || n > 65535 {
			return errors.New("has a port outside 1 to 65535")
		}
	}
	return nil
}

// httpsURL is for what workers send keys' results over: https, or http on loopback.
func httpsURL(s string) error {
	if err := webURL(s); err != nil {
		return err
	}
	if u, err := url.Parse(s); err == nil && u.Scheme == "http" && !loopback(u.Hostname()) {
		return errors.New("is not https; plain http is taken on loopback only")
	}
	return nil
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// serverURL accepts an address of one of the schemes.
func serverURL(schemes ...string) func(string) error {
	wanted := make([]string, len(schemes))
	for i, s := range schemes {
		wanted[i] = s + "://"
	}
	return func(s string) error {
		u, err := url.Parse(s)
		if err != nil {
			return errors.New("is no URL; special characters in a password are written %XX")
		}
		if !hasScheme(s, schemes...) {
			return fmt.Errorf("wants an address that begins with %s and names a host", orList(wanted))
		}
		return badPort(u)
	}
}

func contactURL(s string) error {
	if address, ok := strings.CutPrefix(s, "mailto:"); ok {
		return emailAddress(address)
	}
	if err := webURL(s); err != nil {
		return errors.New("wants https://… or mailto:…, an address where the crawled can reach you")
	}
	return oneLine(s)
}

func bootstrap(s string) error {
	if strings.Contains(s, "://") {
		return webURL(s)
	}
	return oneLine(s)
}

func emailAddress(s string) error {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Name != "" || a.Address != s {
		return fmt.Errorf("%q is no plain mail address such as takedown@example.org", s)
	}
	return oneLine(s)
}

// listenAddress is "host:port", where the host may be empty and the port may be 0.
func listenAddress(s string) error {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return fmt.Errorf("%q is no address to listen on; write for example 127.0.0.1:8080", s)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("%q has a port outside 0 to 65535", s)
	}
	return nil
}

// privateAddress is an exception from the rule that only public addresses are dialled.
func privateAddress(s string) error {
	if s == "localhost" {
		return nil
	}
	if _, err := netip.ParsePrefix(s); err == nil {
		return nil
	}
	if _, err := netip.ParseAddr(s); err == nil {
		return nil
	}
	if host, _, err := net.SplitHostPort(s); err == nil && host != "" && listenAddress(s) == nil {
		return nil
	}
	return fmt.Errorf("%q is neither an address (10.0.0.5), a network (10.0.0.0/8), host:port nor localhost", s)
}

// hostName matches names of hosts and domains.
var hostName = regexp.MustCompile(`^[\pL\pN]([\pL\pN-]*[\pL\pN])?(\.[\pL\pN]([\pL\pN-]*[\pL\pN])?)*$`)

func recipientPlace(s string) error {
	if hostName.MatchString(s) || privateAddress(s) == nil {
		return nil
	}
	return fmt.Errorf("%q is no place; write a domain (example.org), an address, address:port or a network (10.0.0.0/8)", s)
}

func helloName(s string) error {
	if hostName.MatchString(s) {
		return nil
	}
	return fmt.Errorf("%q is no host name", s)
}

func ageRecipient(s string) error {
	if strings.HasPrefix(strings.ToUpper(s), "AGE-SECRET-KEY-") {
		return errors.New("is a secret key; put the public one here, it begins with age1 (and make a new pair: this one was seen)")
	}
	if strings.ContainsAny(s, "\r\n#") {
		return errors.New("is not one age recipient")
	}
	if got, err := age.ParseRecipients(strings.NewReader(s)); err != nil || len(got) != 1 {
		return errors.New("is no age recipient; age-keygen prints one, it begins with age1")
	}
	return nil
}

// sourceName is what logs, lists and the command line call a source.
var sourceName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)

func nameOfSource(s string) error {
	if sourceName.MatchString(s) {
		return nil
	}
	return fmt.Errorf("%q is no name; letters, digits, dot, hyphen and underscore, at most 63", s)
}

func regularExpression(s string) error {
	if _, err := regexp.Compile(s); err != nil {
		return fmt.Errorf("is no regular expression: %w", err)
	}
	return nil
}

// jsonPath is how kind json names places in an answer; crawler/kind reads it.
var jsonPath = regexp.MustCompile(`^(\*|[\pL\pN_$@:-]+)(\.(\*|[\pL\pN_$@:-]+))*$`)

// selector is a CSS selector and, after an @, the attribute that holds the address.
func selector(s string) error {
	css, _, _ := strings.Cut(s, "@")
	if _, err := cascadia.ParseGroup(strings.TrimSpace(css)); err != nil {
		return fmt.Errorf("is no CSS selector: %w", err)
	}
	return nil
}

func rawPattern(s string) error {
	if jsonPath.MatchString(s) {
		return nil
	}
	if from, to := strings.IndexByte(s, '{'), strings.IndexByte(s, '}'); from < 0 || to < from+2 {
		return errors.New("lacks {id} or {href}, which stand for the item's name and its link; write for example /raw/{id}")
	}
	return nil
}

// quietHours are hours in which nothing is sent; empty: none.
func quietHours(s string) error {
	_, err := quiet.Parse(s)
	return err
}
