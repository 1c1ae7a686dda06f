package fingerprints

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"unmirror/fingerprints/chunk"
	"unmirror/fingerprints/index"
	"unmirror/fingerprints/open"
	"unmirror/fingerprints/table"
	"unmirror/fingerprints/winnow"
)

// extraction reads the files of one registration. Its sorter and its counter are shared by all workers.
type extraction struct {
	secrets *secrets
	opener  *open.Opener
	sorter  *index.Sorter
	drafts  *atomic.Uint32 // documents so far, by the number that passages carry until texts are compared
	harvest *harvest       // this worker's
	// Chunks are sorted apart, and counted by the contents they were cut from.
	chunks   *index.Sorter
	traces   *index.TraceSpool // nil in a baseline
	pages    *index.PageSpool
	chunked  *atomic.Uint32
	baseline bool
	tables   *recording                // nil: tables are not looked for
	images   *imageTexts               // nil: the text of images is not read
	public   func(passage uint64) bool // in the baseline as it is now
}

// knownPart is what is known of a file or of a member of it.
type knownPart struct {
	path      string // of a member: "a.zip!/b.docx"
	parent    int
	kind      string
	extractor string
	bytes     int64
	content   index.Digest
	entropy   float64
	texts     []knownText
	read      []knownText // of its images
	failed    string
	chunks    *chunkExtract // nil: it is not recognised by chunks
	published *published    // nil: nothing of it that a place could publish weighs anything
	public    float64       // share of its passages that are public
	tables    []*knownTable
	pages     []knownPage
	plain     bool   // what is written otherwise in its text is read by its tables
	file      uint32 // of the draft
}

type knownText struct {
	draft  uint32
	text   index.Digest
	length int64
	total  uint32
	trace  index.TraceRef
}

// isTable tells of a part whose rows tell more than its text.
func (k *knownPart) isTable() bool {
	rows := 0
	for _, t := range k.tables {
		rows += t.info.Rows
	}
	return rows >= leastRows
}

// extractedFile is a file with its members; the file itself comes first.
type extractedFile struct {
	parts  []*knownPart
	failed string // why it, or part of it, could not be read
}

// file reads one file. An error is the library's own trouble; a file that cannot be read says so in failed.
func (x *extraction) file(ctx context.Context, path, name string, known func(index.Digest) bool) (*extractedFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return &extractedFile{failed: plainReason(err)}, nil
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return &extractedFile{failed: plainReason(err)}, nil
	}
	whole := newBytesReading(true)
	if _, err := io.Copy(whole, &cancelled{ctx, f}); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return &extractedFile{failed: plainReason(err)}, nil
	}
	digest := keyed(x.secrets.content, whole.sum.Sum(nil))
	if known(digest) {
		return nil, nil
	}
	entropy := whole.entropy()
	published := x.publishRoot(ctx, f, whole, entropy) // beside the opener
	defer published()
	s := &extractSink{ctx: ctx, x: x, name: name, open: map[int]*partExtract{}}
	err = x.opener.Open(ctx, name, f, st.Size(), s)
	if errors.Is(err, open.ErrClosed) {
		err = fmt.Errorf("open content: %w", err)
		s.broken = cmp.Or(s.broken, err)
	}
	if given := cmp.Or(ctx.Err(), s.broken); given != nil {
		s.drop()
		return nil, given
	}
	out := s.finish()
	if err != nil {
		out.failed = err.Error()
	}
	root := out.parts[0]
	if err := x.chunkRoot(&cancelled{ctx, io.NewSectionReader(f, 0, whole.size)}, root); err != nil {
		return nil, err
	}
	if err := x.packedRoot(f, whole.size, root); err != nil {
		return nil, err
	}
	if err := x.packedPDF(f, whole.size, root); err != nil {
		return nil, err
	}
	root.bytes, root.content, root.entropy = whole.size, digest, entropy
	root.published, err = published()
	return out, err
}

// plainReason is why a file could not be read, without its name.
func plainReason(err error) string {
	if pe, ok := err.(*os.PathError); ok {
		err = pe.Err
	}
	return err.Error()
}

type cancelled struct {
	ctx context.Context
	r   io.Reader
}

