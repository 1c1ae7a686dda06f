//go:build !amd64 || purego

package winnow

// Vectors tells whether this machine's vector instructions are used.
func Vectors() bool { return false }

// Wide tells whether this machine's vectors of 512 bits are used.
func Wide() bool { return false }

func (s *Stream) choose(text *[roomy]byte, windows int) (count, place int) {
	return s.w.choosePlain(text, windows, s.t.order), int(s.w.places[0])
}

func (s *Stream) hashAll(out []Print, text *[roomy]byte, few int, first int64) (again uint64) {
	return s.t.hashAllPlain(out, text, s.w.places[few:], first, s.hash)
}

func (s *Stream) changes(int) { s.w.changesPlain() }

func (s *Stream) siftNow() {}

type lanes struct{}

func makeLanes(k *secrets) *lanes { return nil }
