package layers

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The ceilings of STYLE: median and ninetieth percentile stay far below them.
const (
	maxFunction = 80  // lines, from func to its closing brace
	maxFile     = 500 // lines of a file that is no test
	maxDepth    = 6   // imports of ours in a row
)

// vague names say nothing about what a package is for.
var vague = [...]string{"util", "utils", "common", "types", "models", "helpers", "helper", "misc", "shared"}

// Style finds what breaks the house's rules inside files.
func Style(files []*File) []Finding {
	var out []Finding
	for _, f := range files {
		out = append(out, tooLong(f)...)
		out = append(out, cutChains(f)...)
		if f.Test {
			continue
		}
		out = append(out, inits(f)...)
		out = append(out, oldLog(f)...)
		out = append(out, logLines(f)...)
		if slices.Contains(vague[:], path.Base(f.Folder)) {
			out = append(out, f.at(f.Syntax.Package, "the folder's name %s says nothing: name it for a noun", path.Base(f.Folder)))
		}
	}
	out = append(out, comments(files)...)
	return append(out, state(files)...)
}

func tooLong(f *File) []Finding {
	if f.Test {
		return nil // a table of cases may be as long as it must
	}
	var out []Finding
	if f.Lines > maxFile {
		out = append(out, f.at(f.Syntax.Package, "the file has %d lines, more than %d", f.Lines, maxFile))
	}
	for _, d := range f.Syntax.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		lines := f.Set.Position(fn.End()).Line - f.Set.Position(fn.Pos()).Line + 1
		if lines > maxFunction {
			out = append(out, f.at(fn.Pos(), "%s has %d lines, more than %d", fn.Name.Name, lines, maxFunction))
		}
	}
	return out
}

// inits finds func init: its effects happen to whoever imports, unasked.
func inits(f *File) []Finding {
	var out []Finding
	for _, d := range f.Syntax.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
			out = append(out, f.at(fn.Pos(), "func init: let the caller call"))
		}
	}
	return out
}

// oldLog finds the log package, whose lines have no attributes that could be redacted. A server of a test may have to be given
// one of its loggers.
func oldLog(f *File) []Finding {
	if forTests(f.Folder) {
		return nil
	}
	if i := slices.Index(f.Imports, "log"); i >= 0 && !onlyMutes(f) {
		return []Finding{f.at(f.Syntax.Imports[i].Pos(), "imports log: use log/slog with attributes")}
	}
	return nil
}

// onlyMutes says whether a file touches the log package for nothing but to send away what libraries write there.
func onlyMutes(f *File) bool {
	mutes, more := false, false
	ast.Inspect(f.Syntax, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "log" {
				mutes = mutes || s.Sel.Name == "SetOutput"
				more = more || s.Sel.Name != "SetOutput"
			}
		}
		return !more
	})
	return mutes && !more
}

// logMethod is how the methods of slog are called that write a line.
var logMethod = regexp.MustCompile(`^(Debug|Info|Warn|Error)(Context)?$`)

// logLines finds lines whose message is put together at run time: what varies belongs into attributes, which one place redacts.
func logLines(f *File) []Finding {
	var out []Finding
	ast.Inspect(f.Syntax, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || !logMethod.MatchString(sel.Sel.Name) || !isLogger(sel.X) {
			return true
		}
		args := call.Args
		if strings.HasSuffix(sel.Sel.Name, "Context") {
			args = args[1:]
		}
		if len(args) == 0 {
			return true
		}
		if _, constant := literal(args[0]); !constant {
			out = append(out, f.at(call.Pos(), "a log line's message is not constant: put what varies into attributes"))
		}
		for _, a := range args[1:] {
			if composed(a) {
				out = append(out, f.at(a.Pos(), "a log line's attribute is put together by fmt: give its parts as attributes"))
			}
		}
		return true
	})
	return out
}

// composed says whether fmt puts a text together; the name of a type alone is harmless.
func composed(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok || len(call.Args) == 0 || !strings.HasPrefix(callee(call), "fmt.Sprint") {
		return false
	}
	format, _ := literal(call.Args[0])
	return format != "%T"
}

// isLogger goes by the name: log, Log, slog, logger at the end of x.y.z.
func isLogger(e ast.Expr) bool {
	name := ""
	switch e := e.(type) {
	case *ast.Ident:
		name = e.Name
	case *ast.SelectorExpr:
		name = e.Sel.Name
	}
	switch strings.ToLower(name) {
	case "log", "slog", "logger":
		return true
	}
	return false
}

// comments finds packages without a package comment, and those whose comment is no "Package name …" sentence.
func comments(files []*File) []Finding {
	var out []Finding
	has, first := map[string]bool{}, map[string]*File{}
	for _, f := range files {
		if f.Test {
			continue
		}
		if first[f.Folder] == nil {
			first[f.Folder] = f
		}
		if f.Syntax.Doc == nil {
			continue
		}
		has[f.Folder] = true
		text, want := f.Syntax.Doc.Text(), "Package "+f.Syntax.Name.Name+" "
		if f.Syntax.Name.Name == "main" {
			want = "Command "
		}
		if !strings.HasPrefix(text, want) {
			out = append(out, f.at(f.Syntax.Package, "the package comment does not begin with %q", want))
		}
		if !strings.Contains(text, " never ") && !strings.Contains(text, "Never ") {
			out = append(out, f.at(f.Syntax.Package, "the package comment does not say what the package never does"))
		}
	}
	for _, f := range files {
		if !f.Test && first[f.Folder] == f && !has[f.Folder] {
			out = append(out, f.at(f.Syntax.Package, "package %s has no package comment", f.Syntax.Name.Name))
		}
	}
	return out
}

// errorName is how variables that hold an error are called here.
var errorName = regexp.MustCompile(`^(err|[a-z]\w*Err|err[A-Z0-9]\w*)$`)

// cutChains finds errors that are put into another as mere text, so that errors.Is no longer finds them. It goes by names, as
// no types are known to a parser: a variable called err or xyzErr is an error.
func cutChains(f *File) []Finding {
	var out []Finding
	ast.Inspect(f.Syntax, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		switch callee(call) {
		case "fmt.Errorf":
			format, ok := literal(call.Args[0])
			errs := 0
			for _, a := range call.Args[1:] {
				if isError(a) {
					errs++
				}
			}
			if ok && errs > strings.Count(format, "%w") {
				out = append(out, f.at(call.Pos(), "fmt.Errorf cuts the chain of an error: use %%w"))
			}
		case "errors.New":
			if holdsErrorText(call.Args[0]) {
				out = append(out, f.at(call.Pos(), "errors.New cuts the chain of an error: use fmt.Errorf with %%w"))
			}
		}
		return true
	})
	return out
}

func callee(call *ast.CallExpr) string {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	x, ok := sel.X.(*ast.Ident)
	if !ok {
		return ""
	}
	return x.Name + "." + sel.Sel.Name
}

func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			s, err := strconv.Unquote(e.Value)
			return s, err == nil
		}
	case *ast.BinaryExpr:
		x, okX := literal(e.X)
		y, okY := literal(e.Y)
		return x + y, okX && okY
	}
	return "", false
}

// isError says whether an argument is an error or its text.
func isError(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return errorName.MatchString(e.Name)
	case *ast.CallExpr:
		sel, ok := e.Fun.(*ast.SelectorExpr)
		return ok && len(e.Args) == 0 && (sel.Sel.Name == "Error" && isError(sel.X) || sel.Sel.Name == "Err")
	}
	return false
}

func holdsErrorText(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && isError(call) {
			found = true
		}
		return !found
	})
	return found
}
