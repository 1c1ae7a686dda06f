package takedown

import (
	"fmt"
	"slices"

	"unmirror/store"
	"unmirror/takedown/contact"
	"unmirror/takedown/incident"
	"unmirror/takedown/notice"
)

// fillIncident puts into the facts what counsel filled in about the leak. What the file leaves open stays empty: the check then says
// which required element lacks it.
func fillIncident(f *notice.Facts, file incident.File) {
	f.FactsDate, _ = file.FactsDate.Time()
	f.Countries = slices.Clone(file.Countries)
	f.Incident = notice.Incident{Kind: file.Incident.Kind, Country: file.Incident.Country, Controller: file.Controller.Name,
		Persons: slices.Clone(file.Data.Persons), Count: file.Data.Count, CountIs: file.Data.CountIs, Police: reported(file.Police)}
	f.Incident.From, _ = file.Incident.From.Time()
	f.Incident.Until, _ = file.Incident.Until.Time()
	f.Incident.Discovered, _ = file.Incident.Discovered.Time()
	f.Incident.Published, _ = file.Incident.Published.Time()
	for _, p := range file.Processors {
		f.Incident.Processors = append(f.Incident.Processors, notice.Processor{Name: p.Name, Role: p.Role})
	}
	for _, r := range file.Authorities {
		f.Incident.Reported = append(f.Incident.Reported, reported(r))
	}
	u := file.UploaderContact
	f.Uploader = notice.Uploader{Attempted: u.Attempted, Channel: u.Channel, WhyNot: u.WhyNot.In(f.Language)}
	f.Uploader.Date, _ = u.Date.Time()
	f.Mandate = mandate(file, f.Language)
	if !file.Title.Empty() {
		f.LeakTitle = file.Title.In(f.Language)
	}
}

func reported(r incident.Reported) notice.Reported {
	out := notice.Reported{Name: r.Name, Reference: r.Reference}
	out.Date, _ = r.Reported.Time()
	return out
}

// mandate is the strongest power that the notifier holds: of persons concerned before that of their union or of the controller. Who
// gave a power of attorney is a person concerned, and stays unnamed.
func mandate(file incident.File, language string) notice.Mandate {
	for _, kind := range []string{"power_of_attorney", "article_80", "union", "controller"} {
		i := slices.IndexFunc(file.Mandates, func(m incident.Mandate) bool { return m.Kind == kind })
		if i < 0 {
			continue
		}
		m := file.Mandates[i]
		out := notice.Mandate{From: m.From, Kind: m.Kind, Reference: m.Reference, For: m.For.In(language)}
		if kind == "power_of_attorney" {
			out.From = ""
		}
		out.Date, _ = m.Date.Time()
		return out
	}
	return notice.Mandate{}
}

// incidentVersion is the version of a leak's file, 0 while there is none: a draft that drew on another one is written anew.
func incidentVersion(tx *store.Tx, leak string) (n int, err error) {
	if err = tx.QueryRow(`SELECT COALESCE(MAX(version), 0) FROM incidents WHERE leak = ?`, leak).Scan(&n); err != nil {
		return 0, fmt.Errorf("read version of leak file: %w", err)
	}
	return n, nil
}

// draw fills a version's facts from the leak file, in the language that they now have.
func (d *Docket) draw(tx *store.Tx, v *version, leak string) error {
	file, ok, err := d.incident(tx, leak)
	if err != nil {
		return err
	}
	if v.Incident, err = incidentVersion(tx, leak); err != nil || !ok {
		return err
	}
	fillIncident(&v.Facts, file)
	return nil
}

// drawAndAim does draw and aim: which regime binds depends on the countries whose law counsel chose, and the words on the language of
// the recipient.
func (d *Docket) drawAndAim(tx *store.Tx, v *version, leak string, to contact.Found) error {
	if err := d.draw(tx, v, leak); err != nil {
		return err
	}
	d.aim(v, to)
	return d.draw(tx, v, leak)
}
