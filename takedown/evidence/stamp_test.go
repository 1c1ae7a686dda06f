package evidence_test

import (
	"bytes"
	"crypto/sha256"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/digitorus/timestamp"

	"unmirror/internal/testneeds"
	"unmirror/takedown/evidence"
	"unmirror/takedown/evidence/tsatest"
)

func authority(t *testing.T, url string, ca []byte, policy string) *evidence.Authority {
	t.Helper()
	a, err := evidence.NewAuthority(url, ca, policy, nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestATimeTokenIsVerifiedByOpenSSLAndTellsTheAuthorityADigestAlone(t *testing.T) {
	openssl := testneeds.Program(t, "openssl", "openssl")
	tsa, dir := tsatest.New(t, nil), t.TempDir()
	content := []byte("an encrypted file")
	sum := sha256.Sum256(content)
	tok, err := authority(t, tsa.URL, tsa.CA, tsatest.Policy).Stamp(t.Context(), sum[:])
	if err != nil || time.Since(tok.Time).Abs() > 10*time.Minute || tok.Policy != tsatest.Policy || tok.Serial == "" {
		t.Fatalf("%+v, %v", tok, err)
	}
	asked := tsa.Asked()
	if len(asked) != 1 || !bytes.Contains(asked[0], sum[:]) || len(asked[0]) > 120 {
		t.Fatalf("the authority was told %x", asked)
	}
	for name, b := range map[string][]byte{"data": content, "other": []byte("another file"), "t.tsr": tok.Raw, "ca.pem": tsa.CA} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	verify := func(data string) error {
		cmd := exec.Command(openssl, "ts", "-verify", "-data", data, "-in", "t.tsr", "-CAfile", "ca.pem")
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if data == "data" && err != nil {
			t.Logf("%s", out)
		}
		return err
	}
	if err := verify("data"); err != nil {
		t.Fatal("openssl does not accept the token")
	}
	if verify("other") == nil {
		t.Fatal("openssl accepts the token for another file")
	}
}

func TestATokenThatIsNotWhatWasAskedIsRefused(t *testing.T) {
	tsa, stranger := tsatest.New(t, nil), tsatest.New(t, nil)
	sum := sha256.Sum256([]byte("x"))
	for name, c := range map[string]struct {
		lie        func(*timestamp.Timestamp)
		ca         []byte
		policy     string
		wantInText string
	}{
		"another digest":  {lie: func(t *timestamp.Timestamp) { t.HashedMessage = bytes.Repeat([]byte{1}, 32) }, wantInText: "another digest"},
		"another nonce":   {lie: func(t *timestamp.Timestamp) { t.Nonce = big.NewInt(7) }, wantInText: "another request"},
		"no nonce":        {lie: func(t *timestamp.Timestamp) { t.Nonce = nil }, wantInText: "another request"},
		"another day":     {lie: func(t *timestamp.Timestamp) { t.Time = t.Time.Add(24 * time.Hour) }, wantInText: "apart"},
		"another policy":  {policy: "1.2.3", wantInText: "another policy"},
		"a stranger":      {ca: stranger.CA, wantInText: "chain"},
		"no certificates": {lie: func(t *timestamp.Timestamp) { t.AddTSACertificate = false }, wantInText: "chain"},
	} {
		t.Run(name, func(t *testing.T) {
			tsa.Lie(c.lie)
			ca := tsa.CA
			if c.ca != nil {
				ca = c.ca
			}
			_, err := authority(t, tsa.URL, ca, c.policy).Stamp(t.Context(), sum[:])
			if err == nil || !strings.Contains(err.Error(), c.wantInText) {
				t.Fatalf("%v", err)
			}
		})
	}
}

func TestWhateverAnAuthorityAnswersIsATokenOrAnError(t *testing.T) {
	tsa := tsatest.New(t, nil)
	sum := sha256.Sum256([]byte("x"))
	good, err := authority(t, tsa.URL, tsa.CA, "").Stamp(t.Context(), sum[:])
	if err != nil {
		t.Fatal(err)
	}
	for name, answer := range map[string]http.HandlerFunc{
		"nothing":    func(http.ResponseWriter, *http.Request) {},
		"a page":     func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"a redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, tsa.URL, http.StatusFound) },
		"no end":     func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) },
		"an old one": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(good.Raw) },
		"half":       func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(good.Raw[:len(good.Raw)/2]) },
		"refused": func(w http.ResponseWriter, _ *http.Request) {
			b, _ := timestamp.CreateErrorResponse(timestamp.Rejection, timestamp.TimeNotAvailable)
			_, _ = w.Write(b)
		},
	} {
		s := httptest.NewServer(answer)
		if tok, err := authority(t, s.URL, tsa.CA, "").Stamp(t.Context(), sum[:]); err == nil {
			t.Errorf("%s: took %+v", name, tok)
		}
		s.Close()
	}
}

func TestAnAuthorityThatCannotBeUsedIsRefusedAtOnce(t *testing.T) {
	tsa := tsatest.New(t, nil)
	for _, c := range []struct {
		url, policy string
		ca          []byte
	}{{"ftp://a", "", tsa.CA}, {"nothing", "", tsa.CA}, {tsa.URL, "", []byte("no pem")}, {tsa.URL, "1.x", tsa.CA}, {tsa.URL, "1.-2", tsa.CA}} {
		if _, err := evidence.NewAuthority(c.url, c.ca, c.policy, nil); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
}
