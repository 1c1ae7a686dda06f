package config

import (
	"bytes"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
)

// redacted stands wherever a secret would be printed.
const redacted = "(secret)"

// maxSecret bounds a secret's file in bytes; a bundle of certificates fits.
const maxSecret = 1 << 20

// Secret is a reference to a secret: file:PATH or env:NAME. It prints as "(secret)" however it is formatted; only Reveal gives
// the value.
type Secret struct {
	ref string
	env []string
}

func parseSecret(raw string, env []string) (Secret, error) {
	kind, rest, ok := strings.Cut(raw, ":")
	if raw != "" && (!ok || rest == "" || (kind != "file" && kind != "env")) {
		// The value itself may be a secret that somebody put here by mistake, so it is not repeated.
		return Secret{}, fmt.Errorf("wants a reference to the secret, file:PATH or env:NAME, never the secret itself")
	}
	return Secret{ref: raw, env: env}, nil
}

// IsSet says whether a reference was given.
func (s Secret) IsSet() bool { return s.ref != "" }

// Reveal reads the secret; "" without an error when none was configured. One line end after it is cut off, as editors leave one.
// Its errors name the reference, never the value.
func (s Secret) Reveal() (string, error) {
	kind, rest, _ := strings.Cut(s.ref, ":")
	switch kind {
	case "":
		return "", nil
	case "env":
		for _, pair := range s.env {
			if name, value, ok := strings.Cut(pair, "="); ok && name == rest && value != "" {
				return value, nil
			}
		}
		return "", fmt.Errorf("secret env:%s: the variable is not set", rest)
	default:
		return revealFile(rest)
	}
}

func revealFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("secret file: %w", err)
	}
	defer f.Close() // read only: nothing to lose
	raw, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return "", fmt.Errorf("secret file: %w", err)
	}
	if len(raw) > maxSecret {
		return "", fmt.Errorf("secret file %s: larger than %d bytes", path, maxSecret)
	}
	raw = bytes.TrimSuffix(bytes.TrimSuffix(raw, []byte("\n")), []byte("\r"))
	if len(raw) == 0 {
		return "", fmt.Errorf("secret file %s: is empty", path)
	}
	return string(raw), nil
}

// String hides the secret and the reference.
func (s Secret) String() string {
	if s.ref == "" {
		return ""
	}
	return redacted
}

// Format hides the secret from every verb, %#v and %x too.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) } // a fmt.State cannot fail

// MarshalText hides the secret from JSON and slog.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// ServerURL is the address of a server that may carry a user and a password. It prints without the password however it is
// formatted; only Reveal gives the whole.
type ServerURL struct{ raw string }

// IsSet says whether an address was given.
func (u ServerURL) IsSet() bool { return u.raw != "" }

// Reveal is the address as it was written, password included.
func (u ServerURL) Reveal() string { return u.raw }

// String is scheme and host, without user, password, path and query.
func (u ServerURL) String() string {
	if u.raw == "" {
		return ""
	}
	parsed, err := url.Parse(u.raw)
	if err != nil {
		return redacted // the parser's error repeats the address
	}
	return parsed.Scheme + "://" + parsed.Host
}

// Format hides the password from every verb.
func (u ServerURL) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, u.String()) } // a fmt.State cannot fail

// MarshalText hides the password from JSON and slog.
func (u ServerURL) MarshalText() ([]byte, error) { return []byte(u.String()), nil }
