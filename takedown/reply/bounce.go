package reply

import (
	"regexp"
	"slices"
	"strings"
)

// failed lists the addresses of which a bounce speaks: from its delivery status, from the field that Exim writes, or from its text.
func (w *walker) failed(h header, text string) []Failed {
	text = clip(text, maxWeigh)
	var out []Failed
	arrived := false
	for _, block := range w.status {
		address := ""
		for _, field := range []string{"Original-Recipient", "Final-Recipient"} {
			if a := bare.FindString(block.get(field)); a != "" {
				address = strings.ToLower(a)
				break
			}
		}
		action := block.word("Action")
		if address == "" && action == "" {
			continue // the block about the whole message
		}
		if action == "delivered" || action == "relayed" || action == "expanded" {
			arrived = true
			continue
		}
		f := Failed{Address: address, Status: statusIn(block.get("Status")), Delayed: action == "delayed"}
		// Servers that give the vague 5.0.0 often say what they mean behind it.
		if d := statusIn(block.get("Diagnostic-Code")); d != "" && (f.Status == "" || strings.HasSuffix(f.Status, ".0.0")) {
			f.Status = d
		}
		out = add(out, f)
	}
	if len(out) > 0 || arrived {
		return out
	}
	delayed := (delayWords.MatchString(text) || delayWords.MatchString(h.text("Subject"))) && !strings.HasPrefix(guess(text), "5.")
	for _, v := range h.all("X-Failed-Recipients") {
		for _, a := range bare.FindAllString(v, 50) {
			out = add(out, Failed{Address: strings.ToLower(a), Status: guess(text), Delayed: delayed})
		}
	}
	if len(out) > 0 {
		return out
	}
	daemon, _ := h.sender()
	for _, a := range bare.FindAllString(text, 20) {
		if a = strings.ToLower(a); !strings.EqualFold(a, daemon) && !slices.Contains(h.addressees(), a) {
			out = add(out, Failed{Address: a, Status: guess(text), Delayed: delayed})
		}
	}
	if len(out) == 0 {
		out = append(out, Failed{Status: guess(text), Delayed: delayed})
	}
	return out
}

func add(all []Failed, f Failed) []Failed {
	if len(all) >= 50 || slices.ContainsFunc(all, func(g Failed) bool { return g.Address == f.Address }) {
		return all
	}
	return append(all, f)
}

var enhanced = regexp.MustCompile(`\b([245]\.\d{1,3}\.\d{1,3})\b`)

func statusIn(s string) string { return enhanced.FindString(s) }

// guess reads the status out of a bounce that is only text: the code that it quotes, or its words.
func guess(text string) string {
	// An address (192.0.2.5.1) must not be taken for a code, so that the SMTP code has to stand before it.
	if m := quotedStatus.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	if unknownUser.MatchString(text) {
		return "5.1.1"
	}
	return ""
}

var quotedStatus = regexp.MustCompile(`(?:\b[245]\d\d[ -]|#|\()([245]\.\d{1,3}\.\d{1,3})\b`)

var unknownUser = regexp.MustCompile(`(?i)(user unknown|unknown user|no such (user|mailbox|recipient|address)|(user|mailbox|recipient|address)( address)? (does not|doesn't) exist|` +
	`no mailbox here by that name|recipient not found|mailbox not found|address (was )?not found|invalid (recipient|mailbox))`)

// delayWords tell of a mail that is still being tried: of Exim, Sendmail, Exchange, Gmail and Postfix, in their own words.
var delayWords = regexp.MustCompile(`(?i)(delivery (status notification \(delay\)|incomplete|(is |has been )?delayed)|message \S* ?(is |has been )?delayed( \d|:|$)|still (being tried|trying)|` +
	`(will|to) (keep|continue) (to try|trying|to be attempted)|delivery attempts will continue|(has not|hasn't) (yet been delivered|been delivered yet)|will be retried|` +
	`will retry for|could not send message for past|do not need to resend|this is a warning message only|` +
	`wird weiter versucht|zustellung \S* ?verzögert|(bezorging|aflevering) \S* ?vertraagd|(remise|distribution) \S* ?retardée)`)
