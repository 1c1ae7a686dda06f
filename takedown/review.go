package takedown

import (
	"encoding/json"
	"fmt"
	"mime"
	"slices"
	"sort"
	"strings"

	"unmirror/fingerprints/match"
	"unmirror/takedown/notice"
	"unmirror/takedown/xarf"
)

// review is what stands between a version and its approval.
type review struct {
	elements     []notice.Element
	missing      []string // plain sentences
	blocked      []string // "name in the body": what the guard found and where, never the value
	locationHits bool     // the exact location itself holds an identifier
}

// review checks what would go out: the decoded bytes, not the draft that they were made from.
func (d *Docket) review(v version) review {
	r := review{elements: notice.Check(d.o.Law, v.Facts, v.Draft)}
	_, hand := byForm(v.Envelope.To)
	secret := slices.ContainsFunc(v.Facts.Locations, func(l notice.Location) bool { return notice.CarriesSecret(l.URL) })
	for _, e := range r.elements {
		if !e.Present && (!hand || e.ID != "location" || !secret) { // what gives access may stand in a form
			r.missing = append(r.missing, e.Missing)
		}
	}
	if len(r.elements) == 0 {
		r.missing = append(r.missing, "The law table does not know the regime of this notice, so its required elements cannot be checked.")
	}
	if v.Envelope.To == "" {
		r.missing = append(r.missing, "No recipient is known: name one here, or in the configuration under recipients.")
	}
	if v.mime == nil {
		why := "The message cannot be written: the sender (mail.from) or the recipient is no usable address."
		if v.Envelope.From == "" {
			why = "No sender address is configured: mail.from is empty."
		}
		r.missing = append(r.missing, why)
		r.guardText(d, v.Facts, "subject", v.Draft.Subject, false)
		r.guardText(d, v.Facts, "body", v.Draft.Body, true)
		return r
	}
	subject, body, headers, attachments, err := notice.Text(v.mime)
	if err != nil {
		r.missing = append(r.missing, "The rendered message cannot be read back, so it cannot be checked.")
		return r
	}
	r.guardText(d, v.Facts, "subject", subject, false)
	r.guardText(d, v.Facts, "body", body, true)
	names := make([]string, 0, len(headers))
	for name := range headers {
		names = append(names, name)
	}
	sort.Strings(names)
	words := mime.WordDecoder{}
	for _, name := range names {
		for _, value := range headers[name] {
			if plain, err := words.DecodeHeader(value); err == nil {
				value = plain
			}
			r.guardText(d, v.Facts, "header "+name, value, false)
		}
	}
	for i, head := range notice.PartHeads(v.mime) {
		r.guardText(d, v.Facts, fmt.Sprintf("name of part %d", i+1), head, false)
	}
	for i, a := range attachments {
		field := fmt.Sprintf("attachment %d", i+1)
		if err := xarf.Validate(a); err != nil {
			r.missing = append(r.missing, fmt.Sprintf("Attachment %d is no valid XARF report.", i+1))
		}
		r.guardJSON(d, v.Facts, field, a)
	}
	return r
}

// guardText runs the guard over one field. Where the exact location stands on its own, what it holds is a location hit,
// which counsel may accept; everywhere else it blocks.
func (r *review) guardText(d *Docket, f notice.Facts, field, text string, mayLocate bool) {
	var spans [][2]int
	if mayLocate {
		spans = notice.LocationSpans(f, text)
	}
	for _, h := range d.o.Guard(text) {
		if within(h, spans) {
			r.locationHits = r.locationHits || h.Kind != match.FileName // the re-upload's own address may be called as it is
			continue
		}
		found := h.Kind + " in the " + field
		if !slices.Contains(r.blocked, found) {
			r.blocked = append(r.blocked, found)
		}
	}
}

func within(h match.Hit, spans [][2]int) bool {
	return slices.ContainsFunc(spans, func(s [2]int) bool { return h.Start >= s[0] && h.End <= s[1] })
}

// guardJSON runs the guard over each string of a JSON attachment by itself, since escapes could hide an identifier,
// and over the whole as it is sent.
func (r *review) guardJSON(d *Docket, f notice.Facts, field string, raw []byte) {
	var doc any
	if err := json.Unmarshal(raw, &doc); err != nil {
		r.guardText(d, f, field, string(raw), false)
		return
	}
	var walk func(key string, v any)
	walk = func(key string, v any) {
		switch v := v.(type) {
		case string:
			at := field
			if key != "" {
				at += " (" + key + ")"
			}
			r.guardText(d, f, at, v, key == "url")
		case []any:
			for _, e := range v {
				walk(key, e)
			}
		case map[string]any:
			keys := make([]string, 0, len(v))
			for k := range v {
				keys = append(keys, k)
			}
			sort.Strings(keys)
			for _, k := range keys {
				r.guardText(d, f, field, k, false)
				walk(k, v[k])
			}
		}
	}
	walk("", doc)
}

// swap is what a page shows instead of something that it may not show.
type swap struct{ shown, exact string }

// show masks what the guard finds in a text of a notice. A location is masked by whole segments; swaps tell how to put
// the exact one back into an edited text.
func (d *Docket) show(f notice.Facts, text string) (shown string, swaps []swap) {
	spans := notice.LocationSpans(f, text)
	var at [][2]int
	for _, h := range d.o.Guard(text) {
		if !within(h, spans) {
			at = append(at, [2]int{h.Start, h.End})
		}
	}
	var b strings.Builder
	done := 0
	for _, s := range spans {
		exact := text[s[0]:s[1]]
		// A hit may also begin before the location and end in it.
		masked := maskRanges(exact, append(segments(exact, d.o.Guard(exact)), shift(at, s[0], s[1])...))
		if masked == exact || s[0] < done {
			continue
		}
		b.WriteString(maskRanges(text[done:s[0]], shift(at, done, s[0])))
		b.WriteString(masked)
		swaps = append(swaps, swap{shown: masked, exact: exact})
		done = s[1]
	}
	b.WriteString(maskRanges(text[done:], shift(at, done, len(text))))
	return b.String(), swaps
}

// shift returns the ranges that touch [from, to), relative to from.
func shift(at [][2]int, from, to int) [][2]int {
	var out [][2]int
	for _, r := range at {
		if r[1] > from && r[0] < to {
			out = append(out, [2]int{max(r[0], from) - from, min(r[1], to) - from})
		}
	}
	return out
}

// unshow puts exact locations back where an edited text repeats what a page showed.
func unshow(text string, swaps []swap) string {
	for _, s := range swaps {
		text = strings.ReplaceAll(text, s.shown, s.exact)
	}
	return text
}
