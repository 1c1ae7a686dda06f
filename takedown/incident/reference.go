package incident

import (
	"strings"
)

// Reference is docs/leak-file.md.
func Reference() string {
	var b strings.Builder
	b.WriteString(`# The leak file

<!-- Made by ` + "`go generate ./config`" + ` from takedown/incident/fields.go. Change it there. -->

What counsel fills in once about a leak, as YAML; every notice, letter and dossier draws on it. ` + "`leak-file.example.yaml`" + ` beside this page is a filled one.
` + "`unmirror leak add SLUG PATH... --leak-file FILE`" + ` takes it, ` + "`unmirror leak file SLUG --set FILE`" + ` replaces it, ` + "`unmirror leak file SLUG`" + ` prints it, ` + "`--blank`" + ` an empty one to fill in. Counsel may do the same on the desk.

It holds no victim's data: a text in which an identifier out of the leak is found is refused. It is kept sealed, each version with who wrote it. An empty field is
unknown; nothing is guessed.

A date is a year, a month, a day, or a moment (` + "`2016`, `2016-03`, `2016-03-14`, `2016-03-14T09:30+01:00`" + `); without an offset it is UTC. A text is one for every language,
or one for each of nl, fr, de, en (` + "`title: {nl: …, en: …}`" + `). ` + "`[]`" + ` marks a list; one element alone needs no list around it.

| field | what to write there |
|---|---|
`)
	for _, f := range Fields() {
		b.WriteString("| `" + f.Path + "` | " + f.What)
		if len(f.Words) > 0 {
			b.WriteString(": `" + strings.Join(f.Words, "`, `") + "`")
		}
		b.WriteString(" |\n")
	}
	b.WriteString(`
## What waits for it

| what | waits for |
|---|---|
| a sweep of a source with a public address | ` + "`data.categories`, `data.persons`, `legal.purpose`, `legal.article_6`, `legal.dpia`" + `, a reason for this source in ` + "`sources`" + `; ` + "`legal.article_9`" + ` where a special category of data is concerned (health, origin, political, belief, union, genetic, biometric, sexuality: also when known files say so); ` + "`legal.balancing_test`" + ` where the basis is 6(1)(f); in Belgium and the Netherlands, where staff are concerned, ` + "`legal.works_council`" + ` of that country; and what any listed works council lacks |
| matching on national numbers | ` + "`national_numbers.authority`, or `--number-authority`, when the leak is registered" + ` |

A source is swept on behalf of the leaks whose file allows it; what is found of the others is not kept, and they are named with the fields that they lack. Sources of which all
addresses lie within ` + "`crawler.allow_private`" + ` need no leak file.
`)
	return b.String()
}
