package graph

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// net is a Source under construction.
type net struct {
	Source
	r *rand.Rand
}

func newNet() *net {
	return &net{Source{Opsets: map[string]int{"": 17}, Consts: map[string]*tensor.Tensor{}}, rand.New(rand.NewPCG(1, 2))}
}

func (s *net) input(name string, shape ...int) *net {
	in := SourceInput{Name: name, Type: tensor.Float32}
	for _, d := range shape {
		in.Dims = append(in.Dims, Dim{Size: d})
	}
	s.Inputs = append(s.Inputs, in)
	return s
}

// weights is a constant of random numbers in (0, 1).
func (s *net) weights(name string, shape ...int) *net {
	t := tensor.New(tensor.Float32, shape...)
	for i := range t.Floats {
		t.Floats[i] = tensor.Float32.Round(s.r.Float64())
	}
	s.Consts[name] = t
	return s
}

func (s *net) ints(name string, v ...int64) *net {
	s.Consts[name] = tensor.FromInts(tensor.Int64, v, len(v))
	return s
}

// op adds a node: "Add a b -> c", then attributes by name and value. "_" is an absent input.
func (s *net) op(text string, attrs ...any) *net {
	left, right, _ := strings.Cut(text, " -> ")
	in := strings.Fields(left)
	n := SourceNode{Op: in[0], Outputs: strings.Fields(right), Attrs: Attrs{}}
	for _, name := range in[1:] {
		if name == "_" {
			name = ""
		}
		n.Inputs = append(n.Inputs, name)
	}
	for i := 0; i < len(attrs); i += 2 {
		n.Attrs[attrs[i].(string)] = attrs[i+1]
	}
	s.Nodes = append(s.Nodes, n)
	return s
}

// build makes the graph; the outputs are the names given.
func (s *net) build(t testing.TB, outputs ...string) *Graph {
	t.Helper()
	s.Outputs = outputs
	g, err := Build(&s.Source, nil)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// ops lists the operators of a graph in order.
func ops(g *Graph) string {
	var list []string
	for _, n := range g.Nodes {
		list = append(list, n.Op)
	}
	return strings.Join(list, " ")
}

// run evaluates a graph on random inputs, the same for the same shapes.
func run(t testing.TB, g *Graph) []*tensor.Tensor {
	t.Helper()
	r := rand.New(rand.NewPCG(3, 4))
	var in []*tensor.Tensor
	for _, v := range g.Inputs {
		x := tensor.New(v.Type, v.Shape...)
		for i := range x.Floats {
			x.Floats[i] = r.Float64()*2 - 1
		}
		in = append(in, x)
	}
	out, err := Run(context.Background(), g, in, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
