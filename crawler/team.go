package crawler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"unmirror/crawler/plane"
)

const (
	// follow is how often the parts of a fleet look at what the others did.
	follow = time.Second
	// listening is the part of its time, one in so many, that a process spends on looking.
	listening = 20
	// seek is how often a worker looks for sweeps to take part in.
	seek = 250 * time.Millisecond
	// resultsAtOnce are committed one after the other before they are acknowledged together.
	resultsAtOnce = 64
)

// team is what a plane has that several machines share. A coordinator begins and ends sweeps in it and commits what is
// found; anybody walks them.
type team interface {
	Tasks(ctx context.Context) ([]plane.Task, error)
	Note(ctx context.Context, sw plane.Sweep, n plane.Note) error
	Noted(ctx context.Context, sw plane.Sweep) (plane.Note, error)
	Follow(ctx context.Context, sw plane.Sweep, address string, most int) (bool, error)
	Counts(ctx context.Context, sw plane.Sweep) (plane.Counts, int64, error)
	Mark(ctx context.Context) (string, error)
	Passed(ctx context.Context, mark string) (bool, error)
	Hand(ctx context.Context, body []byte) error
	Results(ctx context.Context, name string, most int64, wait time.Duration) ([]plane.Result, error)
	Ack(ctx context.Context, ids ...string) error
}

// team gives the plane as a fleet sees it, nil when it is one machine's own.
func (c *Crawler) team() team {
	t, _ := c.o.Plane.(team)
	return t
}

// order is what a coordinator tells workers of a sweep.
type order struct {
	Source     Source `json:"source"`
	Generation uint64 `json:"generation"` // of the index: who has an older one would miss what was registered since
}

// found is what a worker hands to the coordinator.
type found struct {
	Sighting *Sighting `json:"s,omitempty"`
	Digest   string    `json:"d,omitempty"` // which a report's own JSON leaves out
	Link     *Link     `json:"l,omitempty"`
}

// Handing is the sink of a worker: it leaves sightings with the plane, for the coordinator to commit. Whether one was known
// before only the coordinator learns.
func Handing(p *plane.Redis) Sink {
	return func(ctx context.Context, s Sighting) (bool, error) {
		b, err := json.Marshal(found{Sighting: &s, Digest: s.Report.Digest})
		if err != nil {
			return false, fmt.Errorf("write sighting: %w", err)
		}
		return false, p.Hand(ctx, b)
	}
}

// HandLinks hands on links that are reported and not read. One that cannot be handed on is found again by the next sweep.
func HandLinks(ctx context.Context, p *plane.Redis) func(Link) {
	return func(l Link) {
		if b, err := json.Marshal(found{Link: &l}); err == nil {
			_ = p.Hand(ctx, b) // see above
		}
	}
}

// Did is what a crawler did since it was made.
type Did struct {
	Fetched, Bytes, Requests int64
	Hosts                    int // in its hands now
}

// did counts it.
type did struct{ fetched, bytes, requests, hosts atomic.Int64 }

func (d *did) add(c plane.Counts) {
	d.fetched.Add(c.Fetched)
	d.bytes.Add(c.Bytes)
	d.requests.Add(c.Requests)
}

// Did tells what this crawler did so far.
func (c *Crawler) Did() Did {
	return Did{Fetched: c.did.fetched.Load(), Bytes: c.did.bytes.Load(), Requests: c.did.requests.Load(), Hosts: int(c.did.hosts.Load())}
}

// Receive commits what the workers of a fleet hand in, until the context ends. Name is this coordinator's own. On the plane
// of one machine it returns at once.
func (c *Crawler) Receive(ctx context.Context, name string) error {
	t := c.team()
	if t == nil {
		return nil
	}
	for ctx.Err() == nil {
		list, err := t.Results(ctx, name, resultsAtOnce, follow)
		if err == nil {
			err = c.commit(ctx, t, list)
		}
		if err != nil && ctx.Err() == nil {
			c.o.Log.ErrorContext(ctx, "results not taken in, they wait", "err", err)
			_ = sleep(ctx, time.Now().Add(follow)) // the loop looks at the context
		}
	}
	return nil
}

