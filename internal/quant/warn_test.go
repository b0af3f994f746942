package quant

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

func TestWarnings(t *testing.T) {
	g, err := graph.Build(&graph.Source{
		Name: "test", Opsets: map[string]int{"": 13},
		Inputs:  []graph.SourceInput{{Name: "x", Type: tensor.Float32, Dims: []graph.Dim{{Size: 1}, {Size: 3}}}},
		Outputs: []string{"z"},
		Nodes: []graph.SourceNode{
			{Name: "dead", Op: "Relu", Inputs: []string{"x"}, Outputs: []string{"y"}},
			{Name: "b", Op: "Exp", Inputs: []string{"y"}, Outputs: []string{"z"}},
		},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		x    []float64
		want []string
	}{
		{[]float64{1, 2, 3}, nil},
		{[]float64{1, 0, 300}, []string{"leaves 1 columns fewer than 7 bits"}},
		{[]float64{-1, -2, -3}, []string{`all zero on the samples, so the range is a guess: "dead" (Relu)`}},
		{[]float64{-1, -1e-3, -1e-3}, []string{"all zero", "column 0 goes up to 1, column 1 to 0.001, which leaves 2 columns"}},
	} {
		s, _, err := Calibrate(context.Background(), g, [][]*tensor.Tensor{{floats([]int{1, 3}, c.x...)}}, nil)
		if c.x[2] == 300 { // exp
			s, err = &Stats{Columns: map[string][]float64{"x": c.x}}, nil
		}
		if err != nil {
			t.Fatal(err)
		}
		got := s.Warnings(g, func(int) float64 { return math.Ldexp(1, exponent(slices.Max(s.Columns["x"]))-15) })
		if len(got) != len(c.want) {
			t.Errorf("%v: %q", c.x, got)
			continue
		}
		for i := range got {
			if !strings.Contains(got[i], c.want[i]) {
				t.Errorf("%v: %q, want %q", c.x, got[i], c.want[i])
			}
		}
	}
}

// TestLimiting finds the coarse one of two roundings.
func TestLimiting(t *testing.T) {
	g, err := graph.Build(&graph.Source{
		Name: "test", Opsets: map[string]int{"": 13},
		Inputs:  []graph.SourceInput{{Name: "x", Type: tensor.Float32, Dims: []graph.Dim{{Size: 3}}}},
		Outputs: []string{"z"},
		Nodes: []graph.SourceNode{
			{Name: "a", Op: "Sin", Inputs: []string{"x"}, Outputs: []string{"y"}},
			{Name: "b", Op: "Exp", Inputs: []string{"y"}, Outputs: []string{"z"}},
		},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	sample := []*tensor.Tensor{floats([]int{3}, .3, .6, .9)}
	s, _, err := Calibrate(context.Background(), g, [][]*tensor.Tensor{sample}, nil)
	if err != nil {
		t.Fatal(err)
	}
	worst, ok, err := s.Limiting(context.Background(), g, sample, []Rounding{{"a", "x", 1. / 4096}, {"b", "y", 1. / 16}})
	if err != nil || !ok || worst.Node != "b" || worst.Error < .01 || worst.Error > .1 {
		t.Errorf("%+v, %v, %v", worst, ok, err)
	}
	if _, ok, err := s.Limiting(context.Background(), g, sample, nil); ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
}
