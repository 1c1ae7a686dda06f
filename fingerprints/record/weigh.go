package record

import (
	"cmp"
	"math"
	"slices"

	"unmirror/fingerprints/cell"
)

// Cell is what is known of one cell of a record: its kind with marks, and its rarity in quarter bits.
type Cell struct{ Kind, Bits uint8 }

// Weight is what cells of one record that were found together tell.
type Weight struct {
	Bits  float64 // how unlikely it is that another person of the same schema shares them; what correlates counts once
	class class
	// beyond is what of the bits is neither name nor date of birth.
	beyond float64
	// shared is what of beyond the people of one household have in common: the telephone, the address.
	shared float64
	// key is what a number tells that may be the table's own for the row.
	key float64
	// dialled tells that it is of class contact with a telephone number.
	dialled bool
	// partly tells that a name of the record was not found: relatives share the other one, and a house and its telephone.
	partly bool
	// mailed tells that the mail address was found, reached that an address, telephone or account number was that does not
	// follow from the name.
	mailed, reached bool
	// against tells that an identifier beside them is not the record's: a namesake, whatever else they share.
	against bool
}

const (
	// derivedBits is what a cell is worth that follows from another one: that a mail address is made of the name, and at
	// which employer, is about this much news.
	derivedBits = 4
	// oneMoreBits is what a third cell must tell beside name and birth date. Jobs and towns out of long lists do.
	oneMoreBits = 3
	// staffBits is what a staff page tells beside name and addresses: a job, a department, a town.
	staffBits, phoneStaffBits = 16, 10
	// ownBits is what cells beside name and birth date tell that no namesake has, whatever identifier stands beside them.
	ownBits = 20
	// letterBits is what cells beside name and birth date tell that no namesake's letter of the same office has.
	letterBits = 16
	// thinBits is what cells beside name and birth date must tell to hold against a number or an address that the record
	// does not have at all: a town.
	thinBits = 12
	// wordBits is what a word of a name tells at least that is no particle.
	wordBits = 4
	// maybeNameBits is what a word tells at least that may be a name, where the table does not say which words are.
	maybeNameBits = 5
	// nameBits is what names must tell to be a name: a family name alone, when it is rare, or two words of one.
	nameBits = 8
)

// fading is what the words out of lists count, largest first: a street implies its town, a job its department.
var fading = [MaxCells]float64{1, 0.8, 0.6, 0.4, 0.3, 0.2, 0.1, 0.1}

// tally sums a record's cells by what they are.
type tally struct {
	names, birth, email, phone, number, iban, key float64
	date                                          float64 // the rarest that is no date of birth
	nameCells, nameWords                          int     // words of names found; those of them that are no particles
	derivedEmail, partly, missedWord              bool
	national                                      bool              // number is a national number, which begins with the day of birth
	given, withGiven                              bool              // a given name was found; the record says which of its names is one
	lists                                         [MaxCells]float64 // what words out of lists tell, largest first
	listed                                        int
}

// list adds a word out of a list.
func (t *tally) list(bits float64) {
	i := min(t.listed, MaxCells-1)
	if t.listed == MaxCells && t.lists[i] >= bits {
		return
	}
	t.listed = i + 1
	for ; i > 0 && t.lists[i-1] < bits; i-- {
		t.lists[i] = t.lists[i-1]
	}
	t.lists[i] = bits
}

func (t *tally) add(c Cell) {
	bits := float64(c.Bits) / 4
	kind := cell.Kind(c.Kind & KindMask)
	switch {
	case c.Kind&Derived != 0 && kind != cell.Email:
		t.list(math.Min(bits, derivedBits))
	case c.Kind&Name != 0:
		t.names += bits
		t.nameCells++
		t.given = t.given || c.Kind&Given != 0
		if bits >= wordBits {
			t.nameWords++
		}
	case c.Kind&Birth != 0:
		t.birth = math.Max(t.birth, bits)
	case kind == cell.National, kind == cell.BSN:
		t.number = math.Max(t.number, bits)
		t.national = t.national || kind == cell.National
	case kind == cell.IBAN:
		t.iban = math.Max(t.iban, bits)
	case kind == cell.Email:
		if c.Kind&Derived != 0 {
			t.derivedEmail = true
		}
		t.email = math.Max(t.email, bits)
	case kind == cell.Phone:
		t.phone = math.Max(t.phone, bits)
	case kind == cell.Number:
		t.key = math.Max(t.key, bits)
		t.list(bits)
	case kind == cell.Date:
		t.date = math.Max(t.date, bits)
		t.list(bits)
	default:
		t.list(bits)
	}
}

