package ezkl

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/formats"
	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// twice is tanh(x w) + 1e-3 (u w): one matrix for two inputs, of magnitudes 1 and large.
func twice(t *testing.T, large float64) (*Model, *Data) {
	t.Helper()
	input := func(name string) graph.SourceInput {
		return graph.SourceInput{Name: name, Type: tensor.Float32, Dims: []graph.Dim{{Size: 1}, {Size: 4}}}
	}
	node := func(op, out string, in ...string) graph.SourceNode {
		return graph.SourceNode{Name: out, Op: op, Inputs: in, Outputs: []string{out}}
	}
	w := quant.RandomSample(&graph.Graph{Inputs: []*graph.Value{{Type: tensor.Float32, Shape: []int{4, 3}}}}, 7)[0]
	g, err := graph.Build(&graph.Source{Name: "twice", Opsets: map[string]int{"": 13}, Inputs: []graph.SourceInput{input("x"), input("u")}, Outputs: []string{"y"},
		Consts: map[string]*tensor.Tensor{"w": w, "k": {Type: tensor.Float32, Shape: []int{}, Floats: []float64{1 / large}}},
		Nodes: []graph.SourceNode{node("MatMul", "a", "x", "w"), node("MatMul", "b", "u", "w"), node("Tanh", "c", "a"), node("Mul", "d", "b", "k"),
			node("Add", "y", "c", "d")}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	rows := [][]float64{{.3, -.7, .9, .1}, {.5 * large, -.3 * large, .1 * large, large}}
	text, err := json.Marshal(map[string]any{"input_data": rows})
	if err != nil {
		t.Fatal(err)
	}
	d, err := formats.ParseData("input.json", text)
	if err != nil {
		t.Fatal(err)
	}
	return &Model{graph: g}, d
}

// TestStepsApart: one matrix has one scale in both places, unless that costs accuracy.
func TestStepsApart(t *testing.T) {
	for large, want := range map[float64]bool{1: true, 4: true, 1 << 12: false} {
		m, d := twice(t, large)
		s, err := GenSettings(context.Background(), m, SettingsOptions{RunArgs: DefaultRunArgs()})
		if err != nil {
			t.Fatal(err)
		}
		r, err := Calibrate(context.Background(), m, s, d, CalibrateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		p, err := params(s)
		if err != nil {
			t.Fatal(err)
		}
		if p.Joined != want || r.MaxAbsError > 5e-4 {
			t.Errorf("%g: joined %v, error %.2e\n%s", large, p.Joined, r.MaxAbsError, r)
		}
		if tried := slices.ContainsFunc(r.Candidates, func(c Candidate) bool { return c.Apart }); tried == want || strings.Contains(r.String(), "steps apart") == want {
			t.Errorf("%g: %s", large, r)
		}
	}
}
