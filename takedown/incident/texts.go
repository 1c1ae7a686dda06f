package incident

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Texts calls f for each text that a person typed into the file, with its field: what a guard has to read. Free says that the
// field is no organisation's own name or address, which its letterheads may carry too.
func (f File) Texts(yield func(field, text string, free bool)) {
	words := vocabulary()
	var visit func(v reflect.Value, path, general string)
	visit = func(v reflect.Value, path, general string) {
		switch {
		case v.Type() == reflect.TypeFor[Text]():
			for _, l := range append([]string{""}, Languages()...) {
				if s := v.Interface().(Text)[l]; s != "" {
					yield(strings.TrimSuffix(join(path, l), "."), s, true)
				}
			}
		case v.Kind() == reflect.Struct:
			for i, name := range keys(v.Type()) {
				visit(v.Field(i), join(path, name), join(general, name))
			}
		case v.Kind() == reflect.Slice:
			below := general
			if v.Type().Elem().Kind() == reflect.Struct {
				below += "[]"
			}
			for i := range v.Len() {
				visit(v.Index(i), fmt.Sprintf("%s[%d]", path, i), below)
			}
		case v.Kind() == reflect.String && v.Type() != reflect.TypeFor[Date]() && v.String() != "":
			if words[general] == nil {
				yield(path, v.String(), !contact(general))
			}
		}
	}
	visit(reflect.ValueOf(f), "", "")
}

// contact says whether a field is an organisation's own name, address or number.
func contact(field string) bool {
	for _, end := range []string{".name", ".contact", ".email", ".telephone", ".address", ".number", ".given_by", "mandates[].from"} {
		if strings.HasSuffix(field, end) {
			return true
		}
	}
	return false
}

// Leaf is one filled field of the file.
type Leaf struct {
	Path  string // "processors[1].contract.status"
	Value string // texts in the language asked for, lists joined by commas
	Words bool   // the value is made of the file's own words (Kinds, Categories …)
}

// Leaves are the filled fields in the order of the file.
func (f File) Leaves(language string) (out []Leaf) {
	words := vocabulary()
	var visit func(v reflect.Value, path, general string)
	visit = func(v reflect.Value, path, general string) {
		add := func(value string) {
			if value != "" {
				out = append(out, Leaf{path, value, words[general] != nil})
			}
		}
		switch {
		case v.Type() == reflect.TypeFor[Text]():
			add(v.Interface().(Text).In(language))
		case v.Kind() == reflect.Struct:
			for i, name := range keys(v.Type()) {
				visit(v.Field(i), join(path, name), join(general, name))
			}
		case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
			for i := range v.Len() {
				visit(v.Index(i), fmt.Sprintf("%s[%d]", path, i), general+"[]")
			}
		case v.Kind() == reflect.Slice:
			add(strings.Join(v.Interface().([]string), ", "))
		case v.Kind() == reflect.Bool && v.Bool():
			out = append(out, Leaf{path, "yes", true})
		case v.Kind() == reflect.Int && v.Int() != 0:
			add(fmt.Sprint(v.Int()))
		case v.Kind() == reflect.String:
			add(v.String())
		}
	}
	visit(reflect.ValueOf(f), "", "")
	return out
}

// Words are all the words that the file's fields may hold, without those of languages and duties.
func Words() (out []string) {
	for field, words := range vocabulary() {
		if field != "languages" && field != "not_required[].duty" {
			out = append(out, words...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