func (c *cancelled) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// extractSink takes the parts of one file.
type extractSink struct {
	ctx    context.Context // of the registration, for what reads images
	x      *extraction
	name   string // of the file
	parts  []*knownPart
	index  map[int]int // a part's place in parts
	open   map[int]*partExtract
	pairs  []index.Pair
	broken error // our own trouble, which ends the registration
}

type partExtract struct {
	known   *knownPart
	in      *partExtract // nil: the part it lies in has ended, or there is none
	bytes   *bytesReading
	publish *publishing
	texts   map[int]*textExtract
}

type textExtract struct {
	*textReading
	draft  uint32
	found  *harvested
	public publicSample
	head   tableHead
	later  laterHeads
	rows   *table.Reader // nil: its tables are not looked for
	tables *tableIntake
}

func (s *extractSink) Part(p open.Part) error {
	if s.index == nil {
		s.index = map[int]int{}
	}
	if p.Hidden {
		return nil // what comes of it finds nothing open
	}
	parent, ok := s.index[p.Parent]
	if !ok {
		parent = -1
	}
	if ok && s.parts[parent].kind == "pdf" && strings.HasSuffix(p.Path, "!/"+open.Drawn) {
		s.index[p.Index] = parent // the same text once more
		return nil
	}
	k := &knownPart{path: p.Path, parent: parent, kind: p.Type, extractor: p.Extractor}
	s.index[p.Index] = len(s.parts)
	s.parts = append(s.parts, k)
	e := &partExtract{known: k, in: s.open[p.Parent]}
	if p.Index > 0 {
		e.bytes, e.publish = newBytesReading(true), s.x.newPublishing(p.Size)
		if chunk.Raw(p.Type) {
			k.chunks = s.x.newChunks(p.Type)
		}
	}
	s.open[p.Index] = e
	return nil
}

func (s *extractSink) Data(i int, b []byte) error {
	if e := s.open[i]; e != nil && e.bytes != nil {
		if _, s.broken = e.bytes.Write(b); s.broken == nil && e.known.chunks != nil {
			s.broken = e.known.chunks.feed(b, s.x.chunks)
		}
		e.publish.sum.Write(b)
	}
	return s.broken
}

// pairBuffer is how many passages a worker gathers before it takes the sorter's lock.
const pairBuffer = 4096

func (s *extractSink) Text(i, alternative int, b []byte) error {
	e := s.open[i]
	// What a program or a library says is the same in many: it would accuse whoever has them.
	if e == nil || e.known.kind == "binary" && alternative == open.BinaryText {
		return nil
	}
	t := e.texts[alternative]
	if t == nil {
		if e.texts == nil {
			e.texts = map[int]*textExtract{}
		}
		kind := e.known.kind
		if alternative == readText {
			kind = readKind
		}
		t = &textExtract{textReading: newTextReading(s.x.secrets), draft: s.x.drafts.Add(1) - 1, head: newTableHead(kind), later: newLaterHeads(kind)}
		if alternative <= 0 {
			t.found = s.x.harvest.begin(kind)
			if s.x.tables != nil && !s.readAlready(e) {
				t.tables, t.rows = s.x.tables.begin(s.partName(e.known), kind)
			}
		}
		if alternative == 0 {
			e.known.plain = table.ReadsAll(b)
		}
		if s.x.traces != nil {
			w := s.x.secrets.traces.Writer()
			t.trace = &w
		}
		e.texts[alternative] = t
	}
	if t.found != nil {
		t.found.feed(b)
	}
	if t.rows != nil {
		if _, s.broken = t.rows.Write(b); s.broken != nil {
			return s.broken
		}
	}
	see := s.seeing(t)
	if b, s.broken = t.feedHead(b, see); s.broken == nil {
		s.broken = t.feedLater(b, see)
	}
	return s.broken
}

// seeing takes the passages of a text.
func (s *extractSink) seeing(t *textExtract) func([]winnow.Print) error {
	return func(prints []winnow.Print) error {
		t.public.see(prints, s.x.public)
		s.pairs = t.appendPairs(s.pairs, prints)
		if len(s.pairs) < pairBuffer {
			return nil
		}
		return s.flush()
	}
}

func (s *extractSink) flush() error {
	err := s.x.sorter.Add(s.pairs)
	s.pairs = s.pairs[:0]
	return err
}

