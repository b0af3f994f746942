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

// pointedMaxima is q = round(x/2) as d + m, d = 2 a + b of two digits that end at 0. The product of their tables' outputs is odd
// where both are 0: that is z.
const pointedMaxima = `
block x column [2,2]
block a column [2,2]
block o column [2,2]
block b column [2,2]
block p column [2,2]
block v column [2,2]
block m column [2]
block y column [2,2]
block z column [2,2]
block c column [2]
block f fixed [2] [0, 3]
block g fixed [2] [0, 3]
table x [-4, 3]
table f [-1, 0] f
table g [-1, 0] g
table v [-2, 1]
table m [-2, 1]
table y [0, 3]
table z [0, 1]
table c [0, 3]
slot (x) x
slot (a, o) f
slot (b, p) g
slot (v) v
slot (m) m
slot (y) y
slot (z) z
slot (c) c
inputs x
relation shift {i=2 j=2} i j
    8*a[i,j] + 4*b[i,j] + v[i,j] + 4*m[i] - 2*x[i,j] = 0
relation odd {i=2 j=2 k=2 l=2} i j
    2*y[i,j] + z[i,j] = sum k l: (o[k,l]) * (p[k,l]) same(i,k) same(j,l)
relation count {i=2 j=2 k=2} i
    c[i] + 1 = sum k j: (z[k,j]) * (2*a[k,j] + b[k,j] + 1) same(i,k)
`

// pointedAll makes one row of all entries.
var pointedAll = []string{"block m column [2]", "block m column []", "block c column [2]", "block c column []", "4*m[i]", "4*m[]",
	"relation count {i=2 j=2 k=2} i\n    c[i]", "relation count {i=2 j=2}\n    c[]", "sum k j: (z[k,j]) * (2*a[k,j] + b[k,j] + 1) same(i,k)", "sum i j: (z[i,j]) * (2*a[i,j] + b[i,j] + 1)"}