// miss takes a cell that was not found.
func (t *tally) miss(c Cell) {
	if c.Kind&Name != 0 {
		t.partly = true
	} else if cell.Kind(c.Kind&KindMask) == cell.Word && float64(c.Bits)/4 >= maybeNameBits {
		t.missedWord = true
	}
}

// Weigh weighs the cells of a record that mask has a bit for.
func Weigh(cells []Cell, mask uint8) Weight {
	t := tally{}
	for i, c := range cells[:min(len(cells), MaxCells)] {
		t.withGiven = t.withGiven || c.Kind&Given != 0
		if mask>>i&1 != 0 {
			t.add(c)
		} else {
			t.miss(c)
		}
	}
	return t.weight(namesOf(cells))
}

// weight is what the cells tell of a record whose names tell so many bits.
func (t *tally) weight(names float64) Weight {
	t.partly = t.partly || names == 0 && t.missedWord
	more := math.Min(t.email, derivedBits)
	switch {
	case !t.derivedEmail:
		more = t.email
	case t.nameCells > 0 && t.birth > 0: // somebody's own, whoever else has it on a page of staff
		t.email = math.Min(t.email, derivedBits)
	case t.nameCells > 0:
		t.email = math.Min(t.email, 1)
	default:
		t.email = math.Min(t.email, names+derivedBits)
	}
	if t.national {
		t.birth = 0 // the number begins with it
	}
	rest := t.faded(0)
	w := Weight{Bits: t.names + t.birth + t.email + t.phone + t.number + t.iban + rest}
	w.class, w.beyond, w.key, w.partly = t.class(rest, more), w.Bits-t.names-t.birth, t.key, t.partly
	w.shared = t.phone + rest
	w.reached = t.phone+t.iban > 0 || t.email > 0 && !t.derivedEmail
	w.dialled, w.mailed = w.class == contact && t.phone > 0, t.email > 0
	return w
}

// faded is what dates, numbers and words out of lists tell together, but for one that tells so much.
func (t *tally) faded(without float64) (rest float64) {
	i := 0
	for _, b := range t.lists[:t.listed] {
		if b == without {
			without = 0
			continue
		}
		rest += b * fading[i]
		i++
	}
	return rest
}

// namesOf is what all the names of a record tell.
func namesOf(cells []Cell) float64 {
	sum := 0.0
	for _, c := range cells {
		if c.Kind&Name != 0 {
			sum += float64(c.Bits) / 4
		}
	}
	return sum
}

// Thin tells whether so little stands beside name and birth date that any identifier beside them which is not the
// record's speaks against it, whatever kinds it has: a namesake's, born on the same day, who lives in the same town.
func (w Weight) Thin() bool { return w.class == person && w.beyond < thinBits }

// Slight tells whether beside name and birth date stands nothing but words out of lists, of which a namesake may share some.
func (w Weight) Slight() bool {
	return w.class == person && w.beyond < ownBits && w.key < SerialBits && !w.reached && !w.mailed
}

// OfOne tells whether what was found is nobody else's: a number with a name, name, birth date and more, or several cells.
func (w Weight) OfOne() bool { return w.class == number || w.class == person || w.class == several }

// Numbered tells whether it is a number with a name or more.
func (w Weight) Numbered() bool { return w.class == number }

// Dated tells whether a name and a birth date are among what was found.
func (w Weight) Dated() bool { return w.class == named || w.class == person }

// Against is the weight when an identifier stands beside the cells that is not the record's, although it has one of that
// kind, or is thin.
func (w Weight) Against() Weight {
	if w.beyond >= ownBits && !w.partly && (w.class != other || w.beyond-w.shared >= ownBits) {
		return w
	}
	w.against = true
	if w.class == person || w.class == several || w.class == other {
		w.class = named
	}
	return w
}

// Doubted is the weight when numbers stand beside the cells of a kind that was left out when the table was registered: they
// may be the record's or a namesake's, unless the row's own number is there. One such row accuses nobody; many of a table do.
func (w Weight) Doubted() Weight {
	if w.class == person && (w.partly || w.key < KeyBits) {
		w.class = named
	}
	return w
}

