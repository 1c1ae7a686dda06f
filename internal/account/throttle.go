package account

import (
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"
)

// throttleWindow is how long a failure counts.
const throttleWindow = 15 * time.Minute

// Failures allowed within the window. One person's typing mistakes stay far below; somebody who guesses from many networks at one
// name is slowed too, but so late that shutting a colleague out takes effort.
const (
	maxPerNameAndNetwork = 5
	maxPerNetwork        = 25
	maxPerName           = 60
)

// Throttled says that a log-in was not even tried, and for how long.
type Throttled struct{ Wait time.Duration }

func (t *Throttled) Error() string {
	return fmt.Sprintf("too many failed attempts: try again in %s", t.Wait.Round(time.Second))
}

// throttle counts attempts. It is bounded, lives in memory only, and holds keyed hashes of names.
type throttle struct {
	mu    sync.Mutex
	now   func() time.Time
	tries *expirable.LRU[string, attempts]
}

type attempts struct {
	n     int
	first time.Time
}

func newThrottle(now func() time.Time) *throttle {
	return &throttle{now: now, tries: expirable.NewLRU[string, attempts](20_000, nil, 0)}
}

// throttleKeys are the counters of one attempt, in the order of their limits.
func throttleKeys(name, network string) []string {
	return []string{"p" + name + "\x00" + network, "w" + network, "n" + name}
}

func limits() []int { return []int{maxPerNameAndNetwork, maxPerNetwork, maxPerName} }

// begin counts an attempt before the password is looked at, so that a burst of parallel guesses gains nothing.
func (t *throttle) begin(keys []string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	for i, k := range keys {
		if a := t.get(k, now); a.n >= limits()[i] {
			return &Throttled{Wait: a.first.Add(throttleWindow).Sub(now)}
		}
	}
	for _, k := range keys {
		a := t.get(k, now)
		a.n++
		t.tries.Add(k, a)
	}
	return nil
}

// forgive takes a successful attempt back. Only the counter of this name at this network falls to nothing: success with one's
// own account must not buy guesses at others.
func (t *throttle) forgive(keys []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tries.Remove(keys[0])
	for _, k := range keys[1:] {
		if a, ok := t.tries.Get(k); ok {
			a.n = max(0, a.n-1)
			t.tries.Add(k, a)
		}
	}
}

func (t *throttle) get(key string, now time.Time) attempts {
	a, ok := t.tries.Get(key)
	if !ok || now.Sub(a.first) >= throttleWindow {
		return attempts{first: now}
	}
	return a
}
