package fingerprints

import (
	"math"

	"unmirror/fingerprints/index"
	"unmirror/fingerprints/trace"
	"unmirror/fingerprints/winnow"
)

// What else is in a text tells what to make of a piece of it that a document has too. All that is known of a copy is the
// document's, edited or not. A text in which other documents' sentences come up besides is by somebody who writes as they
// were written, or fills in one of their templates, and came by the piece without the document: the remark is out of a
// list. And where nothing known lies around the piece, nobody wrote it there: it was put there.
const (
	// kinShare is the share of the text beside what it has of a document that others must hold for it to be of their kind.
	kinShare = 0.1
	// copiedShare is the share of a text from which it is a copy, its lines in whatever order; of a list, in which much comes
	// again, copiedList.
	copiedShare, copiedList = 0.7, 0.85
	// lineChars is the mean length of lines.
	lineChars = 48
	// kindredShare is the share of the text beside the longest piece that the others must have, fewer than kinShare of other
	// documents: nothing but the document itself puts so many of them in it, or somebody who writes like it.
	kindredShare = 0.04
	// phrasedShare is from which share of repeats on a document is written out of few phrases, as if by a machine: leastPhrases
	// pieces of it more than the longest are enough then, and they are a copy only where they are phrasedCopy of it.
	phrasedShare, leastPhrases, phrasedCopy = 1.06, 1, 0.4
	// wholeShare is the share of such a document from which on a text is all of it in some order, if it is not much longer than
	// the document, by wholeLength: of another of the same length the sentences differ.
	wholeShare, wholeLength = 0.88, 1.1
	// outdone is how many times the next one's length a run has that is none of many.
	outdone = 1.5
	// remarksOfOthers is from how many sentences of other documents on what they hold counts remarkShare times: a table of
	// remarks has other columns too.
	remarksOfOthers, remarkShare = 3, 1.3
	// phraseChars is the length from which a stretch of a long text that others hold is no turn of phrase, longText that of
	// such a text.
	phraseChars, longText = 36, 4 << 10
	// strange is the share of the text around a piece that is known up to which the piece was put there.
	strange = 0.06
	// sentenceChars is the length from which a single other stretch that is known says that it was not.
	sentenceChars = 40
	// sentenceRun is the same of a run along a trace, of which more come up by chance.
	sentenceRun = 60
	// besideChars is how much of a passage must lie in a piece to be told as part of it.
	besideChars = 4
	// restChars is added to the text around, of which a short one says little.
	restChars = 120
	// excerptLeast is the length from which a piece is weighed as put there: shorter ones come up by chance. A text that is
	// twice as long as longText has chances for excerptMore characters more, and so on.
	excerptLeast, excerptMore = 75, 4
	// excerptChars is what such a piece pays.
	excerptChars = 8
	// pieceBits is the most that a piece of another document tells: which one it is of all that could stand there.
	pieceBits = 24
)

// foreign is which part of the text beside what it shares with one document, at spans, other documents hold; of what is public, that
// which comes again and again in a table: it is out of a list.
func (w *weighing) foreign(spans [][2]int64, length int64) float64 {
	known := stretches{least: winnow.K}
	if length > longText {
		known.least = phraseChars
	}
	held := int64(0)
	for _, s := range spans {
		held += s[1] - s[0]
	}
	for i, h := range w.list {
		for len(spans) > 0 && spans[0][1]-besideChars <= h.offset {
			spans = spans[1:]
		}
		if (!w.weights[i].public || w.weights[i].again) && (len(spans) == 0 || h.offset+winnow.K <= spans[0][0]+besideChars) {
			known.add(h.offset)
		}
	}
	share := float64(known.end()) / float64(length-held+restChars)
	if known.sentences >= remarksOfOthers {
		share *= remarkShare
	}
	return share
}

// copied tells whether spans are at least that share of a text, and lines rather than phrases.
func copied(spans [][2]int64, length int64, share float64) bool {
	held := lengthOf(spans)
	return float64(held) >= share*float64(length) && held >= lineChars*int64(len(spans))
}

// copied is the same by the trace, which misses nothing at the ends of lines.
func (l *laid) copied() bool {
	held, chains := 0, 0
	for _, r := range l.runs {
		if held += r.End() - r.Text; !r.Resumed {
			chains++
		}
	}
	return float64(held) >= copiedList*float64(l.length) && held >= lineChars*chains
}

// phrased tells whether a document is written out of few phrases.
func phrased(doc *index.Doc) bool { return float64(doc.Total) > phrasedShare*float64(doc.Passages) }

// mostOf tells whether a text that has nothing but pieces of a document out of few phrases is a copy of it: whoever else writes
// out of these has nothing else either, but little of the document.
func mostOf(s *shared, doc *index.Doc) bool {
	return float64(s.passages) >= phrasedCopy*float64(doc.Passages)
}

// wholeOf tells whether a text is all of such a document, in whatever order.
func wholeOf(s *shared, doc *index.Doc, length int64) bool {
	return float64(s.passages) >= wholeShare*float64(doc.Passages) && float64(length) <= wholeLength*winnow.Spacing*float64(doc.Total)
}

func lengthOf(spans [][2]int64) (sum int64) {
	for _, s := range spans {
		sum += s[1] - s[0]
	}
	return sum
}

