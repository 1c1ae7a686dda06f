package fingerprints

import (
	"testing"

	"unmirror/fingerprints/cell"
	"unmirror/fingerprints/record"
)

// A wide row becomes several records of eight cells each, with name and birth date in all: a particle in the core would take a
// place from the town or the employer in each.
func TestAParticleOfANameTakesNoPlaceInTheCore(t *testing.T) {
	name := func(hash uint64, bits uint8) intakeToken {
		return intakeToken{hash: hash, bits: bits, mark: uint8(cell.Word) | record.Name, column: uint8(hash)}
	}
	birth := intakeToken{hash: 9, bits: 52, mark: uint8(cell.Date) | record.Birth, column: 9}
	for _, c := range []struct {
		what  string
		names []intakeToken
		core  int
	}{
		{"given and family name", []intakeToken{name(1, 24), name(2, 36)}, 3},
		{"a particle", []intakeToken{name(1, 24), name(2, 36), name(3, 12)}, 3},
		{"two given names", []intakeToken{name(1, 24), name(2, 36), name(3, 28)}, 4},
		{"common names alone", []intakeToken{name(1, 12), name(2, 10), name(3, 9)}, 3},
	} {
		core, rest := split(append(c.names, birth))
		if len(core) != c.core || len(core)+len(rest) != len(c.names)+1 {
			t.Errorf("%s: %d cells in the core and %d beside it, want %d in the core", c.what, len(core), len(rest), c.core)
		}
	}
}
