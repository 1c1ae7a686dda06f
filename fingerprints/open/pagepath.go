package open

import "fmt"

// PagePath is the path of a page of a document: "scan.pdf!/page 3" of an item, "a.zip!/scan.pdf!/page 3" of a part whose
// path is part.
func PagePath(item, part string, number int) string {
	if part == "" {
		part = baseName(item)
	}
	return joinPath(part, fmt.Sprintf("page %d", number))
}
