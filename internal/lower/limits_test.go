package lower

import (
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// TestLimits: networks that fuzzing found to need too much memory, or that have nothing to compute in one place, get an error.
func TestLimits(t *testing.T) {
	long := &tensor.Tensor{Type: tensor.Float32, Shape: []int{1 << 16}, Floats: make([]float64, 1<<16)}
	params := &tensor.Tensor{Type: tensor.Float32, Shape: []int{2}, Floats: []float64{1, 2}}
	for _, c := range []struct {
		name string
		net  *net
		want string
	}{
		{"a matrix of 2^32 entries", newNet(1).input("x", long).constant("a", ints(0)).op("CumSum x a -> y"), "too large"},
		{"constant data", newNet(1).constant("c", params).input("s", params).op("LayerNormalization c s -> y", "axis", int64(0)), "constant is not supported"},
	} {
		g, err := graph.Build(&c.net.src, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = Compile(g, &quant.Params{}, Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestEmptyOutput: an output without entries states nothing.
func TestEmptyOutput(t *testing.T) {
	n := newNet(1).input("x", vector(1, 2)).constant("none", tensor.New(tensor.Float32, 0)).op("Relu x -> y")
	n.src.Outputs = append(n.src.Outputs, "none")
	g, p, _ := n.build(t)
	for _, o := range []Options{{}, {Output: Public}, {Output: Fixed}} {
		c, err := Compile(g, p, o)
		if err != nil {
			t.Fatal(err)
		}
		in, err := c.Quantise(n.in)
		if err != nil {
			t.Fatal(err)
		}
		if out := c.Dequantise(solveAny(t, c, in)); len(out) != 2 || out[1].Len() != 0 || len(c.Outputs[1].Parts) != 0 {
			t.Errorf("%v", out)
		}
	}
}
