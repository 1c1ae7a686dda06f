package crawler

import (
	"crypto/md5"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"unmirror/crawler/kind/kindtest"
)

func servePastebin(f *fake, w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/api_scraping.php":
		var list []object
		for _, id := range f.ids() {
			list = append(list, object{"key": id, "date": "1795280000", "size": "120", "expire": "0", "title": "x", "syntax": "text",
				"scrape_url": "https://scrape.pastebin.com/api_scrape_item.php?i=" + id})
		}
		asJSON(w, 200, list)
	case "/api_scrape_item.php":
		th, ok := f.get(r.URL.Query().Get("i"), true)
		if !ok {
			th.body = "Error, we cannot find this paste."
		}
		_, _ = io.WriteString(w, th.body)
	default:
		http.NotFound(w, r)
	}
}

func gitBlob(body string) string {
	sum := sha1.Sum([]byte(fmt.Sprintf("blob %d\x00%s", len(body), body)))
	return hex.EncodeToString(sum[:])
}

func serveGist(f *fake, w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/gists/public" {
		var list []object
		for _, id := range f.ids() {
			th, _ := f.get(id, false)
			raw := fmt.Sprintf("%s/nobody/%s/raw/%s/%s", f.base, id, gitBlob(th.body), th.name)
			list = append(list, object{"id": id, "public": true, "updated_at": "2026-11-03T04:05:06Z", "files": object{th.name: object{"filename": th.name, "raw_url": raw, "size": len(th.body)}}})
		}
		asJSON(w, 200, list)
		return
	}
	parts := strings.Split(r.URL.Path, "/")
	if th, ok := f.get(parts[min(2, len(parts)-1)], r.Method == http.MethodGet); ok && strings.Contains(r.URL.Path, "/raw/") {
		_, _ = io.WriteString(w, th.body)
		return
	}
	asJSON(w, 404, object{"message": "Not Found"})
}

func serveOpengist(f *fake, w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/api/gists/public" { // one a page
		ids, n := f.ids(), 0
		_, _ = fmt.Sscan(r.URL.Query().Get("page"), &n)
		if n < 1 || n > len(ids) {
			asJSON(w, 200, []object{})
			return
		}
		if n < len(ids) {
			w.Header().Set("Link", fmt.Sprintf(`<http://localhost:6157/api/gists/public?page=%d&per_page=1>; rel="next"`, n+1))
		}
		asJSON(w, 200, []object{{"id": ids[n-1], "public": true, "visibility": "public", "updated_at": "2026-11-03T04:05:06Z"}})
		return
	}
	id := strings.TrimPrefix(r.URL.Path, "/api/gists/")
	th, ok := f.get(id, true)
	if !ok {
		asJSON(w, 404, object{"message": "Gist not found"})
		return
	}
	asJSON(w, 200, object{"id": id, "files": object{th.name: object{"filename": th.name, "content": th.body, "size": len(th.body)}}})
}

func serveLenpaste(f *fake, w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("id")
	th, ok := f.get(id, r.URL.Query().Get("openOneUse") == "true")
	switch {
	case r.URL.Path == "/api/v1/getServerInfo":
		asJSON(w, 200, object{"software": "Lenpaste", "adminMail": "abuse@paste.example"})
	case r.URL.Path != "/api/v1/get":
		w.WriteHeader(500)
	case !ok:
		asJSON(w, 404, object{"code": 404, "error": "Could not find ID"})
	case th.once:
		asJSON(w, 200, object{"id": id, "title": "", "body": "", "oneUse": true})
	default:
		asJSON(w, 200, object{"id": id, "title": th.name, "body": th.body, "oneUse": false})
	}
}

