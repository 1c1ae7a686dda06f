package recall

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"unmirror/fingerprints/match"
)

// item is a file as somebody put it online again.
type item struct {
	name string
	body []byte
	want []string // the known files of which any may be named first; none when it must not match
	rows []int    // the table's rows that it holds; nil where no rows are asked for
}

// line is one row of the recall table: a transformation.
type line struct {
	group, name string
	least       match.Verdict // from which verdict on it counts as found
	promise     int           // percent, of the issue; 0: nothing is promised
	make        func(l *leak, r *rand.Rand) (item, bool)
}

// whole transforms all of a known file's text.
func whole(group string, promise int, all []dressing, from func(*known) bool) []line {
	var lines []line
	for _, d := range all {
		lines = append(lines, line{group, d.name, match.Matched, promise, func(l *leak, r *rand.Rand) (item, bool) {
			k := l.any(r, from)
			return item{name: "x.txt", body: d.do(r, k.text), want: []string{k.name}}, true
		}})
	}
	return lines
}

// bytesLine transforms the bytes of any known file.
func bytesLine(group, name string, promise int, from func(*known) bool, do func(r *rand.Rand, k *known) (string, []byte)) line {
	return line{group, name, match.Matched, promise, func(l *leak, r *rand.Rand) (item, bool) {
		k := l.any(r, from)
		if k == nil {
			return item{}, false
		}
		as, b := do(r, k)
		return item{name: as, body: b, want: []string{k.name}}, b != nil
	}}
}

// firstPart is a bytesLine whose items hold the first part of the text at least, which near versions have too.
func firstPart(group, name string, promise int, from func(*known) bool, do func(r *rand.Rand, k *known) (string, []byte)) line {
	return line{group, name, match.Matched, promise, func(l *leak, r *rand.Rand) (item, bool) {
		k := l.any(r, from)
		as, b := do(r, k)
		want := []string{k.name}
		if hasText(k) {
			_, third := runes(k.text, 0, len(k.text)/3)
			want = l.sources(k, k.text[:third])
		}
		return item{name: as, body: b, want: want}, b != nil
	}}
}

func anything(*known) bool { return true }

func lines() []line {
	return slices.Concat(
		sameBytes(),
		whole("encodings", 99, encodings, hasText),
		whole("paste layers", 99, layers, hasText),
		whole("paste dressing", 99, pastes, isProse),
		cuts(), excerpts(),
		whole("edited", 99, edits, isProse),
		whole("paste dressing of tables", 99, pastes, isWritten),
		whole("edited tables", 99, edits, isWritten),
		wholeTables(), someRows(), partOfRows(), office(), binaries(),
	)
}

