package account

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Cost is what one argon2id hash takes (RFC 9106).
type Cost struct {
	Memory uint32 // KiB
	Passes uint32
	Lanes  uint8
}

// StandardCost takes 64 MiB and three passes, as RFC 9106 recommends where memory is dear: about 250 ms.
func StandardCost() Cost { return Cost{Memory: 64 << 10, Passes: 3, Lanes: 2} }

var errHash = errors.New("stored password hash is not argon2id in PHC form")

// hash makes a PHC string with a fresh salt.
func (c Cost) hash(password string) string {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // crypto/rand.Read never fails
	return c.format(salt, argon2.IDKey(normal(password), salt, c.Passes, c.Memory, c.Lanes, 32))
}

// decoy makes a PHC string that no password fits, without the work.
func (c Cost) decoy() string {
	b := make([]byte, 48)
	_, _ = rand.Read(b)
	return c.format(b[:16], b[16:])
}

func (c Cost) format(salt, key []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.Memory, c.Passes, c.Lanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// verifyPassword compares in constant time, with the cost that the hash itself names.
func verifyPassword(phc, password string) (bool, error) {
	f := strings.Split(phc, "$")
	if len(f) != 6 || f[1] != "argon2id" {
		return false, errHash
	}
	var version int
	var c Cost
	if _, err := fmt.Sscanf(f[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false, errHash
	}
	if _, err := fmt.Sscanf(f[3], "m=%d,t=%d,p=%d", &c.Memory, &c.Passes, &c.Lanes); err != nil || c.Passes == 0 || c.Lanes == 0 {
		return false, errHash
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(f[4])
	want, err2 := base64.RawStdEncoding.DecodeString(f[5])
	if err := errors.Join(err1, err2); err != nil || len(want) == 0 {
		return false, errHash
	}
	got := argon2.IDKey(normal(password), salt, c.Passes, c.Memory, c.Lanes, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

// normal makes the same password typed on two keyboards the same bytes (NIST SP 800-63B, section 5.1.1.2).
func normal(password string) []byte { return []byte(norm.NFKC.String(password)) }
