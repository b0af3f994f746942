package determinism_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/determinism"
	"github.com/ezkl-go/ezkl/internal/determinism/brute"
	"github.com/ezkl-go/ezkl/internal/witness"
)

// rowMaxima is q = round(x/2) as d + m with d <= 0: the table's output is 4 g + [d = 0], and its sum over a row is not 0
// modulo 4.
const rowMaxima = `
block x column [2,2]
block d column [2,2]
block o column [2,2]
block v column [2,2]
block m column [2]
block c column [2]
block t column [2]
block f fixed [8] [0, 17]
block g fixed [8] [0, 4]
table x [-8, 7]
table f [-7, 0] f
table v [-2, 1]
table m [-4, 3]
table c [0, 1]
table t [0, 15]
slot (x) x
slot (d, o) f
slot (v) v
slot (m) m
slot (c) c
slot (t) t
inputs x
relation shift {i=2 j=2} i j
    4*d[i,j] + v[i,j] + 4*m[i] - 2*x[i,j] = 0
relation mark {i=8 a=1} i
    f[i] - 4*g[i] = sum a: (1) affine(a,i; 7,0)
relation count {i=2 j=2} i
    4*t[i] + c[i] + 1 = sum j: (o[i,j])
`

// everything makes one row of all entries.
var everything = []string{"block m column [2]", "block m column []", "block c column [2]", "block c column []", "block t column [2]", "block t column []",
	"4*m[i]", "4*m[]", "relation count {i=2 j=2} i", "relation count {i=2 j=2}", "4*t[i] + c[i] + 1 = sum j", "4*t[] + c[] + 1 = sum i j"}

