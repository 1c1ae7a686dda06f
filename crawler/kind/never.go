package kind

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
)

// denial is a sort of address that acts, spreads or tells when it is read. One of hosts, path and query is enough of a
// hint only together with the others that are given.
type denial struct {
	hosts []string       // this host or one below it; "archive.*" stands for any top-level domain; none: every host
	path  *regexp.Regexp // of the decoded path, lower case; nil: every path
	query *regexp.Regexp // of the decoded query, lower case; nil: every query
	spare *regexp.Regexp // decoded paths that are let through all the same
	why   string
}

func re(s string) *regexp.Regexp { return regexp.MustCompile(s) }

// The reasons, in words for a log.
const (
	whyArchives = "an archive would keep a copy of what is fetched"
	whyMirrors  = "a service would fetch and keep what is asked for"
	whySearches = "a search would learn what is looked for"
	whySubmits  = "a scanner would fetch it and show it to everybody"
	whyProvides = "a gateway would fetch it from others and provide it again"
	whyPreviews = "a preview service would fetch and keep it"
	whyConsumes = "a read would use it up"
)

// denials is the table of what is never fetched, whatever a source or a page says. Each has must-deny and must-allow
// samples in its test.
func denials() []denial {
	return slices.Concat(archivers(), relays(), searchers(), scanners(), gateways(), previews(), spenders())
}

// archivers store a page when their "save" address is read. What they stored before may be read.
func archivers() []denial {
	return []denial{
		{hosts: []string{"archive.org"}, path: re(`^/(web/)?(save|liveweb|_save)(/|$|:|_)`), why: whyArchives},
		{hosts: []string{"web.archive.org"}, path: re(`^/(__wb/save|spn2?)(/|$)`), why: whyArchives},
		{hosts: []string{"archive.is", "archive.ph", "archive.today", "archive.li", "archive.md", "archive.vn", "archive.fo", "archivecaslytosk.onion", "archiveiya74codqgiixo33q62qlrqtkgmcitqx5u2oeqnmn5bpcbiyd.onion"},
			path: re(`^/(submit|save)(/|$)|^/(https?:|www\.)`), why: whyArchives},
		{hosts: []string{"archive.is", "archive.ph", "archive.today", "archive.li", "archive.md", "archive.vn", "archive.fo", "archivecaslytosk.onion", "archiveiya74codqgiixo33q62qlrqtkgmcitqx5u2oeqnmn5bpcbiyd.onion"},
			query: re(`(^|&)(run|url|anyway)=`), why: whyArchives},
		{hosts: []string{"ghostarchive.org"}, path: re(`^/(archive2?|save|submit)/?$|^/archive2?/?https?:`), why: whyArchives},
		{hosts: []string{"ghostarchive.org"}, query: re(`(^|&)(archive|url)=`), why: whyArchives},
		{hosts: []string{"perma.cc", "api.perma.cc"}, path: re(`^/(manage|v1/archives|api/v1/archives|v1/public/archives|service)(/|$)`), why: whyArchives},
		{hosts: []string{"megalodon.jp"}, path: re(`^/(pc/)?(get_simple|pc|entry)(/|$)|^/pc/main`), why: whyArchives},
		{hosts: []string{"webcitation.org", "www.webcitation.org"}, path: re(`^/(archive|query)(\.php)?$`), why: whyArchives},
		{hosts: []string{"freezepage.com", "www.freezepage.com"}, query: re(`(^|&)url=`), why: whyArchives},
		{hosts: []string{"conifer.rhizome.org", "webrecorder.io"}, path: re(`/(record|live|\$record|\$live|extract)(/|$)`), why: whyArchives},
		{hosts: []string{"preservetube.com", "www.preservetube.com"}, path: re(`^/(save|create)(/|$)`), why: whyArchives},
		{hosts: []string{"arquivo.pt"}, path: re(`^/(services/savepagenow|save)(/|$)`), why: whyArchives},
		{hosts: []string{"archive.st", "www.archive.st", "archivebox.io"}, path: re(`^/(add|archive|save)(/|$)`), why: whyArchives},
	}
}

