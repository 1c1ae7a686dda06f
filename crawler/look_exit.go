package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/url"
)

// The network exits through which a look is made.
const (
	ExitOwn    = "direct"      // the source's own way: direct, or its proxy
	ExitSecond = "second_exit" // Options.SecondExit or SecondLook
)

// checkSecond checks the address of the second exit.
func checkSecond(proxy string) error {
	if proxy == "" {
		return nil
	}
	p, err := url.Parse(proxy)
	if err != nil || p.Hostname() == "" || p.Scheme != "socks5h" && p.Scheme != "http" && p.Scheme != "https" {
		return errors.New("second exit: needs an address such as socks5h://127.0.0.1:1080 or http://proxy.example:3128")
	}
	return nil
}

// corroborate repeats a look that no longer found the content through the second exit: one network may be shut out of
// what others still see.
func (c *Crawler) corroborate(ctx context.Context, s Source, address string, first Look) (Look, error) {
	if first.Outcome != LookGone && first.Outcome != LookChanged {
		return first, nil
	}
	second, looked, err := c.secondLook(ctx, s, address)
	if err != nil || !looked {
		return first, err
	}
	switch second.Outcome {
	case LookGone, LookChanged:
		first.SeenFrom = append(first.SeenFrom, ExitSecond)
	case LookLive:
		second.Reason, second.SeenFrom = "it is gone for us only: known content is still there as seen from a second network", []string{ExitSecond}
		return second, nil
	default:
		first.Reason += "; the second network exit could not tell (" + second.Reason + ")"
	}
	return first, nil
}

// secondLook looks through the second exit, when there is one that leads to the address.
func (c *Crawler) secondLook(ctx context.Context, s Source, address string) (l Look, looked bool, err error) {
	if c.o.SecondLook != nil {
		if l, err = c.o.SecondLook(ctx, s, address); errors.Is(err, errNoSecond) {
			return l, false, nil
		} else if err != nil {
			return l, false, fmt.Errorf("look from a second network: %w", err)
		}
		return l, true, nil
	}
	u, err := url.Parse(address)
	if c.o.SecondExit == "" || err != nil || !robotic(u) || onion(u) || s.Proxy == c.o.SecondExit {
		return l, false, nil // an onion address has no network of ours to be shut out from
	}
	s.Proxy = c.o.SecondExit
	src, way, err := c.ready(s)
	if err != nil {
		return Look{Outcome: LookUnclear, Reason: "the second exit cannot be used"}, true, nil
	}
	l, err = c.lookThrough(ctx, src, way, address)
	return l, true, err
}
