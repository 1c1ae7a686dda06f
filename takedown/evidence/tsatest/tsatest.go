// Package tsatest is a time stamping authority (RFC 3161) over loopback, for tests.
// It never serves anything outside of them.
package tsatest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/digitorus/timestamp"
)

// Authority is a running authority.
type Authority struct {
	URL string
	CA  []byte // PEM

	mu       sync.Mutex
	now      func() time.Time
	change   func(*timestamp.Timestamp)
	down     bool
	asked    [][]byte
	signer   *x509.Certificate
	key      *ecdsa.PrivateKey
	policyID asn1.ObjectIdentifier
}

// Policy is the authority's own.
const Policy = "1.3.6.1.4.1.99999.1"

// New starts an authority by the given clock; nil is the real one.
func New(t testing.TB, now func() time.Time) *Authority {
	t.Helper()
	if now == nil {
		now = time.Now
	}
	a := &Authority{now: now, policyID: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1}}
	a.certify(t)
	s := httptest.NewServer(http.HandlerFunc(a.answer))
	t.Cleanup(s.Close)
	a.URL = s.URL
	return a
}

func (a *Authority) certify(t testing.TB) {
	t.Helper()
	fail := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	fail(err)
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Fictitious Root"}, NotBefore: time.Unix(0, 0),
		NotAfter: time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	fail(err)
	a.CA = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER})
	a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	fail(err)
	use, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	fail(err)
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Fictitious Time"}, NotBefore: ca.NotBefore, NotAfter: ca.NotAfter,
		KeyUsage:        x509.KeyUsageDigitalSignature,
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: use}}} // RFC 3161, 2.3: critical
	der, err := x509.CreateCertificate(rand.Reader, leaf, ca, a.key.Public(), caKey)
	fail(err)
	a.signer, err = x509.ParseCertificate(der)
	fail(err)
}

// Fail makes the authority answer 503, or answer again.
func (a *Authority) Fail(down bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.down = down
}

// Lie has each token changed before it is signed; nil ends that.
func (a *Authority) Lie(change func(*timestamp.Timestamp)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.change = change
}

// Asked are the bodies of all requests so far.
func (a *Authority) Asked() [][]byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([][]byte(nil), a.asked...)
}

func (a *Authority) answer(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	a.asked = append(a.asked, body)
	if err != nil || a.down {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}
	q, err := timestamp.ParseRequest(body)
	if err != nil {
		http.Error(w, "no request", http.StatusBadRequest)
		return
	}
	t := &timestamp.Timestamp{HashAlgorithm: q.HashAlgorithm, HashedMessage: q.HashedMessage, Time: a.now().UTC().Truncate(time.Second), Nonce: q.Nonce,
		Policy: a.policyID, AddTSACertificate: q.Certificates}
	if a.change != nil {
		a.change(t)
	}
	out, err := t.CreateResponseWithOpts(a.signer, a.key, crypto.SHA256)
	if err != nil {
		http.Error(w, "cannot sign", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/timestamp-reply")
	_, _ = w.Write(out)
}
