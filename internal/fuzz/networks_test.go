package fuzz

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/lower"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// network is a small network of one kind of gadget.
type network struct {
	nodes  []graph.SourceNode
	inputs map[string][]int // shapes
	order  []string
	consts map[string][]int
	output string
	public bool // inputs too
}

func node(op string, in, out []string, attrs graph.Attrs) graph.SourceNode {
	return graph.SourceNode{Name: op + " " + out[0], Op: op, Inputs: in, Outputs: out, Attrs: attrs}
}

// networks have every kind of gadget that a class of known bugs is about. tools/mutants plants such bugs (-planted) and
// runs this test: what is planted must be found.
var networks = map[string]network{
	"relu":    {nodes: []graph.SourceNode{node("Relu", []string{"x"}, []string{"y"}, nil)}, order: []string{"x"}, inputs: map[string][]int{"x": {2, 3}}, output: "y"},
	"linear":  {nodes: []graph.SourceNode{node("MatMul", []string{"x", "w"}, []string{"h"}, nil), node("Relu", []string{"h"}, []string{"r"}, nil), node("MatMul", []string{"r", "v"}, []string{"y"}, nil)}, order: []string{"x"}, inputs: map[string][]int{"x": {2, 4}}, consts: map[string][]int{"w": {4, 3}, "v": {3, 2}}, output: "y"},
	"argmax":  {nodes: []graph.SourceNode{node("ArgMax", []string{"x"}, []string{"y"}, graph.Attrs{"axis": int64(1)})}, order: []string{"x"}, inputs: map[string][]int{"x": {2, 5}}, output: "y"},
	"keys":    {nodes: []graph.SourceNode{node("ArgMax", []string{"x"}, []string{"y"}, graph.Attrs{"axis": int64(1)})}, order: []string{"x"}, inputs: map[string][]int{"x": {2, 7}}, output: "y"},
	"topk":    {nodes: []graph.SourceNode{node("TopK", []string{"x", "k"}, []string{"y", "i"}, graph.Attrs{"axis": int64(1)})}, order: []string{"x"}, inputs: map[string][]int{"x": {2, 5}}, output: "y"},
	"greater": {nodes: []graph.SourceNode{node("GreaterOrEqual", []string{"x", "z"}, []string{"y"}, nil)}, order: []string{"x", "z"}, inputs: map[string][]int{"x": {6}, "z": {6}}, output: "y"},
	"divide":  {nodes: []graph.SourceNode{node("Exp", []string{"z"}, []string{"e"}, nil), node("Div", []string{"x", "e"}, []string{"y"}, nil)}, order: []string{"x", "z"}, inputs: map[string][]int{"x": {4}, "z": {4}}, output: "y"},
	"sigmoid": {nodes: []graph.SourceNode{node("MatMul", []string{"x", "w"}, []string{"h"}, nil), node("Sigmoid", []string{"h"}, []string{"y"}, nil)}, order: []string{"x"}, inputs: map[string][]int{"x": {2, 4}}, consts: map[string][]int{"w": {4, 3}}, output: "y"},
	"unused":  {nodes: []graph.SourceNode{node("Relu", []string{"x"}, []string{"y"}, nil)}, order: []string{"a", "x"}, inputs: map[string][]int{"x": {3}, "a": {2}}, output: "y", public: true},
}

// subject compiles a network, calibrated on its one input.
func (n *network) subject() (*Subject, error) {
	rng := rand.New(rand.NewPCG(1, 1))
	fill := func(x *tensor.Tensor) *tensor.Tensor {
		for i := range x.Floats {
			x.Floats[i] = float64(float32(2*rng.Float64() - 1))
		}
		return x
	}
	src := &graph.Source{Name: "test", Opsets: map[string]int{"": 13}, Outputs: []string{n.output}, Nodes: n.nodes, Consts: map[string]*tensor.Tensor{}}
	k := tensor.New(tensor.Int64, 1)
	k.Ints[0] = 3
	src.Consts["k"] = k
	for _, name := range []string{"w", "v"} {
		if shape, ok := n.consts[name]; ok {
			src.Consts[name] = fill(tensor.New(tensor.Float32, shape...))
		}
	}
	for _, name := range n.order {
		in := graph.SourceInput{Name: name, Type: tensor.Float32}
		for _, d := range n.inputs[name] {
			in.Dims = append(in.Dims, graph.Dim{Size: d})
		}
		src.Inputs = append(src.Inputs, in)
	}
	g, err := graph.Build(src, nil)
	if err != nil {
		return nil, err
	}
	var input []*tensor.Tensor
	for _, v := range g.Inputs {
		input = append(input, fill(tensor.New(v.Type, v.Shape...)))
	}
	stats, _, err := quant.Calibrate(context.Background(), g, [][]*tensor.Tensor{input}, nil)
	if err != nil {
		return nil, err
	}
	p, err := stats.Params(quant.DefaultMargin)
	if err != nil {
		return nil, err
	}
	o := lower.Options{Output: lower.Public}
	if n.public {
		o.Input = lower.Public
	}
	c, err := lower.Compile(g, p, o)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	return &Subject{Net: c, Graph: g, Input: input}, nil
}

// tabled networks have tables of 2^16 rows, and take ten times as long: tag full runs them, too.
var tabled = []string{"divide", "sigmoid"}

// TestNetworks: nothing is found.
func TestNetworks(t *testing.T) {
	for name, n := range networks {
		if slices.Contains(tabled, name) && !full {
			continue
		}
		t.Run(name, func(t *testing.T) {
			s, err := n.subject()
			if err != nil {
				t.Fatal(err)
			}
			r, err := Run(context.Background(), s, nil, Options{NumRuns: 1})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range r.Findings {
				t.Errorf("%s: %s", f.Campaign, f)
			}
			if r.Accuracy.Proven < 1 || r.Total.Tried < 400 {
				t.Errorf("%d proven, %d tried", r.Accuracy.Proven, r.Total.Tried)
			}
		})
	}
}
