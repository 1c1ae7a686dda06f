package mailbox_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"unmirror/internal/mailbox"
	"unmirror/internal/mailbox/mailboxtest"
)

func open(t *testing.T, url string, change ...func(*mailbox.Config)) *mailbox.Box {
	t.Helper()
	c := mailbox.Config{URL: url, Password: mailboxtest.Password, Timeout: 10 * time.Minute} // it ends nothing but a hang
	for _, f := range change {
		f(&c)
	}
	b, err := mailbox.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func mail(n int) []byte {
	return fmt.Appendf(nil, "From: a@host.example\r\nSubject: mail %d\r\n\r\nbody %d\r\n", n, n)
}

// reader takes mails and keeps the mark with them, as a record does.
type reader struct {
	mark mailbox.Mark
	got  []string
	fail func(n int) error
}

func (r *reader) read(t *testing.T, b *mailbox.Box) (int, error) {
	t.Helper()
	return b.Read(t.Context(), r.mark, func(_ context.Context, m mailbox.Mail) error {
		if r.fail != nil {
			if err := r.fail(len(r.got)); err != nil {
				return err
			}
		}
		r.got, r.mark = append(r.got, string(m.Raw)), m.Mark
		return nil
	})
}

func TestEachMailIsReadOnceInItsOrder(t *testing.T) {
	s := mailboxtest.NewServer(t, nil)
	b, r := open(t, s.URL), &reader{}
	for i := range 3 {
		s.Deliver(mail(i))
	}
	if n, err := r.read(t, b); err != nil || n != 3 {
		t.Fatalf("%d, %v", n, err)
	}
	if n, err := r.read(t, b); err != nil || n != 0 {
		t.Fatalf("again: %d, %v", n, err)
	}
	s.Deliver(mail(3), imap.FlagSeen) // a person read it first: it is an answer all the same
	if n, err := r.read(t, b); err != nil || n != 1 || r.got[3] != string(mail(3)) {
		t.Fatalf("%d, %v, %q", n, err, r.got)
	}
	if !slices.IsSorted(r.got) {
		t.Errorf("order: %q", r.got)
	}
}

func TestAMailboxThatWasNeverReadGivesWhatIsUnread(t *testing.T) {
	s := mailboxtest.NewServer(t, nil)
	s.Deliver(mail(0), imap.FlagSeen)
	s.Deliver(mail(1))
	r := &reader{}
	if n, err := r.read(t, open(t, s.URL)); err != nil || n != 1 || r.got[0] != string(mail(1)) {
		t.Fatalf("%d, %v, %q", n, err, r.got)
	}
}

// Somebody who reads the same mailbox may be quicker than the first reading: answers count from the first notice on.
func TestAMailboxThatWasNeverReadAlsoGivesWhatCameSinceTheFirstNotice(t *testing.T) {
	since := func(at time.Time) func(*mailbox.Config) { return func(c *mailbox.Config) { c.From = at } }
	for _, c := range []struct {
		from time.Time
		want int
	}{{time.Now(), 2}, {time.Now().Add(-72 * time.Hour), 2}, {time.Now().Add(72 * time.Hour), 1}} {
		s := mailboxtest.NewServer(t, nil)
		s.Deliver(mail(0), imap.FlagSeen)
		s.Deliver(mail(1))
		r := &reader{}
		if n, err := r.read(t, open(t, s.URL, since(c.from))); err != nil || n != c.want {
			t.Errorf("from %s: %d, %v", c.from, n, err)
		}
	}
}

func TestWhatWasNotTakenComesAgain(t *testing.T) {
	s := mailboxtest.NewServer(t, nil)
	b := open(t, s.URL)
	for i := range 4 {
		s.Deliver(mail(i))
	}
	broken := errors.New("disk full")
	r := &reader{fail: func(n int) error {
		if n == 2 {
			return broken
		}
		return nil
	}}
	if n, err := r.read(t, b); !errors.Is(err, broken) || n != 2 {
		t.Fatalf("%d, %v", n, err)
	}
	r.fail = nil
	if n, err := r.read(t, b); err != nil || n != 2 || len(r.got) != 4 {
		t.Fatalf("%d, %v, %q", n, err, r.got)
	}
}

func TestAnotherValidityGivesAllOfThemAgain(t *testing.T) {
	s := mailboxtest.NewServer(t, nil)
	b, r := open(t, s.URL), &reader{}
	for i := range 5 {
		s.Deliver(mail(i))
	}
	if _, err := r.read(t, b); err != nil {
		t.Fatal(err)
	}
	s.Rebuild()
	s.Deliver(mail(4))
	s.Deliver(mail(5))
	if n, err := r.read(t, b); err != nil || n != 2 || r.got[6] != string(mail(5)) {
		t.Fatalf("%d, %v, %q", n, err, r.got)
	}
}

func TestALargeMailComesCut(t *testing.T) {
	s := mailboxtest.NewServer(t, nil)
	s.Deliver([]byte("Subject: x\r\n\r\n" + strings.Repeat("abcdefgh\r\n", 2000)))
	s.Deliver(mail(1))
	b := open(t, s.URL, func(c *mailbox.Config) { c.MaxBytes = 1000 })
	var sizes []int
	_, err := b.Read(t.Context(), mailbox.Mark{}, func(_ context.Context, m mailbox.Mail) error {
		if m.Cut != (len(sizes) == 0) {
			t.Errorf("mail %d: cut %v", len(sizes), m.Cut)
		}
		sizes = append(sizes, len(m.Raw))
		return nil
	})
	if err != nil || len(sizes) != 2 || sizes[0] != 1000 {
		t.Fatalf("%v, %v", sizes, err)
	}
}

func TestAWrongPasswordIsTold(t *testing.T) {
	s := mailboxtest.NewServer(t, nil)
	b := open(t, s.URL, func(c *mailbox.Config) { c.Password = "wrong-but-secret" })
	_, err := b.Read(t.Context(), mailbox.Mark{}, nil)
	if err == nil || !strings.Contains(err.Error(), "log in") && !strings.Contains(err.Error(), "the server answered NO") || strings.Contains(err.Error(), "secret") {
		t.Fatalf("%v", err)
	}
}

func TestASilentServerIsGivenUp(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for name, greet := range map[string]string{"no greeting": "", "silent after it": "* OK ready\r\n"} {
		go func() {
			if c, err := l.Accept(); err == nil {
				_, _ = c.Write([]byte(greet))
				<-t.Context().Done()
				c.Close()
			}
		}()
		b := open(t, "imap://a@"+l.Addr().String(), func(c *mailbox.Config) { c.Timeout = 200 * time.Millisecond })
		if _, err := b.Read(t.Context(), mailbox.Mark{}, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestAServerThatTalksWithoutEndIsCut(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		_, _ = c.Write([]byte("* OK ready\r\n"))
		for line := []byte(strings.Repeat("* OK x\r\n", 1000)); ; {
			if _, err := c.Write(line); err != nil {
				return
			}
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	if _, err := open(t, "imap://a@"+l.Addr().String()).Read(ctx, mailbox.Mark{}, nil); err == nil || ctx.Err() != nil {
		t.Fatalf("%v", err)
	}
}

func TestConfigurationsThatWouldShowThePasswordAreRefused(t *testing.T) {
	for _, c := range []mailbox.Config{
		{}, {URL: "http://a@host"}, {URL: "imap://host", Password: "p"}, {URL: "imap://a@host"}, {URL: "imap://a@mail.example", Password: "p", TLS: "none"},
		{URL: "imaps://a@127.0.0.1", Password: "p", TLS: "none"}, {URL: "imap://a:hunter2@ho st"}, {URL: "imap://a@host", Password: "p", TLS: "maybe"},
	} {
		if _, err := mailbox.New(c); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestAnEndingContextEndsIt(t *testing.T) {
	s := mailboxtest.NewServer(t, nil)
	s.Deliver(mail(0))
	s.Deliver(mail(1))
	ctx, cancel := context.WithCancel(t.Context())
	n, err := open(t, s.URL).Read(ctx, mailbox.Mark{}, func(context.Context, mailbox.Mail) error { cancel(); return nil })
	if n != 1 || !errors.Is(err, context.Canceled) {
		t.Fatalf("%d, %v", n, err)
	}
}
