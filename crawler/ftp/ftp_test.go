package ftp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"unmirror/crawler/folder"
	"unmirror/crawler/folder/foldertest"
	"unmirror/internal/testneeds"
)

// server is real FTP software on a loopback port that serves a folder.
type server struct {
	name, program, pkg string
	start              func(t *testing.T, program, root string, port int) *exec.Cmd
}

func servers() []server {
	return []server{
		{"vsftpd", "vsftpd", "vsftpd", func(t *testing.T, program, root string, port int) *exec.Cmd {
			conf := filepath.Join(t.TempDir(), "vsftpd.conf")
			text := fmt.Sprintf("listen=YES\nlisten_address=127.0.0.1\nlisten_port=%d\nanonymous_enable=YES\nanon_root=%s\nno_anon_password=NO\n"+
				"background=NO\nisolate=NO\nisolate_network=NO\nnopriv_user=nobody\nftp_username=daemon\nsecure_chroot_dir=%s\nseccomp_sandbox=NO\nftpd_banner=Test mirror, abuse: abuse@mirror.example\n", port, root, t.TempDir())
			if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if os.Getuid() != 0 {
				t.Skip("vsftpd needs root to serve anonymous guests")
			}
			return exec.Command(program, conf)
		}},
		{"pyftpdlib", "python3", "python3-pyftpdlib", func(t *testing.T, _, root string, port int) *exec.Cmd {
			program := testneeds.Python(t, "pyftpdlib", "python3-pyftpdlib")
			return exec.Command(program, "-W", "ignore", "-m", "pyftpdlib", "-i", "127.0.0.1", "-p", fmt.Sprint(port), "-d", root)
		}},
	}
}

func tree(t testing.TB) string {
	t.Helper()
	root := t.TempDir()
	for dir := root; dir != "/" && dir != os.TempDir(); dir = filepath.Dir(dir) {
		_ = os.Chmod(dir, 0o755)
	}
	foldertest.Fill(t, filepath.Join(root, "pub"), func(string) string { return foldertest.Content })
	return root
}

func launch(t *testing.T, s server, root string) string {
	t.Helper()
	program := testneeds.Program(t, s.program, s.pkg)
	port := testneeds.Port(t)
	cmd := s.start(t, program, root, port)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
	})
	addr := fmt.Sprintf("127.0.0.1:%d", port)
	testneeds.Listens(t, addr)
	return addr
}

// counted is a transport that counts its connections.
func counted(t testing.TB) (*Transport, *atomic.Int64) {
	t.Helper()
	var n atomic.Int64
	tr := New(Options{Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
		n.Add(1)
		var d net.Dialer
		return d.DialContext(ctx, network, addr)
	}})
	t.Cleanup(tr.CloseIdleConnections)
	return tr, &n
}

func request(t testing.TB, tr http.RoundTripper, method, addr, path string, header ...string) (*http.Response, string) {
	t.Helper()
	u := &url.URL{Scheme: "ftp", Host: addr, Path: path}
	r, err := http.NewRequestWithContext(t.Context(), method, u.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("User-Agent", "unmirror/1 (+mailto:crawl@unmirror.example)")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := tr.RoundTrip(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s %s: read: %v", method, path, err)
	}
	_ = res.Body.Close()
	return res, string(b)
}

func read(t testing.TB, body string) map[string]folder.Entry {
	t.Helper()
	var list []folder.Entry
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		t.Fatalf("%v in %q", err, body)
	}
	out := map[string]folder.Entry{}
	for _, e := range list {
		out[e.Name] = e
	}
	return out
}

func TestRealServersAreReadLikeWebServers(t *testing.T) {
	for _, s := range servers() {
		t.Run(s.name, func(t *testing.T) {
			root := tree(t)
			addr := launch(t, s, root)
			tr, dialled := counted(t)
			res, body := request(t, tr, "GET", addr, "/pub/")
			if res.StatusCode != 200 {
				t.Fatalf("%s, %s", res.Status, res.Header.Get("X-Ftp-Reply"))
			}
			list := read(t, body)
			if res.StatusCode != 200 || res.Header.Get("Content-Type") != "application/json" || !list["sub dir"].IsDir {
				t.Fatalf("%s: %s", res.Status, body)
			}
			if s.name == "vsftpd" && list[""].Contact != "mailto:abuse@mirror.example" {
				t.Errorf("contact %q", list[""].Contact)
			}
			base := &url.URL{Scheme: "ftp", Host: addr, Path: "/pub/"}
			for _, n := range foldertest.Names {
				e, ok := list[n]
				if !ok || e.Size == nil || e.Modified == nil || e.Modified.Year() != 2024 {
					t.Errorf("%q is listed as %+v", n, e)
					continue
				}
				u, err := base.Parse(e.URL)
				if err != nil {
					t.Fatal(err)
				}
				want := foldertest.Content
				if n == "empty.bin" {
					want = ""
				}
				if res, got := request(t, tr, "GET", addr, u.Path); res.StatusCode != 200 || got != want || res.ContentLength != int64(len(want)) {
					t.Errorf("%q: %s with %d bytes", n, res.Status, len(got))
				}
			}
			heads(t, tr, addr)
			ranges(t, tr, addr)
			if _, body := request(t, tr, "GET", addr, "/pub/sub dir/"); !read(t, body)["deep"].IsDir {
				t.Errorf("sub folder: %s", body)
			}
			if n := dialled.Load(); n > 40 {
				t.Errorf("%d connections: the control connection is not kept", n)
			}
		})
	}
}