func TestMaximumRule(t *testing.T) {
	const (
		second = "block m2 column [2]\ntable m2 [0, 3]\nslot (m2) m2\n"
		low    = "block v2 column [2,2]\ntable v2 [0, 1]\nslot (v2) v2\n"
		all    = "d o v m c t"
	)
	for _, k := range []struct {
		name         string
		change       []string // pairs of texts
		extra        string
		undetermined string
	}{
		{"as it is", nil, "", ""},
		{"relation of the table turned", []string{"f[i] - 4*g[i] = sum a: (1)", "4*g[i] - f[i] = sum a: (-1)"}, "", ""},
		{"count turned", []string{"4*t[i] + c[i] + 1 = sum j: (o[i,j])", "-4*t[i] - c[i] - 1 = sum j: (-o[i,j])"}, "", ""},
		{"count from above", []string{"4*t[i] + c[i] + 1", "4*t[i] - c[i] + 2"}, "", ""},
		{"count and a multiple", []string{"4*t[i] + c[i] + 1", "4*t[i] + c[i] + 13 - 12"}, "", ""},
		{"count of -1 to 1", []string{"table c [0, 1]", "table c [-2, 1]"}, "", all},
		{"maximum of two digits", []string{"4*m[i]", "4*m[i] + 32*m2[i]"}, second, ""},
		{"digits of the maximum overlap", []string{"4*m[i]", "4*m[i] + 16*m2[i]"}, second, all + " m2"},
		{"digits of the maximum over other letters", []string{"4*m[i]", "4*m[i] + 32*m2[j]"}, second, all + " m2"},
		{"a digit of the maximum twice", []string{"4*m[i]", "4*m[i] + 32*m[i]"}, "", all},
		{"maximum without a range", []string{"slot (m) m\n", "", "block m column", "block m free"}, "", all},
		{"a part of the maximum below P", []string{"4*m[i]", "4*m[i] + 2*m2[i]"}, second, all + " m2"},
		{"a part of the maximum off P's multiples", []string{"4*m[i]", "4*m[i] + 34*m2[i]"}, second, all + " m2"},
		{"remainder in a contraction", []string{"4*d[i,j] + v[i,j] + 4*m[i] - 2*x[i,j] = 0", "4*d[i,j] + 4*m[i] - 2*x[i,j] = sum: (-v[i,j])"}, "", all},
		{"remainder without a range", []string{"slot (v) v\n", "", "block v column", "block v free"}, "", all},
		{"remainder digits overlap", []string{"table v [-2, 1]", "table v [0, 1]", "+ v[i,j]", "+ v[i,j] + v2[i,j]"}, low, all + " v2"},
		{"count may be 0", []string{"c[i] + 1", "c[i]"}, "", all},
		{"count may be the modulus", []string{"table c [0, 1]", "table c [0, 3]"}, "", all},
		{"count on a finer grid", []string{"4*t[i] + c", "2*t[i] + c"}, "", all},
		{"quotient of the count without a range", []string{"slot (t) t\n", "", "block t column", "block t free"}, "", all},
		{"count twice", []string{"(o[i,j])", "(2*o[i,j])"}, "", all},
		{"count times 2", []string{"(o[i,j])", "(o[i,j]) * (2)"}, "", all},
		{"count of a sum", []string{"(o[i,j])", "(o[i,j] + 4*x[i,j])"}, "", all},
		{"count of a letter too many", []string{"count {i=2 j=2} i", "count {i=2 j=2 k=3} i", "sum j: (o[i,j])", "sum j k: ({i j k} o[i,j])"}, "", all},
		{"count of columns", []string{"count {i=2 j=2} i", "count {i=2 j=2} j", "4*t[i] + c[i] + 1 = sum j", "4*t[j] + c[j] + 1 = sum i"}, "", all},
		{"count of first entries", []string{"count {i=2 j=2} i", "count {i=2 j=2 k=1} i", "sum j: (o[i,j])", "sum j k: (o[i,j]) affine(k,j; 0,1)"}, "", all},
		{"count of the diagonal", append(slices.Clone(everything), "(o[i,j])", "(o[i,j]) same(i,j)"), "", all},
		{"count of inputs", []string{"(o[i,j])", "(x[i,j])"}, "", "d o v m"},
		{"another reader of the outputs", []string{"relation count", "relation other {i=2 j=2} i j\n    n[i,j] - o[i,j] = 0\nrelation count"}, "block n free [2,2]\n", ""},
		{"a reader with a larger sum", []string{"relation count", "relation other {i=2 j=2 k=2} i j\n    n[i,j] - o[i,j] = sum k: (y[i,j,k])\nrelation count"},
			"block n free [2,2]\nblock y fixed [2,2,2] [0, 0]\n", ""},
		{"distances without a table", []string{"slot (d, o) f", "slot (d) f, (o) t"}, "", "d o v m c t"},
		{"distances in a range table", []string{"table f [-7, 0] f", "table f [-7, 0]"}, "", all},
		{"distances are outputs", []string{"slot (d, o) f", "slot (o, d) f", "block f fixed [8] [0, 17]", "block f fixed [8] [-31, 0]", "(o[i,j])", "(d[i,j])"}, "", all},
		{"distances above 0", []string{"table f [-7, 0]", "table f [-6, 1]", "7,0", "6,0"}, "", all},
		{"falling scores", []string{"4*d[i,j]", "-4*d[i,j]"}, "", all},
		{"no mark", []string{"affine(a,i; 7,0)", "affine(a,i; 9,0)"}, "", all},
		{"no sum of marks", []string{"f[i] - 4*g[i] = sum a: (1) affine(a,i; 7,0)", "f[i] - 4*g[i] = 0"}, "", all},
		{"marks everywhere", []string{"sum a: (1) affine(a,i; 7,0)", "sum: (1)"}, "", all},
		{"mark at -1", []string{"affine(a,i; 7,0)", "affine(a,i; 6,0)"}, "", all},
		{"mark elsewhere", []string{"{i=8 a=1} i", "{i=8 a=1 e=8} i", "sum a: (1) affine(a,i; 7,0)", "sum a e: (1) affine(a,e; 7,0)"}, "", all},
		{"mark of a block", []string{"(1) affine", "(one[]) affine"}, "block one fixed [] [1, 1]\n", all},
		{"mark of a sum", []string{"(1) affine", "(1 + one[]) affine"}, "block one fixed [] [1, 1]\n", all},
		{"mark of a product", []string{"(1) affine", "(1) * (one[]) affine"}, "block one fixed [] [1, 1]\n", all},
		{"mark thrice", []string{"{i=8 a=1} i", "{i=8 a=1 e=3} i", "sum a: (1)", "sum a e: ({e} 1)"}, "", all},
		{"two marks", []string{"{i=8 a=1}", "{i=8 a=2}", "affine(a,i; 7,0)", "affine(a,i; 6,1)"}, "", all},
		{"mark for every pair", []string{"{i=8 a=1} i", "{i=8 a=1 e=2} i e"}, "", all},
		{"mark of 2", []string{"(1) affine", "(2) affine"}, "", all},
		{"mark modulo 0", []string{"4*g[i]", "0*g[i]"}, "", all},
		{"mark modulo 2", []string{"4*g[i]", "2*g[i]"}, "", all},
		{"mark beside a constant", []string{"f[i] - 4*g[i]", "f[i] - 4"}, "", all},
		{"mark beside two blocks", []string{"f[i] - 4*g[i]", "f[i] - 4*g[i] + 4"}, "", all},
		{"a part of the output without a range", []string{"block g fixed [8] [0, 4]", "block g free [8]"}, "", all + " g"},
		{"remainder of two periods", []string{"table v [-2, 1]", "table v [-4, 3]"}, "", all},
	} {
		text := strings.Replace(strings.NewReplacer(k.change...).Replace(rowMaxima), "inputs x\n", k.extra+"inputs x\n", 1)
		c := build(t, text)
		cert, err := determinism.Certify(c)
		var e *determinism.Undetermined
		switch {
		case k.undetermined == "" && err != nil:
			t.Errorf("%s: %v", k.name, err)
			continue
		case k.undetermined != "" && !errors.As(err, &e):
			t.Errorf("%s: certified", k.name)
			continue
		case e != nil:
			var names []string
			for _, b := range e.Blocks {
				names = append(names, c.Blocks[b].Name)
			}
			if got := strings.Join(names, " "); got != k.undetermined {
				t.Errorf("%s: undetermined are %s, not %s", k.name, got, k.undetermined)
			}
		}
		most, solved := 0, 0
		for trial := range int64(20) {
			values := make([][]int64, len(c.Blocks))
			for i := range int64(4) {
				values[0] = append(values[0], (trial*(3+i)+5*i*i)%16-8)
			}
			for i, b := range c.Blocks {
				if b.Role == circuit.Fixed {
					values[i] = fixed(b.Name, k.name, circuit.Count(b.Dims))
				}
			}
			w := brute.Witnesses(c, prime, values, 2)
			most = max(most, len(w))
			if cert == nil {
				continue
			}
			err := witness.Solve(context.Background(), c, cert, values)
			if (err == nil) != (len(w) == 1) {
				t.Fatalf("%s: %d witnesses, Solve says %v for %v", k.name, len(w), err, values[0])
			}
			if err != nil {
				continue
			}
			solved++
			for i := range values {
				if !slices.Equal(values[i], w[0][i]) {
					t.Errorf("%s: block %s is %v, not %v", k.name, c.Blocks[i].Name, values[i], w[0][i])
				}
			}
		}
		switch {
		case cert != nil && (most != 1 || solved < 10):
			t.Errorf("%s: certified; up to %d witnesses, %d solved", k.name, most, solved)
		case cert == nil && (most > 1) != slices.Contains(ambiguous, k.name):
			t.Errorf("%s: refused; up to %d witnesses", k.name, most)
		}
	}
}

