package notice

import (
	"strings"

	"unmirror/takedown/law"
)

// Version is one language's part of a body: the English one stands below the rule, the recipient's above it. A body in one language is
// its own version.
func Version(body, lang string) string {
	body = Canonical(body)
	own, english, found := strings.Cut(body, "\n"+rule("English version"))
	if !found {
		return body
	}
	if language(lang) == "en" {
		return Canonical(strings.TrimLeft(english, "\n"))
	}
	return Canonical(own)
}

// Reasons is a version without what forms ask for in fields of their own: its head, and the sections on locations and notifier.
func Reasons(version string) string {
	var out []string
	keep := false
	for _, p := range paragraphs(version) {
		head, _, _ := strings.Cut(p, " ")
		if strings.HasSuffix(head, ".") && len(head) == 2 && head[0] >= '1' && head[0] <= '9' && !strings.Contains(p, "\n") {
			keep = head != "2." && head != "3."
		}
		if keep {
			out = append(out, p)
		}
	}
	return strings.Join(out, "\n\n")
}

// KindsOfData lists the kinds of data concerned, in plain words of that language.
func KindsOfData(t law.Table, f Facts, lang string) string {
	all, err := loadWords(t)
	if err != nil {
		return ""
	}
	return all[language(lang)].categories(f.Categories)
}
