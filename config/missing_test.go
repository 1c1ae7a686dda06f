package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWhatCannotBeReadHereIsNamedByItsKey(t *testing.T) {
	dir := t.TempDir()
	there := filepath.Join(dir, "there")
	if err := os.WriteFile(there, []byte("token"), 0o600); err != nil {
		t.Fatal(err)
	}
	token, err := parseSecret("file:"+there, nil)
	if err != nil {
		t.Fatal(err)
	}
	away, err := parseSecret("env:NOT_SET", nil)
	if err != nil {
		t.Fatal(err)
	}
	c := Config{Fleet: Fleet{Token: token, Cert: filepath.Join(dir, "cert.pem"), Key: there}, Mail: Mail{Password: away}}
	got := c.Missing()
	if len(got) != 2 || !strings.HasPrefix(got[0], "mail.password: ") || !strings.HasPrefix(got[1], "fleet.cert: ") {
		t.Errorf("%q", got)
	}
	if got := (&Config{}).Missing(); len(got) != 0 {
		t.Errorf("nothing is configured: %q", got)
	}
}
