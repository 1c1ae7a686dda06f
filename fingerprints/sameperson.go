package fingerprints

import (
	"math"

	"unmirror/fingerprints/cell"
	"unmirror/fingerprints/index"
	"unmirror/fingerprints/match"
	"unmirror/fingerprints/record"
)

// A letter is known by whom it is about and by what it says of him. Its passages and its record are weighed apart, each as
// if the other were not there; what neither tells alone, such as remarks out of a list, or name, birth date and address,
// both may tell together: a namesake born on the same day has another address and other remarks.
const (
	// personBits is from how many bits of records a letter is about the same person: name and birth date.
	personBits = 30
	// remarkPart is what of a run's bits counts beside name and birth date, and remarkMost the most that one run does: it
	// may be a remark out of a list, and of those an office has some dozens.
	remarkPart, remarkMost = 0.1, 10
	// missedBits is what is taken off for each cell of the letter's record that a text lacks which has most of the letter,
	// missedPart the same of an excerpt; mostOfLetter is from which share of the letter a text has most of it.
	missedBits, missedPart, mostOfLetter = 3, 1, 0.5
	// togetherBits is what a letter must tell beside name and birth date to be a match. Two remarks are that, or one and
	// most of an address.
	togetherBits = 24
	// missedID is as how many missing cells one counts that is a person's or a file's own number, rareCell from which rarity it
	// is, in quarter bits.
	missedID, rareCell = 3, 4 * 12
	// someCells is how many cells of a record are more than relatives or neighbours share, and namedCells how many beside a
	// whole name are more than a namesake does.
	someCells, namedCells = 4, 3
	// intactRemark is from what the longest run counts that a remark is whole: an edited copy has lost its person's cells
	// as it lost words.
	intactRemark = 5
	// leastRemarks is what remarks must tell beside a name and an identifier.
	leastRemarks = 5
	// ofOneText is the length of canonical text, in bytes, up to which a text is about one person.
	ofOneText = 4 << 10
	// numberBehind is how far from its beginning a text must name a number for the name to be expected too, in bytes.
	numberBehind = 64
)

// aside is what the passages of a letter tell beside their weight.
type aside struct {
	beyond  float64 // what they weigh if the text is about the letter's person; 0: as they are
	remarks float64 // what its runs count beside a name and a birth date
	longest float64 // the most that one of them does
	part    float64 // of the letter
}

// addressee is what a text has of the record of a letter.
type addressee struct {
	beyond float64 // what it tells beside name and birth date
	missed int     // cells that are not there
	sure   bool    // name and birth date are there, and nothing speaks against them
	some   bool    // more is there than relatives and namesakes have
}

// remark is what a run tells of a letter beside the name and birth date of its person: what is in it besides a turn of
// phrase.
func remark(run []weighed) float64 {
	weight, n := 0.0, 0
	for _, p := range run {
		if !p.public {
			weight += float64(p.weight)
		}
		n++
	}
	chars := float64(run[len(run)-1].offset - run[0].offset)
	return math.Min(remarkMost, remarkPart*bitsPerChar*chars*weight/float64(n))
}

// addressee is what was found of a letter's record, which may be several.
func (h *recordHits) addressee(seg *index.Segment, ref recordRef) (a addressee) {
	const ids = 1<<cell.National | 1<<cell.BSN | 1<<cell.IBAN | 1<<cell.Email | 1<<cell.Phone
	found, others := h.rows[ref], 0
	a.beyond, a.sure = found.weight.OfPerson()
	see := func(r index.Record, mask uint8) {
		for i, c := range r.Cells[:min(r.N, record.MaxCells)] {
			has, id := mask>>i&1 != 0, c.Kind&record.Birth != 0 || 1<<(c.Kind&record.KindMask)&ids != 0
			a.some = a.some || has && id
			if c.Kind&(record.Name|record.Birth) != 0 {
				continue
			}
			switch {
			case has:
				others++
			case id || c.Bits >= rareCell:
				a.missed += missedID
			default:
				a.missed++
			}
		}
	}
	see(seg.Record(ref.at), found.mask)
	alsoOf(seg, ref.at, func(at uint32, more index.Record) { see(more, h.rows[recordRef{ref.seg, at}].mask) })
	a.some = a.some || others >= someCells || others >= namedCells && found.weight.Whole()
	return a
}

