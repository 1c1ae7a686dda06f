package takedown_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"unmirror/store"
	"unmirror/takedown"
	"unmirror/takedown/evidence"
)

// vaulted is a world that keeps evidence for one recipient.
func vaulted(t *testing.T) (*world, string) {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "evidence")
	v := must(evidence.New(dir, []string{id.Recipient().String()}))(t)
	return newWorld(t, func(o *takedown.Options) { o.Evidence = v }), dir
}

func TestFirstCaptureAndEachMoveAreKept(t *testing.T) {
	w, dir := vaulted(t)
	c := w.open(item)
	must(w.d.Observe(t.Context(), w.sighting(item)))(t) // nothing new: nothing kept
	w.eyes.sees(takedown.LookUnreachable)
	w.look(c.ID, time.Hour)
	w.eyes.sees(takedown.LookGone)
	for range 3 {
		w.look(c.ID, time.Hour)
	}
	must(w.d.Observe(t.Context(), w.sighting(item)))(t) // fetched before the last look: says nothing
	w.clock.pass(time.Hour)
	must(w.d.Observe(t.Context(), w.sighting(item)))(t)
	var kinds []string
	for _, e := range w.caseOf(c.ID).Evidence {
		if e.Digest == "" || e.Bytes == 0 || e.Missing != "" {
			t.Errorf("%+v is not on disk", e)
		}
		if _, err := os.Stat(filepath.Join(dir, evidence.FileName(e.ID))); err != nil {
			t.Error(err)
		}
		kinds = append(kinds, e.Kind)
	}
	if got := strings.Join(kinds, ", "); got != "first capture, recheck, recheck, seen again" {
		t.Fatalf("kept: %s", got)
	}
	manifest, err := os.ReadFile(filepath.Join(dir, evidence.ManifestName(c.ID)))
	if events, bad := evidence.VerifyManifest(manifest); err != nil || bad != nil || len(events) != 4 {
		t.Fatalf("%s, %v, %v", manifest, err, bad)
	}
	w.dir = filepath.Dir(dir)
	if found := w.holds("host.example", bodyDigest); len(found) > 0 {
		t.Fatalf("evidence is readable: %v", found)
	}
}

func TestEvidenceThatCouldNotBeWrittenIsRetried(t *testing.T) {
	w, dir := vaulted(t)
	if err := os.RemoveAll(dir); err != nil { // as a full or missing disk
		t.Fatal(err)
	}
	c := w.open(item)
	if e := c.Evidence; len(e) != 1 || e[0].Missing == "" || e[0].Digest != "" {
		t.Fatalf("%+v", e)
	}
	if n, err := w.d.KeepEvidence(t.Context()); n != 0 || err == nil {
		t.Fatalf("kept %d without a folder, %v", n, err)
	}
	if n := must(w.d.Counts(t.Context()))(t)["evidence.pending"]; n != 1 {
		t.Fatalf("%d pending", n)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	must(w.d.Recover(t.Context()))(t)
	if e := w.caseOf(c.ID).Evidence; len(e) != 1 || e[0].Missing != "" || e[0].Digest == "" {
		t.Fatalf("%+v", e)
	}
	err := w.st.Read(t.Context(), func(tx *store.Tx) error {
		var left int
		err := tx.QueryRow(`SELECT COUNT(*) FROM evidence WHERE intent IS NOT NULL`).Scan(&left)
		if left != 0 {
			t.Errorf("%d captures stay in the record after they were kept", left)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWithoutRecipientsTheCaseSaysSo(t *testing.T) {
	w := newWorld(t)
	if e := w.open(item).Evidence; len(e) != 1 || !strings.Contains(e[0].Missing, "evidence.recipients") {
		t.Fatalf("%+v", e)
	}
	if n := must(w.d.KeepEvidence(t.Context()))(t); n != 0 {
		t.Fatal("something was kept")
	}
}
