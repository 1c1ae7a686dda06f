package store

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"strings"
	"time"
)

var idAlphabet = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewID makes an opaque id: the prefix, "_", and 16 characters of which the first 8 order ids by time (to the
// millisecond) and the rest is random. Nothing of what it names can be read from it.
func NewID(prefix string) string {
	var b [10]byte
	// 40 bits of milliseconds wrap after 34 years; within one record that orders well enough.
	binary.BigEndian.PutUint64(b[:8], uint64(time.Now().UnixMilli())<<24)
	_, _ = rand.Read(b[5:])
	return prefix + "_" + strings.ToLower(idAlphabet.EncodeToString(b[:]))
}
