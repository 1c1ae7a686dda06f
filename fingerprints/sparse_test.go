package fingerprints

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"unmirror/fingerprints/match"
	"unmirror/internal/testneeds"
)

// lockedArchive packs files with a password.
func lockedArchive(t testing.TB, files map[string][]byte, name, program string, args ...string) []byte {
	t.Helper()
	dir, out := t.TempDir(), filepath.Join(t.TempDir(), name)
	write(t, dir, files)
	cmd := exec.Command(program, append(args, out, ".")...)
	cmd.Dir = dir
	if log, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, log)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// members are the files in the known archive.
func members(w *world) map[string][]byte {
	files := map[string][]byte{}
	for _, p := range w.people[24:] {
		files["oud/"+p.family+".txt"] = []byte(letterText(p))
	}
	return files
}

func strangers(seed uint64, n int) map[string][]byte {
	r := rand.New(rand.NewPCG(seed, 9))
	files := map[string][]byte{}
	for i := range n {
		files[fmt.Sprintf("f%d.txt", i)] = []byte(filler(r, 300+r.IntN(9000)))
	}
	return files
}

// askTail asks as one who fetches ranges from the end.
func askTail(t testing.TB, w *world, b []byte) match.Report {
	t.Helper()
	n := 0
	for range 6 {
		rep, need := w.library.Listing(b[len(b)-n:], int64(len(b)))
		if need == 0 {
			return rep
		}
		n = int(need)
	}
	t.Fatal("it never has enough")
	return match.Report{}
}

func TestAnEncryptedArchiveOfKnownFilesIsMatchedByItsDirectory(t *testing.T) {
	zip, seven := testneeds.Program(t, "zip", "zip"), testneeds.Program(t, "7z", "p7zip-full")
	w := newWorld(t, 80)
	mixed := strangers(80, 30)
	for _, name := range []string{"personeel.csv", "verslag.pdf", "scan.bin"} {
		mixed["x/"+name] = w.files[name]
	}
	few := strangers(81, 20)
	few["scan.bin"] = w.files["scan.bin"]
	disguised := map[string][]byte{"[Content_Types].xml": []byte("<Types/>"), "scan.bin": w.files["scan.bin"], "verslag.pdf": w.files["verslag.pdf"]}
	for _, c := range []struct {
		what  string
		files map[string][]byte
		first string
		want  match.Verdict
	}{
		{"the folder", w.files, "", match.Matched},
		{"the known archive's members", members(w), "archief.zip", match.Matched},
		{"three known files among others", mixed, "", match.Matched},
		{"one known file among others", few, "scan.bin", match.Weak},
		{"disguised as a document", disguised, "", match.Matched},
		{"other files", strangers(82, 50), "", match.Unreadable},
	} {
		for _, p := range [][]string{
			{"a.zip", zip, "-q", "-r", "-P", "geheim"}, {"a.7z", seven, "a", "-bd", "-pgeheim"},
			{"a.zip", seven, "a", "-bd", "-tzip", "-pgeheim", "-mem=ZipCrypto"},
		} {
			b := lockedArchive(t, c.files, p[0], p[1], p[2:]...)
			rep := w.match(t, p[0], b)
			best := rep.Best()
			if rep.Verdict != c.want || best != nil && (best.Grade != match.Listing || best.Coverage <= 0 || best.Leak != "gezond") ||
				c.first != "" && (best == nil || best.KnownFile != c.first) {
				t.Errorf("%s in %s: %s (%s), %+v", c.what, p[1:], rep.Verdict, rep.Reason, best)
			}
			nested := w.match(t, "b.zip", one("in/"+p[0], b))
			if nested.Verdict != c.want || best != nil && nested.Best().Part != "b.zip!/in/"+p[0] && nested.Best().Part != "in/"+p[0] {
				t.Errorf("%s in %s in a zip: %s, %+v", c.what, p[1:], nested.Verdict, nested.Best())
			}
			tail := askTail(t, w, b)
			if want := c.want; tail.Verdict != want && (want != match.Unreadable || tail.Verdict != match.None) || (tail.Best() == nil) != (best == nil) ||
				best != nil && tail.Best().FileID != best.FileID {
				t.Errorf("%s in %s by its tail: %s, %+v", c.what, p[1:], tail.Verdict, tail.Best())
			}
		}
	}
}

