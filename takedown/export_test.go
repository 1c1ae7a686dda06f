package takedown_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"unmirror/internal/testneeds"
	"unmirror/takedown"
	"unmirror/takedown/evidence"
	"unmirror/takedown/incident"
)

// exportWith is what the program hands over besides the record.
func (s *safe) exportWith() takedown.ExportWith {
	return takedown.ExportWith{Keys: s.ring.Public(), AuthorityCA: s.tsa.CA, Recipients: len(s.ids)}
}

// bundle plays a case to its end and exports it into a folder.
func (s *safe) bundle() (dir string, e *takedown.Export) {
	s.t.Helper()
	s.post()
	f := incident.File{}
	f.Controller.Name = "Fictitious Occupational Health vzw"
	f.Processors = []incident.Processor{{Name: "Fictitious Scanning bv", Role: "processor"}}
	if err := s.d.SetIncident(s.t.Context(), anna, "health-2026", f); err != nil {
		s.t.Fatal(err)
	}
	n := s.approved(item)
	s.clock.pass(time.Minute)
	if s.deliver() != 1 {
		s.t.Fatal("nothing was sent")
	}
	s.gone(n.Case)
	must(s.d.StampEvidence(s.t.Context()))(s.t)
	return s.export(n.Case)
}

func (s *safe) export(caseID string) (dir string, e *takedown.Export) {
	s.t.Helper()
	e = must(s.d.ExportEvidence(s.t.Context(), operator, caseID, s.exportWith()))(s.t)
	dir = filepath.Join(s.t.TempDir(), "bundle")
	if err := evidence.WriteFolder(dir, e.Files); err != nil {
		s.t.Fatal(err)
	}
	return dir, e
}

