package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// visited is a site that notes when and over which connection it is asked for something.
type visited struct {
	*httptest.Server
	mu    sync.Mutex
	at    []time.Time
	conns map[string]int
}

// openSite serves folders with so many pages each; its root lists the first of them.
func openSite(t testing.TB, folders, pages int) *visited {
	v := &visited{conns: map[string]int{}}
	v.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v.mu.Lock()
		v.at = append(v.at, time.Now())
		v.conns[r.RemoteAddr]++
		v.mu.Unlock()
		var folder, page int
		switch n, _ := fmt.Sscanf(r.URL.Path, "/%d/%d.txt", &folder, &page); {
		case n == 2:
			w.Header().Set("Content-Type", "text/plain")
			for i := range 20 {
				_, _ = fmt.Fprintf(w, "Bladzijde %d van map %d, regel %d, over de tuin en het weer van een dag als alle andere.\n", page, folder, i)
			}
		case n == 1:
			_, _ = fmt.Fprintf(w, "<title>Index of /%d/</title><h1>Index of /%d/</h1><pre>", folder, folder)
			for i := range pages {
				_, _ = fmt.Fprintf(w, "<a href=\"%d.txt\">%d.txt</a>    03-Feb-2024 04:05    2000\n", i, i)
			}
		case r.URL.Path == "/":
			_, _ = fmt.Fprint(w, "<title>Index of /</title><h1>Index of /</h1><pre>")
			for i := range folders {
				_, _ = fmt.Fprintf(w, "<a href=\"%d/\">%d/</a>    03-Feb-2024 04:05    -\n", i, i)
			}
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(v.Close)
	return v
}

// closest is the shortest time between two requests, and how many connections they came over.
func (v *visited) closest() (d time.Duration, requests, conns int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	d = time.Hour
	for i := 1; i < len(v.at); i++ {
		d = min(d, v.at[i].Sub(v.at[i-1]))
	}
	return d, len(v.at), len(v.conns)
}

// TestFourWorkersKeepAHostsPace lets four worker processes and the coordinator sweep four sources at one host: the host
// goes from hand to hand, and its log shows the distance that the configuration asks for.
func TestFourWorkersKeepAHostsPace(t *testing.T) {
	const pages, delay = 6, 200 * time.Millisecond
	f := &fleetOfProcesses{t: t, dir: t.TempDir(), delay: delay}
	site := openSite(t, 4, pages)
	sources := ""
	for i := range 4 {
		sources += fmt.Sprintf("  - {name: s%d, kind: directory, url: \"%s/%d/\", every: \"@every 1s\"}\n", i, site.URL, i)
	}
	f.configure(sources)
	f.pause(f.many, 4)
	f.startAll(4)
	f.resume(f.many, 4)
	f.swept(4, 5*time.Minute)
	closest, requests, conns := site.closest()
	t.Logf("%d requests over %d connections, the closest two %s apart", requests, conns, closest)
	if requests < 4*(pages+1) {
		t.Errorf("only %d requests", requests)
	}
	if conns < 3 {
		t.Errorf("%d connections: the host stayed in one hand", conns)
	}
	if closest < delay*8/10 { // what the network may add
		t.Errorf("two requests came %s apart", closest)
	}
}

// pause lets sources rest until all processes are up.
func (f *fleetOfProcesses) pause(config string, sources int) {
	for i := range sources {
		mustCommand(f.t, config, "source", "pause", fmt.Sprint("s", i))
	}
}

func (f *fleetOfProcesses) resume(config string, sources int) {
	for i := range sources {
		mustCommand(f.t, config, "source", "resume", fmt.Sprint("s", i))
	}
}

// startAll starts the coordinator and workers, and waits until all of them say so.
func (f *fleetOfProcesses) startAll(workers int) (procs []*exec.Cmd) {
	f.t.Helper()
	procs = append(procs, f.run("run")())
	for range workers {
		procs = append(procs, f.run("worker")())
	}
	f.started(procs)
	return procs
}

// started waits until all processes say that they are up.
func (f *fleetOfProcesses) started(procs []*exec.Cmd) {
	f.t.Helper()
	f.t.Cleanup(func() { drain(procs) })
	for ends := time.Now().Add(3 * time.Minute); f.logged(`"msg":"started"`) < len(procs); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(ends) {
			f.t.Fatalf("they do not start:\n%s", f.log())
		}
	}
}

// drain asks processes to end, and waits for it.
func drain(procs []*exec.Cmd) {
	for _, p := range procs {
		_ = p.Process.Signal(os.Interrupt) // one that is gone already is waited for all the same
	}
	for _, p := range procs {
		_ = p.Wait()
	}
}

// worked is the processor time that processes and Redis took so far.
func (f *fleetOfProcesses) worked(procs []*exec.Cmd) (cpu time.Duration) {
	f.t.Helper()
	for _, p := range procs {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.Process.Pid))
		if err != nil {
			f.t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(stat), ") ") // behind the name, which may hold anything; then proc(5) counts from 3
		fields := strings.Fields(rest)
		for _, n := range fields[14-3 : 16-3] { // utime and stime, in hundredths
			ticks, err := strconv.ParseInt(n, 10, 64)
			if err != nil {
				f.t.Fatal(err)
			}
			cpu += time.Duration(ticks) * 10 * time.Millisecond
		}
	}
	return cpu + f.redisWorked()
}

