// Package layers holds the import order of ARCHITECTURE.md as a test.
package layers

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/ezkl-go/ezkl"

// order lists the packages: each imports only packages above it. Packages on one line do not import each other.
var order = []string{
	"internal/field internal/page internal/parallel internal/sarif internal/tensor",
	"internal/poly internal/transcript internal/srs/g1batch",
	"internal/srs",
	"internal/srs/unsafesrs internal/srs/fetch",
	"internal/circuit",
	"internal/determinism",
	"internal/determinism/brute",
	"internal/layout",
	"internal/test/toynet internal/proof",
	"internal/claims internal/sumcheck internal/pcs",
	"verify",
	"internal/evm",
	"internal/evm/machine",
	"internal/prover/commit",
	"internal/prover",
	"internal/tamper",
	"internal/prover/reference",
	"internal/graph",
	"internal/onnx",
	"internal/quant",
	"internal/lower",
	"internal/witness internal/report",
	"internal/fuzz",
	"internal/formats",
	"internal/chain",
	"internal/audit",
	"internal/robust",
	".",
	"internal/cli",
	"cmd/ezkl",
}

// closed lists packages whose whole import closure is pinned: nothing else of the module may be linked into them.
var closed = map[string][]string{
	"verify": {
		"internal/field", "internal/poly", "internal/transcript", "internal/circuit", "internal/layout", "internal/proof",
		"internal/claims", "internal/sumcheck", "internal/pcs",
	},
}

// foreign lists what the verifier may import from outside the module and the standard library.
var foreign = []string{"github.com/consensys/gnark-crypto", "golang.org/x/crypto/sha3"}

func TestImportOrder(t *testing.T) {
	rank := map[string]int{}
	for i, line := range order {
		for _, p := range strings.Fields(line) {
			rank[p] = i
		}
	}
	imports := readImports(t, "../../..")
	for pkg, list := range imports {
		if strings.HasPrefix(pkg, "internal/test/") || strings.HasPrefix(pkg, "tools/") || strings.HasPrefix(pkg, "bench") {
			continue
		}
		mine, ok := rank[pkg]
		if !ok {
			t.Errorf("%s has no place in the import order: see ARCHITECTURE.md", pkg)
			continue
		}
		for _, imp := range list {
			if !strings.HasPrefix(imp, module) {
				continue
			}
			other := strings.TrimPrefix(strings.TrimPrefix(imp, module), "/")
			if other == "" {
				other = "."
			}
			if r, ok := rank[other]; !ok || r >= mine {
				t.Errorf("%s imports %s, which is not above it", pkg, other)
			}
		}
	}
	for pkg, allowed := range closed {
		checkClosure(t, imports, pkg, allowed)
	}
}

// checkClosure follows the imports of a package.
func checkClosure(t *testing.T, imports map[string][]string, pkg string, allowed []string) {
	seen := map[string]bool{}
	var visit func(p string)
	visit = func(p string) {
		if seen[p] {
			return
		}
		seen[p] = true
		if p != pkg && !slices.Contains(allowed, p) {
			t.Errorf("%s links %s", pkg, p)
		}
		for _, imp := range imports[p] {
			if rest, ok := strings.CutPrefix(imp, module+"/"); ok {
				visit(rest)
			} else if strings.Contains(strings.Split(imp, "/")[0], ".") && !slices.ContainsFunc(foreign, func(f string) bool { return strings.HasPrefix(imp, f) }) {
				t.Errorf("%s links %s", pkg, imp)
			}
		}
	}
	visit(pkg)
}

// readImports parses the non-test files below root: imports by package folder.
func readImports(t *testing.T, root string) map[string][]string {
	out := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == ".git" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		dir, _ := filepath.Rel(root, filepath.Dir(path))
		dir = filepath.ToSlash(dir)
		out[dir] = append(out[dir], "")
		for _, imp := range f.Imports {
			p, _ := strconv.Unquote(imp.Path.Value)
			out[dir] = append(out[dir], p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
