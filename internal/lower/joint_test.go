package lower

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/tensor"
	"github.com/ezkl-go/ezkl/internal/witness"
)

// stepCases are networks with the same weights in several places, whose tensors grow from step to step. All initialisers, as
// lowering reads them, have different shapes.
func stepCases() map[string]*net {
	cases := map[string]*net{}
	start := func(name string, seed uint64) *net {
		n := newNet(seed)
		x := n.normal(.05, 0, 5, 1, 3) // steps, batch, input
		for i := range x.Floats {
			x.Floats[i] = math.Ldexp(x.Floats[i], 2*(i/3))
		}
		cases[name] = n.input("x", x)
		return n
	}
	layer := func(n *net, op string, gates, input, hidden int, spec string, attrs ...any) {
		rows := gates * hidden
		id := fmt.Sprint(hidden)
		n.constant("w"+id, n.normal(.4, 0, 1, rows, input)).constant("r"+id, n.normal(.4, 0, 1, rows, hidden)).constant("b"+id, n.normal(.2, 0, 1, 2*rows))
		n.op(op+" "+spec, append(attrs, "hidden_size", int64(hidden))...)
	}
	n := start("LSTM of two layers", 1)
	layer(n, "LSTM", 4, 3, 4, "x w4 r4 b4 -> y")
	n.constant("axis", ints(1)).op("Squeeze y axis -> z")
	layer(n, "LSTM", 4, 4, 5, "z w5 r5 b5 -> o")
	layer(start("GRU", 2), "GRU", 3, 3, 4, "x w4 r4 b4 -> y")
	layer(start("RNN backwards", 3), "RNN", 1, 3, 4, "x w4 r4 b4 -> y", "direction", "reverse")

	body := &graph.Source{
		Inputs:  []graph.SourceInput{{Name: "h"}, {Name: "v"}},
		Outputs: []string{"next", "out"},
		Nodes: []graph.SourceNode{
			{Op: "MatMul", Inputs: []string{"v", "w"}, Outputs: []string{"a"}},
			{Op: "MatMul", Inputs: []string{"h", "r"}, Outputs: []string{"c"}},
			{Op: "Add", Inputs: []string{"a", "c"}, Outputs: []string{"d"}},
			{Op: "Add", Inputs: []string{"d", "b"}, Outputs: []string{"e"}},
			{Op: "Tanh", Inputs: []string{"e"}, Outputs: []string{"next"}},
			{Op: "Mul", Inputs: []string{"next", "s"}, Outputs: []string{"out"}},
		},
	}
	n = start("Scan", 4)
	n.input("h0", n.normal(.01, 0, 1, 4)).constant("w", n.normal(.4, 0, 3, 4)).constant("r", n.normal(.4, 0, 4, 4)).
		constant("b", n.normal(.2, 0, 4)).constant("s", n.normal(.4, 0, 1, 4))
	n.op("Scan h0 x -> last y", "body", body, "num_scan_inputs", int64(1)).op("Relu y -> o")

	again := &graph.Source{
		Inputs:  []graph.SourceInput{{Name: "i"}, {Name: "going"}, {Name: "h"}},
		Outputs: []string{"going", "next"},
		Nodes: []graph.SourceNode{
			{Op: "MatMul", Inputs: []string{"h", "r"}, Outputs: []string{"c"}},
			{Op: "Add", Inputs: []string{"c", "b"}, Outputs: []string{"d"}},
			{Op: "Relu", Inputs: []string{"d"}, Outputs: []string{"next"}},
		},
	}
	n = start("Loop", 6)
	n.constant("r", n.normal(.5, 0, 3, 3)).constant("b", n.normal(.2, 0, 3)).constant("trips", typed(tensor.Int64, []int{}, 4))
	n.op("Loop trips _ x -> y", "body", again)

	n = start("one matrix for two inputs", 5)
	n.input("u", n.normal(20, 0, 5, 1, 3)).constant("w", n.normal(.4, 0, 3, 4)).constant("b", n.normal(.2, 0, 4))
	n.op("MatMul x w -> a").op("MatMul u w -> c").op("Add a b -> d").op("Add c b -> e").op("Relu d -> f").op("Relu e -> g").op("Sub f g -> y")
	return cases
}

// committers gives, for the private blocks of each shape and use, the nodes that committed them.
func committers(c *Compiled) map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for i := range c.Circuit.Blocks {
		if b := &c.Circuit.Blocks[i]; b.Role == circuit.Private {
			_, use, _ := strings.Cut(b.Name, ": ")
			use = regexp.MustCompile("weights|constant|factor").FindString(use)
			k := fmt.Sprint(use, b.Dims)
			if out[k] == nil {
				out[k] = map[string]bool{}
			}
			out[k][c.Trace.Owner[i]] = true
		}
	}
	return out
}

// most is the largest number of nodes that committed blocks of one shape.
func most(c *Compiled) int {
	n := 0
	for _, nodes := range committers(c) {
		n = max(n, len(nodes))
	}
	return n
}

// TestStepsShareConstants: a network commits each initialiser once for all steps, also where no input is refused, and its
// results stay as accurate as without. With scales of their own the steps of the same networks commit more.
func TestStepsShareConstants(t *testing.T) {
	for name, n := range stepCases() {
		t.Run(name, func(t *testing.T) {
			g, p, want := n.build(t)
			if !p.Joined {
				t.Fatal("calibration has not seen the steps")
			}
			apart := *p
			apart.Joined = false
			guaranteed := &quant.Params{Joined: true, Completeness: quant.Guaranteed, Ranges: map[string]quant.Range{}}
			for i, v := range g.Inputs {
				m := maxAbs(n.in[i].Floats)
				guaranteed.Ranges[v.Name] = quant.Range{Lo: -m, Hi: m}
			}
			clamped := *p
			clamped.Completeness = quant.Clamp
			for what, p := range map[string]*quant.Params{"apart": &apart, "calibrated": p, "guaranteed": guaranteed, "clamp": &clamped} {
				if what == "guaranteed" && len(g.Inputs) > 1 {
					continue // inputs have the units that their declared ranges ask for
				}
				c, err := Compile(g, p, Options{Output: Public})
				if err != nil {
					t.Fatalf("%s: %v", what, err)
				}
				if k := most(c); what == "apart" && k < 2 || what != "apart" && k != 1 {
					t.Errorf("%s: up to %d nodes commit constants of one shape: %v", what, k, committers(c))
				}
				in, err := c.Quantise(n.in)
				if err != nil {
					t.Fatal(err)
				}
				values := solveAny(t, c, in)
				if f := witness.Mock(c.Circuit, values); f != nil {
					t.Fatalf("%s: mock: %v", what, f)
				}
				t.Logf("%s: error %.2e", what, compareOutputs(t, c.Dequantise(values), want, 1e-3))
			}
		})
	}
}

// TestEqualConstantsStayApart: a circuit is public, and does not show that two private constants are equal.
func TestEqualConstantsStayApart(t *testing.T) {
	n := newNet(1)
	n.input("x", n.normal(1, 0, 2, 3)).constant("w", n.normal(1, 0, 3, 4))
	v := *n.src.Consts["w"]
	n.constant("v", &v).op("MatMul x w -> a").op("MatMul x v -> b").op("Relu a -> c").op("Tanh b -> d").op("Mul c d -> y")
	g, p, _ := n.build(t)
	c, err := Compile(g, p, Options{Output: Public})
	if err != nil {
		t.Fatal(err)
	}
	if k := most(c); k != 2 {
		t.Errorf("%d nodes commit the two matrices", k)
	}
}
