package open

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
)

const (
	pdfTree     = 64       // levels of the tree of pages
	pdfForms    = 6        // levels of forms within forms
	pdfDrawn    = 2_000    // images drawn on one page
	pdfContents = 16 << 20 // bytes of what is drawn on a page that are read, with its forms as often as they are drawn
	pdfReads    = 1_000    // pieces of it
	pdfKids     = 200_000  // nodes of the tree
)

// pdfPages yields the images on the pages of a PDF. What it cannot decode becomes a part that is unreadable, so that it
// is told and yet the text is none the worse for it.
func (it *item) pdfPages(n node, c content) error {
	f, err := openPDF(it, c)
	if err != nil {
		return err
	}
	w := &pdfWalk{f: f, n: n, seen: map[int]bool{}, drawn: map[pdfRef]bool{}}
	if root := f.catalogue(); root != nil {
		err = w.tree(root["Pages"], pdfInherited{}, 0)
	}
	if err == nil && w.number == 0 {
		err = w.lost()
	}
	return err
}

// pdfWalk goes through the pages.
type pdfWalk struct {
	f      *pdfFile
	n      node
	number int             // of the page
	image  int             // images of it so far
	kids   int             // nodes of the tree so far
	seen   map[int]bool    // nodes, of which each has its place once
	drawn  map[pdfRef]bool // images, of which each is yielded once
	placed []*pdfImage     // on the page
	bytes  int64           // of what is drawn on it, so far
	reads  int             // pieces of that
}

// pdfInherited is what pages have from the nodes above them.
type pdfInherited struct {
	resources pdfDict
	rotate    float64
}

func (w *pdfWalk) tree(o any, from pdfInherited, deep int) error {
	if w.kids++; w.kids > pdfKids || deep > pdfTree {
		return nil
	}
	if r, ok := o.(pdfRef); ok {
		if w.seen[r.number] {
			return nil
		}
		w.seen[r.number] = true
	}
	d := w.f.dict(o)
	if d == nil {
		return nil
	}
	if r := w.f.dict(d["Resources"]); r != nil {
		from.resources = r
	}
	if v, ok := w.f.get(d["Rotate"]).(float64); ok {
		from.rotate = v
	}
	kids := w.f.array(d["Kids"])
	if kids == nil && (d["Contents"] != nil || w.f.name(d["Type"]) == "Page") {
		w.number++
		return w.page(d, from)
	}
	for _, k := range kids {
		if err := w.tree(k, from, deep+1); err != nil {
			return err
		}
	}
	return nil
}

// page yields the images of a page.
func (w *pdfWalk) page(d pdfDict, from pdfInherited) error {
	if err := w.f.it.patient(); err != nil {
		return err
	}
	w.placed, w.image, w.bytes, w.reads = nil, 0, 0, 0
	turn := pdfUnit
	switch (int(from.rotate)%360 + 360) % 360 {
	case 90:
		turn = pdfMatrix{0, -1, 1, 0, 0, 0}
	case 180:
		turn = pdfMatrix{-1, 0, 0, -1, 0, 0}
	case 270:
		turn = pdfMatrix{0, 1, -1, 0, 0, 0}
	}
	w.draw(w.contents(d["Contents"]), from.resources, turn, 0)
	return w.yield()
}

// contents reads what is drawn on a page, which may lie in pieces.
func (w *pdfWalk) contents(o any) []byte {
	var all []byte
	pieces := []any{o}
	if a := w.f.array(o); a != nil {
		pieces = a
	}
	for _, o := range pieces {
		if s, ok := w.f.get(o).(*pdfBody); ok {
			all = append(append(all, w.read(s)...), '\n')
		}
	}
	return all
}

func (w *pdfWalk) read(s *pdfBody) []byte {
	if w.reads++; w.reads > pdfReads || w.bytes >= pdfContents {
		return nil
	}
	r, left := w.f.decoded(s)
	if left != "" {
		return nil
	}
	b, _ := io.ReadAll(io.LimitReader(r, pdfContents-w.bytes)) // of what is cut, what came
	w.bytes += int64(len(b))
	return b
}

// draw follows the operators that place images (ISO 32000-1, 8.10 and 8.9).
func (w *pdfWalk) draw(b []byte, resources pdfDict, at pdfMatrix, deep int) {
	objects := w.f.dict(resources["XObject"])
	if len(objects) == 0 {
		return
	}
	l := pdfLexer{b: b}
	var stack []pdfMatrix
	var operands []any
	for len(w.placed) < pdfDrawn {
		o, ok := l.next()
		if !ok {
			return
		}
		op, isOp := o.(pdfWord)
		if !isOp {
			if operands = append(operands, o); len(operands) > 64 {
				operands = operands[1:]
			}
			continue
		}
		switch op {
		case "q":
			if len(stack) < 256 {
				stack = append(stack, at)
			}
		case "Q":
			if n := len(stack); n > 0 {
				at, stack = stack[n-1], stack[:n-1]
			}
		case "cm":
			if m, ok := matrixOf(operands); ok {
				at = m.times(at)
			}
		case "Do":
			if n := len(operands); n > 0 {
				if name, ok := operands[n-1].(pdfName); ok {
					w.do(objects[name], resources, at, deep)
				}
			}
		case "BI":
			l.skipInline()
		}
		operands = operands[:0]
	}
}

