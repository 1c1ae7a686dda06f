package fingerprints

import (
	"slices"

	"unmirror/fingerprints/cell"
	"unmirror/fingerprints/index"
	"unmirror/fingerprints/record"
)

// What bounds the work on text of known cells, be it a known table or hostile: a token is paired with windowTokens others
// and with none twice, of its pairs the rarest are followed, and what is held of records is bounded.
const (
	// windowTokens and windowBytes are how far apart two cells of one record may stand: a record may be laid out one cell a
	// line, or have a remark in its middle.
	windowTokens = 40
	windowBytes  = 800
	// shortTokens and shortBytes are the same at a text's beginning: in a letter whose lines were shuffled, name and number
	// stand at either end.
	shortTokens = 120
	shortBytes  = 3 << 10
	// shortTyped is how many identifiers such a letter has; a list of people has more.
	shortTyped = 2
	// recentTokens is how many tokens are remembered, a power of two: more than the pairs of a batch and the window speak of.
	recentTokens = 512
	// pairBatch is how many pairs are looked up at once, lineBatch how many when a line ends: what it tells spares pairs
	// of the next.
	pairBatch, lineBatch = 256, 48
	// tokenHits is how many records a token's pairs may lead to, besides those of its rarest pair: neighbours that many
	// records share tell little, and what is in a record with them is found by its rarer cells.
	tokenHits = 16
	// maxFound bounds the records found in one text, some 60 bytes each; of a text that holds so many, only every
	// sampled block is read for records further on, for a quarter as many again.
	maxFound     = 1 << 17
	sampleBlocks = 16
	sampleBytes  = 64 << 10
	// maxListed bounds the national numbers kept of one text, and maxRows the rows that a match lists.
	maxListed = 1 << 17
	maxRows   = 10_000
	// placesPerson is how many known places a text has at least for each person whom it tells of.
	placesPerson = 6
	// leastBits is what cells must tell to be kept, whatever is known; two family names are not it.
	leastBits = 12
)

// recordRef names a record: a segment and its number there.
type recordRef struct{ seg, at uint32 }

// place is a token that may be a known cell.
type place struct {
	hash        uint64
	at          int64
	line, dates uint32
	ord         uint32 // which of the places in the text it is; several readings of one place share it
	size        uint16
	repeated    bool // the same cell stands nearer to what follows
}

// pairAt is which tokens a pair is of, the earlier first.
type pairAt struct{ a, b uint32 }

// recordHits finds the cells of known records in one text.
type recordHits struct {
	key     *cell.Key
	segs    []recordSegment
	records float64 // known altogether, of a row two at most
	floor   float64 // bits with which a record may count
	scanner cell.Scanner
	tokens  []cell.Token

	recent  []place // a ring of the last tokens, by their numbers, which begin at 1
	token   uint32  // number of the last
	places  uint32
	settled uint32 // up to this token, all in lines that are told, nothing needs to be paired with other lines

	hashes  []uint64 // pairs not looked up yet
	pairs   []pairAt // of which tokens, by token
	found   []index.Found
	values  []uint32
	counted []countedPair

	followed followed
	rows     map[recordRef]rowFound
	typed    []identifier        // those of persons, known or not, in order
	listed   map[uint64]struct{} // national numbers that some table's filter knows
	tables   map[fileRef]int     // and how many of them each knows
	full     bool
	beside   beside
}

type recordSegment struct {
	number uint32
	*index.Segment
	records index.RecordTable
}

// identifier is a place where an identifier of a person stands.
type identifier struct {
	at   int64
	line uint32
	kind cell.Kind
	none bool // no known record has it
}

// newRecordHits is nil when no records are known.
func newRecordHits(s *secrets, snap *index.Snapshot) *recordHits {
	if !slices.ContainsFunc(snap.Known, func(seg *index.Segment) bool { return seg.HasRecords() || seg.HasNumbers() }) {
		return nil
	}
	h := &recordHits{key: s.cells}
	for i, seg := range snap.Known {
		if seg.HasRecords() || seg.HasNumbers() {
			h.segs = append(h.segs, recordSegment{uint32(i), seg, seg.Records()})
			h.records += float64(min(seg.RecordCount(), 2*seg.RowCount()))
		}
	}
	h.scanner = s.cells.Scanner()
	h.scanner.Filter(h.known)
	h.scanner.Only(h.held())
	return h
}

// held is which cells there are to be found.
func (h *recordHits) held() (all cell.Held) {
	for i := range h.segs {
		kinds, sizes := h.segs[i].Held()
		all.Kinds |= kinds
		all.Sizes |= sizes
		if h.segs[i].HasNumbers() {
			all.Kinds |= 1<<cell.National | 1<<cell.BSN
		}
	}
	return all
}

// known appends the places of those tokens that may be known cells: once in some 256 times one is not.
func (h *recordHits) known(dst []uint32, hashes []uint64) []uint32 {
	from := len(dst)
	for i := range h.segs {
		dst = h.segs[i].AppendHasCell(dst, hashes)
	}
	if len(h.segs) > 1 {
		slices.Sort(dst[from:])
		dst = append(dst[:from], slices.Compact(dst[from:])...)
	}
	return dst
}

