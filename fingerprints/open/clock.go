package open

import "time"

// clock bounds the time of an item, and can stand still meanwhile. It is for one goroutine.
type clock struct {
	timer *time.Timer
	left  time.Duration
	more  time.Duration // what it may still be given
	since time.Time     // zero: it stands
}

func startClock(most time.Duration, over func()) *clock {
	return &clock{timer: time.AfterFunc(most, over), left: most, more: pagesWalls * most, since: time.Now()}
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

// grant gives time for a page that has come, while the clock stands.
func (c *clock) grant(d time.Duration) {
	d = min(d, c.more)
	c.left, c.more = c.left+d, c.more-d
}
