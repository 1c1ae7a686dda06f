package incident

import (
	"fmt"
	"reflect"
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
