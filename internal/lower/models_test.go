package lower

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/onnx"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/tensor"
	"github.com/ezkl-go/ezkl/internal/witness"
)

// modelFolder holds networks with their inputs and onnxruntime's outputs; the tests below skip where it is absent.
const modelFolder = "../../../shared/models"

// unreferenced are models that onnxruntime refuses: they are compared with the float interpreter.
var unreferenced = []string{"decision_tree", "nanoGPT", "random_forest"}

// loadModel reads a network, its input and its reference outputs.
func loadModel(t *testing.T, folder string) (*graph.Graph, []*tensor.Tensor, []*tensor.Tensor) {
	t.Helper()
	g, err := onnx.Load(filepath.Join(folder, "network.onnx"), onnx.Options{Variables: map[string]int{"batch_size": 1}})
	if err != nil {
		t.Fatal(err)
	}
	var input struct {
		Data [][]any `json:"input_data"`
	}
	var reference struct {
		Outputs []struct{ Data []any }
	}
	refers := !slices.Contains(unreferenced, filepath.Base(folder))
	for name, to := range map[string]any{"input.json": &input, "reference.json": &reference} {
		if name == "reference.json" && !refers {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, to); err != nil {
			t.Fatal(err)
		}
	}
	fill := func(v *graph.Value, data []any) *tensor.Tensor {
		x := tensor.New(v.Type, v.Shape...)
		if x.Len() != len(data) {
			t.Fatalf("%s has %d entries, not %d", v.Name, x.Len(), len(data))
		}
		for i, d := range data {
			number, _ := d.(float64)
			if d == true {
				number = 1
			}
			if x.Type.IsFloat() {
				x.Floats[i] = number
			} else {
				x.Ints[i] = int64(number)
			}
		}
		return x
	}
	var in, out []*tensor.Tensor
	for i, v := range g.Inputs {
		in = append(in, fill(v, input.Data[i]))
	}
	if !refers {
		if out, err = graph.Run(context.Background(), g, in, nil); err != nil {
			t.Fatal(err)
		}
		return g, in, out
	}
	for i, v := range g.Outputs {
		out = append(out, fill(v, reference.Outputs[i].Data))
	}
	return g, in, out
}

// TestModels compiles, certifies, solves and mocks every model of the folder, with the command line's
// visibilities, and compares with onnxruntime. -v prints the table of costs.
func TestModels(t *testing.T) {
	folders, err := os.ReadDir(modelFolder)
	if err != nil {
		t.Skip("no folder of models")
	}
	t.Logf("%-22s %5s %9s %8s %8s %8s %4s %4s %5s", "model", "width", "error", "columns", "free", "lookups", "rel", "bil", "inner")
	for _, f := range folders {
		name := f.Name()
		t.Run(name, func(t *testing.T) {
			g, in, want := loadModel(t, filepath.Join(modelFolder, name))
			tolerance := 5e-4
			if name == "log" {
				tolerance = 5e-3
			}
			testModel(t, name, g, in, want, tolerance)
		})
	}
}

func testModel(t *testing.T, name string, g *graph.Graph, in, want []*tensor.Tensor, tolerance float64) {
	t.Helper()
	ctx := context.Background()
	p := calibratedOn(t, g, in, quant.DefaultMargin)
	for i, o := range []Options{{Output: Public}, {Input: Public, Output: Public, Params: Fixed}, {}} {
		if i > 0 && name == "nanoGPT" {
			break // 6 s each
		}
		c, err := Compile(g, p, o)
		if err != nil {
			t.Fatal(err)
		}
		values, err := c.Values(in)
		if err != nil {
			t.Fatal(err)
		}
		if err := witness.Solve(ctx, c.Solvable, c.Certificate, values); err != nil {
			t.Fatal(err)
		}
		if f := witness.Mock(c.Circuit, values); f != nil {
			t.Fatalf("mock: %v", f)
		}
		worst := compareOutputs(t, c.Dequantise(values), want, tolerance)
		if o == (Options{Output: Public}) {
			t.Log(costLine(name, c, worst))
		}
	}
}

// costLine is one row of the cost table.
func costLine(name string, c *Compiled, worst float64) string {
	columns, free, lookups, bilinear, inner := 0, 0, 0, 0, 0
	for i := range c.Circuit.Blocks {
		switch n := circuit.Count(c.Circuit.Blocks[i].Dims); c.Circuit.Blocks[i].Role {
		case circuit.Column:
			columns += n
		case circuit.Free:
			free += n
		}
	}
	for i := range c.Circuit.Slots {
		for _, l := range c.Circuit.Slots[i].Lookups {
			lookups += circuit.Count(c.Circuit.Blocks[l.In].Dims)
		}
	}
	for i := range c.Circuit.Relations {
		r := &c.Circuit.Relations[i]
		for j := range r.Sum {
			if r.Sum[j].B != nil {
				bilinear++
				inner = max(inner, r.Vars(r.Sum[j].Inner))
			}
		}
	}
	return fmt.Sprintf("%-22s %5d %9.2e %8d %8d %8d %4d %4d %5d", name, c.Width, worst, columns, free, lookups,
		len(c.Circuit.Relations), bilinear, inner)
}

// TestHoldOut proves inputs that were not calibrated: the shipped one with 10 % noise and its entries permuted. It asks for
// 3 of 4 models' inputs to be solvable, and wants those to be as accurate.
func TestHoldOut(t *testing.T) {
	if _, err := os.Stat(modelFolder); err != nil {
		t.Skip("no folder of models")
	}
	for _, name := range []string{"4l_relu_conv_fc", "variable_cnn", "1l_mlp", "2l_relu_sigmoid", "reducel1"} {
		g, in, _ := loadModel(t, filepath.Join(modelFolder, name))
		ctx := context.Background()
		stats, _, err := quant.Calibrate(ctx, g, [][]*tensor.Tensor{in}, nil)
		if err != nil {
			t.Fatal(err)
		}
		p, _ := stats.Params(quant.DefaultMargin)
		c, err := Compile(g, p, Options{Output: Public})
		if err != nil {
			t.Fatal(err)
		}
		n, solved := newNet(9), 0
		const trials = 20
		for range trials {
			var other []*tensor.Tensor
			for _, x := range in {
				y := tensor.New(x.Type, x.Shape...)
				for i, j := range n.rand.Perm(x.Len()) {
					y.Floats[i] = float64(float32(x.Floats[j] * (1 + .1*n.rand.NormFloat64())))
				}
				other = append(other, y)
			}
			want, err := graph.Run(ctx, g, other, nil)
			if err != nil {
				t.Fatal(err)
			}
			values, err := c.Values(other)
			if err == nil {
				err = witness.Solve(ctx, c.Solvable, c.Certificate, values)
			}
			if err != nil {
				continue
			}
			solved++
			compareOutputs(t, c.Dequantise(values), want, 5e-4)
		}
		t.Logf("%s: %d of %d", name, solved, trials)
		if solved < trials*3/4 {
			t.Errorf("%s: only %d of %d inputs can be proven", name, solved, trials)
		}
	}
}
