package reply

import (
	"regexp"
	"strings"
)

// phrase is how one meaning is worded, over the four languages of notices. A sentence in which not matches is no sign of it.
type phrase struct {
	says Says
	is   *regexp.Regexp
	not  *regexp.Regexp
}

func words(s string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)` + strings.Join(strings.Fields(s), " "))
}

// Parts of phrases. RE2's \b knows ASCII letters only, so that words with accents go without.
const (
	enGone = `(removed|deleted|taken (it |this |them |the \w+ )?(down|offline)|disabled|suspended|terminated|blocked|no longer (available|accessible|online|hosted)|purged|unpublished|gone)`
	nlGone = `(verwijderd|gewist|offline (gehaald|genomen|gezet)|ontoegankelijk gemaakt|geblokkeerd|niet (meer|langer) (beschikbaar|bereikbaar|online|toegankelijk)|afgesloten|weg)`
	frGone = `((supprim|retir|effac|désactiv|bloqu|suspend)(é|és|ée|ées|u|us|ue|ues)([^\p{L}]|$)|mis(e|es)? hors ligne|plus (disponible|accessible|en ligne|là))`
	deGone = `(gelöscht|entfernt|gesperrt|offline genommen|deaktiviert|vom netz genommen|nicht (mehr|länger) (verfügbar|erreichbar|online|abrufbar|da)|weg)`

	refuse = `(will not|won't|cannot|can't|can not|are unable to|unable to|are not able to|refuse to|decline(d)? to|do not intend to|not going to|see no reason to)`
)

// meanings are tried on each sentence by itself.
var meanings = []phrase{
	{Removed, words(`\b(has|have|had|was|were|is|are|it's|been|we|i|just|now|already|successfully)\b[^.!?]{0,80}\b` + enGone + `|^\W*(content |file |url |page |it )?` + enGone + `\W*$`),
		words(`\b(will|shall|would|may|might|could|should|must|if|once|when|whether|until|before|please|not (been )?(removed|deleted|taken|disabled|suspended|blocked)|never|cannot|can't|unable|asked?|request(ed)?|to be (removed|taken))\b`)},
	{Removed, words(`\b(is|zijn|werd|werden|hebben|heb|heeft|wij|we)\b[^.!?]{0,80}` + nlGone + `|^\W*` + nlGone + `\W*$|\b(staat|staan) er niet (meer|langer)`),
		words(`\b(zal|zullen|zou|kan|kunt|moet|indien|zodra|wanneer|als|gelieve|gevraagd|verzocht|nog niet|niet (worden )?(verwijderd|gewist|offline|geblokkeerd|afgesloten)|geen)\b`)},
	{Removed, words(`(a été|ont été|est|sont|avons|ai|a bien été|n'est)[^.!?]{0,80}` + frGone),
		words(`(\b(sera|seront|pourra|peut|doit|si|dès|lorsque|veuillez|demandé)\b|pas (été )?(encore )?(supprim|retir|effac|désactiv|bloqu))`)},
	{Removed, words(`\b(wurden?|ist|sind|haben|habe|hat)\b[^.!?]{0,80}` + deGone),
		words(`\b(wird|kann|könnte|muss|falls|wenn|sobald|bitte|gebeten|aufgefordert|(noch )?nicht (gelöscht|entfernt|gesperrt|offline|deaktiviert)|kein\w*)\b`)},

	{Refused, words(refuse + ` (be )?(remov|delet|tak|disabl|suspend|block|act|comply|process|honou?r|proceed|do anything)\w*|` +
		`\b(does not|doesn't|do not|don't) (violate|breach|infringe|appear to violate)|no (violation|breach|infringement) (was |has been |of )|(has|have) (decided|chosen) not to (remove|take|act)|` +
		`(your|the) (request|complaint|notice|report) (is|was|has been|is being) (denied|rejected|declined|refused)|we (reject|decline|deny|refuse) your`), nil},
	{Refused, words(`(zullen|gaan|kunnen|zal|kan|wensen)( \w+){0,6} niet( \w+){0,4} (verwijder|wis|ingaan|inga|overgaan|overga|ontoegankelijk|offline|blokker|tegemoet)\w*|(is|zijn|levert) geen (inbreuk|overtreding|schending)|` +
		`(verzoek|melding|klacht)( \w+){0,3} (afgewezen|geweigerd|verworpen)|weigeren (om )?|gaan niet in op`), nil},
	{Refused, words(`ne (pouvons|pourrons|procéderons|procédons|donnerons|souhaitons|retirerons|supprimerons|supprimons)( \w+){0,2} (pas|aucune)|refus(ons|é|e) (de|d'|votre)|` +
		`(demande|signalement|plainte)( \w+){0,4} (est |a été )?(rejeté|refusé)\w*|ne (viole|constitue|enfreint) pas`), nil},
	{Refused, words(`(werden|können|wollen)( \S+){0,6} nicht (löschen|entfernen|sperren|nachkommen|entsprechen|tätig|abschalten|offline)|(antrag|anfrage|meldung|beschwerde)( \S+){0,4} (abgelehnt|zurückgewiesen)|` +
		`lehnen (wir )?( ?\S+){0,4} ?ab\b|(stellt|liegt) kein\w* (verstoß|verletzung|rechtsverletzung)`), nil},

	{Forwarded, words(`\b(forwarded|passed( \w+){0,5} (on|along)|relayed|escalated|notified|informed|contacted|asked)\b[^.!?]{0,80}\b(customer|client|user|owner|subscriber|reseller|hosting provider|host|uploader|tenant|team|department|party)\b|\b(customer|client|user|owner)\b[^.!?]{0,40}\b(notified|informed|contacted)\b`),
		words(`\b(not|never) (be(ing|en)? )?(automatically )?(forwarded|passed|relayed)`)},
	{Forwarded, words(`(doorgestuurd|doorgezonden|overgemaakt|doorgegeven|ingelicht|op de hoogte gebracht|gecontacteerd)[^.!?]{0,80}|(klant|gebruiker|eigenaar)[^.!?]{0,60}(verwittigd|geïnformeerd|aangeschreven|gevraagd|ingelicht)`),
		words(`niet( \w+){0,2} (doorgestuurd|doorgezonden|overgemaakt|doorgegeven)`)},
	{Forwarded, words(`(transmis|transféré|communiqué|relayé|informé|averti)\w*[^.!?]{0,60}(client|utilisateur|titulaire|propriétaire|service|équipe|hébergeur)`),
		words(`pas( été)?( \w+){0,2} (transmis|transféré|relayé)`)},
	{Forwarded, words(`(weitergeleitet|weitergegeben|informiert|benachrichtigt|kontaktiert)|(kunden?|nutzer|betreiber)[^.!?]{0,60}(angeschrieben|aufgefordert|gebeten)`),
		words(`nicht( \w+){0,2} (weitergeleitet|weitergegeben)`)},

	{Question, words(`(please|kindly|could you|can you|would you|we need|we require|need you to|in order to (process|proceed|act))[^.!?]{0,80}\b(provide|send|supply|confirm|clarify|specify|include|submit|share|tell us|let us know|more (information|details|evidence)|additional (information|details)|proof|power of attorney|identity|identification|exact url|full url)\b|\b(missing|insufficient|incomplete) (information|details|evidence)`),
		words(`\b(include|keep|quote)\b[^.!?]{0,40}\b(ticket|number|reference|subject)\b|(if|should) you have (any )?(further |more )?(questions|information)|(do )?not (reply|respond)|let us know if (you|there)`)},
	{Question, words(`(gelieve|graag|kunt u|kan u|wilt u|we hebben|wij hebben|zou u)[^.!?]{0,80}(bezorgen|aanleveren|toesturen|sturen|verduidelijken|meedelen|bevestigen|aantonen|meer (informatie|details|gegevens)|bijkomende|aanvullende|volmacht|bewijs)`),
		words(`(nummer|referentie)[^.!?]{0,40}(vermelden|onderwerp)`)},
	{Question, words(`(veuillez|merci de|pourriez-vous|pouvez-vous|nous avons besoin|il nous faut)[^.!?]{0,80}(fournir|envoyer|préciser|communiquer|confirmer|transmettre|plus d'informations|informations complémentaires|mandat|preuve)`),
		words(`(numéro|référence)[^.!?]{0,40}(objet|mentionner)`)},
	{Question, words(`(bitte|könnten sie|können sie|wir benötigen|wir brauchen)[^.!?]{0,80}(mitteilen|mit(zuteilen)?\b|senden|schicken|nachreichen|bestätigen|angeben|erläutern|weitere (informationen|angaben|details)|nachweis|vollmacht)`),
		words(`(nummer|aktenzeichen|betreff)[^.!?]{0,40}(angeben|beibehalten)|geben sie bei`)},

	{Form, words(`\b(use|submit|fill (in|out)|complete|report|via|through|visit)\b[^.!?]{0,60}\b((web|online|abuse|report(ing)?|contact) ?form|portal|abuse page)\b|mailbox is (not|no longer) monitored|no longer (accept|process|monitor)\w*( \w+){0,5} (by )?e-?mail`), nil},
	{Form, words(`(via|gebruik|vul)[^.!?]{0,60}(web|meld|contact|online)?-?formulier|(via|utilis\w+|rempli\w+)[^.!?]{0,60}formulaire|(über|nutzen|verwenden)[^.!?]{0,60}formular|(wordt|worden) niet (meer )?gelezen|n'est (pas|plus) (consulté|lu)|wird nicht (mehr )?gelesen`), nil},

	{Dispute, words(`(your|the|this) (notice|report|complaint|claim|request|allegation)( \w+){0,3} (is|was|are) (wrong|false|mistaken|incorrect|unfounded|baseless|in error|invalid|abusive)|(we|i) (dispute|contest|object to)|counter[- ]?notice|wrong (address|site|server|person|company)|(sent|reported) (this )?(in error|by mistake)|false positive|this is (my|our) own|(we|i) have (the )?(permission|right|consent) to publish`), nil},
	{Dispute, words(`(melding|klacht|verzoek|bewering|kennisgeving)( \w+){0,4} (onjuist|onterecht|ongegrond|fout|verkeerd|foutief)|(betwist|betwisten)|bezwaar tegen|verkeerde? (adres|site|server|persoon|bedrijf)|vals alarm`), nil},
	{Dispute, words(`(contest(ons|e)|faux positif|par erreur|(signalement|demande|plainte|notification)( \S+){0,4} (erroné|infondé|abusi|incorrect|injustifié)\w*|mauvais(e)? (adresse|site|serveur|personne))`), nil},
	{Dispute, words(`(bestreiten|widersprechen wir|legen widerspruch|fehlalarm|(meldung|beschwerde|anzeige)( \S+){0,4} (unbegründet|falsch|unzutreffend|unberechtigt|irrtümlich)|falsche[rsn]? (adresse|seite|server|person|firma))`), nil},

	{Stop, words(`(do not|don't|stop|cease|please refrain from|no longer) (e-?mail|contact|writ|send|messag)(e|ing|ting)?( to)?( \w+){0,4} (us|me|this (address|mailbox)|again|any ?more|further|to us)|remove (us|me|this address) from (your|the) (list|mailing)|unsubscribe (us|me)`), words(`(do not|don't) (reply|respond)`)},
	{Stop, words(`(stuur|schrijf|mail|contacteer)( \w+){0,5} niet (meer|langer)|geen (mails|e-mails|berichten)( \w+){0,3} meer|ne (nous|m')? ?(écrivez|contactez|envoyez)( \S+){0,4} plus|(schreiben|mailen|kontaktieren) sie uns( \w+){0,3} nicht (mehr|wieder)|keine (weiteren )?(e-?mails|nachrichten)`), nil},

	{Absent, words(`\b(out of (the )?office|on (vacation|holiday|leave|annual leave|parental leave)|away from (my|the) (office|desk)|limited access to (my )?e-?mail|will (be back|return|be returning) (on|in|after)|(am|i'm|is) (currently |presently )?(away|absent)|afwezig|met (verlof|vakantie)|niet (op kantoor|aanwezig|bereikbaar)|terug (op|vanaf)|absente?( du bureau)?|en cong|en vacances|de retour (le|à partir|lundi|mardi|mercredi|jeudi|vendredi)|(nicht|außer) (im|haus)[^.!?]{0,20}(büro|haus)|im urlaub|abwesend|wieder (im büro|erreichbar|da)|zurück (am|ab)|nicht im büro)\b`), nil},

	{Receipt, words(`(we|has been|have been|was) ?(have |been )?(successfully )?(received|registered|logged|opened|created)|(thank you|thanks) for (your|contacting|reporting|submitting|the) ?(report|e-?mail|message|notice|us|notification|contacting)?|acknowledg(e|ing|ement)|will (be )?(review|look into|investigat|get back|respond|handle|process|examin)\w*|(is|are) (being )?(review|investigat|under review)\w*`), nil},
	{Receipt, words(`(goed )?ontvangen|ontvangstbevestiging|bedankt voor (uw|je)|dank (u|je)? ?voor (uw|je)|geregistreerd|in behandeling|zullen( \w+){0,6} (onderzoeken|bekijken|behandelen|nakijken)|nemen( \w+){0,6} in behandeling`), nil},
	{Receipt, words(`(bien )?reçu|accus(ons|é|er) (de )?réception|merci (de|pour) votre|enregistré|(sera|allons|est en cours)[^.!?]{0,30}(trait|examin|étudi)\w*`), nil},
	{Receipt, words(`erhalten|eingegangen|eingangsbestätigung|vielen dank für ihre|(wird|werden)[^.!?]{0,40}(bearbeitet|geprüft|prüfen|bearbeiten|untersucht)`), nil},
}

var sentence = regexp.MustCompile(`[.!?]+(\s|$)|\n\s*\n|;\s`)

// hypothetical is what only seems to tell something: it asks, promises or supposes.
var hypothetical = regexp.MustCompile(`\?\s*$`)

// maxSentences bounds what is weighed; an answer says what it has to say at its beginning.
const maxSentences = 80

// spoken tells which meanings the sentences of a text have.
func spoken(text string) map[Says]bool {
	out := map[Says]bool{}
	rest := clip(text, maxWeigh)
	for n := 0; rest != "" && n < maxSentences; n++ {
		s := rest
		if at := sentence.FindStringIndex(rest); at != nil {
			s, rest = rest[:at[1]], rest[at[1]:]
		} else {
			rest = ""
		}
		asks := hypothetical.MatchString(s)
		s = strings.Join(strings.Fields(strings.NewReplacer("’", "'", "\u00a0", " ").Replace(s)), " ")
		s = strings.TrimRight(s, ".!? ;")
		for _, p := range meanings {
			if out[p.says] || asks && p.says != Question || !p.is.MatchString(s) || p.not != nil && p.not.MatchString(s) {
				continue
			}
			out[p.says] = true
		}
	}
	return out
}
