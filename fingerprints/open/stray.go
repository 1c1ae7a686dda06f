package open

import "strings"

// officeFolders are where the parts of office documents lie.
var officeFolders = []string{
	"_rels/", "docProps/", "customXml/", "word/", "xl/", "ppt/", "visio/", "META-INF/", "Pictures/", "Thumbnails/", "Configurations2/", "Object", "ObjectReplacements/",
	"media/", "Media/", "Basic/", "Dialogs/", "layout-cache", "package/", "_xmlsignatures/", "dialogs/",
}

// stray tells of a member of an office document whether it is none of its parts: an archive that is dressed up as a
// document by one file more must be opened like any other.
func stray(name string) bool {
	for _, dir := range officeFolders {
		if strings.HasPrefix(name, dir) {
			return false
		}
	}
	switch name {
	case "[Content_Types].xml", "mimetype", "content.xml", "styles.xml", "meta.xml", "settings.xml", "manifest.rdf", "current.xml", "[trash]":
		return false
	}
	return !strings.HasPrefix(name, "[trash]/")
}
