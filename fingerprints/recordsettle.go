package fingerprints

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"

	"unmirror/fingerprints/index"
	"unmirror/fingerprints/record"
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

// finishForms weighs the cells of letters and forms by how many persons' they are: what several share is the letterhead's, or
// its author's. One person's letters, and a letter that lies in an archive besides, share what is the person's.
func (r *recording) finishForms() error {
	letters := map[uint64]int{} // by person
	err := r.eachForm(func(person uint64, _ []intakeToken) { letters[person]++ })
	if err != nil {
		return err
	}
	all := counter64{exact: map[uint64]uint32{}}
	told := map[[2]uint64]struct{}{} // of persons with several letters
	err = r.eachForm(func(person uint64, row []intakeToken) {
		for i, t := range row {
			if slices.ContainsFunc(row[:i], func(o intakeToken) bool { return o.hash == t.hash }) {
				continue
			}
			if letters[person] > 1 {
				if has(told, [2]uint64{person, t.hash}) {
					continue
				}
				told[[2]uint64{person, t.hash}] = struct{}{}
			}
			all.add(t.hash)
		}
	})
	if err != nil {
		return err
	}
	rows := len(letters)
	for _, f := range r.forms {
		f.counts, f.among = all, rows
		if err := f.finish(); err != nil {
			return err
		}
	}
	r.forms = nil
	return nil
}

// eachForm yields the rows of letters and forms, and whom each is about: name and date of birth together, or, where one of them is
// missing, all of the row.
func (r *recording) eachForm(see func(person uint64, row []intakeToken)) error {
	for _, f := range r.forms {
		err := f.each(func(_ uint32, _ [6]byte, row []intakeToken) error {
			named, born, name, whole := false, false, uint64(0), uint64(0)
			for _, t := range row { // in any order
				whole += t.hash * (1 + 2*uint64(t.mark))
				named = named || t.mark&record.Name != 0
				born = born || t.mark&record.Birth != 0
				if t.mark&(record.Name|record.Birth) != 0 {
					name += t.hash
				}
			}
			if named && born {
				whole = name
			}
			see(whole, row)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// gather keeps the largest of several sorted sets apart, so that a large one is not sorted again with the small ones.
func gather(largest, rest, next []uint32) ([]uint32, []uint32) {
	if len(next) > len(largest) {
		largest, next = next, largest
	}
	return largest, append(rest, next...)
}

// subjectNumber is a subject's id as a number; 0: none.
func subjectNumber(id [6]byte) uint64 { return binary.BigEndian.Uint64(append([]byte{0, 0}, id[:]...)) }

// maxLeakSubjects is how many subjects of rows a leak lists; of more only the number is kept.
const maxLeakSubjects = 20_000

// settle puts the records of all tables into the draft. files tells which file of the draft a part became.
func (r *recording) settle(d *index.Draft, leak *index.Leak, each func(yield func(file uint32, t *knownTable))) error {
	if err := r.finishForms(); err != nil {
		return err
	}
	remap := slices.Repeat([]uint32{index.NoDoc}, int(r.records.Load()))
	total := 0
	var subjects []uint64
	var small []uint32 // cells of all tables but the largest, one after another
	each(func(file uint32, t *knownTable) {
		for i := range t.kept {
			remap[int(t.base)+i] = uint32(total + i)
		}
		total += t.kept
		if t.rows != nil {
			d.Tables = append(d.Tables, index.TableRecords{File: file, Count: t.kept, Rows: io.NewSectionReader(t.rows, 0, t.rows.Size())})
		}
		d.CellPrefixes, small = gather(d.CellPrefixes, small, t.cells.sorted)
		subjects = append(subjects, t.about...)
		d.NumberSizes |= t.sizes
		t.cells, t.about = cellPrefixes{}, nil
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
	slices.Sort(small)
	d.CellPrefixes = index.MergePrefixes(d.CellPrefixes, slices.Compact(small))
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
