package table

import (
	"strings"

	"unmirror/fingerprints/canonical"
)

// headerWords are the words of column names in nl, fr, de and en, in canonical form. A word with "*" may stand within a
// longer name. The first line that fits decides.
var headerWords = []struct {
	kind  Kind
	words string
}{
	{National, `rijksregister* rrn rrnr insz* niss* registrenational* numeronational* nationalnumber* nationaalnummer* nationalregister* ssin* nrn numnat
		rnn bisnummer bisnumber numerobis sociosecurity* socialsecurity* numerodesecurite*`},
	{BSN, `bsn* burgerservice* sofi sofinummer sofinr citizenservice* citizenservicenumber`},
	{IBAN, `iban* rekening* bankrekening* numerodecompte* comptebancaire* compte kontonummer* konto bankaccount* accountnumber* bankkonto*`},
	{Email, `email* mail *mailadres *mailaddress emailpro emailprive adressemail* courriel* *email *courriel mailadresse* electronischadres`},
	{Phone, `telefoon* telefon* tel telnr telnummer telephone* gsm gsmnr gsmnummer mobiel* mobile* mobil* phone* *phone *telefoon *telephone *telefon *gsm handy* portable* cell
		cellphone* fax* nummergsm`},
	{Enterprise, `ondernemingsn* kbo* bce numerodentreprise* numeroentreprise* btw* tva* vat vatnumber enterprisenumber* unternehmensnummer* companynumber*`},
	{Other, `geboorteplaats lieudenaissance placeofbirth birthplace geburtsort geboorteland paysdenaissance countryofbirth plaatsvangeboorte geslacht sexe sex gender
		geschlecht birthyear geboortejaar`},
	{Birth, `geboortedat* geboren* gebdat* gebdatum geb birth birthdate* birthday* dateofbirth* dob datedenaissance* datenaissance* naissance* neele nele ne nee geburtsdat* geboortedag
		geburtstag* geboren* datenaiss* gd gebd gdat gebdt dnaiss ddn *birthdate *dateofbirth *geboortedatum *datedenaissance *geburtsdatum born bornon verjaardag geboorte`},
	{Given, `voornaam* voornamen* roepnaam rufname* prenom* vorname* firstname* givenname* first given forename* voorletters initialen *voornaam *prenom *firstname *vorname fname vn vnaam voorn vnm prnm`},
	{Family, `achternaam* familienaam* familienamen nomdefamille* nachname* familienname* lastname* surname* familyname* last *achternaam *familienaam *lastname
		*nachname lname ln anaam fnaam famnaam achtern nachn geslachtsnaam meisjesnaam nomdejeunefille maidenname`},
	{Name, `naam nom name namen noms fullname* volledigenaam* nomcomplet* vollername* naamenvoornaam voornaamennaam naamvoornaam voornaamnaam nomprenom* nometprenom* prenomnom
		prenometnom werknemer werkneemster medewerker patient patiente patientnaam naampatient employee employe employee mitarbeiter personeelslid travailleur
		person persoon persoonsnaam personne client clientnaam klant klantnaam beneficiary naamwerknemer employeename patientname displayname contactpersoon titularis kundenname kunde
		nm fn lid naamlid member membre leerling student verzekerde assure betrokkene bewoner huurder`},
	{Date, `datum date dates *datum *date datede* datumvan* tijdstip timestamp* createdat updatedat begin einde start ende fin debut van tot`},
	{Key, `id ids nr no num nummer number numero key sleutel code matricule* stamnummer* stamnr personeelsn* personnelno* personeelsnummer dossier* dossiern* *dossiernummer
		klantn* customerid* clientid* kundennummer* patientid* patientn* employeeid* employeen* werknemersn* werknemerid lidnummer* lidnr membernumber* memberid* badge* badgenummer
		userid* uid uuid guid ref referentie* reference* referenz* volgnummer* personalnummer* polisnummer* policynumber* numerodossier* numerodedossier* numerodematricule* caseid fichenummer aktenzeichen* *id
		*nummer *number *numero recordid rij`},
	{Other, `adres* adresse* address* anschrift* domicile* *adres *adresse *address straat* strasse* street* rue huisnummer housenumber huisnr postcode* postalcode zip zipcode codepostal* plz gemeente* stad woonplaats* plaats
		ville localite commune city town ort wohnort land pays country functie* fonction* function beroep* job* jobtitle profession* funktion dienst* service afdeling* departement* department*
		abteilung werkgever* employer employeur arbeitgeber bedrijf company societe firma opmerking* remarque* remark* bemerkung* notes nota note commentaar comment* kommentar
		diagnose* diagnostic* diagnosis* ziekte* maladie* medicat* zwanger* grossesse* arts* medecin* doctor arzt burgerlijkestand etatcivil maritalstatus familienstand partner
		kinderen enfants children loon salaris* salaire salary gehalt wage wachtwoord* password* motdepasse passwort username gebruikersnaam login nationaliteit* nationalite nationality
		taal langue language sprache statuut statut status ploeg team site vestiging categorie category resultaat resultat result beslissing decision aandoening klacht* allergie* vaccin*
		bloedgroep bmi gewicht lengte graad ancienniteit contract* contrat verzekering* mutualiteit ziekenfonds besluit advies`},
}

