package index

import (
	"fmt"
	"os"
	"sync"
)

// A document may have a trace: what its text is compared with once passages of it were found (package trace). Traces are
// encrypted one by one as soon as they are made, and taken over as they are when segments are joined. A trace follows from
// its text, and so does the keyed digest of the text, from which each trace's key stream begins: the same stream never
// hides two different traces. A tag of its own would take as much room as a third of a letter's trace; the segment has a
// checksum.

// traceAtSize is how many bytes tell where a trace begins: a segment has less than a terabyte of them.
const traceAtSize = 5

// TraceSpool keeps encrypted traces in an unlinked file until their segment is written. It is safe for concurrent use.
type TraceSpool struct {
	veil *veil
	mu   sync.Mutex
	f    *os.File
	n    int64
}

// TraceRef names a trace in its spool; the zero value names none.
type TraceRef struct {
	at   int64
	size uint32
}

// TraceSpool begins a spool in the index folder; the caller closes it.
func (f *Folder) TraceSpool() (*TraceSpool, error) {
	file, err := tempFile(f.dir)
	if err != nil {
		return nil, fmt.Errorf("keep traces: %w", err)
	}
	return &TraceSpool{veil: f.seal.veil, f: file}, nil
}

// Close frees the spool; a draft that has traces of it must be written by then.
func (s *TraceSpool) Close() error { return s.f.Close() }

// Add encrypts the trace of a text, in place, and keeps it; of nothing it keeps nothing.
func (s *TraceSpool) Add(text Digest, trace []byte) (TraceRef, error) {
	if len(trace) == 0 {
		return TraceRef{}, nil
	}
	s.veil.decrypts(text[:]).XORKeyStream(trace, trace) // which encrypts as well
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.f.WriteAt(trace, s.n); err != nil {
		return TraceRef{}, fmt.Errorf("keep a trace: %w", err)
	}
	ref := TraceRef{s.n, uint32(len(trace))}
	s.n += int64(len(trace))
	return ref, nil
}

func (s *TraceSpool) append(dst []byte, ref TraceRef) ([]byte, error) {
	from := len(dst)
	dst = append(dst, make([]byte, ref.size)...)
	if _, err := s.f.ReadAt(dst[from:], ref.at); err != nil {
		return nil, fmt.Errorf("read a trace back: %w", err)
	}
	return dst, nil
}

// hiddenTrace is a document's trace as it lies in the segment; nil where it has none.
func (s *Segment) hiddenTrace(doc uint32) []byte {
	at, all := s.sections[secTraceAt], s.sections[secTraces]
	if traceAtSize*(uint64(doc)+2) > uint64(len(at)) {
		return nil
	}
	begin := func(doc uint64) (n uint64) {
		for i := range uint64(traceAtSize) {
			n |= uint64(at[traceAtSize*doc+i]) << (8 * i)
		}
		return n
	}
	from, to := begin(uint64(doc)), begin(uint64(doc)+1)
	if from >= to || to > uint64(len(all)) {
		return nil
	}
	return all[from:to]
}

// Trace returns the trace of a document; nil where none is kept, as in segments that were written before there were any.
func (s *Segment) Trace(doc uint32) []byte {
	hidden := s.hiddenTrace(doc)
	if hidden == nil {
		return nil
	}
	plain := make([]byte, len(hidden))
	text := s.Doc(doc).Text
	s.seal.veil.decrypts(text[:]).XORKeyStream(plain, hidden)
	return plain
}

// checkTraces makes sure that there is a place for each document's trace.
func (s *Segment) checkTraces() error {
	if n := uint64(len(s.sections[secTraceAt])); n > 0 && n != traceAtSize*(uint64(s.docs)+1) {
		return fmt.Errorf("%v: %d bytes for %d documents", secTraceAt, n, s.docs)
	}
	return nil
}

// writeTraces writes the traces of the draft's own documents and of those that it takes over.
func (d *Draft) writeTraces(w *segmentWriter, _ *relations) error {
	taken := d.carriedTraces()
	if taken == nil && d.Traces == nil {
		return nil
	}
	ats, err := w.add(secTraceAt)
	if err != nil {
		return err
	}
	all, err := w.add(secTraces)
	if err != nil {
		return err
	}
	var buf []byte
	for i := range d.Docs {
		ats.low(all.n, traceAtSize)
		if i < len(taken) && taken[i] != nil {
			all.bytes(taken[i])
		} else if i < len(d.DocTraces) && d.DocTraces[i].size > 0 {
			if buf, err = d.Traces.append(buf[:0], d.DocTraces[i]); err != nil {
				return err
			}
			all.bytes(buf)
		}
	}
	ats.low(all.n, traceAtSize)
	return nil
}

// carriedTraces are the traces of other segments' documents, by their number in the draft; nil if there are none.
func (d *Draft) carriedTraces() [][]byte {
	var taken [][]byte
	for _, c := range d.carried {
		for i, to := range c.docs {
			if to == NoDoc {
				continue
			}
			if hidden := c.s.hiddenTrace(uint32(i)); hidden != nil {
				if taken == nil {
					taken = make([][]byte, len(d.Docs))
				}
				taken[to] = hidden
			}
		}
	}
	return taken
}
