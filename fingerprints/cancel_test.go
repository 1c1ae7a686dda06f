package fingerprints

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestACancelledRegistrationLeavesNothingBehind(t *testing.T) {
	var table strings.Builder
	table.WriteString("nr;naam;gemeente\n")
	for i := range 200_000 {
		fmt.Fprintf(&table, "P%06d;Persoon %d;Gemeente %d\n", i, i, i%300)
	}
	dir := t.TempDir()
	write(t, dir, map[string][]byte{"tabel.csv": []byte(table.String()), "tabel2.csv": []byte(table.String()[:table.Len()/2])})
	l, o := libraryIn(t), newOpener(t)
	before := runtime.NumGoroutine()
	for _, after := range []time.Duration{0, 20 * time.Millisecond, 80 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(context.Background(), after)
		if _, err := l.AddLeak(ctx, o, AddLeak{Slug: "x", Paths: []string{dir}}); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("cancelled after %s: %v", after, err)
		}
		cancel()
	}
	for range 6000 {
		if runtime.NumGoroutine() <= before+4 { // the opener's own helpers
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("%d goroutines before, %d after", before, runtime.NumGoroutine())
}
