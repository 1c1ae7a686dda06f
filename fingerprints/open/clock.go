package open

import "time"

// clock bounds the time of an item, and can stand still meanwhile. It is for one goroutine.
type clock struct {
	timer *time.Timer
	left  time.Duration
	since time.Time // zero: it stands
}

func startClock(most time.Duration, over func()) *clock {
	return &clock{timer: time.AfterFunc(most, over), left: most, since: time.Now()}
}

// hold stops it.
func (c *clock) hold() {
	if c.since.IsZero() {
		return
	}
	c.timer.Stop()
	c.left -= time.Since(c.since)
	c.since = time.Time{}
}

// run lets it go on.
func (c *clock) run() {
	if !c.since.IsZero() {
		return
	}
	c.since = time.Now()
	c.timer.Reset(max(c.left, 0))
}
