package open

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
)

// pdfFile finds the objects of a PDF by going through it once, not by its tables: those of a cut or mended file are
// wrong, and the last object of a number is the one that counts in any file.
type pdfFile struct {
	it      *item
	c       content
	objects map[int]pdfPlace
	packed  map[int][]byte // what object streams hold, by where they lie in the list
	roots   []int64        // where a dictionary lies that may name the catalogue
	crypt   *pdfCrypt
}

// pdfPlace is where an object lies: in the file, or in an object stream.
type pdfPlace struct {
	at         int64
	generation int
	stream     int // of an object in a stream: which one, from 1
}

const (
	pdfMost   = 500_000
	pdfHead   = 64 << 10 // bytes of an object without its stream that are read
	pdfPacked = 64 << 20 // bytes of all object streams
)

func openPDF(it *item, c content) (*pdfFile, error) {
	f := &pdfFile{it: it, c: c, objects: map[int]pdfPlace{}, packed: map[int][]byte{}}
	streams, err := f.find()
	if err != nil {
		return nil, err
	}
	f.decryption()
	f.unpack(streams)
	return f, nil
}

// find looks for what begins objects and trailers.
func (f *pdfFile) find() (streams []int64, err error) {
	const before, behind = 64, 1024
	buf := make([]byte, before+chunk+behind)
	for off := int64(0); off < f.c.Size(); off += chunk {
		start := max(off-before, 0)
		n, err := f.c.ReadAt(buf, start)
		if err != nil && err != io.EOF {
			return nil, err
		}
		own := int(off-start) + chunk // what begins behind is the next round's
		eachWord(buf[:n], "obj", int(off-start), own, func(i int) {
			if at, number, generation, ok := objectHead(buf[:i]); ok && len(f.objects) < pdfMost {
				place := start + int64(at)
				f.objects[number] = pdfPlace{at: place, generation: generation}
				streams = f.note(streams, place, buf[i:min(n, i+512)])
			}
		})
		eachWord(buf[:n], "trailer", int(off-start), own, func(i int) {
			f.roots = append(f.roots, start+int64(i)+int64(len("trailer")))
		})
	}
	slices.Sort(f.roots)
	return streams, nil
}

// eachWord calls see with the places of a word that begins between from and to.
func eachWord(b []byte, word string, from, to int, see func(int)) {
	for i := from; i < len(b); i += len(word) {
		j := bytes.Index(b[i:], []byte(word))
		if j < 0 || i+j >= to {
			return
		}
		i += j
		see(i)
	}
}

// note takes down what an object's dictionary says that it is.
func (f *pdfFile) note(streams []int64, at int64, head []byte) []int64 {
	if s := bytes.Index(head, []byte("stream")); s > 0 {
		head = head[:s]
	}
	if bytes.Contains(head, []byte("/XRef")) {
		f.roots = append(f.roots, at)
	}
	if bytes.Contains(head, []byte("/ObjStm")) {
		streams = append(streams, at)
	}
	return streams
}

// objectHead reads "12 0 " backwards from the end of b.
func objectHead(b []byte) (at, number, generation int, ok bool) {
	i := len(b)
	back := func() (int, bool) {
		end := i
		for i > 0 && isPDFSpace(b[i-1]) {
			i--
		}
		if i == end && end == len(b) {
			return 0, false
		}
		end = i
		for i > 0 && b[i-1] >= '0' && b[i-1] <= '9' && end-i < 10 {
			i--
		}
		v, err := strconv.Atoi(string(b[i:end]))
		return v, err == nil && end > i
	}
	if generation, ok = back(); !ok || generation > 65535 {
		return 0, 0, 0, false
	}
	if i == 0 || !isPDFSpace(b[i-1]) {
		return 0, 0, 0, false
	}
	if number, ok = back(); !ok || number > 1<<30 {
		return 0, 0, 0, false
	}
	return i, number, generation, true
}

// unpack reads which objects lie in streams. An object that stands in the file behind its stream is newer.
func (f *pdfFile) unpack(streams []int64) {
	total := 0
	for i, at := range streams {
		s, ok := f.streamAt(at)
		if !ok {
			continue
		}
		r, left := f.decoded(s)
		if left != "" {
			continue
		}
		b, _ := readMost(r, pdfPacked, int64(pdfPacked-total))
		if total += len(b); total >= pdfPacked {
			return
		}
		f.packed[i+1] = b
		count, first := f.number(s.dict["N"]), f.number(s.dict["First"])
		l := pdfLexer{b: b}
		for range min(int(count), pdfMost) {
			number, ok1 := l.next()
			offset, ok2 := l.next()
			n, isNumber := number.(float64)
			o, isOffset := offset.(float64)
			if !ok1 || !ok2 || !isNumber || !isOffset {
				break
			}
			if old, ok := f.objects[int(n)]; ok && old.stream == 0 && old.at > at || len(f.objects) >= pdfMost {
				continue
			}
			f.objects[int(n)] = pdfPlace{at: int64(o + first), stream: i + 1}
		}
	}
}

