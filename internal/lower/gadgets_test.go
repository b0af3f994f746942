package lower

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/determinism"
	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/tensor"
	"github.com/ezkl-go/ezkl/internal/witness"
)

// gadgetCases are networks of one gadget each, small enough to try every witness.
func gadgetCases() map[string]*net {
	cases := map[string]*net{}
	start := func(name string, shape ...int) *net {
		n := newNet(uint64(len(cases)))
		cases[name] = n.input("x", n.normal(1, 0, shape...))
		return n
	}
	start("relu", 2).op("Relu x -> y")
	n := start("requantise relu", 2)
	n.constant("w", n.normal(1, 0, 2, 1)).op("MatMul x w -> z").op("Relu z -> y")
	n = start("requantise", 2)
	n.constant("w", n.normal(1, 0, 2, 2)).op("MatMul x w -> z").op("Mul z z -> y")
	n = start("table", 2)
	n.constant("w", n.normal(1, 0, 2, 1)).op("MatMul x w -> z").op("Sigmoid z -> y")
	n = start("saturate", 2)
	n.constant("w", n.normal(20, 0, 2, 1)).op("MatMul x w -> z").op("Erf z -> y")
	start("abs", 2).op("Abs x -> y")
	start("maximum", 2).op("ReduceMax x -> y")
	n = start("prelu", 2)
	n.constant("s", n.normal(1, 0, 2)).op("PRelu x s -> y")
	start("max pool", 1, 1, 3).op("MaxPool x -> y", "kernel_shape", list(2), "pads", list(1, 0))
	n = start("max pool chain", 1, 1, 4)
	n.constant("w", n.normal(1, 0, 1, 1, 2)).op("Conv x w -> z", "pads", list(0, 1)).op("Relu z -> r").
		op("MaxPool r -> y", "kernel_shape", list(2), "strides", list(2))
	n = start("product", 2)
	n.input("z", n.normal(1, 0, 2)).op("Mul x z -> y")
	maps.Copy(cases, extendedGadgets())
	maps.Copy(cases, arithmeticGadgets())
	maps.Copy(cases, selectionGadgets())
	return cases
}

