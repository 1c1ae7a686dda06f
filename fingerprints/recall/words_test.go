package recall

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// tongue is a language to write in: words, and sentences to put them in. In a pattern N is a noun, A an adjective, V a
// verb, T a phrase of time or place, D a number, P somebody's name.
type tongue struct {
	code                             string
	nouns, adjectives, verbs, places []string
	patterns                         []string
	hello, bye, about, born, living  string
}

func pick[T any](r *rand.Rand, of []T) T { return of[r.IntN(len(of))] }

// sentence makes up what nobody else wrote, unless the words are few.
func (t *tongue) sentence(r *rand.Rand) string {
	var b strings.Builder
	for i, w := range strings.Fields(pick(r, t.patterns)) {
		if i > 0 {
			b.WriteByte(' ')
		}
		tail := strings.TrimLeft(w, "NAVTDP")
		switch strings.TrimSuffix(w, tail) {
		case "N":
			w = pick(r, t.nouns) + tail
		case "A":
			w = pick(r, t.adjectives) + tail
		case "V":
			w = pick(r, t.verbs) + tail
		case "T":
			w = strings.ReplaceAll(pick(r, t.places), "_", " ") + tail
		case "D":
			w = fmt.Sprint(2+r.IntN(97)) + tail
		case "P":
			w = coin(r, 2) + tail
		}
		b.WriteString(w)
	}
	s := b.String()
	first := []rune(s)[:1]
	return strings.ToUpper(string(first)) + s[len(string(first)):]
}

func (t *tongue) sentences(r *rand.Rand, n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = t.sentence(r)
	}
	return strings.Join(all, " ")
}

// prose writes at least size bytes in paragraphs.
func (t *tongue) prose(r *rand.Rand, size int) []string {
	var paragraphs []string
	for n := 0; n < size; {
		p := t.sentences(r, 3+r.IntN(6))
		paragraphs = append(paragraphs, p)
		n += len(p)
	}
	return paragraphs
}

var syllables = strings.Fields(`ab al an ar bel ber bo bra bur ca cas cor da del der dor drie du ek el en er es fa fer fi gan gel ger gon ha hal hen
	hof hou ie il in is jan jo ka kel ker kon kra la lan le lin lo lun ma mar mel mi mon na nel ni nor ob ol on or pa pel per pi pol qua ra rel ri ron
	sa sel ser si sol ste ta tel ter ti tor tra ul un ur va vel ver vi vor wa wel wer wi wol ye yel za zel zo`)

// coin makes a word up out of n to n+1 syllables, with a capital.
func coin(r *rand.Rand, n int) string {
	w := ""
	for range n + r.IntN(2) {
		w += pick(r, syllables)
	}
	return strings.ToUpper(w[:1]) + w[1:]
}

