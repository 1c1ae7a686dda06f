//go:build !amd64 || purego

package winnow

// Vectors tells whether this machine's vector instructions are used.
func Vectors() bool { return false }

func (s *Stream) choose(windows int) int { return s.w.choosePlain(windows, s.t.order) }

func (s *Stream) hashAll(out []Print, from []uint16, first int64) (again uint64) {
	return s.t.hashAllPlain(out, s.w, from, first, s.hash)
}

func (s *Stream) sift([]Print) {}
