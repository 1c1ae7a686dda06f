package rsync

import (
	"bytes"
	"context"
	"encoding/binary"
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
	"strings"
	"syscall"
	"testing"
	"time"

	"unmirror/crawler/folder"
	"unmirror/crawler/folder/foldertest"
	"unmirror/internal/testneeds"
)

// names are those that only an rsync daemon can be asked for.
func names() []string {
	return append(foldertest.Names[:], "st*r [y].txt", `back\slash.txt`, `back\sl*sh.txt`)
}

// daemon starts the real one on a folder.
func daemon(t *testing.T) (addr, root string) {
	t.Helper()
	program := testneeds.Program(t, "rsync", "rsync")
	root = t.TempDir()
	foldertest.Fill(t, root, func(name string) string { return foldertest.Content + name }, names()[len(foldertest.Names):]...)
	if err := os.Symlink("/etc/hostname", filepath.Join(root, "link")); err != nil {
		t.Fatal(err)
	}
	port := testneeds.Port(t)
	conf, dir := filepath.Join(t.TempDir(), "rsyncd.conf"), t.TempDir()
	text := fmt.Sprintf("motd file = %[1]s/motd\nuse chroot = no\npid file = %[1]s/pid\nlog file = %[1]s/log\nport = %[2]d\naddress = 127.0.0.1\n"+
		"[pub]\npath = %[3]s\ncomment = Public mirror\n[closed]\npath = %[3]s\nhosts deny = *\n[locked]\npath = %[3]s\nauth users = x\nsecrets file = %[1]s/none\n", dir, port, root)
	for name, text := range map[string]string{conf: text, filepath.Join(dir, "motd"): "Contact: mirror-admin@mirror.example\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(program, "--daemon", "--no-detach", "--config", conf)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
		if b, err := os.ReadFile(filepath.Join(dir, "log")); err == nil && t.Failed() {
			t.Logf("%s", b)
		}
	})
	addr = fmt.Sprintf("127.0.0.1:%d", port)
	testneeds.Listens(t, addr)
	return addr, root
}

func transport() *Transport { return New(Options{Dial: new(net.Dialer).DialContext}) }

func request(t testing.TB, method, addr, path string, header ...string) (*http.Response, string) {
	t.Helper()
	u := &url.URL{Scheme: "rsync", Host: addr, Path: path}
	r, err := http.NewRequestWithContext(t.Context(), method, u.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := transport().RoundTrip(r)
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

func listing(t testing.TB, body string) map[string]folder.Entry {
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

func TestARealDaemonIsReadLikeAWebServer(t *testing.T) {
	addr, _ := daemon(t)
	_, body := request(t, "GET", addr, "/")
	if list := listing(t, body); !list["pub"].IsDir || list[""].Contact != "mailto:mirror-admin@mirror.example" {
		t.Errorf("modules: %s", body)
	}
	_, body = request(t, "GET", addr, "/pub/")
	list := listing(t, body)
	if !list["sub dir"].IsDir || list[""].Contact != "mailto:mirror-admin@mirror.example" {
		t.Errorf("module: %s", body)
	}
	if _, ok := list["link"]; ok {
		t.Error("a link is listed")
	}
	base := &url.URL{Scheme: "rsync", Host: addr, Path: "/pub/"}
	for _, n := range names() {
		e, want := list[n], foldertest.Content+n
		if n == "empty.bin" {
			want = ""
		}
		if e.Size == nil || *e.Size != int64(len(want)) || e.Modified == nil || e.Modified.Format(time.RFC3339) != "2024-02-03T04:05:06Z" {
			t.Errorf("%q is listed as %+v", n, e)
			continue
		}
		u, err := base.Parse(e.URL)
		if err != nil {
			t.Fatal(err)
		}
		if res, got := request(t, "GET", addr, u.Path); res.StatusCode != 200 || got != want || res.ContentLength != int64(len(want)) {
			t.Errorf("%q: %s with %q (%s)", n, res.Status, got, res.Header.Get("X-Rsync-Message"))
		}
	}
	if _, body := request(t, "GET", addr, "/pub/sub dir/"); len(listing(t, body)) != 2 || !listing(t, body)["deep"].IsDir {
		t.Errorf("sub folder: %s", body)
	}
	if _, got := request(t, "GET", addr, "/pub/big.bin"); len(got) != 3_200_000 {
		t.Errorf("a large file: %d bytes", len(got))
	}
}

func TestWhatADaemonSaysBecomesAStatus(t *testing.T) {
	addr, root := daemon(t)
	res, _ := request(t, "HEAD", addr, "/pub/big.bin")
	modified := res.Header.Get("Last-Modified")
	if res.StatusCode != 200 || res.Header.Get("Content-Length") != "3200000" || modified != "Sat, 03 Feb 2024 04:05:06 GMT" {
		t.Errorf("HEAD: %s %v", res.Status, res.Header)
	}
	for path, want := range map[string]int{
		"/pub/missing.txt": 404, "/pub/nofolder/": 404, "/pub/nofolder/x.txt": 404, "/pub/sub dir": 301, "/pub": 301, "/nomodule/": 404,
		"/nomodule/x": 404, "/closed/": 403, "/locked/": 403, "/pub/st* [x].txt": 404, "/pub/link": 403, "/pub/x\nrm": 400,
	} {
		for _, method := range []string{"HEAD", "GET"} {
			if res, _ := request(t, method, addr, path); res.StatusCode != want {
				t.Errorf("%s %s: %s (%s)", method, path, res.Status, res.Header.Get("X-Rsync-Message"))
			}
		}
	}
	if res, _ := request(t, "GET", addr, "/pub/secret.txt"); res.StatusCode != 403 && (os.Getuid() != 0 || res.StatusCode != 200) {
		t.Errorf("no permission: %s (%s)", res.Status, res.Header.Get("X-Rsync-Message"))
	}
	if res, _ := request(t, "GET", addr, "/pub/big.bin", "If-Modified-Since", modified); res.StatusCode != 304 {
		t.Errorf("unchanged: %s", res.Status)
	}
	if err := os.Remove(filepath.Join(root, foldertest.Names[0])); err != nil {
		t.Fatal(err)
	}
	if res, _ := request(t, "GET", addr, "/pub/"+foldertest.Names[0]); res.StatusCode != 404 {
		t.Errorf("removed: %s", res.Status)
	}
}

// scripted is a daemon that says something and hangs up.
func scripted(t *testing.T, say []byte) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = c.Write(say)
				_ = c.SetReadDeadline(time.Now().Add(3 * time.Second))
				_, _ = io.CopyN(io.Discard, c, 200)
			}()
		}
	}()
	return l.Addr().String()
}

