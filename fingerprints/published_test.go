package fingerprints

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"unmirror/fingerprints/digest"
	"unmirror/fingerprints/match"
)

// publications are a content's digests as places write them.
func publications(b []byte) map[digest.Kind]string {
	blob := append(fmt.Appendf(nil, "blob %d\x00", len(b)), b...)
	etag := md5.Sum(b)
	once := md5.Sum(etag[:])
	return map[digest.Kind]string{
		digest.MD5: fmt.Sprintf("%x", md5.Sum(b)), digest.SHA1: fmt.Sprintf("%x", sha1.Sum(b)), digest.SHA256: fmt.Sprintf("sha256:%x", sha256.Sum256(b)),
		digest.Git: fmt.Sprintf("swh:1:cnt:%x", sha1.Sum(blob)), digest.ETag: fmt.Sprintf(`"%x-1"`, once),
	}
}

// addFiles registers another leak.
func addFiles(t testing.TB, w *world, slug string, files map[string][]byte) {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, files)
	if _, err := w.library.AddLeak(context.Background(), w.opener, AddLeak{Slug: slug, Paths: []string{dir}}); err != nil {
		t.Fatal(err)
	}
}

func TestAPublishedDigestNamesTheKnownFile(t *testing.T) {
	w := newWorld(t, 70)
	for name, b := range w.files {
		for kind, text := range publications(b) {
			found := w.library.Published(kind, text, int64(len(b)))
			if len(found) == 0 || found[0].KnownFile != name || found[0].Grade != match.Digest || found[0].Bits < DefaultNoticeBits {
				t.Errorf("%s of %s: %+v", kind, name, found)
			}
			if len(w.library.Published(kind, text, int64(len(b)+1))) > 0 {
				t.Errorf("%s of %s is found under another size", kind, name)
			}
		}
	}
	if len(w.library.Published(digest.MD5, fmt.Sprintf("%x", md5.Sum([]byte("nothing of the kind"))), -1)) > 0 {
		t.Error("an unknown digest is found")
	}
}

// TestAMemberOfAKnownArchiveIsPublishedToo: who unpacks an archive puts its members online.
func TestAMemberOfAKnownArchiveIsPublishedToo(t *testing.T) {
	w := newWorld(t, 71)
	r := rand.New(rand.NewPCG(71, 1))
	inside := filler(r, 3000) + letterText(w.people[1])
	addFiles(t, w, "tweede", map[string][]byte{"x.zip": one("map/brief.txt", []byte(inside))})
	for kind, text := range publications([]byte(inside)) {
		found := w.library.Published(kind, text, -1)
		if len(found) == 0 || found[0].KnownFile != "x.zip!/map/brief.txt" || found[0].Leak != "tweede" {
			t.Errorf("%s: %+v", kind, found)
		}
	}
}

func TestAChecksumNeedsTheSizeAndOnlyEverRaisesAQuestion(t *testing.T) {
	w := newWorld(t, 72)
	b := w.files["personeel.csv"]
	s := digest.New(int64(len(b)))
	s.Write(b)
	for _, v := range s.Values() {
		if v.Kind != digest.CRC32 && v.Kind != digest.CRC32C {
			continue
		}
		found := w.library.PublishedValue(v, int64(len(b)))
		if len(found) != 1 || found[0].Bits >= DefaultNoticeBits || found[0].Bits < weakBits {
			t.Errorf("%s: %+v", v.Kind, found)
		}
		if len(w.library.PublishedValue(v, -1)) > 0 {
			t.Errorf("%s without a size is found", v.Kind)
		}
	}
}