// commit hands results to the sink and acknowledges those that it took. A result that cannot be read never will be: it is
// told and dropped, so that it does not hold up the others; its item is found again by the next sweep.
func (c *Crawler) commit(ctx context.Context, t team, list []plane.Result) error {
	var done []string
	var errs []error
	for _, r := range list {
		var f found
		if err := json.Unmarshal(r.Body, &f); err != nil {
			c.o.Log.ErrorContext(ctx, "a worker's result cannot be read, is it of another version?", "id", r.ID)
			done = append(done, r.ID)
			continue
		}
		if s := f.Sighting; s != nil {
			s.Report.Digest = f.Digest
			known, err := c.o.Sink(ctx, *s)
			if err != nil {
				errs = append(errs, fmt.Errorf("commit a worker's sighting: %w", err))
				continue
			}
			if c.o.OnSighting != nil {
				c.o.OnSighting(*s, known)
			}
		}
		if f.Link != nil && c.o.OnLink != nil {
			c.o.OnLink(*f.Link)
		}
		done = append(done, r.ID)
	}
	return errors.Join(append(errs, t.Ack(context.WithoutCancel(ctx), done...))...)
}

// Work takes part in the sweeps that coordinators began, until the context ends. What is wrong with a source is theirs to
// tell.
func (c *Crawler) Work(ctx context.Context) error {
	t := c.team()
	if t == nil {
		return errors.New("work: the plane is one machine's own (set redis.url)")
	}
	var mu sync.Mutex
	active := map[string]bool{}
	followed := map[string]map[string]bool{} // links to other places, by sweep, so that the plane is asked for each once
	var helping sync.WaitGroup
	defer helping.Wait()
	for ctx.Err() == nil {
		tasks, err := t.Tasks(ctx)
		if err != nil && ctx.Err() == nil {
			c.o.Log.WarnContext(ctx, "no work to be had", "err", err)
		}
		mu.Lock()
		maps.DeleteFunc(followed, func(id string, _ map[string]bool) bool {
			return err == nil && !active[id] && !slices.ContainsFunc(tasks, func(k plane.Task) bool { return k.Sweep.ID == id })
		})
		mu.Unlock()
		for _, task := range tasks {
			mu.Lock()
			free := !active[task.Sweep.ID] && len(active) < c.o.Sweeps
			if free {
				active[task.Sweep.ID] = true
			}
			if followed[task.Sweep.ID] == nil {
				followed[task.Sweep.ID] = map[string]bool{}
			}
			links := followed[task.Sweep.ID]
			mu.Unlock()
			if !free {
				continue
			}
			helping.Go(func() {
				if err := c.help(ctx, task, links); err != nil && ctx.Err() == nil {
					c.o.Log.WarnContext(ctx, "a sweep was left to the others", "source", task.Sweep.Source, "err", err)
				}
				_ = sleep(ctx, time.Now().Add(seek)) // others may find more for it to do
				mu.Lock()
				delete(active, task.Sweep.ID)
				mu.Unlock()
			})
		}
		_ = sleep(ctx, time.Now().Add(seek)) // the loop looks at the context
	}
	return nil
}

// help walks a sweep as long as there is something to do for this process.
func (c *Crawler) help(ctx context.Context, task plane.Task, followed map[string]bool) error {
	var o order
	if err := json.Unmarshal(task.Settings, &o); err != nil {
		return fmt.Errorf("read source: %w", err)
	}
	if c.o.Generation() < o.Generation {
		return nil // it comes back when it has fetched the index
	}
	src, way, err := c.ready(o.Source)
	if err != nil {
		return err
	}
	src.MaxBytes, src.MaxRequests = 0, 0 // budgets of the whole fleet are the coordinator's to end
	run, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	w := c.newWalk(src, way, task.Sweep, time.Now(), cancel)
	w.elsewhere, w.helps = followed, true
	w.run(run)
	err = w.tell(context.WithoutCancel(ctx))
	if errors.Is(w.err, plane.ErrFenced) || errors.Is(w.err, plane.ErrPaused) || ctx.Err() != nil {
		return nil // it ended meanwhile
	}
	return errors.Join(w.err, err)
}

// walkOn walks a sweep to its end. In a fleet a host that was lost to another worker, as after an absence of Redis that was
// longer than leases last, ends a walk and not the sweep.
func (c *Crawler) walkOn(ctx context.Context, src compiled, way *exit, sw plane.Sweep, start time.Time) (w *walk, left int64) {
	for {
		run, cancel := context.WithCancelCause(ctx)
		w = c.newWalk(src, way, sw, start, cancel)
		left = w.run(run)
		if err := w.together(run); err != nil {
			w.fail(err)
		}
		cancel(nil)
		if !errors.Is(w.err, plane.ErrFenced) || !c.runs(ctx, sw) {
			return w, left
		}
	}
}