// rich returns the four languages with ordinary words.
func rich() []*tongue {
	return []*tongue{
		{code: "nl", hello: "Geachte heer, mevrouw,", bye: "Met vriendelijke groeten", about: "Betreft het dossier van", born: "geboren op", living: "wonende te",
			nouns: strings.Fields(`aanvraag afspraak afdeling agenda bediende begroting bestelling bezwaar bijlage blessure boekhouder bouwplaats brief broer buurvrouw
				controle coördinator dagboek deur dienstrooster directeur dochter dossier drukker elektricien enkel fabriek factuur fietser filiaal garage gebouw
				gesprek getuige griffier handtekening heup hoofdpijn huurder inspecteur jurist kamer kelder ketel keuken klacht klant knie kraan lasser leerling
				lening leverancier lift loods loon machine makelaar maandag medicijn meester melding middag monteur nachtploeg notaris offerte oogarts operatie
				opleiding opzegging ouder overuur partner patiënt pauze peuter piket portier praktijk premie prijs psycholoog receptie rekening rolstoel rug
				schadegeval schilder schoonmoeder school schouder secretaresse sleutel spreekuur stage stoel straf tandarts tegel telefoon toets trap tuin uitkering
				uurwerk vader vakbond verlof verzekering vestiging vloer voogd vrachtbrief waarborg wachtzaal weduwe werkgever werkhervatting wond zaal zoon zuster`),
			adjectives: strings.Fields(`aangetekende bange beschadigde blijvende bruine dagelijkse dringende eerdere eigenaardige eenzijdige gebroken geduldige geheime gesloten
				gevoelige haastige halve hinderlijke hoge ijverige jaarlijkse kapotte kleine koppige korte kromme langdurige late lege lokale losse luide magere
				mondelinge moeizame natte nerveuze nieuwe nutteloze onbetaalde onduidelijke ontstoken openbare pijnlijke rustige scherpe slordige smalle stijve
				strenge toegekende trage twijfelachtige vaste verdachte vergeten verlopen vermoeide verplichte versleten voorlopige vreemde warme wekelijkse zwakke`),
			verbs: strings.Fields(`aanvaardde antwoordde begeleidde behandelde bekeek belde beloofde beschadigde bestelde betaalde bewaarde bezocht blokkeerde controleerde
				deelde droeg eiste ergerde filmde gebruikte hernieuwde herstelde hield huurde kende keurde klaagde leende leidde liet logenstrafte meldde miste
				onderbrak onderzocht ondertekende ontweek opende overhandigde plaatste prees raakte registreerde schorste schreef stuurde testte tekende troostte
				uitte verbood verhuisde verkocht verloor verplaatste verving verwarde vreesde wantrouwde weerde weigerde zocht zag`),
			places: strings.Fields(`vorige_dinsdag op_de_derde_verdieping na_de_zomer zonder_overleg tijdens_het_weekend in_het_oude_gebouw kort_voor_Pasen aan_de_achterkant
				met_tegenzin sinds_april om_kwart_over_negen bij_de_buren buiten_de_uren voor_de_tweede_keer in_aanwezigheid_van_de_afgevaardigde per_vergissing
				langs_het_kanaal op_eigen_verzoek tot_eind_februari onder_voorbehoud via_de_app naast_de_refter zoals_afgesproken`),
			patterns: []string{"De N V T de A N, maar de N V niets.", "T V de A N een N van D euro.", "Omdat de N T een A N V, V ook de N.", "P V de N T en de A N V dat.",
				"Er is geen A N meer: de N V die D dagen geleden T.", "Volgens P V de A N nooit, hoewel de N T V.", "Een A N en een A N liggen T bij de N.",
				"De N van P V D keer, T, zonder A N.", "Wie de N V, weet dat de A N T V.", "Nadat P de N V, V de A N de N."}},
		{code: "fr", hello: "Madame, Monsieur,", bye: "Veuillez agréer nos salutations distinguées", about: "Concerne le dossier de", born: "né(e) le", living: "domicilié(e) à",
			nouns: strings.Fields(`abonnement accident adjoint amende appartement armoire assurance atelier avocat bâtiment béquille bureau caissier camion certificat cheville
				citerne collègue comptable concierge congé contrat couloir créance curateur dentiste dépôt dette échelle écolier électricien employeur entrepôt épaule
				escalier expert facture fenêtre fiche fournisseur frère garagiste genou gérant grue guichet horaire huissier infirmière jardin jugement kiné lettre
				locataire loyer machine maçon médecin ménage neveu notaire ordonnance ouvrier panne patron paiement pension plainte plombier poignet préavis prime
				quittance réclamation recours régime rendez-vous salaire séance serrure signature stagiaire témoin toiture tribunal tuteur usine vertèbre veuve voisin`),
			adjectives: strings.Fields(`abîmé ancien annuel anxieux bruyant caché cassé court décisif définitif douteux étroit fatigué fragile froid grave habituel humide illisible
				inattendu inutile jaloux lent lourd maladroit mensuel mince muet nerveux oublié partiel pénible perdu présumé prudent rare récent refusé sévère suspect
				tardif tendu timide urgent usé vague vide`),
			verbs: strings.Fields(`accepta annula appela apporta avoua chercha commanda compara conserva contesta craignit demanda déplaça dessina déclara effaça égara emprunta
				envoya évita examina exigea ferma filma garda gronda ignora imprima informa jeta loua manqua mentionna montra nia nota omit ouvrit paya perdit prêta
				promit quitta rappela récupéra refusa remit répara signa suspendit toucha vendit vérifia vola`),
			places: strings.Fields(`mardi_dernier au_troisième_étage après_les_vacances sans_prévenir pendant_la_pause dans_la_cour avant_Noël à_contrecœur depuis_avril
				près_du_canal chez_les_voisins hors_des_heures pour_la_deuxième_fois par_erreur jusqu'en_février sous_réserve comme_convenu derrière_le_hangar`),
			patterns: []string{"Le N V T le N A, mais le N n'en sait rien.", "T, le N A V un N de D euros.", "Parce que le N V T, le N A V aussi.", "P V le N T et le N A V cela.",
				"Il n'y a plus de N A : le N V celui d'il y a D jours T.", "Selon P, le N A ne V jamais, bien que le N soit A T.", "Un N A et un N A se trouvent T près du N.",
				"Le N de P V D fois, T, sans N A.", "Quand P V le N, le N A V le N."}},
		{code: "de", hello: "Sehr geehrte Damen und Herren,", bye: "Mit freundlichen Grüßen", about: "Betrifft die Akte von", born: "geboren am", living: "wohnhaft in",
			nouns: strings.Fields(`Abteilung Akte Angebot Antrag Anwalt Arzt Aufzug Auftrag Ausweis Bäcker Baustelle Befund Behörde Betrag Bruder Buchhalter Büro Dachboden Diagnose
				Drucker Einspruch Elektriker Enkel Ersatzteil Fabrik Fahrrad Fenster Filiale Fliese Förderung Garten Gebäude Gehalt Gericht Gutachten Hausmeister Hebamme
				Heizung Hüfte Kasse Keller Kessel Klage Knöchel Kollege Kündigung Kur Lager Lehrling Leiter Lieferant Lohn Mahnung Makler Maurer Meister Mieter Nachbar
				Notar Onkel Pause Pfleger Prämie Quittung Rechnung Rezept Rollstuhl Rücken Schaden Schicht Schlosser Schlüssel Schulter Sitzung Spritze Tante Termin
				Treppe Umzug Urlaub Verband Verein Vermieter Vertrag Vormund Werkstatt Witwe Zahnarzt Zeuge Zimmer Zulage`),
			adjectives: strings.Fields(`alte bittere blaue dringende dunkle eilige einmalige enge fehlende feste flüchtige fremde frühere gefährliche geheime genaue gerissene
				grobe heikle jährliche kaputte knappe kühle lange lästige laute leere leise milde müde nasse neue offene peinliche plötzliche rostige scharfe schiefe
				schwere seltene spätere steife stille strenge teure trockene übliche verlorene vorläufige warme zähe`),
			verbs: strings.Fields(`begleitet behandelt bemängelt beruhigt besucht bezahlt bittet braucht droht empfiehlt erinnert erklärt fehlt findet fordert fragt holt kennt
				kontrolliert leiht lobt löscht meidet meldet mietet notiert öffnet ordnet prüft räumt repariert ruft schickt schließt schreibt schweigt sieht sperrt
				sucht tauscht tröstet übergibt unterschreibt verkauft verlegt vermisst verschiebt vertritt verweigert verwechselt wartet wiegt zeigt zögert`),
			places: strings.Fields(`am_letzten_Dienstag im_dritten_Stock nach_dem_Sommer ohne_Absprache während_der_Pause im_Hof kurz_vor_Ostern ungern seit_April am_Kanal
				bei_den_Nachbarn zum_zweiten_Mal aus_Versehen bis_Februar unter_Vorbehalt wie_vereinbart hinter_der_Halle gegen_halb_zehn`),
			patterns: []string{"N und N: die A N V T die N.", "T V die A N eine N über D Euro.", "Weil die N T eine A N V, V auch die N.", "P V die N T, und die A N V das.",
				"Es gibt keine A N mehr, die N V jene von vor D Tagen T.", "Laut P V die A N nie, obwohl die N T V.", "Eine A N und eine A N liegen T bei der N.",
				"Die N von P V D Mal, T, ohne A N.", "Als P die N sah, V die A N die N."}},
		{code: "en", hello: "Dear Sir or Madam,", bye: "Yours faithfully", about: "Concerning the file of", born: "born on", living: "residing at",
			nouns: strings.Fields(`absence account ankle apprentice attic auditor balcony bandage baker boiler bonus bookkeeper brother budget builder cabinet carpenter cashier
				ceiling clerk clinic complaint contract corridor courier cousin crane crutch dentist deposit diary dispute doorway elbow engineer envelope factory fence
				foreman garage gardener guardian hearing heater hip injury invoice janitor juror kitchen knee ladder landlord lawsuit leaflet lease locksmith manager
				mechanic merger midwife nephew notary nurse overtime painter parcel pension permit pharmacy plumber porter premium receipt referral refund reprimand
				roof roster salary sergeant shoulder signature splint stairway stepson storeroom surgeon tenant timetable trainee tribunal union vaccine vendor voucher
				wage warehouse warrant widow witness workshop wrist`),
			adjectives: strings.Fields(`aching ancient annual awkward bitter blunt broken careless clumsy cold costly curious damp delayed doubtful dull eager empty faded
				faint forgotten former fragile frozen gentle hasty heavy hidden hollow honest idle jealous joint lengthy local loose minor missing narrow nervous odd
				overdue painful partial patient pending quiet reckless rigid rusty secret severe shabby sharp silent stiff stubborn sudden tedious timid vague vivid`),
			verbs: strings.Fields(`accepted avoided blamed borrowed cancelled carried checked cleaned copied damaged delayed denied doubted emptied exchanged filed filmed
				followed forgot guarded handed ignored inspected kept lent locked lost measured mentioned missed moved noticed opened ordered paid postponed praised
				promised queried quoted refused removed repaired reported returned sealed searched signed sold stored struck suspended swapped traced visited warned`),
			places: strings.Fields(`last_Tuesday on_the_third_floor after_the_summer without_notice during_the_break in_the_yard shortly_before_Easter reluctantly since_April
				by_the_canal next_door out_of_hours for_the_second_time by_mistake until_February with_reservations as_agreed behind_the_shed`),
			patterns: []string{"The N V the A N T, but the N knew nothing.", "T the A N V a N of D pounds.", "Because the N V a A N T, the N V it too.", "P V the N T and the A N V that.",
				"There is no A N left: the N V the one of D days ago T.", "According to P the A N never V, although the N V it T.", "A A N and a A N lie T near the N.",
				"The N of P V D times, T, without a A N.", "Once P V the N, the A N V the N."}},
	}
}

