package crawler

import (
	"context"
	"net/url"

	"unmirror/crawler/kind"
	"unmirror/crawler/plane"
)

// learn notes the contact that a page about a place publishes.
func (w *walk) learn(host, contact string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.contacts[host] = contact
}

func (w *walk) learned(host string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.contacts[host]
}

// budgeted leaves out, in place, the items outside the source's bounds for which the budget is used up. One address
// counts once, however many pages link to it.
func (w *walk) budgeted(ctx context.Context, found []plane.Item) []plane.Item {
	kept := found[:0]
	for _, it := range found {
		if it.Kind == "" || w.inBounds(it) || w.follows(ctx, it.URL) {
			kept = append(kept, it)
		}
	}
	return kept
}

// share lets one page of a site that follows all links take half of what is left of max_items at most: a page of nothing
// but links must not leave the others none.
func (w *walk) share(found []kind.Link) []kind.Link {
	w.mu.Lock()
	left := (w.src.MaxItems - w.counts.Listed) / 2
	w.mu.Unlock()
	if most := max(left, maxLinksSeen); int64(len(found)) > most {
		return found[:most]
	}
	return found
}

func (w *walk) inBounds(it plane.Item) bool {
	u, err := url.Parse(it.URL)
	return err == nil && w.src.spec.Within(u)
}

// follows takes an address into the budget, which a fleet has in common.
func (w *walk) follows(ctx context.Context, address string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.elsewhere[address] || w.elsewhereFull {
		return w.elsewhere[address]
	}
	within := len(w.elsewhere) < w.src.Elsewhere
	if t := w.c.team(); t != nil && within {
		var err error
		if within, err = t.Follow(ctx, w.sweep, address, w.src.Elsewhere); err != nil {
			w.c.o.Log.WarnContext(ctx, "a link to another place is left to the next sweep", "source", w.src.Name, "err", err)
			return false
		}
	}
	if !within {
		w.elsewhereFull = true
		w.c.o.Log.InfoContext(ctx, "links to other places are left to the next sweep: the source's elsewhere budget is used up", "source", w.src.Name)
		return false
	}
	w.elsewhere[address] = true
	return true
}

// report tells the operator of a link that cannot be read here.
func (w *walk) report(it plane.Claimed, k kind.Kind) {
	w.c.o.Log.Info("a link is reported and not read", "source", w.src.Name, "kind", k.Name, "host", it.Host, "reason", k.Reported)
	if w.c.o.OnLink != nil {
		w.c.o.OnLink(Link{Source: w.src.Name, Kind: k.Name, URL: it.URL, Reason: k.Reported})
	}
}

// Link is an item that was found and is left to the operator.
type Link struct {
	Source, Kind, URL string
	Reason            string // why it is not read, a plain clause
}

// robotic reports whether robots.txt is asked about an address: other schemes have no such file.
func robotic(u *url.URL) bool { return u.Scheme == "http" || u.Scheme == "https" }