// kindred tells whether a text, at spans, has this and that of one document, in no order of the document's: by somebody who
// writes as that was written, out of few words or by a machine, of whom no other document is known. The longest of so
// many runs says no more than that they are many. An edited copy has them in order, a shuffled one nothing else. few tells that the
// document itself is out of few phrases.
func (w *weighing) kindred(spans [][2]int64, longest [2]int64, ref docRef, length int64, few bool) bool {
	run, least := longest[1]-longest[0], leastOrdered
	if few {
		least = leastPhrases
	}
	if len(spans) <= least || float64(lengthOf(spans)-run) <= kindredShare*float64(length-run+restChars) {
		return false
	}
	pieces := make([]piece, 0, maxPieces)
	for _, s := range spans[:min(len(spans), maxPieces)] {
		pieces = append(pieces, piece{s[0], s[1]})
	}
	order, found := w.order(pieces, ref)
	return !found || order == 0
}

// kindred is the same of runs along a trace.
func (l *laid) kindred(spans [][2]int64) bool {
	if copied(spans, l.length, copiedShare) || l.copied() || l.outdone() {
		return false
	}
	var chains []trace.Run // the first of each
	for _, r := range l.runs {
		if !r.Resumed {
			chains = append(chains, r)
		}
	}
	return len(chains) > leastOrdered && float64(len(ascending(chains))) < orderedShare*float64(len(chains))
}

// outdone tells whether one run is none of many: it outdoes all others.
func (l *laid) outdone() bool {
	longest, next := 0, 0
	for _, r := range l.runs {
		if n := r.End() - r.Text; n > longest {
			longest, next = n, longest
		} else {
			next = max(next, n)
		}
	}
	return longest >= excerptLeast && float64(longest) >= outdone*float64(next)
}

// around is which part of the text beside from to to is known; all of it where there is another sentence that is.
func (w *weighing) around(from, to, length int64) float64 {
	known := stretches{least: winnow.K}
	for i, h := range w.list {
		if !w.weights[i].public && (h.offset+winnow.K <= from+besideChars || h.offset >= to-besideChars) {
			known.add(h.offset)
		}
	}
	if known.end(); known.longest >= sentenceChars {
		return 1
	}
	again := charsPerPassage * float64(len(w.repeats)) // what comes again is known too
	return (float64(known.sum) + again) / float64(length-(to-from)+restChars)
}

// stretches adds up the lengths of stretches of overlapping passages, of those that have the least or more.
type stretches struct{ least, from, to, sum, longest, sentences int64 }

func (s *stretches) add(offset int64) {
	if offset > s.to {
		s.end()
		s.from = offset
	}
	s.to = offset + winnow.K
}

func (s *stretches) end() int64 {
	n := s.to - s.from
	if n >= s.least {
		s.sum += n
	}
	s.longest = max(s.longest, n)
	if n >= sentenceRun {
		s.sentences++
	}
	s.from, s.to = 0, 0
	return s.sum
}

// excerpt weighs a chain of runs that is all that the text has in common with anything known: it pays nothing for its
// ends, and tells how much longer it would be to put it together out of pieces of all other documents.
func (l *laid) excerpt(chain []trace.Run) runWeight {
	begin, end := chain[0].Text, chain[len(chain)-1].End()
	least := excerptLeast + excerptMore*math.Max(0, math.Log2(float64(l.length)/longText))
	if float64(end-begin) < least || l.w.around(int64(begin), int64(end), l.length) > strange || l.amongKnown(begin, end) {
		return runWeight{}
	}
	var p parsing
	price := bitsPerChar * float64(excerptChars)
	last := 0
	for i, r := range chain {
		if i > 0 {
			price += bitsPerChar * edit(chain[i-1], r)
		}
		from, to := counted(r)
		for at := max(last, from); at < to; at++ {
			if l.own[at] > 0 || !isDigit(l.w.text[at]) {
				p.take(float64(l.own[at]), l.holds[at]&^l.same, l.model[at])
			}
		}
		last = to
	}
	p.end()
	return p.sum.less(price)
}

// amongKnown tells whether documents' traces have more of the text beside from to to than of what is strange to them, or
// another sentence.
func (l *laid) amongKnown(from, to int) bool {
	known, stretch := 0, 0
	for at, holds := range l.holds {
		if holds == 0 || at >= from-besideChars && at < to+besideChars {
			stretch = 0
			continue
		}
		known++
		if stretch++; stretch >= sentenceRun {
			return true
		}
	}
	return float64(known) > strange*float64(len(l.holds)-(to-from)+restChars)
}

// parsing puts a text together out of pieces of other documents, each as long as possible, and of what none of them has.
type parsing struct {
	of    uint32 // the documents that hold all of the piece; 0: none holds anything
	chars float64
	model bool
	sum   runWeight
}

// take takes the next character: what it weighs, the documents that hold it, and whether one is of the same template. What
// is in a few other documents is held against a piece less than usual, since the text around is not of their kind.
func (p *parsing) take(own float64, holds uint32, model bool) {
	if own == 0 {
		p.end()
		return
	}
	if both := p.of & holds; both != 0 || p.of == holds {
		p.of = both
	} else {
		p.end()
		p.of = holds
	}
	p.chars += math.Sqrt(own)
	p.model = p.model || model
}

// end ends a piece.
func (p *parsing) end() {
	bits := bitsPerChar * p.chars
	if p.of != 0 {
		bits = math.Min(bits, pieceBits)
	}
	if p.model {
		p.sum.template += bits
	} else {
		p.sum.own += bits
	}
	p.of, p.chars, p.model = 0, 0, false
}
