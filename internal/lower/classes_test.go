package lower

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/determinism/brute"
	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/tensor"
	"github.com/ezkl-go/ezkl/internal/witness"
)

// Tests named after the classes of docs/testing.md. Each fixes an operator's public output and asks the exhaustive search
// for any witness at all: the prover may choose everything else.

// claim is a gadget's circuit with an input.
type claim struct {
	t      *testing.T
	c      *Compiled
	values [][]int64
	out    int     // block of the first output
	honest []int64 // its entries
}

// newClaim compiles a net with public outputs and small digits, and solves it.
func newClaim(t *testing.T, n *net, width int) *claim {
	t.Helper()
	return newClaimOf(t, n, Options{Width: width})
}

// newClaimOf is newClaim with options.
func newClaimOf(t *testing.T, n *net, o Options) *claim {
	t.Helper()
	g, p, _ := n.build(t)
	p.Global = &quant.Global{Input: 2, Param: 2, Rebase: 1}
	o.TableBits, o.Params, o.Output = 4, Fixed, Public
	c, err := Compile(g, p, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, bits := range c.Certificate.Bits {
		if bits > 29 {
			t.Fatalf("integers of %d bits: the prime is too small", bits)
		}
	}
	values, err := c.Values(n.in)
	if err != nil {
		t.Fatal(err)
	}
	k := &claim{t: t, c: c, values: values, out: c.Outputs[0].Parts[0].Block}
	if c.Circuit.Blocks[k.out].Role != circuit.Public {
		t.Fatal("the output is not public")
	}
	found := k.witnesses(nil)
	if len(found) != 1 {
		t.Fatalf("%d witnesses for an honest input", len(found))
	}
	k.honest = found[0][k.out]
	return k
}

// witnesses are at most two with the given output; nil: any output.
func (k *claim) witnesses(out []int64) [][][]int64 {
	values := slices.Clone(k.values)
	values[k.out] = out
	return brute.Witnesses(k.c.Circuit, brutePrime, values, 2)
}

// refuse reports an output that has a witness although it is not the honest one.
func (k *claim) refuse(out ...int64) {
	k.t.Helper()
	if slices.Equal(out, k.honest) {
		return
	}
	if len(k.witnesses(out)) > 0 {
		k.t.Errorf("%v has a witness, the output is %v", out, k.honest)
	}
}

// refuseNear refuses the output with one entry moved.
func (k *claim) refuseNear(by ...int64) {
	k.t.Helper()
	for i := range k.honest {
		for _, d := range by {
			out := slices.Clone(k.honest)
			out[i] += d
			k.refuse(out...)
		}
	}
}

func vector(x ...float64) *tensor.Tensor {
	return &tensor.Tensor{Type: tensor.Float32, Shape: []int{len(x)}, Floats: x}
}

// C1: order statistics are of the operand's entries, each as often as it occurs: repeats of one entry are no sorted list.
func TestC1_OrderStatistics(t *testing.T) {
	x := []float64{1, -.5, .25}
	for _, op := range []string{"ReduceMax x -> y", "ReduceMin x -> y", "TopK x k -> y i", "ArgMax x -> y", "ArgMin x -> y"} {
		n := newNet(1).input("x", vector(x...))
		if strings.HasPrefix(op, "TopK") {
			n.constant("k", ints(3))
		}
		if strings.HasPrefix(op, "Arg") {
			n.op(op, "axis", int64(0))
		} else {
			n.op(op)
		}
		k := newClaim(t, n, 3)
		scale := int64(1)
		if !strings.HasPrefix(op, "Arg") {
			scale = slices.Max(k.honest) // 1.0 is the largest entry, or -.5 for the minimum
			if strings.HasPrefix(op, "ReduceMin") {
				scale = -2 * scale
			}
		}
		for _, e := range x {
			entry := int64(e * float64(scale))
			if strings.HasPrefix(op, "Arg") {
				for i := range int64(4) {
					k.refuse(i)
				}
				continue
			}
			k.refuse(slices.Repeat([]int64{entry}, len(k.honest))...)
		}
		k.refuseNear(1, -1)
	}
	// scatter: which update lies where
	n := newNet(2).input("x", vector(1, -.5, .25)).input("i", ints(2, 0)).input("u", vector(.75, -1)).op("ScatterElements x i u -> y")
	k := newClaim(t, n, 3)
	sorted := slices.Sorted(slices.Values(k.honest))
	k.refuse(sorted...)
	for _, e := range k.honest {
		k.refuse(e, e, e)
	}
}

// C2: 0 has one sign: x > x is false, x >= x true, and Sign, Abs and the division of 0 have one result.
func TestC2_SignOfZero(t *testing.T) {
	for _, op := range []string{"Greater", "Less", "GreaterOrEqual", "LessOrEqual", "Equal"} {
		n := newNet(1).input("x", vector(.5, 0)).input("z", vector(.5, 0)).op(op + " x z -> y")
		k := newClaim(t, n, 3)
		want := int64(1)
		if op == "Greater" || op == "Less" {
			want = 0
		}
		if !slices.Equal(k.honest, []int64{want, want}) {
			t.Errorf("%s of equal entries: %v", op, k.honest)
		}
		k.refuseNear(1, -1)
	}
	for _, op := range []string{"Sign", "Abs", "Relu"} {
		k := newClaim(t, newNet(1).input("x", vector(0, 1)).op(op+" x -> y"), 3)
		if k.honest[0] != 0 {
			t.Errorf("%s(0) = %d", op, k.honest[0])
		}
		k.refuseNear(1, -1, 2, -2)
	}
	k := newClaim(t, newNet(1).input("x", vector(0)).input("z", vector(1.5)).op("Div x z -> y"), 3)
	if k.honest[0] != 0 {
		t.Errorf("0/1.5 = %d", k.honest[0])
	}
	k.refuseNear(1, -1)
}

// C3 and C4: a quotient is an integer in range, not the inverse in the field; a tie has one neighbour.
func TestC3_C4_QuotientsAndTies(t *testing.T) {
	for _, x := range [][2]float64{{1, 2}, {1.25, .5}, {.75, .5}, {-.75, .5}, {-.25, 2}, {.25, 2}, {1.25, 2}, {1.75, 1.25}} {
		k := newClaim(t, newNet(1).input("x", vector(x[0])).input("z", vector(x[1])).op("Div x z -> y"), 3)
		k.refuseNear(1, -1)
		// the solution of q*z = x in the field
		q := inverseModulo(int64(x[1]*4)) * int64(math.Abs(x[0]*4)) % brutePrime
		k.refuse(q)
		k.refuse(q - brutePrime)
	}
	for _, x := range []float64{1.25, .5, .75, 1.5, -1.5, 2} {
		k := newClaim(t, newNet(1).input("x", vector(x)).op("Reciprocal x -> y"), 3)
		k.refuseNear(1, -1)
	}
	for _, x := range []float64{0, .25, .5, 1.25, 2} {
		k := newClaim(t, newNet(1).input("x", vector(x)).op("Sqrt x -> y"), 3)
		k.refuseNear(1, -1)
	}
	// requantisation rounds halves up, whatever the sign
	for _, x := range []float64{.5, -.5, 1.5, -1.5, .25, -.25} {
		k := newClaim(t, newNet(1).input("x", vector(x)).input("z", vector(x)).op("Mul x z -> p").op("Relu p -> y"), 3)
		k.refuseNear(1, -1)
	}
}

func inverseModulo(x int64) int64 {
	r := int64(1)
	for e := int64(brutePrime - 2); e > 0; e >>= 1 {
		if e&1 == 1 {
			r = r * x % brutePrime
		}
		x = x * x % brutePrime
	}
	return r
}

// C7: among equal entries the first, or with select_last_index the last, is the only answer.
func TestC7_TiesOfArgMax(t *testing.T) {
	for _, k := range []struct {
		x    []float64
		want [2]int64 // first, last
	}{{[]float64{.5, .5, .5}, [2]int64{0, 2}}, {[]float64{-1, .5, .5}, [2]int64{1, 2}}, {[]float64{.5, -1, .5}, [2]int64{0, 2}}, {[]float64{0, 0, -1}, [2]int64{0, 1}}} {
		for last := range int64(2) {
			for _, op := range []string{"ArgMax", "ArgMin"} {
				x := slices.Clone(k.x)
				for i := range x {
					if op == "ArgMin" {
						x[i] = -x[i]
					}
				}
				n := newNet(1).input("x", vector(x...)).op(op+" x -> y", "axis", int64(0), "keepdims", int64(0), "select_last_index", last)
				for _, ladder := range []bool{false, true} {
					c := newClaimOf(t, n, Options{Width: 3, ladder: ladder})
					if c.honest[0] != k.want[last] {
						t.Errorf("%s of %v, select_last_index %d: %d, not %d", op, x, last, c.honest[0], k.want[last])
					}
					for i := range int64(4) {
						c.refuse(i)
					}
				}
			}
		}
	}
}

// C9: ranges hold at both ends: just inside there is one witness, just outside none.
func TestC9_BothEnds(t *testing.T) {
	for _, width := range []int{2, 3, 5} {
		n := newNet(1).input("x", vector(1, -1)).op("Relu x -> y")
		k := newClaim(t, n, width)
		in := &k.c.Inputs[0]
		for _, v := range []struct {
			x    int64
			have int
		}{{in.Lo - 1, 0}, {in.Lo, 1}, {in.Hi, 1}, {in.Hi + 1, 0}} {
			values := slices.Clone(k.values)
			for i, p := range in.Parts { // digits, the top one signed
				d := floorDiv(v.x, p.Coef)
				if i < len(in.Parts)-1 {
					d -= floorDiv(v.x, in.Parts[i+1].Coef) * (in.Parts[i+1].Coef / p.Coef)
				}
				values[p.Block] = []int64{d, d}
			}
			if got := len(brute.Witnesses(k.c.Circuit, brutePrime, values, 2)); got != v.have {
				t.Errorf("width %d: input %d in [%d, %d]: %d witnesses, not %d", width, v.x, in.Lo, in.Hi, got, v.have)
			}
		}
	}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// C13: NaN and infinities in a network's constants are refused.
func TestC13_NaNInConstants(t *testing.T) {
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for _, op := range []string{"MatMul x w -> y", "Add x w -> y", "Mul x w -> y", "Max x w -> y", "Min x w -> y", "Sub x w -> y", "Div w x -> y",
			"Less x w -> y", "Equal x w -> y", "Greater w x -> y", "Gemm x w -> y", "Sum x w w -> y", "Pow w x -> y", "Mod x w -> y"} {
			n := newNet(1).input("x", shaped(vector(1, 2), 1, 2)).constant("w", &tensor.Tensor{Type: tensor.Float32, Shape: []int{2, 2}, Floats: []float64{1, x, 2, 3}}).op(op)
			good := newNet(1).input("x", shaped(vector(1, 2), 1, 2)).constant("w", &tensor.Tensor{Type: tensor.Float32, Shape: []int{2, 2}, Floats: []float64{1, 1, 2, 3}}).op(op)
			_, p, _ := good.build(t)
			g, err := graph.Build(&n.src, nil)
			if err != nil {
				continue // refused earlier
			}
			if _, err := Compile(g, p, Options{}); err == nil {
				t.Errorf("%s with %g: no error", op, x)
			}
		}
	}
}

// C13: a softmax of a row that is masked in full is NaN: it has no proof, unless the network puts a number there. Masked entries are
// 0, however low the others are; scores lower than calibration lets them be have no proof.
func TestC13_MaskedRows(t *testing.T) {
	for name, tail := range map[string]func(n *net){
		"as it is": func(n *net) { n.op("Softmax m -> y") },
		"zero":     func(n *net) { n.op("Softmax m -> p").op("IsNaN p -> i").op("Where i z p -> y") },
	} {
		for _, o := range []Options{{}, {Width: 16}, {Width: 6, TableBits: 8}} {
			for _, k := range []float64{1, 60} { // small scores, and some that are clipped
				x := shaped(vector(.5*k, -k, .25*k, .75*k, k, -k), 2, 3)
				n := newNet(1).input("x", x).input("c", shaped(bools(1, 0, 1, 1, 1, 0), 2, 3)).
					constant("l", scalarTensor(math.Inf(-1))).constant("z", scalarTensor(0)).op("Where c x l -> m")
				tail(n)
				c, _ := compileCase(t, n, o)
				for _, mask := range []*tensor.Tensor{bools(1, 0, 1, 0, 0, 0), bools(0, 0, 0, 1, 0, 0), bools(0, 1, 0, 0, 0, 1)} {
					mask = shaped(mask, 2, 3)
					values, err := c.Values([]*tensor.Tensor{x, mask})
					if err != nil {
						t.Fatal(err)
					}
					full := slices.Max(mask.Ints[:3]) == 0 || slices.Max(mask.Ints[3:]) == 0
					err = witness.Solve(context.Background(), c.Solvable, c.Certificate, values)
					if (err != nil) != (full && name == "as it is") {
						t.Fatalf("%s, %v, mask %v: %v", name, o, mask.Ints, err)
					}
					if err != nil {
						continue
					}
					for i, y := range c.Dequantise(values)[0].Floats {
						if mask.Ints[i] == 0 && y != 0 {
							t.Errorf("%s, %v: masked entry %d is %g", name, o, i, y)
						}
					}
				}
			}
		}
	}
	mask := shaped(ints(1, 0, 1), 1, 3) // (1 - mask) * low, as networks of texts add it
	n := newNet(1).input("x", shaped(vector(1, 3, 2), 1, 3)).input("mask", mask).constant("one", scalarTensor(1)).constant("l", scalarTensor(-3.4e38)).
		op("Cast mask -> r", "to", int64(1)).op("Sub one r -> s").op("Mul s l -> b").op("Add x b -> m").op("Softmax m -> y")
	c, values := compileCase(t, n, Options{Input: Public})
	for i, want := range []float64{1 / (1 + math.E), 0, 1 - 1/(1+math.E)} {
		if y := c.Dequantise(values)[0].Floats[i]; math.Abs(y-want) > 1e-4 || want == 0 && y != 0 {
			t.Errorf("masked by products: %d is %g, want %g", i, y, want)
		}
	}
	for _, m := range [][]int64{{0, 0, 0}, {1, 2, 1}, {1, -1, 1}} {
		values, err := c.Values([]*tensor.Tensor{n.in[0], shaped(ints(m...), 1, 3)})
		if err == nil && witness.Solve(context.Background(), c.Solvable, c.Certificate, values) == nil {
			t.Errorf("mask %v has a witness", m)
		}
	}
	n = newNet(1).input("x", shaped(vector(9000, -9000, 8000), 1, 3)).input("mask", mask).constant("one", scalarTensor(1)).constant("l", scalarTensor(-1e4)).
		op("Cast mask -> r", "to", int64(1)).op("Sub one r -> s").op("Mul s l -> b").op("Add x b -> m").op("Softmax m -> y")
	g, p, _ := n.build(t)
	if _, err := Compile(g, p, Options{}); err == nil || !strings.Contains(err.Error(), "not low enough") {
		t.Errorf("scores as low as what masks them: %v", err)
	}
	n = newNet(1).input("x", shaped(vector(1, 1), 1, 2)).constant("w", shaped(vector(1, 2, 1, -1, -1.9, -.9), 2, 3)).
		constant("c", shaped(bools(1, 0, 1), 1, 3)).constant("l", scalarTensor(math.Inf(-1))).op("MatMul x w -> s").op("Where c s l -> m").op("Softmax m -> y")
	c, _ = compileCase(t, n, Options{})
	values, err := c.Values([]*tensor.Tensor{shaped(vector(-1.5, 1.5), 1, 2)})
	if err != nil {
		t.Fatal(err)
	}
	if err := witness.Solve(context.Background(), c.Solvable, c.Certificate, values); err == nil {
		t.Error("scores below all that calibration allows have a witness")
	}
}

// P5: a value with several readers is one block: there is no second copy to forge.
func TestP5_FanOut(t *testing.T) {
	diamond := func(n *net) *net {
		return n.constant("w", n.normal(1, 0, 2, 2)).op("MatMul x w -> a").op("Relu a -> b").op("Sigmoid a -> c").op("Mul b c -> d").op("Add d b -> y")
	}
	for name, n := range map[string]*net{
		"x + x":   newNet(1).input("x", vector(.5, -1)).op("Relu x -> r").op("Add r r -> y"),
		"x * x":   newNet(2).input("x", vector(.5, -1)).op("Relu x -> r").op("Mul r r -> y"),
		"max x x": newNet(3).input("x", vector(.5, -1)).op("Relu x -> r").op("Max r r -> y"),
		"diamond": diamond(newNet(4).input("x", shaped(vector(.5, -1), 1, 2))),
	} {
		c, values := compileCase(t, n, Options{Width: 4, TableBits: 6})
		refuseWrong(t, name, c, values)
	}
}
