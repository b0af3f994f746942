package determinism_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

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

func TestMaximumRule(t *testing.T) {
	const second = "block m2 column [2]\ntable m2 [0, 3]\nslot (m2) m2\n"
	for _, k := range []struct{ name, old, new, extra, undetermined string }{
		{"as it is", "", "", "", ""},
		{"relation of the table turned", "f[i] - 4*g[i] = sum a: (1)", "4*g[i] - f[i] = sum a: (-1)", "", ""},
		{"count turned", "4*t[i] + c[i] + 1 = sum j: (o[i,j])", "-4*t[i] - c[i] - 1 = sum j: (-o[i,j])", "", ""},
		{"count from above", "4*t[i] + c[i] + 1", "4*t[i] - c[i] + 2", "", ""},
		{"count and a multiple", "4*t[i] + c[i] + 1", "4*t[i] + c[i] + 13 - 12", "", ""},
		{"count of -1 to 1", "table c [0, 1]", "table c [-2, 1]", "", "d o v m c t"},
		{"maximum of two digits", "4*m[i]", "4*m[i] + 32*m2[i]", second, ""},
		{"digits of the maximum overlap", "4*m[i]", "4*m[i] + 16*m2[i]", second, "d o v m c t m2"},
		{"maximum without a range", "slot (m) m\n", "", "", "d o v m c t"},
		{"a part of the maximum below P", "4*m[i]", "4*m[i] + 2*m2[i]", second, "d o v m c t m2"},
		{"count may be 0", "c[i] + 1", "c[i]", "", "d o v m c t"},
		{"count may be the modulus", "table c [0, 1]", "table c [0, 3]", "", "d o v m c t"},
		{"count on a finer grid", "4*t[i] + c", "2*t[i] + c", "", "d o v m c t"},
		{"quotient of the count without a range", "slot (t) t\n", "", "", "d o v m c t"},
		{"count twice", "(o[i,j])", "(2*o[i,j])", "", "d o v m c t"},
		{"count of columns", "relation count {i=2 j=2} i\n    4*t[i] + c[i] + 1 = sum j", "relation count {i=2 j=2} j\n    4*t[j] + c[j] + 1 = sum i", "", "d o v m c t"},
		{"count of first entries", "relation count {i=2 j=2} i\n    4*t[i] + c[i] + 1 = sum j: (o[i,j])",
			"relation count {i=2 j=2 k=1} i\n    4*t[i] + c[i] + 1 = sum j k: (o[i,j]) affine(k,j; 0,1)", "", "d o v m c t"},
		{"count of inputs", "(o[i,j])", "(x[i,j])", "", "d o v m"},
		{"no mark", "(1) affine(a,i; 7,0)", "(1) affine(a,i; 9,0)", "", "d o v m c t"},
		{"mark at -1", "affine(a,i; 7,0)", "affine(a,i; 6,0)", "", "d o v m c t"},
		{"two marks", "{i=8 a=1} i\n    f[i] - 4*g[i] = sum a: (1) affine(a,i; 7,0)", "{i=8 a=2} i\n    f[i] - 4*g[i] = sum a: (1) affine(a,i; 6,1)", "", "d o v m c t"},
		{"mark of 2", "(1) affine", "(2) affine", "", "d o v m c t"},
		{"mark modulo 2", "4*g[i]", "2*g[i]", "", "d o v m c t"},
		{"remainder of two periods", "table v [-2, 1]", "table v [-4, 3]", "", "d o v m c t"},
		{"distances above 0", "table f [-7, 0]", "table f [-6, 1]", "", "d o v m c t"},
		{"falling scores", "4*d[i,j]", "-4*d[i,j]", "", "d o v m c t"},
	} {
		text := strings.Replace(rowMaxima, k.old, k.new, 1)
		text = strings.Replace(text, "inputs x\n", k.extra+"inputs x\n", 1)
		switch k.name { // their blocks are free
		case "maximum without a range":
			text = strings.Replace(text, "block m column", "block m free", 1)
		case "quotient of the count without a range":
			text = strings.Replace(text, "block t column", "block t free", 1)
		}
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
				for j := range int64(8) {
					modulus, mark := int64(4), int64(7)
					switch k.name {
					case "mark at -1":
						mark = 6
					case "mark modulo 2":
						modulus = 2
					case "no mark":
						mark = 9
					}
					g := j / 2
					out := modulus * g
					if j == mark || k.name == "two marks" && j == 6 {
						out++
					}
					if k.name == "mark of 2" && j == mark {
						out++
					}
					switch b.Name {
					case "f":
						values[i] = append(values[i], out)
					case "g":
						values[i] = append(values[i], g)
					}
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
		// refused although there is one witness, or none: the rule does not look that far
		needless := []string{"count twice", "count of first entries", "count of inputs", "no mark", "mark of 2",
			"distances above 0", "falling scores"}
		switch {
		case cert != nil && (most != 1 || solved < 10):
			t.Errorf("%s: certified; up to %d witnesses, %d solved", k.name, most, solved)
		case cert == nil && (most < 2) != slices.Contains(needless, k.name):
			t.Errorf("%s: refused; up to %d witnesses", k.name, most)
		}
	}
}

// TestMaximumDims wants rows of any letters: the maximum of everything, and of the first axis.
func TestMaximumDims(t *testing.T) {
	for _, change := range [][]string{
		{"block m column [2]", "block m column []", "block c column [2]", "block c column []", "block t column [2]", "block t column []",
			"4*m[i]", "4*m[]", "{i=2 j=2} i\n    4*t[i] + c[i] + 1 = sum j", "{i=2 j=2}\n    4*t[] + c[] + 1 = sum i j"},
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
