package lower

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/witness"
)

// TestExpDigits compares every exponential of two tables with math.Exp: within the bound that expDigits claims, falling, exactly 1
// at 0, and marked there and nowhere else. Wrong digits are refused.
func TestExpDigits(t *testing.T) {
	for _, k := range []struct {
		width, t, bits int
		unit           float64
	}{
		{8, 16, 16, 1. / 4096}, {8, 16, 20, 1. / 4096}, {16, 16, 16, 1. / 4096}, {8, 16, 18, 1. / 1024}, {16, 16, 20, 1. / 512}, {16, 16, 20, 1. / 4096}, {16, 16, 19, 1. / 4096},
		{8, 12, 16, 1. / 4096}, {5, 13, 16, 1. / 4096}, {8, 16, 16, 1. / 16384},
	} {
		b := newBuilder(nil, Options{Width: k.width, TableBits: 16})
		if !b.digitExponentials(k.t, k.unit, k.bits) {
			t.Errorf("%+v: left to a table", k)
			continue
		}
		n := 1 << k.t
		in := b.block("x", []int{n}, circuit.Public)
		b.c.Blocks[in].Lo, b.c.Blocks[in].Hi = int64(1-n), 0
		b.c.Inputs = []int{in}
		x := &value{atoms: []int{n}, split: []int{1}, terms: []circuit.Term{blockTerm(1, in, 1)}, unit: k.unit, lo: float64(1 - n)}
		d, e, top := b.expDigits("exponential", x, k.t, k.unit, k.bits)
		b.relate("distance", d.terms, 1, x)
		if err := layout.Arrange(b.c, b.lookups); err != nil {
			t.Fatal(err)
		}
		c := &Compiled{Circuit: b.c, Key: b.key, Width: k.width}
		if err := certify(c); err != nil {
			t.Fatal(err)
		}
		all := make([]int64, n)
		for i := range all {
			all[i] = int64(-i)
		}
		values := slices.Clone(c.Key)
		values[in] = all
		if err := witness.Solve(context.Background(), c.Solvable, c.Certificate, values); err != nil {
			t.Fatal(err)
		}
		of := func(v *value, i int) (sum int64) {
			for _, term := range v.terms {
				if term.Block == circuit.None {
					sum += term.Coef
				} else {
					sum += term.Coef * values[term.Block][i]
				}
			}
			return sum
		}
		worst := 0.0
		for i := range n {
			got := of(e, i)
			if i > 0 && got > of(e, i-1) {
				t.Errorf("%+v: exp(%d) > exp(%d)", k, -i, 1-i)
			}
			if mark := of(top, i); (mark == 1) != (i == 0) || mark>>1 != 0 || of(d, i) != int64(-i) {
				t.Fatalf("%+v: %d is marked %d, and is %d", k, -i, mark, of(d, i))
			}
			want := math.Exp(-float64(i) * k.unit)
			allowed := math.Ldexp(2./3, -k.bits)
			if diff := math.Abs(float64(got)*e.unit - want); diff > allowed {
				t.Errorf("%+v: exp(%d) differs by %g, not %g", k, -i, diff, allowed)
			} else {
				worst = max(worst, diff)
			}
		}
		if of(e, 0) != 1<<k.bits {
			t.Errorf("%+v: exp(0) is %d", k, of(e, 0))
		}
		t.Logf("%+v: %g", k, worst)
		if k.t == 16 {
			continue
		}
		if f := witness.Mock(c.Circuit, values); f != nil {
			t.Fatal(f)
		}
		refuseWrong(t, fmt.Sprint(k), c, values)
	}
}

// TestDigitExponentials leaves small tables, tables of many entries and units that do not tell 1 from the next exponential.
func TestDigitExponentials(t *testing.T) {
	b := newBuilder(nil, Options{Width: 8, TableBits: 16})
	for _, k := range []struct {
		entries, t int
		unit       float64
		want       bool
	}{
		{3, 16, 1. / 4096, true}, {fewExponentials, 16, 1. / 4096, true}, {fewExponentials + 1, 16, 1. / 4096, false},
		{3, smallTable, 1. / 4096, false}, {3, smallTable + 1, 1. / 4096, true}, {3, 16, 1. / (1 << 17), false},
	} {
		b.exponents = k.entries
		if got := b.digitExponentials(k.t, k.unit, 16); got != k.want {
			t.Errorf("%+v: %v", k, got)
		}
	}
}
