package demo

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// maxMail bounds one mail, in bytes, and maxMails how many are kept.
const (
	maxMail  = 16 << 20
	maxMails = 5000
)

// Received is one mail as the mailbox got it.
type Received struct {
	N    int // from 1 on
	At   time.Time
	From string   // of the envelope
	To   []string // of the envelope
	Raw  []byte
}

// Mailbox takes every mail by SMTP, sends none on, and shows what it got on a page.
type Mailbox struct {
	site
	SMTPAddr string
	SMTPURL  string // what mail.smtp of the configuration takes

	listener net.Listener
	smtp     *smtp.Server
	smtpDone chan struct{}

	mu    sync.Mutex
	mails []Received
	hints []Hint
}

// Hint is a line above the list of mails: what to do next.
type Hint struct{ Text, Label, URL string }

// StartMailbox listens on two loopback addresses; port 0 takes a free one.
func StartMailbox(smtpAddr, httpAddr string) (*Mailbox, error) {
	m := &Mailbox{smtpDone: make(chan struct{})}
	l, err := listenLoopback(smtpAddr)
	if err != nil {
		return nil, err
	}
	m.SMTPAddr, m.SMTPURL = l.Addr().String(), "smtp://"+l.Addr().String()
	m.smtp = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &delivery{m: m}, nil }))
	m.smtp.Domain, m.smtp.MaxMessageBytes, m.smtp.MaxRecipients = "mailbox.example", maxMail, 100
	m.smtp.ReadTimeout, m.smtp.WriteTimeout = time.Minute, time.Minute
	m.smtp.ErrorLog = silent{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", m.list)
	mux.HandleFunc("GET /mail/{n}", m.show)
	mux.HandleFunc("GET /mail/{n}/raw", m.raw)
	mux.HandleFunc("GET /mail/{n}/part/{k}", m.part)
	if err := m.start(httpAddr, mux); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	m.listener = l
	go func() {
		defer close(m.smtpDone)
		_ = m.smtp.Serve(l)
	}()
	return m, nil
}

// Close stops both servers.
func (m *Mailbox) Close() error {
	// When Serve has not taken the listener yet, the server cannot close it.
	_ = m.listener.Close()
	err := m.smtp.Close()
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	<-m.smtpDone
	return errors.Join(err, m.site.Close())
}

// Hint sets the lines above the list.
func (m *Mailbox) Hint(hints ...Hint) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hints = hints
}

// Mails returns what was received, oldest first.
func (m *Mailbox) Mails() []Received {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Received(nil), m.mails...)
}

func (m *Mailbox) keep(r Received) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.mails) >= maxMails {
		return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 2, 2}, Message: "mailbox full"}
	}
	r.N, r.At = len(m.mails)+1, time.Now()
	m.mails = append(m.mails, r)
	return nil
}

// silent drops what the mail server would write to standard error: broken connections are nothing to tell.
type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

// delivery is one SMTP conversation.
type delivery struct {
	m    *Mailbox
	from string
	to   []string
}

func (d *delivery) Mail(from string, _ *smtp.MailOptions) error { d.from = from; return nil }

func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error {
	d.to = append(d.to, to)
	return nil
}

func (d *delivery) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("read mail: %w", err)
	}
	return d.m.keep(Received{From: d.from, To: append([]string(nil), d.to...), Raw: b})
}

func (d *delivery) Reset()        { d.from, d.to = "", nil }
func (d *delivery) Logout() error { return nil }

func (m *Mailbox) list(w http.ResponseWriter, _ *http.Request) {
	m.mu.Lock()
	mails, hints := append([]Received(nil), m.mails...), m.hints
	m.mu.Unlock()
	rows := make([]letterView, 0, len(mails))
	for i := len(mails) - 1; i >= 0; i-- {
		rows = append(rows, view(mails[i]))
	}
	m.page(w, http.StatusOK, "mailbox.html", map[string]any{"Mails": rows, "Hints": hints})
}

// find returns the mail that the path names.
func (m *Mailbox) find(r *http.Request) (Received, bool) {
	n, err := strconv.Atoi(r.PathValue("n"))
	m.mu.Lock()
	defer m.mu.Unlock()
	if err != nil || n < 1 || n > len(m.mails) {
		return Received{}, false
	}
	return m.mails[n-1], true
}

func (m *Mailbox) show(w http.ResponseWriter, r *http.Request) {
	mail, ok := m.find(r)
	if !ok {
		http.NotFound(w, r)
		return
	}
	m.page(w, http.StatusOK, "mail.html", view(mail))
}

func (m *Mailbox) raw(w http.ResponseWriter, r *http.Request) {
	mail, ok := m.find(r)
	if !ok {
		http.NotFound(w, r)
		return
	}
	// Shown as text, whatever the mail claims to be.
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.Copy(w, bytes.NewReader(mail.Raw))
}

func (m *Mailbox) part(w http.ResponseWriter, r *http.Request) {
	mail, ok := m.find(r)
	k, err := strconv.Atoi(r.PathValue("k"))
	v := letterView{}
	if ok {
		v = view(mail)
	}
	if !ok || err != nil || k < 0 || k >= len(v.Parts) {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(v.Parts[k].Text))
}
