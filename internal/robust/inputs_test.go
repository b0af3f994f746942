package robust

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/lower"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// two is a network with two inputs: a regressor, sum(x) - 2 z.
func two(t *testing.T, kind tensor.DType) *graph.Graph {
	t.Helper()
	g, err := graph.Build(&graph.Source{Opsets: map[string]int{"": 17}, Outputs: []string{"y"},
		Inputs: []graph.SourceInput{{Name: "x", Type: tensor.Float32, Dims: []graph.Dim{{Size: 1}, {Size: 3}}},
			{Name: "z", Type: kind, Dims: []graph.Dim{{Size: 1}, {Size: 1}}}},
		Consts: map[string]*tensor.Tensor{"two": tensor.FromFloats(tensor.Float32, []float64{2}, 1), "a": tensor.FromInts(tensor.Int64, []int64{1}, 1)},
		Nodes: []graph.SourceNode{{Op: "ReduceSum", Inputs: []string{"x", "a"}, Outputs: []string{"s"}},
			{Op: "Cast", Inputs: []string{"z"}, Outputs: []string{"f"}, Attrs: graph.Attrs{"to": int64(1)}},
			{Op: "Mul", Inputs: []string{"f", "two"}, Outputs: []string{"d"}}, {Op: "Sub", Inputs: []string{"s", "d"}, Outputs: []string{"y"}}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestSeveralInputs runs the checks on a network with two inputs, real and integer: a sample is one after the other.
func TestSeveralInputs(t *testing.T) {
	g := two(t, tensor.Float32)
	in := InputsOf(g)
	for name, text := range map[string]string{
		"rows.csv": "1,2,3,4,-2\n0,1,0,2,-3\n", "arrays.json": `{"input_data": [[1,2,3,0,1,0], [4,2]], "labels": [-2,-3]}`,
	} {
		s, err := ParseSamples(name, []byte(text), in...)
		if err != nil || len(s.X) != 2 || !slices.Equal(s.X[1], []float64{0, 1, 0, 2}) || !slices.Equal(s.Y, []float64{-2, -3}) {
			t.Errorf("%s: %v %v", name, s, err)
		}
	}
	if _, err := ParseSamples("a.json", []byte(`{"input_data": [[1,2,3], [4,2]]}`), in...); err == nil || !strings.Contains(err.Error(), `2 samples of input "z", 1 of "x"`) {
		t.Error(err)
	}
	f, err := Float(g, 0)
	if err != nil {
		t.Fatal(err)
	}
	data := &Samples{Name: "data"}
	var calibration [][]*tensor.Tensor
	for i := range 40 {
		x := []float64{float64(i%5) / 5, float64(i%7) / 7, float64(i%3) / 3, float64(i%4) / 4}
		data.X = append(data.X, x)
		data.Y = append(data.Y, x[0]+x[1]+x[2]-2*x[3])
		calibration = append(calibration, separate(g, x))
	}
	stats, _, err := quant.Calibrate(context.Background(), g, calibration, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := stats.Params(quant.DefaultMargin)
	if err != nil {
		t.Fatal(err)
	}
	c, err := lower.Compile(g, p, lower.Options{})
	if err != nil {
		t.Fatal(err)
	}
	k, err := Integer(g, c, 0)
	if err != nil {
		t.Fatal(err)
	}
	s := &Subject{Float: f, Integer: k, Data: data, Tolerance: .3, Seed: 1}
	r, err := s.Run(context.Background(), Options{Noise: &NoiseOptions{}, Disagree: &DisagreeOptions{},
		Attack: &AttackOptions{Norms: []Norm{linf}, Eps: map[Norm]float64{linf: .2}, Queries: 100}})
	if err != nil {
		t.Fatal(err)
	}
	if r.Task != Regress {
		t.Error(r.Task)
	}
	found := 0
	for _, sec := range r.Sections {
		if sec.Check == "attack" {
			for _, h := range sec.Hits {
				if len(h.X) == 4 && h.X[3] != h.from[3] {
					found++
				}
			}
		}
	}
	if found == 0 { // .2 in each entry moves the answer by up to 1
		t.Error("no attack changed the second input")
	}
	if _, err := Float(two(t, tensor.Int64), 0); err == nil || !strings.Contains(err.Error(), `input "z" is of int64`) {
		t.Error(err)
	}
}