type headerWord struct {
	kind Kind
	rank int
}

// vocabulary is headerWords made ready: whole names, and the words that begin or end one.
type vocabulary struct {
	whole            map[string]headerWord
	prefix, suffixes []affix
}

type affix struct {
	headerWord
	text string
}

var words = makeVocabulary()

func makeVocabulary() vocabulary {
	v := vocabulary{whole: map[string]headerWord{}}
	for rank, line := range headerWords {
		for _, w := range strings.Fields(line.words) {
			h := headerWord{line.kind, rank}
			switch {
			case strings.HasSuffix(w, "*"):
				w = w[:len(w)-1]
				v.prefix = append(v.prefix, affix{h, w})
			case strings.HasPrefix(w, "*"):
				v.suffixes = append(v.suffixes, affix{h, w[1:]})
				continue
			}
			if _, ok := v.whole[w]; !ok {
				v.whole[w] = h
			}
		}
	}
	return v
}

// byName classifies a column by its name. Of a nested name ("person.birth_date") the last part decides, then the whole; an
// abbreviation ("geb.datum") is one word.
func byName(name string) (Kind, bool) {
	if len(name) > maxName {
		return Other, false
	}
	if dot := strings.LastIndexByte(name, '.'); dot > 0 && dot < len(name)-1 {
		if h, ok := words.whole[fold(name)]; ok {
			return h.kind, true
		}
		if k, ok := byWord(fold(name[dot+1:])); ok {
			return k, ok
		}
	}
	return byWord(fold(name))
}

func fold(name string) string { return string(canonical.Text(name)) }

func byWord(w string) (Kind, bool) {
	if w == "" {
		return Other, false
	}
	if h, ok := words.whole[w]; ok {
		return h.kind, true
	}
	best := headerWord{rank: len(headerWords)}
	for _, a := range words.prefix {
		if a.rank < best.rank && strings.HasPrefix(w, a.text) && len(a.text) >= 3 {
			best = a.headerWord
		}
	}
	for _, a := range words.suffixes {
		if a.rank < best.rank && strings.HasSuffix(w, a.text) && len(w) < 40 {
			best = a.headerWord
		}
	}
	return best.kind, best.rank < len(headerWords)
}

// topics are what column names say of the kind of data, as docs/manifest.md names the categories.
var topics = []struct {
	topic string
	words string
}{
	{"credentials", "password wachtwoord motdepasse passwort passwd pincode token secret apikey login username gebruikersnaam"},
	{"health", `diagnos ziekte maladie krankheit medic medisch medical gezond sante health gesund zwanger grossesse pregnan arts medecin doctor arzt allerg vaccin bloed sang
		aandoening klacht handicap beperking behandel traitement treatment geschikt aptitude absence afwezig krank patholog therap hospital ziekenhuis onderzoek bmi`},
	{"conduct", `gedrag conduct comportement verhalten evaluat beoordel discipl sanctie sanction performance prestatie opmerking remarque remark bemerkung`},
	{"family", `burgerlijkestand etatcivil marital familienstand partner kinder enfant child echtgeno epou spouse gezin famille gehuwd huwelijk`},
	{"finance", `iban rekening compte konto bank loon salar salair gehalt wage schuld dette debt bedrag montant amount betrag`},
	{"location", `gps latitude longitude breedtegraad lengtegraad`},
	{"contact", `mail tel gsm phone mobi portable handy fax adres address straat strasse street rue huisn postc postal zip plz gemeente stad woonplaats ville localite
		commune city town ort wohnort courriel`},
}

// Topic is the kind of data in a column by its name and kind, in the words that a manifest uses.
func (c Column) Topic() string {
	switch c.Kind {
	case National, BSN, Given, Family, Name, Birth:
		return "identity"
	case Email, Phone:
		return "contact"
	case IBAN:
		return "finance"
	}
	w := fold(c.Name)
	for _, t := range topics {
		for _, part := range strings.Fields(t.words) {
			if w == part || len(part) > 3 && strings.Contains(w, part) {
				return t.topic
			}
		}
	}
	if c.Kind == Key {
		return "identity"
	}
	return "other"
}
