package takedown

import (
	"encoding/json"
	"fmt"
	"slices"

	"unmirror/store"
	"unmirror/takedown/contact"
	"unmirror/takedown/law"
	"unmirror/takedown/notice"
	"unmirror/takedown/packing"
)

// spoken says whether a notice can be written in that language.
func spoken(language string) bool {
	return slices.Contains([]string{"nl", "fr", "de", "en"}, language)
}

func (d *Docket) saveContacts(tx *store.Tx, caseID string, found []contact.Found) error {
	b, err := json.Marshal(found)
	if err != nil {
		return fmt.Errorf("save contacts: %w", err)
	}
	if b, err = packing.Pack(packing.Version{Content: b}); err != nil {
		return fmt.Errorf("save contacts: %w", err)
	}
	_, err = tx.Exec(`INSERT INTO contacts (case_id, fetched, found) VALUES (?,?,?)
		ON CONFLICT (case_id) DO UPDATE SET fetched = excluded.fetched, found = excluded.found`,
		caseID, store.Millis(d.now()), tx.Seal("contacts.found", b))
	if err != nil {
		return fmt.Errorf("save contacts: %w", err)
	}
	return nil
}

// contacts returns what was found for a case; who is not to be written to by now says so.
func (d *Docket) contacts(tx *store.Tx, caseID string) ([]contact.Found, error) {
	found, err := loadContacts(tx, caseID)
	if err != nil || len(found) == 0 {
		return found, err
	}
	var any bool
	if err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM contact_entries WHERE state = 'standing')`).Scan(&any); err != nil || !any {
		return found, err
	}
	c, err := loadCase(tx, caseID)
	if err != nil {
		return nil, err
	}
	return d.forbid(tx, placeOf(c), found)
}

func loadContacts(tx *store.Tx, caseID string) ([]contact.Found, error) {
	rows, err := tx.Query(`SELECT found FROM contacts WHERE case_id = ?`, caseID)
	if err != nil {
		return nil, fmt.Errorf("read contacts: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var found []contact.Found
	for rows.Next() {
		var sealed []byte
		if err := rows.Scan(&sealed); err != nil {
			return nil, fmt.Errorf("read contacts: %w", err)
		}
		plain, err := tx.Open("contacts.found", sealed)
		if err == nil && packing.Packed(plain) {
			var p packing.Version
			p, err = packing.Unpack(plain)
			plain = p.Content
		}
		if err == nil {
			err = json.Unmarshal(plain, &found)
		}
		if err != nil {
			return nil, fmt.Errorf("open contacts: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read contacts: %w", err)
	}
	return found, skipUnwritable(tx, found)
}

// aim addresses a version to a rung: its profile, its language, and the regime that binds such a recipient to such an act.
func (d *Docket) aim(v *version, f contact.Found) {
	v.Envelope.To, v.Attachments = f.Email, f.Profile.Attachments
	v.Facts.RecipientName, v.Facts.RecipientKind, v.Facts.Language = f.Name, f.Kind, f.Language
	if !spoken(v.Facts.Language) {
		v.Facts.Language = "en"
	}
	if v.Facts.RecipientKind == "" {
		v.Facts.RecipientKind = contact.KindHost
	}
	v.Facts.Regime = defaultRegime
	if r, ok := d.regime(v.Facts, f.Profile.OffersInEU || f.Email == ""); ok {
		v.Facts.Regime = r.ID
		if len(r.Languages) > 0 && !slices.Contains(r.Languages, v.Facts.Language) {
			v.Facts.Language = r.Languages[0]
		}
	}
}

// regime returns the first regime that binds such a recipient to such an act, and that counsel need not ask for.
func (d *Docket) regime(f notice.Facts, offersInEU bool) (law.Regime, bool) {
	for _, r := range d.o.Law.Choices(f.RecipientKind, offersInEU, f.Act, f.Countries) {
		if !r.ByCounsel {
			return r, true
		}
	}
	return law.Regime{}, false
}