// calibratedOn are the parameters of a network after calibration on one input.
func calibratedOn(t testing.TB, g *graph.Graph, in []*tensor.Tensor, margin float64) *quant.Params {
	t.Helper()
	stats, _, err := quant.Calibrate(context.Background(), g, [][]*tensor.Tensor{in}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := stats.Params(margin)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// solved are the integers that an input gives.
func solved(t testing.TB, c *Compiled, in []*tensor.Tensor) [][]int64 {
	t.Helper()
	values, err := c.Values(in)
	if err != nil {
		t.Fatal(err)
	}
	if err := witness.Solve(context.Background(), c.Solvable, c.Certificate, values); err != nil {
		t.Fatalf("width %d: %v", c.Width, err)
	}
	return values
}

// mocked are those integers, of which every relation and lookup holds.
func mocked(t testing.TB, c *Compiled, in []*tensor.Tensor) [][]int64 {
	t.Helper()
	values := solved(t, c, in)
	if f := witness.Mock(c.Circuit, values); f != nil {
		t.Fatalf("mock: %v", f)
	}
	return values
}

// compileCase compiles with everything private, and solves.
func compileCase(t *testing.T, n *net, o Options) (*Compiled, [][]int64) {
	t.Helper()
	g, p, _ := n.build(t)
	c, err := Compile(g, p, o)
	if err != nil {
		t.Fatal(err)
	}
	return c, mocked(t, c, n.in)
}

// wrong is a set of values that differs from a witness.
type wrong struct {
	name   string
	values [][]int64
}

// wrongWitnesses alters each block that the prover chooses: every block's entries by one, alone; and each digit of a
// representation with a carry from the next, which keeps the relation and breaks a range only.
func wrongWitnesses(c *Compiled, values [][]int64) []wrong {
	var out []wrong
	add := func(name string, change func(v [][]int64)) {
		v := make([][]int64, len(values))
		for i := range values {
			v[i] = slices.Clone(values[i])
		}
		change(v)
		out = append(out, wrong{name, v})
	}
	for b, step := range c.Certificate.By {
		if step == circuit.None || len(values[b]) == 0 {
			continue
		}
		for _, d := range []int64{1, -1} {
			add(fmt.Sprintf("%s %+d", c.Circuit.Blocks[b].Name, d), func(v [][]int64) { v[b][0] += d })
		}
	}
	for _, s := range c.Certificate.Steps {
		if s.Rule != determinism.Digits {
			continue
		}
		for i := 1; i < len(s.Digits); i++ {
			high, low := s.Digits[i-1], s.Digits[i]
			for _, d := range []int64{1, -1} {
				add(fmt.Sprintf("%s carry %+d", c.Circuit.Blocks[high.Block].Name, d), func(v [][]int64) {
					v[high.Block][0] += d
					v[low.Block][0] -= d * (high.Coef / low.Coef)
				})
			}
		}
	}
	return out
}

// refuseWrong reports the wrong witnesses that pass.
func refuseWrong(t *testing.T, name string, c *Compiled, values [][]int64) {
	t.Helper()
	for _, w := range wrongWitnesses(c, values) {
		if witness.Mock(c.Circuit, w.values) == nil {
			t.Errorf("%s, width %d: %s accepted", name, c.Width, w.name)
		}
	}
}

// TestC8_WrongWitnesses refuses every alteration of every gadget's witness.
func TestC8_WrongWitnesses(t *testing.T) {
	cases := gadgetCases()
	maps.Copy(cases, compositeGadgets())
	for name, n := range cases {
		t.Run(name, func(t *testing.T) {
			for _, o := range []Options{{}, {Width: 16}, {Width: 4, TableBits: 6}, {small: 16}} {
				if g, _, _ := n.build(t); o.small > 0 && exponents(g) == 0 {
					continue
				}
				c, values := compileCase(t, n, o)
				refuseWrong(t, name, c, values)
			}
		})
	}
}

// TestCertificate wants every relation used by the certificate, and every integer in 62 bits.
func TestCertificate(t *testing.T) {
	for name, n := range operatorCases() {
		g, p, _ := n.build(t)
		for _, o := range []Options{{Output: Public}, {Width: 16}} {
			c, err := Compile(g, p, o)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if len(c.Certificate.Checks) > 0 || len(c.Certificate.Wide) > 0 {
				t.Errorf("%s: unused relations %v, wide blocks %v", name, c.Certificate.Checks, c.Certificate.Wide)
			}
		}
	}
}

// TestRequantise compares requantised integers with floor((x + 2^(s-1)) / 2^s), for all shifts and widths.
func TestRequantise(t *testing.T) {
	for _, width := range []int{2, 3, 5, 8} {
		for s := range 10 {
			b := newBuilder(nil, Options{Width: width})
			in := b.block("x", []int{7}, circuit.Public)
			b.c.Blocks[in].Lo, b.c.Blocks[in].Hi = -4096, 4096
			b.c.Inputs = []int{in}
			v := &value{atoms: []int{7}, split: []int{1}, terms: []circuit.Term{blockTerm(1, in, 1)}, unit: 1, lo: -4096, hi: 4096, bound: 1e9}
			q := b.requantise(v, s, b.digitCount(v, s))
			c := &Compiled{Circuit: b.c, Key: b.key}
			if err := layout.Arrange(b.c, b.lookups); err != nil {
				t.Fatal(err)
			}
			if err := certify(c); err != nil {
				t.Fatal(err)
			}
			x := []int64{-4096, -1000, -1, 0, 1, 777, 4095}
			values := solveNaive(t, c, map[int][]int64{in: x})
			for i := range x {
				var got int64
				for _, term := range q.terms {
					got += term.Coef * values[term.Block][i]
				}
				want := x[i]
				if s > 0 {
					want = (x[i] + 1<<(s-1)) >> s
				}
				if got != want {
					t.Errorf("width %d, shift %d: %d gives %d, not %d", width, s, x[i], got, want)
				}
			}
		}
	}
}

// TestMaxPoolPadding wants padding to count as less than every value, also below the calibrated range.
func TestMaxPoolPadding(t *testing.T) {
	n := newNet(3)
	x := tensor.New(tensor.Float32, 1, 1, 4)
	x.Floats = []float64{-1, -2, -1.5, -1.75}
	n.input("x", x).op("MaxPool x -> y", "kernel_shape", list(3), "pads", list(1, 1))
	c, _ := compileCase(t, n, Options{})
	n.in[0].Floats = []float64{-3.99, -3.5, -3.99, -3.99} // the circuit holds [-4, 4)
	values := solved(t, c, n.in)
	want := &tensor.Tensor{Type: tensor.Float32, Shape: []int{1, 1, 4}, Floats: []float64{-3.5, -3.5, -3.5, -3.99}}
	compareOutputs(t, c.Dequantise(values), []*tensor.Tensor{want}, 1e-4)
}

// TestPrivateScalars wants the circuit to be the same for different values of private one-element parameters, also beside
// element-wise operators; with public parameters they may be part of it.
func TestPrivateScalars(t *testing.T) {
	for name, ops := range map[string]func(n *net) *net{
		"bias":      func(n *net) *net { return n.op("Gemm x w s -> y") },
		"summand":   func(n *net) *net { return n.op("Gemm x w -> z").op("Add z s -> y") },
		"threshold": func(n *net) *net { return n.op("Gemm x w -> z").op("Less z s -> y") },
		"maximum":   func(n *net) *net { return n.op("Gemm x w -> z").op("Max z s -> y") },
	} {
		var p *quant.Params
		var digest [32]byte
		for i, secret := range []float64{.75, .625} {
			n := newNet(7)
			n.input("x", n.normal(1, 0, 2, 3)).constant("w", n.normal(1, 0, 3, 1)).
				constant("s", &tensor.Tensor{Type: tensor.Float32, Shape: []int{1}, Floats: []float64{secret}})
			g, measured, _ := ops(n).build(t)
			if p == nil {
				p = measured
			}
			c, err := Compile(g, p, Options{Output: Public})
			if err != nil {
				t.Fatal(err)
			}
			if i > 0 && c.Circuit.Digest() != digest {
				t.Errorf("%s: the circuit depends on it", name)
			}
			digest = c.Circuit.Digest()
		}
	}
}

// TestShiftedMaximum moves a softmax's maximum and all distances from it together: every relation can be kept but the count of
// entries at the maximum, which is 0 then.
func TestShiftedMaximum(t *testing.T) {
	for name, o := range map[string]Options{"a table": {Width: 16, small: 16}, "two tables": {Width: 16, small: 2}} {
		c, values := compileCase(t, gadgetCases()["softmax of a product"], o)
		at := slices.IndexFunc(c.Certificate.Steps, func(s determinism.Step) bool { return s.Rule == determinism.Largest })
		if at < 0 {
			t.Fatalf("%s: no step finds a maximum", name)
		}
		m := c.Certificate.Steps[at].Maximum
		if len(m.Entry) != map[string]int{"a table": 1, "two tables": 2}[name] {
			t.Fatalf("%s: distances of %d digits", name, len(m.Entry))
		}
		entry, largest := m.Entry[len(m.Entry)-1].Block, m.Max[0].Block
		for _, by := range []int64{1, 2, 20} {
			v := make([][]int64, len(values))
			for i := range values {
				v[i] = slices.Clone(values[i])
			}
			for i := range v[largest] {
				v[largest][i] += by
			}
			for i := range v[entry] {
				v[entry][i] -= by
			}
			given := slices.Clone(v) // the rest follows from the moved distances
			for i, step := range c.Certificate.By {
				if step > at {
					given[i] = nil
				}
			}
			cert := *c.Certificate
			cert.Steps = slices.Delete(slices.Clone(cert.Steps), 0, at+1)
			cert.By = slices.Clone(cert.By)
			for i := range cert.By {
				if cert.By[i] = cert.By[i] - at - 1; cert.By[i] < 0 {
					cert.By[i] = circuit.None
				}
			}
			if err := witness.Solve(context.Background(), c.Solvable, &cert, given); err == nil {
				t.Errorf("%s: a maximum larger by %d has a witness", name, by)
			} else if !strings.Contains(err.Error(), "ties") && !strings.Contains(err.Error(), "sum") {
				t.Errorf("%s, larger by %d: %v", name, by, err)
			}
		}
	}
}
