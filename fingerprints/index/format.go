package index

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// A segment file is a header, a table of sections and the sections, all little-endian. Readers skip sections that they
// do not know, so that later kinds of fingerprint come as further sections without a rebuild.
const (
	magic      = "UMSEGM\r\n"
	version    = 10
	headerSize = 64
	entrySize  = 24
	maxEntries = 64
)

type section uint32

const (
	secMeta     section = 1  // sealed JSON: leaks
	secFiles    section = 2  // JSON, one a line and file; fileBlock files are packed and sealed together
	secFileAt   section = 3  // u64: where each block begins in secFiles, and the end
	secFileIDs  section = 4  // id [6], file u32: sorted
	secContent  section = 5  // digest [16], file u32: sorted
	secTexts    section = 6  // u32: the documents sorted by the digests of their texts; of a baseline, which has none, digest [16], NoDoc: sorted
	secDocs     section = 7  // docSize each
	secDocFiles section = 8  // u32: of each document that has not one file, how many and which
	secSiblings section = 9  // u64 document pairs, the smaller number first: sorted
	secFilter   section = 11 // the passages' sieve, encrypted: a nonce, then the words of both halves
	secBuckets  section = 12 // u32: first passage of each bucket, and the end
	secSuffixes section = 13 // the low bits of each passage's hash as the veil hides it, bytes by width
	secPostings section = 14 // packed: a value, or the highest bit and where its list begins in secLists; see docValue
	secLists    section = 15 // varints: number of values, the first, differences
	secGuard    section = 16 // guard sets, one a registration
	secRecords  section = 17 // recordSize each
	secChunks   section = 18 // hash u64, file u32: sorted by hash, then file; of a baseline, which has no files, zeros

	secPairFilter   section = 19 // pairs of a record's cells, laid out as passages are; a value is a record and a pair's number
	secPairBuckets  section = 20
	secPairSuffixes section = 21
	secPairPostings section = 22
	secPairLists    section = 23
	secCells        section = 24 // sets of prefixes of lone cells; see cells.go
	secCellFilter   section = 25 // a filter over all of them
	secNumbers      section = 26 // filters of national numbers, one a table
	secHolderAt     section = 27 // u32: the first row of each leading bits of published digests and archives' members, and the end
	secHolderKeys   section = 28 // packed: the rest of each row's key
	secHolders      section = 35 // packed: its file
	secGroups       section = 30 // u32 a file: what it counts as when it is asked in how many documents a chunk lies
	secChunkFilter  section = 31 // a filter over the chunks
	secTraces       section = 33 // each document's trace, encrypted; see traces.go
	secTraceAt      section = 34 // traceAtSize bytes: where each document's begins in secTraces, and the end
	secHeld         section = 32 // u64 each: a bit for each kind of the records' cells, with the number of their rows above, and one for each size of their numbers
	secPages        section = 36 // pageSize each
	secPageBodies   section = 37 // each page's body, encrypted; see page.go
	secWordAt       section = 38 // u32: the first row of each leading bits of pages' words, and the end
	secWordKeys     section = 39 // packed: the rest of each row's word
	secWordPages    section = 40 // packed: its page
	secGap          section = 29 // zeros, so that what follows begins at a cache line
)

// String names a section in errors.
func (s section) String() string {
	names := [...]string{
		secMeta: "the leaks", secFiles: "the files", secFileAt: "where files begin", secFileIDs: "the files' ids", secContent: "the contents",
		secTexts: "the texts", secDocs: "the documents", secDocFiles: "the documents' files", secSiblings: "the siblings",
		secFilter: "the passages' filter", secBuckets: "the passages' buckets", secSuffixes: "the passages", secPostings: "the passages' postings",
		secLists: "the passages' lists", secGuard: "the guard", secRecords: "the records", secChunks: "the chunks",
		secPairFilter: "the pairs' filter", secPairBuckets: "the pairs' buckets", secPairSuffixes: "the pairs",
		secPairPostings: "the pairs' postings", secPairLists: "the pairs' lists", secCells: "the cells", secCellFilter: "the cells' filter",
		secNumbers: "the numbers", secHolderAt: "where digests begin", secHolderKeys: "the digests", secHolders: "the digests' files", secGap: "a gap", secChunkFilter: "the chunks' filter", secGroups: "the files' groups", secHeld: "the kinds of cells",
		secTraces: "the traces", secTraceAt: "where traces begin",
		secPages: "the pages", secPageBodies: "the pages' bodies", secWordAt: "where pages' words begin", secWordKeys: "the pages' words", secWordPages: "the words' pages",
	}
	if int(s) < len(names) && names[s] != "" {
		return names[s]
	}
	return fmt.Sprintf("section %d", uint32(s))
}

