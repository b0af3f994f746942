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

// TestDeviations has rows of deviations 4, 0 and 1: what normalisations expect.
func TestDeviations(t *testing.T) {
	ones := floats([]int{2}, 1, 1)
	g, err := graph.Build(&graph.Source{
		Opsets: map[string]int{"": 23},
		Inputs: []graph.SourceInput{{Name: "x", Type: tensor.Float32, Dims: []graph.Dim{{Size: 3}, {Size: 2}}}},
		Consts: map[string]*tensor.Tensor{"s": ones}, Outputs: []string{"y", "z"},
		Nodes: []graph.SourceNode{
			{Name: "n", Op: "LayerNormalization", Inputs: []string{"x", "s"}, Outputs: []string{"y"}, Attrs: graph.Attrs{}},
			{Name: "m", Op: "RMSNormalization", Inputs: []string{"x", "s"}, Outputs: []string{"z"}, Attrs: graph.Attrs{}},
		},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s, _, err := Calibrate(context.Background(), g, [][]*tensor.Tensor{{floats([]int{3, 2}, 1, 9, 5, 5, -1, 1)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Params(2)
	if err != nil {
		t.Fatal(err)
	}
	if d, l := p.Deviations("y"); d != 8 || l != .5 {
		t.Errorf("deviations of up to 4: %v; of at least 1: %v", d, l)
	}
	if d, l := p.Deviations("z"); d != 16 || l != .5 { // sqrt(41), 1
		t.Errorf("roots of mean squares of up to 6.4: %v; of at least 1: %v", d, l)
	}
	if d, l := (*Params)(nil).Deviations("y"); d != 0 || l != 0 {
		t.Error("nothing is known")
	}
}
