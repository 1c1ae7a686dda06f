//go:build !amd64 || purego

package cell

// vectors tells whether the processor's vector instructions are used.
func vectors() bool { return false }

// wideBorders is not called: other processors have no faster way here than plainEdges.
func (s *Scanner) wideBorders([]byte, []byte, int) int { return 0 }

// words takes nothing: other processors have no faster way here than usual.
func (s *Scanner) words(borders []byte) []byte {
	s.wordy = 0
	return borders
}
