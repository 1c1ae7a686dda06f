package plane

import "time"

// Ahead moves the clock of a plane under test.
func (o RedisOptions) Ahead(f func() time.Duration) RedisOptions {
	o.ahead = f
	return o
}

// Now is the plane's clock.
func (p *Redis) Now() time.Time { return p.now() }
