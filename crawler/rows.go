package crawler

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"unmirror/crawler/plane"
)

const (
	// costly is how many bytes of content a listing may be long of which one byte is spent on it again in every sweep: a
	// two-hundredth of a mirror is worth saving, less is not worth being a day late for what changed in place.
	costly = 200
	// maxRowsKept bounds what is kept of one folder.
	maxRowsKept = 25_000
)

// keepRows keeps what a folder lists, where the next sweep may not need to read it again: the folder's own time in its
// parent's listing, or a validator, tells whether something was added, removed or renamed. Neither tells of a file that
// was written anew in its place, so a folder's word counts for RevisitFolders only, and only where reading it costs much.
func (w *walk) keepRows(a *answer, o *outcome, seen *plane.Seen) {
	if w.src.RevisitFolders <= 0 || known(a) || len(o.found) == 0 || len(o.found) > maxRowsKept {
		return
	}
	var newest time.Time
	var content int64
	leaf := true
	for _, it := range o.found {
		leaf = leaf && !it.Lists
		content += roughSize(it)
		if it.Modified.After(newest) {
			newest = it.Modified
		}
	}
	etag, modified := a.header.Get("Etag"), ownTime(a.header, newest)
	byRow := leaf && content > 0 && seen.Listed != ""
	if a.bytes*costly < content || etag == "" && modified == "" && !byRow {
		return
	}
	rows, err := packRows(o.found)
	if err != nil {
		return // it is read again
	}
	seen.Rows, seen.Links, seen.ETag, seen.LastModified = rows, nil, etag, modified
}

// ownTime is an answer's Last-Modified where that is the folder's own time, which any file's coming and going raises. A
// server that gives its newest file's time, as Caddy does, would not tell of one with an old date. Within a second of
// the answer it is no strong validator (RFC 9110 section 8.8.2.2).
func ownTime(h http.Header, newest time.Time) string {
	text := h.Get("Last-Modified")
	at, err := http.ParseTime(text)
	served := servedAt(h)
	if err != nil || served.IsZero() || !at.Before(served.Add(-clockSlack)) || !at.After(newest) {
		return ""
	}
	return text
}

// standsStill reports whether a folder need not be read in this sweep: its parent's listing shows it as it was.
func (w *walk) standsStill(v visiting) bool {
	return w.remembers(v) && v.Seen.ETag == "" && v.Seen.LastModified == "" && v.Listed != ""
}

// remembers reports whether what is kept of a folder may stand for it.
func (w *walk) remembers(v visiting) bool {
	s := v.Seen
	return v.current && v.Lists && !v.Matches && len(s.Rows) > 0 && time.Since(s.Fetched) < w.src.RevisitFolders &&
		(v.Listed == "" || v.Listed == s.Listed)
}

// listedBefore are the links that an earlier visit found. What they show of folders is not known any more.
func listedBefore(s *plane.Seen) ([]plane.Item, error) {
	links := s.Links
	if len(s.Rows) > 0 {
		var err error
		if links, err = unpackRows(s.Rows); err != nil {
			return nil, err
		}
	}
	out := relisted(links)
	for i := range out {
		if out[i].Lists && !out[i].Matches {
			out[i].Listed = ""
		}
	}
	return out, nil
}

// packRows makes rows small: they are much alike, and many are kept.
func packRows(items []plane.Item) ([]byte, error) {
	var b bytes.Buffer
	z, err := flate.NewWriter(&b, flate.BestSpeed)
	if err != nil {
		return nil, fmt.Errorf("pack rows: %w", err)
	}
	if err := json.NewEncoder(z).Encode(items); err != nil {
		return nil, fmt.Errorf("pack rows: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("pack rows: %w", err)
	}
	return b.Bytes(), nil
}

func unpackRows(b []byte) (items []plane.Item, err error) {
	if err := json.NewDecoder(flate.NewReader(bytes.NewReader(b))).Decode(&items); err != nil && err != io.EOF {
		return nil, fmt.Errorf("unpack rows: %w", err)
	}
	return items, nil
}

// shownUnits reads "4.9K" and "12 MiB", which are no exact sizes.
var shownUnits = regexp.MustCompile(`(?:^|\s)(\d+(?:[.,]\d+)?)\s?([KMGTkmgt])(?:i?B)?(?:\s|$)`)

// roughSize is about how large an item is, as its listing shows it; 0 when it does not.
func roughSize(it plane.Item) int64 {
	if it.Size > 0 {
		return it.Size
	}
	m := shownUnits.FindStringSubmatch(it.Listed)
	if m == nil {
		return 0
	}
	n, err := strconv.ParseFloat(strings.Replace(m[1], ",", ".", 1), 64)
	if err != nil {
		return 0
	}
	unit := strings.IndexByte("KMGT", strings.ToUpper(m[2])[0]) + 1
	return int64(n * float64(int64(1)<<(10*unit)))
}
