package open

import "bytes"

// aside gathers what somebody who looks at a document does not see: a page's scripts and comments, what its elements have as
// attributes, a picture's comments. It becomes one hidden member, once it is so much that something may be known of it.
type aside struct {
	it   *item
	n    node
	held []byte
	into *pushed
	off  bool // it lies too deep
}

const (
	// asidePiece is from how many bytes a piece is taken, asideMin from how many all of them are worth a member.
	asidePiece = 16
	asideMin   = 64
	// asideName is what the member is called.
	asideName = "unseen"
)

func (it *item) aside(n node) *aside { return &aside{it: it, n: n} }

// add takes a piece, which stands on lines of its own.
func (a *aside) add(b []byte) {
	if len(b) < asidePiece || len(bytes.TrimSpace(b)) < asidePiece {
		return
	}
	a.Write(b)
	a.Write([]byte{'\n'})
}

// Write implements io.Writer. What ends the item as a whole is seen by whoever goes on.
func (a *aside) Write(b []byte) (int, error) {
	if a.into == nil {
		if a.held = append(a.held, b...); len(a.held) < asideMin || a.off {
			a.held = a.held[:min(len(a.held), asideMin)]
			return len(b), nil
		}
		if a.off = a.n.depth >= a.it.limits.Depth || a.it.fatal != nil; a.off {
			return len(b), nil
		}
		n := a.n
		n.hidden = true
		a.into = a.it.push(n, asideName, kindText)
		b, a.held = a.held, nil
	}
	return a.into.Write(b)
}

func (a *aside) close() error {
	if a.into == nil {
		return nil
	}
	into := a.into
	a.into = nil
	return into.close()
}
