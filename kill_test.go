package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"unmirror/internal/post"
	"unmirror/internal/post/posttest"
	"unmirror/takedown"
)

// TestKilledAtAnyTimeNothingIsLostAndNothingSentTwice kills the daemon at random through sweep, draft, approve and
// send. UNMIRROR_TEST_KILLS raises the number of kills.
func TestKilledAtAnyTimeNothingIsLostAndNothingSentTwice(t *testing.T) {
	kills := 6
	if n, err := strconv.Atoi(os.Getenv("UNMIRROR_TEST_KILLS")); err == nil {
		kills = n
	}
	uploads := 2 * kills
	k := newKilled(t, uploads)
	for i := range kills {
		k.visible.Store(int64(2 * (i + 1))) // two re-uploads more in each life, so that every life has all steps before it
		d := k.start(t)
		life := 300*time.Millisecond + time.Duration(rand.Int64N(int64(2500*time.Millisecond)))
		deadline := time.Now().Add(life)
		for left := 2; time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
			if left > 0 && k.approveOne(t, i) {
				left--
			}
		}
		if err := d.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = d.Wait()
	}
	k.settle(t, uploads)
	k.verify(t, uploads)
}

// killed is an installation whose daemon is killed again and again.
type killed struct {
	dir, config, password string
	mail                  *posttest.Server
	approved              map[string]string // the approved bytes → notice
	visible               atomic.Int64      // how many re-uploads the site lists
}

func newKilled(t *testing.T, uploads int) *killed {
	t.Helper()
	k := &killed{dir: t.TempDir(), approved: map[string]string{}, mail: posttest.NewServer(t)}
	k.mail.Fail(post.StepBody, posttest.Failure{Delay: 150 * time.Millisecond}) // a wide window in which DATA is under way
	for i := range uploads {
		write(t, filepath.Join(k.dir, "leak", fmt.Sprintf("brief-%02d.txt", i)), letter(i))
	}
	site := httptest.NewServer(openDirectory(&k.visible))
	t.Cleanup(site.Close)
	k.password = write(t, filepath.Join(k.dir, "password"), "een lang wachtwoord\n")
	k.config = write(t, filepath.Join(k.dir, "unmirror.yaml"), fmt.Sprintf(`
data: %[1]s/data
organisation: {name: Zorgpunt, role: controller, contact: DPO, email: dpo@example.org, telephone: "+32 2 000 00 00", address: "Kerkstraat 1"}
schedule: {outbox: "@every 1s", recheck: "@hourly"}
crawler: {user_agent_contact: "https://example.org/bot", allow_private: ["127.0.0.1/32"], per_host_delay: 5ms}
rdap: {bootstrap: "http://127.0.0.1:1/"}
mail: {smtp: "%[2]s", from: takedown@example.org}
desk: {listen: "127.0.0.1:0"}
sources: [{name: mirror, kind: directory, url: "%[3]s/", every: "@every 1s"}]
recipients: [{place: "127.0.0.1", email: abuse@host.example, language: nl, kind: host, profile: {one_url: true}}]
`, k.dir, k.mail.URL, site.URL))
	mustCommand(t, k.config, "leak", "add", "zorg", filepath.Join(k.dir, "leak"), "--title", "Zorgpunt")
	mustCommand(t, k.config, "user", "add", "an", "--role", "counsel", "--password-file", k.password)
	return k
}

// openDirectory lists the re-uploads under other names among innocent files.
func openDirectory(visible *atomic.Int64) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<html><title>Index of /</title><h1>Index of /</h1><pre><a href=\"../\">../</a>\n")
		for i := range visible.Load() {
			fmt.Fprintf(w, "<a href=\"a%d.txt\">a%d.txt</a>   03-Feb-2024 04:05  62\n<a href=\"b%d.txt\">b%d.txt</a>  03-Feb-2024 04:05  62\n", i, i, i, i)
		}
		_, _ = io.WriteString(w, "</pre></html>")
	})
	mux.HandleFunc("GET /{name}", func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("name")
		n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimLeft(name, "ab"), ".txt"))
		switch {
		case err != nil:
			http.NotFound(w, r)
		case name[0] == 'a':
			_, _ = io.WriteString(w, letter(n))
		default:
			fmt.Fprintf(w, "Een onschuldige pagina over tuinieren, nummer %d, met genoeg woorden om niet leeg te zijn.", n)
		}
	})
	return mux
}

