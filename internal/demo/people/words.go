package people

// Family names are made up of parts that do not go together; whoever bears one of them is not meant.
var familyNames = []string{
	"Verdwaalmans", "Kwispelaere", "Van den Dwarsboom", "Duboisnoir", "Mistelaer", "Zonderzorgen", "Peperkasteel", "Van Overmorgen", "Lamprecotte", "Knipselbos",
	"De Wolkenaer", "Ransbergmolen", "Toverdonck", "Plouvignette", "Hazewindinckx", "Schemerhoek", "Van Nergenshuizen", "Krabbelinckx", "Bourdonval", "Ijsvogelaers",
	"Stroopwafelaer", "Maneschijns", "Dewittekraai", "Grimbergolle", "Vlotwaeter", "Haverkampion", "Mosterdael", "Quintelier-Boom", "Rondelinckx", "Sprokkelberghe",
	"Tweebruggen", "Uitterlinde", "Vinkenslagh", "Wentelteeven", "Zilverschoon", "Appelmondt", "Bladgroenen", "Citroenaers", "Dromelaere", "Eikelstamp",
	"Fluisterbeke", "Ganzerijck", "Hoepelmans", "Jeneverstraeten", "Klaverviers",
}

var women = []string{
	"Amélie", "Britta", "Chantal", "Dorien", "Elke", "Fatiha", "Griet", "Hilde", "Ilse", "Jolien", "Karima", "Liesbet", "Mieke", "Nadège", "Oriane", "Petra", "Rania",
	"Saskia", "Tine", "Ursule", "Veerle", "Wendy", "Yasmine", "Zoë",
}

var men = []string{
	"Achraf", "Bram", "Cédric", "Dirk", "Emiel", "François", "Gert", "Hamid", "Ignace", "Joris", "Koen", "Lowie", "Mehdi", "Noël", "Oscar", "Pieter", "Quinten", "Rik",
	"Stijn", "Thibault", "Umut", "Wannes", "Xander",
}

var (
	mailHosts = []string{"postvak", "brievenbus", "netpost", "thuismail"}
	streets   = []string{"Kwakkelstraat", "Rue du Nuage", "Verzonnenlaan", "Zandloperweg", "Droomdreef", "Avenue des Sept Lunes", "Mistbankstraat", "Oude Luchtkasteelbaan",
		"Nergensplein", "Kabouterhof", "Chaussée Imaginaire", "Spiegelschriftweg"}
	towns     = []string{"0990 Verzinsel", "0981 Nergenshove", "0972 Saint-Inventé", "0965 Droombeke", "0954 Luchtkasteel", "0943 Bois-Rêvé"}
	jobs      = []string{"heftruckbestuurder", "verpleegkundige", "boekhouder", "lasser", "kinderbegeleider", "magazijnier", "onderhoudstechnicus", "receptionist", "labotechnicus", "kok"}
	employers = []string{"Drukkerij Papiervogel", "Woonzorg De Linde van Niets", "Metaalwerken Duizendpoot", "Crèche Zevensprong", "Logistiek Nimmermeer"}
	months    = []string{"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"}

	complaints = []string{"stekende pijn in de onderrug", "aanhoudende duizeligheid", "tintelende vingers links", "een branderige huiduitslag op beide onderarmen", "slapeloosheid en hartkloppingen",
		"kortademigheid op de trap", "migraine met lichtflitsen", "een stijve schouder", "oorsuizen aan één kant", "terugkerende paniekaanvallen", "zwangerschapsmisselijkheid",
		"een gezwollen knie", "neerslachtigheid en huilbuien", "hoge koorts zonder hoest", "dubbelzien bij vermoeidheid"}
	events = []string{"een val van de laadklep", "drie nachtdiensten op rij", "het tillen van een bewoner", "contact met ontvetter", "een ruzie op de werkvloer", "een aanrijding op de parking",
		"de verbouwing van hal vier", "een lange autorit naar een klant", "het overlijden van een collega", "een gemiste lunchpauze", "de griepvaccinatie", "een audit van twee dagen"}
	doctors  = []string{"de bedrijfsarts", "de verpleegkundige van dienst", "de preventieadviseur", "de vervangende arts", "de ergonoom", "de psychologe"}
	findings = []string{"een licht verhoogde bezinking", "spierspanning zonder uitval", "een verminderde reflex", "tekenen van overbelasting", "een positieve allergietest voor nikkel",
		"een beginnende carpale vernauwing", "een matige ijzertekort", "een afwijkend audiogram", "geen lichamelijke oorzaak", "een zwangerschap van elf weken", "verhoogde leverwaarden"}
	measures = []string{"aangepast werk zonder tillen", "halve dagen", "een zittende functie", "rust en kinesitherapie", "een gesprek met de vertrouwenspersoon", "handschoenen van nitril",
		"een verwijzing naar de neuroloog", "controle van de bloedsuiker", "een verhoogd bureau", "moederschapsbescherming", "geen nachtwerk", "een afkickprogramma"}
	spans    = []string{"weken", "dagen", "maanden"}
	drugs    = []string{"sertraline", "metformine", "bisoprolol", "tramadol", "levothyroxine", "salbutamol", "pantoprazol", "lorazepam", "methylfenidaat"}
	homes    = []string{"alleenwonend", "samenwonend met partner", "in echtscheiding", "mantelzorger voor een ouder", "pas verhuisd", "gehuwd", "weduwe of weduwnaar", "inwonend bij familie"}
	children = []string{"geen kinderen", "één kind met astma", "twee kinderen in co-ouderschap", "drie jonge kinderen", "een zoon in de instelling", "een dochter die niet meer thuis komt"}
	worries  = []string{"de partner zonder werk zit", "er schulden zijn bij de energieleverancier", "de buren klachten indienen", "de kinderwens niet lukt", "er thuis wordt gedronken",
		"een familielid ernstig ziek is", "het huis te koop staat", "er een procedure bij de rechtbank loopt"}
	behaviours = []string{"herhaaldelijk te laat komt", "collega's afsnauwt", "zich afzondert", "de veiligheidsschoenen weigert", "tijdens het werk insliep", "zonder melding vertrok",
		"opmerkingen maakt over het loon", "naar drank rook", "de ploegbaas tegensprak"}
	occasions  = []string{"bij de vroege ploeg", "na het weekend", "tijdens het teamoverleg", "in het bijzijn van klanten", "sinds de reorganisatie", "op de laatste werkdag van de maand"}
	agreements = []string{"nieuw gesprek over drie weken", "schriftelijke verwittiging", "begeleiding door een coach", "geen verdere stappen", "overplaatsing naar een andere ploeg",
		"opvolging door de personeelsdienst"}
)
