package reply_test

import (
	"runtime"
	"strings"
	"testing"

	"unmirror/internal/testheap"
	"unmirror/takedown/reply"
)

// A field that is folded into very many lines must not cost the square of its length.
func TestAFieldOfManyLinesIsReadInOneGo(t *testing.T) {
	if !testheap.Alone(t) {
		return
	}
	raw := []byte("From: a@host.example\nSubject: x\n" + strings.Repeat(" y\n", 60_000) + "\nBody.\n")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	m := reply.Parse(raw)
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
		t.Errorf("%d MiB for a mail of %d KiB", used>>20, len(raw)>>10)
	}
	if !strings.HasPrefix(m.Subject, "x y y") {
		t.Errorf("subject %.20q", m.Subject)
	}
}