// ambiguous are refused cases in which some input has two witnesses: there the refusal is needed.
var ambiguous = []string{
	"count of -1 to 1", "digits of the maximum overlap", "digits of the maximum over other letters",
	"maximum without a range", "a part of the maximum below P", "remainder without a range", "count may be 0",
	"count may be the modulus", "count on a finer grid", "quotient of the count without a range", "count of columns",
	"distances above 0", "marks everywhere", "mark at -1", "two marks", "mark modulo 2", "remainder of two periods",
}

// fixed are the values of a key's block in a case.
func fixed(block, name string, n int) []int64 {
	out := make([]int64, n)
	for j := range out {
		g := int64(j / 2)
		switch {
		case block == "one":
			out[j] = 1
		case block == "g":
			out[j] = g
		case block == "f":
			mark := map[string]int{"mark at -1": 6, "distances above 0": 6, "no mark": 9, "no sum of marks": 9}[name]
			if mark == 0 {
				mark = 7
			}
			out[j] = 4 * g
			switch name {
			case "mark modulo 2":
				out[j] = 2 * g
			case "mark modulo 0":
				out[j] = 0
			case "mark beside a constant":
				out[j] = 4
			case "mark beside two blocks":
				out[j] = 4*g - 4
			case "distances are outputs":
				out[j] = 4*g - 28
			}
			by := int64(1)
			switch name {
			case "mark of 2", "mark of a sum":
				by = 2
			case "mark thrice":
				by = 3
			}
			if j == mark || name == "two marks" && j == 6 || name == "marks everywhere" {
				out[j] += by
			}
		}
	}
	return out
}

// TestMaximumDims wants rows of any letters: the maximum of everything, and of the first axis.
func TestMaximumDims(t *testing.T) {
	for _, change := range [][]string{
		everything,
		{"4*m[i]", "4*m[j]", "{i=2 j=2} i\n    4*t[i] + c[i] + 1 = sum j", "{i=2 j=2} j\n    4*t[j] + c[j] + 1 = sum i"},
	} {
		text := strings.NewReplacer(change...).Replace(rowMaxima)
		c := build(t, text)
		cert, err := determinism.Certify(c)
		if err != nil {
			t.Error(err)
			continue
		}
		values := [][]int64{{1, 5, -3, 4}, nil, nil, nil, nil, nil, nil, {0, 0, 4, 4, 8, 8, 12, 13}, {0, 0, 1, 1, 2, 2, 3, 3}}
		w := brute.Unique(t, c, prime, values)
		if err := witness.Solve(context.Background(), c, cert, values); err != nil {
			t.Error(err)
			continue
		}
		for i := range w {
			if !slices.Equal(values[i], w[i]) {
				t.Errorf("block %s is %v, not %v", c.Blocks[i].Name, values[i], w[i])
			}
		}
		if f := witness.Mock(c, values); f != nil {
			t.Error(f)
		}
	}
}

// Distances that are no lookup's: there may be none at all.
func TestMaximumOfPublic(t *testing.T) {
	c := build(t, `
block x public [2] [-8, 7]
block d public [2] [-7, 0]
block m public [] [-4, 3]
inputs x
relation shift {i=2} i
    d[i] + m[] - x[i] = 0
`)
	if _, err := determinism.Certify(c); err == nil {
		t.Error("certified")
	}
}
