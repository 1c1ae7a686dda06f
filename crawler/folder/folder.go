// Package folder writes a folder of a place that does not speak HTTP as a listing in the JSON form of Caddy's file
// server, which kind directory reads. It never fetches anything.
package folder

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// MediaType is that of a listing.
const MediaType = "application/json"

const maxContacts = 8

// Entry is one name of a folder.
type Entry struct {
	Name     string     `json:"name"`
	Size     *int64     `json:"size,omitempty"` // bytes; nil: not told
	URL      string     `json:"url"`            // relative to the folder, escaped byte by byte
	Modified *time.Time `json:"mod_time,omitempty"`
	IsDir    bool       `json:"is_dir"`
	// Contact, of an entry without a name, are the mail addresses that the place gives of itself, as mailto addresses.
	Contact string `json:"contact,omitempty"`
}

// New makes an entry; a size below 0 and a zero time are not told. False: no name of a folder's own entry.
func New(name string, size int64, at time.Time, dir bool) (Entry, bool) {
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\x00") {
		return Entry{}, false
	}
	e := Entry{Name: strings.ToValidUTF8(name, string(utf8.RuneError)), IsDir: dir, URL: "./" + url.PathEscape(name)}
	if dir {
		e.URL += "/"
	} else if size >= 0 {
		e.Size = &size
	}
	if year := at.UTC().Year(); !at.IsZero() && year > 0 && year < 10_000 { // JSON has no others
		at = at.UTC()
		e.Modified = &at
	}
	return e, true
}

// JSON writes a listing. Said is what the place says of itself, whose mail addresses are given on.
func JSON(list []Entry, said string) string {
	var contacts []string
	for _, m := range mailAddress.FindAllString(said, maxContacts) {
		contacts = append(contacts, "mailto:"+m)
	}
	if len(contacts) > 0 {
		list = append(list, Entry{Contact: strings.Join(contacts, " ")})
	}
	if list == nil {
		list = []Entry{}
	}
	b, err := json.Marshal(list)
	if err != nil {
		return "[]" // text, numbers and such times always marshal
	}
	return string(b)
}

var mailAddress = regexp.MustCompile(`(?i)\b[a-z0-9._%+-]{1,64}@[a-z0-9.-]{1,190}\.[a-z]{2,24}\b`)
