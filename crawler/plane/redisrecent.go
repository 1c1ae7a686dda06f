package plane

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	recentColumn = "plane.recent"
	// manyHosts is how many a sweep has when its figures are no longer added up for everybody who asks.
	manyHosts = 1000
	// recentFor is how long what was added up counts then.
	recentFor = 10 * time.Second
)

// standing is how a sweep stands.
type standing struct {
	Counts  Counts `json:"c"`
	Waiting int64  `json:"w"`
	Held    int    `json:"h"` // hosts in somebody's hands
}

// standing gives a sweep's figures for pages and metrics: exact where the sweep has few hosts, some seconds old where it has
// many thousand.
func (p *Redis) standing(ctx context.Context, sw Sweep) (standing, error) {
	key, sealed, hosts := p.sourceKey(sw.Source)+":recent:"+sw.ID, "", int64(0)
	err := p.patiently(ctx, func(ctx context.Context) (err error) {
		if hosts, err = p.c.ZCard(ctx, p.hostsKey(sw)).Result(); err != nil || hosts < manyHosts {
			return err
		}
		if sealed, err = p.c.Get(ctx, key).Result(); errors.Is(err, redis.Nil) {
			return nil
		}
		return err
	})
	if err != nil {
		return standing{}, fmt.Errorf("count sweep: %w", err)
	}
	if sealed != "" {
		return p.openStanding(sealed)
	}
	var s standing
	if s.Counts, s.Waiting, err = p.Counts(ctx, sw); err != nil {
		return s, err
	}
	if s.Held, err = p.held(ctx, sw); err != nil || hosts < manyHosts {
		return s, err
	}
	b, err := json.Marshal(s)
	if err == nil {
		err = p.patiently(ctx, func(ctx context.Context) error {
			return p.c.Set(ctx, key, p.seal.seal(recentColumn, b), recentFor).Err()
		})
	}
	if err != nil {
		return s, fmt.Errorf("count sweep: %w", err)
	}
	return s, nil
}

func (p *Redis) openStanding(sealed string) (s standing, err error) {
	b, err := p.seal.open(recentColumn, []byte(sealed))
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err != nil {
		return s, fmt.Errorf("count sweep: %w", err)
	}
	return s, nil
}