// relays fetch an address that is handed to them, and many keep it.
func relays() []denial {
	handed := re(`(^|&)(u|url|uri|link|q|to|target|page|src|site|address)=\s*(https?:|//|www\.|[a-z0-9-]+(\.[a-z0-9-]+)+)`)
	inPath := re(`https?:/|^/(www\.)?[a-z0-9-]+(\.[a-z0-9-]+)+/`)
	return []denial{
		{hosts: []string{"translate.goog"}, why: whyMirrors},
		{hosts: []string{"translate.google.*", "translate.googleusercontent.com", "translatetheweb.com", "www.translatetheweb.com", "translatoruser-int.com", "fanyi.baidu.com", "fanyi.youdao.com", "translate.yandex.*", "translate.yandex.net", "papago.naver.net", "papago.naver.com", "webtran.eu", "www.webtran.eu"}, query: handed, why: whyMirrors},
		{hosts: []string{"microsofttranslator.com", "www.microsofttranslator.com"}, why: whyMirrors},
		{hosts: []string{"webcache.googleusercontent.com", "cc.bingj.com", "cache.yahoo.com", "yandexwebcache.net", "hghltd.yandex.net"}, why: whyMirrors},
		{hosts: []string{"cdn.ampproject.org"}, why: whyMirrors},
		{hosts: []string{"google.*", "www.google.*"}, path: re(`^/(amp|gwt/x|url|translate)(/|$)`), why: whyMirrors},
		{hosts: []string{"12ft.io", "1ft.io", "13ft.io", "removepaywall.com", "removepaywalls.com", "smry.ai", "archivebuttons.com", "paywallreader.com", "freedium.cfd"}, why: whyMirrors},
		{hosts: []string{"r.jina.ai", "s.jina.ai", "txtify.it", "outline.com", "textise.net", "printfriendly.com", "pdfmyurl.com", "web2pdfconvert.com", "htmlpdfapi.com", "via.hypothes.is", "textance.herokuapp.com"}, why: whyMirrors},
		{hosts: []string{"proxysite.com", "croxyproxy.com", "croxyproxy.net", "croxy.network", "hidester.com", "kproxy.com", "hide.me", "blockaway.net", "proxyium.com", "4everproxy.com"}, why: whyMirrors},
		{hosts: []string{"corsproxy.io", "api.allorigins.win", "allorigins.win", "cors-anywhere.herokuapp.com", "cors.sh", "proxy.cors.sh", "thingproxy.freeboard.io", "api.codetabs.com", "yacdn.org", "crossorigin.me"}, why: whyMirrors},
		{hosts: []string{"images.weserv.nl", "wsrv.nl", "rsz.io"}, query: handed, why: whyMirrors},
		{hosts: []string{"i0.wp.com", "i1.wp.com", "i2.wp.com", "i3.wp.com", "s0.wp.com"}, path: inPath, why: whyMirrors},
		{hosts: []string{"docs.google.com"}, path: re(`^/(gview|viewer)(/|$)`), why: whyMirrors},
		{hosts: []string{"view.officeapps.live.com"}, why: whyMirrors},
		{hosts: []string{"onion.to", "onion.ws", "onion.pet", "onion.ly", "onion.cab", "onion.city", "onion.sh", "onion.re", "onion.foundation", "tor2web.org", "tor2web.io", "tor2web.fi", "onion.link", "onion.direct", "onion.moe"}, why: whyMirrors},
		{hosts: []string{"validator.w3.org", "jigsaw.w3.org"}, query: re(`(^|&)(uri|doc|url)=`), why: whyMirrors},
		{hosts: []string{"web-sniffer.net", "redirectdetective.com", "wheregoes.com", "isitdownrightnow.com", "downforeveryoneorjustme.com"}, why: whyMirrors},
	}
}

// searchers learn from a question what is looked for, and keep images that they are handed.
func searchers() []denial {
	question := re(`(^|&)(q|p|query|text|wd|word|k|search|s|image_url|img_url|imgurl|url|u|rpt)=`)
	return []denial{
		{hosts: []string{"google.*", "www.google.*", "images.google.*"}, path: re(`^/(search|searchbyimage|imghp|complete)(/|$)`), why: whySearches},
		{hosts: []string{"lens.google.com", "lens.google"}, why: whySearches},
		{hosts: []string{"bing.com"}, path: re(`^/(search|images|osjson|visualsearch|shop)(/|\.|$)`), why: whySearches},
		{hosts: []string{"duckduckgo.com", "html.duckduckgo.com", "lite.duckduckgo.com", "yandex.*", "ya.ru", "baidu.com", "search.brave.com", "startpage.com", "qwant.com", "ecosia.org", "search.yahoo.com", "mojeek.com", "sogou.com", "search.marginalia.nu", "kagi.com", "ahmia.fi", "torch.onion"}, query: question, why: whySearches},
		{hosts: []string{"tineye.com", "saucenao.com", "iqdb.org", "pimeyes.com", "facecheck.id", "image.baidu.com", "graph.baidu.com", "karmadecay.com", "search4faces.com", "trace.moe", "imgops.com", "copyscape.com", "plagium.com", "plagiarismdetector.net"}, why: whySearches},
	}
}

