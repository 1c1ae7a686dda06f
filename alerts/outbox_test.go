package alerts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"unmirror/internal/post"
	"unmirror/internal/post/posttest"
	"unmirror/store/storetest"
)

func TestEachOutcome(t *testing.T) {
	t.Parallel()
	fail := func(o post.Outcome, step post.Step, code int) func() post.Result {
		return func() post.Result {
			return post.Result{Outcome: o, Step: step, Code: code, Text: "no " + anna + " here"}
		}
	}
	w := newWorld(t)
	w.enrol(anna, AtOnce)
	w.happens("case_1", "confirmed")
	w.answer = fail(post.Deferred, post.StepRcpt, 450)
	first := w.deliver(1)[0]
	if _, err := w.a.News(t.Context(), w.token(first, "news")); !errors.Is(err, ErrToken) {
		t.Error("a mail that surely did not arrive left a working link")
	}
	w.deliver(0)
	w.pass(backOff[0])
	w.answer = fail(post.Unknown, post.StepBody, 0)
	cut := w.deliver(1)[0]
	if cut.header.Get("Message-ID") != first.header.Get("Message-ID") || w.token(cut, "news") == w.token(first, "news") {
		t.Error("a second try has the same Message-ID and fresh links")
	}
	w.pass(100 * time.Hour)
	w.deliver(0) // a person decides
	if _, err := w.a.News(t.Context(), w.token(cut, "news")); err != nil {
		t.Error("a mail that may have arrived must have working links")
	}
	row := w.mails()[0]
	if row.State != "unknown" || row.Attempt != 2 || row.Reason != "unknown at body" {
		t.Errorf("got %+v", row)
	}
	if err := w.a.Resolve(t.Context(), "user_1", row.ID, "retry"); err != nil {
		t.Fatal(err)
	}
	w.answer = fail(post.Refused, post.StepRcpt, 550)
	w.deliver(1)
	if row = w.mails()[0]; row.State != "failed" || row.Reason != "refused at rcpt (550)" {
		t.Errorf("got %+v", row)
	}
	if err := w.a.Resolve(t.Context(), "user_1", row.ID, "sent"); err != nil || w.mails()[0].State != "sent" {
		t.Errorf("%v, %+v", err, w.mails()[0])
	}
	if err := w.a.Resolve(t.Context(), "user_1", row.ID, "retry"); !errors.Is(err, ErrState) {
		t.Errorf("a sent mail was sent again: %v", err)
	}
}

func (w *world) mails() []MailRow {
	w.t.Helper()
	rows, err := w.a.Mails(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return rows
}

func TestGivesUpAfterDays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.enrol(anna, AtOnce)
	w.happens("case_1", "confirmed")
	w.answer = func() post.Result { return post.Result{Outcome: post.Deferred, Step: post.StepMail, Code: 451} }
	began, tries := w.now(), 0
	for i := 0; i < 20; i++ {
		w.deliver(1)
		tries++
		if w.mails()[0].State == "failed" {
			break
		}
		w.pass(w.mails()[0].NextAttempt.Sub(w.now()))
	}
	if took := w.now().Sub(began); w.mails()[0].State != "failed" || took < 36*time.Hour || took > 5*24*time.Hour {
		t.Errorf("%s after %s", w.mails()[0].State, took)
	}
	if tries != len(backOff)+1 {
		t.Errorf("gave up after %d tries: one for each of %d waits is due, and the first", tries, len(backOff))
	}
}

func TestServerThatIsDownIsAskedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 5 {
		w.subscribe(fmt.Sprintf("p%d@mail.invalid.example", i), leak, AtOnce)
	}
	w.answer = func() post.Result { return post.Result{Outcome: post.Deferred, Step: post.StepConnect} }
	w.deliver(1)
	w.answer = nil
	w.deliver(4)
	w.pass(time.Minute)
	w.deliver(1)
}

