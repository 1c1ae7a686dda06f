package digest

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"sync"
)

const (
	kib = 1 << 10
	mib = 1 << 20
)

// partSizes are the parts in which programs upload to S3 by default: rclone, Java and minio-py 5 MiB; aws-cli and boto3
// 8; Cyberduck and s3fs 10; s3cmd 15; mc and JuiceFS 16; older consoles 17179870 bytes; s5cmd 50; older mc 64 and 128;
// Arq and others 100. Every size smaller than a file costs one MD5 over it, and none a larger one.
var partSizes = [...]int64{5 * mib, 8 * mib, 10 * mib, 15 * mib, 16 * mib, 17179870, 50 * mib, 64 * mib, 100 * mib, 128 * mib}

// pieceSizes are the piece lengths of torrents, 16 KiB to 16 MiB; programs make some thousand pieces, so that a size of
// which a file alone has more than mostPieces is given up.
var pieceSizes = [...]int64{16 * kib, 32 * kib, 64 * kib, 128 * kib, 256 * kib, 512 * kib, 1 * mib, 2 * mib, 4 * mib, 8 * mib, 16 * mib}

const mostPieces = 2048

// nvme is the polynomial of CRC-64/NVME, reflected.
const nvme = 0x9a6c9329ac4bc9b5

// tables are built once: the standard library builds the one of an unusual polynomial anew each time.
var tables = struct {
	castagnoli *crc32.Table
	nvme       *crc64.Table
}{crc32.MakeTable(crc32.Castagnoli), crc64.MakeTable(nvme)}

// TorrentBlock is the size, in bytes, up to which a file's BitTorrent v2 root is its SHA-256.
const TorrentBlock = merkleLeaf

// Sum digests one content in every way at once. Use it from one goroutine.
type Sum struct {
	size              int64
	declared          int64
	md5, sha1, sha256 blocks
	sha512            hash.Hash
	git1, git256      hash.Hash // nil when the size was not told
	crc32, crc32c     uint32
	crc64             uint64
	etags             []*etag
	pieces            []*pieces
	merkle            merkle
	dropbox           hash.Hash
	legacy            legacyLeaves
	quick             quickXor
	raw256, raw1M     rawLeaves
}

// New digests content of size bytes; -1 where that is not known, which leaves Git out of what is longer than 256 KiB.
func New(size int64) *Sum {
	s := &Sum{declared: size, sha512: sha512.New(), dropbox: sha256.New()}
	s.md5 = blocks{whole: md5.New(), fresh: md5.New}
	for _, n := range partSizes {
		e := &etag{sum: md5.New()}
		s.etags = append(s.etags, e)
		s.md5.cuts = append(s.md5.cuts, &cut{size: n, most: maxParts, see: e.see})
	}
	s.sha1 = blocks{whole: sha1.New(), fresh: sha1.New}
	for _, n := range pieceSizes {
		p := &pieces{size: n, sum: sha256.New()}
		s.pieces = append(s.pieces, p)
		s.sha1.cuts = append(s.sha1.cuts, &cut{size: n, most: mostPieces, see: p.see})
	}
	s.sha256 = blocks{whole: sha256.New(), fresh: sha256.New, cuts: []*cut{
		{size: merkleLeaf, see: s.merkle.see}, {size: legacyBlock, see: s.raw256.see}, {size: mib, see: s.raw1M.see},
		{size: 4 * mib, see: func(sum []byte, _ int64) { s.dropbox.Write(sum) }},
	}}
	if size > legacyBlock {
		s.git1, s.git256 = sha1.New(), sha256.New()
		fmt.Fprintf(s.git1, "blob %d\x00", size)
		fmt.Fprintf(s.git256, "blob %d\x00", size)
	}
	return s
}

// worthSpreading is the length of a piece, in bytes, from which hashing it is spread over processors.
const worthSpreading = 128 * kib

// Write takes the next bytes; it never fails. Large pieces are hashed on several processors.
func (s *Sum) Write(p []byte) (int, error) {
	s.size += int64(len(p))
	if len(p) < worthSpreading {
		s.md5.write(p)
		s.sha1.write(p)
		s.sha256.write(p)
		s.others(p)
		return len(p), nil
	}
	var all sync.WaitGroup
	all.Go(func() { s.md5.write(p) })
	all.Go(func() { s.sha1.write(p) })
	all.Go(func() { s.sha256.write(p) })
	s.others(p)
	all.Wait()
	return len(p), nil
}

