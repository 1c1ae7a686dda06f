package notice

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"unmirror/takedown/xarf"
)

// reported says whether reports go with the letter: a withdrawal, a complaint and a search engine's form bring none.
func (f Facts) reported() bool {
	return (f.Act == ActFirst || f.Act == ActReminder || f.Act == ActEscalation) && f.RecipientKind != "search" && f.RecipientKind != "authority"
}

// XARF writes the report of the location with that index, from 0; it is the same each time, also in a reminder about the same location.
// The report is what Render attaches; whether it is complete is for xarf.Validate to say.
func XARF(f Facts, e Envelope, index int) ([]byte, error) {
	if index < 0 || index >= len(f.Locations) {
		return nil, fmt.Errorf("write report: no location %d", index)
	}
	l := f.Locations[index]
	i := xarf.Incident{
		ID: reportID(f, l), Time: l.Seen, Seen: l.Seen, URL: asciiURL(l.URL), IP: clean(l.IP), Exposure: f.Exposure,
		Categories: f.Categories, Ticket: f.Ticket, Reporter: party(f.Notifier.Name, f.Notifier.Email),
	}
	if i.Time.IsZero() {
		i.Time = f.Date
	}
	if _, err := netip.ParseAddr(i.IP); err != nil {
		i.IP = ""
	}
	if u, err := url.Parse(l.URL); err == nil {
		i.Host = u.Hostname()
		if ascii := asciiDomain(i.Host); ascii != "" {
			i.Host = ascii
		}
		i.Port, _ = strconv.Atoi(u.Port())
		if i.Port == 0 {
			i.Port = map[string]int{"http": 80, "https": 443}[u.Scheme]
		}
	}
	name := e.FromName
	if name == "" {
		name = f.Notifier.Name
	}
	if i.Sender = party(name, e.From); e.From == "" {
		i.Sender = i.Reporter
	}
	if d, err := describe(f); err == nil {
		i.Description = d
	}
	return xarf.Report(i)
}

func describe(f Facts) (string, error) {
	all, err := carriedWords()
	if err != nil {
		return "", err
	}
	w := all["en"]
	parts := []string{"Leaked personal data made public again."}
	if c := w.categories(f.Categories); c != "" {
		parts = append(parts, "Kinds of data: "+c+".")
	}
	if r := w.recognised(f); r != "" {
		parts = append(parts, r)
	}
	return strings.Join(append(parts, "Please remove precisely this content or disable access to it; see the notice "+clean(f.Ticket)+"."), " "), nil
}

func party(name, email string) xarf.Party {
	p := xarf.Party{Org: clean(name), Contact: clean(email)}
	if r := []rune(p.Org); len(r) > 200 {
		p.Org = string(r[:200])
	}
	at := strings.LastIndexByte(p.Contact, '@')
	if p.Domain = asciiDomain(p.Contact[at+1:]); p.Domain != "" && at > 0 {
		p.Contact = p.Contact[:at+1] + p.Domain // the schema's addresses are ASCII
	}
	return p
}

// asciiDomain is the host name in the form of the DNS, "" for what is none.
func asciiDomain(d string) string {
	a, err := idna.Lookup.ToASCII(strings.TrimSuffix(d, "."))
	if err != nil {
		return ""
	}
	return strings.ToLower(a)
}

// reportID is a UUID that looks random (version 4, which the schema's text asks for) and is the same for the same notifier, ticket and
// location, so that a desk sees that a reminder is about the same incident.
func reportID(f Facts, l Location) string {
	h := sha256.New()
	for _, s := range []string{"unmirror xarf report", f.Notifier.Email, f.Ticket, l.URL} {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	b := h.Sum(nil)[:16]
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	x := hex.EncodeToString(b)
	return x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
}

// reportable tells whether the location's report can be sent once the notifier is complete.
func reportable(f Facts, index int) bool {
	f.Notifier.Name, f.Notifier.Email = "x", "x@example.org" // judged on their own
	b, err := XARF(f, Envelope{}, index)
	return err == nil && xarf.Validate(b) == nil
}
