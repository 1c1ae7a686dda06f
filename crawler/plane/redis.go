package plane

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"unmirror/store"
)

// The plane of a fleet. Its keys carry hash tags, so that it works on a Cluster too:
//
//	um3:{h/HOST}:lease                 who holds a host, its epoch, its next allowed moment
//	um3:{h/HOST}:SWEEP:q …:m :l :d :k  a sweep's queue at a host, its figures, what was put back, the addresses it ever held
//	um3:{h/HOST}:SOURCE:s/TURN         what was seen there, in turns of 45 days of which two are kept
//	um3:{s/SOURCE}                     the source's latest sweep; …:hosts:SWEEP its hosts by the moment from which to try them
//	um3:sources, um3:{results}, um3:{fleet}
//
// Steps that touch both a host and a source are not one transaction. Their order makes a crash between them harmless:
// addresses that were found lie in their queues (each once, however often they are put there) before the page on which they
// were found counts as done; that, what was seen and the counters are one step in the host's slot. Whoever believes a sweep
// drained has looked at all queues, and at a counter before and after that grows with each address put into any of them.

//go:embed lua/*.lua
var scripts embed.FS

const (
	// DefaultLease is how long a host of a dead worker stays held.
	DefaultLease = 20 * time.Second
	// DefaultPatience is how long a call waits for a Redis that does not answer: a restart or a failover takes less.
	DefaultPatience = 2 * time.Minute
	// DefaultResults is how many sightings may wait for the coordinator before workers stop claiming.
	DefaultResults = 10_000

	seenTurn = keepSeen / 2
)

// RedisOptions are what a plane on Redis needs.
type RedisOptions struct {
	Key      Key
	Lease    time.Duration // 0 means DefaultLease
	Patience time.Duration // 0 means DefaultPatience
	Results  int64         // 0 means DefaultResults
	Prefix   string        // of all keys; empty: "um3"
	ahead    func() time.Duration
}

// Redis is the plane of a fleet. It is safe for concurrent use.
type Redis struct {
	c     redis.UniversalClient
	o     RedisOptions
	seal  *sealer
	owner string
	run   map[string]*redis.Script
}

// mute takes go-redis's own lines, which would go to standard error past our log: what fails is returned and told there.
type mute struct{}

// Printf implements the logger of go-redis.
func (mute) Printf(context.Context, string, ...any) {}

var quiet = sync.OnceFunc(func() { redis.SetLogger(mute{}) })

// Dial reads a Redis address and makes its client; nothing is connected yet. Further servers of a Cluster stand in the
// query as addr=HOST:PORT, cluster=true asks for a Cluster where one address is named, master_name=NAME names the master that
// Sentinels at these addresses know. The error never repeats the address, which may hold a password.
func Dial(address string) (redis.UniversalClient, error) {
	quiet()
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("the address of Redis cannot be read")
	}
	q := u.Query()
	more, master, cluster := q["addr"], q.Get("master_name"), q.Get("cluster") == "true"
	for _, k := range []string{"addr", "master_name", "cluster"} {
		q.Del(k)
	}
	u.RawQuery = q.Encode()
	one, err := redis.ParseURL(u.String())
	if err != nil {
		return nil, errors.New("the address of Redis cannot be read: it begins with redis:// or rediss://, and takes addr, cluster and master_name")
	}
	return redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs: append([]string{one.Addr}, more...), DB: one.DB, Username: one.Username, Password: one.Password, TLSConfig: one.TLSConfig,
		MasterName: master, IsClusterMode: cluster, SentinelUsername: q.Get("sentinel_username"), SentinelPassword: q.Get("sentinel_password"),
		DialTimeout: 3 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second,
		MaxRetries: -1, // the plane's own retries know how long
	}), nil
}

