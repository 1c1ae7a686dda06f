package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"unmirror/crawler/plane/redistest"
)

// TestAFleetKilledAtAnyTimeFindsWhatOneProcessFinds kills Redis, the coordinator or a worker at random during sweeps: the
// sightings are those of a sweep that nobody disturbed. UNMIRROR_TEST_KILLS raises the number of kills.
func TestAFleetKilledAtAnyTimeFindsWhatOneProcessFinds(t *testing.T) {
	kills := 8
	if n, err := strconv.Atoi(os.Getenv("UNMIRROR_TEST_KILLS")); err == nil {
		kills = n
	}
	const uploads = 40
	f := &fleetOfProcesses{t: t, dir: t.TempDir()}
	var visible atomic.Int64
	visible.Store(uploads)
	sources := ""
	for i := range 3 {
		site := httptest.NewServer(openDirectory(&visible))
		t.Cleanup(site.Close)
		sources += fmt.Sprintf("  - {name: s%d, kind: directory, url: %q, every: \"@every 2s\"}\n", i, site.URL+"/")
	}
	for i := range uploads {
		write(t, filepath.Join(f.dir, "leak", fmt.Sprintf("brief-%02d.txt", i)), letter(i))
	}
	f.configure(sources)
	mustCommand(t, f.one, "leak", "add", "zorg", filepath.Join(f.dir, "leak"))
	mustCommand(t, f.one, "sweep")
	want := f.sightings(f.one)
	if len(want) != 3*uploads {
		t.Fatalf("undisturbed: %d sightings", len(want))
	}
	mustCommand(t, f.many, "leak", "add", "zorg", filepath.Join(f.dir, "leak"))

	start := []func() *exec.Cmd{f.run("run"), f.run("worker"), f.run("worker")}
	var procs []*exec.Cmd
	for _, s := range start {
		procs = append(procs, s())
	}
	t.Cleanup(func() {
		for _, p := range procs {
			stop(p)
		}
	})
	for range kills {
		time.Sleep(100*time.Millisecond + time.Duration(rand.Int64N(int64(900*time.Millisecond))))
		i := rand.IntN(len(procs) + 1)
		if i == len(procs) {
			f.redis.Kill()
			f.redis.Restart()
			continue
		}
		stop(procs[i])
		procs[i] = start[i]()
	}
	for ends := time.Now().Add(10 * time.Minute); ; time.Sleep(500 * time.Millisecond) {
		got := f.sightings(f.many)
		if slices.Equal(got, want) {
			return
		}
		if time.Now().After(ends) || len(got) > len(want) {
			log, _ := os.ReadFile(filepath.Join(f.dir, "log"))
			t.Fatalf("%d sightings, want %d\n%s", len(got), len(want), log[max(0, len(log)-4000):])
		}
	}
}

// fleetOfProcesses is one installation as one process and one as a fleet.
type fleetOfProcesses struct {
	t         *testing.T
	dir       string
	redis     *redistest.Server
	one, many string        // configurations
	delay     time.Duration // between two requests to a host; 0 means 5 ms, less none
}

func (f *fleetOfProcesses) configure(sources string) {
	f.redis = redistest.Start(f.t)
	token := write(f.t, filepath.Join(f.dir, "token"), "een lang woord dat niemand raadt\n")
	address := "127.0.0.1:" + redistest.FreePort(f.t)
	delay := max(f.delay, 0)
	if f.delay == 0 {
		delay = 5 * time.Millisecond
	}
	common := fmt.Sprintf("crawler: {user_agent_contact: \"https://example.org/bot\", allow_private: [\"127.0.0.1/32\"], per_host_delay: %s}\n", delay) +
		"log: {format: json}\nrdap: {bootstrap: \"http://127.0.0.1:1/\"}\ndesk: {listen: \"127.0.0.1:0\"}\nsources:\n" + sources
	f.one = write(f.t, filepath.Join(f.dir, "one.yaml"), "data: "+f.dir+"/one\n"+common)
	f.many = write(f.t, filepath.Join(f.dir, "many.yaml"), fmt.Sprintf("data: %s/many\nredis: {url: %q}\nfleet: {listen: %q, coordinator: %q, token: \"file:%s\"}\n",
		f.dir, f.redis.URL(), address, "http://"+address, token)+common)
}

func (f *fleetOfProcesses) run(command string) func() *exec.Cmd { return f.runWith(f.many, command) }

func (f *fleetOfProcesses) runWith(config, command string) func() *exec.Cmd {
	return func() *exec.Cmd {
		f.t.Helper()
		exe, err := os.Executable()
		if err != nil {
			f.t.Fatal(err)
		}
		c := exec.Command(exe, "--config", config, command)
		c.Env = append(os.Environ(), asProgram+"=1")
		log, err := os.OpenFile(filepath.Join(f.dir, "log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			f.t.Fatal(err)
		}
		defer func() { _ = log.Close() }()
		c.Stdout, c.Stderr = log, log
		if err := c.Start(); err != nil {
			f.t.Fatal(err)
		}
		return c
	}
}

func stop(c *exec.Cmd) {
	_ = c.Process.Kill()
	_ = c.Wait()
}

// sightings are the addresses at which something was found, each once: that one is listed twice would be a fault.
func (f *fleetOfProcesses) sightings(config string) (out []string) {
	f.t.Helper()
	b := mustCommand(f.t, config, "sighting", "list", "--json")
	for sc := bufio.NewScanner(bytes.NewReader([]byte(b))); sc.Scan(); {
		var s struct {
			URL string `json:"url"`
		}
		if err := json.Unmarshal(sc.Bytes(), &s); err != nil {
			f.t.Fatal(err)
		}
		out = append(out, s.URL)
	}
	slices.Sort(out)
	return out
}