func heads(t *testing.T, tr http.RoundTripper, addr string) {
	t.Helper()
	res, _ := request(t, tr, "HEAD", addr, "/pub/big.bin")
	modified := res.Header.Get("Last-Modified")
	if res.StatusCode != 200 || res.Header.Get("Content-Length") != "3200000" || modified != "Sat, 03 Feb 2024 04:05:06 GMT" {
		t.Errorf("HEAD: %s %v", res.Status, res.Header)
	}
	for path, want := range map[string]int{"/pub/missing.txt": 404, "/pub/nofolder/": 404, "/pub/nofolder/x.txt": 404, "/pub/sub dir": 301, "/pub/": 200} {
		for _, method := range []string{"HEAD", "GET"} {
			if res, _ := request(t, tr, method, addr, path); res.StatusCode != want {
				t.Errorf("%s %s: %s (%s)", method, path, res.Status, res.Header.Get("X-Ftp-Reply"))
			}
		}
	}
	if res, _ := request(t, tr, "GET", addr, "/pub/big.bin", "If-Modified-Since", modified); res.StatusCode != 304 {
		t.Errorf("unchanged: %s", res.Status)
	}
	if res, _ := request(t, tr, "GET", addr, "/pub/secret.txt"); res.StatusCode != 403 && (os.Getuid() != 0 || res.StatusCode != 200) {
		t.Errorf("no permission: %s (%s)", res.Status, res.Header.Get("X-Ftp-Reply"))
	}
	if res, _ := request(t, tr, "GET", addr, "/pub/x\r\nDELE y"); res.StatusCode != 400 {
		t.Errorf("a name with a command in it: %s", res.Status)
	}
}

func ranges(t *testing.T, tr http.RoundTripper, addr string) {
	t.Helper()
	for _, c := range []struct{ header, want, content string }{
		{"bytes=0-3", "0123", "bytes 0-3/3200000"}, {"bytes=16-31", "0123456789abcdef", "bytes 16-31/3200000"},
		{"bytes=-5", "bcdef", "bytes 3199995-3199999/3200000"}, {"bytes=3199998-", "ef", "bytes 3199998-3199999/3200000"},
	} {
		res, got := request(t, tr, "GET", addr, "/pub/big.bin", "Range", c.header)
		if res.StatusCode != 206 || got != c.want || res.Header.Get("Content-Range") != c.content {
			t.Errorf("%s: %s %q %s", c.header, res.Status, got, res.Header.Get("Content-Range"))
		}
	}
	if res, _ := request(t, tr, "GET", addr, "/pub/big.bin", "Range", "bytes=9999999-"); res.StatusCode != 416 {
		t.Errorf("beyond the end: %s", res.Status)
	}
	if res, got := request(t, tr, "GET", addr, "/pub/big.bin", "Range", "bytes=0-1,4-5"); res.StatusCode != 200 || len(got) != 3_200_000 {
		t.Errorf("two ranges: %s %d", res.Status, len(got))
	}
}

// scripted is a server that says what a test wants, in answer to each command's first word.
func scripted(t *testing.T, greeting string, script map[string]string, data func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	d, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if data != nil {
		go func() {
			for {
				c, err := d.Accept()
				if err != nil {
					return
				}
				data(c)
				_ = c.Close()
			}
		}()
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go converse(c, greeting, script, d.Addr().(*net.TCPAddr).Port)
		}
	}()
	return l.Addr().String()
}

