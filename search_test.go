package ezkl

import (
	"context"
	"encoding/json"
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

// TestStepsApart: one matrix for two inputs costs no accuracy, however different the inputs are.
func TestStepsApart(t *testing.T) {
	for _, large := range []float64{1, 4, 1 << 12} {
		m, d := twice(t, large)
		s, err := GenSettings(context.Background(), m, SettingsOptions{RunArgs: DefaultRunArgs()})
		if err != nil {
			t.Fatal(err)
		}
		r, err := Calibrate(context.Background(), m, s, d, CalibrateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if r.MaxAbsError > 5e-4 {
			t.Errorf("%g: error %.2e\n%s", large, r.MaxAbsError, r)
		}
	}
}

// TestApartIsTried: target balanced tries scales of their own for steps second, and takes them where shared ones make more than
// half of the promised error.
func TestApartIsTried(t *testing.T) {
	x := &search{before: &Settings{EzklGo: &formats.Own{}}, o: CalibrateOptions{Target: "balanced"}, params: &quant.Params{Joined: true}}
	if err := x.candidates(); err != nil {
		t.Fatal(err)
	}
	if u, v := x.trials[0], x.trials[1]; u.Apart || !u.params.Joined || !v.Apart || v.params.Joined || u.Bits != v.Bits {
		t.Errorf("%+v, %+v", u.Candidate, v.Candidate)
	}
	shared := func(e float64) *trial { return &trial{Candidate: Candidate{ScaledError: e, Seconds: 1}} }
	apart := &trial{Candidate: Candidate{ScaledError: 1e-4, Seconds: 3, Apart: true}}
	if !x.better(apart, shared(promisedError*.6)) || x.better(apart, shared(promisedError*.4)) {
		t.Error("scales of their own are taken at another error")
	}
}
