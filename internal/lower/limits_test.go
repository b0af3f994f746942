package lower

import (
	"fmt"
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

// TestLongChains: functions of functions, and sums of very many tensors, take time in proportion to the network, and the numbers stay
// right.
func TestLongChains(t *testing.T) {
	doubles := newNet(1).input("x", vector(0.5, -1, 1))
	from := "x"
	for k := range 40 {
		doubles.op(fmt.Sprintf("Add %s %s -> a%d", from, from, k)).op(fmt.Sprintf("Tanh a%d -> d%d", k, k))
		from = fmt.Sprint("d", k)
	}
	doubles.op("Relu " + from + " -> y")
	tanhs := newNet(1).input("x", vector(0.5, -1, 1))
	from = "x"
	for k := range 100 {
		to := fmt.Sprint("t", k)
		tanhs.op("Tanh " + from + " -> " + to)
		from = to
	}
	tanhs.op("Relu " + from + " -> y")
	many := newNet(1)
	var names []string
	for k := range 300 {
		names = append(names, fmt.Sprint("x", k))
		many.input(names[k], vector(float64(k%7)/8, float64(k%5)/4))
	}
	many.op("Max " + strings.Join(names, " ") + " -> m").op("Sum " + strings.Join(names, " ") + " -> s").op("Sub s m -> y")
	for name, n := range map[string]*net{"doubles": doubles, "functions": tanhs, "many operands": many} {
		t.Run(name, func(t *testing.T) {
			g, p, want := n.build(t)
			c, err := Compile(g, p, Options{TableBits: 12, Output: Public})
			if err != nil {
				t.Fatal(err)
			}
			for i := range c.Circuit.Relations {
				if r := &c.Circuit.Relations[i]; len(r.LHS.Terms)+len(r.Sum) > maxTerms+20 {
					t.Errorf("relation %d has %d terms", i, len(r.LHS.Terms)+len(r.Sum))
				}
			}
			in, err := c.Quantise(n.in)
			if err != nil {
				t.Fatal(err)
			}
			compareOutputs(t, c.Dequantise(solveAny(t, c, in)), want, 2e-2)
		})
	}
}