// OfPerson tells whether a whole name was found with a birth date, or with an identifier of one person instead, and nothing
// that speaks for a namesake; and what the rest tells.
func (w Weight) OfPerson() (beyond float64, ok bool) {
	switch {
	case w.against || w.partly:
		return 0, false
	case w.Dated():
		return w.beyond, true
	}
	return w.beyond - birthBits, w.class > names && w.reached
}

// Whole tells whether all of a name was found.
func (w Weight) Whole() bool { return !w.partly }

// OfLetter is the weight of a letter's record. Another letter of the same office has a town, an employer or a street with
// it in common at every turn, and the office's own address: for a person born on the same day and called the same, that is
// not one more cell. His mail address and the number of his file are.
func (w Weight) OfLetter() Weight {
	if w.class == person && w.beyond < letterBits && !w.mailed && w.key < KeyBits {
		w.class = named
	}
	return w
}

// Strength is how many bits a weight keeps when a text that speaks of that many persons is held against that many
// records: minus the logarithm of the number of such coincidences to be expected in the whole text.
func (w Weight) Strength(records, persons float64) float64 {
	return w.Bits - math.Log2(math.Max(1, records)) - math.Log2(math.Max(1, persons))
}

const (
	// matchBits is the weight at which one record is a match; see DefaultNoticeBits of package fingerprints, to which
	// this scale is calibrated.
	matchBits = 64
	// weakFloor and weakMost bound what is told to a person, but accuses nobody.
	weakFloor, weakMost = 24, 60
	// What one record must have to be a match. With these, of 2^10 texts by chance as rich as the one at hand one at most
	// would accuse falsely, were there no other person like the known one. Relatives, colleagues and namesakes are why
	// less than a name with a number, or a name with a birth date and one more cell, must have far more.
	personStrength, numberStrength, otherStrength = 10, 14, 34
	// weakStrength is what anything else must have to be told at all.
	weakStrength, looseStrength = 6, 20
	// modelBits is how far the number of coincidences may be off what rarities say: people who come in families, cells of
	// neighbouring rows taken for one row. sumStrength is how surprising their number must be to be a match.
	modelBits, sumStrength = 5, 36
	// rowStrength is what a row must have to be told when others of the table are a match.
	rowStrength = 5
	// minRows is how many rows add up at least; minNamed how many when all of them are names with birth dates, and
	// namedShare how many that must be for each date in the text: among thousands of people a few truly share both.
	minRows, minNamed = 3, 8
	namedShare        = 0.3
	// wholeRows and wholeShare are how many rows it takes, and which part of the table, for what neighbours know of each
	// other to be a copy of it: a name with a town or an employer stands on lists of staff, of a club, in a directory.
	// Instead of a part of the table, rows may stand next to each other as there.
	wholeRows  = 40
	wholeShare = 0.6
	// manyRows is how many rows of a table in another order are a copy of it too: the list that a club or an employer
	// publishes may hold next to all the people of a smaller one.
	manyRows = 300
	// listDates is from how many dates on a text is a list of people, and fewOfList how many rows for each of them must be
	// found for one to accuse by name, birth date and town.
	listDates, fewOfList = 20, 0.07
	maxBits              = 400
)

// Around is what the rows of one table that were found in a text are held against.
type Around struct {
	Records float64 // known altogether
	Persons float64 // of whom the text speaks, about
	Dates   float64 // readings of dates in the text, known or not
	Rows    int     // of the table
	Next    int     // rows of those found that follow in the text on the one before them in the table
}

// Least is the fewest bits with which a record can count, when so many are known and the text tells of that many persons
// or more: alone it must have more than chance gives it, and rows that add up must be more than chance brings, of which
// there are no more than a few for each person.
func Least(records, persons float64) float64 {
	return math.Log2(math.Max(1, records)) + math.Min(sumLeast, math.Log2(math.Max(1, persons)))
}

// sumLeast is less than the logarithm of how many times more rows than chance brings are a sum at all (see together),
// less that of rows to a person.
const sumLeast = 4.5

// alone is the bits of one record by itself; 0: nothing.
func (w Weight) alone(s, persons float64) float64 {
	needs := math.Inf(1)
	switch w.class {
	case person, several: // among many people a few have a namesake, born on the same day, and his town or job by chance
		needs = personStrength + math.Log2(math.Max(1, persons))
	case number:
		needs = numberStrength
	case other:
		needs = otherStrength
	}
	switch {
	case s >= needs:
		return math.Min(maxBits, matchBits+2*(s-needs))
	case w.class == named && !w.against && s >= 0, w.class == person && !w.against && s >= w.beyond, w.class > names && s >= weakStrength, s >= looseStrength:
		return math.Min(weakMost, weakFloor+math.Max(s, 0))
	}
	return 0
}

