package crawler

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"unmirror/crawler/plane"
	"unmirror/fingerprints/open"
	"unmirror/internal/guard"
	"unmirror/internal/keyring"
	"unmirror/store"
)

// killEnv makes the test binary a sweeping process: "dir|keys|url|log".
const killEnv = "UNMIRROR_TEST_SWEEP"

func TestMain(m *testing.M) {
	open.Child()
	if v := os.Getenv(killEnv); v != "" {
		if err := sweepProcess(strings.Split(v, "|")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// sweepProcess sweeps once; its sink appends each sighting to a file and syncs it before it says yes.
func sweepProcess(arg []string) error {
	ring, err := keyring.Load(arg[1])
	if err != nil {
		return err
	}
	s, err := store.Open(context.Background(), store.Options{Dir: arg[0], Seal: ring, Sign: ring.Sign()})
	if err != nil {
		return err
	}
	out, err := os.OpenFile(arg[3], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	g, err := guard.New([]string{"localhost"})
	if err != nil {
		return err
	}
	n := &needle{}
	c, err := New(Options{Plane: plane.NewSQLite(s, 0), Intake: n.Intake, Guard: g, Contact: "mailto:a@b.example", Limits: fast(),
		Sink: func(_ context.Context, s Sighting) (bool, error) {
			if _, err := fmt.Fprintln(out, s.URL); err != nil {
				return false, err
			}
			return false, out.Sync()
		}})
	if err != nil {
		return err
	}
	sum, err := c.Sweep(context.Background(), Source{Name: "mirror", Kind: "directory", URL: arg[2]})
	if err != nil {
		return err
	}
	fmt.Println(sum.State)
	return s.Close()
}

func lines(t *testing.T, name string) []string {
	t.Helper()
	f, err := os.Open(name)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []string
	for sc := bufio.NewScanner(f); sc.Scan(); {
		out = append(out, sc.Text())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestASweepKilledAgainAndAgainFindsTheSameSightings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var want []string
	for i := range 150 {
		name := fmt.Sprintf("%c/%d.txt", 'a'+i%4, i)
		body := "innocent"
		if i%3 == 0 {
			body = secret
		}
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		if i%3 == 0 {
			want = append(want, name)
		}
	}
	files := http.FileServer(http.Dir(dir))
	srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(3 * time.Millisecond)
		files.ServeHTTP(w, r)
	}))
	for i := range want {
		want[i] = srv.URL + "/" + want[i]
	}
	slices.Sort(want)
	keys, data := t.TempDir(), t.TempDir()
	if err := keyring.Init(keys); err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(t.TempDir(), "sightings")
	kills := 0
	for try := range 60 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), killEnv+"="+strings.Join([]string{data, keys, srv.URL + "/", log}, "|"))
		var out strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		killed := time.AfterFunc(time.Duration(60+try*37%200)*time.Millisecond, func() { _ = cmd.Process.Signal(syscall.SIGKILL) })
		if try >= 12 {
			killed.Stop() // enough: now it may end
		}
		err := cmd.Wait()
		killed.Stop()
		if err != nil {
			if !strings.Contains(err.Error(), "killed") {
				t.Fatalf("try %d: %v: %s", try, err, out.String())
			}
			kills++
			continue
		}
		if !strings.Contains(out.String(), "done") {
			t.Fatalf("ended as %q", out.String())
		}
		break
	}
	if got := lines(t, log); !slices.Equal(got, want) {
		t.Errorf("after %d kills: %d sightings, want %d", kills, len(got), len(want))
	}
	if kills < 3 {
		t.Errorf("only %d kills", kills)
	}
	t.Logf("%d kills, %d requests for %d files", kills, len(srv.visitors()), 150)
}
