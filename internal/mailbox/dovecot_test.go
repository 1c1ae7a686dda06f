package mailbox_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"unmirror/internal/mailbox"
	"unmirror/internal/mailbox/mailboxtest"
	"unmirror/internal/testneeds"
)

// dovecot runs a real IMAP server on loopback over a folder of mails, and returns the ports of imap and imaps, the folder of new mails
// and who vouches for its certificate.
func dovecot(t *testing.T) (plain, tls int, inbox string, roots *x509.CertPool) {
	t.Helper()
	program := testneeds.Program(t, "dovecot", "dovecot-imapd")
	if os.Geteuid() != 0 {
		testneeds.Missing(t, "dovecot needs root to run as its own accounts")
	}
	if _, err := user.Lookup("dovecot"); err != nil {
		testneeds.Missing(t, "dovecot's accounts are missing: apt-get install dovecot-imapd")
	}
	// Its sockets need a short path that its accounts may enter.
	dir, err := os.MkdirTemp("/tmp", "dc")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	inbox = filepath.Join(dir, "mail", "new")
	for _, d := range []string{dir, filepath.Join(dir, "mail"), filepath.Join(dir, "mail", "cur"), inbox, filepath.Join(dir, "mail", "tmp"), filepath.Join(dir, "run"), filepath.Join(dir, "state")} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cert, key, pool := vouched(t)
	plain, tls = testneeds.Port(t), testneeds.Port(t)
	write := func(name, text string, mode os.FileMode) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("cert.pem", cert, 0o644)
	write("key.pem", key, 0o600)
	write("users", mailboxtest.User+":{PLAIN}"+mailboxtest.Password+":65534:65534::"+dir+"\n", 0o644)
	write("dovecot.conf", fmt.Sprintf(`base_dir = %[1]s/run
state_dir = %[1]s/state
log_path = %[1]s/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <%[1]s/cert.pem
ssl_key = <%[1]s/key.pem
mail_location = maildir:%[1]s/mail
first_valid_uid = 1
passdb {
  driver = passwd-file
  args = %[1]s/users
}
userdb {
  driver = passwd-file
  args = %[1]s/users
}
service imap-login {
  chroot =
  inet_listener imap {
    port = %[2]d
  }
  inet_listener imaps {
    port = %[3]d
    ssl = yes
  }
}
service anvil {
  chroot =
}
`, dir, plain, tls), 0o644)
	if err := exec.Command("chown", "-R", "65534:65534", filepath.Join(dir, "mail")).Run(); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(program, "-F", "-c", filepath.Join(dir, "dovecot.conf"))
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(os.Interrupt)
		_ = c.Wait()
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			t.Logf("%s", log)
		}
	})
	testneeds.Listens(t, fmt.Sprintf("127.0.0.1:%d", tls))
	return plain, tls, inbox, pool
}

func vouched(t *testing.T) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	bytes, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	cert = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(cert))
	return cert, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: bytes})), pool
}

// TestARealServer reads dovecot: over TLS from the first byte, over STARTTLS, each mail once, marked and never deleted.
func TestARealServer(t *testing.T) {
	plain, tls, inbox, roots := dovecot(t)
	put := func(n int) {
		name := filepath.Join(inbox, fmt.Sprintf("%d.%d.host", time.Now().Unix(), n))
		if err := os.WriteFile(name, mail(n), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(name, 65534, 65534); err != nil {
			t.Fatal(err)
		}
	}
	put(0)
	put(1)
	r := &reader{}
	imaps := open(t, fmt.Sprintf("imaps://%s@127.0.0.1:%d", mailboxtest.User, tls), func(c *mailbox.Config) { c.Roots, c.TLS = roots, "require" })
	if n, err := r.read(t, imaps); err != nil || n != 2 {
		t.Fatalf("imaps: %d, %v", n, err)
	}
	put(2)
	starttls := open(t, fmt.Sprintf("imap://%s@127.0.0.1:%d", mailboxtest.User, plain), func(c *mailbox.Config) { c.Roots, c.TLS = roots, "require" })
	if n, err := r.read(t, starttls); err != nil || n != 1 || len(r.got) != 3 {
		t.Fatalf("STARTTLS: %d, %v", n, err)
	}
	if n, err := r.read(t, imaps); err != nil || n != 0 {
		t.Fatalf("again: %d, %v", n, err)
	}
	kept, err := filepath.Glob(filepath.Join(filepath.Dir(inbox), "cur", "*"))
	if err != nil || len(kept) != 3 {
		t.Fatalf("the server holds %d mails, %v", len(kept), err)
	}
	for _, name := range kept {
		if _, flags, _ := strings.Cut(name, ":2,"); !strings.Contains(flags, "S") {
			t.Errorf("not marked: %s", filepath.Base(name))
		}
	}
	stranger := open(t, fmt.Sprintf("imaps://%s@127.0.0.1:%d", mailboxtest.User, tls), func(c *mailbox.Config) { c.TLS = "require" })
	if _, err := stranger.Read(t.Context(), mailbox.Mark{}, nil); err == nil {
		t.Error("a certificate that nobody vouches for was taken")
	}
	wrong := open(t, fmt.Sprintf("imaps://%s@127.0.0.1:%d", mailboxtest.User, tls), func(c *mailbox.Config) { c.Roots, c.Password = roots, "wrong" })
	if _, err := wrong.Read(t.Context(), mailbox.Mark{}, func(context.Context, mailbox.Mail) error { return nil }); err == nil {
		t.Error("a wrong password was taken")
	}
}
