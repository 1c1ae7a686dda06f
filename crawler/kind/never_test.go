package kind

import (
	"net/url"
	"testing"
)

func TestWhatWouldSpreadOrDestroyIsDenied(t *testing.T) {
	deny := []string{
		"https://web.archive.org/save/https://mirror.example/a.zip", "http://web.archive.org/save", "https://WEB.archive.org./save/x",
		"https://web.archive.org/%73ave/https://mirror.example/", "https://web.archive.org//save//https://mirror.example/",
		"https://web.archive.org/web/../save/x", "https://web.archive.org/%2573ave/x", "https://archive.org/save/x",
		"https://web.archive.org/web/save/x", "https://web.archive.org/__wb/save/status",
		"https://archive.ph/?url=https://mirror.example/", "https://archive.today/submit/", "https://archive.is/submit/?url=x",
		"https://archive.ph/https://mirror.example/a", "https://archive.md/?run=1&url=x", "https://www.archive.ph/?u%72l=x",
		"http://archiveiya74codqgiixo33q62qlrqtkgmcitqx5u2oeqnmn5bpcbiyd.onion/submit/",
		"https://ghostarchive.org/archive2?url=x", "https://ghostarchive.org/save/", "https://perma.cc/manage/create", "https://api.perma.cc/v1/archives/",
		"https://megalodon.jp/pc/get_simple/decide", "https://arquivo.pt/services/savepagenow?url=x",
		"https://mirror-example.translate.goog/a.zip", "https://translate.google.com/translate?sl=nl&u=https://mirror.example/",
		"https://translate.google.co.uk/translate?u=mirror.example", "https://translate.yandex.com/translate?url=https://mirror.example",
		"https://webcache.googleusercontent.com/search?q=cache:x", "https://12ft.io/https://mirror.example/", "https://r.jina.ai/https://mirror.example/",
		"https://api.allorigins.win/raw?url=x", "https://corsproxy.io/?https://mirror.example", "https://i0.wp.com/mirror.example/scan.jpg",
		"https://docs.google.com/viewer?url=x", "https://docs.google.com/gview?url=x", "https://view.officeapps.live.com/op/view.aspx?src=x",
		"https://abcdefghij.onion.ws/leak/", "https://mirror-example.cdn.ampproject.org/c/s/mirror.example/",
		"https://www.google.com/search?q=name", "https://www.google.be/search?q=name", "https://lens.google.com/uploadbyurl?url=x",
		"https://www.bing.com/images/search?q=imgurl:x", "https://yandex.ru/images/search?rpt=imageview&url=x", "https://tineye.com/search?url=x",
		"https://duckduckgo.com/?q=name", "https://pimeyes.com/en", "https://www.copyscape.com/?q=x", "https://saucenao.com/search.php?url=x",
		"https://urlscan.io/api/v1/scan/", "https://urlscan.io/liveshot/?url=x", "https://www.virustotal.com/vtapi/v2/url/scan", "https://www.virustotal.com/api/v3/urls",
		"https://www.virustotal.com/api/v3/files/abc/analyse", "https://www.hybrid-analysis.com/api/v2/submit/url", "https://sitecheck.sucuri.net/results/mirror.example",
		"https://urlquery.net/report", "https://image.thum.io/get/https://mirror.example", "https://s.wordpress.com/mshots/v1/x", "https://api.microlink.io/?url=x",
		"https://developers.facebook.com/tools/debug/?q=x", "https://webtor.io/show?magnet=x", "https://itorrents.org/torrent/x.torrent",
		"https://node.example/api/v0/cat?arg=Qm", "https://lenpaste.example/x?openOneUse=true", "https://lenpaste.example/x?a=1&OPENONEUSE=TRUE",
		"https://bin.example/?0123456789abcdef#-key", "https://onetimesecret.com/secret/abc", "https://privnote.com/abc#k",
		"https://ｗｅｂ.ａｒｃｈｉｖｅ.ｏｒｇ/save/x", "https://web。archive。org/save/x", "https://web.archive｡org/save/x", "https://%EF%BD%97eb.archive.org/save/x", "https://WEB.ARCHIVE.ORG../save/x",
	}
	for _, s := range deny {
		if u, err := url.Parse(s); err != nil || Denied(u) == "" {
			t.Errorf("%s is let through (%v)", s, err)
		}
	}
	allow := []string{
		"https://web.archive.org/web/2026/https://mirror.example/", "https://web.archive.org/cdx/search/cdx?url=x", "https://archive.org/metadata/x",
		"https://archive.org/download/saved-pages/x.zip", "https://archive.org/details/save-the-whales", "https://archive.ph/AbCd1", "https://archive.is/2026.01.01-000000/https://mirror.example/",
		"https://ghostarchive.org/archive/abcde", "https://perma.cc/AB12-CD34", "https://urlscan.io/api/v1/search/?q=hash:x", "https://urlscan.io/result/0-0/",
		"https://www.virustotal.com/gui/file/abc", "https://www.virustotal.com/api/v3/files/abc", "https://mirror.example/save/a.zip", "https://mirror.example/submit/", "https://mirror.example/search?q=x",
		"https://mirror.example/search?q=https://web.archive.org/save/", "https://notarchive.ph/submit", "https://archive.ph.example/submit/", "https://mytranslate.goog.example/",
		"https://docs.google.com/document/d/x", "https://drive.google.com/file/d/x", "https://www.google.com/", "https://pastebin.com/raw/abc", "https://i0.wp.com/",
		"https://bin.example/?0123456789abcdef#key-", "https://privnote.com/faq", "https://ipfs.io/ipfs/bafy", "https://translate.example/?u=x",
		"https://disk.yandex.ru/d/abc", "https://duckduckgo.com/about", "https://example.org/burn?after=1",
	}
	for _, s := range allow {
		if u, err := url.Parse(s); err != nil || Denied(u) != "" {
			t.Errorf("%s is denied: %s (%v)", s, Denied(u), err)
		}
	}
}

