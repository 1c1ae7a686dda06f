package law

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"go.yaml.in/yaml/v3"
)

//go:embed data/*.yaml
var embedded embed.FS

// Load reads the table that the program carries.
func Load() (Table, error) {
	sub, err := fs.Sub(embedded, "data")
	if err != nil {
		return Table{}, fmt.Errorf("open law: %w", err)
	}
	return LoadFS(sub)
}

// LoadFS reads regimes.yaml, grounds.yaml and terms.yaml from a folder, for operators who keep their own.
// The error names every entry that is incomplete or contradicts itself.
func LoadFS(dir fs.FS) (Table, error) {
	var t Table
	for name, into := range map[string]any{"regimes.yaml": &t.regimes, "grounds.yaml": &t.grounds, "terms.yaml": &t.terms} {
		b, err := fs.ReadFile(dir, name)
		if err != nil {
			return Table{}, fmt.Errorf("read law: %w", err)
		}
		d := yaml.NewDecoder(bytes.NewReader(b))
		d.KnownFields(true)
		if err := d.Decode(into); err != nil {
			return Table{}, fmt.Errorf("read law %s: %w", name, err)
		}
	}
	if err := t.validate(); err != nil {
		return Table{}, fmt.Errorf("check law: %w", err)
	}
	return t, nil
}

func (t Table) validate() error {
	var errs []error
	seen := map[string]bool{}
	once := func(what, id string) {
		if id == "" || seen[what+id] {
			errs = append(errs, fmt.Errorf("%s %q: no id, or given twice", what, id))
		}
		seen[what+id] = true
	}
	for _, g := range t.grounds {
		once("ground", g.ID)
		errs = append(errs, g.validate())
	}
	for _, r := range t.regimes {
		once("regime", r.ID)
		errs = append(errs, t.validateRegime(r))
	}
	for id, names := range t.terms {
		errs = append(errs, everyLanguage("term "+id, names))
	}
	return errors.Join(errs...)
}

func (g Ground) validate() error {
	what := "ground " + g.ID
	switch {
	case !slices.Contains([]Status{Confirmed, Unconfirmed, Open}, g.Status):
		return fmt.Errorf("%s: status %q", what, g.Status)
	case g.Source == "":
		return fmt.Errorf("%s: no source", what)
	case g.Status == Open && len(g.Citation) > 0:
		return fmt.Errorf("%s: an open ground has no citation; make it unconfirmed or confirmed", what)
	case g.Status != Open:
		return everyLanguage(what, g.Citation)
	}
	return nil
}

func (t Table) validateRegime(r Regime) error {
	what := "regime " + r.ID
	errs := []error{everyLanguage(what+" name", r.Name), everyLanguage(what+" citation", r.Citation)}
	if r.Template == "" || len(r.Recipients) == 0 || len(r.Senders) == 0 || len(r.Elements) == 0 {
		errs = append(errs, fmt.Errorf("%s: template, recipients, senders and elements are needed", what))
	}
	for _, id := range slices.Concat(r.Grounds, r.Optional) {
		if _, ok := t.Ground(id); !ok {
			errs = append(errs, fmt.Errorf("%s: no ground %q", what, id))
		}
	}
	for _, e := range r.Elements {
		if e.ID == "" || e.Citation == "" {
			errs = append(errs, fmt.Errorf("%s: an element lacks id or citation", what))
		}
		errs = append(errs, everyLanguage(what+" element "+e.ID, e.Label))
		for _, l := range languages {
			if len(e.Phrases) > 0 && len(e.Phrases[l]) == 0 {
				errs = append(errs, fmt.Errorf("%s element %s: no phrases in %s", what, e.ID, l))
			}
		}
	}
	return errors.Join(errs...)
}

func everyLanguage(what string, names map[string]string) error {
	for _, l := range languages {
		if names[l] == "" {
			return fmt.Errorf("%s: nothing in %s", what, l)
		}
	}
	return nil
}