func (s *Sum) others(p []byte) {
	s.sha512.Write(p)
	s.crc32 = crc32.Update(s.crc32, crc32.IEEETable, p)
	s.crc32c = crc32.Update(s.crc32c, tables.castagnoli, p)
	s.crc64 = crc64.Update(s.crc64, tables.nvme, p)
	s.legacy.write(p)
	s.quick.write(p)
	if s.git1 != nil {
		s.git1.Write(p)
		s.git256.Write(p)
	}
}

// Size returns the bytes taken so far.
func (s *Sum) Size() int64 { return s.size }

// CRC returns the CRC-32 as archives list it.
func (s *Sum) CRC() uint32 { return s.crc32 }

// Values ends the content and returns its digests. Call it once.
func (s *Sum) Values() []Value {
	s.md5.end()
	s.sha1.end()
	s.sha256.end()
	md, sh, whole := s.md5.whole.Sum(nil), s.sha1.whole.Sum(nil), s.sha256.whole.Sum(nil)
	be := binary.BigEndian
	vs := []Value{
		value(MD5, md), value(SHA1, sh), value(SHA256, whole), value(SHA512, s.sha512.Sum(nil)),
		value(CRC32, be.AppendUint32(nil, s.crc32)), value(CRC32C, be.AppendUint32(nil, s.crc32c)), value(CRC64, be.AppendUint64(nil, s.crc64)),
	}
	one := md5.Sum(md)
	vs = append(vs, etagValue(one[:], 1))
	for i, e := range s.etags[:s.md5.apart] {
		if !s.md5.cuts[i].givenUp() && e.n > 1 {
			vs = append(vs, etagValue(e.sum.Sum(nil), e.n))
		}
	}
	for i, p := range s.pieces[:s.sha1.apart] {
		if !s.sha1.cuts[i].givenUp() {
			vs = append(vs, p.value())
		}
	}
	vs = s.gitValues(vs)
	if s.sha256.apart > 0 {
		vs = append(vs, value(Torrent2, s.merkle.root()))
	} else {
		vs = append(vs, value(Torrent2, whole))
	}
	if s.size <= 4*mib {
		s.dropbox.Reset()
		if s.size > 0 {
			s.dropbox.Write(whole)
		}
	}
	vs = append(vs, value(Dropbox, s.dropbox.Sum(nil)), value(QuickXor, s.quick.sum()))
	return s.cids(vs)
}

func (s *Sum) gitValues(vs []Value) []Value {
	if head, ok := s.legacy.all(); ok { // short enough to lie in memory: the size need not be told
		blob := append(fmt.Appendf(nil, "blob %d\x00", s.size), head...)
		a, b := sha1.Sum(blob), sha256.Sum256(blob)
		return append(vs, value(Git, a[:]), value(Git, b[:]))
	}
	if s.git1 == nil || s.declared != s.size {
		return vs
	}
	return append(vs, value(Git, s.git1.Sum(nil)), value(Git, s.git256.Sum(nil)))
}

func (s *Sum) cids(vs []Value) []Value {
	vs = append(vs, value(CID, s.legacy.root()))
	if s.size > legacyBlock {
		vs = append(vs, value(CID, s.raw256.root(legacyLinks)))
	}
	if s.size > mib {
		wide := s.raw1M.root(wideLinks)
		vs = append(vs, value(CID, wide))
		if narrow := s.raw1M.root(legacyLinks); string(narrow) != string(wide) {
			vs = append(vs, value(CID, narrow))
		}
	}
	return vs
}

// maxParts is how many parts S3 allows an upload to have.
const maxParts = 10001

// etag digests the parts of one size.
type etag struct {
	sum hash.Hash
	n   int
}

func (e *etag) see(sum []byte, _ int64) { e.sum.Write(sum); e.n++ }

func etagValue(sum []byte, parts int) Value {
	return Value{ETag, string(binary.BigEndian.AppendUint32(sum, uint32(parts)))}
}
