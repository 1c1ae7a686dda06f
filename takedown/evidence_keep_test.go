package takedown_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"unmirror/store"
	"unmirror/takedown"
	"unmirror/takedown/evidence"
	"unmirror/takedown/evidence/tsatest"
)

// safe is a world that keeps evidence for two recipients, has it stamped, and deletes it after a year.
type safe struct {
	*world
	vault string
	ids   []*age.X25519Identity
	tsa   *tsatest.Authority
}

func newSafe(t *testing.T, change ...func(*takedown.Options)) *safe {
	t.Helper()
	s := &safe{vault: filepath.Join(t.TempDir(), "evidence")}
	var to []string
	for range 2 {
		id := must(age.GenerateX25519Identity())(t)
		s.ids, to = append(s.ids, id), append(to, id.Recipient().String())
	}
	s.world = newWorld(t, append([]func(*takedown.Options){func(o *takedown.Options) {
		o.Evidence, o.EvidenceKeep = must(evidence.New(s.vault, to))(t), 365*24*time.Hour
	}}, change...)...)
	s.tsa = tsatest.New(t, s.clock.now)
	s.o.Timestamp = must(evidence.NewAuthority(s.tsa.URL, s.tsa.CA, "", s.clock.now))(t)
	s.d = must(takedown.New(s.o))(t)
	return s
}

// read opens an evidence file as counsel does.
func (s *safe) read(id string) string {
	s.t.Helper()
	raw := must(os.ReadFile(filepath.Join(s.vault, evidence.FileName(id))))(s.t)
	plain := must(age.Decrypt(bytes.NewReader(raw), s.ids[1]))(s.t)
	z := must(gzip.NewReader(plain))(s.t)
	return string(must(io.ReadAll(z))(s.t))
}

func (s *safe) gone(id string) {
	s.t.Helper()
	s.eyes.sees(takedown.LookGone)
	for range 3 {
		s.look(id, time.Hour)
	}
	if c := s.caseOf(id); c.State != takedown.CaseGone {
		s.t.Fatalf("the case is %s", c.State)
	}
}

func TestContentThatIsSeenAgainRefersToItsFirstCapture(t *testing.T) {
	s := newSafe(t)
	c := s.open(item)
	s.gone(c.ID)
	s.clock.pass(time.Hour)
	must(s.d.Observe(t.Context(), s.sighting(item)))(t)
	kept := must(s.d.Evidence(t.Context(), c.ID))(t)
	first, last := s.read(kept[0].ID), s.read(kept[len(kept)-1].ID)
	_, id, _ := strings.Cut(first, "WARC-Type: response\r\nWARC-Record-ID: ")
	id, _, _ = strings.Cut(id, "\r\n")
	if !strings.Contains(last, "WARC-Type: revisit\r\n") || id == "" || !strings.Contains(last, "WARC-Refers-To: "+id+"\r\n") {
		t.Fatalf("the last is no revisit of %s:\n%s", id, last)
	}
}

func TestAnAuthorityThatFailsDelaysNothingAndIsAskedAgain(t *testing.T) {
	s := newSafe(t)
	s.tsa.Fail(true)
	c := s.open(item)
	if e := c.Evidence; len(e) != 1 || e[0].Missing != "" || !e[0].Stamped.IsZero() {
		t.Fatalf("%+v", e)
	}
	n, err := s.d.StampEvidence(t.Context())
	if n != 0 || err == nil || strings.Contains(err.Error(), "host.example") {
		t.Fatalf("%d, %v", n, err)
	}
	if n := must(s.d.StampEvidence(t.Context()))(t); n != 0 || len(s.tsa.Asked()) != 1 {
		t.Fatal("it was asked again at once")
	}
	s.clock.pass(2 * time.Minute)
	s.tsa.Fail(false)
	if n := must(s.d.StampEvidence(t.Context()))(t); n != 1 {
		t.Fatalf("%d stamped", n)
	}
	f := must(s.d.Evidence(t.Context(), c.ID))(t)[0]
	if f.Stamped == nil || f.Stamped.Sub(s.clock.now()).Abs() > time.Second {
		t.Fatalf("%+v", f)
	}
	must(os.Stat(filepath.Join(s.vault, evidence.TokenName(f.ID))))(t)
	events, err := evidence.VerifyManifest(must(os.ReadFile(filepath.Join(s.vault, evidence.ManifestName(c.ID))))(t))
	if err != nil || len(events) != 2 || events[1].What != "stamped" {
		t.Fatalf("%+v, %v", events, err)
	}
	if n := must(s.d.StampEvidence(t.Context()))(t); n != 0 {
		t.Fatal("it was stamped twice")
	}
}