// feed takes the next piece of UTF-8 text.
func (h *recordHits) feed(b []byte) {
	h.beside.keep(b)
	h.tokens = h.scanner.Append(h.tokens[:0], b)
	h.see(h.tokens)
}

func (h *recordHits) end() {
	h.tokens = h.scanner.End(h.tokens[:0])
	h.see(h.tokens)
	h.lookUp()
}

func (h *recordHits) see(tokens []cell.Token) {
	for i := range tokens {
		t := &tokens[i]
		if (t.Kind == cell.National || t.Kind == cell.IBAN || t.Kind == cell.Email) && len(h.typed) < maxListed {
			h.typed = append(h.typed, identifier{t.At, t.Line, t.Kind, t.Dropped})
		}
		if t.Dropped {
			continue
		}
		if t.Kind == cell.National || t.Kind == cell.BSN {
			h.number(t.Hash)
		}
		h.pair(t)
	}
}

// pair pairs a token with those before it, the nearest first.
func (h *recordHits) pair(t *cell.Token) {
	if h.recent == nil {
		h.recent = make([]place, recentTokens)
	}
	last := &h.recent[h.token%recentTokens]
	if t.At >= last.at+int64(last.size) || h.places == 0 {
		h.places++
	}
	if h.full && (len(h.rows) >= maxFound+maxFound/4 || t.At/sampleBytes%sampleBlocks != 0) {
		return
	}
	if h.token%placesPerson == 0 {
		h.floor = max(h.floor, leastBits, record.Least(h.records, h.persons()))
	}
	if t.Line != last.line && len(h.hashes) >= lineBatch || len(h.hashes) >= pairBatch || len(h.pairs) > 0 && h.token-h.pairs[0].b >= recentTokens/8 {
		h.lookUp()
	}
	h.token++
	recent := (*[recentTokens]place)(h.recent)
	p := &recent[h.token%recentTokens]
	*p = place{t.Hash, t.At, t.Line, t.Dates, h.places, uint16(t.End - t.At), false}
	tokens, reach := uint32(windowTokens), int64(windowBytes)
	if h.token <= shortTokens && h.ofOne(t.At) {
		tokens, reach = shortTokens, shortBytes
	}
	for n := h.token - 1; n > 0 && h.token-n <= tokens; n-- {
		before := &recent[n%recentTokens]
		if t.At-before.at > reach || n <= h.settled && before.line != t.Line {
			break
		}
		switch {
		case before.repeated, before.ord == p.ord && before.at == t.At && before.size == p.size:
		case before.hash == t.Hash:
			before.repeated = true
		default:
			h.hashes = append(h.hashes, record.Pair(h.key, before.hash, t.Hash))
			h.pairs = append(h.pairs, pairAt{n, h.token})
		}
	}
}

// ofOne tells whether what comes up to an offset may be a letter about one person.
func (h *recordHits) ofOne(at int64) bool { return at <= shortBytes && len(h.typed) <= shortTyped }

// persons is of how many persons the text tells, about.
func (h *recordHits) persons() float64 { return 1 + float64(h.places)/placesPerson }

// countedPair is a pair that is known, and in how many records.
type countedPair struct {
	pairAt
	posting index.Posting
	count   int
}

// lookUp looks the gathered pairs up.
func (h *recordHits) lookUp() {
	for i := range h.segs {
		seg := &h.segs[i]
		h.found = seg.AppendFoundPairs(h.found[:0], h.hashes)
		for from := 0; from < len(h.found); {
			token := h.pairs[h.found[from].At].b
			h.counted = h.counted[:0]
			for ; from < len(h.found) && h.pairs[h.found[from].At].b == token; from++ {
				f := h.found[from]
				h.count(countedPair{h.pairs[f.At], f.Posting, seg.PairCount(f.Posting)})
			}
			h.rarest(seg)
		}
	}
	h.hashes, h.pairs = h.hashes[:0], h.pairs[:0]
}

// count puts a pair among those of its token, the rarest first.
func (h *recordHits) count(p countedPair) {
	h.counted = append(h.counted, p)
	i := len(h.counted) - 1
	for ; i > 0 && h.counted[i-1].count > p.count; i-- {
		h.counted[i] = h.counted[i-1]
	}
	h.counted[i] = p
}

// rarest follows the records of a token's rarest pairs.
func (h *recordHits) rarest(seg *recordSegment) {
	hits := 0
	h.followed.grow()
	h.followed.touched = h.followed.touched[:0]
	for i, p := range h.counted {
		if hits += p.count; hits > tokenHits && i > 0 {
			break
		}
		h.values = seg.AppendPairs(h.values[:0], p.posting)
		for _, v := range h.values {
			h.hit(seg, v>>5, v&31, p.pairAt)
		}
	}
	for _, c := range h.followed.touched {
		h.weigh(seg, c)
	}
}

// number takes a valid national number, which may stand in a list of nothing else.
func (h *recordHits) number(hash uint64) {
	if _, ok := h.listed[hash]; ok || len(h.listed) >= maxListed {
		return
	}
	for _, seg := range h.segs {
		for _, file := range seg.TablesWithNumber(hash) {
			if h.tables == nil {
				h.tables, h.listed = map[fileRef]int{}, map[uint64]struct{}{}
			}
			h.tables[fileRef{seg.number, file}]++
			h.listed[hash] = struct{}{}
		}
	}
}
