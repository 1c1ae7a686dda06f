package takedown_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"unmirror/internal/post"
	"unmirror/internal/post/posttest"
	"unmirror/takedown"
)

// failures are all that can go wrong on the way to a mail server, and how the attempt stands after one try. kept is whether the server has
// the mail all the same.
func failures() []failure {
	out := []failure{
		{name: "answers after DATA, too late", step: post.StepBody, f: posttest.Failure{Delay: hang, Keep: true}, want: takedown.AttemptUnknown, kept: true},
		{name: "dropped in the message", step: post.StepBody, f: posttest.Failure{Drop: true, After: 10}, want: takedown.AttemptUnknown},
		{name: "dropped after the message", step: post.StepBody, f: posttest.Failure{Drop: true}, want: takedown.AttemptUnknown},
		{name: "dropped after it was taken", step: post.StepBody, f: posttest.Failure{Drop: true, Keep: true}, want: takedown.AttemptUnknown, kept: true},
		{name: "slow", step: post.StepBody, f: posttest.Failure{Delay: 50 * time.Millisecond}, want: takedown.AttemptSent, kept: true},
		{name: "STARTTLS breaks", step: post.StepStartTLS, f: posttest.Failure{Drop: true}, want: takedown.AttemptDeferred, opts: []posttest.Option{posttest.StartTLS()}},
		{name: "STARTTLS refused", step: post.StepStartTLS, f: posttest.Failure{Code: 454}, want: takedown.AttemptDeferred, opts: []posttest.Option{posttest.StartTLS()}},
		{name: "STARTTLS stripped", want: takedown.AttemptDeferred, change: func(c *post.Config) { c.TLS = post.TLSRequire }},
		{name: "a certificate that nobody vouches for", want: takedown.AttemptDeferred, opts: []posttest.Option{posttest.StartTLS()},
			change: func(c *post.Config) { c.TLS, c.Roots = post.TLSRequire, nil }},
		{name: "log-in refused", want: takedown.AttemptDeferred, opts: []posttest.Option{posttest.Auth("um", "right")}, change: func(c *post.Config) {
			c.URL, c.Password = "smtp://um@"+c.URL[len("smtp://"):], "wrong"
		}},
		{name: "nobody listens", want: takedown.AttemptDeferred, change: func(c *post.Config) { c.URL = "smtp://127.0.0.1:1" }},
	}
	for _, step := range []post.Step{post.StepConnect, post.StepHello, post.StepMail, post.StepRcpt, post.StepData, post.StepBody} {
		good := takedown.AttemptFailed
		if step == post.StepConnect || step == post.StepHello {
			good = takedown.AttemptDeferred // it is no verdict on this message
		}
		out = append(out,
			failure{name: "refused for now at " + string(step), step: step, f: posttest.Failure{Code: 451}, want: takedown.AttemptDeferred},
			failure{name: "refused for good at " + string(step), step: step, f: posttest.Failure{Code: 554}, want: good})
		if step != post.StepBody {
			out = append(out,
				failure{name: "dropped at " + string(step), step: step, f: posttest.Failure{Drop: true}, want: takedown.AttemptDeferred},
				failure{name: "silent at " + string(step), step: step, f: posttest.Failure{Delay: hang}, want: takedown.AttemptDeferred})
		}
	}
	return out
}

type failure struct {
	name   string
	step   post.Step
	f      posttest.Failure
	opts   []posttest.Option
	change func(*post.Config)
	want   takedown.AttemptState
	kept   bool
}

