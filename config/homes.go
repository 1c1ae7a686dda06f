package config

// homeOf is where a public place begins, for a source that names only its kind; empty when each source has its own.
func homeOf(kind string) string {
	switch kind {
	case "pastebin":
		return "https://scrape.pastebin.com/"
	case "gist":
		return "https://api.github.com/"
	case "gitlab":
		return "https://gitlab.com/"
	case "zerox0":
		return "https://0x0.st/"
	case "rentry":
		return "https://rentry.co/"
	case "transfersh":
		return "https://transfer.sh/"
	case "mega":
		return "https://mega.nz/"
	}
	return ""
}

// itemsOnly are the kinds of places that list nothing.
var itemsOnly = [...]string{"lenpaste", "plik", "transfersh", "privatebin", "zerox0", "rentry", "rawpaste", "mega"}
