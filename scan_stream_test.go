package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

// endless never ends, as `yes` does not.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'y'
	}
	return len(p), nil
}

func TestAStreamWithoutAnEndIsGivenUp(t *testing.T) {
	var got bytes.Buffer
	err := takeStream(context.Background(), &got, endless{}, 1<<20)
	if err == nil || !strings.Contains(err.Error(), "standard input goes on") || got.Len() > 1<<20 {
		t.Errorf("%v after %d bytes", err, got.Len())
	}
	for _, n := range []int64{0, 100, 1<<20 - 1, 1 << 20} {
		got.Reset()
		if err := takeStream(context.Background(), &got, io.LimitReader(endless{}, n), 1<<20); err != nil || int64(got.Len()) != n {
			t.Errorf("%d bytes: %v, %d taken", n, err, got.Len())
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := takeStream(ctx, io.Discard, endless{}, 1<<40); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
