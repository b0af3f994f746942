package lower

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/tensor"
	"github.com/ezkl-go/ezkl/internal/witness"
)

// completeNets are networks of total operators, by name: "x" is the input, of 2 x 6.
func completeNets() map[string]*net {
	out := map[string]*net{}
	add := func(name string, build func(n *net)) {
		n := newNet(uint64(len(name)))
		n.input("x", n.normal(.5, 0, 2, 6))
		n.constant("w", n.normal(.7, 0, 6, 5)).constant("v", n.normal(.7, 0, 5, 3)).constant("c", n.normal(1, 0, 5))
		build(n)
		out[name] = n
	}
	add("relu", func(n *net) { n.op("MatMul x w -> a").op("Relu a -> b").op("MatMul b v -> y") })
	add("tables", func(n *net) {
		n.op("MatMul x w -> a").op("Sigmoid a -> b").op("Add b c -> d").op("Tanh d -> e").op("Elu e -> f").op("MatMul f v -> g").op("Sin g -> y")
	})
	add("exp", func(n *net) { n.op("MatMul x w -> a").op("Exp a -> y") })
	add("deep", func(n *net) {
		n.op("MatMul x w -> a").op("LeakyRelu a -> b").op("Mul b b -> d").op("MatMul d v -> e").op("Abs e -> f").op("ReduceMax f -> y", "keepdims", int64(1))
	})
	add("softmax", func(n *net) { n.op("MatMul x w -> a").op("Softmax a -> b").op("MatMul b v -> y") })
	add("logsoftmax", func(n *net) { n.op("MatMul x w -> a").op("LogSoftmax a -> b").op("MatMul b v -> y") })
	add("attention", func(n *net) {
		n.constant("k", n.normal(.7, 0, 6, 5))
		n.op("MatMul x w -> q").op("MatMul x k -> k1").op("Transpose k1 -> k2").op("MatMul q k2 -> s").op("Softmax s -> p", "axis", int64(1))
		n.constant("u", n.normal(.7, 0, 5, 1)).op("MatMul q u -> v1").op("MatMul p v1 -> y")
	})
	add("masked", func(n *net) {
		n.constant("l", scalarTensor(math.Inf(-1))).constant("z", scalarTensor(0))
		n.op("MatMul x w -> a").op("Greater a c -> b").op("Where b a l -> m").op("Softmax m -> p").op("IsNaN p -> i").op("Where i z p -> q").op("MatMul q v -> y")
	})
	add("norm", func(n *net) {
		n.op("MatMul x w -> a").op("LayerNormalization a c c -> b").op("MatMul b v -> d").op("Relu d -> y")
	})
	add("order", func(n *net) { n.op("MatMul x w -> a").op("ArgMax a -> y", "axis", int64(1)) })
	add("lowest", func(n *net) { n.op("MatMul x w -> a").op("ArgMin a -> y", "axis", int64(1)) })
	add("logic", func(n *net) {
		n.op("MatMul x w -> a").op("Greater a c -> b").op("Add a c -> d").op("Relu d -> e").op("Where b e a -> y")
	})
	return out
}

// inputs are random tensors inside [lo, hi], corners of that cube, and its ends.
func inputsWithin(lo, hi float64, shape []int, count int) []*tensor.Tensor {
	r := rand.New(rand.NewPCG(1, 2))
	var out []*tensor.Tensor
	for k := range count {
		t := tensor.New(tensor.Float32, shape...)
		for i := range t.Floats {
			switch {
			case k == 0:
				t.Floats[i] = lo
			case k == 1:
				t.Floats[i] = hi
			case k%2 == 0: // a corner
				t.Floats[i] = []float64{lo, hi}[r.IntN(2)]
			default:
				t.Floats[i] = lo + (hi-lo)*r.Float64()
			}
		}
		out = append(out, t)
	}
	return out
}

// adversarial is the input inside [-m, m] that makes an entry of x W largest, with either sign.
func adversarial(w *tensor.Tensor, m float64) []*tensor.Tensor {
	rows, cols := w.Shape[0], w.Shape[1]
	var out []*tensor.Tensor
	for j := range cols {
		for _, s := range []float64{-m, m} {
			t := tensor.New(tensor.Float32, 2, rows)
			for i := range t.Floats {
				t.Floats[i] = math.Copysign(s, s*w.Floats[i%rows*cols+j])
			}
			out = append(out, t)
		}
	}
	return out
}

// solveAll wants a witness for every input, which Mock accepts, and gives the outputs.
func solveAll(t *testing.T, c *Compiled, inputs []*tensor.Tensor) [][]*tensor.Tensor {
	t.Helper()
	var out [][]*tensor.Tensor
	for k, x := range inputs {
		values, err := c.Values([]*tensor.Tensor{x})
		if err == nil {
			err = witness.Solve(context.Background(), c.Solvable, c.Certificate, values)
		}
		if err != nil {
			t.Fatalf("input %d %v: %v", k, x.Floats, err)
		}
		if bad := witness.Mock(c.Circuit, values); len(bad) > 0 {
			t.Fatalf("input %d: %v", k, bad[0])
		}
		out = append(out, c.Dequantise(values))
	}
	return out
}