func TestEveryDenialSaysWhy(t *testing.T) {
	for i, d := range denials() {
		if d.why == "" || len(d.hosts) == 0 && d.path == nil && d.query == nil {
			t.Errorf("row %d denies without a reason, or everything: %+v", i, d)
		}
	}
}

func TestNothingDeniedIsEverListedOrRecognised(t *testing.T) {
	spec, err := Compile(Settings{Kind: "site", URL: "https://board.example/"})
	if err != nil {
		t.Fatal(err)
	}
	page, _ := url.Parse("https://board.example/")
	f, err := spec.Read(Page{URL: page, Type: "text/html", Body: []byte(`<a href="https://archive.ph/submit/?url=x">a</a>
		<a href="/ok">b</a> see https://pastebin.com/AbCdEfGh, https://pastebin.com/AbCdEfGh and https:\/\/0x0.st\/XyZa.txt
		<a href="https://translate.google.com/translate?u=https://pastebin.com/AbCdEfGh">c</a>
		https://unknown.example/abc`)})
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Links) != 1 || f.Links[0].URL != "https://board.example/ok" {
		t.Errorf("links %+v", f.Links)
	}
	var got []string
	for _, l := range f.Elsewhere {
		got = append(got, l.Kind+" "+l.URL)
		if !l.Elsewhere || !l.Matches || l.Lists {
			t.Errorf("%+v is no item elsewhere", l)
		}
	}
	if len(got) != 2 || got[0] != "pastebin https://pastebin.com/raw/AbCdEfGh" || got[1] != "zerox0 https://0x0.st/XyZa.txt" {
		t.Errorf("elsewhere %q", got)
	}
}

func FuzzDeniedNeverPanics(f *testing.F) {
	for _, s := range []string{"https://archive.ph/submit/", "https://a.b/%2e%2e/%25", "http://[::1]/", "x:y", "https://web.archive.org/\\save"} {
		f.Add(s)
	}
	f.Fuzz(func(_ *testing.T, s string) {
		if u, err := url.Parse(s); err == nil {
			Denied(u)
			Recognise(u)
		}
	})
}

func TestSessionIdsMakeNoNewPages(t *testing.T) {
	for in, want := range map[string]string{
		"https://b.example/t?PHPSESSID=0a1b2c3d4e5f6071":                                       "https://b.example/t",
		"https://b.example/t?id=7&sid=0a1b2c3d4e5f6071&page=2":                                 "https://b.example/t?id=7&page=2",
		"https://b.example/t?sid=0a1b2c3d4e5f6071&PHPSESSID=0a1b2c3d4e5f6071&cftoken=12345678": "https://b.example/t",
		"https://b.example/t;jsessionid=ABCDEF0123456789":                                      "https://b.example/t",
		"https://b.example/t;jsessionid=ABCDEF0123456789?id=1":                                 "https://b.example/t?id=1",
		"https://b.example/(S(lit3py55t21z5v55vlm25s55))/page.aspx":                            "https://b.example/page.aspx",
		"https://b.example/t?s=d41d8cd98f00b204e9800998ecf8427e":                               "https://b.example/t",
		"https://b.example/t?s=query+words":                                                    "https://b.example/t?s=query+words",
		"https://b.example/t?session=12":                                                       "https://b.example/t?session=12",
		"https://b.example/t?sid=7":                                                            "https://b.example/t?sid=7",
	} {
		u, err := url.Parse(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := withoutSession(u).String(); got != want {
			t.Errorf("%s became %s, not %s", in, got, want)
		}
	}
}

func TestAnEscapedLetterHidesNothingThatActs(t *testing.T) {
	for kind, list := range map[string][]string{
		"site": {"https://x.example/%64elete/12", "https://x.example/thread?act%69on=delete", "https://x.example/thread?action=%2564elete", "https://x.example/log%6fut"},
		"s3":   {"https://x.example/bucket/key?ac%6C"},
	} {
		spec, err := Compile(Settings{Kind: kind, URL: "https://x.example/bucket/"})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range list {
			if u, err := url.Parse(s); err != nil || !spec.Forbidden(u) {
				t.Errorf("%s lets %s through (%v)", kind, s, err)
			}
		}
	}
	spec, err := Compile(Settings{Kind: "s3", URL: "https://x.example/bucket/"})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"https://x.example/bucket/what%3Facl.txt", "https://x.example/bucket/100%25%20sure.txt", "https://x.example/bucket/%E9.txt"} {
		if u, err := url.Parse(s); err != nil || spec.Forbidden(u) {
			t.Errorf("an object's name is taken for a question: %s (%v)", s, err)
		}
	}
}

func TestAHostHasOneFormHoweverItIsSpelled(t *testing.T) {
	for in, want := range map[string]string{
		"https://Bücher.example:8443/a":       "https://xn--bcher-kva.example:8443/a",
		"https://ｌｏｃａｌｈｏｓｔ/":                  "https://localhost/",
		"http://127。0。0。１:80/":                "http://127.0.0.1/",
		"http://[::1]:8080/":                  "http://[::1]:8080/",
		"https://xn--bcher-kva.example:443/a": "https://xn--bcher-kva.example/a",
	} {
		u, err := url.Parse(in)
		if err != nil || Canonical(u).String() != want {
			t.Errorf("%s: %s, want %s (%v)", in, Canonical(u), want, err)
		}
	}
}
