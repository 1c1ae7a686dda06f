package demo

import (
	"fmt"
	"html"
	"math/rand/v2"
	"strings"
)

// Planted is one re-upload of the invented leak.
type Planted struct {
	URL   string
	What  string // in words
	Known string // the leaked file that it shows, as the index names it; the first when there are several
	Grade string // on which it is to be recognised at best
	// Subjects is how many people it is about.
	Subjects int
}

// Plant uploads parts of the leak, nested deep or dressed up as people do, among what is already there.
func (w World) Plant(d *OpenDirectory, p *PasteSite) ([]Planted, error) {
	var inner []packed
	inner = append(inner, packed{"hr/export.csv", w.bodies["personeel.csv"]}, packed{"readme.txt", []byte(licence)})
	for _, name := range []string{"brieven/0017.txt", "brieven/0018.txt", "brieven/0002.docx"} {
		inner = append(inner, packed{"hr/" + name, w.bodies[name]})
	}
	dump, err := tarred(inner)
	if err != nil {
		return nil, fmt.Errorf("plant re-uploads: %w", err)
	}
	again, err := rescanned(rand.New(rand.NewPCG(w.seed, 6)), w.bodies[scanName])
	if err != nil {
		return nil, fmt.Errorf("plant re-uploads: %w", err)
	}
	r := rand.New(rand.NewPCG(w.seed, 5))
	excerpt := prose(r, 30) + "\n> " + strings.ReplaceAll(cut(w.report, len([]rune(w.report))/3, 900), "\n", "\n> ") + "\n\n" + prose(r, 30)
	return []Planted{
		{d.Put("/mirror/misc/2025/old/archive.zip", w.bodies["archief-2025.zip"]), "the archive of letters, renamed, four folders deep", "archief-2025.zip", "identical", staff - asText},
		{d.Put("/incoming/xfer/9f3c/dump.tar.gz", dump), "a fresh tar.gz with the staff table and three letters", "personeel.csv", "member", staff},
		{d.Put("/pub/docs/tmp/scan/report-final.pdf", w.bodies["jaarverslag.pdf"]), "the yearly report under another name", "jaarverslag.pdf", "identical", perPage},
		{d.Put("/pub/docs/tmp/scan/IMG_2031.jpg", again), "the scanned form of one person, printed and scanned again", scanName, "image", 1},
		{p.Add("lol", w.letters[2]), "one letter as plain text, copied out of its Word document", "brieven/0003.docx", "text", 1},
		{p.Add("what they write about us", excerpt), "900 characters of the yearly report in a rant", "jaarverslag.pdf", "passages", 2},
		{p.AddHTML("staff list", tableMarkup(w.table[:21])), "twenty rows of the staff table as a web page", "personeel.csv", "passages", 20},
	}, nil
}

// cut returns n characters of s from the given one on, without breaking a line's first word.
func cut(s string, from, n int) string {
	r := []rune(s)
	from = min(from, len(r))
	return strings.TrimSpace(string(r[from:min(len(r), from+n)]))
}

func tableMarkup(rows [][]string) string {
	var b strings.Builder
	b.WriteString("<table>")
	for i, row := range rows {
		tag := "td"
		if i == 0 {
			tag = "th"
		}
		b.WriteString("<tr>")
		for _, cell := range row {
			fmt.Fprintf(&b, "<%s>%s</%s>", tag, html.EscapeString(cell), tag)
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</table>")
	return b.String()
}