// scanners fetch what they are handed from many places, and most show it to everybody. Their records may be read.
func scanners() []denial {
	return []denial{
		{hosts: []string{"urlscan.io"}, path: re(`^/(api/v\d+/(scan|livescan)|livescan|liveshot|scan)(/|$)`), why: whySubmits},
		{hosts: []string{"virustotal.com"}, path: re(`^/(vtapi/v\d+/(url/scan|file/(scan|rescan)|url/report)|api/v3/(files|urls)(/[^/]+/analyse|/upload_url)?/?$|ui/(urls|files)/?$|gui/home/(url|upload|search))`), why: whySubmits},
		{hosts: []string{"hybrid-analysis.com", "www.hybrid-analysis.com"}, path: re(`^/(api/v\d+/(submit|quick-scan)|submit)(/|$)`), why: whySubmits},
		{hosts: []string{"any.run", "app.any.run", "api.any.run"}, path: re(`^/(v1/analysis/?$|submit|tasks/new)`), why: whySubmits},
		{hosts: []string{"tria.ge", "joesandbox.com", "cape.contextis.com", "cuckoo.cert.ee", "metadefender.opswat.com", "filescan.io", "intezer.com", "analyze.intezer.com"}, path: re(`(^|/)(submit|submission|scan|analyze|upload|api/v\d+/(samples|submission))(/|$)`), why: whySubmits},
		{hosts: []string{"sitecheck.sucuri.net", "quttera.com", "securityheaders.com", "observatory.mozilla.org", "ssllabs.com", "urlvoid.com", "checkphish.ai", "phishtank.org", "phishtank.com", "safeweb.norton.com", "transparencyreport.google.com", "browserling.com", "urlquery.net", "wannabrowser.net", "browshot.com"}, spare: re(`^/(robots\.txt)?$`), why: whySubmits},
	}
}

// gateways fetch what they are asked for from a network of peers, keep it and hand it on.
func gateways() []denial {
	return []denial{
		// An IPFS gateway of somebody else is read with "only-if-cached" by the kind for it, which names its hosts itself.
		{hosts: []string{"btcache.me", "itorrents.org", "webtor.io", "instant.io", "seedr.cc", "bitport.io", "put.io", "offcloud.com", "real-debrid.com", "alldebrid.com", "premiumize.me"}, why: whyProvides},
		{path: re(`^/(api/v0/(get|cat|pin|dag|block|refs|add|dht|routing|name|resolve|files)|pins?)(/|$)`), query: re(`(^|&)arg=`), why: whyProvides},
	}
}

// previews fetch, render and keep what they are handed.
func previews() []denial {
	return []denial{
		{hosts: []string{"s.wordpress.com"}, path: re(`^/mshots/`), why: whyPreviews},
		{hosts: []string{"image.thum.io", "api.microlink.io", "api.linkpreview.net", "iframe.ly", "iframely.com", "cdn.iframe.ly", "embed.ly", "api.embedly.com", "i.embed.ly", "jsonlink.io", "api.urlbox.io", "urlbox.io", "urlbox.com", "screenshotapi.net", "shot.screenshotapi.net", "api.apiflash.com", "api.screenshotmachine.com", "free.pagepeeker.com", "s-shot.ru", "mini.s-shot.ru", "api.url2png.com", "url2png.com", "opengraph.io", "api.site-shot.com", "webthumbnail.org", "snapito.com", "api.pagelr.com"}, why: whyPreviews},
		{hosts: []string{"developers.facebook.com", "cards-dev.twitter.com", "cards-dev.x.com"}, path: re(`^/(tools/debug|validator)`), why: whyPreviews},
		{hosts: []string{"graph.facebook.com"}, query: re(`(^|&)(id|scrape)=(https?:|true)`), why: whyPreviews},
		{hosts: []string{"linkedin.com"}, path: re(`^/post-inspector(/|$)`), why: whyPreviews},
		{hosts: []string{"search.google.com"}, path: re(`^/(test|structured-data)/`), why: whyPreviews},
		{hosts: []string{"pagespeed.web.dev", "pagespeedonline.googleapis.com", "gtmetrix.com", "webpagetest.org"}, why: whyPreviews},
	}
}