// pdfBody is a dictionary with the bytes that follow it.
type pdfBody struct {
	dict   pdfDict
	at     int64 // where the bytes begin
	object pdfRef
	data   []byte // of one that has been read; nil: it lies in the file
}

// load returns an object: a *pdfBody where it has bytes.
func (f *pdfFile) load(r pdfRef) any {
	p, ok := f.objects[r.number]
	if !ok {
		return nil
	}
	if p.stream > 0 {
		b := f.packed[p.stream]
		if p.at < 0 || p.at >= int64(len(b)) {
			return nil
		}
		l := pdfLexer{b: b[p.at:], refs: true}
		o, _ := l.next()
		return o
	}
	if s, ok := f.streamAt(p.at); ok {
		return s
	}
	b := f.head(p.at)
	l := pdfLexer{b: b, refs: true}
	for range 3 { // its number, its generation, "obj"
		l.next()
	}
	o, _ := l.next()
	return o
}

func (f *pdfFile) head(at int64) []byte {
	b := make([]byte, min(pdfHead, max(0, f.c.Size()-at)))
	n, err := f.c.ReadAt(b, at)
	if err != nil && err != io.EOF {
		return nil
	}
	return b[:n]
}

// streamAt reads the object at a place if it is a stream.
func (f *pdfFile) streamAt(at int64) (*pdfBody, bool) {
	b := f.head(at)
	l := pdfLexer{b: b}
	number, _ := l.next()
	generation, _ := l.next()
	if o, _ := l.next(); o != pdfWord("obj") {
		return nil, false
	}
	l.refs = true
	o, _ := l.next()
	d, ok := o.(pdfDict)
	if !ok {
		return nil, false
	}
	if o, _ := l.next(); o != pdfWord("stream") {
		return nil, false
	}
	if l.i < len(b) && b[l.i] == '\r' {
		l.i++
	}
	if l.i < len(b) && b[l.i] == '\n' {
		l.i++
	}
	n, _ := number.(float64)
	g, _ := generation.(float64)
	return &pdfBody{dict: d, at: at + int64(l.i), object: pdfRef{int(n), int(g)}}, true
}

// pdfResolve bounds how far references lead to references.
const pdfResolve = 16

// get follows references.
func (f *pdfFile) get(o any) any {
	for range pdfResolve {
		r, ok := o.(pdfRef)
		if !ok {
			return o
		}
		o = f.load(r)
	}
	return nil
}

func (f *pdfFile) number(o any) float64 {
	v, _ := f.get(o).(float64)
	return v
}

// dict returns a dictionary, also that of a stream.
func (f *pdfFile) dict(o any) pdfDict {
	switch o := f.get(o).(type) {
	case pdfDict:
		return o
	case *pdfBody:
		return o.dict
	}
	return nil
}

func (f *pdfFile) array(o any) []any {
	a, _ := f.get(o).([]any)
	return a
}

func (f *pdfFile) name(o any) pdfName {
	n, _ := f.get(o).(pdfName)
	return n
}

// raw gives the bytes of a stream as they lie in the file.
func (f *pdfFile) raw(s *pdfBody) io.Reader {
	if s.data != nil {
		return bytes.NewReader(s.data)
	}
	size := int64(-1)
	if n := f.number(s.dict["Length"]); n > 0 && f.endsAt(s.at+int64(n)) {
		size = int64(n)
	} else {
		size = f.endOf(s.at)
	}
	var r io.Reader = io.NewSectionReader(f.c, s.at, size)
	if f.crypt != nil {
		r = f.crypt.reader(r, s)
	}
	return r
}

// endsAt asks whether a stream's end is where its length says.
func (f *pdfFile) endsAt(at int64) bool {
	var b [16]byte
	n, _ := f.c.ReadAt(b[:], at)
	return bytes.HasPrefix(bytes.TrimLeft(b[:n], "\r\n \t"), []byte("endstre"))
}

// endOf looks for the end of a stream.
func (f *pdfFile) endOf(start int64) int64 {
	const word = "endstream"
	buf := make([]byte, chunk)
	for at := start; at < f.c.Size(); at += chunk - int64(len(word)) {
		n, err := f.c.ReadAt(buf, at)
		if i := bytes.Index(buf[:n], []byte(word)); i >= 0 {
			return at - start + int64(i)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			break
		}
	}
	return f.c.Size() - start
}

// catalogue returns the root of the pages, the newest that there is.
func (f *pdfFile) catalogue() pdfDict {
	for _, at := range slices.Backward(f.roots) {
		if d := f.dict(f.rootDict(at)["Root"]); d["Pages"] != nil {
			return d
		}
	}
	return nil
}

// rootDict reads the dictionary of a trailer, or of a stream that is one.
func (f *pdfFile) rootDict(at int64) pdfDict {
	if s, ok := f.streamAt(at); ok {
		return s.dict
	}
	l := pdfLexer{b: f.head(at), refs: true}
	o, _ := l.next()
	d, _ := o.(pdfDict)
	return d
}