// Combine gives the bits of the rows of one table found in one text. A match has 64 bits or more; fewer than 24 are
// nothing and given as 0.
//
// What it bounds: a single public page with one person's name, work address and work telephone is weak at most, a
// list of many such persons too unless it has telephone numbers and is most of the table in the order of the table, a list
// of people with their towns or employers unless it is most of the table, and so is a name with a birth date, however rare,
// and a few of them.
func Combine(rows []Weight, a Around) float64 {
	best, thin := 0.0, 0.0
	var strong, dated, common, phones []float64
	for _, w := range rows {
		s := w.Strength(a.Records, a.Persons)
		if alone := w.alone(s, a.Persons); w.Thin() {
			thin = math.Max(thin, alone)
		} else {
			best = math.Max(best, alone)
		}
		switch {
		case w.dialled && !w.against:
			phones = append(phones, s)
		case w.against || w.class == names || w.class == contact: // lists of names and of staff are public more often than not
		case w.class == named:
			dated = append(dated, s)
		case w.class == loose && w.key < SerialBits:
			common = append(common, s)
		default:
			strong = append(strong, s)
		}
	}
	if a.Dates >= listDates && float64(len(strong)) < fewOfList*a.Dates {
		thin = math.Min(thin, weakMost)
	}
	best = math.Max(best, thin)
	if n := len(dated) + len(strong); n >= minNamed && float64(n) >= namedShare*a.Dates {
		strong = append(strong, dated...)
	}
	if n := len(strong) + len(common); n >= manyRows && float64(n) >= wholeShare*float64(a.Rows) || n >= wholeRows && float64(a.Next) >= wholeShare*float64(n) {
		strong = append(strong, common...)
	}
	if n := float64(len(strong) + len(phones)); len(phones) >= wholeRows && n >= wholeShare*float64(a.Rows) && float64(a.Next) >= wholeShare*n {
		strong = append(strong, phones...)
	}
	if len(strong) >= minRows {
		if sum := together(strong); sum >= sumStrength {
			best = math.Max(best, math.Min(maxBits, matchBits+sum-sumStrength))
		}
	}
	return best
}

// together is how surprising so many rows are, in bits: of strength s or more, 2^-s rows are to be expected in the text,
// and k come with a chance of less than (e·2^-s/k)^k (Chernoff's bound on a Poisson variable). The number that surprises
// most counts.
func together(strengths []float64) float64 {
	slices.SortFunc(strengths, func(a, b float64) int { return cmp.Compare(b, a) })
	best := 0.0
	for i, s := range strengths {
		if k := float64(i + 1); i+1 >= minRows {
			best = math.Max(best, k*(s+math.Log2(k)-math.Log2E-modelBits))
		}
	}
	return best
}

// Numbers gives the bits of a list of national numbers by which one of the tables may be recognised: found of them, of
// which all were different, passed a filter that answers wrongly once in 256 times.
func Numbers(found, all, tables int) float64 {
	if found < 2 || all < found {
		return 0
	}
	const p = 1.0 / 256
	share := float64(found) / float64(all)
	if share <= p {
		return 0
	}
	// Chernoff's bound on the binomial tail (Hoeffding, 1963)
	tail := share * math.Log2(share/p)
	if share < 1 {
		tail += (1 - share) * math.Log2((1-share)/(1-p))
	}
	bits := float64(all)*tail - math.Log2(math.Max(1, float64(tables)))
	if bits < weakFloor {
		return 0
	}
	return math.Min(maxBits, bits)
}

// Better tells whether w says more than another weight of the same record: what can accuse comes before what cannot.
func (w Weight) Better(than Weight) bool {
	a, b := w.alone(w.Bits, 1), than.alone(than.Bits, 1)
	return a > b || a == b && w.Bits > than.Bits
}

// Counts tells whether a row of this weight is among those that the bits of Combine speak of: others are coincidences.
func (w Weight) Counts(bits, records, persons float64) bool {
	s := w.Strength(records, persons)
	return s > rowStrength || w.alone(s, persons) >= math.Min(bits, matchBits)
}