// follow runs the indented lines of a bundle's instruction, as somebody would who has only public tools.
func (s *safe) follow(dir string) error {
	s.t.Helper()
	for program, from := range map[string]string{"openssl": "openssl", "age": "age", "sha256sum": "coreutils", "find": "findutils", "gzip": "gzip"} {
		testneeds.Program(s.t, program, from)
	}
	var script strings.Builder
	for line := range strings.Lines(string(must(os.ReadFile(filepath.Join(dir, "VERIFY.txt")))(s.t))) {
		if rest, is := strings.CutPrefix(line, "    "); is {
			script.WriteString(rest)
		}
	}
	key := filepath.Join(s.t.TempDir(), "counsel.key")
	if err := os.WriteFile(key, []byte(s.ids[1].String()+"\n"), 0o600); err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-e")
	cmd.Dir, cmd.Env, cmd.Stdin = dir, append(os.Environ(), "IDENTITY="+key, "LC_ALL=C"), strings.NewReader(script.String())
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

func TestABundleIsVerifiedByItsOwnInstructionWithPublicTools(t *testing.T) {
	s := newSafe(t, func(o *takedown.Options) { o.Registered = nil })
	dir, e := s.bundle()
	if err := s.follow(dir); err != nil {
		t.Fatal(err)
	}
	read := func(name string) string {
		t.Helper()
		return string(must(os.ReadFile(filepath.Join(dir, "opened", name)))(t))
	}
	for language, words := range map[string][]string{
		"nl": {"Chronologie van zaak", "Goedgekeurd door de raadsman", "bewezen verdwenen"},
		"fr": {"Chronologie du dossier", "Approuvé par le conseil", "établi que le contenu a disparu"},
		"de": {"Chronologie des Falls", "Anwaltlich freigegeben", "nachweislich verschwunden"},
		"en": {"Chronology of case", "Approved by counsel", "The content is proven gone", "A third party's time token came"},
	} {
		text := read("sealed/chronology." + language + ".txt")
		for _, w := range append(words, item, "abuse@host.example") {
			if !strings.Contains(text, w) {
				t.Errorf("the chronology in %s lacks %q:\n%s", language, w, text)
			}
		}
	}
	if text := read("sealed/leak-file.yaml"); !strings.Contains(text, "Fictitious Scanning bv") {
		t.Errorf("the chain of processors is not in\n%s", text)
	}
	if text := read("sealed/contacts.json"); !strings.Contains(text, "operator directory") || !strings.Contains(text, "abuse@host.example") {
		t.Errorf("contacts: %s", text)
	}
	mails := must(filepath.Glob(filepath.Join(dir, "opened/sealed/notices/*.eml")))(t)
	sent := s.mail.Mails()
	if len(mails) == 0 || len(sent) != 1 || !bytes.Contains(sent[0].Bytes, bytes.TrimSpace(must(os.ReadFile(mails[0]))(t))) {
		t.Errorf("%d mails of %d are not what was sent", len(mails), len(sent))
	}
	if captured := must(filepath.Glob(filepath.Join(dir, "opened/evidence/*.warc")))(t); len(captured) == 0 {
		t.Error("no WARC file was opened")
	}
	s.toldInTheLog(e)
	s.clearTellsNothing(e)
}

// toldInTheLog wants the digest of the bundle's list in the audit log.
func (s *safe) toldInTheLog(e *takedown.Export) {
	s.t.Helper()
	for _, r := range must(s.st.AuditTail(s.t.Context(), 10))(s.t) {
		if r.Act == "evidence.export" && r.Detail == e.Digest {
			return
		}
	}
	s.t.Error("the audit log does not tell of the bundle")
}

// clearTellsNothing searches what is not encrypted for what must not stand there.
func (s *safe) clearTellsNothing(e *takedown.Export) {
	s.t.Helper()
	for _, f := range e.Files {
		for _, word := range []string{"host.example", "203.0.113", "Anna", "secretname", bodyDigest} {
			if bytes.Contains(f.Content, []byte(word)) || strings.Contains(f.Name, word) {
				s.t.Errorf("%s tells %q", f.Name, word)
			}
		}
	}
}

func TestAnyChangedByteOfABundleIsFound(t *testing.T) {
	s := newSafe(t, func(o *takedown.Options) { o.Registered = nil })
	dir, e := s.bundle()
	if err := s.follow(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "opened")); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, f := range e.Files {
		kind := filepath.Dir(f.Name) + filepath.Ext(f.Name)
		if seen[kind] || len(f.Content) == 0 {
			continue // one of each kind
		}
		seen[kind] = true
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		for _, at := range []int{0, len(f.Content) / 2, len(f.Content) - 1} {
			changed := bytes.Clone(f.Content)
			changed[at] ^= 1
			if err := os.WriteFile(path, changed, 0o600); err != nil {
				t.Fatal(err)
			}
			if s.quick(dir) == nil {
				t.Errorf("byte %d of %s was changed unseen", at, f.Name)
			}
		}
		if err := os.WriteFile(path, f.Content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	must(0, os.WriteFile(filepath.Join(dir, "audit", "row-99999999.txt"), []byte("a row of my own"), 0o600))(t)
	if s.quick(dir) == nil {
		t.Error("a file that was added was not found")
	}
	must(0, os.Remove(filepath.Join(dir, "audit", "row-99999999.txt")))(t)
	must(0, os.Remove(filepath.Join(dir, "manifest.jsonl")))(t)
	if s.quick(dir) == nil {
		t.Error("a file that was taken away was not found")
	}
}

// quick follows the first two steps of the instruction, which cover every file.
func (s *safe) quick(dir string) error {
	s.t.Helper()
	// What the instruction says is taken from a bundle that nobody touched: a changed instruction is found by the true one.
	cmd := exec.Command("sh", "-ec", `sha256sum --check --strict --quiet SHA256SUMS
test "$(find . -type f ! -path './opened/*' ! -name 'SHA256SUMS*' | wc -l)" -eq "$(wc -l < SHA256SUMS)"
openssl pkeyutl -verify -pubin -inkey keys/*.pem -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig
openssl ts -verify -data SHA256SUMS -in SHA256SUMS.tsr -CAfile time/authority.pem`)
	cmd.Dir = dir
	return cmd.Run()
}

func TestABundleNeedsSomebodyToEncryptToAndACaseThatIsThere(t *testing.T) {
	w := newWorld(t)
	c := w.open(item)
	_, err := w.d.ExportEvidence(t.Context(), operator, c.ID, takedown.ExportWith{})
	w.want(err, takedown.ErrState)
	s := newSafe(t)
	_, err = s.d.ExportEvidence(t.Context(), operator, "case_nowhere", s.exportWith())
	s.want(err, takedown.ErrNotFound)
	_, err = s.d.ExportEvidence(t.Context(), auditor, "case_nowhere", s.exportWith())
	s.want(err, takedown.ErrForbidden)
}

func TestABundleGoesWithoutATokenWhereTheAuthorityFails(t *testing.T) {
	s := newSafe(t)
	c := s.open(item)
	s.tsa.Fail(true)
	dir, _ := s.export(c.ID)
	if _, err := os.Stat(filepath.Join(dir, "SHA256SUMS.tsr")); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if err := s.follow(dir); err != nil {
		t.Fatal(err)
	}
}

func TestABundleTellsOfDeletedEvidence(t *testing.T) {
	s := newSafe(t)
	c := s.open(item)
	s.gone(c.ID)
	s.clock.pass(400 * 24 * time.Hour)
	must(s.d.ExpireEvidence(t.Context()))(t)
	dir, _ := s.export(c.ID)
	if err := s.follow(dir); err != nil {
		t.Fatal(err)
	}
	if b := must(os.ReadFile(filepath.Join(dir, "manifest.jsonl")))(t); !bytes.Contains(b, []byte(`"what":"deleted"`)) {
		t.Fatalf("%s", b)
	}
}
