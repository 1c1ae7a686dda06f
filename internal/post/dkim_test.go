package post_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"unmirror/internal/post"
	"unmirror/internal/post/posttest"
)

// keyPair makes a private key in PEM and the TXT record that a receiver would find.
func keyPair(t *testing.T, kind string) (private []byte, record string) {
	t.Helper()
	switch kind {
	case "rsa", "pkcs1":
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		pub, err := x509.MarshalPKIXPublicKey(&k.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		record = "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(pub)
		if kind == "pkcs1" {
			return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(k)}), record
		}
		der, err := x509.MarshalPKCS8PrivateKey(k)
		if err != nil {
			t.Fatal(err)
		}
		return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), record
	}
	pub, k, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(pub)
}

// verify checks a mail as a receiver does that finds the record in the DNS.
func verify(t *testing.T, record string, mail []byte) error {
	t.Helper()
	found, err := dkim.VerifyWithOptions(bytes.NewReader(mail), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		if name != "um2026._domainkey.fictitious.example" {
			return nil, fmt.Errorf("no such name %s", name)
		}
		return []string{record}, nil
	}})
	if err != nil {
		return err
	}
	if len(found) != 1 {
		return fmt.Errorf("%d signatures", len(found))
	}
	if found[0].Err == nil && found[0].Domain != "fictitious.example" {
		t.Errorf("signed for %s", found[0].Domain)
	}
	return found[0].Err
}

func TestASignatureVerifiesAsAReceiverDoesAndChangesNothing(t *testing.T) {
	approved := []byte("From: \"Fictitious\" <takedown@fictitious.example>\r\nTo: abuse@host.example\r\nSubject: =?utf-8?q?A_long?=\r\n =?utf-8?q?_subject?=\r\n" +
		"Message-ID: <n.1.x@fictitious.example>\r\nIn-Reply-To: <n.0.x@fictitious.example>\r\nReferences: <a@b.example>\r\n <n.0.x@fictitious.example>\r\n" +
		"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n.Caf=C3=A9  \r\n\r\n..\r\nend\r\n\r\n\r\n")
	for _, kind := range []string{"rsa", "pkcs1", "ed25519"} {
		private, record := keyPair(t, kind)
		key, err := post.NewDKIM("fictitious.example", "um2026", private)
		if err != nil {
			t.Fatal(kind, err)
		}
		s := posttest.NewServer(t)
		p := sender(t, s, func(c *post.Config) { c.DKIM = key })
		if r := p.Send(t.Context(), "takedown@fictitious.example", []string{"abuse@host.example"}, post.WithDate(approved, time.Now())); r.Outcome != post.Sent {
			t.Fatalf("%s: %+v", kind, r)
		}
		got := s.Wait(1, time.Minute)[0].Bytes
		if err := verify(t, record, got); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		// Only Date and DKIM-Signature were added, in front.
		added, ok := bytes.CutSuffix(got, approved)
		if !ok || !bytes.HasPrefix(added, []byte("DKIM-Signature: ")) || strings.Count(string(added), "\r\n") < 2 || !strings.Contains(string(added), "\r\nDate: ") {
			t.Errorf("%s: added %q", kind, added)
		}
		for _, line := range strings.Split(string(added), "\r\n") {
			if len(line) > 998 {
				t.Errorf("%s: a line of %d bytes", kind, len(line))
			}
		}
		for name, change := range map[string][]byte{
			"body":            bytes.Replace(got, []byte("end\r\n"), []byte("End\r\n"), 1),
			"subject":         bytes.Replace(got, []byte("A_long"), []byte("A_lung"), 1),
			"a second To":     append([]byte("To: other@host.example\r\n"), got...),
			"an added answer": append([]byte("Reply-To: thief@evil.example\r\n"), got...),
			"date":            bytes.Replace(got, []byte("\r\nDate: "), []byte("\r\nDate: Mon, "), 1),
		} {
			if err := verify(t, record, change); err == nil {
				t.Errorf("%s: a changed %s still verifies", kind, name)
			}
		}
		folded := bytes.Replace(got, []byte("To: abuse"), []byte("To:\r\n abuse"), 1)
		if err := verify(t, record, folded); err != nil {
			t.Errorf("%s: folding on the way broke it: %v", kind, err)
		}
	}
}

func TestUnusableKeysAreRefusedWithoutShowingThem(t *testing.T) {
	good, _ := keyPair(t, "ed25519")
	for name, c := range map[string]struct {
		domain, selector string
		key              []byte
	}{
		"no domain": {"", "s", good}, "a domain with a space": {"a b.example", "s", good}, "no selector": {"a.example", "", good}, "a selector with a line end": {"a.example", "s\r\n", good},
		"no PEM": {"a.example", "s", []byte("SECRETKEY")}, "broken": {"a.example", "s", []byte("-----BEGIN PRIVATE KEY-----\nU0VDUkVUS0VZ\n-----END PRIVATE KEY-----\n")},
	} {
		if _, err := post.NewDKIM(c.domain, c.selector, c.key); err == nil || strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), "U0VD") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
