// Package form fills field sheets for the web forms by which some providers take notices: what stands in which field, within the form's
// limits, from the text that was approved.
// It never fills in or sends a form, never keeps a name that only a person may type, and never shortens a text by itself.
package form

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed data/forms.yaml
var embedded embed.FS

// Generic is the form for whoever has none of a known shape.
const Generic = "generic"

// Field is one field of a form.
type Field struct {
	Name     string `yaml:"name"`
	From     string `yaml:"from"`    // what of the notice fills it; see sources
	Value    string `yaml:"value"`   // what always stands in it
	ByHand   bool   `yaml:"by_hand"` // a person types it; it is kept nowhere
	Required bool   `yaml:"required"`
	Max      int    `yaml:"max"` // characters; 0: no limit known
	Note     string `yaml:"note"`
}

// Form is one provider's form.
type Form struct {
	ID         string   `yaml:"id"`
	Name       string   `yaml:"name"`
	Where      string   `yaml:"where"`
	Source     string   `yaml:"source"`     // what is known of it, and how surely
	Recipients []string `yaml:"recipients"` // domains of the provider's addresses
	Hosts      []string `yaml:"hosts"`      // hosts whose content it is for
	Kinds      []string `yaml:"kinds"`      // kinds of recipient; empty: each
	Language   string   `yaml:"language"`   // in which it is filled; empty: that of the notice
	OneHost    bool     `yaml:"one_host"`   // all URLs of one host name
	MaxURLs    int      `yaml:"max_urls"`
	Individual bool     `yaml:"individual"` // only for one person concerned, with a mandate
	Fields     []Field  `yaml:"fields"`
}

// Forms are all that are known, the generic one last.
type Forms []Form

// Load reads the forms that the program carries.
func Load() (Forms, error) {
	b, err := fs.ReadFile(embedded, "data/forms.yaml")
	if err != nil {
		return nil, fmt.Errorf("read forms: %w", err)
	}
	return Read(b)
}

// Read reads a table of forms; the error names each entry that is incomplete.
func Read(b []byte) (Forms, error) {
	var all Forms
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	if err := d.Decode(&all); err != nil {
		return nil, fmt.Errorf("read forms: %w", err)
	}
	var errs []error
	seen := map[string]bool{}
	for _, f := range all {
		if f.ID == "" || seen[f.ID] || f.Name == "" || f.Where == "" || f.Source == "" || len(f.Fields) == 0 {
			errs = append(errs, fmt.Errorf("form %q: id (once), name, where, source and fields are needed", f.ID))
		}
		seen[f.ID] = true
		for _, x := range f.Fields {
			if _, ok := sources[x.From]; x.Name == "" || x.From != "" && !ok || (x.From != "") == (x.Value != "" || x.ByHand) {
				errs = append(errs, fmt.Errorf("form %s, field %q: it needs a name and one of from (a known source), value and by_hand", f.ID, x.Name))
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("read forms: %w", err)
	}
	return all, nil
}

// Get returns the form of that id.
func (all Forms) Get(id string) (Form, bool) {
	for _, f := range all {
		if f.ID == id {
			return f, true
		}
	}
	return Form{}, false
}

// IDs lists the forms.
func (all Forms) IDs() []string {
	var out []string
	for _, f := range all {
		out = append(out, f.ID)
	}
	return out
}

// For returns the form of a recipient of that kind and mail address, for content on that host: by the provider's own domain first, then
// by the host; otherwise the generic one.
func (all Forms) For(kind, email, host string) Form {
	_, domain, _ := strings.Cut(strings.ToLower(email), "@")
	host = strings.ToLower(host)
	fits := func(f Form) bool { return len(f.Kinds) == 0 || slices.Contains(f.Kinds, kind) }
	for _, by := range []func(Form) bool{
		func(f Form) bool {
			return domain != "" && slices.ContainsFunc(f.Recipients, func(d string) bool { return under(domain, d) })
		},
		func(f Form) bool {
			return host != "" && kind == "platform" && slices.ContainsFunc(f.Hosts, func(d string) bool { return under(host, d) })
		},
	} {
		for _, f := range all {
			if fits(f) && by(f) {
				return f
			}
		}
	}
	f, _ := all.Get(Generic)
	return f
}

func under(name, domain string) bool { return name == domain || strings.HasSuffix(name, "."+domain) }
