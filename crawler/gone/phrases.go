package gone

import (
	"regexp"
	"strings"
)

// any is a pattern of alternatives over normal text.
func anyOf(parts ...string) *regexp.Regexp {
	return regexp.MustCompile(`(?:` + strings.Join(parts, `|`) + `)`)
}

// thing is what can be missing, in the languages of the phrases.
const thing = `(?:page|file|paste|pasta|document|item|post|topic|thread|snippet|content|message|link|url|address|object|resource|upload|folder|entry|gist|note|image|photo|video|attachment|archive|release|download)s?`

// removed are the usual words for an item that is not there: English, Dutch, French, German, then others, shortly.
var removed = anyOf(
	`\b404\b.{0,20}(?:not found|error|fout|erreur|fehler)`, `\b(?:error|fout|erreur|fehler|http)\b.{0,4}\b(?:404|410)\b`, `^(?:· ?)*(?:404|410)(?: ·|$)`, `\b410 gone\b`,
	`\bnot found\b`, thing+`\b.{0,60}\b(?:(?:could not|couldn't|cannot|can not|can't) be found|does not exist|doesn't exist|do not exist|no longer exists?|no longer available|not available|isn't available|unavailable|not be accessed any ?more)`,
	thing+`\b.{0,60}\b(?:has been|have been|was|were|is|got) (?:permanently |already )?(?:removed|deleted|taken down|erased|withdrawn|disabled|expired)`, thing+`\b.{0,40}\b(?:has|have) expired`,
	`(?:cannot|can't|could not|couldn't|unable to|did not|didn't) (?:find|locate) (?:the |this |that |your |any |id)`, `\bno such (?:file|paste|page|document|item|key|object|id|topic|thread|post)`,
	`\b(?:removed|deleted) by (?:its |the |a |an )?(?:author|owner|uploader|user|moderator|moderation|administrator|admin|staff)`, `\binvalid or (?:deleted|expired|removed)\b`, `\bexpired or (?:deleted|removed)\b`, `\bnothing (?:to see )?here\b`,
	// Dutch
	`\bniet (?:worden )?(?:terug)?gevonden\b`, `\bkon(?:den)? niet worden gevonden`, `\bbestaat niet\b`, `\bbestaan niet\b`, `\bniet (?:meer|langer) (?:beschikbaar|te vinden|online)`, `\b(?:is|werd|zijn|werden|is al) (?:inmiddels |reeds )?(?:verwijderd|gewist|verlopen)\b`, `\b(?:verwijderd|gewist) door\b`, `\bonvindbaar\b`,
	// French
	`\bintrouvables?\b`, `\bn'existe (?:pas|plus)\b`, `\bn'existent (?:pas|plus)\b`, `\b(?:a|ont) été (?:définitivement )?(?:supprim|effac|retir)ée?s?`, `\b(?:non|pas|pas été) trouvée?s?`, `\bn'est plus (?:disponible|accessible|en ligne)`, `\ba expiré\b`,
	// German
	`\bnicht (?:mehr )?(?:gefunden|auffindbar|vorhanden)\b`, `\bexistier(?:t|en) nicht\b`, `\bnicht (?:mehr|länger) (?:verfügbar|erreichbar|online)`, `\b(?:wurden?|ist|sind) (?:\p{L}+ ){0,4}(?:gelöscht|entfernt|abgelaufen)\b`,
	// Spanish, Portuguese, Italian, Polish, Czech, Swedish, Danish, Norwegian, Finnish, Turkish, Russian, Ukrainian, Chinese, Japanese
	`\bno (?:se )?(?:ha )?(?:sido )?encontrad[oa]`, `\bno se encontró\b`, `\bno existe\b`, `\b(?:ha|fue) (?:sido )?(?:eliminad|borrad)[oa]`, `\bya no está disponible`,
	`\bnão (?:foi )?encontrad[oa]`, `\bnão existe\b`, `\bfoi (?:removid|excluíd|apagad)[oa]`, `\bnon (?:è stat[oa] )?trovat[oa]`, `\bnon esiste\b`, `\bstat[oa] (?:rimoss|eliminat|cancellat)[oa]`,
	`\bnie (?:została? )?znalezion`, `\bnie istnieje\b`, `usunięt[yea]`, `nenalezen`, `\bneexistuje\b`, `byla? smazán`, `\bhittades inte\b`, `\bfinns inte\b`, `\bikke fundet\b`, `\bfindes ikke\b`, `\bikke funnet\b`, `\bei löyd`, `bulunamadı`, `silinmiş`,
	`не найден`, `не существует`, `удал[её]н`, `не знайден`, `не існує`, `видален`, `不存在`, `已被?删除`, `未找到`, `找不到`, `见つかりません`, `見つかりません`, `削除され`,
)

