package config

import (
	"fmt"
	"sort"
	"strings"
)

// Problem is one thing that is wrong in the configuration.
type Problem struct {
	File string // empty for a variable of the environment
	Line int    // from 1; 0 when no line is to blame
	Key  string // dotted: "sources[1].every", or the variable's name
	What string // what is wrong and what would be right
}

// String is "file:line: key: what".
func (p Problem) String() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File)
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d", p.Line)
		}
		b.WriteString(": ")
	}
	if p.Key != "" {
		b.WriteString(p.Key + ": ")
	}
	b.WriteString(p.What)
	return b.String()
}

// Error is everything that is wrong in one configuration, in the order of its lines.
type Error struct{ Problems []Problem }

// Error prints one problem a line.
func (e *Error) Error() string {
	if len(e.Problems) == 1 {
		return e.Problems[0].String()
	}
	lines := make([]string, 0, len(e.Problems)+1)
	lines = append(lines, fmt.Sprintf("%d problems in the configuration:", len(e.Problems)))
	for _, p := range e.Problems {
		lines = append(lines, "  "+p.String())
	}
	return strings.Join(lines, "\n")
}

// place is where a value was set.
type place struct {
	file string
	line int
	name string // the variable, when it comes from the environment
}

// reader gathers what is wrong while the file and the environment are applied.
type reader struct {
	file     string
	env      []string
	places   map[string]place
	problems []Problem
	warnings []string
}

// blame adds a problem at a line of the file.
func (r *reader) blame(line int, key, format string, args ...any) {
	r.problems = append(r.problems, Problem{File: r.file, Line: line, Key: key, What: fmt.Sprintf(format, args...)})
}

// blameKey adds a problem where the key was set, or without a line when it was not.
func (r *reader) blameKey(key, format string, args ...any) {
	at, ok := r.places[key]
	if ok && at.name != "" {
		r.problems = append(r.problems, Problem{Key: at.name, What: fmt.Sprintf(format, args...)})
		return
	}
	r.blame(at.line, key, format, args...)
}

func (r *reader) warn(format string, args ...any) {
	r.warnings = append(r.warnings, fmt.Sprintf(format, args...))
}

func (r *reader) err() error {
	if len(r.problems) == 0 {
		return nil
	}
	sort.SliceStable(r.problems, func(i, j int) bool { return r.problems[i].order() < r.problems[j].order() })
	return &Error{Problems: r.problems}
}

// order sorts lines first, then what has no line.
func (p Problem) order() int {
	if p.Line == 0 {
		return maxFile + 1
	}
	return p.Line
}
