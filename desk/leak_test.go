package desk

import (
	"context"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"unmirror/desk/texts"
	"unmirror/internal/account"
	"unmirror/takedown/incident"
)

// fileLeak gives the world's leak the example of the documents, and lets its dates pass.
func (w *world) fileLeak(change func(*incident.File)) {
	w.t.Helper()
	raw := must(os.ReadFile("../docs/leak-file.example.yaml"))(w.t)
	f := must(incident.Parse(raw, time.Time{}))(w.t)
	if change != nil {
		change(&f)
	}
	if err := w.docket.SetIncident(w.t.Context(), w.actor(account.Counsel), "arbo-2026", f); err != nil {
		w.t.Fatal(err)
	}
}

func TestEveryFieldAndWordOfALeakFileHasAName(t *testing.T) {
	for tag, catalogue := range must(texts.Load())(t) {
		l := &lang{Catalogue: catalogue}
		for _, f := range incident.Fields() {
			m := pathParts.FindStringSubmatch(strings.ReplaceAll(f.Path, "[]", "[0]"))
			if m == nil || !l.Has("leakfile.section."+m[1]) {
				t.Errorf("%s: %s has no section", tag, f.Path)
				continue
			}
			for _, step := range strings.Split(m[3], ".") {
				if step = listIndex.ReplaceAllString(step, ""); step != "" && !l.Has("leakfile.field."+step) {
					t.Errorf("%s: %s has no label for %s", tag, f.Path, step)
				}
			}
		}
		for _, word := range incident.Words() {
			if !l.Has("leakfile.word." + word) {
				t.Errorf("%s has no name for %s", tag, word)
			}
		}
		for _, id := range incident.DutyIDs() {
			if !l.Has("duty.what." + id) {
				t.Errorf("%s has no name for the duty %s", tag, id)
			}
		}
	}
}

func TestTheLeakPageShowsFileDutiesAndWhatIsMissing(t *testing.T) {
	w := newWorld(t)
	counsel := w.as(account.Counsel)
	counsel.get("/leaks/arbo-2026").wants(t, http.StatusOK, "There is no leak file yet", "legal.dpia", "legal.purpose", "No start date")
	w.fileLeak(func(f *incident.File) { f.Legal.DPIA = "" })
	counsel.get("/leaks/arbo-2026").wants(t, http.StatusOK, "Arbeidszorg Voorbeeld vzw", "Scanhuis Voorbeeld bv", "legal.dpia", "duties are overdue",
		"Version 1", "Report to the supervisory authority", "consultation", "our term for").lacks(t, "legal.purpose", "There is no leak file yet")
	counsel.get("/queue").wants(t, http.StatusOK, "Overdue duties", `href="/leaks/arbo-2026#duties"`)
	counsel.get("/leaks").wants(t, http.StatusOK, `href="/leaks/arbo-2026"`)
	counsel.get("/leaks/nothing-2026").wants(t, http.StatusNotFound)
	counsel.get("/leaks/arbo-2026?lang=nl").wants(t, http.StatusOK, "verplichtingen zijn te laat", "raadpleging", "brieven van de arbeidsarts")
}

func TestADutyIsTickedOnTheLeakPage(t *testing.T) {
	w := newWorld(t)
	w.fileLeak(nil)
	counsel, auditor := w.as(account.Counsel), w.as(account.Auditor)
	const path = "/leaks/arbo-2026/duties"
	counsel.post(path, "duty", "persons", "on", "2099-05-01", "proof", "letters").wants(t, http.StatusUnprocessableEntity, "cannot lie in the future", "letters")
	counsel.post(path, "duty", "persons", "on", "2026-03-15", "proof", "letter to "+victim).wants(t, http.StatusUnprocessableEntity).lacks(t, victim)
	counsel.post(path, "duty", "persons", "on", "2026-03-15", "proof", "640 registered letters").wants(t, http.StatusSeeOther)
	counsel.get("/leaks/arbo-2026").wants(t, http.StatusOK, "640 registered letters", "The duty is ticked off.", staff(account.Counsel))
	auditor.post(path, "duty", "police", "on", "2026-03-15", "proof", "x").wants(t, http.StatusForbidden)
	auditor.get("/leaks/arbo-2026").wants(t, http.StatusOK).lacks(t, `action="`+path+`"`)
}

