package gone

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func page(title, text string) string {
	return "<!DOCTYPE html><html><head><title>" + title + "</title><script>var gone='not found'</script></head><body><h1>" + title + "</h1><p>" + text + "</p></body></html>"
}

// article is an ordinary page that speaks at length of everything that this package listens for.
var article = page("Why links rot", strings.Repeat("Many a page was not found because it has been deleted; some sites ask to log in, some show a captcha, others are under maintenance. ", 12))

func TestPagesThatSayThatTheItemIsGone(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"nginx 404": "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>",
		"english":   page("Oops", "This paste has been removed by a moderator."), "expired": page("Sorry", "The file you are looking for has expired."),
		"missing topic": page("Information", "The requested topic does not exist.") + `<form>Login <input type="password"></form>`,
		"dutch":         page("Helaas", "Dit bestand bestaat niet meer."), "dutch page": page("Pagina niet gevonden", "Ga naar de startpagina."), "dutch deleted": page("Bericht", "Dit bericht werd verwijderd."),
		"french": page("Erreur 404", "Cette page est introuvable."), "french removed": page("Désolé", "Ce document a été supprimé."), "french gone": page("Oups", "Le fichier n’existe plus."),
		"german": page("Fehler", "Die Datei wurde gelöscht."), "german missing": page("Seite nicht gefunden", ""),
		"spanish": page("Error", "Página no encontrada"), "polish": page("Błąd", "Nie znaleziono strony"), "russian": page("Ошибка", "Страница не найдена"), "chinese": page("提示", "该文件不存在"),
		"long page, heading": page("Page not found", strings.Repeat("Our other articles are worth a read too. ", 80)),
		"plain":              "Error, we cannot find this paste.", "microbin": "Pasta not found! :-(", "plik": "file brief-12.txt (mghbHbSLmBYftmNQ) is not available : deleted",
		"privatebin": `{"status":1,"message":"Document does not exist, has expired or has been deleted."}`, "rentry": `{"status":"404","content":"Entry not found"}`,
		"haste": `{"message":"Document not found."}`, "nested": `{"error":{"code":404,"message":"File not found"}}`, "code only": `{"code":410,"error":"x"}`,
		"s3": `<?xml version="1.0" encoding="UTF-8"?><Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>`,
	} {
		if v := Read(Page{Body: []byte(body), Type: typeOf(body)}); v.Sign != Removed || v.Reason == "" {
			t.Errorf("%s: got %q (%s)", name, v.Sign, v.Reason)
		}
	}
}

func TestPagesThatSayNothingAboutTheItem(t *testing.T) {
	t.Parallel()
	cases := map[Sign]map[string]string{
		Wall: {
			"cloudflare": page("Just a moment...", "Enable JavaScript and cookies to continue") + `<script src="/cdn-cgi/challenge-platform/x"></script>`,
			"recaptcha":  page("One more step", "Please complete the form") + `<div class="g-recaptcha"></div>`, "login": page("Inloggen", "Naam en wachtwoord"), "password": page("Protected", "") + `<input type="password" name="p">`,
			"french login": page("Connexion requise", "Identifiez-vous"), "consent": page("Before you continue", "We value your privacy. Accept all"), "age": page("Welcome", "Are you over 18?"),
			"private": "Error, this is not a public paste.", "no access": "YOUR IP: 192.0.2.7 DOES NOT HAVE ACCESS. VISIT: https://pastes.example/doc TO GET ACCESS!",
			"rate": page("429", "Too many requests"), "region": page("Sorry", "This content is not available in your country."), "json": `{"error":"token required"}`,
			"s3 denied": `<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>`, "german": page("Anmeldung erforderlich", "Bitte Kennwort eingeben"),
		},
		Outage: {
			"maintenance": page("Maintenance", "The file service is not available."), "dutch": page("Even geduld", "De website is wegens onderhoud tijdelijk niet beschikbaar."),
			"french": page("Site", "Notre site est en maintenance."), "german": page("Wartungsarbeiten", "Die Seite ist nicht verfügbar."), "database": page("Error", "Error establishing a database connection"),
			"nginx": page("Welcome to nginx!", "If you see this page, the nginx web server is successfully installed and working."), "apache": page("Apache2 Debian Default Page: It works", "x"), "works": "<html><body><h1>It works!</h1></body></html>",
			"suspended": page("Account Suspended", "This account has been suspended. Contact your hosting provider."), "bandwidth": page("509", "Bandwidth Limit Exceeded"), "gateway": page("502 Bad Gateway", ""),
			"not ready": "File is not ready for scraping yet. Try again in 1 minute.", "bucket": `<?xml version="1.0"?><Error><Code>NoSuchBucket</Code></Error>`, "backend": "default backend - 404",
			"php": "<br />\n<b>Fatal error</b>:  Uncaught Exception: no such file", "pages": page("Site not found · Pages", "There isn't a GitHub Pages site here."), "json": `{"code":503,"message":"x"}`,
		},
		Parked: {
			"sale": page("files.example", "This domain is for sale. Related searches: loans"), "expired": page("files.example", "The domain files.example has expired."), "dutch": page("x", "Deze domeinnaam is te koop"),
			"german": page("x", "Diese Domain steht zum Verkauf"), "french": page("x", "Ce domaine est à vendre"),
		},
		None: {
			"empty": "", "article": article, "text": "Verslag van de vergadering van 12 maart: het rapport is goedgekeurd.", "data": `{"id":7,"status":"found","title":"Deleted scenes","content":"The file was not found"}`,
			"paste": `{"data":"a log: 404 not found","key":"abc"}`, "long plain": strings.Repeat("GET /x 404 not found\n", 60), "binary": "PK\x03\x04 not found \x00", "list": `[{"message":"not found"}]`,
			"corner": page("Paste 12", strings.Repeat("Some other words stand here now. ", 20)+`<a href="/login">Log in</a>`), "spa": `<!doctype html><html><head><title>pastes</title></head><body><div id="app"></div></body></html>`,
		},
	}
	for want, pages := range cases {
		for name, body := range pages {
			if v := Read(Page{Body: []byte(body), Type: typeOf(body)}); v.Sign != want || (v.Reason == "") != (want == None) {
				t.Errorf("%s: got %q (%s), want %q", name, v.Sign, v.Reason, want)
			}
		}
	}
}

