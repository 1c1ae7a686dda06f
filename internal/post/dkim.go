package post

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
)

// DKIM is a key by which a domain vouches for its mails (RFC 6376, RFC 8463).
type DKIM struct {
	domain, selector string
	key              crypto.Signer
}

var (
	dnsName  = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+$`)
	selector = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$`)
)

// NewDKIM reads a private key in PEM: RSA of 1024 bits at least (PKCS #1 or #8), or Ed25519 (PKCS #8). Its errors never hold the key.
func NewDKIM(domain, name string, key []byte) (*DKIM, error) {
	if !dnsName.MatchString(domain) {
		return nil, errors.New("the DKIM domain is no domain name")
	}
	if !selector.MatchString(name) {
		return nil, errors.New("the DKIM selector is no DNS label")
	}
	block, _ := pem.Decode(key)
	if block == nil {
		return nil, errors.New("the DKIM key is not in PEM (-----BEGIN PRIVATE KEY-----)")
	}
	d := &DKIM{domain: domain, selector: name}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		if parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes); err != nil {
			return nil, errors.New("the DKIM key is neither an RSA nor an Ed25519 private key")
		}
	}
	switch k := parsed.(type) {
	case *rsa.PrivateKey:
		if k.N.BitLen() < 1024 {
			return nil, errors.New("the DKIM key has fewer than 1024 bits, which receivers ignore (RFC 8301)")
		}
		d.key = k
	case ed25519.PrivateKey:
		d.key = k
	default:
		return nil, errors.New("the DKIM key is neither an RSA nor an Ed25519 private key")
	}
	return d, nil
}

// signed are the fields that a signature covers; each is named once more than it occurs, so that nobody can add another one on the way
// (RFC 6376, 8.15). Fields that do not occur are covered as absent.
var signed = [...]string{"From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version",
	"Content-Type", "Content-Transfer-Encoding", "Content-Language", "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post"}

// Sign returns msg with a DKIM-Signature field in front of it; every other byte stays as it is. The message must have a Date already.
func (d *DKIM) Sign(msg []byte) ([]byte, error) {
	read, err := mail.ReadMessage(bytes.NewReader(msg))
	if err != nil {
		return nil, fmt.Errorf("sign: the message has no readable head: %w", err)
	}
	var keys []string
	for _, name := range signed {
		for range len(read.Header[canonical(name)]) {
			keys = append(keys, name)
		}
		if slices.Contains(signed[:12], name) {
			keys = append(keys, name)
		}
	}
	// Relaxed, since relays unfold and re-space header lines; a signature that breaks is worth less than none.
	s, err := dkim.NewSigner(&dkim.SignOptions{Domain: d.domain, Selector: d.selector, Signer: d.key, HeaderKeys: keys,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed})
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	_, err = s.Write(msg)
	if err = errors.Join(err, s.Close()); err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	field := s.Signature()
	if !strings.HasSuffix(field, "\r\n") {
		field += "\r\n"
	}
	return append([]byte(field), msg...), nil
}

// canonical is how net/mail calls a field.
func canonical(name string) string {
	switch name {
	case "Message-ID":
		return "Message-Id"
	case "MIME-Version":
		return "Mime-Version"
	}
	return name
}
