package operator

import (
	"context"
	"mime"
	"net/mail"
	"strings"
	"testing"
	"time"

	"io"
	"mime/quotedprintable"

	"unmirror/internal/post"
	"unmirror/store"
	"unmirror/store/storetest"
)

type server struct {
	answer post.Result
	got    [][]byte
	to     []string
}

func (s *server) send(_ context.Context, _ string, to []string, msg []byte) post.Result {
	s.got, s.to = append(s.got, msg), append(s.to, to...)
	return s.answer
}

func queue(t *testing.T, st *store.Store, m *Mailbox, n News) {
	t.Helper()
	if err := st.Write(t.Context(), func(tx *store.Tx) error { return m.Queue(tx, n) }); err != nil {
		t.Fatal(err)
	}
}

func TestTheMailSaysWhichSourceAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"nl", "fr", "de", "en", ""} {
		st := storetest.New(t)
		s := &server{answer: post.Result{Outcome: post.Sent, Step: post.StepData}}
		m := New(st, Options{To: "dpo@org.example", From: "watch@org.example", Name: "Watch", Language: lang, PublicURL: "https://desk.example", Send: s.send})
		for why := range words("en").why {
			queue(t, st, m, News{Source: "pastes", Why: why, Silent: true, At: time.Now()})
			queue(t, st, m, News{Source: "pastes", Why: why, At: time.Now()})
		}
		n, err := m.Deliver(t.Context())
		if err != nil || n != 16 || len(s.got) != 16 || s.to[0] != "dpo@org.example" {
			t.Fatalf("%d, %v, %v", n, err, s.to)
		}
		for _, raw := range s.got {
			msg, err := mail.ReadMessage(strings.NewReader(string(raw)))
			if err != nil {
				t.Fatal(err)
			}
			subject, _ := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
			body, err := io.ReadAll(quotedprintable.NewReader(msg.Body))
			if err != nil || !strings.Contains(subject, "pastes") || !strings.Contains(string(body), "https://desk.example/sources") || strings.Contains(string(body), "{") || strings.Contains(string(body), ": \r\n") {
				t.Errorf("%s: %s\n%s", lang, subject, body)
			}
			if msg.Header.Get("Auto-Submitted") != "auto-generated" || msg.Header.Get("Date") == "" {
				t.Errorf("header %v", msg.Header)
			}
		}
		if n, err := m.Deliver(t.Context()); n != 0 || err != nil {
			t.Errorf("sent %d twice, %v", n, err)
		}
	}
}

func TestWhatWasCutWaitsForAPerson(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	s := &server{answer: post.Result{Outcome: post.Unknown, Step: post.StepData}}
	m := New(st, Options{To: "dpo@org.example", From: "watch@org.example", Send: s.send})
	queue(t, st, m, News{Source: "pastes", Why: "late", Silent: true, At: time.Now()})
	if _, err := m.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	rows, err := m.Mails(t.Context())
	if err != nil || len(rows) != 1 || rows[0].State != "unknown" {
		t.Fatalf("%+v, %v", rows, err)
	}
	if n, _ := m.Deliver(t.Context()); n != 0 {
		t.Error("it was sent again without a person")
	}
	if ok, err := m.Has(t.Context(), rows[0].ID); !ok || err != nil {
		t.Error("it is nobody's")
	}
	if err := m.Resolve(t.Context(), "operator", "mail_x", "sent"); err == nil {
		t.Error("resolved what is not there")
	}
	if err := m.Resolve(t.Context(), "operator", rows[0].ID, "retry"); err != nil {
		t.Fatal(err)
	}
	s.answer = post.Result{Outcome: post.Deferred, Step: post.StepConnect}
	if n, _ := m.Deliver(t.Context()); n != 1 {
		t.Error("a retry was not sent")
	}
	if rows, _ = m.Mails(t.Context()); rows[0].State != "deferred" || !rows[0].NextAttempt.After(time.Now()) {
		t.Errorf("%+v", rows)
	}
	if err := m.Resolve(t.Context(), "operator", rows[0].ID, "retry"); err == nil {
		t.Error("a waiting mail was resolved")
	}
}

func TestHoldAndMissingAddressSendNothing(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	s := &server{answer: post.Result{Outcome: post.Sent}}
	held := New(st, Options{To: "dpo@org.example", From: "watch@org.example", Send: s.send, Held: func(context.Context) bool { return true }})
	queue(t, st, held, News{Source: "a", Why: "late", Silent: true, At: time.Now()})
	nobody := New(st, Options{From: "watch@org.example", Send: s.send})
	queue(t, st, nobody, News{Source: "b", Why: "late", Silent: true, At: time.Now()})
	for _, m := range []*Mailbox{held, nobody} {
		if n, err := m.Deliver(t.Context()); n != 0 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}
	if rows, _ := held.Mails(t.Context()); len(rows) != 1 || len(s.got) != 0 {
		t.Errorf("%+v", rows)
	}
}