func converse(c net.Conn, greeting string, script map[string]string, port int) {
	defer c.Close()
	_, _ = io.WriteString(c, greeting)
	buf := make([]byte, 4096)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		word, _, _ := strings.Cut(strings.TrimSpace(string(buf[:n])), " ")
		say, ok := script[word]
		if !ok {
			say = map[string]string{"USER": "230 in\r\n", "TYPE": "200 ok\r\n", "EPSV": "229 ok (|||%d|)\r\n"}[word]
		}
		if say == "" {
			say = "500 unknown\r\n"
		}
		if strings.Contains(say, "%d") {
			say = fmt.Sprintf(say, port)
		}
		_, _ = io.WriteString(c, say)
	}
}

func TestWhatServersSayBecomesAStatus(t *testing.T) {
	cases := []struct {
		name, greeting string
		script         map[string]string
		want           int
	}{
		{"full", "421 too many users\r\n", nil, 503},
		{"needs an account", "220 x\r\n", map[string]string{"USER": "331 pw\r\n", "PASS": "530 no\r\n"}, 403},
		{"missing", "220 x\r\n", map[string]string{"SIZE": "550 no such file\r\n", "RETR": "550 no such file\r\n", "CWD": "550 no\r\n"}, 404},
		{"refused", "220 x\r\n", map[string]string{"RETR": "550 Permission denied.\r\n"}, 403},
		{"known size, not given", "220 x\r\n", map[string]string{"SIZE": "213 7\r\n", "RETR": "550 Failed to open file.\r\n"}, 403},
		{"busy", "220 x\r\n", map[string]string{"RETR": "450 busy\r\n"}, 503},
		{"no data connection", "220 x\r\n", map[string]string{"EPSV": "500 no\r\n", "PASV": "425 no\r\n"}, 503},
		{"greets in many lines", "220-hello\r\n220-221 not yet\r\n 220 neither\r\n220 x\r\n", map[string]string{"RETR": "550 gone\r\n"}, 404},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tr, _ := counted(t)
			res, _ := request(t, tr, "GET", scripted(t, c.greeting, c.script, nil), "/a.txt")
			if res.StatusCode != c.want {
				t.Errorf("%s (%s), want %d", res.Status, res.Header.Get("X-Ftp-Reply"), c.want)
			}
		})
	}
}

func TestAServerCannotSendUsElsewhere(t *testing.T) {
	var asked []string
	tr := New(Options{Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
		asked = append(asked, addr)
		var d net.Dialer
		return d.DialContext(ctx, network, addr)
	}})
	defer tr.CloseIdleConnections()
	addr := scripted(t, "220 x\r\n", map[string]string{"EPSV": "500 no\r\n", "PASV": "227 ok (10,1,2,3,0,22)\r\n"}, nil)
	r, _ := http.NewRequest("GET", "ftp://"+addr+"/x", nil)
	if _, err := tr.RoundTrip(r); err == nil {
		t.Error("the other machine answered")
	}
	for _, a := range asked {
		if !strings.HasPrefix(a, "127.0.0.1:") {
			t.Errorf("dialled %s", a)
		}
	}
}

func TestHostileServersEndInErrors(t *testing.T) {
	script := map[string]string{"SIZE": "213 100\r\n", "RETR": "150 go\r\n"}
	for name, greeting := range map[string]string{
		"endless line": strings.Repeat("2", 100_000), "endless reply": "220-" + strings.Repeat("x\r\n", 100_000), "no reply": "hello\r\n", "bad code": "999 x\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			tr, _ := counted(t)
			r, _ := http.NewRequest("GET", "ftp://"+scripted(t, greeting, script, nil)+"/x", nil)
			if res, err := tr.RoundTrip(r); err == nil {
				t.Errorf("answered %s", res.Status)
			}
		})
	}
	t.Run("a file that breaks off", func(t *testing.T) {
		tr, _ := counted(t)
		addr := scripted(t, "220 x\r\n", script, func(c net.Conn) { _, _ = io.WriteString(c, "half") })
		r, _ := http.NewRequest("GET", "ftp://"+addr+"/x", nil)
		res, err := tr.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(res.Body); !errors.Is(err, io.ErrUnexpectedEOF) || string(b) != "half" {
			t.Errorf("%q, %v", b, err)
		}
	})
	t.Run("a file that never comes", func(t *testing.T) {
		tr, _ := counted(t)
		addr := scripted(t, "220 x\r\n", script, func(net.Conn) { time.Sleep(time.Second) })
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		r, _ := http.NewRequestWithContext(ctx, "GET", "ftp://"+addr+"/x", nil)
		res, err := tr.RoundTrip(r)
		if err == nil {
			_, err = io.ReadAll(res.Body)
		}
		if err == nil {
			t.Error("it came")
		}
	})
}