// NewRedis gives the plane over a client that the caller closes.
func NewRedis(c redis.UniversalClient, o RedisOptions) (*Redis, error) {
	seal, err := newSealer(o.Key)
	if err != nil {
		return nil, fmt.Errorf("open plane: %w", err)
	}
	if o.Lease <= 0 {
		o.Lease = DefaultLease
	}
	if o.Patience <= 0 {
		o.Patience = DefaultPatience
	}
	if o.Results <= 0 {
		o.Results = DefaultResults
	}
	if o.Prefix == "" {
		o.Prefix = "um3"
	}
	if o.ahead == nil {
		o.ahead = func() time.Duration { return 0 }
	}
	p := &Redis{c: c, o: o, seal: seal, owner: machine() + "|" + self() + "|" + store.NewID("p"), run: map[string]*redis.Script{}}
	if err := p.load(); err != nil {
		return nil, fmt.Errorf("open plane: %w", err)
	}
	return p, nil
}

// load makes the scripts ready, each with what it begins with.
func (p *Redis) load() error {
	texts := map[string]string{}
	files, err := fs.Glob(scripts, "lua/*.lua")
	if err != nil {
		return err
	}
	for _, f := range files {
		text, err := scripts.ReadFile(f)
		if err != nil {
			return err
		}
		texts[strings.TrimSuffix(strings.TrimPrefix(f, "lua/"), ".lua")] = string(text)
	}
	for name, text := range texts {
		if strings.Contains(text, "map_") || strings.Contains(text, "seen_of") {
			text = texts["map"] + text
		}
		p.run[name] = redis.NewScript(texts["common"] + text)
	}
	return nil
}

// gone reports whether the holder of a lease is known to be dead: only a process of this machine is.
func (p *Redis) gone(owner string) bool {
	part := strings.Split(owner, "|")
	return len(part) == 3 && part[0] != "" && part[0] == machine() && !alive(part[1])
}

func (p *Redis) now() time.Time { return time.Now().Add(p.o.ahead()) }

// until is a moment as scripts take it: milliseconds from now, rounded up.
func (p *Redis) until(t time.Time) int64 {
	d := t.Sub(p.now())
	if t.IsZero() || d <= 0 {
		return 0
	}
	return int64((d + time.Millisecond - 1) / time.Millisecond)
}

func (p *Redis) after(ms int64) time.Time {
	return p.now().Add(time.Duration(ms) * time.Millisecond).Truncate(time.Millisecond)
}

// tame keeps a name from ending the hash tag that it stands in.
func tame(name string) string {
	if !strings.ContainsAny(name, "{}") {
		return name
	}
	return strings.NewReplacer("{", "%7B", "}", "%7D").Replace(name)
}

func (p *Redis) sourceKey(source string) string { return p.o.Prefix + ":{s/" + tame(source) + "}" }

func (p *Redis) hostsKey(sw Sweep) string { return p.sourceKey(sw.Source) + ":hosts:" + sw.ID }

func (p *Redis) leaseKey(host string) string { return p.o.Prefix + ":{h/" + tame(host) + "}:lease" }

// queue are the keys of a sweep at one host.
type queue struct{ meta, list, back, due, once string }

func (p *Redis) queueKeys(sweep, host string) queue {
	k := p.o.Prefix + ":{h/" + tame(host) + "}:" + sweep + ":"
	return queue{meta: k + "m", list: k + "q", back: k + "l", due: k + "d", once: k + "k"}
}

// seenKeys are the turn of now, the one before, and the moment when this turn is forgotten, in milliseconds since 1970.
func (p *Redis) seenKeys(source, host string) (now, before string, forget int64) {
	turn := p.now().UnixMilli() / seenTurn.Milliseconds()
	k := p.o.Prefix + ":{h/" + tame(host) + "}:" + source + ":s/"
	return k + strconv.FormatInt(turn, 10), k + strconv.FormatInt(turn-1, 10), (turn + 2) * seenTurn.Milliseconds()
}

// urlKey is the eight bytes under which an address is found again. Two of five million addresses of one sweep share them
// once in a million sweeps; then one of the two is passed over.
func (p *Redis) urlKey(address string) string { return string(p.seal.find(urlLookup, address)[:8]) }

