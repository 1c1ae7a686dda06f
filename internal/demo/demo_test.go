package demo_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ledongthuc/pdf"
	"go.yaml.in/yaml/v3"

	"unmirror/internal/demo"
	"unmirror/internal/post"
	"unmirror/internal/testneeds"
)

func invent(t *testing.T, seed uint64) demo.World {
	t.Helper()
	w, err := demo.Invent(t.TempDir(), seed)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		rel, _ := filepath.Rel(dir, p)
		out[filepath.ToSlash(rel)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSameSeedSameBytes(t *testing.T) {
	a, b, c := tree(t, invent(t, 1).Dir), tree(t, invent(t, 1).Dir), tree(t, invent(t, 2).Dir)
	if len(a) < 35 || len(a) != len(b) {
		t.Fatalf("%d and %d files", len(a), len(b))
	}
	for name, body := range a {
		if b[name] != body {
			t.Errorf("%s differs", name)
		}
	}
	if a["leak/personeel.csv"] == c["leak/personeel.csv"] {
		t.Error("another seed makes the same table")
	}
}

// texts reads every leaked file as text, archive members included.
func texts(t *testing.T, w demo.World) map[string]string {
	t.Helper()
	out := map[string]string{}
	for name, body := range tree(t, w.Leak) {
		out[name] = textOf(t, name, []byte(body), out)
	}
	return out
}

var tags = regexp.MustCompile(`<[^>]*>`)

func textOf(t *testing.T, name string, body []byte, members map[string]string) string {
	t.Helper()
	switch filepath.Ext(name) {
	case ".docx", ".xlsx", ".zip":
		z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var all strings.Builder
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			if filepath.Ext(name) == ".zip" {
				members[name+"!/"+f.Name] = textOf(t, f.Name, b, members)
				continue
			}
			all.WriteString(tags.ReplaceAllString(strings.ReplaceAll(string(b), "</w:p>", "\n"), " "))
		}
		return strings.NewReplacer("&#39;", "'", "&amp;", "&").Replace(all.String())
	case ".pdf":
		r, err := pdf.NewReader(bytes.NewReader(body), int64(len(body)))
		if err != nil {
			t.Fatal(err)
		}
		p, err := r.GetPlainText()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	return string(body)
}

func TestTheWorldListsEveryFileAndEveryIdentifier(t *testing.T) {
	w := invent(t, 3)
	found := texts(t, w)
	if len(found) != len(w.Files) {
		t.Errorf("%d files, %d listed", len(found), len(w.Files))
	}
	for _, f := range w.Files {
		if _, ok := found[f]; !ok {
			t.Errorf("%s is listed and not there", f)
		}
	}
	var all strings.Builder
	for _, text := range found {
		all.WriteString(text)
	}
	corpus := all.String()
	for _, p := range w.People {
		for _, id := range []string{p.Name(), p.National, p.NationalDigits(), p.Email, p.Phone, p.IBAN, p.Street} {
			if !strings.Contains(corpus, id) {
				t.Errorf("%s %q stands in no file", p.ID, id)
			}
		}
	}
	listed := map[string]bool{}
	for _, id := range w.Identifiers {
		listed[id] = true
	}
	for _, re := range []string{`\d\d\.\d\d\.\d\d-\d{3}\.\d\d`, `[\w.]+@[a-z]+\.example`, `BE\d\d \d{4} \d{4} \d{4}`, `02 0\d\d \d\d \d\d`} {
		for _, id := range regexp.MustCompile(re).FindAllString(corpus, -1) {
			if !listed[id] {
				t.Errorf("%q stands in the files and is not listed", id)
			}
		}
	}
	needles := w.Needles()
	if len(needles) < 4*len(w.Identifiers) {
		t.Errorf("%d needles", len(needles))
	}
}

func TestBaselineHoldsNobody(t *testing.T) {
	w := invent(t, 4)
	baseline := tree(t, w.Baseline)
	if len(baseline) != 4 {
		t.Errorf("%d files", len(baseline))
	}
	for name, body := range baseline {
		text := textOf(t, name, []byte(body), nil)
		for _, id := range append(w.Identifiers, w.Remarks...) {
			if strings.Contains(text, id) {
				t.Errorf("%s holds %q", name, id)
			}
		}
	}
}

func TestManifestNamesEverySubject(t *testing.T) {
	w := invent(t, 5)
	b, err := os.ReadFile(w.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		Files []struct {
			Match, Subject string
			Subjects       []string
			Categories     []string
		}
		Tables []struct {
			Match, Column string
			Categories    map[string][]string
		}
	}
	if err := yaml.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	subjects := map[string]bool{}
	for _, f := range m.Files {
		subjects[f.Subject] = true
		if len(f.Categories) == 0 {
			t.Errorf("%s has no categories", f.Match)
		}
	}
	for _, p := range w.People {
		if !subjects[p.ID] {
			t.Errorf("%s is nobody's subject", p.ID)
		}
	}
	if len(m.Tables) != 2 || m.Tables[0].Column != "Personeelsnummer" {
		t.Errorf("tables %+v", m.Tables)
	}
}

func TestPDFIsReadByPoppler(t *testing.T) {
	program := testneeds.Program(t, "pdftotext", "poppler-utils")
	w := invent(t, 6)
	out, err := exec.CommandContext(t.Context(), program, "-enc", "UTF-8", "-nopgbrk", filepath.Join(w.Leak, "jaarverslag.pdf"), "-").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	flat := strings.Join(strings.Fields(string(out)), " ")
	for _, p := range w.People[:12] {
		for _, s := range append(p.Remarks(), p.Name(), p.National) {
			if !strings.Contains(flat, s) {
				t.Errorf("%q is not read", s)
			}
		}
	}
}

func get(t *testing.T, u string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, u, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(req) // follows no redirect
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(b)
}

func click(t *testing.T, u string, form url.Values) int {
	t.Helper()
	res, err := http.PostForm(u, form)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}

type closer interface{ Close() error }

func closeLater(t *testing.T, c closer) {
	t.Helper()
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
}

func sites(t *testing.T) (*demo.OpenDirectory, *demo.PasteSite) {
	t.Helper()
	d, err := demo.StartOpenDirectory("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closeLater(t, d)
	p, err := demo.StartPasteSite("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closeLater(t, p)
	return d, p
}

var rows = regexp.MustCompile(`<a href="([^"]+)">`)

// walk follows the listings as a crawler does.
func walk(t *testing.T, root string, into map[string]bool) {
	t.Helper()
	res, body := get(t, root)
	if res.StatusCode != http.StatusOK || !strings.Contains(body, "<title>Index of ") {
		t.Fatalf("%s: %d", root, res.StatusCode)
	}
	for _, m := range rows.FindAllStringSubmatch(html.UnescapeString(body), -1) {
		switch {
		case m[1] == "../":
		case strings.HasSuffix(m[1], "/"):
			walk(t, root+m[1], into)
		default:
			into[root+m[1]] = true
		}
	}
}

func TestOpenDirectory(t *testing.T) {
	d, p := sites(t)
	planted, err := invent(t, 7).Plant(d, p)
	if err != nil {
		t.Fatal(err)
	}
	odd := d.Put("/mirror/a name & more/é#1?.txt", []byte("x"))
	found := map[string]bool{}
	walk(t, d.URL+"/", found)
	if len(found) < 150 || len(found) != len(d.Files()) {
		t.Errorf("%d files found, %d there", len(found), len(d.Files()))
	}
	for _, u := range []string{planted[0].URL, planted[1].URL, planted[2].URL} {
		if !found[u] {
			t.Errorf("%s is not listed", u)
		}
	}
	if res, body := get(t, odd); res.StatusCode != 200 || body != "x" {
		t.Errorf("%s: %d", odd, res.StatusCode)
	}
	first, body := get(t, planted[0].URL)
	if first.Header.Get("ETag") == "" || first.Header.Get("Last-Modified") == "" || len(body) < 1000 {
		t.Errorf("header %v", first.Header)
	}
	if res, _ := get(t, planted[0].URL, "If-None-Match", first.Header.Get("ETag")); res.StatusCode != http.StatusNotModified {
		t.Errorf("same ETag: %d", res.StatusCode)
	}
	if res, part := get(t, planted[0].URL, "Range", "bytes=0-99"); res.StatusCode != http.StatusPartialContent || len(part) != 100 {
		t.Errorf("range: %d", res.StatusCode)
	}
	if res, _ := get(t, d.URL+"/pub"); res.StatusCode != http.StatusMovedPermanently || res.Header.Get("Location") != "/pub/" {
		t.Errorf("folder without slash: %d", res.StatusCode)
	}
	if res, body := get(t, d.URL+"/robots.txt"); res.StatusCode != 200 || !strings.Contains(body, "Disallow: /private/") {
		t.Errorf("robots.txt: %s", body)
	}
	for _, miss := range []string{"/none", "/none/", "/pub/none.txt"} {
		if res, _ := get(t, d.URL+miss); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", miss, res.StatusCode)
		}
	}
	last := d.Log()[len(d.Log())-1]
	if last.Path != "/pub/none.txt" || last.Status != 404 || last.Method != "GET" {
		t.Errorf("log %+v", last)
	}
}

func TestOperatorTakesDownAndPutsBack(t *testing.T) {
	d, p := sites(t)
	planted, err := invent(t, 8).Plant(d, p)
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range planted {
		u, _ := url.Parse(x.URL)
		site := "http://" + u.Host
		if res, _ := get(t, x.URL); res.StatusCode != 200 {
			t.Fatalf("%s: %d", x.URL, res.StatusCode)
		}
		if _, page := get(t, site+"/_operator"); !strings.Contains(page, `value="`+u.Path+`"`) {
			t.Errorf("%s has no button", u.Path)
		}
		if code := click(t, site+"/_operator", url.Values{"path": {u.Path}}); code != 200 {
			t.Errorf("button: %d", code)
		}
		res, body := get(t, x.URL)
		if res.StatusCode != http.StatusNotFound {
			t.Errorf("%s after being taken down: %d", u.Path, res.StatusCode)
		}
		if strings.HasPrefix(u.Path, "/raw/") && body != `{"message":"Document not found."}` {
			t.Errorf("a haste server says %q", body)
		}
		if code := click(t, site+"/_operator", url.Values{"path": {u.Path}, "act": {"restore"}}); code != 200 {
			t.Errorf("button: %d", code)
		}
		if res, _ := get(t, x.URL); res.StatusCode != 200 {
			t.Errorf("%s put back: %d", u.Path, res.StatusCode)
		}
		if take := map[bool]func(string) bool{true: d.TakeDown, false: p.TakeDown}[i < 4]; !take(x.URL) || take("/none") {
			t.Errorf("TakeDown(%s)", x.URL)
		}
	}
	if code := click(t, d.URL+"/_operator", url.Values{"path": {"/none"}}); code != 404 {
		t.Errorf("unknown path: %d", code)
	}
	found := map[string]bool{}
	walk(t, d.URL+"/", found)
	for u := range found {
		if strings.Contains(u, "9f3c") {
			t.Errorf("%s is still listed", u)
		}
	}
}

func TestPasteSite(t *testing.T) {
	_, p := sites(t)
	raw := p.Add("a title <b>", "text é\n")
	page := p.AddHTML("a page", "<p>marked up</p>")
	key := raw[strings.LastIndexByte(raw, '/')+1:]
	_, recent := get(t, p.URL+"/recent")
	if n := strings.Count(recent, `<a class="paste" href="/`); n != 41 || !strings.Contains(recent, `href="/`+key+`">a title &lt;b&gt;`) {
		t.Errorf("%d recent pastes", n)
	}
	if _, list := get(t, p.URL+"/html/"); !strings.Contains(list, strings.TrimPrefix(page, p.URL)) {
		t.Error("the page is not listed")
	}
	if res, body := get(t, raw); body != "text é\n" || res.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%q", body)
	}
	if _, body := get(t, p.URL+"/documents/"+key); !strings.Contains(body, `"key":"`+key+`"`) {
		t.Errorf("%q", body)
	}
	if _, body := get(t, page); !strings.Contains(body, "<p>marked up</p>") {
		t.Errorf("%q", body)
	}
	if res, _ := get(t, p.URL+"/abcdefghij"); res.StatusCode != 200 {
		t.Error("haste answers 200 for every key's page")
	}
	if _, body := get(t, p.URL+"/contact"); !strings.Contains(body, `href="mailto:`+demo.PasteContact+`"`) {
		t.Error("no contact")
	}
	if _, body := get(t, p.URL+"/.well-known/security.txt"); !strings.Contains(body, "Contact: mailto:") || !strings.Contains(body, "Expires: ") {
		t.Error("no security.txt")
	}
	if res, _ := get(t, p.URL+"/_world.css"); res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/css") {
		t.Error("no stylesheet")
	}
}

func TestNothingListensBeyondTheLoopback(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "[::]:0", "nonsense"} {
		if d, err := demo.StartOpenDirectory(addr); err == nil {
			t.Errorf("listens on %s", d.Addr())
			_ = d.Close()
		}
	}
}