func typeOf(body string) string {
	switch {
	case strings.HasPrefix(body, "{"), strings.HasPrefix(body, "["):
		return "application/json"
	case strings.HasPrefix(body, "<?xml"):
		return "application/xml"
	case strings.HasPrefix(body, "<"):
		return "text/html"
	}
	return "text/plain"
}

func TestOnlyAnApplicationNamesTheItem(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`{"message":"Document not found."}`: true, "file brief.txt not found": true, `<Error><Code>NoSuchKey</Code></Error>`: true,
		"404 page not found": false, "Not Found": false, `{"message":"no Route matched with those values"}`: false, page("404 Not Found", "File not found"): false,
	} {
		if v := Read(Page{Body: []byte(body), Type: typeOf(body)}); v.Named != want {
			t.Errorf("%s: got %+v", body, v)
		}
	}
}

func TestTheControlHasTheSameShape(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"http://h.example/a/b.txt", "http://h.example/raw/0a1b2c3d4e5f6789", "http://h.example/t.php?f=2&t=123", "http://h.example/?0a1b2c3d4e5f6789", "http://h.example/", "http://h.example/dir/", "http://h.example/a%2Fb"} {
		u, err := url.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		c := Beside(u)
		if c == nil || c.Host != u.Host || c.String() == s || strings.HasSuffix(u.Path, ".txt") != strings.HasSuffix(c.Path, ".txt") {
			t.Errorf("%s: got %v", s, c)
		}
	}
	if u, _ := url.Parse("ftp://h.example/a"); Beside(u) != nil {
		t.Error("made one for ftp")
	}
}

func TestSamePagesAreToldFromOthers(t *testing.T) {
	t.Parallel()
	at := func(path, body string) Page {
		u, _ := url.Parse("http://h.example" + path)
		return Page{URL: u, Type: "text/html", Body: []byte(body)}
	}
	shell := func(path, when string) Page {
		return at(path, page("Pastes", "We have nothing at "+path+" as of "+when+". "+strings.Repeat("Try the archive or make another one with the form below. ", 5)))
	}
	if !Same(shell("/abcdef", "12:03:11"), shell("/qwrtzx", "12:03:14")) {
		t.Error("a shell that repeats its address counts as two pages")
	}
	if Same(shell("/abcdef", "1"), at("/q", page("Pastes", "Minutes of the meeting: the roof of the hall leaks, and the treasurer reports."))) {
		t.Error("two pages count as one")
	}
	if Same(at("/a", ""), at("/b", page("Home", "Welcome"))) {
		t.Error("an empty page equals another")
	}
}

func TestReadNeverFailsOnAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.SliceOf(rapid.Byte()).Draw(t, "body")
		typ := rapid.SampledFrom([]string{"", "text/html", "application/json", "text/xml", "text/plain"}).Draw(t, "type")
		v := Read(Page{Body: body, Type: typ})
		if (v.Sign == None) != (v.Reason == "") {
			t.Fatalf("got %+v", v)
		}
	})
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{article, page("404", ""), `{"error":{"code":404}}`, "<Error><Code>NoSuchKey</Code></Error>", "<title><title></h1>", "<input type=password"} {
		f.Add([]byte(s), "text/html")
		f.Add([]byte(s), "")
	}
	f.Fuzz(func(_ *testing.T, body []byte, typ string) {
		p := Page{Body: body, Type: typ}
		Read(p)
		Same(p, Page{Body: append([]byte("x"), body...), Type: typ})
	})
}
