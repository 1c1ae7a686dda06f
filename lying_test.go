package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestALyingServerPutsNothingIntoTheLog serves more bytes than it announces: net/http prints the surplus, which may be
// leaked content, through the standard logger.
func TestALyingServerPutsNothingIntoTheLog(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go lie(l)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "leak", "a.txt"), letter(1))
	config := write(t, filepath.Join(dir, "unmirror.yaml"), fmt.Sprintf(`
data: %s/data
crawler: {user_agent_contact: "https://example.org/bot", allow_private: ["127.0.0.1/32"], per_host_delay: 10ms}
rdap: {bootstrap: "http://127.0.0.1:1/"}
sources: [{name: liar, kind: directory, url: "http://%s/"}]
`, dir, l.Addr()))
	mustCommand(t, config, "leak", "add", "zorg", filepath.Join(dir, "leak"))
	exe, err := os.Executable()
	must(t, err)
	c := exec.CommandContext(t.Context(), exe, "--config", config, "sweep", "--json")
	c.Env = append(os.Environ(), asProgram+"=1")
	var errOut strings.Builder
	c.Stderr = &errOut
	out, err := c.Output()
	must(t, err)
	if !strings.Contains(string(out), `"event":"summary"`) {
		t.Errorf("no summary: %s", out)
	}
	for word := range strings.FieldsSeq(letter(1)) {
		if len(word) > 6 && strings.Contains(errOut.String(), word) {
			t.Fatalf("standard error tells of the content: %s", errOut.String())
		}
	}
}

// lie answers every request; the letter's length is told too short.
func lie(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer func() { _ = c.Close() }()
			r := bufio.NewReader(c)
			for {
				req, err := http.ReadRequest(r)
				if err != nil {
					return
				}
				switch body := letter(1); req.URL.Path {
				case "/":
					page := `<html><title>Index of /</title><pre><a href="k.txt">k.txt</a></pre></html>`
					fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s", len(page), page)
				case "/k.txt":
					fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 200\r\n\r\n%s", body)
				default:
					fmt.Fprint(c, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
				}
			}
		}()
	}
}
