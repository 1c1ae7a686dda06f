package plane

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"unmirror/store"
)

// Looks are questions to workers on another network: what they see at an address. Unlike results they are not kept: who asks
// waits for the answer, and a question that nobody answers is asked again by the next recheck.

const (
	lookColumn = "plane.look"
	// taken is how long a worker's word that it is looking counts, and how long one may take to begin.
	taken    = 15 * time.Second
	lookPoll = 100 * time.Millisecond
	lookKept = 5 * time.Minute
)

// ErrNobody says that no worker took a question, or that the one that did is gone.
var ErrNobody = errors.New("no worker on another network answers")

func (p *Redis) looksKey() string { return p.o.Prefix + ":{looks}" }

func (p *Redis) answerKey(id string) string { return p.looksKey() + ":a:" + id }

func (p *Redis) takenKey(id string) string { return p.looksKey() + ":t:" + id }

// Ask asks a worker that looks for others, and waits for its answer. ErrNobody when there is none.
func (p *Redis) Ask(ctx context.Context, question []byte) ([]byte, error) {
	workers, err := p.Workers(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask a worker: %w", err)
	}
	if !slices.ContainsFunc(workers, func(w Worker) bool { return w.Exit != "" }) {
		return nil, ErrNobody
	}
	id := store.NewID("look")
	entry := id + ":" + string(p.seal.seal(lookColumn, question))
	err = p.patiently(ctx, func(ctx context.Context) error {
		_, err := p.c.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
			pipe.LPush(ctx, p.looksKey(), entry)
			pipe.Set(ctx, p.takenKey(id), "asked", taken)
			return nil
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("ask a worker: %w", err)
	}
	defer func() { // nobody waits for it any more
		_ = p.c.LRem(context.WithoutCancel(ctx), p.looksKey(), 1, entry).Err()
	}()
	for {
		answer, waiting, err := p.answered(ctx, id)
		switch {
		case err != nil:
			return nil, fmt.Errorf("ask a worker: %w", err)
		case answer != "":
			return p.seal.open(lookColumn, []byte(answer))
		case !waiting:
			return nil, ErrNobody
		}
		t := time.NewTimer(lookPoll)
		select {
		case <-ctx.Done():
			t.Stop()
			return nil, fmt.Errorf("ask a worker: %w", context.Cause(ctx))
		case <-t.C:
		}
	}
}

func (p *Redis) answered(ctx context.Context, id string) (answer string, waiting bool, err error) {
	err = p.patiently(ctx, func(ctx context.Context) error {
		v, err := p.c.MGet(ctx, p.answerKey(id), p.takenKey(id)).Result()
		if err == nil {
			answer, waiting = text(v, 0), text(v, 1) != ""
		}
		return err
	})
	return answer, waiting, err
}

// Asked waits up to a time for a question; an empty id says that there was none.
func (p *Redis) Asked(ctx context.Context, wait time.Duration) (id string, question []byte, err error) {
	var got []string
	err = p.patiently(ctx, func(ctx context.Context) error {
		var err error
		if got, err = p.c.BRPop(ctx, wait, p.looksKey()).Result(); errors.Is(err, redis.Nil) {
			return nil
		}
		return err
	})
	if err != nil || len(got) < 2 {
		return "", nil, err
	}
	id, sealed, _ := strings.Cut(got[1], ":")
	if question, err = p.seal.open(lookColumn, []byte(sealed)); err != nil {
		return "", nil, fmt.Errorf("read a question: %w", err)
	}
	return id, question, p.Looking(ctx, id)
}

// Looking says that a question is being looked into; it is repeated every few seconds.
func (p *Redis) Looking(ctx context.Context, id string) error {
	return p.patiently(ctx, func(ctx context.Context) error { return p.c.Set(ctx, p.takenKey(id), "taken", taken).Err() })
}

// Answer answers a question.
func (p *Redis) Answer(ctx context.Context, id string, answer []byte) error {
	sealed := p.seal.seal(lookColumn, answer)
	err := p.patiently(ctx, func(ctx context.Context) error { return p.c.Set(ctx, p.answerKey(id), sealed, lookKept).Err() })
	if err != nil {
		return fmt.Errorf("answer a look: %w", err)
	}
	return nil
}