func TestSizesAloneNameAnArchiveOnlyWhereTheyAreRare(t *testing.T) {
	seven := testneeds.Program(t, "7z", "p7zip-full")
	w := newWorld(t, 81)
	own := strangers(83, 40)
	packed := map[string]string{}
	var order []string
	for name, b := range own {
		packed[name] = string(b)
		order = append(order, name)
	}
	addFiles(t, w, "maten", map[string][]byte{"dossier.zip": zipOf(packed, order...)})
	aes := []string{"a", "-bd", "-tzip", "-pgeheim", "-mem=AES256"}
	if rep := w.match(t, "a.zip", lockedArchive(t, own, "a.zip", seven, aes...)); rep.Verdict != match.Matched || rep.Best().KnownFile != "dossier.zip" {
		t.Errorf("the same files: %s, %+v", rep.Verdict, rep.Best())
	}
	letters := map[string][]byte{}
	for _, p := range w.others {
		letters[p.family+p.given+".txt"] = []byte(letterText(p))
	}
	for what, files := range map[string]map[string][]byte{"the same template, other people": letters, "other files": strangers(84, 200)} {
		if rep := w.match(t, "a.zip", lockedArchive(t, files, "a.zip", seven, aes...)); rep.Verdict == match.Matched || rep.Best() != nil && rep.Best().Grade == match.Listing {
			t.Errorf("%s: %s, %+v", what, rep.Verdict, rep.Best())
		}
	}
}

func TestPublicMembersAccuseNobody(t *testing.T) {
	zip := testneeds.Program(t, "zip", "zip")
	w := newWorld(t, 82)
	law, err := publicTexts.ReadFile("public/licences.txt")
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(82, 1))
	form, filling := []byte(filler(r, 4000)), []byte(filler(r, 3000))
	files := map[string][]byte{"LICENSE": law, "form.txt": form, "a/empty": nil, "ja": []byte("ja"), "zeros": make([]byte, 9000)}
	for i := range maxHolders + 1 {
		files[fmt.Sprintf("%d/Thumbs.db", i)] = filling
	}
	addFiles(t, w, "openbaar", files)
	shared := []byte(filler(r, 5000))
	for i := range 3 {
		addFiles(t, w, fmt.Sprintf("lek-%d", i), map[string][]byte{"handleiding.txt": shared})
	}
	dir := t.TempDir()
	write(t, dir, map[string][]byte{"form.txt": form})
	if _, err := w.library.AddBaseline(context.Background(), w.opener, AddBaseline{Paths: []string{dir}}); err != nil {
		t.Fatal(err)
	}
	files["handleiding.txt"] = shared
	for name, b := range strangers(85, 10) {
		files[name] = b
	}
	b := lockedArchive(t, files, "a.zip", zip, "-q", "-r", "-P", "geheim")
	if rep := w.match(t, "a.zip", b); rep.Best() != nil {
		t.Errorf("%s: %+v", rep.Verdict, rep.Best())
	}
	if rep := askTail(t, w, b); rep.Verdict != match.None {
		t.Errorf("by its tail: %s", rep.Verdict)
	}
}

func TestADirectoryThatCannotBeReadIsUnreadable(t *testing.T) {
	seven := testneeds.Program(t, "7z", "p7zip-full")
	w := newWorld(t, 83)
	b := lockedArchive(t, w.files, "a.7z", seven, "a", "-bd", "-pgeheim", "-mhe=on")
	if rep := askTail(t, w, b); rep.Verdict != match.Unreadable || !strings.Contains(rep.Reason, "encrypted") {
		t.Errorf("%s: %s", rep.Verdict, rep.Reason)
	}
	if rep := askTail(t, w, bytes.Repeat([]byte("gewone tekst\n"), 9000)); rep.Verdict != match.Unreadable || rep.Reason == "" {
		t.Errorf("%s: %s", rep.Verdict, rep.Reason)
	}
}

func TestACutEncryptedArchiveIsMatchedByItsHeaders(t *testing.T) {
	zip := testneeds.Program(t, "zip", "zip")
	w := newWorld(t, 84)
	b := lockedArchive(t, w.files, "a.zip", zip, "-q", "-r", "-P", "geheim")
	b = b[:len(b)*2/3]
	if rep := w.match(t, "a.zip", b); rep.Verdict != match.Matched || rep.Best().Grade != match.Listing {
		t.Errorf("%s (%s): %+v", rep.Verdict, rep.Reason, rep.Best())
	}
}

// TestAMergedOrRemovedLeakIsListedRightly: the places in directories move with their files.
func TestAMergedOrRemovedLeakIsListedRightly(t *testing.T) {
	zip := testneeds.Program(t, "zip", "zip")
	w := newWorld(t, 85)
	own := strangers(86, 6)
	addFiles(t, w, "tweede", own)
	first := lockedArchive(t, w.files, "a.zip", zip, "-q", "-r", "-P", "geheim")
	second := lockedArchive(t, own, "a.zip", zip, "-q", "-r", "-P", "geheim")
	if err := w.library.RemoveLeak(context.Background(), "gezond"); err != nil {
		t.Fatal(err)
	}
	if rep := w.match(t, "a.zip", first); rep.Best() != nil {
		t.Errorf("the removed leak: %+v", rep.Best())
	}
	if rep := w.match(t, "a.zip", second); rep.Verdict != match.Matched || rep.Best().Leak != "tweede" {
		t.Errorf("the leak that stays: %s %+v", rep.Verdict, rep.Best())
	}
}
