package operator

import (
	"bytes"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"
)

// text is one language's fixed words. {source}, {why}, {at} and {link} are filled in, and nothing else.
type text struct {
	silentSubject, heardSubject string
	silent, heard               string
	why                         map[string]string
}

// words gives a language's texts. They were approved as they stand: a change of them is a change of what goes out.
func words(language string) text {
	switch language {
	case "nl":
		return text{
			"unmirror: bron {source} is stil", "unmirror: bron {source} wordt weer gehoord",
			"De bron {source} is stil geworden.\n\nTijdstip (UTC): {at}\nReden: {why}\n\nZolang dit duurt, zegt het niets dat er op deze bron niets gevonden wordt. Kijk de bron na:\n{link}\n\nDit is een automatisch bericht. Er volgt nog één bericht, als de bron weer gehoord wordt.\n",
			"De bron {source} wordt weer gelezen zoals het hoort.\n\nTijdstip (UTC): {at}\nWat er was: {why}\n\n{link}\n",
			map[string]string{
				"withdrawn": "het begin van de bron wordt geweigerd of bestaat niet meer", "markup": "de pagina is niets meer dat deze soort bron kan lezen",
				"empty": "er staat niets meer, terwijl er vroeger wel iets stond", "few": "er staat nog maar een klein deel van wat er vroeger stond",
				"never": "er werd in meerdere rondes nog nooit iets gevonden om te vergelijken", "failing": "meerdere rondes na elkaar zijn mislukt",
				"late": "er was geen goede ronde gedurende drie keer de ingestelde tussentijd", "canaries": "geen van de geplante testbestanden wordt gevonden",
			},
		}
	case "fr":
		return text{
			"unmirror : la source {source} est muette", "unmirror : la source {source} répond de nouveau",
			"La source {source} est devenue muette.\n\nMoment (UTC) : {at}\nRaison : {why}\n\nTant que cela dure, ne rien trouver sur cette source ne signifie rien. Vérifiez la source :\n{link}\n\nCeci est un message automatique. Un seul autre suivra, quand la source répondra de nouveau.\n",
			"La source {source} est de nouveau lue comme il faut.\n\nMoment (UTC) : {at}\nCe qu'il y avait : {why}\n\n{link}\n",
			map[string]string{
				"withdrawn": "l'adresse de départ est refusée ou n'existe plus", "markup": "la page n'est plus lisible pour ce genre de source",
				"empty": "elle n'énumère plus rien, alors qu'elle énumérait quelque chose", "few": "elle n'énumère plus qu'une petite partie de ce qu'elle énumérait",
				"never": "elle n'a jamais rien énuméré, en plusieurs passages", "failing": "plusieurs passages de suite ont échoué",
				"late": "aucun bon passage pendant trois fois l'intervalle prévu", "canaries": "aucun des fichiers témoins n'est retrouvé",
			},
		}
	case "de":
		return text{
			"unmirror: Quelle {source} ist verstummt", "unmirror: Quelle {source} ist wieder zu hören",
			"Die Quelle {source} ist verstummt.\n\nZeitpunkt (UTC): {at}\nGrund: {why}\n\nSolange das dauert, sagt es nichts, dass dort nichts gefunden wird. Prüfen Sie die Quelle:\n{link}\n\nDies ist eine automatische Nachricht. Es folgt nur noch eine, wenn die Quelle wieder zu hören ist.\n",
			"Die Quelle {source} wird wieder gelesen, wie es sich gehört.\n\nZeitpunkt (UTC): {at}\nWas war: {why}\n\n{link}\n",
			map[string]string{
				"withdrawn": "der Anfang der Quelle wird verweigert oder ist nicht mehr da", "markup": "die Seite ist nichts mehr, was diese Art von Quelle lesen kann",
				"empty": "sie listet nichts mehr auf, früher aber schon", "few": "sie listet nur noch einen kleinen Teil von früher auf",
				"never": "sie hat in mehreren Durchgängen noch nie etwas aufgelistet", "failing": "mehrere Durchgänge hintereinander sind gescheitert",
				"late": "drei Zeitabstände lang gab es keinen guten Durchgang", "canaries": "keine der ausgelegten Testdateien wird gefunden",
			},
		}
	}
	return text{
		"unmirror: source {source} is silent", "unmirror: source {source} is heard again",
		"The source {source} fell silent.\n\nTime (UTC): {at}\nReason: {why}\n\nWhile this lasts, it means nothing that nothing is found on this source. Look at it:\n{link}\n\nThis is an automatic message. One more follows, when the source is heard again.\n",
		"The source {source} is read as it should be again.\n\nTime (UTC): {at}\nWhat it was: {why}\n\n{link}\n",
		map[string]string{
			"withdrawn": "its beginning is refused or not there any more", "markup": "its page is nothing that this kind of source can read any more",
			"empty": "it lists nothing, where it listed something before", "few": "it lists only a small part of what it listed before",
			"never": "it has never listed anything, in several passes", "failing": "several passes in a row failed",
			"late": "there was no good pass for three times its interval", "canaries": "none of the planted test files is found",
		},
	}
}

// render makes the whole message without Date.
func (m *Mailbox) render(o outgoing) ([]byte, error) {
	t := words(m.o.Language)
	subject, body := t.heardSubject, t.heard
	if o.kind == "silent" {
		subject, body = t.silentSubject, t.silent
	}
	fill := strings.NewReplacer("{source}", o.source, "{why}", t.why[o.why], "{at}", o.at.UTC().Format("2006-01-02 15:04"), "{link}", m.o.PublicURL+"/sources")
	domain := m.o.From[strings.LastIndexByte(m.o.From, '@')+1:]
	var b bytes.Buffer
	header := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	header("From", (&mail.Address{Name: m.o.Name, Address: m.o.From}).String())
	header("To", "<"+m.o.To+">")
	header("Subject", mime.QEncoding.Encode("utf-8", fill.Replace(subject)))
	header("Message-ID", "<"+o.id+"@"+domain+">")
	header("Auto-Submitted", "auto-generated") // RFC 3834: no auto-replies, please
	header("MIME-Version", "1.0")
	header("Content-Type", "text/plain; charset=utf-8")
	header("Content-Transfer-Encoding", "quoted-printable")
	b.WriteString("\r\n")
	qp := quotedprintable.NewWriter(&b)
	if _, err := qp.Write([]byte(strings.ReplaceAll(fill.Replace(body), "\n", "\r\n"))); err != nil {
		return nil, fmt.Errorf("encode mail: %w", err)
	}
	if err := qp.Close(); err != nil {
		return nil, fmt.Errorf("encode mail: %w", err)
	}
	return b.Bytes(), nil
}
