package lower

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/determinism/brute"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/witness"
)

// tiny is a builder with one public input of n entries in [-limit, limit].
func tiny(width, tableBits, n int, limit int64, unit float64) (*builder, int, *value) {
	b := newBuilder(&quant.Params{}, Options{Width: width, TableBits: tableBits, Params: Fixed})
	in := b.block("x", []int{n}, circuit.Public)
	b.c.Blocks[in].Lo, b.c.Blocks[in].Hi = -limit, limit
	b.c.Inputs = []int{in}
	return b, in, &value{atoms: []int{n}, split: []int{1}, terms: []circuit.Term{blockTerm(1, in, 1)}, unit: unit,
		lo: -float64(limit), hi: float64(limit), bound: float64(limit) * unit}
}

// onlyWitness solves a small circuit for one input and wants that to be the only witness. It returns nil where there is none.
func onlyWitness(t *testing.T, b *builder, in int, x []int64) [][]int64 {
	t.Helper()
	c := &Compiled{Circuit: b.c, Key: b.key}
	if b.c.Slots == nil {
		if err := layout.Arrange(b.c, b.lookups); err != nil {
			t.Fatal(err)
		}
	}
	if err := certify(c); err != nil {
		t.Fatal(err)
	}
	values := make([][]int64, len(b.c.Blocks))
	copy(values, b.key)
	values[in] = x
	found := brute.Witnesses(b.c, brutePrime, values, 2)
	want := slices.Clone(values)
	if witness.Solve(context.Background(), b.c, c.Certificate, want) != nil {
		if len(found) > 0 {
			t.Fatalf("a witness for %v, which has none", x)
		}
		return nil
	}
	if len(found) != 1 {
		t.Fatalf("%d witnesses for %v", len(found), x)
	}
	for i := range want {
		if !slices.Equal(want[i], found[0][i]) {
			t.Fatalf("block %s: %v and %v", b.c.Blocks[i].Name, want[i], found[0][i])
		}
	}
	altered := 0
	for i := range want { // every entry that the prover chooses, off by one
		if i == in || b.key[i] != nil {
			continue
		}
		for j := range want[i] {
			for _, d := range []int64{1, -1} {
				wrong := slices.Clone(want)
				wrong[i] = slices.Clone(want[i])
				wrong[i][j] += d
				if altered++; witness.Mock(b.c, wrong) == nil {
					t.Errorf("%s off by %d accepted", b.c.Blocks[i].Name, d)
				}
			}
		}
	}
	if altered == 0 {
		t.Error("nothing to alter")
	}
	return want
}

// TestM2_ColumnsUnique scales columns by their own powers of two, at every integer, and counts the witnesses.
func TestM2_ColumnsUnique(t *testing.T) {
	for _, width := range []int{2, 3} {
		b, in, v := tiny(width, 4, 2, 31, 1)
		y := b.alike(v, []float64{1, .125}, 8, 4)
		for x := int64(-31); x <= 31; x += 3 {
			values := onlyWitness(t, b, in, []int64{x / 4, x})
			if values == nil {
				if x >= -27 && x <= 27 {
					t.Errorf("width %d: no witness for %d", width, x)
				}
				continue
			}
			for i, want := range []float64{float64(x / 4), float64(x) / 8} {
				if got := float64(values[y.terms[0].Block][i]) * y.unit; math.Abs(got-want) > y.unit/2 {
					t.Errorf("width %d: column %d of %d is %g, not %g", width, i, x, got, want)
				}
			}
		}
	}
}

// TestM2_PreciseExpUnique does so for exponentials of second order, and compares with floats.
func TestM2_PreciseExpUnique(t *testing.T) {
	for _, width := range []int{2, 3} {
		b, in, v := tiny(width, 4, 1, 127, 1.0/64)
		y := b.preciseExp(v, 0, 10)
		if y == nil {
			t.Fatal("no gadget")
		}
		y = b.freeBlock(y, "result")
		for x := int64(-100); x <= 2; x += 3 {
			values := onlyWitness(t, b, in, []int64{x})
			if values == nil {
				t.Errorf("width %d: no witness for %d", width, x)
				continue
			}
			got, want := float64(values[y.terms[0].Block][0])*y.unit, math.Exp(float64(x)/64)
			if math.Abs(got-want) > .01 { // a step of 1/4: 1/128
				t.Errorf("width %d: exp(%g) is %g, not %g", width, float64(x)/64, got, want)
			}
		}
	}
}

// TestM2_RootUnique does so for square roots of integers that may be a little below 0.
func TestM2_RootUnique(t *testing.T) {
	const unit = 1. / 16
	b, in, v := tiny(2, 6, 1, 60, unit)
	y := b.freeBlock(b.rootOf(v, 0), "result")
	low := int64(math.Floor(tableUnit(4, 6, true) / unit))
	for _, x := range []int64{-60, -low - 1, -low, 0, 1, 2, 3, 7, 20, 33, 59} {
		values := onlyWitness(t, b, in, []int64{x})
		if (values != nil) != (x >= -low) {
			t.Errorf("%d: witness %v", x, values != nil)
		}
		if values == nil {
			continue
		}
		got, want := float64(values[y.terms[0].Block][0])*y.unit, math.Sqrt((float64(max(x, 0))+.125)*unit) // of 10 bits, and 1 more
		if math.Abs(got-want) > .08*want {                                                                  // a mantissa of 4 bits
			t.Errorf("root of %g is %g, not %g", float64(x)*unit, got, want)
		}
	}
}

// TestM2_WholeRootUnique does so for square roots of integers, which are exact at 0.
func TestM2_WholeRootUnique(t *testing.T) {
	b, in, v := tiny(2, 6, 1, 60, 1)
	v.lo = 0
	y := b.freeBlock(b.squareRoot(v, 0), "result")
	for _, x := range []int64{0, 1, 2, 3, 7, 20, 33, 59} {
		values := onlyWitness(t, b, in, []int64{x})
		if values == nil {
			t.Errorf("%d: no witness", x)
			continue
		}
		got, want := float64(values[y.terms[0].Block][0])*y.unit, math.Sqrt(float64(x))
		if math.Abs(got-want) > .08*want {
			t.Errorf("root of %d is %g, not %g", x, got, want)
		}
	}
}

// TestLeastInteger: where no input is refused, the least of integers may be the end of their interval, whose negative needs a bit more.
func TestLeastInteger(t *testing.T) {
	for _, ladder := range []bool{false, true} {
		b, in, v := tiny(2, 6, 2, 8, 1)
		b.p.Completeness, b.o.ladder = quant.Clamp, ladder
		y := b.freeBlock(b.argmax(v, 0, -1, false), "result")
		for _, x := range [][]int64{{-8, 8}, {8, -8}, {7, 8}, {-8, -8}} {
			values := onlyWitness(t, b, in, x)
			if values == nil {
				t.Errorf("%v: no witness", x)
				continue
			}
			want := int64(0)
			if x[1] < x[0] {
				want = 1
			}
			if got := values[y.terms[0].Block][0]; got != want {
				t.Errorf("%v: %d, not %d", x, got, want)
			}
		}
	}
}
