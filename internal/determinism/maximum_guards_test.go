package determinism_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/determinism"
)

// TestMaximumGuards alters rowMaxima in one place each, so that one condition of the rule fails and the others hold: the
// maximum must stay undetermined. (TestMaximumRule has the cases whose witnesses are counted.)
func TestMaximumGuards(t *testing.T) {
	const (
		shift = "relation shift {i=2 j=2} i j\n    4*d[i,j] + v[i,j] + 4*m[i] - 2*x[i,j] = 0"
		mark  = "relation mark {i=8 a=1} i\n    f[i] - 4*g[i] = sum a: (1) affine(a,i; 7,0)"
		count = "relation count {i=2 j=2} i\n    4*t[i] + c[i] + 1 = sum j: (o[i,j])"
		m2    = "block m2 column [2]\ntable m2 [0, 3]\nslot (m2) m2\n"
		two   = "block e fixed [2] [0, 3]\n"
		one   = "block e fixed [1] [0, 3]\n"
		eight = "block e fixed [8] [0, 3]\n"
		big   = "4611686018427387904*"
	)
	for _, k := range []struct{ name, old, new, extra string }{
		{"a product of an unknown", shift, "relation shift {i=2 j=2 k=2} i j\n    4*d[i,j] + v[i,j] + 4*m[i] - 2*x[i,j] = sum k: (u[i,k]) same(j,k)", "block u free [2,2]\nrelation copy {i=2 j=2} i j\n    u[i,j] - d[i,j] = 0\n"},
		{"a remainder without a range", "slot (v) v\n", "", ""},
		{"distances above 0, marked", "table f [-7, 0]", "table f [-6, 1]", "MARK 6"},
		{"remainders that overlap", shift, "relation shift {i=2 j=2} i j\n    8*d[i,j] + v[i,j] + w[i,j] + 8*m[i] - 2*x[i,j] = 0", "block w column [2,2]\ntable w [0, 1]\nslot (w) w\n"},
		{"remainders beyond int64", shift, "relation shift {i=2 j=2} i j\n    " + big + "d[i,j] + " + big + "v[i,j] + " + big + "m[i] - 2*x[i,j] = 0", ""},
		{"a part of the maximum between multiples of P", "4*m[i]", "4*m[i] + 34*m2[i]", m2},
		{"parts of the maximum of other rows", "4*m[i]", "4*m[i] + 32*m2[j]", m2},
		{"a maximum twice", "4*m[i]", "4*m[i] + 32*m[i]", ""},
		{"distances that the table gives", "slot (d, o) f", "slot (o, d) f", "VALUES"},
		{"distances without a function", "slot (d, o) f", "slot (d) f\nslot (o) x", ""},
		{"distances in a range", "table c [0, 1]\ntable t [0, 15]\nslot (x) x\nslot (d, o) f", "table c [0, 1]\ntable t [0, 15]\ntable r [-7, 0]\nslot (x) x\nslot (d, o) r", ""},

		{"mark of two letters", mark, "relation mark {i=8 k=1 a=1} i k\n    f[i] - 4*g[i] = sum a: (1) affine(a,i; 7,0)", ""},
		{"mark and another block", "4*g[i]", "4*g[i] + e[i]", eight},
		{"mark twice", "affine(a,i; 7,0)", "affine(a,i; 7,0)\n    + sum a: (1) affine(a,i; 6,0)", ""},
		{"mark of nothing", "= sum a: (1) affine(a,i; 7,0)", "= 0", ""},
		{"mark modulo itself", "f[i] - 4*g[i]", "f[i] - 4*f[i]", ""},
		{"mark modulo a constant", "f[i] - 4*g[i]", "f[i] - 4", ""},
		{"mark modulo a number without range", "block g fixed [8] [0, 4]", "block g free [8]", ""},
		{"mark times a block", "(1) affine", "(1) * (e[a]) affine", one},
		{"mark of a block", "(1) affine", "(e[a]) affine", one},
		{"mark of a sum", "(1) affine", "({a} 1 + e[a]) affine", one},
		{"mark broadcast", "(1) affine", "({a} 1) affine", ""},
		{"mark with the other sign", "(1) affine", "(-1) affine", ""},
		{"mark of twice the table", "f[i] - 4*g[i] = sum a: (1)", "2*f[i] - 8*g[i] = sum a: (2)", ""},
		{"mark of twice the table's half", "f[i] - 4*g[i] = sum a: (1)", "2*f[i] - 4*g[i] = sum a: (1)", ""},
		{"mark of every row", mark, "relation mark {i=8 a=1 b=8} i\n    f[i] - 4*g[i] = sum a b: (1) affine(a,b; 7,0)", ""},
		{"mark of every row, without a place", mark, "relation mark {i=8} i\n    f[i] - 4*g[i] = sum: ({i} 1)", ""},
		{"mark modulo one number", "4*g[i]", "4*s[]", "block s fixed [] [0, 3]\n"},
		{"mark of a number", "(1) affine", "(s[]) affine", "block s fixed [] [0, 3]\n"},
		{"mark of 1 + 1", "(1) affine", "(1 + 1) affine", ""},
		{"mark everywhere", "sum a: (1) affine(a,i; 7,0)", "sum: (1)", ""},
		{"mark of pairs", mark, "relation mark {i=8 a=1 b=2 e=2} i\n    f[i] - 4*g[i] = sum a b e: (1) affine(a,i; 7,0) same(b,e)", ""},

		{"count and more", count, count + "\n    + sum j: (o[i,j])", ""},
		{"count of nothing", "= sum j: (o[i,j])", "= 0", ""},
		{"count of products", "(o[i,j])", "(o[i,j]) * (e[j])", two},
		{"count of sums", "(o[i,j])", "(o[i,j] + e[j])", two},
		{"count of a constant", "(o[i,j])", "(o[i,j] - 1)", ""},
		{"count of repeats", count, "relation count {i=2 j=2 k=3} i\n    4*t[i] + c[i] + 1 = sum j k: ({i,j,k} o[i,j])", ""},
		{"count once more", count, "relation count {i=2 j=2 k=1} i k\n    4*t[i] + c[i] + 1 = sum j: (o[i,j])", ""},
		{"count with a number without range", "4*t[i] + c", "4*t[i] + 4*z[i] + c", "block z free [2]\n"},
	} {
		text := strings.Replace(rowMaxima, k.old, k.new, 1)
		if text == rowMaxima {
			t.Fatalf("%s: nothing altered", k.name)
		}
		switch {
		case k.extra == "MARK 6":
			text = strings.Replace(text, "affine(a,i; 7,0)", "affine(a,i; 6,0)", 1)
		case k.extra == "VALUES":
			text = strings.Replace(strings.Replace(text, "[0, 17]", "[-19, 0]", 1), "(o[i,j])", "(d[i,j])", 1)
		default:
			text = strings.Replace(text, "inputs x\n", k.extra+"inputs x\n", 1)
		}
		if k.name == "a remainder without a range" {
			text = strings.Replace(text, "block v column", "block v free", 1)
		}
		c := build(t, text)
		_, err := determinism.Certify(c)
		var e *determinism.Undetermined
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", k.name, err)
			continue
		}
		m := slices.IndexFunc(e.Blocks, func(b int) bool { return c.Blocks[b].Name == "m" })
		if m < 0 {
			t.Errorf("%s: the maximum is determined, %v is not", k.name, e.Blocks)
		}
	}
}
