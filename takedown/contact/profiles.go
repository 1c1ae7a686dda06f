package contact

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed profiles.yaml
var profilesYAML []byte

// Provider is what is known of a recipient beforehand.
type Provider struct {
	ID         string         `yaml:"id"`
	Name       string         `yaml:"name"`
	Kind       string         `yaml:"kind"`
	Domains    []string       `yaml:"domains"` // of the places that it runs, with what lies under them
	Mail       []string       `yaml:"mail"`    // domains of the addresses at which it reads
	Email      string         `yaml:"email"`   // that it publishes; empty: none is known
	Status     string         `yaml:"status"`  // confirmed or unconfirmed
	Source     string         `yaml:"source"`  // of what stands here
	Channel    string         `yaml:"channel"`
	Form       string         `yaml:"form"`
	Language   string         `yaml:"language"`
	Attach     bool           `yaml:"attachments"`
	OneURL     bool           `yaml:"one_url"`
	OneHost    bool           `yaml:"one_host"`
	OffersInEU bool           `yaml:"offers_in_eu"`
	TellsOwner bool           `yaml:"tells_owner"`
	Encrypt    bool           `yaml:"encrypt"`
	Individual bool           `yaml:"individual"` // only for one person concerned, with a mandate
	Wants      string         `yaml:"wants"`
	Headers    []string       `yaml:"headers"` // "name:" or "name: beginning of the value", in lower case
	ASNs       []uint32       `yaml:"asns"`
	Ranges     []netip.Prefix `yaml:"ranges"`
	Complete   bool           `yaml:"complete"` // Ranges and ASNs are all that it has: a head that names it from elsewhere lies
}

// Catalogue is what is known of recipients beforehand.
type Catalogue []Provider

// profiles reads the catalogue once: it never changes.
var profiles = sync.OnceValues(func() (Catalogue, error) { return ReadProfiles(profilesYAML) })

// Profiles returns the catalogue that the program carries.
func Profiles() (Catalogue, error) {
	all, err := profiles()
	return slices.Clone(all), err
}

// ReadProfiles reads a catalogue; the error names each entry that is wrong.
func ReadProfiles(b []byte) (Catalogue, error) {
	var all Catalogue
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	if err := d.Decode(&all); err != nil {
		return nil, fmt.Errorf("read profiles: %w", err)
	}
	var errs []error
	seen := map[string]bool{}
	for _, p := range all {
		if why := p.wrong(seen); why != "" {
			errs = append(errs, fmt.Errorf("profile %q: %s", p.ID, why))
		}
		seen[p.ID] = true
		for _, d := range p.Domains {
			if seen["domain "+d] {
				errs = append(errs, fmt.Errorf("profile %q: the domain %s stands twice", p.ID, d))
			}
			seen["domain "+d] = true
		}
	}
	return all, errors.Join(errs...)
}

func (p Provider) wrong(seen map[string]bool) string {
	switch {
	case p.ID == "" || seen[p.ID] || p.Name == "" || p.Source == "":
		return "id (once), name and source are needed"
	case p.Status != "confirmed" && p.Status != "unconfirmed":
		return "the status is confirmed or unconfirmed"
	case !slices.Contains([]string{KindPlatform, KindHost, KindCDN, KindSearch, KindReverseSearch, KindLinkList, KindUptime, KindHostile}, p.Kind):
		return "the kind is not known"
	case p.Channel != "" && p.Channel != ChannelMail && (p.Channel != ChannelForm || p.Form == ""):
		return "the channel is mail, or form with the form's id"
	case p.Email != "" && address(p.Email) == "":
		return "the e-mail address is none"
	case p.Language != "" && !slices.Contains([]string{"nl", "fr", "de", "en"}, p.Language):
		return "notices are written in nl, fr, de and en"
	case slices.ContainsFunc(p.Headers, func(h string) bool { return h != strings.ToLower(h) || !strings.Contains(h, ":") }):
		return "headers are written in lower case, with a colon"
	}
	return ""
}

func (p Provider) profile() Profile {
	return Profile{Attachments: p.Attach, OneURL: p.OneURL, OffersInEU: p.OffersInEU, OneHost: p.OneHost, Channel: p.Channel, Form: p.Form,
		TellsOwner: p.TellsOwner, Encrypt: p.Encrypt, Unconfirmed: p.Status != "confirmed", Wants: p.Wants}
}

// of returns the provider that runs a place, the one with the most exact name.
func (c Catalogue) of(s spot) (Provider, bool) {
	var best Provider
	long := 0
	for _, p := range c {
		for _, d := range p.Domains {
			if len(d) > long && (s.host == d || strings.HasSuffix(s.host, "."+d)) {
				best, long = p, len(d)
			}
		}
	}
	return best, long > 0
}

// reading returns the provider that reads mail at an address.
func (c Catalogue) reading(email string) (Provider, bool) {
	_, domain, ok := strings.Cut(strings.ToLower(email), "@")
	if !ok {
		return Provider{}, false
	}
	for _, p := range c {
		if slices.ContainsFunc(p.Mail, func(d string) bool { return domain == d || strings.HasSuffix(domain, "."+d) }) {
			return p, true
		}
	}
	return Provider{}, false
}

func (c Catalogue) byID(id string) (Provider, bool) {
	i := slices.IndexFunc(c, func(p Provider) bool { return id != "" && p.ID == id })
	if i < 0 {
		return Provider{}, false
	}
	return c[i], true
}

// innocent says why a kind of place is never written to.
func innocent(kind string) (why string, yes bool) {
	switch kind {
	case KindReverseSearch:
		return "a reverse search shows what others published and is never notified", true
	case KindLinkList:
		return "a list of links shows what others published and is never notified", true
	case KindUptime:
		return "a page that measures whether sites answer is never notified", true
	}
	return "", false
}
