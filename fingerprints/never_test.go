package fingerprints

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unmirror/fingerprints/index"
	"unmirror/fingerprints/match"
	"unmirror/fingerprints/open"
)

// TestEmptyTinyAndMonotonousFilesNeverMatch: also when they are known, byte for byte.
func TestEmptyTinyAndMonotonousFilesNeverMatch(t *testing.T) {
	files := map[string][]byte{
		"empty.txt": {}, "tiny.txt": []byte("Jan"), "short.txt": []byte("n.v.t. / niet van toepassing"), "zeros.bin": make([]byte, 100_000),
		"ff.bin": bytes.Repeat([]byte{0xff}, 5000), "line.txt": []byte(strings.Repeat("Deze pagina werd met opzet leeg gelaten.\n", 500)),
		"dashes.txt": []byte(strings.Repeat("-----=====\n", 1000)), "letters.txt": []byte(strings.Repeat("a", 10_000)),
		"empty.zip": zipOf(nil), "commas.csv": []byte(strings.Repeat(";;;;;;;;\n", 1000)), "period.bin": bytes.Repeat([]byte{0, 1, 2, 250, 7}, 4000),
	}
	dir := t.TempDir()
	write(t, dir, files)
	l, o := openLibrary(t, t.TempDir()), newOpener(t)
	if _, err := l.AddLeak(context.Background(), o, AddLeak{Slug: "x", Paths: []string{dir}}); err != nil {
		t.Fatal(err)
	}
	m := NewMatcher(l, o, 0)
	for name, b := range files {
		for item, content := range map[string][]byte{name: b, "a.zip": zipOf(map[string]string{name: string(b)}, name)} {
			if rep := m.Match(context.Background(), item, bytes.NewReader(content), int64(len(content))); rep.Verdict == match.Matched {
				t.Errorf("%s as %s: %+v", name, item, rep.Best())
			}
		}
	}
}

// TestBaselineNeverMatches: what is public is no leak, in any grade, also when the leak holds it, whichever came first.
func TestBaselineNeverMatches(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 1))
	form := []string{"Aanvraagformulier", filler(r, 2500), "Naam: ............ Datum: ............", filler(r, 800)}
	public := map[string][]byte{"form.docx": docx(form), "brochure.pdf": pdf(strings.Split(filler(r, 3000), "\n")), "logo.bin": []byte(filler(r, 5000) + "\x00\x01\x02")}
	leak := map[string][]byte{
		"a/form.docx": public["form.docx"], "a/brochure.pdf": public["brochure.pdf"], "a/logo.bin": public["logo.bin"],
		"a/all.zip":    zipOf(map[string]string{"form.docx": string(public["form.docx"]), "logo.bin": string(public["logo.bin"])}, "form.docx", "logo.bin"),
		"filled.txt":   []byte(strings.Replace(strings.Join(form, "\n"), "Naam: ............", "Naam: Odiel Speelmanne, "+sentence(r)+" "+sentence(r), 1)),
		"unique/a.txt": []byte(filler(r, 3000)),
	}
	items := map[string][]byte{
		"form.docx": public["form.docx"], "form.txt": []byte(strings.Join(form, "\n\n")), "half.txt": []byte(form[1][:1200]), "x.pdf": public["brochure.pdf"],
		"x.bin": public["logo.bin"], "all.zip": leak["a/all.zip"], "re.zip": zipOf(map[string]string{"q": string(public["form.docx"])}, "q"),
	}
	for _, baselineFirst := range []bool{true, false} {
		pub, dir := t.TempDir(), t.TempDir()
		write(t, pub, public)
		write(t, dir, leak)
		l, o := openLibrary(t, t.TempDir()), newOpener(t)
		steps := []func() error{
			func() error {
				_, err := l.AddBaseline(context.Background(), o, AddBaseline{Paths: []string{pub}})
				return err
			},
			func() error {
				_, err := l.AddLeak(context.Background(), o, AddLeak{Slug: "x", Paths: []string{dir}})
				return err
			},
		}
		if !baselineFirst {
			steps[0], steps[1] = steps[1], steps[0]
		}
		for _, step := range steps {
			if err := step(); err != nil {
				t.Fatal(err)
			}
		}
		m := NewMatcher(l, o, 0)
		for name, b := range items {
			if rep := m.Match(context.Background(), name, bytes.NewReader(b), int64(len(b))); rep.Verdict != match.None {
				t.Errorf("baseline first %t: %s is %s: %+v", baselineFirst, name, rep.Verdict, rep.Best())
			}
		}
		for _, name := range []string{"filled.txt", "unique/a.txt"} {
			if rep := m.Match(context.Background(), "y", bytes.NewReader(leak[name]), int64(len(leak[name]))); rep.Verdict != match.Matched || rep.Best().KnownFile != name {
				t.Errorf("baseline first %t: %s is %s: %+v", baselineFirst, name, rep.Verdict, rep.Best())
			}
		}
	}
}