// A process that dies at any point of a delivery must neither lose an alert nor send one twice by itself.
func TestCrashBetweenSteps(t *testing.T) {
	t.Parallel()
	t.Run("after the news was told", func(t *testing.T) {
		w := newWorld(t)
		w.enrol(anna, AtOnce)
		w.happens("case_1", "confirmed")
		if err := w.a.tellUntold(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.reopen()
		w.deliver(1)
		w.deliver(0)
	})
	t.Run("after the attempt was opened", func(t *testing.T) {
		w := newWorld(t)
		w.enrol(anna, AtOnce)
		w.happens("case_1", "confirmed")
		if err := w.a.tellUntold(t.Context()); err != nil {
			t.Fatal(err)
		}
		if m, err := w.a.claim(t.Context()); err != nil || m == nil {
			t.Fatalf("%v %v", m, err)
		}
		w.reopen()
		if n, err := w.a.Recover(t.Context()); n != 1 || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		w.pass(200 * time.Hour)
		w.deliver(0)
		if w.mails()[0].State != "unknown" {
			t.Errorf("got %+v", w.mails()[0])
		}
		if err := w.a.Resolve(t.Context(), "user_1", w.mails()[0].ID, "retry"); err != nil {
			t.Fatal(err)
		}
		w.deliver(1)
	})
	t.Run("after the server took it", func(t *testing.T) {
		w := newWorld(t)
		w.enrol(anna, AtOnce)
		w.happens("case_1", "confirmed")
		if err := w.a.tellUntold(t.Context()); err != nil {
			t.Fatal(err)
		}
		m, err := w.a.claim(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		w.a.send(t.Context(), m)
		w.reopen()
		w.pass(cutAfter + time.Minute) // also without Recover
		w.deliver(0)
		if w.mails()[0].State != "unknown" || len(w.sent) != 2 {
			t.Errorf("got %+v, %d sent", w.mails()[0], len(w.sent))
		}
	})
	t.Run("a claimed mail is nobody else's", func(t *testing.T) {
		w := newWorld(t)
		w.subscribe(anna, leak, AtOnce)
		if m, err := w.a.claim(t.Context()); err != nil || m == nil {
			t.Fatal(err)
		}
		if m, err := w.a.claim(t.Context()); err != nil || m != nil {
			t.Fatalf("claimed twice: %v, %v", m, err)
		}
	})
}

// Two daemons' worth of deliverers on one record send each mail once.
func TestTwoDeliverersSendEachMailOnce(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	s := posttest.NewServer(t)
	p, err := post.New(post.Config{URL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	var both [2]*Alerts
	for i := range both {
		if both[i], err = New(st, Options{PublicURL: "https://alerts.example.org", From: "post@alerts.example.org", Send: p.Send}); err != nil {
			t.Fatal(err)
		}
	}
	const people = 24
	for i := range people {
		if err := both[0].Subscribe(t.Context(), fmt.Sprintf("p%d@mail.invalid.example", i), leak, "en", AtOnce, "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for _, a := range both {
		wg.Go(func() {
			if _, err := a.Deliver(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	seen := map[string]int{}
	for _, m := range s.Mails() {
		seen[m.To[0]]++
	}
	if len(seen) != people || len(s.Mails()) != people {
		t.Errorf("%d mails to %d people, want %d", len(s.Mails()), len(seen), people)
	}
}

func TestStoppingLetsABegunMailEnd(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	s := posttest.NewServer(t)
	s.Fail(post.StepBody, posttest.Failure{Delay: 300 * time.Millisecond})
	p, err := post.New(post.Config{URL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	a, err := New(st, Options{PublicURL: "https://alerts.example.org", From: "post@alerts.example.org",
		Send: func(ctx context.Context, from string, to []string, msg []byte) post.Result {
			stop()
			return p.Send(ctx, from, to, msg)
		}})
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{anna, "b@mail.invalid.example"} {
		if err := a.Subscribe(t.Context(), address, leak, "nl", AtOnce, "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := a.Deliver(ctx); n != 1 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	counts, err := a.Counts(t.Context())
	if err != nil || counts["mail.sent"] != 1 || counts["mail.queued"] != 1 {
		t.Errorf("%v, %v", counts, err)
	}
}

func TestLeavingStopsWhatIsOnItsWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.enrol(anna, AtOnce)
	w.happens("case_1", "confirmed")
	alert := w.deliver(1)[0]
	w.happens("case_2", "confirmed")
	if err := w.a.tellUntold(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := w.a.Unsubscribe(t.Context(), w.token(alert, "unsubscribe")); err != nil {
		t.Fatal(err)
	}
	w.deliver(0)
}

func TestDataFolderHoldsNoAddressAndNoLink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.enrol(anna, AtOnce)
	w.happens("case_1", "confirmed")
	w.happens("case_1", "gone")
	w.answer = func() post.Result {
		return post.Result{Outcome: post.Refused, Step: post.StepRcpt, Code: 550, Text: "550 <" + anna + "> unknown"}
	}
	w.deliver(1)
	secrets := []string{anna, strings.ToUpper(anna), "anna.peeters", host, "192.0.2.7"}
	for _, m := range w.sent {
		for _, f := range link.FindAllStringSubmatch(m.body, -1) {
			secrets = append(secrets, f[2])
		}
	}
	err := filepath.WalkDir(w.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, s := range secrets {
			if bytes.Contains(b, []byte(s)) {
				t.Errorf("%s holds %q", d.Name(), s)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	counts, err := w.a.Counts(t.Context())
	if err != nil || counts["subscription.confirmed"] != 1 || counts["mail.failed"] != 1 || counts["mail.sent"] != 1 {
		t.Errorf("%v, %v", counts, err)
	}
}

func TestThroughARealMailServer(t *testing.T) {
	t.Parallel()
	s := posttest.NewServer(t)
	p, err := post.New(post.Config{URL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	st := storetest.New(t)
	a, err := New(st, Options{PublicURL: "https://alerts.example.org", From: "post@alerts.example.org", Name: "Médiation é", Send: p.Send})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Subscribe(t.Context(), anna, leak, "fr", AtOnce, "192.0.2.1"); err != nil {
		t.Fatal(err)
	}
	if n, err := a.Deliver(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	got := s.Wait(1, time.Minute)[0]
	m := decode(t, got.To[0], got.Bytes)
	from, err := m.header.AddressList("From")
	if err != nil || from[0].Name != "Médiation é" || from[0].Address != got.From || m.to != anna || !strings.Contains(m.body, "Désolé") && !strings.Contains(m.body, "Bonjour") {
		t.Errorf("got %+v, %v", m.header, err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	send := func(context.Context, string, []string, []byte) post.Result { return post.Result{} }
	for name, o := range map[string]Options{"no address": {}, "no host": {PublicURL: "https://"}, "no sender": {PublicURL: "https://x.example", Send: send},
		"named sender": {PublicURL: "https://x.example", Send: send, From: "A <a@x.example>"}} {
		if _, err := New(st, o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	a, err := New(st, Options{PublicURL: "http://127.0.0.1:8080"})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a.Languages(), languages) {
		t.Error("languages")
	}
	if err := a.Subscribe(t.Context(), anna, "any", "de", "", "192.0.2.1"); err != nil {
		t.Fatal(err)
	}
	if n, err := a.Deliver(t.Context()); n != 0 || err != nil {
		t.Errorf("without a mail server: %d, %v", n, err)
	}
}

func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{anna, "a@b.c", "a@b.c>", "\"a b\"@c.d", "a@[1.2.3.4]", "é@é.é", "a@b.c\r\n", "..@x.y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := parseAddress(s)
		if err != nil {
			return
		}
		if strings.ContainsAny(got, " <>\r\n\t\x00,;") || strings.Count(got, "@") != 1 {
			t.Errorf("%q gives %q", s, got)
		}
		if again, err := parseAddress(got); err != nil || again != got {
			t.Errorf("%q gives %q gives %q, %v", s, got, again, err)
		}
	})
}

func FuzzNetworkNeverPanics(f *testing.F) {
	for _, s := range []string{"192.0.2.1", "192.0.2.1:80", "[2001:db8::1%eth0]:80", "::ffff:192.0.2.9", "", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(_ *testing.T, s string) { network(s) })
}

func TestAStrangersNewsLinkLooksAtNothingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	asked := 0
	w.a.o.Places = func(context.Context) ([]Place, error) { asked++; return nil, nil }
	if _, err := w.a.News(t.Context(), "no such link"); !errors.Is(err, ErrToken) || asked != 0 {
		t.Errorf("got %v after the places were listed %d times", err, asked)
	}
	w.enrol(anna, AtOnce)
	w.happens("case_1", "confirmed")
	if _, err := w.a.News(t.Context(), w.token(w.deliver(1)[0], "news")); err != nil || asked != 1 {
		t.Errorf("got %v after the places were listed %d times", err, asked)
	}
}