// poor returns one language with so few words that other people's letters share most of their phrases.
func poor() []*tongue {
	t := *rich()[0]
	t.nouns = strings.Fields("rug knie arts dokter zus broer werk huis brief dossier klacht verlof loon vergadering chef collega")
	t.adjectives = strings.Fields("lange korte zware lichte oude nieuwe ernstige kleine")
	t.verbs = strings.Fields("meldt vraagt weigert zoekt schrijft betaalt vergeet bespreekt")
	t.places = strings.Fields("vandaag gisteren op_het_werk na_de_middag thuis vorige_week")
	t.patterns = []string{"De A N V de N T.", "De N V D keer de A N.", "T V de N een A N.", "De N van P V de A N T."}
	return []*tongue{&t}
}

// coined returns a language that has no words in common with any other.
func coined(r *rand.Rand) []*tongue {
	t := *rich()[3]
	words := func(n int) []string {
		all := make([]string, n)
		for i := range all {
			all[i] = strings.ToLower(coin(r, 2))
		}
		return all
	}
	t.nouns, t.adjectives, t.verbs, t.places = words(400), words(150), words(150), words(80)
	t.patterns = []string{"A N V T ta N, do N V.", "T V na A N D N.", "P V T ta N e A N V.", "N e A N V T, si N V ta N.", "Ta N P V D N, T."}
	return []*tongue{&t}
}