// TestPublicFormulasNeverMatch: the titles of laws and the small print of mails stand in leaks too.
func TestPublicFormulasNeverMatch(t *testing.T) {
	laws, err := publicTexts.ReadFile("public/laws.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(laws), "\n")
	r := rand.New(rand.NewPCG(32, 1))
	dir := t.TempDir()
	write(t, dir, map[string][]byte{"a.txt": []byte(filler(r, 900) + lines[0] + filler(r, 900))})
	l, o := openLibrary(t, t.TempDir()), newOpener(t)
	if _, err := l.AddLeak(context.Background(), o, AddLeak{Slug: "x", Paths: []string{dir}}); err != nil {
		t.Fatal(err)
	}
	item := filler(r, 500) + lines[0] + filler(r, 500)
	if rep := NewMatcher(l, o, 0).Match(context.Background(), "x", strings.NewReader(item), int64(len(item))); rep.Verdict != match.None {
		t.Errorf("%s: %+v", rep.Verdict, rep.Best())
	}
	if hits := l.Guard(item); len(hits) > 0 {
		t.Errorf("guard: %v", hits)
	}
}

// TestSmallLeaksOfATemplateAccuseNobody: with two to four letters only, their template is not rare, but still a template.
func TestSmallLeaksOfATemplateAccuseNobody(t *testing.T) {
	for n := 2; n <= 4; n++ {
		r := rand.New(rand.NewPCG(uint64(n), 33))
		people := invent(r, 30)
		dir := t.TempDir()
		for _, p := range people[:n] {
			write(t, dir, map[string][]byte{p.family + ".docx": docx(letter(p))})
		}
		l, o := openLibrary(t, t.TempDir()), newOpener(t)
		if _, err := l.AddLeak(context.Background(), o, AddLeak{Slug: "x", Paths: []string{dir}}); err != nil {
			t.Fatal(err)
		}
		m := NewMatcher(l, o, 0)
		for _, p := range people[n:] {
			b := letterText(p)
			if rep := m.Match(context.Background(), "x", strings.NewReader(b), int64(len(b))); rep.Verdict == match.Matched {
				t.Errorf("%d letters: %+v", n, rep.Best())
			}
		}
		b := letterText(people[0])
		if rep := m.Match(context.Background(), "x", strings.NewReader(b[:len(b)*2/3]), int64(len(b)*2/3)); rep.Verdict != match.Matched {
			t.Errorf("%d letters: two thirds of one is %s", n, rep.Verdict)
		}
	}
}

// TestIndexFolderHoldsNothingOfTheLeak searches all of it for every identifier, name, word pair and file name, in several
// encodings, and for unkeyed hashes of them and of every file.
func TestIndexFolderHoldsNothingOfTheLeak(t *testing.T) {
	w := newWorld(t, 6)
	if _, err := w.library.AddBaseline(context.Background(), w.opener, AddBaseline{Paths: []string{filepath.Join(w.dir, "scan.bin")}}); err != nil {
		t.Fatal(err)
	}
	var all []byte
	err := filepath.WalkDir(w.data, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		all = append(all, d.Name()...)
		b, err := os.ReadFile(path)
		all = append(all, b...)
		return err
	})
	if err != nil || len(all) < 10_000 {
		t.Fatal(len(all), err)
	}
	lower := bytes.ToLower(all)
	var needles []string
	for _, p := range w.people {
		digits := strings.NewReplacer(".", "", "-", "").Replace(p.number)
		needles = append(needles, p.number, digits, p.email, p.phone, strings.ReplaceAll(p.phone, " ", ""), p.family, p.given+" "+p.family, p.remark[:25], p.street, p.born)
		needles = append(needles, strings.ToLower(p.given+p.family), p.family+p.given)
	}
	for name, b := range w.files {
		needles = append(needles, name, filepath.Base(name), string(b))
	}
	needles = append(needles, "De verzonnen dienst", "gezond-verzonnen", "Rijksregisternummer", "Opmerking", "gezond")
	for _, n := range needles {
		forms := [][]byte{hashMD5(n), hashSHA1(n), hashSHA256(n)}
		if len(n) < 300 {
			forms = append(forms, []byte(n), []byte(base64.StdEncoding.EncodeToString([]byte(n))[:len(n)*4/3-2]))
		}
		for _, f := range forms {
			if bytes.Contains(all, f) || bytes.Contains(lower, bytes.ToLower(f)) && len(f) > 5 || bytes.Contains(lower, []byte(hex.EncodeToString(f))) {
				t.Errorf("the index folder holds %q of %.40q", f, n)
			}
		}
	}
}

func hashMD5(s string) []byte    { h := md5.Sum([]byte(s)); return h[:] }
func hashSHA1(s string) []byte   { h := sha1.Sum([]byte(s)); return h[:] }
func hashSHA256(s string) []byte { h := sha256.Sum256([]byte(s)); return h[:] }

type brokenReader struct{}

func (brokenReader) ReadAt([]byte, int64) (int, error) { return 0, errors.New("disk on fire") }