// samePerson lets a letter's passages weigh what they do where its records say that the text is about the same person: what
// looked like another instance of its template, with a remark that two people may have in common, is then a copy that lost
// its order. Where passages and record are no match each, they may be together. And where the text names somebody by a
// number of his, and nothing of the letter's person, it is about him: the passages may be out of a list. matches are those of one part.
func (r *ranking) samePerson(matches []ranked, told map[fileRef]aside, persons map[fileRef]addressee, other somebody) {
	person := map[fileRef]bool{}
	for _, m := range matches {
		if m.Grade == match.Records && m.Bits >= personBits {
			person[m.ref] = true
		}
	}
	lifted := map[fileRef]float64{}
	for ref, a := range told {
		p := persons[ref]
		if !p.sure {
			continue
		}
		missed := float64(missedPart)
		if a.part >= mostOfLetter {
			missed = missedBits
		}
		if sum := p.beyond - missed*float64(p.missed) + a.remarks; a.remarks >= leastRemarks && sum >= togetherBits {
			lifted[ref] = r.m.noticeBits + sum - togetherBits
		}
	}
	for i := range matches {
		m := &matches[i]
		if m.Grade == match.Passages && person[m.ref] {
			m.Bits = max(m.Bits, told[m.ref].beyond)
		}
		if m.Grade == match.Passages && (other.named || other.unknown && r.hasNumbers(m.ref)) && !persons[m.ref].some && told[m.ref].longest >= intactRemark && m.Bits < copyShare*r.m.noticeBits && r.isLetter(m.ref) {
			m.Bits = min(m.Bits, templateBits*r.m.noticeBits)
		}
		if m.Grade == match.Passages || m.Grade == match.Records {
			m.Bits = max(m.Bits, lifted[m.ref])
		}
	}
}

// besides notes what passages tell beside their weight.
func (r *ranking) besides(to map[fileRef]aside, s shared, doc index.Doc) {
	if s.remarks == 0 && s.beyond <= s.bits {
		return
	}
	a := aside{remarks: s.remarks, longest: s.remark, part: s.coverage}
	if s.beyond > s.bits {
		a.beyond = s.beyond
	}
	for _, at := range r.snap.Known[s.ref.seg].DocFiles(doc) {
		if f, ok := r.file(s.ref.seg, at); ok && (f.file.Rows == 1 || a.beyond > 0) && len(to) < maxAlike {
			to[r.written(f).ref()] = a
		}
	}
}

// isLetter tells whether a known file is a letter or form about one person.
func (r *ranking) isLetter(ref fileRef) bool {
	f, ok := r.file(ref.seg, ref.file)
	return ok && f.file.Rows == 1
}

// hasNumbers tells whether national numbers are known of the people of a file's leak.
func (r *ranking) hasNumbers(ref fileRef) bool {
	kinds, _ := r.snap.Known[ref.seg].Held()
	return kinds>>cell.National&1 != 0
}

// somebody tells whom a text no longer than a letter names by a national number.
type somebody struct {
	named   bool // there is room for his name before it
	unknown bool // no known record has it
}

func anybody(texts []*textMatch) (who somebody) {
	for _, t := range texts {
		if t.stream.Len() > ofOneText {
			return somebody{}
		}
		if t.records == nil {
			continue
		}
		for _, x := range t.records.typed {
			if x.kind == cell.National {
				who.named, who.unknown = who.named || x.at >= numberBehind, who.unknown || x.none
			}
		}
	}
	return who
}