// TestWhatWeighsNothingIsPublishedInVain: promise 4 holds in this grade too.
func TestWhatWeighsNothingIsPublishedInVain(t *testing.T) {
	w := newWorld(t, 73)
	law, err := publicTexts.ReadFile("public/licences.txt")
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(73, 1))
	later, random := []byte(filler(r, 4000)), make([]byte, 9000)
	for i := range random {
		random[i] = byte(r.Uint32())
	}
	files := map[string][]byte{
		"LICENSE": law, "tiny.txt": []byte("ja"), "empty": nil, "zeros.bin": make([]byte, 1<<20), "same.txt": []byte(strings.Repeat("geen opmerkingen\n", 9000)),
		"form.txt": later, "logo.bin": random, "public.zip": zipOf(map[string]string{"a/LICENSE": string(law), "b": "ja"}, "a/LICENSE", "b"),
	}
	for i := range maxHolders + 1 {
		files[fmt.Sprintf("mappen/%d/Thumbs.db", i)] = random[:5000]
	}
	addFiles(t, w, "openbaar", files)
	if len(w.library.Published(digest.MD5, publications(later)[digest.MD5], -1)) == 0 {
		t.Fatal("a file of its own is not found at first")
	}
	dir := t.TempDir()
	for name, b := range map[string][]byte{"form.txt": later, "logo.bin": random} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.library.AddBaseline(context.Background(), w.opener, AddBaseline{Paths: []string{dir}}); err != nil {
		t.Fatal(err)
	}
	for name, b := range files {
		for kind, text := range publications(b) {
			if found := w.library.Published(kind, text, int64(len(b))); len(found) > 0 {
				t.Errorf("%s of %s is found: %+v", kind, name, found[0])
			}
		}
	}
}

func TestLookUpsSendOnlyDigestsThatCannotBeGuessed(t *testing.T) {
	w := newWorld(t, 74)
	r := rand.New(rand.NewPCG(74, 1))
	big := []byte(filler(r, 40_000))
	addFiles(t, w, "groot", map[string][]byte{"big.txt": big, "small.txt": []byte(filler(r, 4000)), "zeros": make([]byte, 1<<20)})
	list, err := w.library.LookupDigests("groot")
	if err != nil || len(list) != 1 {
		t.Fatalf("%d digests, %v", len(list), err)
	}
	sum := sha256.Sum256(big)
	if list[0].SHA256 != hex.EncodeToString(sum[:]) || list[0].Bytes != int64(len(big)) || len(list[0].SHA1) != 40 || len(list[0].MD5) != 32 {
		t.Errorf("%+v", list[0])
	}
	if other, err := w.library.LookupDigests("no such leak"); err != nil || len(other) != 0 {
		t.Errorf("%v, %v", other, err)
	}
	if err := w.library.RemoveLeak(context.Background(), "groot"); err != nil {
		t.Fatal(err)
	}
	if list, err := w.library.LookupDigests("groot"); err != nil || len(list) != 0 || len(w.library.Published(digest.SHA256, hex.EncodeToString(sum[:]), -1)) > 0 {
		t.Errorf("a removed leak still answers: %v, %v", list, err)
	}
}

// TestNoUnkeyedDigestLiesInTheIndex: an unkeyed hash of a leaked file is as forbidden as the file.
func TestNoUnkeyedDigestLiesInTheIndex(t *testing.T) {
	w := newWorld(t, 75)
	var needles [][]byte
	for _, b := range w.files {
		s := digest.New(int64(len(b)))
		s.Write(b)
		for _, v := range s.Values() {
			if len(v.Sum) >= 8 {
				needles = append(needles, []byte(v.Sum[:8]), []byte(hex.EncodeToString([]byte(v.Sum[:8]))))
			}
		}
	}
	entries, err := os.ReadDir(w.data)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(w.data, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		seen += len(b)
		if slices.ContainsFunc(needles, func(n []byte) bool { return bytes.Contains(b, n) }) {
			t.Errorf("%s holds an unkeyed digest", e.Name())
		}
	}
	if seen < 10_000 || len(needles) < 100 {
		t.Fatalf("looked at %d bytes for %d digests", seen, len(needles))
	}
}
