package fingerprints

import (
	"crypto/hmac"
	"crypto/sha256"
	"testing"

	"pgregory.net/rapid"
)

func TestAKeyedDigestIsAnHMAC(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(t, "key")
		message := rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(t, "message")
		h := hmac.New(sha256.New, key)
		h.Write(message)
		if got := hmacOf(key, message); !hmac.Equal(got[:], h.Sum(nil)) {
			t.Fatalf("%x", got)
		}
	})
}