func (f *fleetOfProcesses) log() string {
	b, _ := os.ReadFile(filepath.Join(f.dir, "log"))
	return string(b)
}

// logged counts the lines of the log that hold one of the words.
func (f *fleetOfProcesses) logged(words ...string) (n int) {
	for sc := bufio.NewScanner(strings.NewReader(f.log())); sc.Scan(); {
		if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(sc.Text(), w) }) {
			n++
		}
	}
	return n
}

// swept waits until so many sources were swept once, and gives the longest of their sweeps, and how many items they fetched.
func (f *fleetOfProcesses) swept(sources int, most time.Duration) (took time.Duration, fetched int) {
	f.t.Helper()
	for ends := time.Now().Add(most); ; time.Sleep(20 * time.Millisecond) {
		done := map[string]bool{}
		took, fetched = 0, 0
		for sc := bufio.NewScanner(strings.NewReader(f.log())); sc.Scan(); {
			var line struct {
				Msg, State, Source string
				Seconds            float64
				Fetched            int
			}
			if json.Unmarshal(sc.Bytes(), &line) == nil && line.Msg == "swept" && line.State == "done" && !done[line.Source] {
				done[line.Source] = true
				took, fetched = max(took, time.Duration(line.Seconds*float64(time.Second))), fetched+line.Fetched
			}
		}
		if len(done) == sources {
			return took, fetched
		}
		if time.Now().After(ends) {
			f.t.Fatalf("%d of %d sources are swept:\n%s", len(done), sources, f.log())
		}
	}
}

// redisWorked is the processor time that Redis took so far.
func (f *fleetOfProcesses) redisWorked() time.Duration {
	f.t.Helper()
	c := redis.NewClient(&redis.Options{Addr: f.redis.Addr})
	defer func() { _ = c.Close() }()
	info, err := c.InfoMap(f.t.Context(), "cpu").Result()
	if err != nil {
		f.t.Fatal(err)
	}
	seconds := 0.0
	for _, k := range []string{"used_cpu_user", "used_cpu_sys"} {
		v, err := strconv.ParseFloat(info["CPU"][k], 64)
		if err != nil {
			f.t.Fatal(err)
		}
		seconds += v
	}
	return time.Duration(seconds * float64(time.Second))
}

// TestAFleetIsNotSlowerThanOneProcess measures one process, and a coordinator with one and with two workers, on the same pages of
// four hosts, or UNMIRROR_TEST_HOSTS, that want no distance between requests. Which cores they have is for taskset to say. Where a machine has other work
// to do, the time on its clock tells little, and the time on its processors more; several rounds tell more than one:
//
//	UNMIRROR_TEST_PAGES=20000 UNMIRROR_TEST_ROUNDS=5 taskset -c 0 go test -run AFleetIsNotSlower -v .
func TestAFleetIsNotSlowerThanOneProcess(t *testing.T) {
	pages, err := strconv.Atoi(os.Getenv("UNMIRROR_TEST_PAGES"))
	if err != nil {
		t.Skip("it tells something of many pages only: UNMIRROR_TEST_PAGES=20000")
	}
	const folder = 200
	fleets := []int{0, 1, 2}
	rounds, err := strconv.Atoi(os.Getenv("UNMIRROR_TEST_ROUNDS"))
	if err == nil {
		fleets = []int{2}
	}
	hosts, err := strconv.Atoi(os.Getenv("UNMIRROR_TEST_HOSTS"))
	if err != nil {
		hosts = 4
	}
	sources := ""
	for i := range hosts {
		sources += fmt.Sprintf("  - {name: s%d, kind: directory, url: \"%s/\", every: \"@every 1s\"}\n", i, openSite(t, pages/hosts/folder, folder).URL)
	}
	took, cpu := map[int][]time.Duration{}, map[int][]time.Duration{}
	measure := func(workers int) {
		f := &fleetOfProcesses{t: t, dir: t.TempDir(), delay: -1}
		f.configure(sources)
		config := f.one
		if workers >= 0 {
			config = f.many
		}
		f.pause(config, hosts)
		procs := []*exec.Cmd{f.runWith(config, "run")()}
		for range workers {
			procs = append(procs, f.runWith(config, "worker")())
		}
		f.started(procs)
		before := f.worked(procs)
		f.resume(config, hosts)
		wall, fetched := f.swept(hosts, 5*time.Minute)
		busy := f.worked(procs) - before
		drain(procs)
		took[workers], cpu[workers] = append(took[workers], wall), append(cpu[workers], busy)
		t.Logf("%2d workers: %d pages in %s, %s of processor time", workers, fetched, wall.Round(time.Millisecond), busy.Round(time.Millisecond))
	}
	for range max(rounds, 1) {
		for _, workers := range append([]int{-1}, fleets...) {
			measure(workers)
		}
	}
	for _, workers := range fleets {
		t.Logf("%d workers take %.2f of one process's time, %.3f of its processor time", workers, median(took[workers])/median(took[-1]), median(cpu[workers])/median(cpu[-1]))
		if workers == 2 && pages >= 20_000 && median(took[2]) > median(took[-1])*5/4 {
			t.Errorf("two workers take %.2fs, one process %.2fs", median(took[2]), median(took[-1]))
		}
	}
}

// median of times, in seconds.
func median(list []time.Duration) float64 {
	list = slices.Sorted(slices.Values(list))
	return (list[(len(list)-1)/2] + list[len(list)/2]).Seconds() / 2
}
