package ftp

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"unmirror/crawler/folder"
)

const maxEntries = 200_000

var sixNumbers = regexp.MustCompile(`\d{1,3}\s*,\s*\d{1,3}\s*,\s*\d{1,3}\s*,\s*\d{1,3}\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})`)

// stamp reads a time of RFC 3659 section 2.3, which is UTC and may have a fraction.
func stamp(text string) time.Time {
	text, _, _ = strings.Cut(text, ".")
	t, err := time.Parse("20060102150405", text)
	if err != nil {
		return time.Time{}
	}
	return t
}

// parseMLSD reads the facts of RFC 3659 section 7.
func parseMLSD(raw string, _ time.Time) (out []folder.Entry) {
	for line := range strings.Lines(raw) {
		facts, name, ok := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		if !ok || !strings.HasSuffix(facts, ";") || len(out) >= maxEntries {
			continue
		}
		size, at, dir, skip := int64(-1), time.Time{}, false, false
		for f := range strings.SplitSeq(facts, ";") {
			k, v, _ := strings.Cut(f, "=")
			switch strings.ToLower(k) {
			case "type":
				v = strings.ToLower(v)
				dir, skip = v == "dir", v == "cdir" || v == "pdir"
			case "size":
				if n, err := strconv.ParseInt(v, 10, 64); err == nil && n >= 0 {
					size = n
				}
			case "modify":
				at = stamp(v)
			}
		}
		if e, ok := folder.New(name, size, at, dir); ok && !skip {
			out = append(out, e)
		}
	}
	return out
}

var (
	// Owner and group may be one column or two. After the time comes one space, the rest is the name with its own spaces.
	unixLine = regexp.MustCompile(`^([-bcdlps])[-rwxsStTlL]{9}[.+@]?\s+\d+\s+\S+\s+(?:\S.*?\s+)??(\d+)\s+((?:\w{3}\s+\d{1,2}|\d{1,2}\s+\w{3})\s+(?:\d{1,2}:\d{2}|\d{4})|\d{4}-\d{2}-\d{2} \d{2}:\d{2}(?::\d{2})?) (.+)$`)
	dosLine  = regexp.MustCompile(`^(\d{2}-\d{2}-\d{2,4}|\d{4}-\d{2}-\d{2})\s+(\d{1,2}:\d{2})\s*([AaPp][Mm])?\s+(<DIR>|<JUNCTION>|<SYMLINKD>|[\d,.]+)\s+(.+)$`)
)

// parseList reads the lists of Unix servers and of Microsoft's. What is neither is passed over.
func parseList(raw string, now time.Time) (out []folder.Entry) {
	for line := range strings.Lines(raw) {
		line = strings.TrimRight(line, "\r\n")
		if len(out) >= maxEntries {
			return out
		}
		if m := unixLine.FindStringSubmatch(line); m != nil {
			out = unixEntry(out, m, now)
		} else if m := dosLine.FindStringSubmatch(line); m != nil {
			out = dosEntry(out, m)
		}
	}
	return out
}

func unixEntry(out []folder.Entry, m []string, now time.Time) []folder.Entry {
	if !strings.Contains("-dl", m[1]) {
		return out // devices, pipes and sockets hold nothing to read
	}
	name, size := m[4], int64(-1)
	if m[1] == "l" {
		name, _, _ = strings.Cut(name, " -> ") // asked for as a file; a folder then redirects
	} else if n, err := strconv.ParseInt(m[2], 10, 64); err == nil {
		size = n
	}
	if e, ok := folder.New(name, size, listedTime(m[3], now), m[1] == "d"); ok {
		out = append(out, e)
	}
	return out
}

// listedTime reads what ls shows; without a year it is the last such day.
func listedTime(text string, now time.Time) time.Time {
	text = strings.Join(strings.Fields(text), " ")
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05", "Jan 2 2006", "2 Jan 2006"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t
		}
	}
	for _, layout := range []string{"Jan 2 15:04 2006", "2 Jan 15:04 2006"} {
		for _, year := range []int{now.Year(), now.Year() - 1} {
			t, err := time.Parse(layout, text+" "+strconv.Itoa(year))
			if err == nil && t.Before(now.Add(24*time.Hour)) {
				return t
			}
		}
	}
	return time.Time{}
}

func dosEntry(out []folder.Entry, m []string) []folder.Entry {
	at := time.Time{}
	text := strings.ToUpper(strings.TrimSpace(m[1] + " " + m[2] + m[3]))
	for _, layout := range []string{"01-02-06 3:04PM", "01-02-2006 3:04PM", "01-02-06 15:04", "01-02-2006 15:04", "2006-01-02 3:04PM", "2006-01-02 15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			at = t
			break
		}
	}
	dir, size := strings.HasPrefix(m[4], "<"), int64(-1)
	if !dir {
		if n, err := strconv.ParseInt(strings.NewReplacer(",", "", ".", "").Replace(m[4]), 10, 64); err == nil {
			size = n
		}
	}
	if e, ok := folder.New(m[5], size, at, dir); ok {
		out = append(out, e)
	}
	return out
}
