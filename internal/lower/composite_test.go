package lower

import (
	"testing"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/onnx"
	"github.com/ezkl-go/ezkl/internal/onnx/testdata"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// caseTensors are a case's tensors in the types and shapes of a graph's values.
func caseTensors(t *testing.T, like []*graph.Value, data []testdata.Tensor) []*tensor.Tensor {
	var out []*tensor.Tensor
	for i, v := range like {
		x, err := data[i].Tensor(v.Type, v.Shape...)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, x)
	}
	return out
}

// TestM2_Composite compiles, certifies, solves and mocks every operator that becomes others, and compares with onnxruntime.
func TestM2_Composite(t *testing.T) {
	var cases []testdata.Case
	for _, read := range []func() ([]testdata.Case, error){testdata.Composite, testdata.Classical, testdata.Spatial} {
		some, err := read()
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, some...)
	}
	for _, c := range cases {
		t.Run(c.Case, func(t *testing.T) {
			g, err := onnx.Decode(c.Model, onnx.Options{Variables: map[string]int{"batch_size": 1}})
			if err != nil {
				t.Fatal(err)
			}
			in, want := caseTensors(t, g.Inputs, c.Inputs), caseTensors(t, g.Outputs, c.Outputs)
			p := calibratedOn(t, g, in, quant.DefaultMargin)
			tolerance := 5e-4
			if c.Case == "ml/SVMClassifier probability" { // onnxruntime stops its iteration early
				tolerance = 4e-3
			}
			for _, o := range []Options{{Output: Public}, {Width: 16, Input: Public, Params: Fixed, Output: Public}} {
				c, err := Compile(g, p, o)
				if err != nil {
					t.Fatal(err)
				}
				if len(c.Certificate.Wide) > 0 {
					t.Errorf("wide blocks %v", c.Certificate.Wide)
				}
				values := mocked(t, c, in)
				compareOutputs(t, c.Dequantise(values), want, tolerance)
			}
		})
	}
}
