package fingerprints

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"unmirror/fingerprints/match"
	"unmirror/fingerprints/trace"
)

func TestAStretchThatOthersHoldCountsFromItsLeastLength(t *testing.T) {
	for _, c := range []struct {
		what    string
		least   int64
		offsets []int64
		want    int64
	}{
		{"nothing", 20, nil, 0},
		{"one passage", 20, []int64{5}, 20},
		{"two that overlap", 20, []int64{5, 15}, 30},
		{"two that touch", 20, []int64{5, 25}, 40},
		{"two apart", 20, []int64{5, 40}, 40},
		{"a turn of phrase", 36, []int64{5, 15}, 0},
		{"a sentence behind a turn of phrase", 36, []int64{5, 100, 111, 122}, 42},
	} {
		s := stretches{least: c.least}
		for _, at := range c.offsets {
			s.add(at)
		}
		if got := s.end(); got != c.want {
			t.Errorf("%s: %d characters, want %d", c.what, got, c.want)
		}
	}
}

func TestAPieceOfAnotherDocumentTellsNoMoreThanWhichOneItIs(t *testing.T) {
	take := func(p *parsing, n int, own float64, holds uint32) {
		for range n {
			p.take(own, holds, false)
		}
	}
	for _, c := range []struct {
		what string
		do   func(p *parsing)
		want float64
	}{
		{"what no other holds", func(p *parsing) { take(p, 60, 1, 0) }, 90},
		{"what one other holds as a whole", func(p *parsing) { take(p, 60, 1, 1) }, pieceBits},
		{"what one of two others holds as a whole", func(p *parsing) { take(p, 30, 1, 3); take(p, 30, 1, 2) }, pieceBits},
		{"what two others hold in turn", func(p *parsing) { take(p, 30, 1, 1); take(p, 30, 1, 2) }, 2 * pieceBits},
		{"short pieces", func(p *parsing) { take(p, 4, 1, 1); take(p, 4, 1, 2) }, 12},
		{"what everybody has", func(p *parsing) { take(p, 60, 0, 7) }, 0},
	} {
		var p parsing
		c.do(&p)
		p.end()
		if got := p.sum.bits(); got != c.want {
			t.Errorf("%s tells %.1f bits, want %.1f", c.what, got, c.want)
		}
	}
}

func TestRunsAgainstTheOrderOfTheDocumentAreLeftOut(t *testing.T) {
	run := func(text, at, length int) trace.Run { return trace.Run{Text: text, Trace: at, Length: length} }
	got := ascending([]trace.Run{run(0, 0, 30), run(40, 900, 25), run(70, 50, 40), run(120, 20, 30), run(160, 130, 30)})
	var places []int
	for _, r := range got {
		places = append(places, r.Trace)
	}
	if len(places) != 3 || places[0] != 0 || places[1] != 50 || places[2] != 130 {
		t.Errorf("kept the runs at %v, want those at 0, 50 and 130", places)
	}
}

// TestTextOutOfTheSamePhrasesAccusesNobody: it has long runs of the only known document of its kind here and there. A copy,
// its lines in whatever order, has nothing else.
func TestTextOutOfTheSamePhrasesAccusesNobody(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 9))
	words := lexicon(r, 2000)
	var phrases []string
	for range 600 {
		phrases = append(phrases, plainProse(r, words, 4))
	}
	prose := func(n int) string {
		lines := make([]string, n)
		for i := range lines {
			at := r.IntN(len(phrases))
			for range 6 { // after a phrase come twenty
				lines[i] += phrases[at] + " "
				at = (13*at + r.IntN(20)) % len(phrases)
			}
			lines[i] += plainProse(r, words, 14)
		}
		return strings.Join(lines, "\n")
	}
	report := prose(120)
	m := registered(t, map[string][]byte{"report.txt": []byte(report), "other.txt": []byte(plainProse(r, lexicon(r, 2000), 900))})
	for range rounds(12) {
		if rep := matchText(m, prose(30)); rep.Verdict == match.Matched {
			t.Errorf("text out of the same phrases is accused: %.0f bits", rep.Best().Bits)
		}
	}
	lines := strings.Split(report, "\n")
	half := strings.Join(lines[:60], "\n")
	r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	for what, item := range map[string]string{
		"half": half, "shuffled": strings.Join(lines, "\n"), "a sixth among others": prose(4) + plainProse(r, words, 2000) + half[:len(half)/3],
		"in short lines, shuffled": shuffledWords(r, report, 6),
	} {
		if rep := matchText(m, item); rep.Verdict != match.Matched {
			t.Errorf("%s: %s, %+v", what, rep.Verdict, rep.Matches)
		}
	}
}