func TestHostileDaemonsEndInErrorsOrRefusals(t *testing.T) {
	hello := "@RSYNCD: 31.0\n@RSYNCD: OK\nseed"
	frame := func(tag uint32, b ...byte) []byte {
		return append(binary.LittleEndian.AppendUint32(nil, tag<<24|uint32(len(b))), b...)
	}
	cases := map[string]struct {
		say  []byte
		want int // 0: an error
	}{
		"no daemon":         {[]byte("HTTP/1.1 400 Bad Request\n"), 0},
		"endless line":      {bytes.Repeat([]byte("x"), 200_000), 0},
		"full":              {[]byte("@RSYNCD: 31.0\n@ERROR: max connections (1) reached -- try again later\n"), 503},
		"bad frame":         {append([]byte(hello), 1, 2, 3, 4), 0},
		"name before start": {append([]byte(hello), frame(7, sameName, 200, 1, 'x')...), 0},
		"name too long":     {append([]byte(hello), frame(7, longName, 0xff, 0xff, 0xff, 0x7f)...), 0},
		"negative size":     {append([]byte(hello), frame(7, append([]byte{1, 1, 'x'}, bytes.Repeat([]byte{0xff}, 12)...)...)...), 0},
		"refuses late":      {append([]byte(hello), frame(10, []byte("rsync: chdir failed: No such file")...)...), 404},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
			defer cancel()
			r, _ := http.NewRequestWithContext(ctx, "GET", "rsync://"+scripted(t, c.say)+"/m/x", nil)
			res, err := transport().RoundTrip(r)
			if c.want == 0 && err == nil || c.want != 0 && (err != nil || res.StatusCode != c.want) {
				t.Errorf("%v, %v", res, err)
			}
			if err != nil && ctx.Err() != nil {
				t.Error("it took its time")
			}
		})
	}
}

func FuzzFileListsAreBounded(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 0})
	f.Add([]byte{1, 3, 'a', '.', 't', 62, 0, 0, 0, 1, 2, 3, 4, 0xa4, 0x81, 0, 0, sameName | sameMode | sameTime, 1, 1, 'b', 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := readList(bytes.NewReader(b))
		if err != nil {
			return
		}
		for _, e := range list {
			if e.size < 0 || len(e.name) == 0 || len(e.name) > maxName {
				t.Fatalf("%+v", e)
			}
		}
	})
}

func TestAListThatDripsEnds(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, err := c.Write([]byte("@RSYNCD: 31.0\n@RSYNCD: OK\nseed"))
				for err == nil {
					_, err = c.Write([]byte{0, 0, 0, frameBase}) // a frame of nothing
					time.Sleep(10 * time.Millisecond)
				}
			}()
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "rsync://"+l.Addr().String()+"/m/", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = New(Options{Dial: new(net.Dialer).DialContext, List: 200 * time.Millisecond}).RoundTrip(r)
	if !errors.Is(err, os.ErrDeadlineExceeded) || ctx.Err() != nil {
		t.Errorf("got %v", err)
	}
}

// A name's beginning is told in one byte, so that a short list becomes a long one in memory.
func TestNamesOfAListAreBoundedTogether(t *testing.T) {
	entry := func(flags byte, keep []byte, name string) []byte {
		b := append([]byte{flags}, keep...)
		b = append(b, byte(len(name)))
		return append(append(b, name...), make([]byte, 4)...)
	}
	rest := make([]byte, 8) // time and mode of the first
	list := append(entry(1, nil, strings.Repeat("n", 255)), rest...)
	for range 400_000 {
		list = append(list, entry(sameName|sameTime|sameMode, []byte{254}, "x")...)
	}
	if _, err := readList(bytes.NewReader(append(list, 0, 0, 0, 0, 0))); !errors.Is(err, errList) {
		t.Errorf("100 MB of names out of %d bytes: %v", len(list), err)
	}
}
