package fingerprints

import (
	"crypto/sha256"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/cpu"

	"unmirror/fingerprints/index"
	"unmirror/fingerprints/winnow"
)

// BenchmarkText is canonical text, winnowing and look-ups of text of which a hundredth is known, in one goroutine and
// without the opening, as a ratio to crypto/sha256 in the same run, each slice's best round, since machines have other
// work; and where the time goes, in nanoseconds a byte of the text:
//
//	go test -run '^$' -bench Text ./fingerprints
//
// Under "AVX2" it is without vectors of 512 bits, where the processor has them, and under "plain" it is plain Go, each against the same
// crypto/sha256, which keeps its own vectors.
func BenchmarkText(b *testing.B) {
	kinds := []string{"prose", "csv", "utf8"}
	l := benchLibrary(b, kinds)
	for _, way := range benchWays() {
		for _, records := range []bool{false, true} {
			for _, kind := range kinds {
				name := way + kind + "/passages"
				if records {
					name += "+records"
				}
				text := hardlyKnown(kind)
				b.Run(name, func(b *testing.B) {
					readsThat(b, way)
					benchReading(b, l, text, records)
				})
			}
		}
	}
}

// hardlyKnown is text of which a hundredth is known.
func hardlyKnown(kind string) []byte {
	return []byte(benchText(kind, 1)[:4<<20/100] + benchText(kind, 2)[:4<<20/100*99])
}

// benchWays are the ways in which this processor can read text, the fastest first.
func benchWays() []string {
	ways := []string{""}
	if winnow.Wide() {
		ways = append(ways, "AVX2/")
	}
	return append(ways, "plain/")
}

// readsThat makes a benchmark run as on a processor that has no faster way.
func readsThat(b *testing.B, way string) {
	had, wide := cpu.X86.HasAVX2, cpu.X86.HasAVX512BW
	cpu.X86.HasAVX2, cpu.X86.HasAVX512BW = had && way != "plain/", wide && way == ""
	b.Cleanup(func() { cpu.X86.HasAVX2, cpu.X86.HasAVX512BW = had, wide })
}

// benchSlice is what is timed at once: less than a machine with other work gives at a time.
const benchSlice = 64 << 10

// benchRounds is how many rounds are made at least: a best round is one in which nobody else had the processor's cache.
const benchRounds = 100

func benchReading(b *testing.B, l *Library, text []byte, records bool) {
	snap := l.hold()
	defer snap.Release()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	mine, sha, parts := bestTimes{}, bestTimes{}, newBenchParts()
	rounds := 0
	for b.Loop() {
		benchRound(b, l, snap, text, records, mine, sha)
		rounds++
	}
	for ; rounds < benchRounds; rounds++ {
		benchRound(b, l, snap, text, records, mine, sha)
		parts.round(l, snap, text, records)
	}
	b.ReportMetric(float64(sha.sum())/float64(mine.sum()), "of-sha256")
	parts.report(b, len(text))
}

// benchRound reads the text once, each slice in turn with its digest.
func benchRound(b *testing.B, l *Library, snap *index.Snapshot, text []byte, records bool, mine, sha bestTimes) {
	t := beginText(l.secrets, snap)
	defer t.free()
	h := &t.hits
	rec := newRecordHits(l.secrets, snap)
	if rec == nil {
		b.Fatal("no records are known")
	}
	part := 0
	for slice := range slices.Chunk(text, benchSlice) {
		mine.time(part, func() {
			if err := t.feed(slice, func(p []winnow.Print) error { h.seeFrom(&t.stream, p); return nil }); err != nil {
				b.Fatal(err)
			}
			for piece := range slices.Chunk(slice, pieceBytes) {
				if records {
					rec.feed(piece)
				}
			}
		})
		sha.time(part, func() { sha256.Sum256(slice) })
		part++
	}
	mine.time(part, func() {
		rec.end()
		h.settle()
		h.weigh(t.stream.Len(), DefaultNoticeBits)
	})
	if len(h.list) == 0 {
		b.Fatal("nothing was found")
	}
}

// benchParts are the times of the parts of a reading, each by piece.
type benchParts struct{ canonical, digest, winnow, lookups, records bestTimes }

func newBenchParts() *benchParts {
	return &benchParts{bestTimes{}, bestTimes{}, bestTimes{}, bestTimes{}, bestTimes{}}
}

// round reads the text once more, with a clock between the parts.
func (p *benchParts) round(l *Library, snap *index.Snapshot, text []byte, records bool) {
	t := beginText(l.secrets, snap)
	defer t.free()
	rec := newRecordHits(l.secrets, snap)
	at := 0
	for piece := range slices.Chunk(text, pieceBytes) {
		p.canonical.time(at, func() { t.buf = t.fold.Append(t.buf[:0], piece) })
		p.digest.time(at, func() {
			t.sum.write(t.buf)
			t.edges.keep(t.buf)
		})
		p.winnow.time(at, func() { t.prints = t.stream.Append(t.prints[:0], t.buf) })
		p.lookups.time(at, func() { t.hits.seeFrom(&t.stream, t.prints) })
		if records {
			p.records.time(at, func() { rec.feed(piece) })
		}
		at++
	}
}

func (p *benchParts) report(b *testing.B, bytes int) {
	for _, part := range []struct {
		name  string
		times bestTimes
	}{{"canonical", p.canonical}, {"digest", p.digest}, {"winnow", p.winnow}, {"look-ups", p.lookups}, {"records", p.records}} {
		if len(part.times) > 0 {
			b.ReportMetric(float64(part.times.sum().Nanoseconds())/float64(bytes), part.name+"-ns/B")
		}
	}
}

// bestTimes are the best times of the parts of some work.
type bestTimes map[int]time.Duration

func (t bestTimes) time(part int, work func()) {
	start := time.Now()
	work()
	if took := time.Since(start); t[part] == 0 || took < t[part] {
		t[part] = took
	}
}

func (t bestTimes) sum() (sum time.Duration) {
	for _, d := range t {
		sum += d
	}
	return sum
}
