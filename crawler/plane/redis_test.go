package plane_test

import (
	"crypto/rand"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"unmirror/crawler/plane"
	"unmirror/crawler/plane/planetest"
	"unmirror/crawler/plane/redistest"
	"unmirror/store"
)

// moved is a harness over a plane whose clock the suite moves.
func moved(t *testing.T, c redis.UniversalClient) planetest.Harness {
	t.Helper()
	var ahead atomic.Int64
	o := plane.RedisOptions{Key: newKey(), Lease: planetest.Lease, Prefix: store.NewID("t")}
	p, err := plane.NewRedis(c, o.Ahead(func() time.Duration { return time.Duration(ahead.Load()) }))
	if err != nil {
		t.Fatal(err)
	}
	return planetest.Harness{Plane: p, Now: func() time.Time { return p.Now().Truncate(time.Millisecond) },
		Advance: func(d time.Duration) { ahead.Add(int64(d)) }}
}

func newKey() (k plane.Key) {
	_, _ = rand.Read(k[:])
	return k
}

func dial(t testing.TB, url string) redis.UniversalClient {
	t.Helper()
	c, err := plane.Dial(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestRedisIsAPlane(t *testing.T) {
	c := dial(t, redistest.Start(t).URL())
	planetest.Run(t, func(t *testing.T) planetest.Harness { return moved(t, c) })
}