// TestGuaranteed: in every network, with digits of either width, no input inside the declared range is without a proof; one
// outside is refused at the door.
func TestGuaranteed(t *testing.T) {
	for name, n := range completeNets() {
		t.Run(name, func(t *testing.T) {
			g, _, _ := n.build(t)
			for _, r := range []quant.Range{{Lo: -1, Hi: 1}, {Lo: -.1, Hi: 2.5}} {
				p := &quant.Params{Completeness: quant.Guaranteed, Ranges: map[string]quant.Range{"x": r}}
				for _, o := range []Options{{Width: 8}, {Width: 16}, {Width: 8, Input: Public, Params: Fixed}} {
					c, err := Compile(g, p, o)
					if err != nil {
						t.Fatal(err)
					}
					inputs := inputsWithin(r.Lo, r.Hi, []int{2, 6}, 40)
					if r.Lo == -r.Hi {
						inputs = append(inputs, adversarial(n.src.Consts["w"], r.Hi)...)
					}
					for k, got := range solveAll(t, c, inputs) {
						want, err := graph.Run(context.Background(), g, inputs[k:k+1], nil)
						if err != nil {
							t.Fatal(err)
						}
						if name != "order" && name != "logic" && name != "exp" { // those jump, or span too many magnitudes
							compareOutputs(t, got, want, 2e-2)
						}
					}
					far := inputsWithin(r.Hi+.01, r.Hi+.01, []int{2, 6}, 1)
					if _, err := c.Values(far); err == nil {
						t.Error("an input outside the declared range was accepted")
					}
				}
			}
		})
	}
}

// TestNoGuarantee names what is partial on the declared range.
func TestNoGuarantee(t *testing.T) {
	for want, build := range map[string]func(n *net){
		"log":     func(n *net) { n.op("Log x -> y") },
		"divisor": func(n *net) { n.op("Div x x -> y") },
		"exp":     func(n *net) { n.constant("k", scalarTensor(28)).op("Mul x k -> a").op("Exp a -> y") },
		"sqrt":    func(n *net) { n.op("Sqrt x -> y") },
		"an index ": func(n *net) {
			n.op("Cast x -> i", "to", int64(7)).constant("w", n.normal(1, 0, 4, 3)).op("Gather w i -> y")
		},
	} {
		n := newNet(3)
		n.input("x", n.normal(.1, 1, 2, 6))
		build(n)
		g, _, _ := n.build(t)
		p := &quant.Params{Completeness: quant.Guaranteed, Ranges: map[string]quant.Range{"x": {Lo: -1, Hi: 1}}}
		if _, err := Compile(g, p, Options{}); err == nil || !strings.Contains(err.Error(), "no guarantee") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// TestClamp: calibrated on small inputs, every input has a proof.
func TestClamp(t *testing.T) {
	for name, n := range completeNets() {
		t.Run(name, func(t *testing.T) {
			g, p, want := n.build(t)
			p.Completeness = quant.Clamp
			for _, o := range []Options{{Width: 8}, {Width: 16}, {Width: 8, Input: Public, Params: Fixed}} {
				c, err := Compile(g, p, o)
				if err != nil {
					t.Fatal(err)
				}
				compareOutputs(t, solveAll(t, c, n.in)[0], want, 5e-3)
				solveAll(t, c, inputsWithin(-1e9, 1e9, []int{2, 6}, 30))
				solveAll(t, c, inputsWithin(-3, 3, []int{2, 6}, 30))
				solveAll(t, c, adversarial(n.src.Consts["w"], 1e3))
			}
		})
	}
}

// TestClampMeaning: saturation is what Clamp says, tensor by tensor: x and x W at the ends of 16 bits on their units, exp at
// the ends of its table.
func TestClampMeaning(t *testing.T) {
	const in = 2.0 // exponents are given: x, a and the tables' interval saturate at 2, 4 and 4
	w := tensor.New(tensor.Float32, 2, 2)
	w.Floats = []float64{1.5, -1, 2, .25}
	n := newNet(1)
	n.input("x", shaped(&tensor.Tensor{Type: tensor.Float32, Shape: []int{2}, Floats: []float64{1, -1}}, 1, 2))
	n.constant("w", w).op("MatMul x w -> a").op("Relu a -> b").op("Exp a -> y").op("Add b y -> z")
	g, _, _ := n.build(t)
	p := &quant.Params{Completeness: quant.Clamp, Exponents: map[string]int{"x": 1, "a": 2, "b": 2, "y": 6, "z": 6}}
	clip := func(x, m float64) float64 { return min(max(x, -m), m) }
	for _, o := range []Options{{Width: 8}, {Width: 16}} {
		c, err := Compile(g, p, o)
		if err != nil {
			t.Fatal(err)
		}
		for k, x := range inputsWithin(-5, 5, []int{1, 2}, 60) {
			got := solveAll(t, c, []*tensor.Tensor{x})[0][0]
			for j := range 2 {
				a := clip(clip(x.Floats[0], in)*w.Floats[j]+clip(x.Floats[1], in)*w.Floats[2+j], 4)
				want := max(a, 0) + math.Exp(a)
				if d := math.Abs(got.Floats[j] - want); d > 2e-2 {
					t.Errorf("input %d %v: %g, not %g", k, x.Floats, got.Floats[j], want)
				}
			}
		}
	}
}
