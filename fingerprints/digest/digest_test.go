package digest

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"unmirror/internal/testneeds"
)

func valuesOf(b []byte, piece int, size int64) []Value {
	s := New(size)
	for p := range slices.Chunk(b, max(1, piece)) {
		s.Write(p)
	}
	return s.Values()
}

// pseudoRandom is the content that kubo's own tests add: 5 MiB from this generator under seed 41.
func pseudoRandom(seed int64, n int) []byte {
	r := rand.New(rand.NewSource(seed))
	b := make([]byte, 0, n+4)
	for len(b) < n {
		b = binary.LittleEndian.AppendUint32(b, r.Uint32())
	}
	return b[:n]
}

// TestPublishedVectors: what other programs say of the same content.
func TestPublishedVectors(t *testing.T) {
	ada := "Synthetic leak file for tests\nname=Ada Example\nid=000-00-0000\n"
	five := string(pseudoRandom(41, 5<<20))
	for _, c := range []struct {
		what, content string
		kind          Kind
		text          string
	}{
		{"empty", "", MD5, "d41d8cd98f00b204e9800998ecf8427e"},
		{"empty", "", SHA256, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{"empty", "", CID, "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"},
		{"empty", "", CID, "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"},
		{"empty", "", Git, "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"},
		{"git blob", "hello\n", Git, "ce013625030ba8dba906f756967f9e9ca394464a"},
		{"git blob of SHA-256", "hello\n", Git, "2cf8d83d9ee29543b34a87727421fdecb7e3f3a183d337639025de576db9ebb4"},
		{"Software Heritage", "hello\n", Git, "swh:1:cnt:ce013625030ba8dba906f756967f9e9ca394464a;lines=1-2"},
		{"CID v0", "hello world", CID, "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD"},
		{"CID v0", "hello world\n", CID, "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o"},
		{"CID v1 raw", "hello world", CID, "ipfs://bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"},
		{"CID v0 of kubo", ada, CID, "QmfBV9CARzcBBsxsoqooK7W5i1AA33xdEr8rVhNVQyEBKZ"},
		{"CID v1 of kubo", ada, CID, "/ipfs/bafkreifsiuv5xk7rtcqqgjobyzc6u3jo4kzkcnip7voq2q47spy5lo3ndq"},
		{"CID v0 of 20 blocks", five, CID, "QmSr7FqYkxYWGoSfy8ZiaMWQ5vosb18DQGCzjwEQnVHkTb"},
		{"CID of 20 raw blocks", five, CID, "QmbdLHCmdi48eM8T7D67oXjA1S2Puo8eMfngdHhdPukFd6"},
		{"CRC-32C check value", "123456789", CRC32C, "e3069283"},
		{"CRC-64/NVME check value", "123456789", CRC64, "ae8b14860a799888"},
		{"CRC-32 check value", "123456789", CRC32, "cbf43926"},
		{"CRC-32C in base64", "123456789", CRC32C, "crc32c=4waSgw=="},
		{"Wayback", "", SHA1, "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"},
		{"Content-MD5", "", MD5, "1B2M2Y8AsgTpgAmY7PhCfg=="},
		{"x-goog-hash", "", MD5, "md5=1B2M2Y8AsgTpgAmY7PhCfg=="},
		{"Repr-Digest", "{\"hello\": \"world\"}\n", SHA256, "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"},
		{"subresource integrity", "", SHA256, "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
		{"S3 ETag", "", ETag, `"d41d8cd98f00b204e9800998ecf8427e"`},
		{"weak ETag", "", ETag, `W/"d41d8cd98f00b204e9800998ecf8427e"`},
		{"ETag of one part", "", ETag, `"59adb24ef3cdbe0297f05b395827453f-1"`},
		{"quickXorHash", "", QuickXor, "AAAAAAAAAAAAAAAAAAAAAAAAAAA="},
		{"quickXorHash", "\x4a", QuickXor, "SgAAAAAAAAAAAAAAAQAAAAAAAAA="},
		{"quickXorHash", "\xb5\xb4", QuickXor, "taAFAAAAAAAAAAAAAgAAAAAAAAA="},
		{"Dropbox", "", Dropbox, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	} {
		want, err := Parse(c.kind, c.text)
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		if !slices.Contains(valuesOf([]byte(c.content), 1<<16, int64(len(c.content))), want) {
			t.Errorf("%s: %s is not among the digests", c.what, c.text)
		}
	}
}

// TestWhatIsNoDigestIsRefused: a server's own entity tags above all.
func TestWhatIsNoDigestIsRefused(t *testing.T) {
	for _, c := range []struct {
		kind Kind
		text string
	}{
		{ETag, `"5f3e1c2a-1a4"`}, {ETag, `"2aa6-5e0b1c2d3e4f5"`}, {ETag, ""}, {ETag, `"d41d8cd98f00b204e9800998ecf8427e-0"`},
		{ETag, `"d41d8cd98f00b204e9800998ecf8427e-99999"`}, {MD5, "d41d8cd98f00b204e9800998ecf8427"}, {SHA256, "sha512:00"},
		{SHA256, "md5:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{CID, "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQ0"}, {CID, "notacid"}, {CID, "b"}, {CID, "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzd"},
		{Git, "swh:1:dir:ce013625030ba8dba906f756967f9e9ca394464a"}, {Torrent1, strings.Repeat("00", 36)}, {"unheard of", "00"},
	} {
		if v, err := Parse(c.kind, c.text); err == nil || !errors.Is(err, ErrForm) {
			t.Errorf("%s %q was read as %v (%v)", c.kind, c.text, v.Kind, err)
		}
	}
}

func TestEveryKindIsPublishedSomewhereAndHasALength(t *testing.T) {
	seen := map[Kind]bool{}
	for _, p := range Published() {
		seen[p.Kind] = true
		if p.Where == "" || p.Source == "" || len(p.Kind.lengths()) == 0 {
			t.Errorf("incomplete: %+v", p)
		}
	}
	for _, v := range valuesOf(make([]byte, 20<<20), 1<<20, 20<<20) {
		if _, err := v.check(); err != nil || !seen[v.Kind] {
			t.Errorf("%s: %v, published %v", v.Kind, err, seen[v.Kind])
		}
	}
}

// plainly computes the digests of parts, pieces and leaves the straightforward way.
func plainly(b []byte) []Value {
	var vs []Value
	for _, n := range partSizes {
		if int64(len(b)) <= n {
			continue
		}
		var sums []byte
		parts := 0
		for p := range slices.Chunk(b, int(n)) {
			sum := md5.Sum(p)
			sums, parts = append(sums, sum[:]...), parts+1
		}
		sum := md5.Sum(sums)
		v, _ := Parse(ETag, fmt.Sprintf("%x-%d", sum, parts))
		vs = append(vs, v)
	}
	for _, n := range pieceSizes {
		var all []byte
		for p := range slices.Chunk(b, int(n)) {
			sum := sha1.Sum(p)
			all = append(all, sum[:]...)
		}
		if whole := int64(len(b)) / n; whole > 0 && whole < mostPieces {
			v, err := FromTorrent(File{Offset: 3 * n, Length: int64(len(b)), PieceLength: n, Pieces: append(make([]byte, 60), all...)})
			if err != nil {
				panic(err)
			}
			vs = append(vs, v)
		}
	}
	level := [][]byte{}
	for p := range slices.Chunk(b, merkleLeaf) {
		sum := sha256.Sum256(p)
		level = append(level, sum[:])
	}
	for n := 1; n < 1<<40; n *= 2 {
		if n >= len(level) {
			for len(level) < n {
				level = append(level, make([]byte, 32))
			}
			break
		}
	}
	for len(level) > 1 {
		var up [][]byte
		for pair := range slices.Chunk(level, 2) {
			sum := sha256.Sum256(bytes.Join(pair, nil))
			up = append(up, sum[:])
		}
		level = up
	}
	vs = append(vs, value(Torrent2, level[0]))
	var four []byte
	for p := range slices.Chunk(b, 4*mib) {
		sum := sha256.Sum256(p)
		four = append(four, sum[:]...)
	}
	sum := sha256.Sum256(four)
	return append(vs, value(Dropbox, sum[:]))
}

func TestBlocksAgreeWithThePlainComputation(t *testing.T) {
	all := pseudoRandom(7, 17<<20)
	for _, n := range []int{1, merkleLeaf - 1, merkleLeaf, merkleLeaf + 1, 5 * merkleLeaf, 256 * kib, 256*kib + 1, mib, 4*mib + 1, 5 * mib, 17179871} {
		have := valuesOf(all[:n], 300_001, -1)
		for _, v := range plainly(all[:n]) {
			if !slices.Contains(have, v) {
				t.Errorf("%d bytes: a %s digest (%x) is missing", n, v.Kind, v.Sum[:4])
			}
		}
	}
}

func TestQuickXorIsWhatItsDefinitionSays(t *testing.T) {
	b := pseudoRandom(12, 1000)
	var ring [160]bool
	for i, c := range b {
		for bit := range 8 {
			if c>>bit&1 == 1 {
				at := (i*11 + bit) % 160
				ring[at] = !ring[at]
			}
		}
	}
	want := make([]byte, 20)
	for i, on := range ring {
		if on {
			want[i/8] |= 1 << (i % 8)
		}
	}
	want[12] ^= byte(len(b) & 255)
	want[13] ^= byte(len(b) >> 8)
	if !slices.Contains(valuesOf(b, 77, -1), value(QuickXor, want)) {
		t.Error("it differs")
	}
}

func TestPiecesInWhichAContentComesChangeNothing(t *testing.T) {
	all := pseudoRandom(8, 3<<20)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, len(all)).Draw(t, "size")
		want := valuesOf(all[:n], n, int64(n))
		if got := valuesOf(all[:n], rapid.IntRange(1000, 300_000).Draw(t, "piece"), int64(n)); !slices.Equal(got, want) {
			t.Fatal("digests differ")
		}
	})
}

func TestASizeToldWronglyLeavesGitOut(t *testing.T) {
	b := pseudoRandom(9, 300*kib)
	for size, want := range map[int64]int{int64(len(b)): 2, 299 * kib: 0, -1: 0} {
		n := 0
		for _, v := range valuesOf(b, 1<<16, size) {
			if v.Kind == Git {
				n++
			}
		}
		if n != want {
			t.Errorf("size %d: %d git digests, want %d", size, n, want)
		}
	}
}

func TestGitAndOpensslAgree(t *testing.T) {
	git, ssl := testneeds.Program(t, "git", "git"), testneeds.Program(t, "openssl", "openssl")
	b := pseudoRandom(10, 600_000)
	path := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	have := valuesOf(b, 1<<20, int64(len(b)))
	for _, c := range []struct {
		kind Kind
		cmd  []string
	}{
		{Git, []string{git, "hash-object", "--no-filters", path}}, {MD5, []string{ssl, "dgst", "-md5", "-r", path}},
		{SHA1, []string{ssl, "dgst", "-sha1", "-r", path}}, {SHA512, []string{ssl, "dgst", "-sha512", "-r", path}},
	} {
		out, err := exec.Command(c.cmd[0], c.cmd[1:]...).Output()
		if err != nil {
			t.Fatalf("%s: %v", c.cmd[1], err)
		}
		v, err := Parse(c.kind, strings.Fields(string(out))[0])
		if err != nil || !slices.Contains(have, v) {
			t.Errorf("%s: %s is not among the digests (%v)", c.kind, out, err)
		}
	}
}

func TestTorrentFiles(t *testing.T) {
	b := pseudoRandom(11, 200*kib)
	have := valuesOf(b, 1<<16, int64(len(b)))
	one := sha1.Sum(b)
	whole := func(n int) (sums []byte) {
		for p := range slices.Chunk(b, n) {
			sum := sha1.Sum(p)
			sums = append(sums, sum[:]...)
		}
		return sums
	}
	for _, c := range []struct {
		what  string
		file  File
		known bool
		err   error
	}{
		{"alone, one piece", File{0, int64(len(b)), 256 * kib, one[:]}, true, nil},
		{"aligned, more after it", File{64 * kib, int64(len(b)), 64 * kib, slices.Concat(make([]byte, 20), whole(64*kib), make([]byte, 40))}, true, nil},
		{"not aligned", File{100, int64(len(b)), 64 * kib, whole(64 * kib)}, false, ErrUnaligned},
		{"smaller than a piece that others share", File{0, 100, 64 * kib, whole(64 * kib)}, false, ErrUnaligned},
		{"too few pieces", File{0, int64(len(b)), 16 * kib, whole(64 * kib)}, false, ErrForm},
		{"beyond the pieces", File{1 << 40, int64(len(b)), 16 * kib, whole(64 * kib)}, false, ErrForm},
		{"another file", File{0, int64(len(b)), 64 * kib, make([]byte, 80)}, false, nil},
		{"no piece length", File{0, 1, 0, nil}, false, ErrForm},
	} {
		v, err := FromTorrent(c.file)
		if !errors.Is(err, c.err) || slices.Contains(have, v) != c.known {
			t.Errorf("%s: known %v, error %v", c.what, slices.Contains(have, v), err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, p := range Published() {
		f.Add(string(p.Kind), "d41d8cd98f00b204e9800998ecf8427e")
	}
	f.Add("ipfs-cid", "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH")
	f.Add("ipfs-cid", "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku")
	f.Add("ipfs-cid", "zdj7WWeQ43G6JJvLWQWZpyHuAMq6uYWRjkBXFad11vE2LHhQ7")
	f.Add("s3-etag", `W/"59adb24ef3cdbe0297f05b395827453f-12"`)
	f.Add("sha256", "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:")
	f.Add("md5", "md5-")
	f.Fuzz(func(t *testing.T, kind, text string) {
		v, err := Parse(Kind(kind), text)
		if err != nil {
			return
		}
		if _, err := v.check(); err != nil {
			t.Fatal(err)
		}
		if again, err := Parse(v.Kind, hex.EncodeToString([]byte(v.Sum))); v.Kind != ETag && v.Kind != CID && (err != nil || again != v) {
			t.Fatalf("%q does not read back: %v", text, err)
		}
	})
}

// BenchmarkSum prints what registration pays; larger files pay for more sizes of parts.
func BenchmarkSum(b *testing.B) {
	for _, n := range []int{4 * kib, 256 * kib, 4 * mib, 64 * mib, 200 * mib} {
		content := pseudoRandom(1, n)
		for _, piece := range []int{64 * kib, 512 * kib} {
			b.Run(fmt.Sprintf("%dKiB/%dKiB", n/kib, piece/kib), func(b *testing.B) {
				b.SetBytes(int64(n))
				for b.Loop() {
					valuesOf(content, piece, int64(n))
				}
			})
		}
	}
}