func sameBytes() []line {
	packs := []struct {
		name string
		do   func(r *rand.Rand, k *known) (string, []byte)
	}{
		{"zip", func(r *rand.Rand, k *known) (string, []byte) {
			return "a.zip", zipped(9, entry{"readme.txt", []byte("enjoy")}, entry{"q/z", k.body})
		}},
		{"zip, stored", func(r *rand.Rand, k *known) (string, []byte) { return "a.zip", zipped(stored0, entry{"z", k.body}) }},
		{"zip, deflated without compression", func(r *rand.Rand, k *known) (string, []byte) { return "a.zip", zipped(0, entry{"z", k.body}) }},
		{"7z", func(r *rand.Rand, k *known) (string, []byte) { return "a.7z", sevenZip(k.body) }},
		{"tar", func(r *rand.Rand, k *known) (string, []byte) { return "a.tar", tarred(entry{"z", k.body}) }},
		{"tar.gz", func(r *rand.Rand, k *known) (string, []byte) { return "a.tgz", gzipped(tarred(entry{"z", k.body})) }},
		{"gz", func(r *rand.Rand, k *known) (string, []byte) { return "a.gz", gzipped(k.body) }},
		{"xz", func(r *rand.Rand, k *known) (string, []byte) { return "a.xz", packed("xz", k.body) }},
		{"zst", func(r *rand.Rand, k *known) (string, []byte) { return "a.zst", packed("zst", k.body) }},
		{"lz4", func(r *rand.Rand, k *known) (string, []byte) { return "a.lz4", packed("lz4", k.body) }},
		{"bz2", func(r *rand.Rand, k *known) (string, []byte) { return "a.bz2", piped(k.body, "bzip2", "-c") }},
		{"zip in tar.xz in zip", func(r *rand.Rand, k *known) (string, []byte) {
			return "a.zip", zipped(6, entry{"b.tar.xz", packed("xz", tarred(entry{"c.zip", zipped(6, entry{"z", k.body})}))})
		}},
		{"zip called .jpg", func(r *rand.Rand, k *known) (string, []byte) { return "holiday.jpg", zipped(6, entry{"z.mp3", k.body}) }},
		{"tar.zst", func(r *rand.Rand, k *known) (string, []byte) {
			return "a.tar.zst", packed("zst", tarred(entry{"z", k.body}))
		}},
		{"zip behind a program", func(r *rand.Rand, k *known) (string, []byte) {
			stub := make([]byte, 40_000)
			noise(r)(stub)
			return "setup.exe", slices.Concat([]byte("MZ\x90\x00"), stub, zipped(6, entry{"z", k.body}))
		}},
		{"zip behind a picture", func(r *rand.Rand, k *known) (string, []byte) {
			stub := make([]byte, 9000)
			noise(r)(stub)
			return "cat.jpg", slices.Concat([]byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"), stub, []byte("\xff\xd9"), zipped(6, entry{"z", k.body}))
		}},
		{"attached to a mail", func(r *rand.Rand, k *known) (string, []byte) {
			return "m.eml", mail([]string{"See the attachment."}, entry{"z.bin", k.body})
		}},
		{"attached to a mail, zipped", func(r *rand.Rand, k *known) (string, []byte) {
			return "m.eml", mail([]string{"See the attachment."}, entry{"z.zip", zipped(6, entry{"z", k.body})})
		}},
	}
	all := []line{
		bytesLine("identical", "same name", 99, anything, func(_ *rand.Rand, k *known) (string, []byte) {
			return k.name[strings.LastIndexByte(k.name, '/')+1:], k.body
		}),
		bytesLine("identical", "renamed", 99, anything, func(_ *rand.Rand, k *known) (string, []byte) { return "x9.dat", k.body }),
	}
	for _, p := range packs {
		all = append(all, bytesLine("containers", p.name, 99, anything, p.do))
	}
	all = append(all, firstPart("containers", "gz of text, half of it", 0, func(k *known) bool { return hasText(k) && k.kind != "letter" }, func(_ *rand.Rand, k *known) (string, []byte) {
		b := gzipped([]byte(k.text))
		return "a.gz", b[:len(b)/2]
	}), line{"containers", "with 20 others in a zip", match.Matched, 99, func(l *leak, r *rand.Rand) (item, bool) {
		k := l.any(r, anything)
		members := []entry{{"known", k.body}}
		for i := range 20 {
			members = append(members, entry{fmt.Sprintf("%d.docx", i), docx(pick(r, l.offices).tongue.prose(r, 3000), 0, 6)})
		}
		r.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		return item{name: "a.zip", body: zipped(6, members...), want: []string{k.name}}, true
	}}, bytesLine("containers", "first half of a known archive", 99, isArchive, func(_ *rand.Rand, k *known) (string, []byte) { return "h", k.body[:len(k.body)/2] }),
		bytesLine("containers", "second half of a known zip", 0, func(k *known) bool { return k.format == "zip" }, func(_ *rand.Rand, k *known) (string, []byte) { return "h", k.body[len(k.body)/2:] }),
		bytesLine("containers", "known archive packed with a password", 0, func(k *known) bool { return k.format == "zip" }, func(r *rand.Rand, k *known) (string, []byte) {
			return "locked.zip", encryptedZip(noise(r), k.members...)
		}))
	return all
}

// piped is what a program of the system makes of b; nil when it is not installed.
func piped(b []byte, program string, args ...string) []byte {
	c := exec.Command(program, args...)
	c.Stdin = strings.NewReader(string(b))
	out, err := c.Output()
	if err != nil {
		return nil
	}
	return out
}

// sevenZip packs with the program; nil when it is not installed.
func sevenZip(b []byte) []byte {
	dir, err := os.MkdirTemp("", "recall")
	must(err)
	defer os.RemoveAll(dir)
	must(os.WriteFile(filepath.Join(dir, "z"), b, 0o600))
	if exec.Command("7z", "a", filepath.Join(dir, "a.7z"), filepath.Join(dir, "z")).Run() != nil {
		return nil
	}
	out, err := os.ReadFile(filepath.Join(dir, "a.7z"))
	must(err)
	return out
}

// runes moves offsets to where characters begin.
func runes(s string, from, to int) (int, int) {
	begins := func(i int) int {
		for i > 0 && i < len(s) && s[i]&0xc0 == 0x80 {
			i--
		}
		return i
	}
	return begins(from), begins(to)
}

// piece cuts text[from:to] out, if it has least visible characters of the file's own.
func (l *leak) piece(k *known, from, to, least int) (string, []string, bool) {
	from, to = runes(k.text, max(from, 0), min(to, len(k.text)))
	if from >= to || k.ownVisible(from, to) < least {
		return "", nil, false
	}
	return k.text[from:to], l.sources(k, k.text[from:to]), true
}

func cuts() []line {
	cut := func(group, name string, promise int, from func(*known) bool, share float64, least int, where float64) line {
		return line{group, name, match.Matched, promise, func(l *leak, r *rand.Rand) (item, bool) {
			k := l.any(r, from)
			n := int(share * float64(len(k.text)))
			at := int(where * float64(len(k.text)-n))
			if where < 0 {
				at = r.IntN(len(k.text) - n)
			}
			s, want, ok := l.piece(k, at, at+n, least)
			return item{name: "x.txt", body: []byte(s), want: want}, ok
		}}
	}
	return []line{
		cut("halves", "first half", 99, hasText, .5, 60, 0), cut("halves", "second half", 99, hasText, .5, 60, 1),
		cut("tenths", "first tenth", 99, hasText, .1, 60, 0), cut("tenths", "a tenth of the middle", 99, hasText, .1, 60, -1), cut("tenths", "last tenth", 99, hasText, .1, 60, 1),
		cut("2 %", "first 2 %", 90, hasText, .02, 60, 0), cut("2 %", "2 % of the middle", 90, hasText, .02, 60, -1), cut("2 %", "last 2 %", 90, hasText, .02, 60, 1),
	}
}

// among puts an excerpt into n bytes of unrelated text of the same language.
func among(l *leak, r *rand.Rand, s string, n int) string {
	t := pick(r, l.offices).tongue
	other := t.prose(r, n)
	at := r.IntN(len(other) + 1)
	return strings.Join(slices.Insert(other, at, s), "\n")
}

func excerpts() []line {
	excerpt := func(name string, promise, n, around int, from func(*known) bool) line {
		return line{"excerpts", name, match.Matched, promise, func(l *leak, r *rand.Rand) (item, bool) {
			k := l.any(r, from)
			if len(k.text) < n {
				return item{}, false
			}
			at := r.IntN(len(k.text) - n + 1)
			s, want, ok := l.piece(k, at, at+n, min(n*6/10, 250))
			if ok && around > 0 {
				s = among(l, r, s, around)
			} else if around < 0 {
				s = chrome(r, s)
			}
			return item{name: "x.txt", body: []byte(s), want: want}, ok
		}}
	}
	return []line{
		excerpt("5 KB in 50 KB", 99, 5000, 50_000, isReport), excerpt("1 KB in 50 KB", 99, 1000, 50_000, isProse), excerpt("300 characters in 50 KB", 99, 300, 50_000, isProse),
		excerpt("120 characters in 50 KB", 95, 120, 50_000, isProse), excerpt("1 KB alone", 99, 1000, 0, isProse), excerpt("300 characters alone", 99, 300, 0, isProse),
		excerpt("120 characters alone", 95, 120, 0, isProse), excerpt("1 KB of a letter in a page", 99, 1000, -1, func(k *known) bool { return k.kind == "letter" }), excerpt("1 KB of a table in 50 KB", 99, 1000, 50_000, isWritten), excerpt("300 characters of a table in 50 KB", 99, 300, 50_000, isWritten),
		excerpt("120 characters of a table alone", 95, 120, 0, isWritten),
	}
}

func binaries() []line {
	binary := func(k *known) bool { return k.kind == "binary" }
	part := func(name string, do func(r *rand.Rand, b []byte) []byte) line {
		return bytesLine("binaries", name, 99, binary, func(r *rand.Rand, k *known) (string, []byte) { return "x.bin", do(r, k.body) })
	}
	fresh := func(r *rand.Rand, n int) []byte {
		b := make([]byte, n)
		noise(r)(b)
		return b
	}
	return []line{
		part("first half", func(_ *rand.Rand, b []byte) []byte { return b[:len(b)/2] }),
		part("second half", func(_ *rand.Rand, b []byte) []byte { return b[len(b)/2:] }),
		part("a tenth", func(r *rand.Rand, b []byte) []byte { at := r.IntN(len(b) * 9 / 10); return b[at : at+len(b)/10] }),
		part("embedded in 300 KB", func(r *rand.Rand, b []byte) []byte { return slices.Concat(fresh(r, 150_000), b, fresh(r, 150_000)) }),
		part("half embedded in 300 KB", func(r *rand.Rand, b []byte) []byte {
			return slices.Concat(fresh(r, 150_000), b[len(b)/2:], fresh(r, 150_000))
		}),
		part("every 8 KB a byte changed", func(_ *rand.Rand, b []byte) []byte {
			b = slices.Clone(b)
			for i := 4000; i < len(b); i += 8192 {
				b[i]++
			}
			return b
		}),
	}
}

func office() []line {
	format := func(f ...string) func(*known) bool {
		return func(k *known) bool { return isProse(k) && slices.Contains(f, k.format) }
	}
	docs := format("docx", "odt", "rtf", "pdf")
	from := func(name string, from func(*known) bool, do func(r *rand.Rand, k *known) (string, []byte)) line {
		return bytesLine("office files", name, 99, from, do)
	}
	text := func(k *known) []byte { return []byte(k.text) }
	return []line{
		from("docx saved anew, other runs", format("docx"), func(_ *rand.Rand, k *known) (string, []byte) { return "n.docx", docx(k.paragraphs, 1, 9) }),
		from("docx saved anew, other order and spaces", format("docx"), func(_ *rand.Rand, k *known) (string, []byte) { return "n.docx", docx(k.paragraphs, 2, 1) }),
		from("to docx", docs, func(_ *rand.Rand, k *known) (string, []byte) { return "n.docx", docx(k.paragraphs, 1, 6) }),
		from("to odt", docs, func(_ *rand.Rand, k *known) (string, []byte) { return "n.odt", odt(k.paragraphs) }),
		from("to rtf", docs, func(_ *rand.Rand, k *known) (string, []byte) { return "n.rtf", rtf(k.paragraphs) }),
		from("to text", docs, func(_ *rand.Rand, k *known) (string, []byte) { return "n.txt", text(k) }),
		from("to html", docs, func(_ *rand.Rand, k *known) (string, []byte) { return "n.html", page("n", k.paragraphs) }),
		from("to pdf", docs, func(_ *rand.Rand, k *known) (string, []byte) { return "n.pdf", pdf(k.paragraphs) }),
		from("to mail", docs, func(_ *rand.Rand, k *known) (string, []byte) { return "n.eml", mail(k.paragraphs) }),
		firstPart("office files", "first half of the bytes", 99, format("docx", "odt", "pdf"), halfBytes),
		textKilobyte(docs),
		firstPart("office files", "first half of the bytes of a workbook", 99, sheet, func(_ *rand.Rand, k *known) (string, []byte) { return "h.xlsx", k.body[:len(k.body)/2] }),
		from("xlsx saved anew", sheet, func(r *rand.Rand, k *known) (string, []byte) { return "n.xlsx", k.table.xlsx(r.IntN(2) == 0, 1) }),
		from("xlsx to csv", sheet, func(_ *rand.Rand, k *known) (string, []byte) { return "n.csv", []byte(k.table.text("csv;")) }),
		from("csv to xlsx", func(k *known) bool { return isTable(k) && strings.HasPrefix(k.format, "csv") }, func(r *rand.Rand, k *known) (string, []byte) {
			return "n.xlsx", k.table.xlsx(r.IntN(2) == 0, 6)
		}),
	}
}

func sheet(k *known) bool { return k.format == "xlsx" }

// halfBytes cuts a document in two, where what is left still has something of its own: packed, the first half of a
// letter is its letterhead.
func halfBytes(_ *rand.Rand, k *known) (string, []byte) {
	if !isReport(k) || len(k.body) < 4000 {
		return "", nil
	}
	return "h." + k.format, k.body[:len(k.body)/2]
}

func textKilobyte(docs func(*known) bool) line {
	return line{"office files", "1 KB of the text", match.Matched, 99, func(l *leak, r *rand.Rand) (item, bool) {
		k := l.any(r, docs)
		at := r.IntN(max(1, len(k.text)-1000))
		s, want, ok := l.piece(k, at, at+1000, 60)
		return item{name: "x.txt", body: []byte(s), want: want}, ok
	}}
}