func servePlik(f *fake, w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	id := parts[min(1, len(parts)-1)]
	th, ok := f.get(id, parts[0] == "file" && r.Method == http.MethodGet)
	switch {
	case r.URL.Path == "/config":
		asJSON(w, 200, object{"abuseContact": "abuse@plik.example"})
	case !ok:
		http.Error(w, "upload "+id+" not found", 404)
	case parts[0] == "upload":
		sum := md5.Sum([]byte(th.body))
		asJSON(w, 200, object{"id": id, "oneShot": th.once, "stream": false, "files": []object{{"id": "mghbHbSLmBYftmNQ", "fileName": th.name, "status": "uploaded",
			"fileMd5": hex.EncodeToString(sum[:]), "fileSize": len(th.body)}}})
	case parts[0] == "file":
		if th.once {
			w.Header().Set("Cache-Control", "no-cache, no-store, must-revalidate")
		}
		_, _ = io.WriteString(w, th.body)
	}
}

func serveTransfer(f *fake, w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	th, ok := f.get(parts[0], r.Method == http.MethodGet)
	if !ok || len(parts) != 2 {
		http.Error(w, "Not Found", 404)
		return
	}
	w.Header().Set("X-Remaining-Days", "n/a")
	w.Header().Set("X-Remaining-Downloads", "n/a")
	if th.once {
		w.Header().Set("X-Remaining-Downloads", "1")
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, th.body)
}

func servePrivatebin(f *fake, w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Requested-With") != "JSONHttpRequest" {
		_, _ = io.WriteString(w, "<!DOCTYPE html><title>PrivateBin</title>")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	th, ok := f.get(r.URL.RawQuery, true)
	if !ok {
		_, _ = io.WriteString(w, `{"status":1,"message":"Document does not exist, has expired or has been deleted."}`)
		return
	}
	_, _ = io.WriteString(w, kindtest.Document{Plain: map[string]any{"paste": th.body}, Key: binKey}.Answer(f.t, r.URL.RawQuery))
}

func serveRaw(prefix string, gone int) func(*fake, http.ResponseWriter, *http.Request) {
	return func(f *fake, w http.ResponseWriter, r *http.Request) {
		th, ok := f.get(strings.TrimPrefix(r.URL.Path, prefix+"/"), true)
		if !ok {
			w.WriteHeader(gone)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, th.body)
	}
}

func serveHaste(f *fake, w http.ResponseWriter, r *http.Request) {
	th, ok := f.get(strings.TrimPrefix(r.URL.Path, "/raw/"), true)
	if !ok {
		asJSON(w, 404, object{"message": "Document not found."})
		return
	}
	_, _ = io.WriteString(w, th.body)
}

func serveRentry(f *fake, w http.ResponseWriter, r *http.Request) {
	th, ok := f.get(strings.TrimPrefix(r.URL.Path, "/"), true)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if !ok {
		w.WriteHeader(404)
		return
	}
	fmt.Fprintf(w, "<html><nav>rentry</nav><article><div>%s</div></article><footer>edit</footer></html>", th.body)
}

func serveMicrobin(f *fake, w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/list" {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<title>MicroBin</title>")
		for _, id := range f.ids() {
			fmt.Fprintf(w, `<a href="/upload/%[1]s">%[1]s</a> <a href="/remove/%[1]s">Remove</a>`, id)
		}
		return
	}
	th, ok := f.get(strings.TrimPrefix(r.URL.Path, "/raw/"), true)
	if !ok {
		th.body = "Pasta not found! :-("
	}
	_, _ = io.WriteString(w, th.body)
}

func serveGitlab(f *fake, w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/api/v4/snippets/public" {
		var list []object
		for _, id := range f.ids() {
			list = append(list, object{"id": 1, "file_name": "x", "updated_at": "2026-11-03T04:05:06.123Z", "raw_url": f.base + "/-/snippets/" + id + "/raw"})
		}
		asJSON(w, 200, list)
		return
	}
	serveRaw("/-/snippets", 404)(f, w, withPath(r, strings.TrimSuffix(r.URL.Path, "/raw")))
}

func withPath(r *http.Request, path string) *http.Request {
	c := *r
	c.URL = &url.URL{Path: path}
	return &c
}

