package fingerprints

import (
	"path"
	"regexp"
	"strings"
)

// versionMark is what people put behind a file's name to tell one version of a document from another. Bare numbers are
// not among them: letters of one template are numbered, too.
var versionMark = regexp.MustCompile(`(?:[\s._-]+|^)(?:v(?:er(?:s(?:ie|ion)?)?)?[\s._-]?\d+(?:[._]\d+)*|rev(?:isie|ision)?[\s._-]?\d*|finale?[\s._-]?\d*|finaal|definitief|definitieve|def|draft|ontwerp|concept|klad|entwurf|endfassung|projet|brouillon|` +
	`cop(?:y|ie)|kopie|kopi|old|oud|new|nieuw|neu|alt|ancien|nouveau|corr(?:ected|ectie|ig[eé]e?)?|clean|rein|signed|getekend|tracked|comments?|opmerkingen|review|bis|\(\d{1,2}\))$`)

// documentStem is a file's name without its extension and the marks of a version. Of a name that is nothing else, the
// folder tells the document.
func documentStem(name string) string {
	s := strings.ToLower(stem(name))
	for {
		cut := strings.TrimRight(versionMark.ReplaceAllString(s, ""), " ._-")
		if cut == s {
			break
		}
		s = cut
	}
	if s == "" {
		return path.Dir(name) + "/"
	}
	return s
}
