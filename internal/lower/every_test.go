package lower

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/onnx"
	"github.com/ezkl-go/ezkl/internal/onnx/testdata"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/tensor"
	"github.com/ezkl-go/ezkl/internal/witness"
)

// refusedCases are the test networks without a circuit, or whose input has no witness, by case: what the error says.
var refusedCases = map[string]string{
	"binary/Add 7":                "empty tensor",
	"binary/Sub 7":                "empty tensor",
	"binary/Mul 7":                "empty tensor",
	"binary/Div 7":                "empty tensor",
	"cast/int":                    "more than 10 bits", // tables of 2^10 rows here
	"gatherelements":              "no witness",        // negative indices that are data
	"gathernd/batch":              "batch_dims with indices that are no constants",
	"pool/MaxPool indices":        "Indices is not supported",
	"pool/MaxPool indices column": "Indices is not supported",
	"scatterelements/1":           "no witness", // negative indices that are data
	"scatterelements/max":         "reduction max",
	"scatterelements/min":         "reduction min",
	"scatterelements/mul":         "reduction mul",
	"scatternd/max":               "reduction max",
	"scatternd/min":               "reduction min",
	"scatternd/mul":               "reduction mul",
	"unary/IsInf":                 "-Inf", // an infinite tensor
	"slice/3":                     "empty tensor",
}

// uncovered are operators that no test network with a circuit has, with the reason.
var uncovered = map[string]string{
	standardiseOp: "made by recognise: LayerNormalization's networks have it",
	"Scatter":     "ScatterElements' name of operator set 9",
}

// TestC8_EveryOperator walks over all operators: each is in some test network whose circuit has a certificate for every block,
// an honest witness that holds, and no other: each block that the prover chooses is changed by one at some entry, the blocks
// after it computed anew or not, and Mock refuses.
func TestC8_EveryOperator(t *testing.T) {
	cases, err := testdata.All()
	if err != nil {
		t.Fatal(err)
	}
	covered, changed := map[string]bool{}, 0
	for i := range cases {
		c := &cases[i]
		t.Run(c.Case, func(t *testing.T) {
			ops, k := everyCase(t, c, uint64(i))
			changed += k
			for _, op := range ops {
				covered[op] = true
			}
		})
	}
	for name, n := range map[string]*net{ // onnxruntime has neither CumProd nor SwiGLU
		"IsInf":   newNet(3).input("x", vector(.5, -2, 3)).op("Relu x -> z").op("IsInf z -> y"),
		"CumProd": newNet(1).input("x", vector(.5, -2, 3, 1.5)).constant("a", ints(0)).op("CumProd x a -> y", "exclusive", int64(1)),
		"SwiGLU":  newNet(2).input("x", vector(.5, -2, 3)).input("z", vector(1, 2, -1)).op("SwiGLU x z -> y"),
	} {
		t.Run(name, func(t *testing.T) {
			c, values := compileCase(t, n, Options{TableBits: 10, Output: Public})
			changed += attack(t, c, values, 1)
			covered[name] = true
		})
	}
	if t.Failed() {
		return
	}
	for op := range operators {
		if !covered[op] && uncovered[op] == "" {
			t.Errorf("%s is in no test network that compiles", op)
		}
	}
	for _, op := range graph.CompositeNames() {
		if !covered[op] && uncovered[op] == "" {
			t.Errorf("%s is in no test network that compiles", op)
		}
	}
	t.Logf("%d networks, %d wrong witnesses refused", len(cases), changed)
}

// everyCase compiles and attacks one network; it returns the operators that its circuit computes, and the number of attacks.
func everyCase(t *testing.T, tc *testdata.Case, seed uint64) (ops []string, changed int) {
	src, err := onnx.Source(tc.Model)
	if err != nil {
		t.Fatal(err)
	}
	g, err := onnx.Decode(tc.Model, onnx.Options{Variables: map[string]int{"batch_size": 1}})
	if err != nil {
		t.Skip(err) // TestM2_OperatorsAgreeWithOnnxruntime knows which may be refused
	}
	refused := func(err error) {
		t.Helper()
		if why := refusedCases[tc.Case]; why == "" || !strings.Contains(err.Error(), why) {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	in := caseTensors(t, g.Inputs, tc.Inputs)
	for _, x := range in {
		for i, v := range x.Floats {
			if math.IsInf(v, 0) || math.IsNaN(v) { // IsInf and IsNaN have such inputs
				x.Floats[i] = 1
			}
		}
	}
	stats, _, err := quant.Calibrate(context.Background(), g, [][]*tensor.Tensor{in}, nil)
	if err != nil {
		refused(err)
	}
	p, err := stats.Params(quant.DefaultMargin)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Compile(g, p, Options{TableBits: 10, Output: Public})
	if err != nil {
		refused(err)
	}
	for i, by := range c.Certificate.By {
		if b := &c.Circuit.Blocks[i]; (b.Role == circuit.Free || b.Role == circuit.Column) && by == circuit.None && !slices.Contains(c.Circuit.Inputs, i) {
			t.Errorf("block %s has no rule", b.Name)
		}
	}
	values, err := c.Values(in)
	if err != nil {
		t.Fatal(err)
	}
	if err := witness.Solve(context.Background(), c.Circuit, c.Certificate, values); err != nil {
		refused(err)
	}
	if f := witness.Mock(c.Circuit, values); f != nil {
		t.Fatalf("mock: %v", f)
	}
	return append(sourceOps(src), graphOps(g)...), attack(t, c, values, seed)
}

// attack changes each block that the prover chooses and wants Mock to refuse; it returns the number of changes.
func attack(t *testing.T, c *Compiled, values [][]int64, seed uint64) (changed int) {
	rng := rand.New(rand.NewPCG(seed, 8))
	for b, step := range c.Certificate.By {
		if step == circuit.None || len(values[b]) == 0 {
			continue
		}
		at := rng.IntN(len(values[b]))
		for _, again := range []bool{false, true} {
			wrong := make([][]int64, len(values))
			copy(wrong, values)
			wrong[b] = slices.Clone(values[b])
			wrong[b][at]++
			if again {
				witness.Resolve(c.Circuit, c.Certificate, wrong, step+1)
			}
			if changed++; witness.Mock(c.Circuit, wrong) == nil {
				t.Errorf("%s[%d]+1 accepted, computed anew %v", c.Circuit.Blocks[b].Name, at, again)
			}
		}
	}
	return changed
}

func graphOps(g *graph.Graph) []string {
	var out []string
	for _, n := range g.Nodes {
		out = append(out, n.Op)
	}
	return out
}

// sourceOps are the operators of a network as its file has them, subgraphs included.
func sourceOps(src *graph.Source) []string {
	var out []string
	for i := range src.Nodes {
		n := &src.Nodes[i]
		out = append(out, n.Op)
		for _, v := range n.Attrs {
			if s, ok := v.(*graph.Source); ok {
				out = append(out, sourceOps(s)...)
			}
		}
	}
	return out
}