// grammar writes sentences of four slots, out of few phrases each.
type grammar [4][]string

func newGrammar(r *rand.Rand, words []string) (g grammar) {
	for slot := range g {
		for range 8 {
			g[slot] = append(g[slot], plainProse(r, words, 2+slot%2))
		}
	}
	return g
}

func (g grammar) sentences(r *rand.Rand, n int) []string {
	lines := make([]string, n)
	for i := range lines {
		for _, phrases := range g {
			lines[i] += pick(r, phrases) + " "
		}
	}
	return lines
}

// TestSentencesOfOneGrammarAccuseNobody: of a report out of a small grammar somebody else's text of the same has whole sentences
// and pieces of others. The report's own paragraphs, a copy that was shuffled and an excerpt among unknown text are recognised.
func TestSentencesOfOneGrammarAccuseNobody(t *testing.T) {
	r := rand.New(rand.NewPCG(46, 9))
	words := lexicon(r, 2000)
	g := newGrammar(r, words)
	report, other := g.sentences(r, 60), g.sentences(r, 60)
	m := registered(t, map[string][]byte{
		"report.txt": []byte(strings.Join(report, "\n")), "other.txt": []byte(strings.Join(other, "\n")), "prose.txt": []byte(plainProse(r, lexicon(r, 2000), 900)),
	})
	for i := range rounds(40) {
		text := g.sentences(r, 2+i%12)
		text[r.IntN(len(text))] = pick(r, report)
		if rep := matchText(m, strings.Join(text, "\n")); rep.Verdict == match.Matched {
			t.Errorf("%d sentences of the same grammar are accused of %s: %.0f bits", len(text), rep.Best().KnownFile, rep.Best().Bits)
		}
	}
	others := rand.New(rand.NewPCG(46, 10))
	for range 20 {
		if rep := matchText(m, strings.Join(g.sentences(others, 60), "\n")); rep.Verdict == match.Matched {
			t.Errorf("another report of the same grammar is accused of %s: %.0f bits", rep.Best().KnownFile, rep.Best().Bits)
		}
	}
	part := strings.Join(report[20:26], "\n")
	shuffled := slices.Clone(report)
	r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	for what, item := range map[string]string{
		"six in a row": part, "half": strings.Join(report[:30], "\n"), "shuffled": strings.Join(shuffled, "\n"),
		"six in a row among unknown text": plainProse(r, lexicon(r, 900), 60) + "\n" + part + "\n" + plainProse(r, lexicon(r, 900), 60),
	} {
		if rep := matchText(m, item); rep.Verdict != match.Matched || rep.Best().KnownFile != "report.txt" {
			t.Errorf("%s: %s, %+v", what, rep.Verdict, rep.Matches)
		}
	}
}

// shuffledWords is a text in lines of that many words, in any order.
func shuffledWords(r *rand.Rand, text string, words int) string {
	var lines []string
	for part := range slices.Chunk(strings.Fields(text), words) {
		lines = append(lines, strings.Join(part, " "))
	}
	r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	return strings.Join(lines, "\n")
}