func TestListsOfManyServersAreRead(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	cases := []struct {
		line string
		name string
		size int64
		at   string
		dir  bool
	}{
		{"-rw-r--r--    1 0        0              62 Feb 03  2024 leak-000.txt", "leak-000.txt", 62, "2024-02-03 00:00", false},
		{"drwxr-xr-x    2 0        0            4096 Feb 03 04:05 sub", "sub", -1, "2026-02-03 04:05", true},
		{"-rw-r--r--    1 ftp ftp  3500000 Dec 24 10:00 with  two spaces", "with  two spaces", 3500000, "2025-12-24 10:00", false},
		{"-rw-rw-r--+   1 user     group        9 Jan  1  2020  lead", " lead", 9, "2020-01-01 00:00", false},
		{"-rw-r--r--    1 user            9 Jan  1  2020 one column", "one column", 9, "2020-01-01 00:00", false},
		{"-rw-r--r--    1 0 domain users  9 2020-01-01 10:11 iso.txt", "iso.txt", 9, "2020-01-01 10:11", false},
		{"lrwxrwxrwx    1 0 0  9 Jan  1  2020 link -> target", "link", -1, "2020-01-01 00:00", false},
		{"06-12-14  03:25AM       <DIR>          sub", "sub", -1, "2014-06-12 03:25", true},
		{"02-03-2024  04:05PM                   62 leak.txt", "leak.txt", 62, "2024-02-03 16:05", false},
		{"2024-02-03  14:05                 1,234 a b.txt", "a b.txt", 1234, "2024-02-03 14:05", false},
	}
	for _, c := range cases {
		got := parseList(c.line+"\r\n", now)
		if len(got) != 1 {
			t.Errorf("%q: %+v", c.line, got)
			continue
		}
		e := got[0]
		size := int64(-1)
		if e.Size != nil {
			size = *e.Size
		}
		if e.Name != c.name || size != c.size || e.IsDir != c.dir || e.Modified == nil || e.Modified.Format("2006-01-02 15:04") != c.at {
			t.Errorf("%q: %+v, size %d, %v", c.line, e, size, e.Modified)
		}
	}
	for _, line := range []string{"total 12", "", "crw-r--r-- 1 0 0 1, 2 Jan 1 2020 dev", "-rw-r--r-- 1 0 0 9 Jan 1 2020 ..", "-rw-r--r-- 1 0 0 9 Jan 1 2020 a/../../b", "500 nothing"} {
		if got := parseList(line, now); len(got) != 0 {
			t.Errorf("%q gives %+v", line, got)
		}
	}
	facts := "type=cdir;modify=20240101000000; .\r\ntype=file;size=62;modify=20240203040506.123;UNIX.mode=0644; a; b.txt\r\ntype=dir;modify=20240101000000; sub\r\nsize=1 broken\r\n"
	list := parseMLSD(facts, now)
	if len(list) != 2 || list[0].Name != "a; b.txt" || *list[0].Size != 62 || list[0].Modified.Second() != 6 || !list[1].IsDir {
		t.Errorf("facts: %+v", list)
	}
}

func FuzzListsNeverLeaveTheirFolder(f *testing.F) {
	f.Add("-rw-r--r--    1 0        0              62 Feb 03  2024 leak-000.txt\r\n06-12-14  03:25AM       <DIR>          sub\n")
	f.Add("type=file;size=62;modify=20240203040506.123; a; b.txt\r\n")
	f.Fuzz(func(t *testing.T, raw string) {
		for _, e := range slices.Concat(parseList(raw, time.Now()), parseMLSD(raw, time.Now())) {
			u, err := url.Parse("ftp://h/a/" + strings.TrimPrefix(e.URL, "./"))
			if err != nil || strings.Count(strings.TrimSuffix(u.EscapedPath(), "/"), "/") != 2 || e.Name == ".." {
				t.Fatalf("%+v, %v", e, err)
			}
		}
		var list []folder.Entry
		if err := json.Unmarshal([]byte(folder.JSON(parseList(raw, time.Now()), raw)), &list); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAListingThatDripsEnds(t *testing.T) {
	addr := scripted(t, "220 hello\r\n", map[string]string{"CWD": "250 in\r\n", "LIST": "150 here\r\n"}, func(c net.Conn) {
		for {
			if _, err := io.WriteString(c, "x"); err != nil {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "ftp://"+addr+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = New(Options{Dial: new(net.Dialer).DialContext, List: 200 * time.Millisecond}).RoundTrip(r)
	if !errors.Is(err, os.ErrDeadlineExceeded) || ctx.Err() != nil {
		t.Errorf("got %v", err)
	}
}
