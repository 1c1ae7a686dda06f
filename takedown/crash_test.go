package takedown_test

import (
	"context"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"unmirror/internal/keyring"
	"unmirror/internal/post"
	"unmirror/internal/post/posttest"
	"unmirror/store"
	"unmirror/takedown"
	"unmirror/takedown/law"
)

// The environment of a re-executed test binary that delivers until it is killed.
const (
	crashDir  = "UNMIRROR_TEST_TAKEDOWN_DIR"
	crashKeys = "UNMIRROR_TEST_TAKEDOWN_KEYS"
	crashSMTP = "UNMIRROR_TEST_TAKEDOWN_SMTP"
	crashAt   = "UNMIRROR_TEST_TAKEDOWN_AT" // "before": killed between the commit of the attempt and the first byte
)

func TestMain(m *testing.M) {
	if os.Getenv(crashDir) != "" {
		os.Exit(deliverUntilKilled())
	}
	os.Exit(m.Run())
}

// deliverUntilKilled is a process that delivers; its real clock is years after the approval's, so everything is due.
func deliverUntilKilled() int {
	ring, err := keyring.Load(os.Getenv(crashKeys))
	if err != nil {
		return 3
	}
	ctx := context.Background()
	st, err := store.Open(ctx, store.Options{Dir: os.Getenv(crashDir), Seal: ring, Sign: ring.Sign()})
	if err != nil {
		return 4
	}
	p, err := post.New(post.Config{URL: os.Getenv(crashSMTP)})
	if err != nil {
		return 5
	}
	table, err := law.Load()
	if err != nil {
		return 6
	}
	d, err := takedown.New(takedown.Options{Store: st, Law: table, Notifier: party(), Guard: (&secrets{}).guard,
		Send: func(ctx context.Context, from string, to []string, msg []byte) post.Result {
			if os.Getenv(crashAt) == "before" {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				time.Sleep(time.Minute)
			}
			return p.Send(ctx, from, to, msg)
		}})
	if err != nil {
		return 7
	}
	if _, err := d.Deliver(ctx); err != nil {
		return 8
	}
	return 0
}

func TestKillNineNeitherLosesNorDoublesAMail(t *testing.T) {
	for _, c := range []struct {
		name    string
		before  bool
		fail    posttest.Failure
		arrived int
	}{
		{"between the commit and the first byte", true, posttest.Failure{}, 0},
		{"after the body, before the answer", false, posttest.Failure{Delay: hang, Keep: true, Drop: true}, 1},
		{"within the body", false, posttest.Failure{Delay: hang, Drop: true, After: 200}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, keys := crashWorld(t)
			mail := w.post()
			n := w.approved(item)
			if err := w.st.Close(); err != nil {
				t.Fatal(err)
			}
			if !c.before {
				mail.Fail(post.StepBody, c.fail)
			}
			child := exec.CommandContext(t.Context(), os.Args[0])
			child.Env = append(os.Environ(), crashDir+"="+w.dir, crashKeys+"="+keys, crashSMTP+"="+mail.URL)
			if c.before {
				child.Env = append(child.Env, crashAt+"=before")
			}
			if err := child.Start(); err != nil {
				t.Fatal(err)
			}
			if !c.before {
				for mail.Connections() == 0 {
					time.Sleep(5 * time.Millisecond)
				}
				mail.Wait(c.arrived, time.Minute) // the answer is not on its way
				if err := child.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
			if err := child.Wait(); err == nil || child.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
				t.Fatalf("the process was not killed: %v", err)
			}
			mail.Mend()
			w.reopen()
			if a := w.attempts()[0]; a.State != takedown.AttemptOpen || a.Attempt != 1 || a.NextAttempt.IsZero() {
				t.Fatalf("after the kill the record says %+v", a)
			}
			if w.deliver() != 0 {
				t.Fatal("an open attempt was tried again by itself")
			}
			must(w.d.Recover(t.Context()))(t)
			if w.notice(n.ID).State != takedown.NoticeUnknown {
				t.Fatalf("the notice is %s, want unknown", w.notice(n.ID).State)
			}
			w.clock.pass(1000 * time.Hour)
			before := len(mail.Mails())
			if w.deliver() != 0 || before > c.arrived {
				t.Fatalf("%d mails arrived, or an unknown attempt was sent again", before)
			}
			if err := w.d.Resolve(t.Context(), anna, w.attempts()[0].ID, "retry"); err != nil {
				t.Fatal(err)
			}
			if w.deliver() != 1 || len(mail.Mails()) != before+1 {
				t.Fatal("a person's retry did not go out")
			}
			if _, _, err := w.st.VerifyAudit(t.Context(), w.ring.Public()); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// crashWorld is a world whose keys lie in a folder that another process can open.
func crashWorld(t *testing.T) (*world, string) {
	t.Helper()
	keys := t.TempDir()
	if err := keyring.Init(keys); err != nil {
		t.Fatal(err)
	}
	ring := must(keyring.Load(keys))(t)
	w := newWorld(t)
	w.ring, w.dir = ring, t.TempDir()
	w.openRecord()
	return w, keys
}

// reopen opens the record again, as after a restart.
func (w *world) reopen() {
	w.t.Helper()
	w.openRecord()
	w.clock.pass(20 * 365 * 24 * time.Hour) // later than the real clock, which the killed process wrote with
}

func (w *world) openRecord() {
	w.t.Helper()
	st, err := store.Open(w.t.Context(), store.Options{Dir: w.dir, Seal: w.ring, Sign: w.ring.Sign(), Now: w.clock.now})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = st.Close() })
	w.st, w.o.Store = st, st
	w.d = must(takedown.New(w.o))(w.t)
}