func matrixOf(operands []any) (m pdfMatrix, ok bool) {
	if len(operands) < 6 {
		return m, false
	}
	for i, o := range operands[len(operands)-6:] {
		if m[i], ok = o.(float64); !ok {
			return m, false
		}
	}
	return m, true
}

// skipInline passes over an image that lies among the operators, whose bytes could be taken for such.
func (l *pdfLexer) skipInline() {
	for {
		i := bytes.Index(l.b[l.i:], []byte("EI"))
		if i < 0 {
			l.i = len(l.b)
			return
		}
		l.i += i + 2
		if i > 0 && isPDFSpace(l.b[l.i-3]) && (l.i == len(l.b) || isPDFSpace(l.b[l.i])) {
			return
		}
	}
}

// do places an image, or draws a form.
func (w *pdfWalk) do(o any, resources pdfDict, at pdfMatrix, deep int) {
	s, ok := w.f.get(o).(*pdfBody)
	if !ok {
		return
	}
	switch w.f.name(s.dict["Subtype"]) {
	case "Image":
		if p := w.f.image(s, at); p != nil && p.w*p.h > 1 {
			w.placed = append(w.placed, p)
		}
	case "Form":
		if deep >= pdfForms {
			return
		}
		if m, ok := matrixOf(w.f.array(s.dict["Matrix"])); ok {
			at = m.times(at)
		}
		if r := w.f.dict(s.dict["Resources"]); r != nil {
			resources = r
		}
		w.draw(w.read(s), resources, at, deep+1)
	}
}

// yield decodes what was placed: strips together, all others one by one.
func (w *pdfWalk) yield() error {
	for rest := w.placed; len(rest) > 0; {
		var group []*pdfImage
		group, rest = strips(rest)
		h := 0
		for _, p := range group {
			h += p.h
		}
		fresh := false
		for _, p := range group {
			fresh = fresh || !w.drawn[p.s.object]
			w.drawn[p.s.object] = true
		}
		if !fresh || !pageSized(group[0].w, h) {
			continue
		}
		if err := w.one(group); err != nil {
			return err
		}
	}
	return nil
}

// one yields one image.
func (w *pdfWalk) one(group []*pdfImage) error {
	it := w.f.it
	if err := it.patient(); err != nil {
		return err
	}
	w.image++
	r, turn, err := w.f.raster(group)
	if r.H > 0 {
		if e := it.page(w.n, w.number, w.image, it.draw.turned(r, turn)); e != nil {
			return e
		}
	}
	var limit *LimitError
	if errors.As(err, &limit) && limit.Limit == "pages" || it.fatal != nil || errors.Is(err, errParent) {
		return err
	}
	if err == nil {
		return nil
	}
	return it.unreadable(w.n, w.called(), -1, err)
}

// called is the name of an image that is no part of its own.
func (w *pdfWalk) called() string {
	return fmt.Sprintf("page %d image %d", w.number, w.image)
}

// strips takes the first image with those that continue it downwards, as some scanners cut a page.
func strips(list []*pdfImage) (group, rest []*pdfImage) {
	p := list[0]
	upright := func(q *pdfImage) bool {
		return q.w == p.w && q.matrix[1] == 0 && q.matrix[2] == 0 && q.matrix[3] > 0 && q.matrix[0] == p.matrix[0] && q.matrix[4] == p.matrix[4]
	}
	if !upright(p) {
		return list[:1], list[1:]
	}
	for _, q := range list {
		if upright(q) {
			group = append(group, q)
		} else {
			rest = append(rest, q)
		}
	}
	slices.SortStableFunc(group, func(a, b *pdfImage) int {
		return cmp.Compare(b.matrix[5], a.matrix[5])
	})
	for i := 1; i < len(group); i++ {
		above, below := group[i-1].matrix, group[i].matrix
		// A pixel or two may overlap, or be missing.
		if gap := above[5] - (below[5] + below[3]); math.Abs(gap) > 3*below[3]/float64(group[i].h) {
			return list[:1], list[1:]
		}
	}
	return group, rest
}

// lost yields the images of a document whose pages cannot be found.
func (w *pdfWalk) lost() error {
	for _, number := range slices.Sorted(maps.Keys(w.f.objects)) {
		s, ok := w.f.load(pdfRef{number: number}).(*pdfBody)
		if !ok || w.f.name(s.dict["Subtype"]) != "Image" {
			continue
		}
		if err := w.f.it.patient(); err != nil {
			return err
		}
		if p := w.f.image(s, pdfUnit); p != nil {
			w.placed = []*pdfImage{p}
			if err := w.yield(); err != nil {
				return err
			}
		}
	}
	return nil
}
