package plane_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"unmirror/crawler/plane"
	"unmirror/crawler/plane/redistest"
	"unmirror/internal/testneeds"
)

// sentinel watches a master and gives the address under which the fleet finds whoever is master.
func sentinel(t *testing.T, master *redistest.Server) string {
	t.Helper()
	host, port, err := net.SplitHostPort(master.Addr)
	if err != nil {
		t.Fatal(err)
	}
	own := redistest.FreePort(t)
	conf := filepath.Join(t.TempDir(), "sentinel.conf")
	text := fmt.Sprintf("port %s\nbind 127.0.0.1\nsentinel monitor m %s %s 1\nsentinel down-after-milliseconds m 4000\nsentinel failover-timeout m 3000\n", own, host, port)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(testneeds.Program(t, "redis-server", "redis-server"), conf, "--sentinel")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	c := redis.NewSentinelClient(&redis.Options{Addr: "127.0.0.1:" + own})
	t.Cleanup(func() { _ = c.Close() })
	for ends := time.Now().Add(5 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if got, err := c.Replicas(context.Background(), "m").Result(); err == nil && len(got) == 1 {
			return "redis://127.0.0.1:" + own + "?master_name=m"
		}
		if time.Now().After(ends) {
			t.Fatal("the sentinel does not find the replica")
		}
	}
}

// synced waits until a replica has all that its master has.
func synced(t *testing.T, s *redistest.Server) {
	t.Helper()
	c := redis.NewClient(&redis.Options{Addr: s.Addr})
	defer func() { _ = c.Close() }()
	for ends := time.Now().Add(5 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		info, err := c.Info(context.Background(), "replication").Result()
		if err == nil && strings.Contains(info, "master_link_status:up") {
			return
		}
		if time.Now().After(ends) {
			t.Fatal("the replica does not follow its master")
		}
	}
}

// copied waits until the replica has everything that was written so far.
func copied(t *testing.T, master *redistest.Server) {
	t.Helper()
	c := redis.NewClient(&redis.Options{Addr: master.Addr, ReadTimeout: 3 * time.Minute})
	defer func() { _ = c.Close() }()
	conn := c.Conn()
	defer func() { _ = conn.Close() }()
	if err := conn.Set(t.Context(), "mark", 1, 0).Err(); err != nil {
		t.Fatal(err)
	}
	if n, err := conn.Wait(t.Context(), 1, 2*time.Minute).Result(); err != nil || n != 1 {
		t.Fatalf("%d replicas have it: %v", n, err)
	}
}

func TestAFailoverLosesNothingAndDoublesNothing(t *testing.T) {
	t.Parallel()
	master := redistest.Start(t, "--repl-diskless-sync-delay", "0")
	host, port, _ := net.SplitHostPort(master.Addr)
	replica := redistest.Start(t, "--replicaof", host+" "+port)
	synced(t, replica)
	p, err := plane.NewRedis(dial(t, sentinel(t, master)), plane.RedisOptions{Key: newKey()})
	if err != nil {
		t.Fatal(err)
	}
	const n = 400
	sw := fill(t, p, n, mirrors, nil)
	got := map[string]int{}
	for len(got) < n {
		l, err := p.Claim(t.Context(), plane.Want{Sweep: sw, Max: 10})
		var w *plane.Wait
		if errors.As(err, &w) {
			time.Sleep(time.Until(w.Until))
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 200 {
			copied(t, master) // what the replica has not been sent dies with the master
			master.Kill()
		}
		b := plane.Batch{Counts: plane.Counts{Fetched: int64(len(l.Items))}}
		for _, it := range l.Items {
			b.Done = append(b.Done, it.ID)
			got[it.URL]++
		}
		if _, _, err := p.Complete(t.Context(), sw, l, b); err != nil {
			t.Fatal(err)
		}
		if err := p.Release(t.Context(), l, time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	c, err := p.Finish(t.Context(), sw, plane.End{State: plane.Done, Good: true})
	if err != nil || c.Fetched != n || c.Listed != n {
		t.Errorf("%+v, %v", c, err)
	}
	for u, k := range got {
		if k != 1 {
			t.Errorf("%s was handed out %d times", u, k)
		}
	}
}

// TestADeadWorkersHostsAreTakenOverAtOnce lets a process claim and die without a word.
func TestADeadWorkersHostsAreTakenOverAtOnce(t *testing.T) {
	s := redistest.Start(t)
	key := newKey()
	p := open(t, s, plane.RedisOptions{Key: key, Lease: time.Hour}) // so that no lease runs out meanwhile
	sw := fill(t, p, 20, mirrors, nil)
	cmd := exec.Command(os.Args[0], "-test.run", "TestClaimsAndDies")
	cmd.Env = append(os.Environ(), fmt.Sprintf("UNMIRROR_TEST_CLAIM=%s|%x", s.URL(), key[:]))
	if out, err := cmd.CombinedOutput(); err == nil || cmd.ProcessState.ExitCode() != 7 {
		t.Fatalf("the worker did not claim: %v\n%s", err, out)
	}
	took := 0
	for ends := time.Now().Add(5 * time.Minute); took < 20 && time.Now().Before(ends); {
		l, err := p.Claim(t.Context(), plane.Want{Sweep: sw, Max: 100})
		var w *plane.Wait
		if errors.As(err, &w) {
			time.Sleep(min(time.Until(w.Until), time.Second))
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		took += len(l.Items)
	}
	if took != 20 {
		t.Errorf("%d items", took)
	}
}

// TestClaimsAndDies is the other process of the test above.
func TestClaimsAndDies(t *testing.T) {
	v := os.Getenv("UNMIRROR_TEST_CLAIM")
	if v == "" {
		return
	}
	var url string
	var raw []byte
	for i := range v {
		if v[i] == '|' {
			url = v[:i]
			if _, err := fmt.Sscanf(v[i+1:], "%x", &raw); err != nil {
				t.Fatal(err)
			}
		}
	}
	p, err := plane.NewRedis(dial(t, url), plane.RedisOptions{Key: plane.Key(raw), Lease: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := p.Tasks(t.Context())
	if err != nil || len(tasks) != 1 {
		t.Fatal(tasks, err)
	}
	if _, err := p.Claim(t.Context(), plane.Want{Sweep: tasks[0].Sweep, Max: 100}); err != nil {
		t.Fatal(err)
	}
	os.Exit(7)
}