func TestRDAPAnswersForTheLoopback(t *testing.T) {
	s, err := demo.StartRDAP("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closeLater(t, s)
	if _, body := get(t, s.Bootstrap+"ipv4.json"); !strings.Contains(body, `["127.0.0.0/8"],["`+s.URL+`/rdap/"]`) {
		t.Errorf("bootstrap %s", body)
	}
	if res, body := get(t, s.URL+"/rdap/ip/127.0.0.1"); res.StatusCode != 200 || !strings.Contains(body, demo.HostContact) || res.Header.Get("Content-Type") != "application/rdap+json" {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	if res, _ := get(t, s.URL+"/rdap/ip/192.0.2.1"); res.StatusCode != 404 {
		t.Errorf("another network: %d", res.StatusCode)
	}
	dir := t.TempDir()
	if err := s.WriteBootstrap(dir); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "ipv4.json")); err != nil || !bytes.Contains(b, []byte(s.URL)) {
		t.Errorf("%s %v", b, err)
	}
}

const mailText = "Date: Tue, 03 Nov 2026 09:00:00 +0000\r\nFrom: =?utf-8?q?Andr=C3=A9?= <um@x.example>\r\nTo: <abuse@y.example>\r\nSubject: [UM-2026-000001]\r\n =?utf-8?q?caf=C3=A9?=\r\n" +
	"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
	"See https://a.example/x?t=3D1&u=3D2. <script>alert(1)</script> javas=\r\ncript:x\r\n--b\r\nContent-Type: application/json\r\nContent-Disposition: attachment; filename=\"xarf.json\"\r\n" +
	"Content-Transfer-Encoding: base64\r\n\r\neyJhIjp7ImIiOjF9fQ==\r\n--b--\r\n"

