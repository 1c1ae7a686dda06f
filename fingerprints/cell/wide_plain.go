//go:build !amd64 || purego

package cell

// vectors tells whether the processor's vector instructions are used.
func vectors() bool { return false }

// allEdges is plainEdges: other processors have no faster way here.
func allEdges(to, text []byte, base int) int { return plainEdges(to, text, base) }

// finishAll is finish of each word.
func (k *Key) finishAll(words []uint64) { k.finishPlainly(words) }