func (s *extractSink) End(i int, err error) error {
	e := s.open[i]
	if e == nil {
		return nil
	}
	delete(s.open, i)
	if err != nil {
		e.known.failed = err.Error()
	}
	if e.bytes != nil {
		e.known.bytes, e.known.entropy = e.bytes.size, e.bytes.entropy()
		e.known.content = keyed(s.x.secrets.content, e.bytes.sum.Sum(nil))
		e.known.published = e.publish.end(e.known.entropy, err != nil)
	}
	if e.known.chunks != nil && s.broken == nil {
		s.broken = e.known.chunks.end(s.x.chunks)
	}
	for alternative := range len(e.texts) {
		t := e.texts[alternative]
		if t == nil {
			continue
		}
		e.known.texts = s.endText(e.known.texts, t, e.known)
		if alternative == 0 {
			e.known.public = t.public.share()
		}
	}
	if t := e.texts[readText]; t != nil {
		e.known.read = s.endText(e.known.read, t, e.known)
	}
	return nil
}

// endText adds a text, unless it is too short.
func (s *extractSink) endText(to []knownText, t *textExtract, k *knownPart) []knownText {
	if err := t.endLater(s.seeing(t)); s.broken == nil {
		s.broken = err
	}
	if t.found != nil {
		t.found.end()
	}
	if t.rows != nil {
		s.endTables(t, k)
	}
	if t.stream.Len() < minText {
		return to
	}
	known := knownText{draft: t.draft, text: t.digest(s.x.secrets), length: t.stream.Len(), total: uint32(t.total)}
	if t.trace != nil && !k.isTable() && s.broken == nil {
		known.trace, s.broken = s.x.traces.Add(known.text, t.trace.Trace().Bytes())
	}
	return append(to, known)
}

// partName is a part's path below the folder registered.
func (s *extractSink) partName(k *knownPart) string {
	if k.parent < 0 {
		return s.name
	}
	return memberName(s.name, k.path)
}

// readAlready tells of a text without the escapes of another whether its tables are those of the other: a dump's are, and
// those of what is all JSON.
func (s *extractSink) readAlready(e *partExtract) bool {
	k := e.known
	if k.parent < 0 || !strings.HasSuffix(k.path, unescapedLayer) {
		return false
	}
	if s.parts[k.parent].plain || e.in == nil {
		return s.parts[k.parent].plain
	}
	t := e.in.texts[0]
	return t != nil && t.tables != nil && slices.ContainsFunc(t.tables.tables, func(r *rowIntake) bool { return r.info.Format == "sql" })
}

// unescapedLayer is how the path of a text without the escapes of another ends.
const unescapedLayer = "!/unescaped"

// endTables takes over the tables of a text.
func (s *extractSink) endTables(t *textExtract, k *knownPart) {
	if err := t.rows.Close(); s.broken == nil {
		s.broken = err
	}
	t.found.people(t.tables.names)
	t.tables.names = nil
	for _, r := range t.tables.tables {
		if r.out.info.Rows > 0 {
			k.tables = append(k.tables, &r.out)
		}
	}
}

// drop ends the reading of tables that a registration gave up on, and frees what is kept of them.
func (s *extractSink) drop() {
	for _, e := range s.open {
		for _, t := range e.texts {
			if t != nil && t.rows != nil {
				s.endTables(t, e.known)
			}
		}
	}
	for _, p := range s.parts {
		for _, t := range p.tables {
			if t.rows != nil {
				t.rows.Close()
			}
		}
	}
}

// finish closes what an opener that gave up left open.
func (s *extractSink) finish() *extractedFile {
	for i := range s.open {
		s.End(i, nil)
	}
	if len(s.parts) == 0 {
		s.parts = []*knownPart{{parent: -1}}
	}
	if s.broken == nil {
		s.broken = s.flush()
	}
	out := &extractedFile{parts: s.parts}
	var failed []string
	for _, p := range s.parts {
		if p.failed != "" && len(failed) < 4 && !strings.Contains(strings.Join(failed, "; "), p.failed) {
			failed = append(failed, p.failed)
		}
	}
	if len(failed) > 0 {
		out.failed = strings.Join(failed, "; ")
	}
	return out
}

// memberName is a member's path below the folder registered.
func memberName(name, path string) string {
	if at := strings.Index(path, "!/"); at >= 0 {
		return name + path[at:]
	}
	return fmt.Sprintf("%s!/%s", name, path)
}