func (k *killed) start(t *testing.T) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	d := exec.CommandContext(t.Context(), exe, "--config", k.config, "run")
	d.Env = append(os.Environ(), asProgram+"=1")
	log, err := os.OpenFile(filepath.Join(k.dir, "log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	d.Stdout, d.Stderr = log, log
	if err := d.Start(); err != nil {
		t.Fatal(err)
	}
	_ = log.Close()
	return d
}

// started counts how often a daemon said that it is up.
func (k *killed) started() int {
	log, _ := os.ReadFile(filepath.Join(k.dir, "log"))
	return strings.Count(string(log), `"msg":"started"`) + strings.Count(string(log), "msg=started")
}

// approveOne approves the first draft, and remembers exactly which bytes.
func (k *killed) approveOne(t *testing.T, round int) bool {
	t.Helper()
	for _, n := range k.notices(t) {
		if n.State != takedown.NoticeDraft {
			continue
		}
		eml := mustCommand(t, k.config, "notice", "show", n.ID, "--format", "eml")
		_, errOut, code := command(t, k.config, "notice", "approve", n.ID, "--as", "an", "--password-file", k.password, "--digest", n.Digest)
		if code == exitDone {
			k.approved[eml] = n.ID
		} else {
			t.Logf("round %d: %s", round, errOut)
		}
		return code == exitDone
	}
	return false
}

func (k *killed) notices(t *testing.T) (out []takedown.NoticeRow) {
	t.Helper()
	return decode[takedown.NoticeRow](t, mustCommand(t, k.config, "notice", "list", "--json"))
}

func decode[T any](t *testing.T, lines string) (out []T) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(lines))
	for dec.More() {
		var v T
		if err := dec.Decode(&v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// settle lets an undisturbed daemon finish, while counsel approves the rest.
func (k *killed) settle(t *testing.T, uploads int) {
	t.Helper()
	before := k.started()
	d := k.start(t)
	for ends := time.Now().Add(10 * time.Minute); k.started() == before; time.Sleep(50 * time.Millisecond) { // else it cannot be told to stop
		if time.Now().After(ends) {
			t.Fatal("it does not start")
		}
	}
	deadline := time.Now().Add(12*time.Minute + time.Duration(uploads)*time.Second)
	for time.Now().Before(deadline) {
		k.approveOne(t, -1)
		ended := 0
		for _, n := range k.notices(t) {
			if n.State == takedown.NoticeSent || n.State == takedown.NoticeUnknown {
				ended++
			}
		}
		if ended == uploads {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err := d.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := d.Wait(); err != nil {
		log, _ := os.ReadFile(filepath.Join(k.dir, "log"))
		t.Errorf("the daemon did not stop cleanly: %v\n%s", err, log)
	}
}

func (k *killed) verify(t *testing.T, uploads int) {
	t.Helper()
	sightings := decode[takedown.SightingRow](t, mustCommand(t, k.config, "sighting", "list", "--json"))
	urls := map[string]int{}
	for _, s := range sightings {
		urls[s.URL]++
	}
	if len(urls) != uploads || len(sightings) != uploads {
		t.Errorf("%d sightings at %d addresses, want %d of each", len(sightings), len(urls), uploads)
	}
	unknown := map[string]bool{}
	for _, a := range decode[takedown.AttemptRow](t, mustCommand(t, k.config, "outbox", "list", "--json")) {
		if a.State == takedown.AttemptUnknown {
			unknown[a.Notice] = true
		}
		if a.State == takedown.AttemptOpen || a.State == takedown.AttemptQueued {
			t.Errorf("attempt %s of %s is still %s: %s", a.ID, a.Notice, a.State, a.Reason)
		}
	}
	got := map[string]int{}
	for _, m := range k.mail.Mails() {
		id, ok := k.approved[string(withoutDate(m.Bytes))]
		if !ok {
			t.Errorf("a mail went out that nobody approved in these bytes:\n%.400s", m.Bytes)
		}
		got[id]++
	}
	for id, n := range got {
		if n > 1 {
			t.Errorf("%s was sent %d times", id, n)
		}
	}
	for _, n := range k.notices(t) {
		if got[n.ID] == 0 && !unknown[n.ID] {
			t.Errorf("%s (%s) never arrived and does not wait as unknown", n.ID, n.State)
		}
	}
	if out := mustCommand(t, k.config, "audit", "verify"); !strings.HasPrefix(out, "clean") {
		t.Error(out)
	}
	t.Logf("%d sightings, %d mails, %d unknown", len(sightings), len(k.mail.Mails()), len(unknown))
}

// withoutDate removes what may be added at sending.
func withoutDate(mail []byte) []byte {
	if bytes.HasPrefix(mail, []byte("Date: ")) {
		_, rest, _ := bytes.Cut(mail, []byte("\r\n"))
		return rest
	}
	return mail
}