// spenders use up what they show: one-use items and notes that burn.
func spenders() []denial {
	return []denial{
		{query: re(`(^|&)(openoneuse|one_?use|burn(after(reading|read))?)=(true|1|yes)`), why: whyConsumes},
		{hosts: []string{"onetimesecret.com", "eu.onetimesecret.com", "us.onetimesecret.com"}, path: re(`^/(secret|api)/`), why: whyConsumes},
		{hosts: []string{"privnote.com", "www.privnote.com", "noteshred.com", "1ty.me", "www.1ty.me", "burnernote.com", "quickforget.com", "pwpush.com", "eu.pwpush.com", "us.pwpush.com", "onetimelink.org", "saltify.io", "flashpaper.io", "temp.pm", "scrt.link", "password.link", "cryptgeon.org", "cryptgeon.com", "wormhole.app", "send.vis.ee", "safenote.co"}, spare: re(`^/(robots\.txt|about|faq|terms|privacy|contact)?/?$`), why: whyConsumes},
	}
}

// Denied says why an address is never fetched, in plain words, or nothing when the table does not hold it. Addresses are
// read as servers read them: percent-encoding, letter case, doubled slashes, dot segments and a trailing dot of the host
// hide nothing.
func Denied(u *url.URL) string {
	host := Host(u)
	p, q := plainPath(u), decoded(u.RawQuery)
	if strings.HasPrefix(u.Fragment, "-") || strings.HasPrefix(u.Fragment, "%2d") || strings.HasPrefix(u.Fragment, "%2D") {
		return whyConsumes // PrivateBin's burn links
	}
	for _, d := range denyTable.of(host) {
		if d.denies(p, q) {
			return d.why
		}
	}
	return ""
}

// denyTable is the table, made once: every address is held against it.
var denyTable = newDenyIndex(denials())

// denyIndex finds what is said of a host.
type denyIndex struct {
	below map[string][]denial // by name, of the hosts of that name and below it
	under map[string][]denial // of those of that name under any public ending
	all   []denial            // of every host
}

const anyEnding = ".*"

func newDenyIndex(table []denial) denyIndex {
	x := denyIndex{below: map[string][]denial{}, under: map[string][]denial{}}
	for _, d := range table {
		for _, h := range d.hosts {
			if name, any := strings.CutSuffix(h, anyEnding); any {
				x.under[name] = append(x.under[name], d)
			} else {
				x.below[h] = append(x.below[h], d)
			}
		}
		if len(d.hosts) == 0 {
			x.all = append(x.all, d)
		}
	}
	return x
}

// of gives what is said of a host. A public ending has one or two labels.
func (x denyIndex) of(host string) []denial {
	found := x.all[:len(x.all):len(x.all)]
	name := host
	for range 2 {
		at := strings.LastIndexByte(name, '.')
		if at < 0 {
			break
		}
		name = name[:at]
		found = append(found, x.under[name]...)
	}
	for rest, more := host, true; more; _, rest, more = strings.Cut(rest, ".") {
		found = append(found, x.below[rest]...)
	}
	return found
}

// denies tells whether an address is meant at a host that is.
func (d denial) denies(p, q string) bool {
	if d.spare != nil && d.spare.MatchString(p) && q == "" {
		return false
	}
	return (d.query == nil || d.query.MatchString(q)) && (d.path == nil || d.path.MatchString(p)) // most have no query
}

// decoded undoes percent-encoding and letter case.
func decoded(s string) string { return strings.ToLower(unescaped(s)) }

// unescaped undoes percent-encoding, thrice at most.
func unescaped(s string) string {
	for range 3 {
		if !strings.Contains(s, "%") {
			break
		}
		d, err := url.PathUnescape(s)
		if err != nil || d == s {
			break
		}
		s = d
	}
	return s
}

// plainPath is the path as a lenient server resolves it.
func plainPath(u *url.URL) string {
	p := strings.ReplaceAll(decoded(u.EscapedPath()), `\`, "/")
	if p == "" {
		return "/"
	}
	end := strings.HasSuffix(p, "/") && p != "/"
	if p[0] != '/' {
		p = "/" + p
	}
	if p = path.Clean(p); end && p != "/" {
		p += "/"
	}
	return p
}
