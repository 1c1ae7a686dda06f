package desk

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"unmirror/takedown"
	"unmirror/takedown/incident"
)

type leakEditView struct {
	Slug, Title string
	Text        string
	Base        int // the version that was edited, 0: none yet
	Refusal     *refusal
	Problems    []string // of the file, each with its line and field
	Blank       bool
}

// leakEdit shows the leak file to be edited, or a blank one to be filled in.
func (d *desk) leakEdit(w http.ResponseWriter, r *http.Request) error {
	leak, err := d.leakView(r)
	if err != nil {
		return err
	}
	view := leakEditView{Slug: leak.Slug, Title: leak.Title, Text: incident.Blank(), Blank: true}
	if leak.HasFile {
		file, _, err := d.Docket.Incident(r.Context(), leak.Slug)
		if err != nil {
			return fmt.Errorf("read leak file: %w", err)
		}
		text, err := file.YAML()
		if err != nil {
			return err
		}
		view.Text, view.Base, view.Blank = d.Docket.Shown(string(text)), leak.Versions[0].Version, false
	}
	d.page(w, r, http.StatusOK, "leak_edit", view)
	return nil
}

// leakSave takes an edited leak file.
func (d *desk) leakSave(w http.ResponseWriter, r *http.Request) error {
	leak, err := d.leakView(r)
	if err != nil {
		return err
	}
	text := r.PostForm.Get("text")
	view := leakEditView{Slug: leak.Slug, Title: leak.Title, Text: d.Docket.Shown(text)}
	if view.Base, err = strconv.Atoi(r.PostForm.Get("base")); err != nil {
		return status(http.StatusBadRequest)
	}
	if now := len(leak.Versions); now > 0 && leak.Versions[0].Version != view.Base {
		return fmt.Errorf("save leak file: %w", takedown.ErrStale)
	}
	var wrong *incident.Error
	file, err := incident.Parse([]byte(text), d.Now())
	if err == nil {
		err = d.Docket.SetIncident(r.Context(), actor(r), leak.Slug, file)
	}
	switch {
	case err == nil:
		return d.done(w, r, "flash.leakfile", "/leaks/"+leak.Slug)
	case errors.As(err, &wrong):
		for _, p := range wrong.Problems {
			view.Problems = append(view.Problems, p.String())
		}
	default:
		err = fmt.Errorf("save leak file: %w", err)
		if view.Refusal = refused(visitOf(r).lang, err); view.Refusal == nil || statusOfError(err) != http.StatusUnprocessableEntity {
			return err
		}
	}
	d.page(w, r, http.StatusUnprocessableEntity, "leak_edit", view)
	return nil
}
