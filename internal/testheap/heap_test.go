package testheap

import (
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

func TestWhatIsHeldForAMomentIsSeen(t *testing.T) {
	var looks atomic.Int64
	hold := func() {
		kept := make([]byte, 32<<20)
		for seen := looks.Load(); looks.Load() < seen+2; { // the first may have begun before
			time.Sleep(often)
		}
		runtime.KeepAlive(kept)
	}
	for name, of := range map[string]func(*runtime.MemStats) uint64{"growth": growth, "in use": inUse} {
		if got := highest(hold, func(m *runtime.MemStats) uint64 { looks.Add(1); return of(m) }); got < 32<<20 {
			t.Errorf("%s: %d", name, got)
		}
	}
}

func TestWhatWasThereBeforeIsNoGrowth(t *testing.T) {
	if !Alone(t) {
		return
	}
	before := make([]byte, 64<<20)
	if got := Growth(func() { time.Sleep(often) }); got > 32<<20 {
		t.Errorf("grew by %d", got)
	}
	runtime.KeepAlive(before)
}

func TestATestAloneIsInAnotherProcess(t *testing.T) {
	if alone := os.Getenv(aloneEnv) != ""; Alone(t) != alone {
		t.Error("it does not know where it is")
	}
}