func serveDiscourse(f *fake, w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/about.json":
		asJSON(w, 200, object{"about": object{"contact_email": "abuse@forum.example"}})
	case r.URL.Path == "/latest.json":
		var topics []object
		for _, id := range f.ids() {
			topics = append(topics, object{"id": json.RawMessage(id), "posts_count": 1, "bumped_at": "2026-11-03T04:05:06Z"})
		}
		asJSON(w, 200, object{"topic_list": object{"topics": topics}})
	default:
		th, ok := f.get(strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/t/"), ".json"), true)
		if !ok {
			asJSON(w, 404, object{"errors": []string{"The requested URL or resource could not be found."}})
			return
		}
		asJSON(w, 200, object{"post_stream": object{"posts": []object{{"post_number": 1, "cooked": "<p>" + th.body + "</p><a href=\"/u/x\">x</a>"}}, "stream": []int{1}}, "posts_count": 1})
	}
}

func servePhpbb(f *fake, w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	switch q := r.URL.Query(); {
	case r.URL.Path == "/viewtopic.php":
		if th, ok := f.get(q.Get("t"), true); ok {
			fmt.Fprintf(w, `<body id="phpbb"><div id="p12" class="post"><div class="postbody"><div class="content">%s</div></div></div><a href="./posting.php?mode=reply&amp;t=7">Reply</a>`, th.body)
			return
		}
		fmt.Fprint(w, `<body id="phpbb"><div class="panel" id="message"><p>The requested topic does not exist.</p></div>`)
	case r.URL.Path == "/viewforum.php":
		fmt.Fprint(w, `<body id="phpbb"><a href="./ucp.php?mode=login">Login</a>`)
		for _, id := range f.ids() {
			fmt.Fprintf(w, `<a href="./viewtopic.php?f=2&amp;t=%s&amp;sid=0123456789abcdef0123456789abcdef">x</a>`, id)
		}
	default:
		fmt.Fprint(w, `<body id="phpbb"><a href="./viewforum.php?f=2&amp;sid=0123456789abcdef0123456789abcdef">x</a>`)
	}
}

func serveMybb(f *fake, w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	switch r.URL.Path {
	case "/showthread.php":
		if th, ok := f.get(r.URL.Query().Get("tid"), true); ok {
			fmt.Fprintf(w, `<div class="post_body scaleimages" id="pid_12">%s</div><a href="newreply.php?tid=7">Reply</a>Powered By MyBB`, th.body)
			return
		}
		fmt.Fprint(w, `<td>The specified thread does not exist.</td>`)
	case "/forumdisplay.php":
		for _, id := range f.ids() {
			fmt.Fprintf(w, `<a href="showthread.php?tid=%s">x</a><a href="member.php?action=login">Login</a>`, id)
		}
	default:
		fmt.Fprint(w, `<a href="forumdisplay.php?fid=2">x</a>`)
	}
}

func serveTelegram(f *fake, w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/s/onbestaand_kanaal" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, `<section class="tgme_channel_history js-message_history">`)
	before := 0
	if _, err := fmt.Sscan(r.URL.Query().Get("before"), &before); err != nil {
		before = 9999
		fmt.Fprint(w, `<a href="/s/onbestaand_kanaal?before=4106" class="tme_messages_more js-messages_more" data-before="4106"></a>`)
	}
	for i, id := range []string{"4100", "4105", "4106"} {
		th, ok := f.get(id, true)
		if id == "4100" {
			th, ok = thing{body: "welcome"}, true
		}
		// The newest page shows only the newest message here, so that the copy is on the one before.
		if n := []int{4100, 4105, 4106}[i]; ok && n < before && (before < 9999 || n == 4106) {
			fmt.Fprintf(w, `<div class="tgme_widget_message js-widget_message" data-post="onbestaand_kanaal/%s"><div class="tgme_widget_message_text">%s</div></div>`, id, th.body)
		}
	}
	fmt.Fprint(w, `</section>`)
}
