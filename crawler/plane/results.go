package plane

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	resultColumn = "plane.result"
	// readers is the consumer group of the coordinators.
	readers = "coordinator"
	// orphaned is how long a result may lie in a coordinator's hands before another one takes it.
	orphaned = 30 * time.Second
)

// Result is something that a worker hands to the coordinator. It is kept until it was acknowledged, and may come twice.
type Result struct {
	ID   string
	Body []byte
}

func (p *Redis) resultsKey() string { return p.o.Prefix + ":{results}" }

// Hand gives a result to the coordinator. When it returns nil, Redis has it.
func (p *Redis) Hand(ctx context.Context, body []byte) error {
	sealed := p.seal.seal(resultColumn, body)
	err := p.patiently(ctx, func(ctx context.Context) error {
		return p.c.XAdd(ctx, &redis.XAddArgs{Stream: p.resultsKey(), Values: []any{"b", sealed}}).Err()
	})
	if err != nil {
		return fmt.Errorf("hand a result on: %w", err)
	}
	return nil
}

func (p *Redis) waitingResults(ctx context.Context) (n int64, err error) {
	err = p.patiently(ctx, func(ctx context.Context) (err error) {
		n, err = p.c.XLen(ctx, p.resultsKey()).Result()
		return err
	})
	return n, err
}

// full says whether so many results wait that nothing more should be claimed.
func (p *Redis) full(ctx context.Context) (bool, error) {
	n, err := p.waitingResults(ctx)
	return n >= p.o.Results, err
}

// Results waits up to a time for results: first those that a dead coordinator left, then new ones. None is no error. Name is
// the reader's own.
func (p *Redis) Results(ctx context.Context, name string, most int64, wait time.Duration) ([]Result, error) {
	var out []Result
	err := p.patiently(ctx, func(ctx context.Context) error {
		list, err := p.read(ctx, name, most, wait)
		if redis.HasErrorPrefix(err, "NOGROUP") {
			err = p.c.XGroupCreateMkStream(ctx, p.resultsKey(), readers, "0").Err()
			if redis.HasErrorPrefix(err, "BUSYGROUP") {
				err = nil
			}
			if err == nil {
				list, err = p.read(ctx, name, most, wait)
			}
		}
		if err != nil && !errors.Is(err, redis.Nil) {
			return err
		}
		out = nil
		for _, m := range list {
			sealed, _ := m.Values["b"].(string)
			b, err := p.seal.open(resultColumn, []byte(sealed))
			if err != nil {
				return fmt.Errorf("open result: %w", err)
			}
			out = append(out, Result{ID: m.ID, Body: b})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read results: %w", err)
	}
	return out, nil
}

func (p *Redis) read(ctx context.Context, name string, most int64, wait time.Duration) ([]redis.XMessage, error) {
	left, _, err := p.c.XAutoClaim(ctx, &redis.XAutoClaimArgs{Stream: p.resultsKey(), Group: readers, Consumer: name, MinIdle: orphaned,
		Start: "0", Count: most}).Result()
	if err != nil || len(left) > 0 {
		return left, err
	}
	got, err := p.c.XReadGroup(ctx, &redis.XReadGroupArgs{Group: readers, Consumer: name, Streams: []string{p.resultsKey(), ">"},
		Count: most, Block: max(wait, time.Millisecond)}).Result()
	if err != nil || len(got) == 0 {
		return nil, err
	}
	return got[0].Messages, nil
}

// Ack takes results off after they were committed.
func (p *Redis) Ack(ctx context.Context, ids ...string) error {
	if len(ids) == 0 {
		return nil
	}
	err := p.patiently(ctx, func(ctx context.Context) error {
		_, err := p.c.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
			pipe.XAck(ctx, p.resultsKey(), readers, ids...)
			pipe.XDel(ctx, p.resultsKey(), ids...)
			return nil
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("acknowledge results: %w", err)
	}
	return nil
}

// Mark is the place in the stream behind all results handed on so far.
func (p *Redis) Mark(ctx context.Context) (string, error) {
	var last string
	err := p.patiently(ctx, func(ctx context.Context) error {
		list, err := p.c.XRevRangeN(ctx, p.resultsKey(), "+", "-", 1).Result()
		if err == nil && len(list) > 0 {
			last = list[0].ID
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("look at results: %w", err)
	}
	return last, nil
}

// Passed says whether everything up to a mark was acknowledged.
func (p *Redis) Passed(ctx context.Context, mark string) (bool, error) {
	if mark == "" {
		return true, nil
	}
	passed := true
	err := p.patiently(ctx, func(ctx context.Context) error {
		list, err := p.c.XRangeN(ctx, p.resultsKey(), "-", "+", 1).Result()
		passed = err == nil && (len(list) == 0 || after(list[0].ID, mark))
		return err
	})
	if err != nil {
		return false, fmt.Errorf("look at results: %w", err)
	}
	return passed, nil
}

// after compares two places of a stream, milliseconds-number.
func after(a, b string) bool {
	parse := func(s string) (x, y uint64) {
		left, right, _ := strings.Cut(s, "-")
		x, _ = strconv.ParseUint(left, 10, 64)  // Redis made it
		y, _ = strconv.ParseUint(right, 10, 64) // as above
		return x, y
	}
	ams, an := parse(a)
	bms, bn := parse(b)
	return ams > bms || ams == bms && an > bn
}
