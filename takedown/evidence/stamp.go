package evidence

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/digitorus/pkcs7"
	"github.com/digitorus/timestamp"
)

const (
	stampWithin  = 20 * time.Second
	largestToken = 64 << 10 // a token with its chain is some 5 KB
	// clockLeeway is how far a token's time may lie from ours: a token of another day would prove something else.
	clockLeeway = 10 * time.Minute
)

// Token is what a time stamping authority answered.
type Token struct {
	Raw    []byte // the whole response (.tsr), as `openssl ts` reads it
	Time   time.Time
	Policy string
	Serial string
}

// Authority is a time stamping authority (RFC 3161). It is told digests and nothing else.
type Authority struct {
	url    string
	host   string
	roots  *x509.CertPool
	policy asn1.ObjectIdentifier
	client *http.Client
	now    func() time.Time
}

// NewAuthority prepares the authority at address (http or https), whose certificates must lead to one of those in ca (PEM). A policy
// ("1.3.6.1.4.1…") is asked for and must be the token's; "" takes the authority's own.
func NewAuthority(address string, ca []byte, policy string, now func() time.Time) (*Authority, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("time stamping authority: the address is no http or https URL")
	}
	a := &Authority{url: address, host: u.Hostname(), roots: x509.NewCertPool(), now: now}
	if !a.roots.AppendCertsFromPEM(ca) {
		return nil, errors.New("time stamping authority: the file holds no certificate (PEM)")
	}
	if policy != "" {
		for part := range strings.SplitSeq(policy, ".") {
			n, err := strconv.Atoi(part)
			if err != nil || n < 0 {
				return nil, errors.New("time stamping authority: the policy is no object identifier")
			}
			a.policy = append(a.policy, n)
		}
	}
	if a.now == nil {
		a.now = time.Now
	}
	a.client = &http.Client{Timeout: stampWithin, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return a, nil
}

// Host names the authority in logs.
func (a *Authority) Host() string { return a.host }

// Stamp has a SHA-256 digest stamped, and checks everything that a later reader will check: imprint, nonce, policy, signature, chain and
// time.
func (a *Authority) Stamp(ctx context.Context, digest []byte) (Token, error) {
	nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 63))
	if err != nil {
		return Token{}, fmt.Errorf("make nonce: %w", err)
	}
	q := timestamp.Request{HashAlgorithm: crypto.SHA256, HashedMessage: digest, Certificates: true, Nonce: nonce, TSAPolicyOID: a.policy}
	body, err := q.Marshal()
	if err != nil {
		return Token{}, fmt.Errorf("make time stamp request: %w", err)
	}
	raw, err := a.ask(ctx, body)
	if err != nil {
		return Token{}, err
	}
	return a.check(raw, digest, nonce)
}

func (a *Authority) ask(ctx context.Context, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("ask time stamping authority: %w", err)
	}
	req.Header.Set("Content-Type", "application/timestamp-query")
	req.Header.Set("Accept", "application/timestamp-reply")
	res, err := a.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask time stamping authority: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(res.Body, largestToken+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read time stamp: %w", err)
	case res.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("ask time stamping authority: it answered %d", res.StatusCode)
	case len(raw) > largestToken:
		return nil, errors.New("read time stamp: it is too long")
	}
	return raw, nil
}

// check verifies a response against what was asked. A parser that breaks on it costs the token and nothing else.
func (a *Authority) check(raw, digest []byte, nonce *big.Int) (tok Token, err error) {
	defer func() {
		if p := recover(); p != nil {
			tok, err = Token{}, errors.New("read time stamp: it cannot be read")
		}
	}()
	t, err := timestamp.ParseResponse(raw)
	if err != nil {
		return Token{}, fmt.Errorf("read time stamp: %w", err)
	}
	switch {
	case t.HashAlgorithm != crypto.SHA256 || !bytes.Equal(t.HashedMessage, digest):
		return Token{}, errors.New("check time stamp: it is of another digest")
	case t.Nonce == nil || t.Nonce.Cmp(nonce) != 0:
		return Token{}, errors.New("check time stamp: it answers another request")
	case a.policy != nil && !t.Policy.Equal(a.policy):
		return Token{}, errors.New("check time stamp: it was made under another policy")
	case t.Time.Sub(a.now()).Abs() > clockLeeway:
		return Token{}, fmt.Errorf("check time stamp: its clock and this machine's are %s apart", t.Time.Sub(a.now()).Abs().Round(time.Second))
	}
	if err := a.signed(t); err != nil {
		return Token{}, fmt.Errorf("check time stamp: %w", err)
	}
	return Token{Raw: raw, Time: t.Time.UTC(), Policy: t.Policy.String(), Serial: t.SerialNumber.String()}, nil
}

// signed checks signature and chain, and that the signer may stamp (RFC 3161, section 2.3: timeStamping as the only, critical use).
func (a *Authority) signed(t *timestamp.Timestamp) error {
	p, err := pkcs7.Parse(t.RawToken)
	if err != nil {
		return fmt.Errorf("read token: %w", err)
	}
	between := x509.NewCertPool()
	for _, c := range p.Certificates {
		between.AddCert(c)
	}
	err = p.VerifyWithOpts(x509.VerifyOptions{Roots: a.roots, Intermediates: between, CurrentTime: t.Time, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}})
	if err != nil {
		return fmt.Errorf("verify signature and chain: %w", err)
	}
	signer := p.GetOnlySigner()
	if signer == nil || !slices.Equal(signer.ExtKeyUsage, []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}) || len(signer.UnknownExtKeyUsage) > 0 {
		return errors.New("its certificate is not for time stamping alone")
	}
	return nil
}
