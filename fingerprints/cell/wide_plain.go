//go:build !amd64 || purego

package cell

// vectors tells whether the processor's vector instructions are used.
func vectors() bool { return false }

// allEdges is plainEdges: other processors have no faster way here.
func allEdges(to, text []byte, base int) int { return plainEdges(to, text, base) }

// finishAll is finish of each word.
func (k *Key) finishAll(words []uint64) { k.finishPlainly(words) }

// words takes nothing: other processors have no faster way here than usual.
func (s *Scanner) words(borders []byte) []byte {
	s.wordy = 0
	return borders
}
