//go:build !amd64 || purego

package winnow

// Vectors tells whether this machine's vector instructions are used.
func Vectors() bool { return false }

func (s *Stream) choose(windows int) int { return s.w.choosePlain(windows, s.t.order) }

func (t *Table) hashAll(out []Print, w *workspace, from []uint16, first int64, before uint64) (again uint64) {
	return t.hashAllPlain(out, w, from, first, before)
}
