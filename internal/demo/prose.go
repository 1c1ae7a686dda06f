package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// innocent is one page or file that has nothing to do with the leak.
type innocent struct {
	name string
	body []byte
}

// innocents makes n files of several styles for an open directory.
func innocents(seed uint64, n int) []innocent {
	r := rand.New(rand.NewPCG(seed, 3))
	out := make([]innocent, 0, n)
	for i := range n {
		folder := pick(r, "pub/docs", "pub/software/tools", "pub/software/fonts", "pub/photos/2024", "mirror/misc", "mirror/distro/pool", "mirror/distro/docs", "incoming", "pub/recipes", "pub/data")
		f := innocent{name: fmt.Sprintf("%s/%s-%03d", folder, pick(r, "note", "readme", "index", "part", "draft", "manual", "list"), i)}
		switch r.IntN(7) {
		case 0, 1:
			f.name += ".txt"
			f.body = []byte(prose(r, 4+r.IntN(12)))
		case 2:
			f.name += ".html"
			f.body = fmt.Appendf(nil, "<!doctype html><html><head><title>%s</title></head><body><h1>%s</h1><p>%s</p></body></html>\n", pick(r, topics...), pick(r, topics...), prose(r, 5))
		case 3:
			f.name += ".csv"
			f.body = []byte(measurements(r))
		case 4:
			f.name += ".log"
			f.body = []byte(logLines(r, 40))
		case 5:
			f.name += ".bin"
			f.body = make([]byte, 2000+r.IntN(6000))
			for k := range f.body {
				f.body[k] = byte(r.UintN(256))
			}
		default:
			f.name += ".md"
			f.body = []byte("# " + pick(r, topics...) + "\n\n" + prose(r, 6) + "\n\n" + recipe(r))
		}
		out = append(out, f)
	}
	return append(out, innocent{"pub/LICENSE", []byte(licence)})
}

// innocentPaste is a text as people paste it.
func innocentPaste(r *rand.Rand) string {
	switch r.IntN(5) {
	case 0:
		return logLines(r, 25)
	case 1:
		return recipe(r)
	case 2:
		return measurements(r)
	case 3:
		return code(r)
	}
	return prose(r, 6)
}

func pick(r *rand.Rand, from ...string) string { return from[r.IntN(len(from))] }

// prose writes n sentences that nobody would mistake for a file on anybody.
func prose(r *rand.Rand, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%s %s %s %s, %s %s.", pick(r, openings...), pick(r, subjects...), pick(r, verbs...), pick(r, objects...), pick(r, joints...), pick(r, endings...))
		if i%4 == 3 {
			b.WriteString("\n\n")
		} else {
			b.WriteByte(' ')
		}
	}
	return strings.TrimSpace(b.String()) + "\n"
}

func measurements(r *rand.Rand) string {
	var b strings.Builder
	b.WriteString("station,day,rain_mm,wind_ms,level_cm\n")
	for i := range 60 {
		fmt.Fprintf(&b, "%s,%d,%d.%d,%d.%d,%d\n", pick(r, "north", "weir", "tower", "quay"), i+1, r.IntN(30), r.IntN(10), r.IntN(20), r.IntN(10), 80+r.IntN(200))
	}
	return b.String()
}

func logLines(r *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		fmt.Fprintf(&b, "2025-%02d-%02dT%02d:%02d:%02dZ %s worker-%d: %s in %d ms\n", 1+r.IntN(12), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60),
			pick(r, "info", "warn", "debug"), r.IntN(9), pick(r, "compacted table", "renewed lease", "dropped stale cursor", "rebuilt thumbnails", "rotated journal"), r.IntN(5000))
	}
	return b.String()
}

func recipe(r *rand.Rand) string {
	return fmt.Sprintf("%s with %s\n\n- %d g %s\n- %d dl %s\n- a pinch of %s\n\nMix, leave for %d minutes, bake at %d degrees until %s.\n", pick(r, "Flat bread", "Leek pie", "Oat biscuits", "Pear tart"),
		pick(r, "thyme", "walnuts", "old cheese", "cardamom"), 100+r.IntN(500), pick(r, "flour", "oats", "rye", "semolina"), 1+r.IntN(6), pick(r, "milk", "water", "buttermilk"),
		pick(r, "salt", "nutmeg", "sugar"), 5+r.IntN(60), 160+10*r.IntN(9), pick(r, "golden", "the edges lift", "it smells done"))
}

func code(r *rand.Rand) string {
	name := pick(r, "count", "merge", "walk", "parse")
	return fmt.Sprintf("def %s(items, limit=%d):\n    seen = {}\n    for i, x in enumerate(items):\n        if i > limit:\n            break\n        seen[x] = seen.get(x, %d) + 1\n    return sorted(seen.items(), key=lambda p: -p[1])\n\nprint(%s(open('%s.txt')))\n",
		name, 10+r.IntN(900), r.IntN(3), name, pick(r, "words", "input", "tree"))
}

var (
	topics   = []string{"Tide tables", "Old fonts", "A walk along the canal", "Bee keeping", "Repairing radios", "The village brass band", "Sundials"}
	openings = []string{"In the spring", "Once the tide turns", "According to the old map", "Near the second lock", "As every beekeeper knows", "Before the rehearsal", "On a clear night", "With some patience"}
	subjects = []string{"the ferry", "a wooden sundial", "the brass section", "an untuned receiver", "the miller's wheel", "the northern hive", "the typesetter", "a patient angler"}
	verbs    = []string{"follows", "outlasts", "repeats", "measures", "carries", "answers", "hides", "mends"}
	objects  = []string{"the long way round", "a melody in seven parts", "half a crate of pears", "the missing letter", "an hour of silence", "the slow current", "a frame full of honey"}
	joints   = []string{"which is why", "although", "so that", "and in the end", "because"}
	endings  = []string{"nobody hurries on Sundays", "the copper has to be polished twice", "the eastern bank stays dry", "one should count to twelve", "the band plays without a score", "children draw it in chalk",
		"the clock runs four minutes late", "the swarm settles in the lime tree"}
)

// licence is a public text that also stands in the baseline.
const licence = `Permission is hereby granted, free of charge, to any person obtaining a copy of this invented work and of the
papers that come with it, to use it, to copy it, to change it, to put it together with other works, to publish it, to
hand it on and to sell copies of it, and to let those to whom it is given do the same, on these conditions: the notice
above and this permission stand in all copies and in every substantial part of the work. The work is provided as it
is, without any warranty, express or implied, among them the warranties of fitness for sale, of fitness for a
particular purpose and of not infringing the rights of others. In no event are its authors liable for any claim,
damage or other liability that arises from the work, from its use, or from anything else that is done with it.
`
