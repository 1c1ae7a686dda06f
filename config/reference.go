package config

import (
	"fmt"
	"strings"
)

// Reference is the whole of docs/configuration.md, made from the table of keys; `go generate ./config` writes it.
func Reference() string {
	var b strings.Builder
	b.WriteString(referenceHead)
	section := ""
	for _, k := range globalKeys() {
		if name := sectionOf(k.name); name != section {
			section = name
			fmt.Fprintf(&b, "\n## %s\n\n| key | type | default | |\n|---|---|---|---|\n", section)
		}
		row(&b, k, new(Config))
	}
	b.WriteString("\n## sources\n\nA list; each element is one place that is swept. Each kind reads its own keys, and one that it does not read is refused.\n\n| key | type | default | |\n|---|---|---|---|\n")
	for _, k := range sourceKeys() {
		row(&b, k, new(Source))
	}
	b.WriteString("\n## recipients\n\nA list: the operator's own contact directory, which comes first on every ladder.\n\n| key | type | default | |\n|---|---|---|---|\n")
	for _, k := range recipientKeys() {
		row(&b, k, new(Recipient))
	}
	b.WriteString(referenceTail)
	return b.String()
}

const referenceHead = "<!-- Made by `go generate ./config` from config/keys.go: change it there. -->\n" + `# Configuration

One YAML file: the one that ` + "`--config FILE`" + ` names, else ` + "`./unmirror.yaml`" + `, else ` + "`/etc/unmirror/unmirror.yaml`" + `; without any of
them the defaults below hold. A key that is not known is refused, with the line and the nearest right one; everything that is wrong is told at
once. A key that stands twice in one place is refused, and so are merge keys (` + "`<<`" + `).

**Environment.** Every key outside the two lists can also be set by a variable, which wins over the file: ` + "`UNMIRROR_`" + ` and the key in capitals
with ` + "`_`" + ` for each dot: ` + "`UNMIRROR_CRAWLER_PER_HOST_DELAY=5s`" + `. A list is written with commas. An empty variable counts as not set. A
variable that sets nothing is warned of.

**Paths** are relative to the working directory.

| type | written as |
|---|---|
| duration | ` + "`500ms`, `2s`, `1m30s`, `24h`, or a bare `0`" + ` |
| size | ` + "`4096` (bytes), `500MB` (10⁶), `2GiB` (2³⁰)" + ` |
| schedule | ` + "`@hourly`, `@daily`, `@every 30m`" + `, or the five fields of cron, ` + "`0 8 * * 1`" + `; always UTC |
| secret | a reference, never the secret itself: ` + "`file:PATH`" + ` (one line end after it is cut off) or ` + "`env:NAME`" + ` |
| server URL | ` + "`scheme://user@host:port`" + `; a password in it works, but stands in the file: better a secret beside it. Never printed whole |
`

const referenceTail = `
## Example

` + "```yaml" + `
organisation: {name: "Example Health", role: controller, contact: "Data protection officer", email: privacy@example.org}
crawler: {user_agent_contact: "https://example.org/crawler"}
mail: {smtp: "smtp://takedown@mail.example.org:587", password: "file:/etc/unmirror/smtp.password", from: takedown@example.org}
desk: {public_url: "https://desk.example.org"}
sources:
  - {name: mirror, kind: directory, url: "https://mirror.example.net/pub/", every: "@daily", depth: 5}
  - {name: board, kind: site, url: "https://board.example.net/", depth: 2, follow: "^https://board[.]example[.]net/t/"}
  - {name: small-paste, kind: listing, url: "https://paste.example.net/recent", item: "a.paste", raw: "/raw/{id}"}
recipients:
  - {place: example.net, email: abuse@example.net, language: en, kind: host, profile: {attachments: true, offers_in_eu: true}}
` + "```" + `
`

func sectionOf(name string) string {
	before, _, nested := strings.Cut(name, ".")
	if !nested {
		return "folders"
	}
	return before
}

func row[T any](b *strings.Builder, k key[T], zero *T) {
	doc := k.doc
	if k.required {
		doc += " **Required.**"
	}
	fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", k.name, k.typeName(zero), shownDefault(k, zero), strings.ReplaceAll(doc, "|", "\\|"))
}

func (k key[T]) typeName(zero *T) string {
	if k.as != "" {
		return k.as
	}
	return typeName(k.field(zero))
}

func shownDefault[T any](k key[T], zero *T) string {
	if k.def == "" {
		switch k.field(zero).(type) {
		case *bool:
			return "`false`"
		default:
			return ""
		}
	}
	if _, ok := k.field(zero).(*[]string); ok {
		return "`[" + k.def + "]`"
	}
	return "`" + k.def + "`"
}