// named are things that only an application knows of; a broken or replaced server speaks of pages and addresses.
var named = regexp.MustCompile(`\b(?:paste|pasta|document|file|snippet|gist|upload|note|key|object|id|item|entry|archive)s?\b`)

// namedPlain are those of them that no bare web server says: "File not found." is what remains of many an application. A
// file that is called by its name is one that the application knew.
var namedPlain = regexp.MustCompile(`\b(?:paste|pasta|snippet|gist|upload|note|id|item|entry)s?\b|\b(?:file|document|object|key)s? [^\s/]*[0-9._-][^\s/]* `)

// outage are the words of a place that is out of order. They are looked for first: such pages often say "not available".
var outage = anyOf(
	`\b(?:under|in|for|scheduled|planned|routine|undergoing|during) (?:\p{L}+ )?maintenance\b`, `\bmaintenance (?:mode|work|break|window|page)\b`, `^(?:· ?)*maintenance(?: ·|$)`, `\b(?:en|pour|de) maintenance\b`, `\bwartung(?:sarbeiten|smodus|sseite)?\b`, `\b(?:in|wegens|voor|tijdens|gepland) (?:gepland )?onderhoud\b`, `\bonderhoudswerken\b`, `\bonderhoudswerkzaamheden\b`,
	`\btemporar(?:il)?y (?:unavailable|down|offline|out of|closed|disabled)`, `\btijdelijk (?:niet (?:beschikbaar|bereikbaar)|onbeschikbaar|onbereikbaar|offline|buiten gebruik|gesloten)`, `\b(?:temporairement|momentanément) (?:indisponible|inaccessible|hors|ferm)`, `\b(?:vorübergehend|zurzeit|derzeit|momentan) (?:nicht (?:verfügbar|erreichbar)|offline|geschlossen|außer betrieb)`,
	`\bservice (?:is )?(?:temporarily )?(?:unavailable|indisponible)\b`, `\b(?:be|come|check) (?:right )?back (?:soon|shortly|later)\b`, `\bbe right back\b`, `\bbad gateway\b`, `\bgateway time-?out\b`, `\binternal server error\b`, `\bserver error\b`, `\binterne serverfout\b`, `\berreur interne du serveur\b`, `\binterner serverfehler\b`,
	`\bdatabase (?:connection )?(?:error|is down|unavailable)`, `\bestablishing a database connection`, `\b(?:connect|connection) to (?:the )?(?:database|mysql|postgres|redis)`, `sqlstate\[`, `\bfatal error:`, `\buncaught (?:exception|error|typeerror)`, `\btraceback \(most recent call last\)`, `\btoo many connections\b`, `\bread[- ]only mode\b`,
	`\bbandwidth (?:limit )?exceeded\b`, `\baccount (?:has been |is |was )?(?:suspended|disabled|closed|deactivated)\b`, `\b(?:site|website|hosting|server|host) (?:has been |is |was )?(?:currently )?(?:suspended|disabled|offline|down|deactivated|not configured|unavailable)\b`, `\bcompte (?:a été )?suspendu`,
	`\bno (?:web ?)?site (?:is )?configured\b`, `\bno such app\b`, `\bthere (?:isn't|is no) (?:a )?github pages site here`, `\bunknown (?:domain|host|vhost|virtual host)\b`, `\binvalid host(?:name| header)?\b`, `\bdefault backend\b`, `\bno application (?:is )?configured\b`, `\bno route matched\b`, `\bapplication (?:not found|error)\b`, `\bdeployment (?:not found|could not be found)`, `\bdeployment_not_found\b`, `\bnosuchbucket\b`, `\bspecified bucket does not exist`,
	`\bthis is the default (?:web ?)?(?:page|site|server|index|welcome)`, `\bdefault (?:web ?)?(?:site )?(?:page|vhost|virtual host)\b`, `\bwelcome to (?:nginx|openresty|caddy|apache|lighttpd|centos|cpanel|plesk|tengine)`, `\bplaceholder page\b`, `\bcoming soon\b`, `\bunder construction\b`, `\bin aanbouw\b`, `\ben construction\b`, `\bim aufbau\b`, `\bsuccessfully installed\b`, `\bseeing this page (?:because|means)`, `\bsite is not (?:published|ready)\b`,
	`\b(?:web )?server is (?:down|returning an unknown error)`, `\bconnection timed out\b`, `\borigin (?:is unreachable|dns error)`, `\bdns resolution error\b`, `\bnot ready (?:for|yet)\b`,
)

// defaultPage is what servers show in title and headings before anybody set them up.
var defaultPage = anyOf(`\bit works!`, `\bdefault page\b`, `\btest page\b`, `^(?:· ?)*iis windows`, `\bplesk\b`, `\bcpanel\b`, `\bispconfig\b`, `\bdirectadmin\b`, `\bhestiacp\b`, `\bhello,? world\b`, `\bcongratulations!?(?: ·|$)`)

