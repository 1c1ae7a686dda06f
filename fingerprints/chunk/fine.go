package chunk

// The lengths of fine chunks, in bytes: a piece of 512 bytes hardly ever holds none.
const (
	FineMin  = 32
	FineMax  = 1 << 10
	fineMask = uint64(1<<6-1) << (64 - 6) // one cut in 64 bytes
)

// Fine calls see with the fine chunks of content: what lies between two cuts, of which each depends on the 64 bytes before it alone, so that
// the smallest piece of the content is cut alike. What lies before the first cut and behind the last one is no chunk, nor
// is what is shorter than FineMin or longer than FineMax.
func Fine(t *Table, content []byte, see func(chunk []byte)) {
	var h uint64
	last := -1 // where the last cut is
	for i, c := range content {
		if h = h<<1 + t[c]; h&fineMask != 0 || i < 63 {
			continue
		}
		if n := i + 1 - last; last >= 0 && n >= FineMin && n <= FineMax {
			see(content[last : i+1])
		}
		last = i + 1
	}
}
