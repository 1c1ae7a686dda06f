package layers

import (
	"go/ast"
	"go/token"
	"strings"
)

// state finds package variables that change while the program runs: two callers in one process would meet there, and tests could
// not run side by side.
func state(files []*File) []Finding {
	byFolder := map[string]map[string]bool{}
	var out []Finding
	for _, f := range files {
		if f.Test {
			continue
		}
		if byFolder[f.Folder] == nil {
			byFolder[f.Folder] = map[string]bool{}
		}
		eachVariable(f, func(name *ast.Ident, spec *ast.ValueSpec) {
			byFolder[f.Folder][name.Name] = true
			if what := mutableType(spec); what != "" {
				out = append(out, f.at(name.Pos(), "the package variable %s is a %s: put it into a struct that the caller owns", name.Name, what))
			}
		})
	}
	for _, f := range files {
		if !f.Test {
			out = append(out, assigned(f, byFolder[f.Folder])...)
		}
	}
	return out
}

func eachVariable(f *File, do func(*ast.Ident, *ast.ValueSpec)) {
	for _, d := range f.Syntax.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, s := range g.Specs {
			spec := s.(*ast.ValueSpec) // a var declaration holds nothing else
			for _, name := range spec.Names {
				if name.Name != "_" {
					do(name, spec)
				}
			}
		}
	}
}

// mutableType names the type of a variable that is there to be changed. What holds a lock or an atomic value serves no other end;
// sync.Once and a pool are caches that nobody can tell from a constant.
func mutableType(spec *ast.ValueSpec) string {
	t := spec.Type
	if t == nil && len(spec.Values) == 1 {
		if lit, ok := spec.Values[0].(*ast.CompositeLit); ok {
			t = lit.Type
		}
	}
	if index, ok := t.(*ast.IndexExpr); ok {
		t = index.X // atomic.Pointer[T]
	}
	sel, ok := t.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	x, ok := sel.X.(*ast.Ident)
	if !ok {
		return ""
	}
	name := x.Name + "." + sel.Sel.Name
	if x.Name == "atomic" || name == "sync.Mutex" || name == "sync.RWMutex" || name == "sync.Map" {
		return name
	}
	return ""
}

// assigned finds assignments to the variables of the package inside functions.
func assigned(f *File, variables map[string]bool) []Finding {
	var out []Finding
	check := func(e ast.Expr) {
		root := rootOf(e)
		if root == nil || !variables[root.Name] || !isPackageLevel(f, root) {
			return
		}
		out = append(out, f.at(e.Pos(), "the package variable %s is changed: put it into a struct that the caller owns", root.Name))
	}
	ast.Inspect(f.Syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, e := range n.Lhs {
					check(e)
				}
			}
		case *ast.IncDecStmt:
			check(n.X)
		}
		return true
	})
	return out
}

// rootOf is the variable at the left end of x.y[z].
func rootOf(e ast.Expr) *ast.Ident {
	for {
		switch t := e.(type) {
		case *ast.Ident:
			return t
		case *ast.SelectorExpr:
			e = t.X
		case *ast.IndexExpr:
			e = t.X
		case *ast.StarExpr:
			e = t.X
		case *ast.ParenExpr:
			e = t.X
		default:
			return nil
		}
	}
}

// isPackageLevel says whether a name means the package's variable and no local one that hides it. The parser resolves names
// within one file; a name that it leaves open is declared in another file of the package.
func isPackageLevel(f *File, name *ast.Ident) bool {
	object := name.Obj // go/types would know more, and would need every dependency's types
	if object == nil {
		return !imports(f, name.Name)
	}
	spec, ok := object.Decl.(*ast.ValueSpec)
	if !ok {
		return false
	}
	found := false
	eachVariable(f, func(_ *ast.Ident, s *ast.ValueSpec) { found = found || s == spec })
	return found
}

// imports says whether a name is that of an imported package.
func imports(f *File, name string) bool {
	for i, spec := range f.Syntax.Imports {
		if spec.Name != nil && spec.Name.Name == name || strings.HasSuffix("/"+f.Imports[i], "/"+name) {
			return true
		}
	}
	return false
}