type panickingReader struct{}

func (panickingReader) ReadAt([]byte, int64) (int, error) { panic("secret content") }

func TestEveryItemGetsAnAnswer(t *testing.T) {
	w := newWorld(t, 7)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	whole := w.files["archief.zip"]
	for what, rep := range map[string]match.Report{
		"broken":    w.matcher.Match(context.Background(), "x", brokenReader{}, 100),
		"panicking": w.matcher.Match(context.Background(), "x", panickingReader{}, 100),
		"shorter":   w.matcher.Match(context.Background(), "x", strings.NewReader("abc"), 100),
		"cancelled": w.matcher.Match(ctx, "x", bytes.NewReader(whole), int64(len(whole))),
		"negative":  w.matcher.Match(context.Background(), "x", strings.NewReader(""), -1),
	} {
		if rep.Verdict != match.Unreadable && what != "shorter" && what != "negative" || strings.Contains(rep.Reason, "secret") || rep.Matches == nil {
			t.Errorf("%s: %+v", what, rep)
		}
	}
	w.library.Close()
	if rep := w.match(t, "x", whole); rep.Verdict != match.Unreadable {
		t.Errorf("closed: %+v", rep)
	}
}

func TestIntakeAnswersAsMatchDoes(t *testing.T) {
	w := newWorld(t, 8)
	for name, b := range w.files {
		in, err := w.matcher.Intake(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(struct{ io.Writer }{in}, bytes.NewReader(b)); err != nil {
			t.Fatal(err)
		}
		got, want := in.Match(context.Background()), w.match(t, name, b)
		if got.Verdict != want.Verdict || got.Digest != want.Digest || got.Bytes != want.Bytes || got.Best().KnownFile != want.Best().KnownFile {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
		in.Discard()
	}
}

func TestDamagedIndexNamesTheFile(t *testing.T) {
	w := newWorld(t, 9)
	segments, err := filepath.Glob(filepath.Join(w.data, "*.seg"))
	if err != nil || len(segments) != 1 {
		t.Fatal(segments, err)
	}
	b, err := os.ReadFile(segments[0])
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.Remove(segments[0]); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(segments[0], b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(w.data, testKeys); !errors.Is(err, index.ErrCorrupt) || !strings.Contains(err.Error(), filepath.Base(segments[0])) {
		t.Errorf("error is %v", err)
	}
}

func TestUnreadableLeakFilesAreListedAndTheRestRegistered(t *testing.T) {
	r := rand.New(rand.NewPCG(40, 1))
	good := filler(r, 3000)
	inner := zipOf(map[string]string{"a.txt": good}, "a.txt")
	dir := t.TempDir()
	write(t, dir, map[string][]byte{"good.txt": []byte(good), "cut.zip": inner[:len(inner)-40], "broken.pdf": []byte("%PDF-1.4\nnothing of the kind")})
	l, o := openLibrary(t, t.TempDir()), newOpener(t)
	added, err := l.AddLeak(context.Background(), o, AddLeak{Slug: "x", Paths: []string{dir}})
	if err != nil || added.Files != 3 || len(added.Unreadable) == 0 {
		t.Fatalf("%+v, %v", added, err)
	}
	for _, u := range added.Unreadable {
		if u.File == "good.txt" || u.Reason == "" {
			t.Errorf("unreadable: %+v", u)
		}
	}
	rep := NewMatcher(l, o, 0).Match(context.Background(), "x", strings.NewReader(good), int64(len(good)))
	if rep.Verdict != match.Matched || rep.Best().KnownFile != "good.txt" {
		t.Errorf("%+v", rep)
	}
	if _, err := l.AddLeak(context.Background(), o, AddLeak{Slug: "x", Paths: []string{filepath.Join(dir, "missing")}}); err == nil {
		t.Error("a path that is not there was taken")
	}
	if _, err := l.AddLeak(context.Background(), o, AddLeak{Slug: "Bad Slug", Paths: []string{dir}}); err == nil {
		t.Error("a bad slug was taken")
	}
}

// TestBombsCostOneItem: what cannot be opened within the limits is unreadable, and the next item is matched.
func TestBombsCostOneItem(t *testing.T) {
	w := newWorld(t, 10)
	limits := open.DefaultLimits()
	limits.Output, limits.Ratio = 32<<20, 50
	o, err := open.New(limits, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	m := NewMatcher(w.library, o, 0)
	bomb := zipOf(map[string]string{"a": strings.Repeat("0", 100<<20)}, "a")
	if rep := m.Match(context.Background(), "b.zip", bytes.NewReader(bomb), int64(len(bomb))); rep.Verdict != match.Unreadable || rep.Reason == "" {
		t.Errorf("bomb: %+v", rep)
	}
	b := letterText(w.people[13])
	if rep := m.Match(context.Background(), "l.txt", strings.NewReader(b), int64(len(b))); rep.Verdict != match.Matched {
		t.Errorf("after the bomb: %+v", rep)
	}
}