const (
	docSize = 56
	// docGroupAt is where in a document its group is.
	docGroupAt = 16
	rowSize    = 20 // digest and number
	idRowSize  = 10
	chunkSize  = 12
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

type header struct {
	kind     Kind
	passages uint64
	docs     uint32
	files    uint32
	entries  []entry
}

type entry struct {
	id       section
	crc      uint32
	off, len uint64
}

// encode renders header and table, with a checksum over both.
func (h *header) encode() []byte {
	b := make([]byte, headerSize+entrySize*len(h.entries))
	copy(b, magic)
	le := binary.LittleEndian
	le.PutUint32(b[8:], version)
	le.PutUint32(b[12:], uint32(h.kind))
	le.PutUint64(b[16:], h.passages)
	le.PutUint32(b[24:], h.docs)
	le.PutUint32(b[28:], h.files)
	le.PutUint32(b[40:], uint32(len(h.entries)))
	for i, e := range h.entries {
		p := b[headerSize+entrySize*i:]
		le.PutUint32(p, uint32(e.id))
		le.PutUint32(p[4:], e.crc)
		le.PutUint64(p[8:], e.off)
		le.PutUint64(p[16:], e.len)
	}
	le.PutUint32(b[60:], crc32.Checksum(b, castagnoli)) // the field itself is still zero
	return b
}

// wrongFormat tells the operator what to do about an index of another version of this program.
func wrongFormat(have int) error {
	if have > version {
		return fmt.Errorf("has format %d, this program reads %d: a newer one wrote it, use that", have, version)
	}
	return fmt.Errorf("has format %d, this program reads %d: move the index folder away and register the known files again", have, version)
}

// decodeHeader reads and checks header and table of a segment of which data is the whole file.
func decodeHeader(data []byte) (*header, error) {
	le := binary.LittleEndian
	if len(data) < headerSize || string(data[:8]) != magic {
		return nil, fmt.Errorf("is no segment")
	}
	if v := le.Uint32(data[8:]); v != version {
		return nil, wrongFormat(int(v))
	}
	n := le.Uint32(data[40:])
	if n > maxEntries || len(data) < headerSize+entrySize*int(n) {
		return nil, fmt.Errorf("is cut short")
	}
	head := append([]byte(nil), data[:headerSize+entrySize*int(n)]...)
	want := le.Uint32(head[60:])
	le.PutUint32(head[60:], 0)
	if crc32.Checksum(head, castagnoli) != want {
		return nil, fmt.Errorf("fails the checksum of its header")
	}
	h := &header{
		kind: Kind(le.Uint32(head[12:])), passages: le.Uint64(head[16:]), docs: le.Uint32(head[24:]), files: le.Uint32(head[28:]),
	}
	for i := range int(n) {
		p := head[headerSize+entrySize*i:]
		e := entry{section(le.Uint32(p)), le.Uint32(p[4:]), le.Uint64(p[8:]), le.Uint64(p[16:])}
		if e.off > uint64(len(data)) || e.len > uint64(len(data))-e.off {
			return nil, fmt.Errorf("is cut short")
		}
		h.entries = append(h.entries, e)
	}
	return h, nil
}

func putDoc(b []byte, d *Doc) {
	le := binary.LittleEndian
	copy(b, d.Text[:])
	le.PutUint64(b[16:], d.Group)
	le.PutUint64(b[24:], d.Stem)
	le.PutUint32(b[32:], d.Form)
	le.PutUint32(b[36:], d.Leak)
	le.PutUint32(b[40:], d.Passages)
	le.PutUint32(b[44:], d.Total)
	le.PutUint32(b[48:], d.files)
	le.PutUint32(b[52:], d.Own)
}

func getDoc(b []byte) (d Doc) {
	le := binary.LittleEndian
	copy(d.Text[:], b)
	d.Group, d.Stem = le.Uint64(b[docGroupAt:]), le.Uint64(b[24:])
	d.Form, d.Leak = le.Uint32(b[32:]), le.Uint32(b[36:])
	d.Passages, d.Total = le.Uint32(b[40:]), le.Uint32(b[44:])
	d.files, d.Own = le.Uint32(b[48:]), le.Uint32(b[52:])
	return d
}
