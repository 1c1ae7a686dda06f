package cell

// A run of less than eight digits beside which nothing stands that people write into numbers and dates is nothing but a number:
// no date, no telephone number and no number in groups has it as a part, and whether it was there is of no consequence for the
// runs behind it. Where no such number is held, it need not be read.

// What stands beside a run of digits matters for some of these reasons.
const (
	inNumber     = 1 << iota // it is written into numbers, or may be part of a character that is
	beforeYears              // it may stand between a month's name and a year
	beforeThrees             // it may stand before three digits of a number in groups
	behindThrees             // it may stand behind the digits in front of them
	inRun                    // it is of a run itself, or behind the buffer
	everywhere               // none: for runs that are always read
	atLines                  // it ends a line: a national number may go on there
)

// beside tells of the bytes before and behind a run of digits what they matter for.
var beside = func() (t struct{ before, behind [256]uint8 }) {
	for c := range 256 {
		t.before[c], t.behind[c] = everywhere, everywhere
		if inNumbers[c] != 0 || c >= 0x80 {
			t.before[c] |= inNumber
			t.behind[c] |= inNumber
		}
		if c == 0 || c >= 0x80 || isAlnum(byte(c)) { // behind the buffer there is 0
			t.behind[c] |= inRun | inNumber
		}
		if dateGaps[c] {
			t.before[c] |= beforeYears
		}
		if c == '\n' {
			t.before[c] |= atLines
		}
		if groupGap([]byte{byte(c)}) {
			t.before[c] |= beforeThrees
			t.behind[c] |= behindThrees
		}
	}
	return t
}()

// lengths is what of the runs of digits is read, by how many digits they have.
type lengths struct {
	held [wordBlock]bool  // such a number may be held: leastNumber has three
	why  [wordBlock]uint8 // for which reasons, if it is not
}

// lengthsOf is for those who look for what is held.
func lengthsOf(h Held) (l lengths) {
	least := SizeOf(leastNumber)
	for n := range wordBlock {
		most := SizeOf(tens[min(n, 8)] - 1)
		l.held[n] = n >= 3 && h.Sizes>>least<<least&(2<<most-1) != 0
		l.why[n] = inNumber
		if n == 2 || n == 4 {
			l.why[n] |= beforeYears
		}
		if n == 2 { // behind nine digits of the line before; those in groups of six and five are seldom passed over
			l.why[n] |= atLines
		}
		if h.Sizes != 0 {
			l.why[n] |= behindThrees
			if n == 3 {
				l.why[n] |= beforeThrees
			}
		}
		if n >= 8 {
			l.why[n] |= everywhere
		}
	}
	return l
}

// allLengths is for those who look for everything.
var allLengths = lengthsOf(Everything)