func TestASourceThatWaitsForALeakFileSaysSo(t *testing.T) {
	w := newWorld(t, func(o *Options) {
		o.Sources = func(context.Context) ([]Source, error) {
			return []Source{{Name: "pastes", Kind: "pastebin", State: "never", Held: true, Waits: []Wait{{Leak: "arbo-2026", Fields: []string{"legal.dpia"}}}}}, nil
		}
	})
	counsel := w.as(account.Counsel)
	counsel.get("/sources").wants(t, http.StatusOK, "Waits for a leak file", "legal.dpia", `href="/leaks/arbo-2026"`)
	counsel.get("/leaks/arbo-2026").wants(t, http.StatusOK, "one source is not swept for it")
}

func TestCounselFillsInTheLeakFileOnTheDesk(t *testing.T) {
	w := newWorld(t)
	counsel, auditor := w.as(account.Counsel), w.as(account.Auditor)
	const path = "/leaks/arbo-2026/file"
	counsel.get("/leaks/arbo-2026").wants(t, http.StatusOK, `href="`+path+`"`)
	counsel.get(path).wants(t, http.StatusOK, "Nothing is filled in yet", "Take the # away from lists", "reference of the DPIA", `name="base" value="0"`)
	counsel.post(path, "base", "0", "text", "legal:\n  dpai: GEB-1\n").wants(t, http.StatusUnprocessableEntity, "line 2: legal.dpai: is no field; did you mean legal.dpia?", "dpai: GEB-1")
	counsel.post(path, "base", "0", "text", "incident: {how: it named "+victim+"}").wants(t, http.StatusUnprocessableEntity, "name in incident.how").lacks(t, victim)
	counsel.post(path, "base", "0", "text", "legal:\r\n  dpia: GEB-1\r\n  purpose: |\r\n    two\r\n    lines\r\n").wants(t, http.StatusSeeOther)
	counsel.get("/leaks/arbo-2026").wants(t, http.StatusOK, "Kept as a new version of the leak file.", "GEB-1", "Version 1")
	counsel.post(path, "base", "0", "text", "legal: {dpia: GEB-2}").wants(t, http.StatusConflict)
	counsel.get(path).wants(t, http.StatusOK, "dpia: GEB-1", `name="base" value="1"`)
	auditor.get(path).wants(t, http.StatusForbidden)
	auditor.post(path, "base", "1", "text", "legal: {dpia: GEB-3}").wants(t, http.StatusForbidden)
}

func TestTheRecordOfProcessingIsReadOnTheDesk(t *testing.T) {
	w := newWorld(t, func(o *Options) {
		o.Record = func(_ context.Context, slug, in string) (string, error) {
			if slug != "arbo-2026" {
				return "", nil
			}
			return "record in " + in + " of " + victim, nil
		}
	})
	auditor := w.as(account.Auditor)
	auditor.get("/leaks/arbo-2026").wants(t, http.StatusOK, `href="/leaks/arbo-2026/record?in=de"`)
	got := auditor.get("/leaks/arbo-2026/record?in=de").wants(t, http.StatusOK, "record in de").lacks(t, victim)
	if got.head.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("content type %q", got.head.Get("Content-Type"))
	}
	auditor.get("/leaks/arbo-2026/record?in=it").wants(t, http.StatusNotFound)
	auditor.get("/leaks/other/record?in=de").wants(t, http.StatusNotFound)
	w.browser().get("/leaks/arbo-2026/record?in=de").wants(t, http.StatusSeeOther)
}
