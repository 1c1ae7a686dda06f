package fingerprints

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"unmirror/fingerprints/index"
)

// skipped counts the files that were registered already.
func (r *registration) skipped() (n int) {
	for _, x := range r.results {
		if x == nil {
			n++
		}
	}
	return n
}

// eachTable yields the tables of what was read, with the file of the draft that holds them.
func (r *registration) eachTable(yield func(file uint32, t *knownTable)) {
	for _, x := range r.results {
		if x == nil {
			continue
		}
		for _, p := range x.parts {
			for _, t := range p.tables {
				yield(p.file, t)
			}
		}
	}
}

func (r *registration) tableInfos() (infos []TableInfo) {
	r.eachTable(func(_ uint32, t *knownTable) { infos = append(infos, t.info) })
	return infos
}

// finishForms weighs the cells of letters and forms by how many of them hold each: what several share is the
// letterhead's, or its author's.
func (r *recording) finishForms() error {
	all := counter64{exact: map[uint64]uint32{}}
	rows := 0
	for _, f := range r.forms {
		err := f.each(func(_ uint32, _ [6]byte, row []intakeToken) error {
			rows++
			for i, t := range row {
				if !slices.ContainsFunc(row[:i], func(o intakeToken) bool { return o.hash == t.hash }) {
					all.add(t.hash)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, f := range r.forms {
		f.counts, f.among = all, rows
		if err := f.finish(); err != nil {
			return err
		}
	}
	r.forms = nil
	return nil
}

// maxLeakSubjects is how many subjects of rows a leak lists; of more only the number is kept.
const maxLeakSubjects = 20_000

// settle puts the records of all tables into the draft. files tells which file of the draft a part became.
func (r *recording) settle(d *index.Draft, leak *index.Leak, each func(yield func(file uint32, t *knownTable))) error {
	if err := r.finishForms(); err != nil {
		return err
	}
	remap := slices.Repeat([]uint32{index.NoDoc}, int(r.records.Load()))
	total := 0
	each(func(_ uint32, t *knownTable) { total += len(t.records) })
	var subjects []uint64
	each(func(file uint32, t *knownTable) {
		first := len(d.Records)
		if len(t.records) == total { // one table, which may be large, is not copied
			d.Records, d.Cells = t.records, t.cells
		} else {
			if d.Records == nil {
				d.Records = make([]index.Record, 0, total)
			}
			d.Records, d.Cells = append(d.Records, t.records...), append(d.Cells, t.cells...)
		}
		for i := range d.Records[first:] {
			remap[t.base+uint32(i)] = uint32(first + i)
			rec := &d.Records[first+i]
			rec.File = file
			if s := rec.Subject; s != ([6]byte{}) {
				subjects = append(subjects, binary.BigEndian.Uint64(append([]byte{0, 0}, s[:]...)))
			}
		}
		t.records, t.cells = nil, nil
		d.Files[file].Rows += t.info.Rows
		if len(t.numbers) > 0 {
			d.Numbers = append(d.Numbers, index.TableNumbers{File: file, Hashes: t.numbers})
		}
		for _, c := range t.info.Columns {
			if c.Kind != "constant" && c.Kind != "ignore" {
				d.Files[file].Categories = append(d.Files[file].Categories, strings.Fields(c.Category)...)
			}
		}
	})
	slices.Sort(subjects)
	subjects = slices.Compact(subjects)
	if len(subjects) > maxLeakSubjects {
		leak.People = len(subjects)
		subjects = nil
	}
	for _, id := range subjects {
		leak.Subjects = append(leak.Subjects, fmt.Sprintf("s_%012x", id))
	}
	for i := range d.Files {
		d.Files[i].Categories = inOrder(d.Files[i].Categories)
		leak.Categories = append(leak.Categories, d.Files[i].Categories...)
	}
	return d.PairsFromSorter(r.pairs, func(record uint32) uint32 {
		if int(record) < len(remap) {
			return remap[record]
		}
		return index.NoDoc
	})
}
