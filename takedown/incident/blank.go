package incident

import (
	"reflect"
	"strings"
)

// Blank is a leak file in which nothing is filled in: each field with what to write there. Lists are commented out.
func Blank() string {
	b := &form{what: map[string]Field{}}
	for _, f := range Fields() {
		b.what[f.Path] = f
	}
	b.out.WriteString("# Fill in what is known and leave the rest empty: nothing is guessed. No victim's data belongs here.\n")
	b.fields(reflect.TypeFor[File](), "", "")
	return b.out.String()
}

// form writes the form.
type form struct {
	what map[string]Field
	out  strings.Builder
}

// fields writes the fields of a struct; indent begins with "# " inside a list.
func (b *form) fields(t reflect.Type, path, indent string) {
	for i, name := range keys(t) {
		f, at := t.Field(i).Type, join(path, name)
		lead := indent
		if strings.HasSuffix(path, "[]") && i == 0 {
			lead = indent[:len(indent)-2] + "- "
		}
		switch {
		case f.Kind() == reflect.Struct:
			b.out.WriteString(lead + name + ":\n")
			b.fields(f, at, indent+"  ")
		case f.Kind() == reflect.Slice && f.Elem().Kind() == reflect.Struct:
			if !strings.HasPrefix(lead, "#") {
				lead = "# " + lead
			}
			b.out.WriteString(lead + name + ":\n")
			b.fields(f.Elem(), at+"[]", "# "+strings.TrimPrefix(indent, "# ")+"    ")
		default:
			b.leaf(lead, name, b.what[at])
		}
	}
}

func (b *form) leaf(lead, name string, f Field) {
	b.out.WriteString(lead + name + ":  # " + f.What)
	if len(f.Words) > 0 {
		b.out.WriteString(": " + strings.Join(f.Words, ", "))
	}
	b.out.WriteString("\n")
}