// TestTheTraceTellsWhetherManyPiecesAreACopy: by its passages, a text with many pieces of a document in no order is out of its
// phrases. Along the trace, which misses nothing at either end of a piece, the shuffled lines are all of it, and an excerpt
// outdoes the phrases beside it.
func TestTheTraceTellsWhetherManyPiecesAreACopy(t *testing.T) {
	r := rand.New(rand.NewPCG(43, 9))
	words, others := lexicon(r, 3000), lexicon(r, 3000)
	plain := strings.Fields(plainProse(r, words, 900))
	m := registered(t, map[string][]byte{"report.txt": []byte(strings.Join(plain, " ")), "other.txt": []byte(plainProse(r, lexicon(r, 2000), 900))})
	phrases := func(excerpt string) string {
		var b strings.Builder
		for _, at := range r.Perm(9) {
			b.WriteString(plainProse(r, others, 12) + " " + strings.Join(plain[100+60*at:][:5], " ") + " ")
		}
		return b.String() + excerpt + " " + plainProse(r, others, 12)
	}
	for range rounds(6) {
		lines := slices.Collect(slices.Chunk(plain, 5))
		r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		var shuffled strings.Builder
		for _, l := range lines[:30] {
			shuffled.WriteString(strings.Join(l, " ") + "\n")
		}
		at := 700 + r.IntN(100)
		for what, item := range map[string]string{
			"lines, shuffled": shuffled.String(), "an excerpt beside phrases": phrases(strings.Join(plain[at:at+14], " ")),
		} {
			if rep := matchText(m, item); rep.Verdict != match.Matched {
				t.Errorf("%s: %s, %+v", what, rep.Verdict, rep.Matches)
			}
		}
		if rep := matchText(m, phrases("")); rep.Verdict == match.Matched {
			t.Errorf("phrases alone are accused: %.0f bits", rep.Best().Bits)
		}
	}
}

// TestARemarkThatTablesHoldTooAccusesNobody: tables leave no trace, and what two of them have besides a letter is out of a list. What
// a letter alone has, in a row just as short, is its addressee's.
func TestARemarkThatTablesHoldTooAccusesNobody(t *testing.T) {
	r := rand.New(rand.NewPCG(44, 9))
	words, others := lexicon(r, 3000), lexicon(r, 3000)
	remark, own := plainProse(r, others, 8), plainProse(r, others, 8)
	letter := func(text string) []byte {
		return []byte(strings.Join([]string{plainProse(r, words, 90), text, plainProse(r, words, 90)}, "\n\n"))
	}
	table := func(remark string) []byte {
		rows := "dossier;dienst;opmerking\n"
		for i := range 12 {
			text := plainProse(r, words, 9)
			if i == 5 {
				text = remark
			}
			rows += fmt.Sprintf("%d;%s;%s\n", 1000+r.IntN(9000), plainProse(r, words, 2), text)
		}
		return []byte(rows)
	}
	m := registered(t, map[string][]byte{"a.txt": letter(remark), "b.txt": letter(own), "c.csv": table(remark), "d.csv": table(remark)})
	row := func(text string) string {
		return fmt.Sprintf("INSERT INTO dossier VALUES (%d, '%s', '%s');", 1000+r.IntN(9000), plainProse(r, lexicon(r, 90), 2), text)
	}
	if rep := matchText(m, row(remark)); rep.Verdict == match.Matched {
		t.Errorf("a remark of two tables and a letter is accused: %+v", rep.Best())
	}
	if rep := matchText(m, row(own)); rep.Verdict != match.Matched || rep.Best().KnownFile != "b.txt" {
		t.Errorf("a letter's own remark is not recognised: %+v", rep.Matches)
	}
}

// TestRemarksThatComeAgainInATableAreOthersToo: they weigh next to nothing, and tell all the same that the two of a letter among
// them are out of the same list. Among text that nobody knows the two are its addressee's.
func TestRemarksThatComeAgainInATableAreOthersToo(t *testing.T) {
	r := rand.New(rand.NewPCG(45, 9))
	words, others := lexicon(r, 3000), lexicon(r, 3000)
	var list []string
	for range 12 {
		list = append(list, plainProse(r, others, 6))
	}
	table := "dossier;dienst;opmerking\n"
	for range 60 {
		table += fmt.Sprintf("%d;%s;%s\n", 1000+r.IntN(9000), plainProse(r, words, 2), pick(r, list[2:]))
	}
	letter := strings.Join([]string{plainProse(r, words, 90), list[0] + " " + list[1], plainProse(r, words, 90)}, "\n\n")
	m := registered(t, map[string][]byte{"letter.txt": []byte(letter), "table.csv": []byte(table)})
	all := strings.Join([]string{list[2], list[3], list[4], list[5], list[0], list[1], list[6], list[7], list[8], list[9]}, "\n")
	if rep := matchText(m, all); rep.Verdict == match.Matched {
		t.Errorf("the list is accused: %+v", rep.Best())
	}
	if rep := matchText(m, plainProse(r, lexicon(r, 900), 40)+" "+list[0]+" "+list[1]); rep.Verdict != match.Matched || rep.Best().KnownFile != "letter.txt" {
		t.Errorf("the letter's two are not recognised: %+v", rep.Matches)
	}
}
