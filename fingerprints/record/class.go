package record

// class is what sort of evidence a set of cells is: it decides from which strength on it accuses.
type class uint8

const (
	loose   class = iota // names, towns, jobs, an employer's numbers, a household's telephone: nothing that is one person's
	names                // nothing but names
	contact              // a name with an e-mail address or telephone number, as on a public staff page
	named                // name and birth date, no more
	person               // name, birth date and one more cell
	number               // a national number, BSN or account number, with a name
	several              // three that nobody else has together, one of them an identifier
	other                // any other set that holds an identifier or a date of birth
)

const (
	// KeyBits is from how many bits on a number is a row's own, and not a year or the number of a house. SerialBits is from how
	// many on it may be, but counts the rows, as those of other tables do: it tells in many rows, not in one.
	KeyBits, SerialBits = 12, 11
	// dayBits, wordsBits and rowBits are what a day, words out of lists together and a number that counts the rows of a table
	// must tell to be one of several cells.
	dayBits, wordsBits, rowBits = 9, 8, 6
)

// class sorts a set of cells; rest is what the words out of lists tell, address what the mail address does.
func (t *tally) class(rest, address float64) class {
	isNamed := t.nameCells >= 2 || t.names >= nameBits
	more := rest + address + t.phone + t.iban
	switch {
	case t.number+t.iban > 0 && isNamed && (t.number > 0 || t.whole()), t.number > 0 && t.names+t.birth+more >= oneMoreBits: // nobody else has the number
		return number
	case t.birth > 0 && t.nameCells > 0 && (more < oneMoreBits && t.key < KeyBits || t.sibling() && address == 0 && t.key < KeyBits):
		return named
	case t.birth > 0 && isNamed && more >= oneMoreBits:
		return person
	case t.keyed(isNamed, address) || t.several(isNamed):
		return several
	case t.birth+t.number+t.iban+t.key == 0 && (t.email > 0 && t.phone == 0 && rest <= staffBits || t.email+t.phone > 0 && rest <= phoneStaffBits):
		return contact
	case t.birth+t.number+t.email == 0 && t.key < KeyBits && t.iban+t.phone > 0 && t.household():
		return loose
	case t.birth+t.number+t.iban+t.email+t.phone > 0:
		return other
	case rest == 0:
		return names
	}
	return loose
}

// household tells whether what a household has in common, its account, its telephone and its address, stands with somebody
// else's name for all that is known.
func (t *tally) household() bool {
	if t.iban > 0 && t.nameCells > 0 {
		return !t.whole()
	}
	return t.partly
}

// relative tells whether a name is not the whole one, unless what is missing is known to be the family name: an account is a
// couple's, or is kept for a child.
func (t *tally) relative() bool {
	if t.withGiven {
		return !t.given
	}
	return t.partly
}

// whole tells whether a name is more than a family name, too, where no column is known for given names: the account is a
// couple's.
func (t *tally) whole() bool { return !t.relative() && (t.withGiven || t.nameWords > 1) }

// sibling tells whether the given name is missing, as far as that can be told: twins have the family name, the date of
// birth, the house, its telephone and its account in common.
func (t *tally) sibling() bool {
	if t.withGiven {
		return !t.given
	}
	return t.partly && t.nameWords < 2
}

// keyed tells whether the table's own number stands beside a whole name or an identifier, and one cell more.
func (t *tally) keyed(isNamed bool, address float64) bool {
	if t.key < KeyBits {
		return false
	}
	rest := t.faded(t.key)
	if isNamed && !t.relative() {
		return rest+address+t.phone+t.iban >= oneMoreBits
	}
	return (t.ownMail() || t.phone+t.iban > 0 && t.nameCells == 0) && rest >= oneMoreBits
}

// ownMail tells whether a mail address was found that does not follow from what else was.
func (t *tally) ownMail() bool { return t.email > derivedBits }

// several tells whether three cells or more were found that do not hang together: not those by which others of a house or an
// office are known, too, and not those that stand on a public page beside a name.
func (t *tally) several(isNamed bool) bool {
	whole := isNamed && !t.relative() && (t.iban == 0 || t.whole())
	dated, words := t.date >= dayBits, t.faded(t.key) >= wordsBits
	n, public := 0, 0
	for _, found := range [...]bool{whole, t.birth > 0, t.key >= KeyBits || t.key >= rowBits && whole && dated, dated, t.iban > 0} {
		if found {
			n++
		}
	}
	for _, found := range [...]bool{t.ownMail(), t.phone > 0, words} {
		if found {
			public++
		}
	}
	if !whole && t.phone > 0 && (t.iban > 0 || words) {
		n--
		public--
	}
	if t.nameCells > 0 && !whole && t.birth+t.email == 0 {
		return false // a relative's
	}
	known := t.birth > 0 || t.key >= rowBits || t.ownMail() || t.phone+t.iban > 0
	return known && n+public >= 3 && n > 1
}
