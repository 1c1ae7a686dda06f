package crawler

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"unmirror/internal/testneeds"
)

// software is a real web server, started by hand on a loopback port.
type software struct {
	name, program, pkg string
	// start gives the command line; conf is a folder for its files, root the served one, log its access log.
	start func(t *testing.T, program, conf, root, log string, port int) *exec.Cmd
	// stderrLog: the access log comes on standard error.
	stderrLog bool
	// body recognises an access-log line of a fetched file's body.
	body *regexp.Regexp
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

var combined = regexp.MustCompile(`"GET /pub/[^ ]*\.txt HTTP/[0-9.]+" 200`)

func servers() []software {
	return []software{
		{"nginx", "nginx", "nginx-light", func(t *testing.T, program, conf, root, log string, port int) *exec.Cmd {
			for _, d := range []string{"body", "proxy", "fcgi", "uwsgi", "scgi"} {
				_ = os.Mkdir(filepath.Join(conf, d), 0o755)
			}
			f := write(t, filepath.Join(conf, "nginx.conf"), fmt.Sprintf(`daemon off; pid %[1]s/pid; error_log %[1]s/error.log; worker_processes 1;
user root; events {} http { access_log %[4]s combined; client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy;
fastcgi_temp_path %[1]s/fcgi; uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
server { listen 127.0.0.1:%[2]d; root %[3]s; autoindex on; } }`, conf, port, root, log))
			if os.Getuid() != 0 {
				write(t, f, strings.Replace(read(t, f), "user root; ", "", 1))
			}
			return exec.Command(program, "-e", filepath.Join(conf, "error.log"), "-c", f, "-p", conf)
		}, false, combined},
		{"apache", "apache2", "apache2", func(t *testing.T, program, conf, root, log string, port int) *exec.Cmd {
			f := write(t, filepath.Join(conf, "apache.conf"), fmt.Sprintf(`ServerRoot %[1]s
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule autoindex_module /usr/lib/apache2/modules/mod_autoindex.so
LoadModule dir_module /usr/lib/apache2/modules/mod_dir.so
Listen 127.0.0.1:%[2]d
ServerName localhost
PidFile %[1]s/pid
ErrorLog %[1]s/error.log
LogFormat "%%h %%l %%u %%t \"%%r\" %%>s %%b \"%%{Referer}i\" \"%%{User-Agent}i\"" combined
CustomLog %[4]s combined
DocumentRoot %[3]s
<Directory %[3]s>
  Options Indexes
  IndexOptions FancyIndexing HTMLTable VersionSort
  Require all granted
</Directory>
`, conf, port, root, log))
			return exec.Command(program, "-X", "-f", f)
		}, false, combined},
		{"lighttpd", "lighttpd", "lighttpd", func(t *testing.T, program, conf, root, log string, port int) *exec.Cmd {
			f := write(t, filepath.Join(conf, "lighttpd.conf"), fmt.Sprintf(`server.modules = ("mod_dirlisting", "mod_accesslog")
server.document-root = "%s"
server.bind = "127.0.0.1"
server.port = %d
dir-listing.activate = "enable"
accesslog.filename = "%s"
mimetype.assign = (".txt" => "text/plain")
`, root, port, log))
			return exec.Command(program, "-D", "-f", f)
		}, false, combined},
		{"caddy", "caddy", "caddy", func(t *testing.T, program, conf, root, log string, port int) *exec.Cmd {
			f := write(t, filepath.Join(conf, "Caddyfile"), fmt.Sprintf(`{
	admin off
	auto_https off
}
http://127.0.0.1:%d {
	root * %s
	file_server browse
	log {
		output file %s
		format json
	}
}
`, port, root, log))
			cmd := exec.Command(program, "run", "--config", f, "--adapter", "caddyfile")
			cmd.Env = append(os.Environ(), "HOME="+conf, "XDG_DATA_HOME="+conf, "XDG_CONFIG_HOME="+conf)
			return cmd
		}, false, regexp.MustCompile(`"uri":"/pub/[^"]*\.txt".*"status":200`)},
		{"python", "python3", "python3", func(_ *testing.T, program, _, root, _ string, port int) *exec.Cmd {
			return exec.Command(program, "-u", "-m", "http.server", "--bind", "127.0.0.1", "--directory", root, fmt.Sprint(port))
		}, true, combined},
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// launch starts a server and waits until it answers.
func launch(t *testing.T, s software, root string) (base, log string) {
	t.Helper()
	program := testneeds.Program(t, s.program, s.pkg)
	port, conf := testneeds.Port(t), t.TempDir()
	log = filepath.Join(conf, "access.log")
	cmd := s.start(t, program, conf, root, log, port)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := os.Create(filepath.Join(conf, "output"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = out, out
	if s.stderrLog {
		log = out.Name()
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
		_ = out.Close()
	})
	base = fmt.Sprintf("http://127.0.0.1:%d", port)
	testneeds.Listens(t, strings.TrimPrefix(base, "http://"))
	return base, log
}

func TestRealServersAreSweptPolitelyAndOnlyOnce(t *testing.T) {
	t.Parallel()
	for _, s := range servers() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			root := tree(t, 240)
			write(t, filepath.Join(root, "robots.txt"), "User-agent: *\nDisallow: /pub/forbidden/\n")
			if err := os.MkdirAll(filepath.Join(root, "pub/forbidden"), 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(root, "pub/forbidden/never.txt"), secret)
			if err := os.Chmod(root, 0o755); err != nil {
				t.Fatal(err)
			}
			base, log := launch(t, s, root)
			w := newWorld(t, nil)
			src := Source{Name: s.name, Kind: "directory", URL: base + "/pub/", Depth: 5, Delay: 2 * time.Millisecond}
			sum := w.sweep(src)
			if sum.State != "done" || sum.Listed != 241 || sum.Fetched != 241 || sum.Sightings != 1 || sum.Errors != 0 || sum.SkippedRobots != 1 {
				t.Errorf("first sweep: %+v", sum)
			}
			if got := w.urls(); len(got) != 1 || !strings.Contains(got[0], "/pub/x/y/z/") {
				t.Errorf("sightings %v", got)
			}
			time.Sleep(200 * time.Millisecond) // logs are buffered
			before := len(s.body.FindAllString(read(t, log), -1))
			if before != 241 && s.name != "lighttpd" { // lighttpd writes its log now and then
				t.Errorf("the log shows %d bodies", before)
			}
			sum = w.sweep(src)
			if sum.Fetched != 0 || sum.Unchanged != 241 || sum.Sightings != 1 {
				t.Errorf("second sweep: %+v", sum)
			}
			text := read(t, log)
			if strings.Contains(text, "/forbidden") {
				t.Error("a forbidden address was asked for")
			}
			if s.name != "python" && s.name != "lighttpd" && !strings.Contains(text, "unmirror/1.2.3 (+https://unmirror.example/contact)") {
				t.Error("the log does not show the user agent")
			}
			if after := len(s.body.FindAllString(text, -1)); after != before && s.name != "lighttpd" {
				t.Errorf("%d bodies were fetched again", after-before)
			}
			look(t, w, src, w.urls()[0], root)
		})
	}
}

// look checks what a recheck says before and after the file is taken down, and when a whole server is gone.
func look(t *testing.T, w *world, src Source, address, root string) {
	t.Helper()
	expect := func(want LookOutcome) {
		t.Helper()
		l, err := w.c.Look(t.Context(), src, address)
		for range 30 { // lighttpd remembers a file's size for a second or two
			if err != nil || l.Outcome == want {
				break
			}
			time.Sleep(100 * time.Millisecond)
			l, err = w.c.Look(t.Context(), src, address)
		}
		if err != nil || l.Outcome != want {
			t.Errorf("look: %s (%s), %v, want %s", l.Outcome, l.Reason, err, want)
		}
	}
	expect(LookLive)
	name := filepath.Join(root, "pub/x/y/z/Vandersteen Mieke #1.txt")
	write(t, name, "verwijderd")
	expect(LookChanged)
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	expect(LookGone)
}
