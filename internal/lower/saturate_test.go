package lower

import (
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// TestSaturate wants bounded functions exact for roots far outside their table, on both sides.
func TestSaturate(t *testing.T) {
	for _, op := range []string{"Erf", "Sigmoid", "Tanh"} {
		n := newNet(1)
		w := tensor.New(tensor.Float32, 1, 1)
		w.Floats[0] = 37.3
		x := tensor.New(tensor.Float32, 9, 1)
		x.Floats = []float64{-3, -1, -0.4, -0.1, 0, 0.003, 0.1, 0.4, 3}
		n.input("x", x).constant("w", w).op("MatMul x w -> z").op(op + " z -> y")
		g, p, want := n.build(t)
		for _, o := range []Options{{}, {Width: 16, Params: Fixed}} {
			c, err := Compile(g, p, o)
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for i := range c.Circuit.Tables {
				found = found || strings.HasPrefix(c.Circuit.Tables[i].Name, "side")
			}
			if !found {
				t.Errorf("%s: no saturation", op)
			}
			values := solved(t, c, n.in)
			compareOutputs(t, c.Dequantise(values), want, 3e-3) // 37 times the input's rounding
		}
	}
}

// TestPrecision: weights before a bounded function are as fine as its table.
func TestPrecision(t *testing.T) {
	n := newNet(1)
	n.input("x", n.normal(1, 0, 2, 3)).constant("w", n.normal(9, 0, 3, 2)).op("MatMul x w -> z").op("Tanh z -> y")
	g, _, _ := n.build(t)
	if s := feedsSaturating(g); s[g.Nodes[0].Outputs[0]] != 8 {
		t.Errorf("%v", s)
	}
	n.op("Neg z -> u").op("Add u y -> v")
	g, _, _ = n.build(t)
	if s := feedsSaturating(g); s[find(g, "z")] != 0 {
		t.Errorf("%v", s)
	}
}

func find(g *graph.Graph, name string) *graph.Value {
	for _, n := range g.Nodes {
		for _, v := range n.Outputs {
			if v.Name == name {
				return v
			}
		}
	}
	return nil
}
