package reply

import (
	"regexp"
	"strings"
)

// kindOf tells who wrote a mail. What standards say (RFC 3464, RFC 3834) decides alone; habits need a second sign.
func kindOf(h header, w *walker, m Message) Kind {
	if isBounce(h, w, m) {
		return Bounce
	}
	if machineSays(h) || w.report == "disposition-notification" || w.report == "feedback-report" {
		return Automatic
	}
	hints := 0
	for _, hint := range []bool{
		autoSubject.MatchString(m.Subject),
		noReply.MatchString(local(m.From)),
		machineWords.MatchString(clip(m.Text, maxWeigh)),
		h.get("X-Auto-Response-Suppress") != "",
		h.word("Precedence") == "list" || h.get("List-Id") != "",
	} {
		if hint {
			hints++
		}
	}
	if hints >= 2 {
		return Automatic
	}
	return Human
}

// machineSays reads the fields by which an automatic answer declares itself.
func machineSays(h header) bool {
	if w := h.word("Auto-Submitted"); w != "" && w != "no" {
		return true
	}
	switch h.word("Precedence") {
	case "bulk", "junk", "auto_reply", "auto-reply":
		return true
	}
	for _, field := range []string{"X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply-From", "X-Mail-Autoreply", "X-FC-MachineGenerated", "X-AutoReply-From"} {
		if v := h.word(field); v != "" && v != "no" && v != "false" {
			return true
		}
	}
	for _, to := range h.all("Delivered-To") {
		if strings.EqualFold(strings.TrimSpace(to), "autoresponder") {
			return true
		}
	}
	return h.nullSender()
}

// autoSubject is how absences and confirmations begin their subject.
var autoSubject = regexp.MustCompile(`(?i)^\s*(auto(matic|mated)?[ -]?(reply|response)|out of (the )?office|automatisch antwoord|automatische (antwort|beantwoording)|` +
	`afwezig(heid)?|réponse automatique|absence du bureau|abwesenheit(snotiz)?|autosvar|` +
	`\[?(ticket|request|case) (received|created|opened)|(we|wij) (have )?(received|ontvingen)|ontvangstbevestiging|accusé de réception|eingangsbestätigung)`)

var noReply = regexp.MustCompile(`(?i)^(no|do-?not|ne-?pas|niet|nicht)[-_.]?(reply|answer|repondre|beantwoorden|antworten)|^(auto(mat|reply|responder)|mailer|notifications?)\b`)

var machineWords = regexp.MustCompile(`(?i)(this is an auto(matic|mated|-generated|generated)|automatically generated|automated (message|response|reply|acknowledg)|` +
	`do not reply to this|dit is een automatisch|automatisch (gegenereerd|aangemaakt|verzonden)|ceci est (une réponse|un message) automatique|` +
	`généré automatiquement|automatisch (erstellt|generiert|versendet)|dies ist eine automatische)`)

func local(address string) string {
	l, _, _ := strings.Cut(address, "@")
	return l
}

// isBounce tells mails of mail servers, old and new, from all others.
func isBounce(h header, w *walker, m Message) bool {
	if w.report == "delivery-status" || len(w.status) > 0 || h.get("X-Failed-Recipients") != "" {
		return true
	}
	if w.report != "" {
		return false
	}
	daemon := daemons.MatchString(local(m.From))
	said := bounceSubject.MatchString(m.Subject) || bounceWords.MatchString(clip(w.all(), maxWeigh))
	return said && (daemon || h.nullSender()) || daemon && h.nullSender() && w.original != nil
}

var daemons = regexp.MustCompile(`(?i)^(mailer-?daemon|postmaster|mail-?daemon|mail delivery|mdaemon|microsoftexchange)`)

var bounceSubject = regexp.MustCompile(`(?i)(undeliver|delivery (status|has failed|failure|incomplete|delayed)|returned mail|mail delivery (failed|system)|failure notice|` +
	`warning: (message|could not)|onbestelbaar|niet bezorgd|non remis|échec de la (remise|distribution)|unzustellbar|nicht zugestellt)`)

var bounceWords = regexp.MustCompile(`(?i)(could not be delivered|couldn't be delivered|was(n't| not) (able to be )?delivered|delivery to the following recipients? (has )?failed|` +
	`unable to deliver|this is the qmail-send program|permanent (fatal )?error|i'm afraid i wasn't able to deliver|user unknown|no such user|mailbox unavailable|` +
	`kon niet worden (af)?geleverd|konden? nicht zugestellt|n'a pas pu être (remis|délivré|distribué))`)

// meaning is what a mail seems to say, the weightiest first.
func meaning(m Message) []Says {
	if m.Kind == Bounce {
		for _, f := range m.Failed {
			if !f.Delayed {
				return []Says{Bounced}
			}
		}
		if len(m.Failed) > 0 {
			return []Says{Delayed}
		}
		return []Says{Receipt} // a server says that it took it, or passed it on
	}
	said := spoken(m.Text)
	if absentSubject.MatchString(m.Subject) {
		said[Absent] = true
	}
	var out []Says
	order := []Says{Dispute, Stop, Refused, Removed, Question, Form, Forwarded, Absent, Receipt}
	if m.Kind == Automatic { // whoever is away often says who else was told
		order = []Says{Dispute, Stop, Refused, Removed, Question, Form, Absent, Forwarded, Receipt}
	}
	for _, s := range order {
		if said[s] {
			out = append(out, s)
		}
	}
	switch {
	case len(out) > 0:
		return out
	case m.Kind == Automatic && !said[Other]:
		return []Says{Receipt} // it says nothing of its own: that it answers at all is a receipt
	}
	return []Says{Other}
}

var absentSubject = regexp.MustCompile(`(?i)^\s*(out of (the )?office|afwezig|absence du bureau|abwesenheit)`)
