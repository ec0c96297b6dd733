package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Tests that sleep are tests that hope: time passes only in a bubble of
// testing/synctest, which its file has to import.
func TestNobodySleepsByARealClock(t *testing.T) {
	files := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || len(d.Name()) > 2 && d.Name()[0] == '.') {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		files++
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, at := range sleeps(f) {
			t.Errorf("%s sleeps: wait for what the test is about, or use testing/synctest", set.Position(at))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Fatalf("only %d files were found", files)
	}
}

func TestSleepsAreFound(t *testing.T) {
	for src, want := range map[string]int{
		`package x; import "time"; func f() { time.Sleep(1) }`:                                                    1,
		`package x; import clock "time"; func f() { go clock.Sleep(1); defer clock.Sleep(2) }`:                    2,
		`package x; import ("time"; "testing/synctest"); func f() { time.Sleep(1) }; var _ = synctest.Wait`:       0,
		`package x; import "example.org/time2"; func f() { time2.Sleep(1) }`:                                      0,
		`package x; import "time"; func f() { <-time.After(time.Second); time := bed{}; _ = time }; type bed int`: 0,
	} {
		f, err := parser.ParseFile(token.NewFileSet(), "x_test.go", src, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(sleeps(f)); n != want {
			t.Errorf("%d found in %s", n, src)
		}
	}
}

// sleeps are the calls of time.Sleep in a file that knows no bubbles.
func sleeps(f *ast.File) (found []token.Pos) {
	name := ""
	for _, imp := range f.Imports {
		switch imp.Path.Value {
		case `"testing/synctest"`:
			return nil
		case `"time"`:
			if name = "time"; imp.Name != nil {
				name = imp.Name.Name
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if s, ok := call.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "Sleep" {
			if x, ok := s.X.(*ast.Ident); ok && name != "" && x.Name == name {
				found = append(found, call.Pos())
			}
		}
		return true
	})
	slices.Sort(found)
	return found
}
