package config

import (
	"slices"
	"strings"
)

// prefix begins every variable that is ours.
const prefix = "UNMIRROR_"

// foreign begin the variables that belong to the tests, the demonstration and the process that opens hostile content.
var foreign = [...]string{"UNMIRROR_TEST_", "UNMIRROR_DEMO_", "UNMIRROR_OPEN_", "UNMIRROR_CHILD", "UNMIRROR_SCREENSHOTS"}

// Variable is the name of the environment variable that sets a key: UNMIRROR_CRAWLER_PER_HOST_DELAY for crawler.per_host_delay.
func Variable(key string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// environment applies the variables; they win over the file. An empty variable counts as not set, as container files leave them.
func (r *reader) environment(c *Config) {
	keys := globalKeys()
	byName := make(map[string]key[Config], len(keys))
	known := make([]string, 0, len(keys))
	for _, k := range keys {
		byName[Variable(k.name)] = k
		known = append(known, strings.ToLower(Variable(k.name)))
	}
	for _, pair := range r.env {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, prefix) || value == "" || isForeign(name) {
			continue
		}
		k, ok := byName[name]
		if !ok {
			r.warnVariable(name, known)
			continue
		}
		r.places[k.name] = place{name: name}
		r.setVariable(name, value, k.field(c), k.check)
	}
}

func isForeign(name string) bool {
	return slices.ContainsFunc(foreign[:], func(p string) bool { return strings.HasPrefix(name, p) })
}

func (r *reader) warnVariable(name string, known []string) {
	if near := nearest(name, known); near != "" {
		r.warn("the variable %s sets nothing; did you mean %s?", name, strings.ToUpper(near))
		return
	}
	r.warn("the variable %s sets nothing", name)
}

func (r *reader) setVariable(name, value string, target any, check func(string) error) {
	wrong := func(err error) {
		r.problems = append(r.problems, Problem{Key: name, What: err.Error()})
	}
	list, ok := target.(*[]string)
	if !ok {
		if err := assign(target, value, r.env, check); err != nil {
			wrong(err)
		}
		return
	}
	*list = splitList(value)
	for _, element := range *list {
		if check == nil {
			continue
		}
		if err := check(element); err != nil {
			wrong(err)
		}
	}
}

// splitList reads "a, b": how a list is written in a variable and in the table of keys.
func splitList(s string) []string {
	var out []string
	for element := range strings.SplitSeq(s, ",") {
		if element = strings.TrimSpace(element); element != "" {
			out = append(out, element)
		}
	}
	return out
}
