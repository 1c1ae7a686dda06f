// Package testheap measures, for tests, how much memory something needs. It never bounds it.
package testheap

import (
	"runtime"
	"runtime/debug"
	"time"
)

// often is how often the heap is looked at.
const often = 10 * time.Millisecond

// Growth is how many bytes the heap grows by at most while f runs, near enough. What waits to be collected counts little:
// collections come early meanwhile, in all goroutines, so no other test may run beside it.
func Growth(f func()) int64 {
	defer debug.SetGCPercent(debug.SetGCPercent(25))
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before := m.HeapAlloc
	return int64(highest(f, growth)) - int64(before)
}

// InUse is how many bytes the heap holds at most while f runs, as the daemon would: with what waits to be collected.
func InUse(f func()) int64 {
	return int64(highest(f, inUse))
}

func growth(m *runtime.MemStats) uint64 { return m.HeapAlloc }

func inUse(m *runtime.MemStats) uint64 { return m.HeapInuse }

func highest(f func(), read func(*runtime.MemStats) uint64) uint64 {
	stop, top := make(chan struct{}), make(chan uint64)
	go func() {
		var m runtime.MemStats
		var most uint64
		for {
			runtime.ReadMemStats(&m)
			most = max(most, read(&m))
			select {
			case <-stop:
				top <- most
				return
			case <-time.After(often):
			}
		}
	}()
	f()
	close(stop)
	return <-top
}