// TestNoFailureSendsTwiceOrLosesANotice tries each failure on one approved notice: after it the notice is where it can still go out, the
// server has it at most once, and runs that follow send again only what surely was not taken. What is unknown waits for a person.
func TestNoFailureSendsTwiceOrLosesANotice(t *testing.T) {
	for i, c := range failures() {
		if raceDetector && c.want == takedown.AttemptDeferred && i%2 == 1 {
			continue // the race detector makes each many times slower, and these end alike
		}
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			s := posttest.NewServer(t, c.opts...)
			w.mail = s
			send := func(change func(*post.Config)) {
				cfg := post.Config{URL: s.URL, Roots: s.Roots, Timeouts: patient}
				if change != nil {
					change(&cfg)
				}
				w.o.Send = must(post.New(cfg))(t).Send
				w.d = must(takedown.New(w.o))(t)
			}
			send(c.change)
			n := w.approved(fmt.Sprintf("https://files.host.example/%d.zip", i))
			if c.step != "" {
				s.Fail(c.step, c.f)
			}
			if c.f.Delay == hang { // only what is to be ended by a time-out has a short one
				send(func(cfg *post.Config) {
					if c.step == post.StepBody {
						cfg.Timeouts.Final = time.Second
					} else {
						cfg.Timeouts.Command = 1500 * time.Millisecond
					}
				})
			}
			w.deliver()
			a := w.attempts()
			if len(a) != 1 || a[0].State != c.want || a[0].Attempt != 1 {
				t.Fatalf("%+v, want %s", a, c.want)
			}
			if got := len(s.Mails()); got != map[bool]int{true: 1}[c.kept] {
				t.Fatalf("the server holds %d", got)
			}
			s.Mend()
			healthy := func(cfg *post.Config) {
				if c.change != nil && c.opts != nil && cfg.URL == s.URL && c.name == "log-in refused" {
					cfg.URL, cfg.Password = "smtp://um@"+cfg.URL[len("smtp://"):], "right"
				}
			}
			send(healthy)
			w.clock.pass(time.Hour)
			w.deliver()
			w.deliver()
			switch c.want {
			case takedown.AttemptUnknown:
				if a := w.attempts()[0]; a.State != takedown.AttemptUnknown || a.Attempt != 1 || w.notice(n.ID).State != takedown.NoticeUnknown {
					t.Fatalf("without a person it became %+v", a)
				}
				answer := map[bool]string{true: "sent", false: "retry"}[c.kept]
				if err := w.d.Resolve(t.Context(), anna, w.attempts()[0].ID, answer); err != nil {
					t.Fatal(err)
				}
				w.deliver()
			case takedown.AttemptFailed:
				if w.notice(n.ID).State != takedown.NoticeFailed {
					t.Fatalf("the notice is %s", w.notice(n.ID).State)
				}
				if err := w.d.Resolve(t.Context(), anna, w.attempts()[0].ID, "retry"); err != nil {
					t.Fatal(err)
				}
				w.deliver()
			}
			if got := w.notice(n.ID).State; got != takedown.NoticeSent {
				t.Fatalf("at the end the notice is %s: %+v", got, w.attempts())
			}
			if mails := s.Mails(); len(mails) != 1 {
				t.Fatalf("the server got it %d times", len(mails))
			}
		})
	}
}

// TestNothingLeavesOverBrokenTLS: a server whose certificate has run out, or that cannot shake hands, gets nothing.
func TestNothingLeavesOverBrokenTLS(t *testing.T) {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(-24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der := must(x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key))(t)
	roots := x509.NewCertPool()
	roots.AddCert(must(x509.ParseCertificate(der))(t))
	for name, certificates := range map[string][]tls.Certificate{"expired": {{Certificate: [][]byte{der}, PrivateKey: key}}, "none": nil} {
		t.Run(name, func(t *testing.T) {
			l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
			defer l.Close()
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					go func() {
						defer c.Close()
						_ = tls.Server(c, &tls.Config{Certificates: certificates}).Handshake()
					}()
				}
			}()
			w := newWorld(t)
			w.o.Send = must(post.New(post.Config{URL: "smtps://" + l.Addr().String(), Roots: roots,
				Timeouts: patient}))(t).Send
			w.d = must(takedown.New(w.o))(t)
			w.approved(where)
			w.deliver()
			if a := w.attempts(); a[0].State != takedown.AttemptDeferred || !strings.Contains(a[0].Reason, "TLS") {
				t.Fatalf("%+v", a)
			}
		})
	}
}

// TestMailsToOneDomainKeepTheirPace: some time lies between two mails to one domain, also across runs; other domains do not wait.
func TestMailsToOneDomainKeepTheirPace(t *testing.T) {
	w := newWorld(t, func(o *takedown.Options) { o.PerDomain = 10 * time.Second })
	w.post()
	w.approved(where)
	w.rungs.found[0].Email = "abuse@eu.host.example"
	w.approved("https://files.host.example/b.zip")
	w.rungs.found[0].Email = "abuse@other.example"
	w.approved("https://other.example/c.zip")
	if n := w.mailsAfter(0); n != 2 {
		t.Fatalf("%d left at once, want one for each domain", n)
	}
	if n := w.mailsAfter(5 * time.Second); n != 2 {
		t.Fatalf("%d after half the time", n)
	}
	if n := w.mailsAfter(5 * time.Second); n != 3 {
		t.Fatalf("%d after the whole time", n)
	}
	for _, a := range w.attempts() {
		if a.State != takedown.AttemptSent || a.Attempt != 1 {
			t.Errorf("waiting cost a try: %+v", a)
		}
	}
}

func (w *world) mailsAfter(d time.Duration) int {
	w.t.Helper()
	w.clock.pass(d)
	// The test's clock stands still, so that a run gives up waiting for a turn at once.
	must(w.d.Deliver(w.t.Context()))(w.t)
	return len(w.mail.Mails())
}
