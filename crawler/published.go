package crawler

import (
	"net/http"
	"strconv"
	"strings"

	"unmirror/crawler/kind"
	"unmirror/fingerprints/digest"
)

// headDigests reads the digests that an answer's head publishes of the content. A wrong reading does no harm: it matches
// nothing, as a digest of anything else.
func headDigests(h http.Header) (out []kind.Published) {
	add := func(k digest.Kind, text string) {
		if text = strings.TrimSpace(text); text != "" && len(out) < 32 {
			out = append(out, kind.Published{Kind: string(k), Text: text})
		}
	}
	for name, k := range plainDigests {
		add(k, h.Get(name))
	}
	// RFC 9530 and RFC 3230, Google's x-goog-hash, ownCloud's and Nextcloud's oc-checksum: lists of name and digest.
	for _, name := range []string{"Repr-Digest", "Content-Digest", "Digest", "X-Goog-Hash", "Oc-Checksum"} {
		for _, line := range h.Values(name) {
			for _, one := range strings.FieldsFunc(line, func(r rune) bool { return r == ',' || r == ' ' }) {
				if k, text, ok := namedDigest(one); ok {
					add(k, text)
				}
			}
		}
	}
	tag := h.Get("Etag")
	add(digest.ETag, tag)
	if tag := strings.Trim(strings.TrimPrefix(tag, "W/"), `"`); strings.HasPrefix(tag, "Qm") || strings.HasPrefix(tag, "baf") {
		add(digest.CID, tag) // an IPFS gateway's
	}
	return out
}

// plainDigests are headers that hold one digest.
var plainDigests = map[string]digest.Kind{
	"Content-Md5":                digest.MD5, // RFC 1864; also Azure and object stores
	"X-Ms-Blob-Content-Md5":      digest.MD5,
	"X-Amz-Checksum-Sha256":      digest.SHA256,
	"X-Amz-Checksum-Sha1":        digest.SHA1,
	"X-Amz-Checksum-Crc32":       digest.CRC32,
	"X-Amz-Checksum-Crc32c":      digest.CRC32C,
	"X-Amz-Checksum-Crc64nvme":   digest.CRC64,
	"X-Amz-Meta-Sha256":          digest.SHA256,
	"X-Bz-Content-Sha1":          digest.SHA1,
	"X-Linked-Etag":              digest.SHA256,
	"X-Checksum-Sha256":          digest.SHA256,
	"X-Checksum-Sha1":            digest.SHA1,
	"X-Checksum-Md5":             digest.MD5,
	"X-Goog-Stored-Content-Hash": digest.MD5,
}

// digestNames are the algorithms as those lists call them.
var digestNames = map[string]digest.Kind{
	"md5": digest.MD5, "sha": digest.SHA1, "sha1": digest.SHA1, "sha-1": digest.SHA1, "sha256": digest.SHA256, "sha-256": digest.SHA256,
	"sha512": digest.SHA512, "sha-512": digest.SHA512, "crc32c": digest.CRC32C,
}

// namedDigest reads "sha-256=:…:", "md5=…" and "SHA1:…".
func namedDigest(s string) (k digest.Kind, text string, ok bool) {
	at := strings.IndexAny(s, "=:")
	if at < 0 {
		return "", "", false
	}
	k, ok = digestNames[strings.ToLower(s[:at])]
	return k, strings.Trim(s[at+1:], ":"), ok
}

// contentLength is what a HEAD says of the body's length, -1 when it does not, or when the body would come encoded.
func contentLength(h http.Header) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(h.Get("Content-Length")), 10, 64)
	if err != nil || n < 0 || h.Get("Content-Encoding") != "" {
		return -1
	}
	return n
}