var parked = anyOf(
	`\bdomain (?:name )?(?:\S+ )?(?:is |may be |might be )?for sale\b`, `\bbuy this domain\b`, `\bdomain (?:name )?(?:\S+ )?(?:has |is |was )?(?:been )?(?:expired|lapsed|suspended|parked|registered (?:at|with|by|and)|reserved)`, `\bparked (?:domain|free|page|by)\b`, `\bdomain parking\b`, `\bparking[- ]?page\b`, `\brelated searches\b`,
	`\bdomein(?:naam)? (?:\S+ )?(?:is )?(?:te koop|verlopen|geparkeerd|gereserveerd|geregistreerd)`, `\b(?:nom de )?domaine (?:\S+ )?(?:est )?(?:à vendre|expiré|en parking|réservé|enregistré)`, `\bdomain (?:\S+ )?(?:steht zum verkauf|zu verkaufen|ist (?:geparkt|abgelaufen|registriert|reserviert))`, `\bdiese domain\b.{0,40}(?:verkauf|kaufen|geparkt|registriert)`,
)

// challenge are the words of pages that keep programs out.
var challenge = anyOf(
	`\bjust a moment\b`, `\battention required\b`, `\bchecking (?:if the site connection is secure|your browser)`, `\bverify(?:ing)? (?:that )?(?:you|that you) are (?:a )?(?:human|not a robot)`, `\bverify you are human`, `\bare you (?:a )?(?:robot|human)\b`, `\bi'm not a robot\b`, `\bcaptcha\b`, `\bddos[- ]protection\b`, `\bmaking sure you're not a bot\b`, `\bik ben geen robot\b`, `\bje ne suis pas un robot\b`, `\bich bin kein roboter\b`, `\bunusual traffic\b`, `\bautomated (?:requests|queries|access)\b`,
	`\btoo many requests\b`, `\brate limit(?:ed)?\b`, `\bslow down\b`, `\b(?:access|request) (?:denied|blocked|forbidden)\b`, `\byou have been blocked\b`, `\bdoes not have access\b`, `\bnot available in your (?:country|region|location|area)\b`, `\b(?:due to|because of) (?:the )?(?:gdpr|legal|geographic)`, `\bniet beschikbaar in (?:jouw|uw) (?:land|regio)`, `\bpas disponible dans votre (?:pays|région)`, `\bin (?:ihrem|deinem) land nicht verfügbar`, `\b403 forbidden\b`, `\btoegang geweigerd\b`, `\baccès (?:refusé|interdit)\b`, `\bzugriff verweigert\b`,
)

// wall are the words of a place that asks for something before it shows the item.
var wall = anyOf(
	`\b(?:log|sign)[- ]?(?:in|on)\b`, `\blogin\b`, `\b(?:must|need to|have to|please) (?:be )?(?:logged|log|signed|sign|register)`, `\bauthentication required\b`, `\bunauthori[sz]ed\b`, `\b(?:enter|requires?|needs?) (?:a |the |your )?pass(?:word|phrase|code)\b`, `\bpassword[- ](?:protected|required)\b`, `\bprotected (?:by|with) (?:a )?password\b`, `\bpassword:`, `\b(?:is|this is) (?:a )?private\b`, `\bnot (?:a )?public\b`, `\bmembers[- ]only\b`, `\bsubscribers? only\b`, `\bpremium (?:only|members?)\b`, `\byou do not have permission\b`, `\bpermission denied\b`,
	`\b(?:age verification|are you (?:over|at least) 18|18 years or older|adult content)\b`, `\bbefore you continue\b`, `\b(?:we value|your) privacy\b`, `\b(?:accept|reject) all\b`, `\b(?:manage|cookie) (?:consent|preferences|settings)\b`, `\bconsent\b`, `\b(?:enable|requires?|turn on) (?:java ?script|cookies)\b`, `\bjava ?script (?:is )?(?:disabled|required|must be)`, `\bredirecting\b`,
	`\b(?:inloggen|aanmelden|log in)\b`, `\bwachtwoord\b`, `\btoestemming\b`, `\bcookies? (?:accepteren|aanvaarden|weigeren)`, `\b(?:se connecter|connectez-vous|identifiez-vous|connexion requise)\b`, `\bmot de passe\b`, `\b(?:accepter|refuser) (?:tout|les cookies)`, `\bconsentement\b`, `\b(?:anmelden|einloggen|anmeldung erforderlich)\b`, `\b(?:passwort|kennwort)\b`, `\beinwilligung\b`, `\balle (?:cookies )?(?:akzeptieren|ablehnen|accepteren|weigeren)`,
)
