package open

// pdfSupport says which reader PDF files get.
func pdfSupport() string {
	t := findTools()
	if t.pdftotext == "" {
		return "PDF: pdftotext not found (package poppler-utils); the pure-Go reader finds about three words in four"
	}
	return "PDF: pdftotext " + t.pdftotextVersion + " at " + t.pdftotext
}
