package winnow

import "slices"

const (
	// carry is the number of bytes that the windows of the next piece share with those before.
	carry = Guarantee - 1
	// batch is the number of bytes taken at once: as many windows whose grams have different places, in pairs of sixteens.
	batch = (room - span + 1) &^ 31
	room  = 1024
	// hashRoom is how many prints more are written, and overwritten by the next ones, where they are hashed side by side.
	hashRoom = 7
	// roomy is room for them, and for what is read beyond.
	roomy = room + 2*span
)

// Stream winnows one text that arrives in pieces. Make it with Table.Stream; it is not safe for concurrent use.
type Stream struct {
	t    *Table
	w    *workspace
	n    int64  // bytes seen
	held int    // of them at the beginning of the workspace's text
	hash uint64 // of the passage selected last
	at   int64  // its position; -1 before the first

	words   []uint64 // see Sift
	marks   *[1024]uint64
	passed  []uint32
	sifted  int // of the prints of this Append
	waiting int // of them whose words have yet to be fetched
}

// workspace is what a stream needs for one batch.
type workspace struct {
	text    [roomy]byte
	keys    keyList // see choosePlain
	kept    int     // of them: those that are the greatest of windows, and edges
	found   [block]uint64
	places  [room]uint16  // where passages are that windows select: see choosePlain
	chosen  [room]uint16  // the same of chooseAVX2 and choose512, places in the text all
	at      [roomy]uint16 // where the passage is that each window selects: see chooseAVX2
	from    [room]uint16  // windows that select another passage than the one before: see changes
	numbers [room]uint32  // see hashAVX2
	asked   [room]uint64  // see hashAVX2
}

// Stream begins a new text.
func (t *Table) Stream() Stream { return Stream{t: t, at: -1} }

// Begin begins a new text with the parameters of t, in the room of the one before, which need not have ended.
func (s *Stream) Begin(t *Table) {
	*s = Stream{t: t, w: s.w, at: -1, passed: s.passed}
}

// Sift tells that whoever gets the prints will ask a filter of them: of each print, of the word of which the hash's leading
// 32 bits tell the place, as a share of 2^32, for the bits that marks has under ten bits of the hash, those above its lowest
// ten. Where the processor can fetch words before they are read, the stream does so and asks; see Passed.
func (s *Stream) Sift(words []uint64, marks *[1024]uint64) { s.words, s.marks = words, marks }

// Passed returns which of the prints that the last Append appended have all their bits set in the filter, ascending. It is
// false if the stream did not ask.
func (s *Stream) Passed() (passed []uint32, asked bool) { return s.passed, s.asks() }

// asks tells whether this stream asks the filter.
func (s *Stream) asks() bool { return len(s.words) > 0 && !s.t.plain && Vectors() }

// Len returns the number of canonical bytes seen.
func (s *Stream) Len() int64 { return s.n }

// Append feeds the next piece of canonical text and appends the passages that it selects to dst, in ascending order of
// offset.
func (s *Stream) Append(dst []Print, piece []byte) []Print {
	if s.w == nil && len(piece) > 0 {
		s.w = new(workspace)
	}
	asks := s.asks()
	s.passed, s.sifted, s.waiting = s.passed[:0], 0, 0
	for at := 0; at < len(piece); {
		if at >= carry && len(piece)-at >= roomy-carry { // where it is
			s.n += batch
			dst = s.take(dst, (*[roomy]byte)(piece[at-carry:]), batch, asks)
			at += batch
			s.held = copy(s.w.text[:], piece[at-carry:at])
			continue
		}
		n := copy(s.w.text[s.held:carry+batch], piece[at:])
		at += n
		s.n += int64(n)
		if s.held += n; s.held < Guarantee {
			continue
		}
		dst = s.take(dst, &s.w.text, s.held-carry, asks)
		s.held = copy(s.w.text[:], s.w.text[s.held-carry:s.held])
	}
	if asks {
		s.siftNow()
	}
	return dst
}

// take appends what the first windows of the text select, and was not selected before. Whether a window
// selects something again is for the last one to say that would: the same text must lie in no window that selects it.
func (s *Stream) take(dst []Print, text *[roomy]byte, windows int, asks bool) []Print {
	first := s.n - int64(windows+carry)
	count, place := s.choose(text, windows)
	skip := 0
	if first+int64(place) == s.at { // the windows before selected it too
		skip = 1
	}
	dst = slices.Grow(dst, count-skip+hashRoom)
	out := dst[len(dst) : len(dst)+count-skip]
	if again := s.hashAll(out, text, skip, first); again > 0 {
		s.changes(windows)
		out = s.once(out, s.w.from[skip:count], first, windows)
		if asks {
			s.ask(out)
		}
	}
	if asks {
		s.waiting = len(out)
	}
	if len(out) > 0 {
		last := out[len(out)-1]
		s.hash, s.at = last.Hash, last.Offset
	}
	return dst[:len(dst)+len(out)]
}

// once leaves out what was selected before, of prints of which some follow another of the same hash.
func (s *Stream) once(out []Print, from []uint16, first int64, windows int) []Print {
	hash, at := s.hash, s.at
	n := 0
	for i, p := range out {
		last := windows - 1
		if i+1 < len(from) {
			last = int(from[i+1]) - 1
		}
		if p.Hash == hash && at >= first+int64(last) {
			continue
		}
		out[n], hash, at = p, p.Hash, p.Offset
		n++
	}
	return out[:n]
}

// ask writes anew what is asked of the filter for some prints.
func (s *Stream) ask(some []Print) {
	for i, p := range some {
		s.w.asked[i&(room-1)] = p.Hash>>(HashBits-32)*uint64(len(s.words))>>32 | p.Hash>>10&1023*8<<32
	}
}