func TestMailboxShowsWhatItGot(t *testing.T) {
	m, err := demo.StartMailbox("127.0.0.1:0", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closeLater(t, m)
	if _, body := get(t, m.URL); !strings.Contains(body, "No mail yet") {
		t.Error("an empty mailbox says so")
	}
	s, err := post.New(post.Config{URL: m.SMTPURL})
	if err != nil {
		t.Fatal(err)
	}
	alert := "From: a@b.example\r\nSubject: news\r\nAuto-Submitted: auto-generated\r\n\r\nhttps://a.example/alerts/news?t=abc\r\n"
	for _, msg := range []string{mailText, alert, "garbage\r\n"} {
		if r := s.Send(t.Context(), "um@x.example", []string{"abuse@y.example"}, []byte(msg)); r.Outcome != post.Sent {
			t.Fatal(r)
		}
	}
	if got := m.Mails(); len(got) != 3 || string(got[0].Raw) != mailText || got[0].To[0] != "abuse@y.example" {
		t.Errorf("%d mails", len(got))
	}
	m.Hint(demo.Hint{Text: "Now take it down:", Label: "the host's page", URL: "http://127.0.0.1:1/_operator"})
	_, list := get(t, m.URL)
	for _, want := range []string{"[UM-2026-000001] café", `<span class="tag">notice</span>`, `<span class="tag">alert</span>`, "(not readable as a mail)", "http://127.0.0.1:1/_operator"} {
		if !strings.Contains(list, want) {
			t.Errorf("the list lacks %q", want)
		}
	}
	_, page := get(t, m.URL+"/mail/1")
	for _, want := range []string{"André", `<a href="https://a.example/x?t=1&amp;u=2" rel="noreferrer">`, "&lt;script&gt;alert(1)", "javascript:x", "xarf.json", "&#34;b&#34;: 1", "<dt>Subject</dt>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "<script>") {
		t.Error("a mail's markup runs")
	}
	if res, raw := get(t, m.URL+"/mail/1/raw"); raw != mailText || res.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Error("raw")
	}
	if _, part := get(t, m.URL+"/mail/1/part/1"); part != "{\n  \"a\": {\n    \"b\": 1\n  }\n}" {
		t.Errorf("part %q", part)
	}
	for _, miss := range []string{"/mail/0", "/mail/9", "/mail/x", "/mail/1/part/9", "/mail/9/raw"} {
		if res, _ := get(t, m.URL+miss); res.StatusCode != 404 {
			t.Errorf("%s: %d", miss, res.StatusCode)
		}
	}
}

func TestMailboxSurvivesHostileMail(t *testing.T) {
	m, err := demo.StartMailbox("127.0.0.1:0", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closeLater(t, m)
	s, err := post.New(post.Config{URL: m.SMTPURL})
	if err != nil {
		t.Fatal(err)
	}
	deep := "Content-Type: multipart/mixed; boundary=b0\r\n\r\n"
	for i := range 60 {
		deep += fmt.Sprintf("--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n", i, i+1)
	}
	many := "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\nx\r\n", 3000)
	for i, msg := range []string{deep, many, "Content-Type: multipart/mixed\r\n\r\nx\r\n", "Subject: =?x?y?z?=\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n"} {
		if r := s.Send(t.Context(), "a@b.example", []string{"c@d.example"}, []byte(msg)); r.Outcome != post.Sent {
			t.Fatal(r)
		}
		if res, _ := get(t, fmt.Sprintf("%s/mail/%d", m.URL, i+1)); res.StatusCode != 200 {
			t.Errorf("mail %d: %d", i+1, res.StatusCode)
		}
	}
}