// runs says whether a sweep of a fleet still runs as this process knows it.
func (c *Crawler) runs(ctx context.Context, sw plane.Sweep) bool {
	t := c.team()
	if t == nil {
		return false
	}
	list, err := t.Tasks(ctx)
	return err == nil && slices.ContainsFunc(list, func(k plane.Task) bool { return k.Sweep.ID == sw.ID && k.Sweep.Epoch == sw.Epoch })
}

// tell lets the others know what stands in the way of this sweep: before the item that showed it counts as done.
func (w *walk) tell(ctx context.Context) error {
	t := w.c.team()
	if t == nil {
		return nil
	}
	w.mu.Lock()
	n := plane.Note{Lost: w.failed, Stopped: map[string]string{}}
	for h, why := range w.stopped {
		if w.told.Stopped[h] == "" {
			n.Stopped[h] = why
		}
	}
	if w.told.Lost != "" {
		n.Lost = ""
	}
	w.mu.Unlock()
	if n.Lost == "" && len(n.Stopped) == 0 {
		return nil
	}
	if err := t.Note(ctx, w.sweep, n); err != nil {
		return err
	}
	w.hear(n)
	return nil
}

// hear takes over what is known to all.
func (w *walk) hear(n plane.Note) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.told.Stopped == nil {
		w.told.Stopped = map[string]string{}
	}
	if n.Lost != "" {
		w.told.Lost = n.Lost
	}
	if w.failed == "" {
		w.failed = n.Lost
	}
	for h, why := range n.Stopped {
		w.told.Stopped[h] = why
		if w.stopped[h] == "" {
			w.stopped[h] = why
		}
	}
}

// follow keeps the walk's figures those of the whole fleet, for budgets and progress, until done is closed.
func (w *walk) follow(ctx context.Context, done <-chan struct{}) {
	t := w.c.team()
	if t == nil {
		return
	}
	tick := time.NewTimer(follow)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		start := time.Now()
		if err := w.listen(ctx, t); err == nil {
			w.progress()
		} // what cannot be read now is read the next time; a lost lease shows elsewhere
		tick.Reset(max(follow, listening*time.Since(start))) // figures of many thousand hosts are not added up every second
	}
}

func (w *walk) listen(ctx context.Context, t team) error {
	n, err := t.Noted(ctx, w.sweep)
	if err != nil {
		return err
	}
	counts, waiting, err := t.Counts(ctx, w.sweep)
	if err != nil {
		return err
	}
	w.hear(n)
	w.mu.Lock()
	w.counts, w.done = counts, max(counts.Listed-waiting, 0)
	w.mu.Unlock()
	return nil
}

// together waits at a sweep's end until what its workers found is committed, and takes over what they noted.
func (w *walk) together(ctx context.Context) error {
	t := w.c.team()
	if t == nil || ctx.Err() != nil {
		return nil
	}
	if err := w.tell(ctx); err != nil {
		return err
	}
	mark, err := t.Mark(ctx)
	if err != nil {
		return err
	}
	for {
		passed, err := t.Passed(ctx, mark)
		if err != nil || passed {
			return errors.Join(err, w.listen(ctx, t))
		}
		if err := sleep(ctx, time.Now().Add(follow/10)); err != nil {
			return err
		}
	}
}

// goesOn says that a sweep of a fleet goes on or has ended without this process, and how it stands.
func (w *walk) goesOn(ctx context.Context, sum *Summary) (bool, error) {
	t := w.c.team()
	fenced := errors.Is(w.err, plane.ErrFenced)
	if t == nil || ctx.Err() == nil && !fenced {
		return false, nil
	}
	if !fenced {
		w.fail(ctx.Err())
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	list, err := w.c.Status(ctx)
	known := false
	for _, s := range list {
		if s.Source == w.src.Name && s.State != "" {
			*sum, known = s.Summary, true
		}
	}
	switch {
	case !fenced:
		return true, errors.Join(w.err, err)
	case err == nil && !known:
		sum.take(w.counts)
		sum.State, sum.Reason = string(plane.Failed), ErrLost.Error()
		return true, ErrLost
	}
	return true, err
}

// ErrLost says that Redis holds nothing of a sweep any more that was under way. What was found is in the record.
var ErrLost = errors.New("the sweep under way is lost, Redis was emptied: the next one reads the source anew")
