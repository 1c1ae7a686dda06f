package reply

import (
	"regexp"
	"slices"
	"strings"
)

var ours = regexp.MustCompile(`(?i)\bUM-\d{4}-\d{6,9}\b`)

// ourTickets finds our own numbers, the subject's first.
func ourTickets(subject, text, returned string) []string {
	var out []string
	for _, s := range []string{subject, returned, text} {
		for _, t := range ours.FindAllString(clip(s, 4*maxWeigh), 20) {
			if t = strings.ToUpper(t); !slices.Contains(out, t) {
				out = append(out, t)
			}
		}
	}
	return out
}

// inSubject is how ticket systems mark subjects: RT [host #12], OTRS [Ticket#2026110310000012], JIRA [ABUSE-12], ServiceDesk ##12##,
// Dynamics CAS-12-A1B2C3, ServiceNow INC0012345, Salesforce ref:_…:ref, Hetzner [AbuseID:…], "(Case 12)", "Ticket #12".
var inSubject = regexp.MustCompile(`(?i)` + strings.Join([]string{
	`\[(?:[^\]\[]{0,60}[\s:])?#\s?(?P<a>\d{2,20})\]`,
	`\[(?P<h>(?:AbuseID|AbuseCase|CaseID|ID):\s?[A-Z0-9:._-]{2,40})\]`,
	`\[?(?:Ticket|Request|Case|Incident|Abuse|Vorgang|Zaak|Dossier|Melding)\s?[#:]{0,2}\s?(?P<b>[A-Z0-9][A-Z0-9._-]{1,40})\]?`,
	`\[(?P<c>[A-Z][A-Z0-9]{1,11}-\d{2,12})\]`,
	`##-?\s?(?P<d>[A-Z0-9-]{2,30})\s?-?##`,
	`\b(?P<e>CAS-\d{4,8}-[A-Z0-9]{5,8})\b`,
	`\b(?P<f>(?:INC|REQ|RITM|CS)\d{6,12})\b`,
	`\b(?P<g>ref:_?[A-Za-z0-9._!-]{8,60}:ref)`,
	`\((?:Case|Ticket|Ref)[ #:]+(?P<i>[A-Z0-9-]{3,40})\)`,
	`\[(?P<j>[A-Z0-9]{6}-[A-Z0-9]{4,6})\]`,
}, "|"))

// inText is a line that names a ticket, in four languages.
var inText = regexp.MustCompile(`(?im)\b(?:(?:support |abuse |case |your )?(?:ticket|case|request|incident|tracking|reference|report)(?: ?(?:id|number|no\.?|nr\.?|#))|` +
	`ticket-?nummer|zaaknummer|dossiernummer|meldingsnummer|referentie(?:nummer)?|numéro de (?:dossier|ticket|référence)|référence|` +
	`vorgangsnummer|fallnummer|aktenzeichen|ticket-?id)\b\s*(?:is|lautet|est)?\s*[:#]?\s*\[?#?(?P<a>[A-Z0-9][A-Z0-9._/-]{2,40})`)

// theirTickets finds the other side's ticket ids, at most eight.
func theirTickets(subject, text string) []string {
	var out []string
	take := func(re *regexp.Regexp, s string, n int) {
		for _, m := range re.FindAllStringSubmatch(s, n) {
			for _, id := range m[1:] {
				id = strings.TrimRight(id, "._-/:")
				if len(id) < 2 || ours.MatchString(id) || !strings.ContainsAny(id, "0123456789") || slices.Contains(out, id) || len(out) == 8 {
					continue
				}
				out = append(out, id)
			}
		}
	}
	take(inSubject, ours.ReplaceAllString(subject, " "), 8)
	take(inText, ours.ReplaceAllString(subject, " "), 4)
	take(inText, ours.ReplaceAllString(clip(text, maxWeigh), " "), 8)
	return out
}
