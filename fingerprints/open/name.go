package open

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// maxName is how many bytes of a member's name are kept.
const maxName = 1024

// memberName makes a name found inside a container harmless: no way out of the
// folder, no control or invisible formatting characters, valid UTF-8, bounded.
func memberName(raw string) string {
	if !utf8.ValidString(raw) {
		// Old packers store the code page of their system; 437 and 850 agree on the letters of western Europe.
		if s, err := charmap.CodePage850.NewDecoder().String(raw); err == nil {
			raw = s
		}
	}
	raw = strings.ReplaceAll(raw, `\`, "/")
	name := strings.TrimPrefix(path.Clean("/"+dropControls(raw)), "/")
	if name == "" {
		return "unnamed"
	}
	return cut(name, maxName)
}

// cleanPath is what an honest path comes back from unchanged.
func cleanPath(p string) string { return cut(dropControls(strings.ToValidUTF8(p, "")), maxPath) }

func dropControls(s string) string {
	return strings.Map(func(r rune) rune {
		if ' ' <= r && r < 0x7f { // most are
			return r
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
}

// cut keeps the last n bytes, from a rune's start: the tail of a path tells more than its head.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	s = s[len(s)-n:]
	for len(s) > 0 && !utf8.RuneStart(s[0]) {
		s = s[1:]
	}
	return s
}

// joinPath gives the path of a member of what lies at parent.
func joinPath(parent, member string) string {
	return cut(parent+"!/"+memberName(member), maxPath)
}

// baseName is the name under which the item appears at the head of its members' paths.
func baseName(item string) string {
	if last := item[strings.LastIndexAny(item, `/\`)+1:]; plainName(last) {
		return last
	}
	return path.Base(memberName(item))
}

// plainName reports whether memberName leaves a last name as it is, as most are.
func plainName(s string) bool {
	if s == "" || s == "." || s == ".." || len(s) > maxName {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}
