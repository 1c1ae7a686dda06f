package winnow

const (
	// carry is the number of bytes that the windows of the next piece share with those before.
	carry = Guarantee - 1
	// batch is the number of bytes taken at once: what is computed of them stays in the nearest cache.
	batch = 2048
	most  = carry + batch // bytes of text looked at
	// roomy is room for them, and for what is read beyond, whatever the place that it is read from.
	roomy = len(keyList{}) + K
)

// Stream winnows one text that arrives in pieces. Make it with Table.Stream; it is not safe for concurrent use.
type Stream struct {
	t    *Table
	w    *workspace
	n    int64  // bytes seen
	held int    // of them at the beginning of the workspace's text
	hash uint64 // of the passage selected last
	at   int64  // its position; -1 before the first
}

// workspace is what a stream needs for one batch.
type workspace struct {
	text   [roomy]byte
	usual  [2*block + 8]uint8 // where the usual grams of a block begin
	keys   keyList            // of grams, by place: that is their position and one
	picked [2 * len(keyList{})]uint32
}

// Stream begins a new text.
func (t *Table) Stream() Stream { return Stream{t: t, at: -1} }

// Len returns the number of canonical bytes seen.
func (s *Stream) Len() int64 { return s.n }

// Append feeds the next piece of canonical text and appends the passages that it selects to dst, in ascending order of
// offset.
func (s *Stream) Append(dst []Print, piece []byte) []Print {
	if s.w == nil && len(piece) > 0 {
		s.w = new(workspace)
	}
	for len(piece) > 0 {
		n := copy(s.w.text[s.held:s.held+batch], piece)
		piece = piece[n:]
		s.n += int64(n)
		if s.held += n; s.held < Guarantee {
			continue
		}
		dst = s.take(dst, s.held)
		s.held = copy(s.w.text[:], s.w.text[s.held-carry:s.held])
	}
	return dst
}

// take selects from the first n bytes of the workspace's text.
//
// A gram is the greatest of some window if and only if more than span places lie between the nearest greater ones on its
// both sides. So a gram that is less than its neighbours, which lie at most span places apart, is not, and whether others
// are does not depend on it: it is struck out, again and again, until only the greatest of windows are left. Most of that
// is done without a branch, since half of all branches on such numbers are mispredicted, which would take longer than
// all the rest.
func (s *Stream) take(dst []Print, n int) []Print {
	w := s.w
	keys := w.gather(s.t.order, n-gram+1)
	keys = w.strike(w.strike(keys))
	keys = w.strikeAll(keys)
	return s.emit(dst, w.pick(keys), s.n-int64(n))
}
