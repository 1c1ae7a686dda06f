package testheap

import (
	"runtime"
	"testing"
	"time"
)

func TestWhatIsHeldForAMomentIsSeen(t *testing.T) {
	hold := func() {
		kept := make([]byte, 32<<20)
		time.Sleep(5 * often)
		runtime.KeepAlive(kept)
	}
	if got := Growth(hold); got < 30<<20 || got > 64<<20 {
		t.Errorf("grew by %d", got)
	}
	if got := InUse(hold); got < 30<<20 {
		t.Errorf("%d in use", got)
	}
}
