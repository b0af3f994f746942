// Package classes holds the test that docs/testing.md's table of vulnerability classes and the names of tests agree.
package classes

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// counts are the classes: C1 to C18, and so on.
var counts = map[string]int{"C": 18, "P": 16, "E": 11, "M": 6}

var (
	row     = regexp.MustCompile(`(?m)^\| ([CPEM]\d+) \| ([^|]+) \| ([^|]+) \|$`)
	testRef = regexp.MustCompile("`([a-z0-9/]+)\\.(Test\\w+)`")
	// named are tests with classes in front of their names, such as TestP1_P2_EveryValueIsAbsorbed
	named = regexp.MustCompile(`^Test((?:[CPEM]\d+_)+)`)
)

// TestEveryClass wants a row for every class: its tests, which exist and are named after it, or why there is none. And
// every test that is named after a class must be in its row.
func TestEveryClass(t *testing.T) {
	text, err := os.ReadFile("../../../docs/testing.md")
	if err != nil {
		t.Fatal(err)
	}
	tests := testNames(t, "../../..")
	listed := map[string]bool{} // class dir.name
	rows := map[string]bool{}
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		class, cell := m[1], m[3]
		if rows[class] {
			t.Errorf("%s has two rows", class)
		}
		rows[class] = true
		refs := testRef.FindAllStringSubmatch(cell, -1)
		if len(refs) == 0 && !strings.HasPrefix(cell, "cannot occur: ") && !strings.HasPrefix(cell, "open: ") && !strings.HasPrefix(cell, "no test can show it: ") {
			t.Errorf("%s: neither a test nor a reason: %s", class, cell)
		}
		for _, r := range refs {
			ref := r[1] + "." + r[2]
			listed[class+" "+ref] = true
			if !tests[ref] {
				t.Errorf("%s: there is no %s", class, ref)
			}
			if !strings.Contains(r[2], class+"_") {
				t.Errorf("%s: %s is not named after it", class, ref)
			}
		}
	}
	for letter, n := range counts {
		for i := 1; i <= n; i++ {
			if class := letter + strconv.Itoa(i); !rows[class] {
				t.Errorf("docs/testing.md has no row for %s", class)
			}
		}
	}
	for ref := range tests {
		_, name, _ := strings.Cut(ref, ".")
		m := named.FindStringSubmatch(name)
		if m == nil {
			continue
		}
		for class := range strings.SplitSeq(strings.Trim(m[1], "_"), "_") {
			if !listed[class+" "+ref] {
				t.Errorf("docs/testing.md: the row of %s lacks %s", class, ref)
			}
		}
	}
}

// testNames are the test functions below root, as folder.Name; the root's folder is ezkl.
func testNames(t *testing.T, root string) map[string]bool {
	out := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == ".git" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		tree, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		if dir = filepath.ToSlash(dir); dir == "." {
			dir = "ezkl"
		}
		for _, decl := range tree.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				out[dir+"."+f.Name.Name] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
