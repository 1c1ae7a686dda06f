package crawler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"unmirror/crawler/plane"
)

// lookers is how looks from another network are asked for in a fleet.
type lookers interface {
	Ask(ctx context.Context, question []byte) ([]byte, error)
	Asked(ctx context.Context, wait time.Duration) (id string, question []byte, err error)
	Looking(ctx context.Context, id string) error
	Answer(ctx context.Context, id string, answer []byte) error
}

type question struct {
	Source  Source `json:"source"`
	Address string `json:"address"`
}

type lookAnswer struct {
	Look   Look   `json:"look"`
	Digest string `json:"digest,omitempty"` // which a report's own JSON leaves out
}

// errNoSecond says that there is no second exit at the moment.
var errNoSecond = errors.New("no second exit")

// LookElsewhere gives a second look through a worker on another network. When none takes part it says so, and the look counts
// as made from one network only.
func LookElsewhere(p *plane.Redis) func(context.Context, Source, string) (Look, error) {
	return func(ctx context.Context, s Source, address string) (Look, error) {
		if s.Proxy != "" {
			return Look{}, errNoSecond // the proxy is the way out, from wherever it is used
		}
		var l lookers = p
		q, err := json.Marshal(question{s, address})
		if err != nil {
			return Look{}, fmt.Errorf("write question: %w", err)
		}
		b, err := l.Ask(ctx, q)
		if errors.Is(err, plane.ErrNobody) {
			return Look{}, errNoSecond
		}
		if err != nil {
			return Look{}, err
		}
		var a lookAnswer
		if err := json.Unmarshal(b, &a); err != nil {
			return Look{}, fmt.Errorf("read answer: %w", err)
		}
		a.Look.Report.Digest = a.Digest
		return a.Look, nil
	}
}

// LookForOthers answers the looks that a coordinator asks for, one at a time, until the context ends. It is for a worker on
// another network than the coordinator's.
func (c *Crawler) LookForOthers(ctx context.Context) error {
	l, ok := c.o.Plane.(lookers)
	if !ok {
		return errors.New("look for others: the plane is one machine's own (set redis.url)")
	}
	for ctx.Err() == nil {
		id, q, err := l.Asked(ctx, follow)
		if err == nil && id != "" {
			err = c.lookFor(ctx, l, id, q)
		}
		if err != nil && ctx.Err() == nil {
			c.o.Log.WarnContext(ctx, "a look was not made", "err", err)
			_ = sleep(ctx, time.Now().Add(follow)) // the loop looks at the context
		}
	}
	return nil
}

func (c *Crawler) lookFor(ctx context.Context, l lookers, id string, raw []byte) error {
	var q question
	if err := json.Unmarshal(raw, &q); err != nil {
		return fmt.Errorf("read question: %w", err)
	}
	src, way, err := c.ready(q.Source)
	if err != nil {
		return err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(c.o.Heartbeat)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case done <- struct{}{}:
				return
			case <-tick.C:
				_ = l.Looking(ctx, id) // who asks gives up without it, and asks again later
			}
		}
	}()
	got, err := c.lookThrough(ctx, src, way, q.Address)
	<-done
	if err != nil {
		return err
	}
	b, err := json.Marshal(lookAnswer{got, got.Report.Digest})
	if err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	return l.Answer(ctx, id, b)
}
