package digest

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// ErrForm says that a text is no digest of the kind asked for.
var ErrForm = errors.New("not in the form of such a digest")

// ErrUnaligned says that a torrent's pieces cover a file only together with its neighbours.
var ErrUnaligned = errors.New("the file does not begin at a piece, or no piece is its own")

// maxText is the length of the longest text that can be a digest.
const maxText = 512

// Parse reads a digest as places publish it: hex, base64 and base64url (padded or not), base32 for SHA1; with the name of
// the algorithm before it ("sha256:…", "SHA-256=…", "sha-256=:…:", "md5-…", "swh:1:cnt:…"); an entity tag in quotes, also
// weak; a CID of any usual base, also as "ipfs://…" or "/ipfs/…". The value may be of another kind than asked for when that
// is what it comes to: an ETag of one part is MD5, a CID of one raw block is SHA256. The error wraps ErrForm.
func Parse(k Kind, text string) (Value, error) {
	v, err := parse(k, text)
	if err != nil {
		return Value{}, fmt.Errorf("read a %s digest: %w", k, err)
	}
	return v.check()
}

func parse(k Kind, text string) (Value, error) {
	text = strings.TrimSpace(text)
	if len(text) > maxText || len(k.lengths()) == 0 {
		return Value{}, ErrForm
	}
	switch k {
	case Torrent1:
		return parseTorrent1(text)
	case ETag:
		return parseETag(text)
	case CID:
		return parseCID(text)
	case Git:
		if rest, ok := strings.CutPrefix(text, "swh:1:cnt:"); ok {
			text, _, _ = strings.Cut(rest, ";") // qualifiers
		}
	}
	text = strings.Trim(unnamed(k, text), `"`)
	for _, n := range k.lengths() {
		if sum, ok := decode(text, n); ok {
			return value(k, sum), nil
		}
	}
	return Value{}, ErrForm
}

// parseTorrent1 reads what FromTorrent gives, in hex: nobody publishes it in one text, but a page's links are texts.
func parseTorrent1(text string) (Value, error) {
	sum, err := hex.DecodeString(text)
	if err != nil || len(sum) != 36 || binary.BigEndian.Uint32(sum) == 0 {
		return Value{}, ErrForm
	}
	return value(Torrent1, sum), nil
}

// names are what algorithms are called before their digests, beside the kind's own name.
func (k Kind) names() []string {
	switch k {
	case SHA1:
		return []string{"sha1", "sha-1", "sha"}
	case SHA256:
		return []string{"sha256", "sha-256"}
	case SHA512:
		return []string{"sha512", "sha-512"}
	}
	return []string{string(k)}
}

// unnamed drops the name of the algorithm before a digest, and the colons about a digest that RFC 9530 asks for.
func unnamed(k Kind, text string) string {
	lower := strings.ToLower(text)
	for _, name := range k.names() {
		if rest, ok := strings.CutPrefix(lower, name); !ok || rest == "" || !strings.ContainsAny(rest[:1], ":=-") {
			continue
		}
		text = text[len(name)+1:]
		if inner, ok := strings.CutPrefix(text, ":"); ok {
			text = strings.TrimSuffix(inner, ":")
		}
		return text
	}
	return text
}

// decode reads n bytes in the base that their length tells.
func decode(text string, n int) ([]byte, bool) {
	if len(text) == 2*n {
		if sum, err := hex.DecodeString(text); err == nil {
			return sum, true
		}
	}
	plain := strings.TrimRight(text, "=")
	if n == 20 && len(plain) == 32 {
		if sum, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(plain)); err == nil {
			return sum, true
		}
	}
	if len(plain) != base64.RawStdEncoding.EncodedLen(n) {
		return nil, false
	}
	for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if sum, err := e.DecodeString(plain); err == nil && len(sum) == n {
			return sum, true
		}
	}
	return nil, false
}

// parseETag reads the entity tag of an object store. Other servers' tags are no digests, and mostly have another length.
func parseETag(text string) (Value, error) {
	text = strings.TrimPrefix(text, "W/") // a proxy that compresses weakens a tag, which is still about the same object
	text = strings.Trim(text, `"`)
	text, count, parts := strings.Cut(text, "-")
	sum, err := hex.DecodeString(text)
	if err != nil || len(sum) != 16 {
		return Value{}, ErrForm
	}
	if !parts {
		return value(MD5, sum), nil
	}
	n, err := strconv.ParseUint(count, 10, 14)
	if err != nil || n == 0 || n > maxParts {
		return Value{}, ErrForm
	}
	return etagValue(sum, int(n)), nil
}

const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

func parseCID(text string) (Value, error) {
	text = strings.Trim(text, `"`)
	text = strings.TrimPrefix(strings.TrimPrefix(text, "ipfs://"), "/ipfs/")
	text = strings.TrimSuffix(text, "/")
	if len(text) == 46 && strings.HasPrefix(text, "Qm") {
		b, ok := decodeBig(text, base58, 58)
		if !ok {
			return Value{}, ErrForm
		}
		return multihash(cidDagPB, b)
	}
	b, ok := multibase(text)
	if !ok {
		return Value{}, ErrForm
	}
	version, n := binary.Uvarint(b)
	if n <= 0 || version != 1 {
		return Value{}, ErrForm
	}
	codec, m := binary.Uvarint(b[n:])
	if m <= 0 {
		return Value{}, ErrForm
	}
	return multihash(codec, b[n+m:])
}

// multihash takes SHA-256 only: everything else would have to be computed for it.
func multihash(codec uint64, b []byte) (Value, error) {
	if len(b) != 34 || b[0] != 0x12 || b[1] != 32 {
		return Value{}, ErrForm
	}
	switch codec {
	case cidRaw:
		return value(SHA256, b[2:]), nil
	case cidDagPB:
		return value(CID, b[2:]), nil
	}
	return Value{}, ErrForm
}

func multibase(text string) ([]byte, bool) {
	if len(text) < 2 {
		return nil, false
	}
	body := text[1:]
	var b []byte
	var err error
	switch text[0] {
	case 'b', 'B':
		b, err = base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(body))
	case 'f', 'F':
		b, err = hex.DecodeString(body)
	case 'm':
		b, err = base64.RawStdEncoding.DecodeString(body)
	case 'u':
		b, err = base64.RawURLEncoding.DecodeString(body)
	case 'z':
		return decodeBig(body, base58, 58)
	case 'k', 'K':
		return decodeBig(strings.ToLower(body), "0123456789abcdefghijklmnopqrstuvwxyz", 36)
	default:
		return nil, false
	}
	return b, err == nil
}

// decodeBig reads digits of an alphabet as one number; what a CID begins with is never zero.
func decodeBig(text, alphabet string, base int64) ([]byte, bool) {
	n := new(big.Int)
	for _, c := range []byte(text) {
		d := strings.IndexByte(alphabet, c)
		if d < 0 {
			return nil, false
		}
		n.Add(n.Mul(n, big.NewInt(base)), big.NewInt(int64(d)))
	}
	return slices.Clone(n.Bytes()), len(text) > 0
}