func TestEvidenceIsDeletedWhenItsTimeIsOverAndNotWhileItIsHeld(t *testing.T) {
	s := newSafe(t)
	over, held, live := s.open(item), s.open("https://files.host.example/pub/held.zip"), s.open("https://files.host.example/pub/live.zip")
	must(s.d.StampEvidence(t.Context()))(t)
	s.gone(over.ID)
	s.gone(held.ID)
	s.want(s.d.SetEvidenceHold(t.Context(), operator, held.ID, true, ""), takedown.ErrInvalid)
	s.want(s.d.SetEvidenceHold(t.Context(), auditor, held.ID, true, "A court asks."), takedown.ErrForbidden)
	for range 2 {
		if err := s.d.SetEvidenceHold(t.Context(), operator, held.ID, true, "A court asks."); err != nil {
			t.Fatal(err)
		}
	}
	s.clock.pass(364 * 24 * time.Hour)
	if n := must(s.d.ExpireEvidence(t.Context()))(t); n != 0 {
		t.Fatalf("%d files went too early", n)
	}
	s.clock.pass(48 * time.Hour)
	files := s.files(over.ID)
	if n := must(s.d.ExpireEvidence(t.Context()))(t); n != files || files == 0 || s.files(over.ID) != 0 {
		t.Fatalf("%d of %d files went, %d are left", n, files, s.files(over.ID))
	}
	for _, f := range must(s.d.Evidence(t.Context(), over.ID))(t) {
		if f.State != "deleted" {
			t.Errorf("%+v", f)
		}
	}
	events, err := evidence.VerifyManifest(must(os.ReadFile(filepath.Join(s.vault, evidence.ManifestName(over.ID))))(t))
	if err != nil || events[len(events)-1].What != "deleted" {
		t.Fatalf("%+v, %v", events, err)
	}
	if n := must(s.d.ExpireEvidence(t.Context()))(t); n != 0 || s.files(held.ID) == 0 || s.files(live.ID) == 0 {
		t.Fatal("held or live evidence went")
	}
	s.want(s.d.SetEvidenceHold(t.Context(), operator, held.ID, false, "The court is done."), takedown.ErrForbidden)
	if err := s.d.SetEvidenceHold(t.Context(), anna, held.ID, false, "The court is done."); err != nil {
		t.Fatal(err)
	}
	if n := must(s.d.ExpireEvidence(t.Context()))(t); n == 0 || s.files(held.ID) != 0 {
		t.Fatal("released evidence stays")
	}
	if n, _, err := s.st.VerifyAudit(t.Context(), s.ring.Public()); err != nil || n == 0 {
		t.Fatal(err)
	}
	s.acts("evidence.hold", "evidence.release", "evidence.delete", "evidence.stamp", "evidence.keep")
}

// files counts a case's evidence files on disk, without tokens and manifest.
func (s *safe) files(caseID string) (n int) {
	s.t.Helper()
	for _, f := range must(s.d.Evidence(s.t.Context(), caseID))(s.t) {
		_, err := os.Stat(filepath.Join(s.vault, evidence.FileName(f.ID)))
		if err == nil {
			n++
		} else if !errors.Is(err, os.ErrNotExist) {
			s.t.Fatal(err)
		}
	}
	return n
}

// acts wants each of these in the audit log.
func (s *safe) acts(want ...string) {
	s.t.Helper()
	rows := must(s.st.AuditTail(s.t.Context(), 1000))(s.t)
	for _, act := range want {
		found := false
		for _, r := range rows {
			found = found || r.Act == act
		}
		if !found {
			s.t.Errorf("the audit log does not tell of %s", act)
		}
	}
}

func TestWhatNeverReachedTheDiskIsForgottenWithItsTime(t *testing.T) {
	s := newSafe(t)
	if err := os.RemoveAll(s.vault); err != nil {
		t.Fatal(err)
	}
	c := s.open(item)
	s.gone(c.ID)
	if err := os.MkdirAll(s.vault, 0o700); err != nil {
		t.Fatal(err)
	}
	s.clock.pass(400 * 24 * time.Hour)
	must(s.d.ExpireEvidence(t.Context()))(t)
	err := s.st.Read(t.Context(), func(tx *store.Tx) error {
		var left int
		err := tx.QueryRow(`SELECT COUNT(*) FROM evidence WHERE intent IS NOT NULL OR target IS NOT NULL`).Scan(&left)
		if left > 0 {
			t.Errorf("%d captures stay in the record", left)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
