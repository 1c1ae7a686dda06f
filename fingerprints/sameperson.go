package fingerprints

import "unmirror/fingerprints/match"

// personBits is from how many bits of records a letter is about the same person: name and birth date.
const personBits = 30

// samePerson lets a letter's passages weigh what they do where its records say that the text is about the same person: what
// looked like another instance of its template, with a remark that two people may have in common, is then a copy that lost
// its order. matches are those of one part, beyond what their passages weigh then.
func samePerson(matches []ranked, beyond map[fileRef]float64) {
	if len(beyond) == 0 {
		return
	}
	person := map[fileRef]bool{}
	for _, m := range matches {
		if m.Grade == match.Records && m.Bits >= personBits {
			person[m.ref] = true
		}
	}
	for i := range matches {
		if m := &matches[i]; m.Grade == match.Passages && person[m.ref] {
			m.Bits = max(m.Bits, beyond[m.ref])
		}
	}
}
