package quant

import (
	"context"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

func TestCalibrate(t *testing.T) {
	g, err := graph.Build(&graph.Source{
		Name: "test", Opsets: map[string]int{"": 13},
		Inputs:  []graph.SourceInput{{Name: "x", Type: tensor.Float32, Dims: []graph.Dim{{Size: 2}}}},
		Outputs: []string{"y"},
		Nodes: []graph.SourceNode{
			{Name: "a", Op: "Relu", Inputs: []string{"x"}, Outputs: []string{"r"}},
			{Name: "b", Op: "Log", Inputs: []string{"r"}, Outputs: []string{"y"}},
		},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	done := 0
	samples := [][]*tensor.Tensor{{floats([]int{2}, 1, 3)}, {floats([]int{2}, 2, 0.5)}}
	s, out, err := Calibrate(context.Background(), g, samples, func(int) { done++ })
	if err != nil {
		t.Fatal(err)
	}
	if done != 2 || len(out) != 2 || s.Samples != 2 || s.Max["x"] != 3 || s.Max["r"] != 3 {
		t.Errorf("%d %+v", done, s)
	}
	_, _, err = Calibrate(context.Background(), g, append(samples, []*tensor.Tensor{floats([]int{2}, 1, -1)}), nil)
	if err == nil || !strings.HasPrefix(err.Error(), `calibration: sample 2: tensor "y", entry 1 is -Inf`) {
		t.Errorf("%v", err)
	}
}
