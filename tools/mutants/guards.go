package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

// checked are the files whose guards are mutated, with the packages that test them.
var checked = []struct {
	pattern string
	tests   []string
}{
	{"verify/*.go", []string{"./verify"}},
	{"internal/proof/*.go", []string{"./internal/proof", "./verify"}},
	{"internal/pcs/*.go", []string{"./internal/pcs", "./verify"}},
	{"internal/sumcheck/*.go", []string{"./internal/sumcheck", "./verify"}},
	{"internal/claims/*.go", []string{"./internal/claims", "./internal/prover/reference", "./verify"}},
	{"internal/layout/[lst]*.go", []string{"./internal/layout", "./internal/prover/reference", "./verify"}},
	{"internal/circuit/check.go", []string{"./internal/circuit", "./internal/layout"}},
	{"internal/circuit/decode.go", []string{"./internal/circuit", "./internal/proof"}},
	{"internal/transcript/*.go", []string{"./internal/transcript", "./verify"}},
	{"internal/field/*.go", []string{"./internal/field", "./internal/proof", "./verify"}},
	{"internal/determinism/[adimqt]*.go", []string{"./internal/determinism"}},
	{"internal/determinism/certify.go", []string{"./internal/determinism"}},
}

// harmless are guards without which the same inputs are refused, by what comes after them. Each text occurs once in its
// file and holds the guard; which names an operand of it, or is empty for the whole condition and all operands.
var harmless = []struct{ file, text, which, reason string }{
	{"verify/verify.go", "if ch.R, last, err = sumcheck.Verify(r, \"round1\", lay.Degrees, first[0]); err != nil {", "",
		"a reader stays at the scalar that it refuses, and the next message is of scalars"},
	{"verify/verify.go", "r2, last, err := sumcheck.Verify(r, \"round2\", claims.Degrees2(lay.N), claim)\n\tif err != nil {", "",
		"a reader stays at the scalar that it refuses, and the next message is of scalars"},
	{"internal/proof/key.go", "n, b, err := cutUvarint(b)\n\tif err != nil {\n\t\treturn nil, nil, err\n\t}\n\tif uint64(len(b))/PointBytes < n", "err != nil",
		"no bytes are left then, and [tau]_2 is missing"},
	{"internal/proof/stream.go", "if !p.IsInfinity() && !p.IsOnCurve() {", "!p.IsInfinity()",
		"IsOnCurve takes (0, 0)"},
	{"internal/circuit/decode.go", "if d.err != nil || n == 0 {", "n == 0", "an empty list is as good as nil"},
	{"internal/circuit/decode.go", "out = append(out, f())\n\t\tif d.err != nil {", "", "errors stay, and the rest of the list reads zeros"},
	{"internal/field/field.go", "if len(b) != fr.Bytes {", "", "SetBytesCanonical refuses other lengths"},
	{"internal/pcs/pcs.go", "w1, err := r.Points(\"W\", 1)\n\tif err != nil {", "", "a reader stays at the point that it refuses, and the next message is of points"},
	{"internal/pcs/pcs.go", "if ch.Z.IsZero() {", "", "the inverse of 0 is taken as 0, and z = 1/z is refused"},
	{"internal/pcs/pcs.go", "if _, err := acc.MultiExp(points, scalars, ecc.MultiExpConfig{}); err != nil {", "", "the lengths agree: no error exists"},
	{"internal/determinism/interval.go", "if b.cert.By[i] == circuit.None {\n\t\treturn fmt", "", "circuit.Check: what is given is public or in a column, and has an interval"},
	{"internal/determinism/interval.go", "if st.Rule != Alone {", "", "the other rules want declared intervals"},
	{"internal/determinism/interval.go", "err = b.block(other)\n\t\t}\n\t})\n\tif err != nil {", "", "the steps' order: the others have intervals"},
	{"internal/determinism/quotient.go", "len(y.Letters) != len(r.Out)", "len(y.Letters) != len(r.Out)", "digitsOf wants all output letters"},
	{"internal/determinism/quotient.go", "if !slices.ContainsFunc(y.Letters", "", "circuit.Check: two letters of y never tie to one"},
	{"internal/determinism/quotient.go", "if total.Add(total, span(rem))", "", "coefficients and intervals have 62 bits: the total has less than 252"},
	{"internal/determinism/quotient.go", "if !slices.Contains(r.Out, out) || slices.Contains(r.Out, in) {", "", "what is not tied is found below; two output letters in one axis relation leave y none"},
	{"internal/determinism/attained.go", "if !ok || slices.Contains(rows, out) {", "slices.Contains(rows, out)", "circuit.Check: the letters of a term are distinct, and none is in two axis relations"},
	{"internal/determinism/maximum.go", "if !ok || n == 0", "!ok", "no digits are left then, or one is there twice, which is refused below"},
	{"internal/determinism/maximum.go", "if p <= 0 ||", "p <= 0", "a span is at least 0, and below P"},
	{"internal/determinism/maximum.go", "if s.c.Blocks[d].Role != circuit.Column {", "", "the first lookup is not d's"},
	{"internal/determinism/maximum.go", "t.Out == circuit.None || t.Dynamic {", "t.Dynamic", "a dynamic table that ends at 0 has the row 0 only: every distance is 0"},
	{"internal/determinism/maximum.go", "if f.Block != t.Out || g.Block", "f.Block != t.Out", "the table is in the relation, and not in its sum"},
	{"internal/determinism/maximum.go", "g.Block == circuit.None || len(f.Axes) != 1", "g.Block == circuit.None", "a constant has no axis"},
	{"internal/determinism/maximum.go", "g.Block == circuit.None || len(f.Axes) != 1", "len(f.Axes) != 1", "circuit.Check: a function table's block has one axis"},
	{"internal/determinism/maximum.go", "if k.B != nil || len(k.R) != 0", "len(k.R) != 0", "entries counted otherwise show a 0 as well"},
	{"internal/determinism/maximum.go", "k.A.Terms[0].Block != o", "", "o is in the relation, and has a letter that the left side lacks"},
	{"internal/determinism/maximum.go", "len(k.A.Letters) != len(k.A.Terms[0].Axes)", "", "the next check: a further letter is summed or an output's"},
	{"internal/pcs/pcs.go", "ok, err := bn254.PairingCheck([]bn254.G1Affine{acc, neg}, []bn254.G2Affine{g2, *tau})\n\tif err != nil {", "", "the lengths agree: no error exists"},
}

