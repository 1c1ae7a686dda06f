package kind

import (
	"fmt"
	"strings"
)

// note is what the reference tells of a kind beside its row.
type note struct {
	lists     string // where its items come from
	publishes string // digests and sizes that it tells without the content
	tried     string // the software that it was run against, or what its tests' answers are shaped on
}

const recorded = "answers shaped on recorded ones"

func notes() map[string]note {
	return map[string]note{
		"directory":        {"folders, recursively", "exact sizes where the listing writes them out", "nginx (HTML, JSON, XML, fancyindex), Apache, lighttpd, Caddy, Python's http.server; " + recorded + " of IIS"},
		"feed":             {"the entries of RSS, Atom and JSON Feed and what is attached to them", "", "feeds in the form of WordPress, Jekyll, phpBB, Mastodon, Blogger and Micro.blog"},
		"haste":            {"`items`, or a page that lists keys, by `item`", "", recorded},
		"listing":          {"a page of items by CSS selectors, and its next pages", "", ""},
		"site":             {"the links of a site, within depth and `follow`, and the images of 200 pixels or more that its pages show, on the same host", "", "sites of the form that the tests serve"},
		"pastebin":         {"the scraping API, or the archive page", "sizes", recorded},
		"gist":             {"the public gists of the API", "git blob SHA-1, size", recorded},
		"lenpaste":         {"`items`", "", recorded},
		"opengist":         {"the public gists of the API", "", recorded},
		"plik":             {"`items`: uploads", "MD5, size", recorded},
		"transfersh":       {"`items`", "size, by HEAD", recorded},
		"privatebin":       {"`items`: links with their keys", "", recorded},
		"zerox0":           {"`items`", "", recorded},
		"rentry":           {"`items`", "", ""},
		"microbin":         {"the list of public pastes", "", ""},
		"rawpaste":         {"`items`", "", "answers in the form of such servers"},
		"mega":             {"links found elsewhere: they are reported", "", "nothing is asked"},
		"telegram":         {"messages of a public channel, page by page", "names and rounded sizes of documents", recorded},
		"gitlab":           {"public snippets", "", ""},
		"discourse":        {"the latest topics, and their posts", "", ""},
		"phpbb":            {"forums and topics, with attachments", "", ""},
		"mybb":             {"forums and threads, with attachments", "", ""},
		"s3":               {"all objects of a bucket, or below a prefix", "MD5 or the multipart ETag, SHA-256 or CRC where the store tells them, size", "gofakes3; " + recorded + " of minio"},
		"ftp":              {"folders, recursively, by MLSD or LIST", "size, time", "vsftpd, pyftpdlib"},
		"rsync":            {"modules and folders, recursively", "size, time", "rsync 3.5"},
		"sitemap":          {"the pages of a sitemap, of its indexes, of a text", "", recorded},
		"json":             {"the items at a path of an answer in JSON", "", ""},
		"torrent":          {"the files of .torrent files, and pages that link to such", "v2 pieces roots, v1 pieces of files that begin at a piece, size", "files of libtorrent and mktorrent"},
		"archiveorg":       {"the files of `items`", "MD5, SHA-1, CRC-32, size", ""},
		"wayback":          {"the captures of a site, each content once", "SHA-1", ""},
		"commoncrawl":      {"the captures of a site in the newest indexes", "SHA-1", ""},
		"ipfs":             {"`items`: CIDs, and the folders below; with `lookups`, who provides known files", "the CID itself", recorded + " of kubo"},
		"softwareheritage": {"with `lookups`, whether it holds known files", "SHA-256, size", ""},
		"urlscan":          {"with `lookups`, scanned pages that served known files", "", ""},
		"searxng":          {"pages found for the source's `beacons`", "", ""},
	}
}

// Reference is the table of kinds as a document, in Markdown.
func Reference() string {
	var b strings.Builder
	b.WriteString("# Kinds of sources\n\nGenerated from the table in `crawler/kind`: do not edit. What a source of a kind needs in the " +
		"configuration is in [configuration.md](configuration.md).\n\nWhat is never fetched anywhere, whatever the kind: addresses at which a " +
		"service would archive, relay, translate, search, scan, preview or provide again what it is asked for, and links that act or end with the " +
		"first reading. A redirect there is not followed either. Only GET and HEAD are ever sent.\n")
	all := notes()
	for _, k := range table() {
		n := all[k.Name]
		fmt.Fprintf(&b, "\n## %s\n\n", k.Name)
		line := func(name, text string) {
			if text != "" {
				fmt.Fprintf(&b, "- **%s:** %s.\n", name, strings.TrimSuffix(text, "."))
			}
		}
		line("Lists", n.lists)
		line("Tells without the content", n.publishes)
		line("Gone", k.Gone)
		line("Never fetched", k.Never)
		line("Sends", map[Sends]string{
			SendsDigests: "digests of known files above a size floor, only where the source has `lookups: true`",
			SendsBeacons: "the source's `beacons`, which the guard has checked",
		}[k.Sends])
		line("Operator's contact", k.Contact)
		if line("Untried", k.Untried); k.Untried == "" {
			line("Tried against", n.tried)
		}
	}
	return b.String()
}
