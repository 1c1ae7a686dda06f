package fingerprints

import (
	"math/rand/v2"
	"testing"

	"unmirror/fingerprints/match"
)

// TestAKnownArchiveIsToldOnceAndWhere: whether it was recognised by its own bytes or by its members.
func TestAKnownArchiveIsToldOnceAndWhere(t *testing.T) {
	w := newWorld(t, 61)
	r := rand.New(rand.NewPCG(61, 1))
	archive := string(w.files["archief.zip"])
	var members []string
	again := map[string]string{}
	for _, p := range w.people[24:30] {
		name := p.family + "-x.txt"
		again[name] = letterText(p)
		members = append(members, name)
	}
	repacked := string(zipOf(again, members...))
	for _, c := range []struct {
		what  string
		item  []byte
		grade match.Grade
		part  string
	}{
		{"itself", []byte(archive), match.Identical, ""},
		{"in an archive", one("xl/dossiers.zip", []byte(archive)), match.Member, "r.zip!/xl/dossiers.zip"},
		{"deeper down", one("q.zip", one("d.zip", []byte(archive))), match.Member, "r.zip!/q.zip!/d.zip"},
		{"beside other things", zipOf(map[string]string{"n.txt": filler(r, 3000), "d.zip": archive}, "n.txt", "d.zip"), match.Member, "r.zip!/d.zip"},
		{"its members in an archive", []byte(repacked), match.Member, "r.zip"},
		{"its members in an archive in an archive", one("o.zip", []byte(repacked)), match.Member, "r.zip!/o.zip"},
		{"its members in two archives in an archive", zipOf(map[string]string{"a.zip": string(zipOf(again, members[:3]...)), "b.zip": string(zipOf(again, members[3:]...))}, "a.zip", "b.zip"), match.Member, "r.zip"},
	} {
		rep := w.match(t, "folder/r.zip", c.item)
		var told []match.Match
		for _, m := range rep.Matches {
			if m.KnownFile == "archief.zip" {
				told = append(told, m)
			}
		}
		if len(told) != 1 || told[0].Part != c.part || told[0].Grade != c.grade {
			t.Errorf("%s: %+v", c.what, told)
		}
		if best := rep.Best(); best == nil || best.KnownFile != "archief.zip" {
			t.Errorf("%s: %+v is named first", c.what, best)
		}
	}
}