// isHarmless looks a guard up.
func isHarmless(file, src, old string, at int) bool {
	for _, h := range harmless {
		i := strings.Index(src, h.text)
		if h.file == file && i >= 0 && i <= at && at < i+len(h.text) && (h.which == "" || h.which == old) {
			return true
		}
	}
	return false
}

// guards finds the mutants of all guards.
func guards() ([]*mutant, error) {
	var out []*mutant
	for _, c := range checked {
		files, err := filepath.Glob(c.pattern)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") || strings.HasSuffix(f, "doc.go") {
				continue
			}
			ms, err := guardsOf(f, c.tests)
			if err != nil {
				return nil, err
			}
			out = append(out, ms...)
		}
	}
	return out, nil
}

func guardsOf(file string, tests []string) ([]*mutant, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, src, 0)
	if err != nil {
		return nil, err
	}
	var out []*mutant
	add := func(e ast.Expr, with string) {
		p, q := set.Position(e.Pos()), set.Position(e.End())
		old := string(src[p.Offset:q.Offset])
		if isHarmless(file, string(src), old, p.Offset) {
			return
		}
		text := fmt.Sprintf("(%s && (%s))", with, old)
		if with == "true" {
			text = fmt.Sprintf("(%s || (%s))", with, old)
		}
		out = append(out, &mutant{
			name:  fmt.Sprintf("%s:%d: %s -> %s", file, p.Line, strings.Join(strings.Fields(old), " "), with),
			edits: []edit{{file, p.Offset, q.Offset, text}},
			tests: tests,
		})
	}
	// operands mutates every part of a condition to the value that it has when nothing is wrong
	var operands func(e ast.Expr, harmless string)
	operands = func(e ast.Expr, harmless string) {
		switch x := e.(type) {
		case *ast.ParenExpr:
			operands(x.X, harmless)
			return
		case *ast.BinaryExpr:
			if x.Op == token.LOR || x.Op == token.LAND {
				for _, y := range []ast.Expr{x.X, x.Y} {
					// an operand of || is dropped by false; one of && by true, which makes the guard refuse more
					part := "false"
					if x.Op == token.LAND {
						part = "true"
					}
					if _, nested := y.(*ast.BinaryExpr); nested {
						operands(y, part)
						if b := y.(*ast.BinaryExpr); b.Op == token.LOR || b.Op == token.LAND {
							continue
						}
					}
					add(y, part)
				}
			}
		}
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.IfStmt:
			if len(x.Body.List) == 0 {
				return true
			}
			if _, ok := x.Body.List[len(x.Body.List)-1].(*ast.ReturnStmt); ok {
				add(x.Cond, "false")
				operands(x.Cond, "false")
			}
		case *ast.CaseClause:
			if len(x.List) == 1 && len(x.Body) > 0 {
				if _, ok := x.Body[len(x.Body)-1].(*ast.ReturnStmt); ok {
					if b, isCond := x.List[0].(*ast.BinaryExpr); isCond {
						add(b, "false")
						operands(b, "false")
					}
				}
			}
		}
		return true
	})
	return out, nil
}
