package open

// lzmaWindow keeps the last bytes that were decoded, as many as a dictionary has. It grows with what comes, so that a
// header that asks for much costs nothing.
type lzmaWindow struct {
	b        []byte
	most     int64  // bytes that it keeps at most
	at       int    // where the next byte goes
	taken    int    // where the next byte is read from
	waiting  int    // bytes that were not read
	position uint32 // bytes since the dictionary began anew
	kept     int64  // bytes since then that are still there
}

const lzmaWindowLeast = 64 << 10

// room makes room for one more byte.
func (w *lzmaWindow) room() {
	if w.at < len(w.b) {
		return
	}
	// What waits to be read must not be overwritten, and that is a chunk and a match at most.
	most := int(max(w.most, 2*lzmaWindowLeast+chunk))
	if len(w.b) < most {
		b := make([]byte, min(max(2*len(w.b), lzmaWindowLeast), most))
		copy(b, w.b)
		w.b = b
		return
	}
	w.at = 0
}

func (w *lzmaWindow) put(v byte) {
	w.room()
	w.b[w.at] = v
	w.came(1)
}

// has reports whether a byte that many back, less 1, is there.
func (w *lzmaWindow) has(back uint32) bool {
	return int64(back) < min(w.kept, int64(len(w.b)), max(w.most, 4096))
}

// back returns the byte so many back, 0 where there is none.
func (w *lzmaWindow) back(n int) byte {
	if int64(n) > w.kept || n > len(w.b) {
		return 0
	}
	i := w.at - n
	if i < 0 {
		i += len(w.b)
	}
	return w.b[i]
}

// copy repeats n bytes that lie so many back, which must be there.
func (w *lzmaWindow) copy(back, n int) {
	for n > 0 {
		w.room()
		from := w.at - back
		if from < 0 {
			from += len(w.b)
		}
		some := min(n, len(w.b)-w.at, len(w.b)-from)
		if from < w.at {
			some = min(some, back) // what is repeated may itself be repeated
		}
		copy(w.b[w.at:w.at+some], w.b[from:])
		w.came(some)
		n -= some
	}
}

// came counts bytes that were written at the end.
func (w *lzmaWindow) came(n int) {
	w.at += n
	w.position += uint32(n)
	w.waiting += n
	w.kept += int64(n)
}

func (w *lzmaWindow) unread() int { return w.waiting }

func (w *lzmaWindow) read(p []byte) int {
	done := 0
	for done < len(p) && w.waiting > 0 {
		if w.taken >= len(w.b) {
			w.taken = 0
		}
		n := copy(p[done:], w.b[w.taken:min(len(w.b), w.taken+w.waiting)])
		w.taken += n
		w.waiting -= n
		done += n
	}
	return done
}

// restart forgets the past: nothing before is repeated.
func (w *lzmaWindow) restart() { w.position, w.kept = 0, 0 }