// call is one script with its arguments.
type call struct {
	name string
	keys []string
	args []any
}

func (p *Redis) argv(args []any) []any { return append([]any{p.o.ahead().Milliseconds()}, args...) }

// do runs a script, again and again while Redis is away, at most as long as the plane is patient. Scripts are written so
// that one whose answer was lost may be run again.
func (p *Redis) do(ctx context.Context, name string, keys []string, args ...any) (any, error) {
	var out any
	err := p.patiently(ctx, func(ctx context.Context) error {
		var err error
		out, err = p.run[name].Run(ctx, p.c, keys, p.argv(args)...).Result()
		return err
	})
	return out, err
}

// all runs scripts in one round trip where their slots allow it.
func (p *Redis) all(ctx context.Context, calls []call) ([]any, error) {
	out := make([]any, len(calls))
	if len(calls) == 1 {
		var err error
		out[0], err = p.do(ctx, calls[0].name, calls[0].keys, calls[0].args...)
		return out, err
	}
	err := p.patiently(ctx, func(ctx context.Context) error {
		cmds := make([]*redis.Cmd, len(calls))
		_, err := p.c.Pipelined(ctx, func(pipe redis.Pipeliner) error {
			for i, c := range calls {
				cmds[i] = p.run[c.name].EvalSha(ctx, pipe, c.keys, p.argv(c.args)...)
			}
			return nil
		})
		for i, c := range cmds {
			if redis.HasErrorPrefix(c.Err(), "NOSCRIPT") {
				cmds[i] = p.run[calls[i].name].Eval(ctx, p.c, calls[i].keys, p.argv(calls[i].args)...)
				err = nil
			}
		}
		for i, c := range cmds {
			if c.Err() != nil {
				return c.Err()
			}
			out[i] = c.Val()
		}
		return err
	})
	return out, err
}

// patiently repeats a call while Redis restarts, fails over or cannot be reached.
func (p *Redis) patiently(ctx context.Context, f func(context.Context) error) error {
	start, wait := time.Now(), 20*time.Millisecond
	for {
		err := f(ctx)
		if err == nil || !Away(err) || ctx.Err() != nil {
			return err
		}
		if time.Since(start)+wait > p.o.Patience {
			return fmt.Errorf("redis has not answered for %s: %w", time.Since(start).Round(time.Second), err)
		}
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			t.Stop()
			return context.Cause(ctx)
		case <-t.C:
		}
		wait = min(2*wait, time.Second)
	}
}

// Away says that an error may pass with time: the server was not reached, is starting, or is no master (any more).
func Away(err error) bool {
	if err == nil {
		return false
	}
	var n net.Error
	if errors.As(err, &n) || errors.Is(err, redis.ErrPoolTimeout) {
		return true
	}
	for _, prefix := range []string{"LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "NOREPLICAS", "BUSY", "OOM", "UNBLOCKED", "EXECABORT"} {
		if redis.HasErrorPrefix(err, prefix) {
			return true
		}
	}
	text := err.Error() // go-redis has no type for these
	return errors.Is(err, net.ErrClosed) || strings.HasSuffix(text, "EOF") || strings.Contains(text, "all sentinels specified in configuration are unreachable") ||
		strings.Contains(text, "cluster has no nodes")
}

// word is the first element of a script's answer.
func word(v any) (string, []any) {
	list, ok := v.([]any)
	if !ok {
		s, _ := v.(string)
		return s, nil
	}
	if len(list) == 0 {
		return "", nil
	}
	s, _ := list[0].(string)
	return s, list[1:]
}

// number and text read elements of a script's answer.
func number(list []any, i int) int64 {
	if i >= len(list) {
		return 0
	}
	switch v := list[i].(type) {
	case int64:
		return v
	case string:
		n, _ := strconv.ParseInt(v, 10, 64) // what a script wrote
		return n
	}
	return 0
}

func text(list []any, i int) string {
	if i >= len(list) {
		return ""
	}
	s, _ := list[i].(string)
	return s
}