func TestPointedMaximum(t *testing.T) {
	const (
		sum   = "sum k j: (z[k,j]) * (2*a[k,j] + b[k,j] + 1) same(i,k)"
		count = "relation count {i=2 j=2 k=2} i\n    c[i] + 1 = " + sum
		extra = "block n free [2]\nrelation other {i=2 j=2} i\n    n[i] = sum j: (a[i,j])\n"
	)
	for _, k := range []struct {
		name      string
		change    []string // pairs of texts
		extra     string
		certified bool
		ambiguous bool // some input has two witnesses, where z is 1 everywhere if it has not already: the refusal is needed
	}{
		{"as it is", nil, "", true, false},
		{"factors turned", []string{"(z[k,j]) * (2*a[k,j] + b[k,j] + 1)", "(2*a[k,j] + b[k,j] + 1) * (z[k,j])"}, "", true, false},
		{"one row", pointedAll, "", true, false},
		{"rows along the last axis", []string{"4*m[i]", "4*m[j]", count, "relation count {i=2 j=2 k=2} j\n    c[j] + 1 = sum i k: (z[i,k]) * (2*a[i,k] + b[i,k] + 1) same(j,k)"}, "", true, false},
		{"some entries of the row", []string{"{i=2 j=2 k=2} i\n    c", "{i=2 j=2 k=2 e=2} i\n    c", sum, "sum k j e: (z[k,j]) * (2*a[k,j] + b[k,j] + 1) same(i,k) affine(e,j; 0,1)"}, "", true, false},
		{"the diagonal of one row", append([]string{"sum k j: (z[k,j]) * (2*a[k,j] + b[k,j] + 1) same(i,k)", "sum i j: (z[i,j]) * (2*a[i,j] + b[i,j] + 1) same(i,j)"}, pointedAll...), "", true, false},

		{"no count", []string{count, ""}, "", false, true},
		{"count may be 0", []string{"c[i] + 1", "c[i]"}, "", false, true},
		{"count without a range", []string{"slot (c) c\n", "", "block c column", "block c free"}, "", false, true},
		{"pointers below 0", []string{"table z [0, 1]", "table z [-1, 0]"}, "", false, false},
		{"negative pointers", []string{"(z[k,j])", "(-z[k,j])"}, "", false, false},
		{"pointers without a range", []string{"slot (z) z\n", "", "block z column", "block z free"}, "", false, true},
		{"distance and 2", []string{"b[k,j] + 1", "b[k,j] + 2"}, "", false, true},
		{"distance and nothing", []string{"(2*a[k,j] + b[k,j] + 1)", "(2*a[k,j] + b[k,j])"}, "", false, false},
		{"one digit alone", []string{"(2*a[k,j] + b[k,j] + 1)", "(b[k,j] + 1)"}, "", false, true},
		{"another block for a digit", []string{"+ b[k,j] +", "+ y[k,j] +"}, "", false, true},
		{"digits of different entries, one row", append([]string{"sum k j: (z[k,j]) * (2*a[k,j] + b[k,j] + 1) same(i,k)", "sum i j: (z[i,j]) * (2*a[i,j] + b[j,i] + 1)"}, pointedAll...), "", false, false},
		{"no maximum", []string{"8*a", "4*a", " + 4*m[i]", ""}, "", false, true},
		{"a digit of other weight", []string{"(2*a", "(a"}, "", false, false},
		{"distance and a block", []string{"(2*a[k,j] + b[k,j] + 1)", "(2*a[k,j] + b[k,j] + 1 + y[k,j])"}, "", false, false},
		{"digits of different entries", []string{"+ b[k,j] +", "+ b[j,k] +"}, "", false, true},
		{"of the other rows", []string{count, "relation count {i=2 j=2 k=2} j\n    c[j] + 1 = sum i k: (z[i,k]) * (2*a[i,k] + b[i,k] + 1) same(j,k)"}, "", false, true},
		{"of all rows together", []string{"block c column [2]", "block c column []", "relation count {i=2 j=2 k=2} i\n    c[i]", "relation count {i=2 j=2}\n    c[]", sum, "sum i j: (z[i,j]) * (2*a[i,j] + b[i,j] + 1)"}, "", false, true},
		{"and something more", []string{sum, sum + "\n    + sum k: ({k} 1) same(i,k)"}, "", false, true},
		{"of one factor", []string{sum, "sum k j: (z[k,j]) same(i,k)"}, "", false, true},
		{"another reader", nil, extra, true, false},
		{"digits that overlap", []string{"8*a", "4*a", "2*a[k,j]", "a[k,j]"}, "", false, true},
		{"a digit off P's multiples", []string{"8*a", "10*a"}, "", false, false},
		{"a falling digit", []string{"8*a[i,j]", "-8*a[i,j]", "(2*a[k,j]", "(-2*a[k,j]"}, "", false, true},
		{"a digit above 0", []string{"table f [-1, 0]", "table f [0, 1]"}, "", false, true},
		{"a digit below 0", []string{"table g [-1, 0]", "table g [-2, -1]"}, "", false, false},
	} {
		text := strings.NewReplacer(k.change...).Replace(pointedMaxima)
		text = strings.Replace(text, "relation count", k.extra+"relation count", 1)
		if k.change != nil && text == pointedMaxima {
			t.Fatalf("%s: nothing altered", k.name)
		}
		c := build(t, text)
		cert, err := determinism.Certify(c)
		var e *determinism.Undetermined
		switch {
		case k.certified && err != nil:
			t.Errorf("%s: %v", k.name, err)
			continue
		case !k.certified && !errors.As(err, &e):
			t.Errorf("%s: certified", k.name)
			continue
		}
		most, solved := 0, 0
		for trial := range int64(32) {
			values := make([][]int64, len(c.Blocks))
			for i := range int64(4) {
				values[0] = append(values[0], (trial/2*(3+i)+5*i*i)%4-2)
			}
			for i, b := range c.Blocks {
				if b.Role == circuit.Fixed {
					values[i] = []int64{2, 1}
					if cert == nil && trial%2 == 1 {
						values[i] = []int64{1, 1}
					}
				}
			}
			w := brute.Witnesses(c, prime, values, 2)
			most = max(most, len(w))
			if cert == nil {
				continue
			}
			if err := witness.Solve(context.Background(), c, cert, values); (err == nil) != (len(w) == 1) {
				t.Fatalf("%s: %d witnesses, Solve says %v for %v", k.name, len(w), err, values[0])
			} else if err != nil {
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
		case cert != nil && (most != 1 || solved < 3):
			t.Errorf("%s: certified; up to %d witnesses, %d solved", k.name, most, solved)
		case cert == nil && (most > 1) != k.ambiguous:
			t.Errorf("%s: refused; up to %d witnesses", k.name, most)
		}
	}
}
