package takedown

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"unmirror/store"
	"unmirror/takedown/notice"
)

// Inspection is what a person looked at before deciding about a case, and how. Some recipients ask that a trained person, not a program
// alone, assessed what they are told.
type Inspection struct {
	What string    // in words; kept sealed
	How  string    // one of Hows
	Date time.Time // zero: now
}

// InspectionRow is one inspection as the case page and the export show it.
type InspectionRow struct {
	ID   string    `json:"id"`
	At   time.Time `json:"at"`
	By   string    `json:"by"`
	How  string    `json:"how"`
	What string    `json:"what"`
}

// Hows are the ways of inspecting: the match's explanation, the page around the content, the content itself, the content beside the known
// file, and another one.
func Hows() []string { return []string{"explanation", "page", "content", "original", "other"} }

// Inspect keeps what counsel personally inspected.
func (d *Docket) Inspect(ctx context.Context, a Actor, caseID string, i Inspection) error {
	if err := counsel(a); err != nil {
		return err
	}
	i, err := d.checkInspection(i)
	if err != nil {
		return err
	}
	return d.write(ctx, "keep inspection", func(tx *store.Tx) error {
		c, err := loadCase(tx, caseID)
		if err != nil {
			return err
		}
		if err := d.keepInspection(tx, a, c.id, i); err != nil {
			return err
		}
		return d.tellInspection(tx, c.id)
	})
}

// tellInspection has the drafts about a case say what a person looked at; words that a person wrote stay as they are.
func (d *Docket) tellInspection(tx *store.Tx, caseID string) error {
	drafts, err := queryNotices(tx, `JOIN notice_cases x ON x.notice_id = n.id WHERE x.case_id = ? AND x.state = 'in' AND n.state = 'draft'
		AND n.kind <> 'retraction' AND n.by_person = 0`, caseID)
	if err != nil {
		return err
	}
	for _, n := range drafts {
		v, err := loadVersion(tx, n.id, n.version)
		if err != nil {
			return err
		}
		was := v.Facts.Inspected
		if v.Facts.Inspected, err = inspectedAll(tx, v.Cases); err != nil {
			return err
		}
		if v.Facts.Inspected == was {
			continue
		}
		if v.Draft, err = notice.Compose(d.o.Law, v.Facts); err != nil {
			return fmt.Errorf("compose notice: %w", err)
		}
		if err := d.writeVersion(tx, n, v, System); err != nil {
			return err
		}
	}
	return nil
}

// inspectedAll is what a notice about these cases says of inspections: the newest of each, where there is one of each and all are of one
// day. What was looked at in words stays in the record: it may hold what a notice must not.
func inspectedAll(tx *store.Tx, caseIDs []string) (all notice.Inspection, err error) {
	for i, id := range caseIDs {
		var at int64
		var how string
		err := tx.QueryRow(`SELECT at, how FROM inspections WHERE case_id = ? ORDER BY at DESC, id DESC LIMIT 1`, id).Scan(&at, &how)
		if errors.Is(err, sql.ErrNoRows) {
			return notice.Inspection{}, nil
		}
		if err != nil {
			return notice.Inspection{}, fmt.Errorf("read inspections of %s: %w", id, err)
		}
		day := store.Time(at).Truncate(24 * time.Hour)
		switch {
		case i == 0:
			all = notice.Inspection{How: how, Date: day}
		case !day.Equal(all.Date):
			return notice.Inspection{}, nil
		case how != all.How:
			all.How = "other"
		}
	}
	return all, nil
}

// checkInspection refuses one that says too little, or a day to come.
func (d *Docket) checkInspection(i Inspection) (Inspection, error) {
	i.What = strings.TrimSpace(i.What)
	switch {
	case i.What == "":
		return i, refuse(CodeInvalid, "Say what you inspected.")
	case !slices.Contains(Hows(), i.How):
		return i, refuse(CodeInvalid, "Say how you inspected it: "+strings.Join(Hows(), ", ")+".")
	case i.Date.After(d.now()):
		return i, refuse(CodeInvalid, "The day of the inspection is still to come.")
	case i.Date.IsZero():
		i.Date = d.now()
	}
	return i, nil
}

func (d *Docket) keepInspection(tx *store.Tx, a Actor, caseID string, i Inspection) error {
	id := store.NewID("inspection")
	_, err := tx.Exec(`INSERT INTO inspections (id, case_id, at, created, actor, how, content) VALUES (?,?,?,?,?,?,?)`, id, caseID,
		store.Millis(i.Date), store.Millis(d.now()), a.ID, i.How, sealWhy(tx, "inspections.content", a, i.What))
	if err != nil {
		return fmt.Errorf("keep inspection: %w", err)
	}
	return tx.Audit(store.Entry{Actor: a.ID, Act: "case.inspected", Object: caseID, Detail: id + " " + i.How, Reason: i.What})
}

// inspections lists what was inspected of a case, oldest first.
func (d *Docket) inspections(tx *store.Tx, caseID string) (out []InspectionRow, err error) {
	rows, err := tx.Query(`SELECT id, at, actor, how, content FROM inspections WHERE case_id = ? ORDER BY at, id`, caseID)
	if err != nil {
		return nil, fmt.Errorf("read inspections: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var r InspectionRow
		var at int64
		var content []byte
		if err := rows.Scan(&r.ID, &at, &r.By, &r.How, &content); err != nil {
			return nil, fmt.Errorf("read inspections: %w", err)
		}
		w, err := openWhy(tx, "inspections.content", content)
		if err != nil {
			return nil, err
		}
		if w.Name != "" {
			r.By = w.Name
		}
		r.At, r.What = store.Time(at), d.redactText(w.Why)
		out = append(out, r)
	}
	return out, rows.Err()
}
