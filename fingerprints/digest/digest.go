// Package digest computes, in one pass over a content, the digests under which places publish what they hold, and reads
// them as they are published. It never keeps content, and what it returns is unkeyed: to be keyed or sealed at once.
//
// Start at New for a known file, at Parse and FromTorrent for what a place says.
package digest

import "fmt"

// Kind names a way to digest content. One kind has one length of sum, except Git and ETag.
type Kind string

// The kinds. What a place publishes under another name is one of them: see Published.
const (
	MD5      Kind = "md5"
	SHA1     Kind = "sha1"
	SHA256   Kind = "sha256"
	SHA512   Kind = "sha512"
	CRC32    Kind = "crc32"     // IEEE; means something only together with the size
	CRC32C   Kind = "crc32c"    // Castagnoli; likewise
	CRC64    Kind = "crc64nvme" // likewise
	ETag     Kind = "s3-etag"   // of an upload in parts: the MD5 of the parts' MD5s, and their number
	Git      Kind = "git-blob"  // SHA-1 or SHA-256 of "blob SIZE\0" and the content
	CID      Kind = "ipfs-cid"  // of a file of several blocks: SHA-256 of its dag-pb root
	Torrent2 Kind = "torrent-v2"
	Torrent1 Kind = "torrent-v1" // of the whole pieces from the file's beginning
	Dropbox  Kind = "dropbox"
	QuickXor Kind = "quickxor"
)

// Value is a digest in the one form in which digests are compared.
type Value struct {
	Kind Kind
	Sum  string // raw bytes
}

// NeedsSize tells whether a digest of this kind is too short to mean anything without the content's size.
func (k Kind) NeedsSize() bool { return k == CRC32 || k == CRC32C || k == CRC64 }

// lengths are the possible lengths of a kind's sum, in bytes.
func (k Kind) lengths() []int {
	switch k {
	case MD5:
		return []int{16}
	case SHA1, QuickXor:
		return []int{20}
	case SHA256, CID, Torrent2, Dropbox:
		return []int{32}
	case SHA512:
		return []int{64}
	case CRC32, CRC32C:
		return []int{4}
	case CRC64:
		return []int{8}
	case Git:
		return []int{20, 32}
	case ETag, Torrent1:
		return []int{20, 36}
	}
	return nil
}

// Publication is one way in which places publish a digest.
type Publication struct {
	Kind   Kind
	Where  string // who publishes it, and how it is written there
	Source string // where that is specified
}

// Published lists the ways in which places publish digests, each with the kind it comes to.
func Published() []Publication {
	return []Publication{
		{MD5, "S3, minio, Ceph: ETag of an upload in one part, quoted hex", "AWS S3 API, Object: ETag"},
		{MD5, "Azure, Google Cloud Storage: Content-MD5, x-goog-hash, base64", "RFC 1864; GCS XML API headers"},
		{MD5, "Internet Archive metadata, gofile, Plik, rsync --checksum-choice, md5sum lists: hex", "archive.org metadata API"},
		{SHA1, "Internet Archive metadata, Box, Backblaze B2, sha1sum lists: hex", "B2 b2_get_file_info: contentSha1"},
		{SHA1, "Wayback and Common Crawl indexes: base32", "CDX server API"},
		{SHA1, "torrent v1 of one file in one piece: the piece", "BEP 3"},
		{SHA256, "mediafire, Hugging Face LFS oid, S3 x-amz-checksum-sha256, sha256sum lists: hex, base64", "git-lfs spec v1"},
		{SHA256, "RFC 9530 Repr-Digest, Content-Digest; RFC 3230 Digest; subresource integrity", "RFC 9530 section 2"},
		{SHA256, "IPFS CID v1 with codec raw: a file of one block", "multiformats CID"},
		{SHA512, "Repr-Digest, npm integrity, sha512sum lists", "RFC 9530"},
		{CRC32, "Internet Archive metadata: hex; archives' directories", "archive.org metadata API; APPNOTE 4.4.7"},
		{CRC32C, "Google Cloud Storage x-goog-hash, S3 x-amz-checksum-crc32c: base64 of 4 bytes", "RFC 3720 B.4"},
		{CRC64, "S3 x-amz-checksum-crc64nvme, its default since 2024: base64 of 8 bytes", "NVMe Base 2.0 section 8.3.5"},
		{ETag, "S3 and what speaks its protocol: hex-N, of an upload in N parts", "AWS S3 API, multipart upload"},
		{Git, "gist raw_url, GitHub and GitLab trees: hex", "git-hash-object(1)"},
		{Git, "Software Heritage: swh:1:cnt:HEX", "SWHID specification 1.2"},
		{CID, "IPFS CID v0 (256 KiB blocks, 174 links) and v1 (raw leaves of 256 KiB or 1 MiB, 174 or 1024 links)", "unixfs specification; kubo profiles"},
		{Torrent2, "torrent v2 and hybrid: a file's pieces root", "BEP 52"},
		{Torrent1, "torrent v1 and hybrid: the pieces of a file that begins at a piece's beginning", "BEP 3, BEP 47"},
		{Dropbox, "Dropbox content_hash: hex", "Dropbox content hash"},
		{QuickXor, "OneDrive and SharePoint quickXorHash: base64", "OneDrive API, QuickXorHash"},
	}
}

func value(k Kind, sum []byte) Value { return Value{k, string(sum)} }

func (v Value) check() (Value, error) {
	for _, n := range v.Kind.lengths() {
		if len(v.Sum) == n {
			return v, nil
		}
	}
	return Value{}, fmt.Errorf("a %s digest does not have %d bytes: %w", v.Kind, len(v.Sum), ErrForm)
}
