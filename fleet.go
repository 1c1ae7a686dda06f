package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"unmirror/crawler"
	"unmirror/crawler/fleet"
	"unmirror/crawler/plane"
)

// fleetSweeps is how many sweeps a fleet walks at the same time: most of them wait for their hosts' pace.
const fleetSweeps = 32

// crawlPlane is where the state of sweeps lies: beside the record, or in Redis when there is a fleet. It is opened once.
func (a *app) crawlPlane(ctx context.Context) (plane.Plane, error) {
	if !a.cfg.Redis.URL.IsSet() {
		st, err := a.record(ctx)
		if err != nil {
			return nil, err
		}
		return plane.NewSQLite(st, 0), nil
	}
	ring, err := a.keys()
	if err != nil {
		return nil, err
	}
	return a.redisPlane(plane.Key(ring.Plane()))
}

// redisPlane opens the plane in Redis under a key.
func (a *app) redisPlane(key plane.Key) (*plane.Redis, error) {
	if a.shared != nil {
		return a.shared, nil
	}
	c, err := plane.Dial(a.cfg.Redis.URL.Reveal())
	if err != nil {
		return nil, fmt.Errorf("redis.url: %w", err)
	}
	o := plane.RedisOptions{Key: key}
	if !a.patient {
		o.Patience = 10 * time.Second // somebody waits for the command's answer
	}
	p, err := plane.NewRedis(c, o)
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	a.shared = p
	a.close = append(a.close, c.Close)
	return p, nil
}

// coordinate commits what workers find until ctx ends.
func (a *app) coordinate(ctx context.Context, c *crawler.Crawler) error {
	if !a.cfg.Redis.URL.IsSet() {
		return nil
	}
	host, err := os.Hostname()
	if err != nil {
		host = "coordinator"
	}
	return c.Receive(ctx, fmt.Sprintf("%s-%d", host, os.Getpid()))
}

// receive is coordinate beside other work; stop ends it.
func (a *app) receive(ctx context.Context, c *crawler.Crawler) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = a.coordinate(ctx, c) // what it cannot take in it logs, and it waits
	}()
	return func() { cancel(); <-done }
}

// serveFleet serves index and keys to workers until ctx ends; without fleet.listen it does nothing.
func (a *app) serveFleet(ctx context.Context, l net.Listener) error {
	if l == nil {
		return nil
	}
	ring, err := a.keys()
	if err != nil {
		return err
	}
	token, err := a.cfg.Fleet.Token.Reveal()
	if err != nil {
		return fmt.Errorf("fleet.token: %w", err)
	}
	h, err := fleet.Handler(fleet.Coordinator{
		Index: filepath.Join(a.cfg.DataDir(), "index"), Token: token, Log: a.log,
		Welcome: fleet.Welcome{Version: version, Matching: ring.Matching, Names: ring.Names, Plane: plane.Key(ring.Plane()),
			Contact: a.cfg.Crawler.UserAgentContact, Delay: a.cfg.Crawler.PerHostDelay, MaxItemBytes: int64(a.cfg.Crawler.MaxItemBytes),
			NoticeBits: a.cfg.Matching.NoticeBits},
	})
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 2 * time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		err := srv.Serve(l)
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return fmt.Errorf("serve fleet: %w", err)
	})
	g.Go(func() error {
		<-ctx.Done()
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		return errors.Join(srv.Shutdown(drain), srv.Close()) // a worker asks for its segment again
	})
	return g.Wait()
}

// listenFleet opens fleet.listen; nil when it is empty.
func (a *app) listenFleet(ctx context.Context) (net.Listener, error) {
	f := a.cfg.Fleet
	if f.Listen == "" || !a.cfg.Redis.URL.IsSet() {
		return nil, nil
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.Listen)
	if err != nil {
		return nil, fmt.Errorf("fleet.listen: %w", err)
	}
	if f.Cert == "" {
		return l, nil // on loopback only, the configuration has seen to it
	}
	// Certificates are renewed while the daemon runs, so the files are read at each handshake, which are few.
	if _, err := tls.LoadX509KeyPair(f.Cert, f.Key); err != nil {
		return nil, errors.Join(fmt.Errorf("fleet.cert and fleet.key: %w", err), l.Close())
	}
	return tls.NewListener(l, &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			c, err := tls.LoadX509KeyPair(f.Cert, f.Key)
			return &c, err
		}}), nil
}
