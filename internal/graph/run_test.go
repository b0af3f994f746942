package graph

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

func TestRunVisitsEveryValue(t *testing.T) {
	g := newNet().input("x", 2).weights("w", 2).op("Add x w -> a").op("Relu a -> b").op("Add a b -> y").build(t, "y", "x")
	var names []string
	in := tensor.FromFloats(tensor.Float64, []float64{1, -5}, 2) // converted to the input's type
	out, err := Run(context.Background(), g, []*tensor.Tensor{in}, func(v *Value, x *tensor.Tensor) {
		if x.Type != v.Type || !tensor.SameShape(x.Shape, v.Shape) {
			t.Errorf("%s: %v %v", v.Name, x.Type, x.Shape)
		}
		names = append(names, v.Name)
	})
	if err != nil || strings.Join(names, " ") != "x a b y" {
		t.Fatal(names, err)
	}
	if len(out) != 2 || out[1].Floats[1] != -5 || out[1].Type != tensor.Float32 {
		t.Error(out)
	}
}

func TestRunRefuses(t *testing.T) {
	g := newNet().input("x", 2).op("Relu x -> y").build(t, "y")
	x := func(v ...float64) []*tensor.Tensor {
		return []*tensor.Tensor{tensor.FromFloats(tensor.Float32, v, len(v))}
	}
	for _, c := range []struct {
		in   []*tensor.Tensor
		want string
	}{
		{nil, "0 inputs given, the model has 1"},
		{x(1), `input "x" has shape [1], the model wants [2]`},
		{x(1, math.NaN()), `input "x": entry 1 is NaN`},
		{x(math.Inf(1), 0), `input "x": entry 0 is infinite`},
	} {
		if _, err := Run(context.Background(), g, c.in, nil); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, g, x(1, 2), nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	g = newNet().input("x", 2).ints("i", 0).op("Cast x -> k", "to", int64(7)).weights("w", 3).op("Gather w k -> y").build(t, "y")
	if _, err := Run(context.Background(), g, x(1, 7), nil); err == nil || err.Error() != `node "Gather_1" (Gather): index 7 of an axis of length 3` {
		t.Error(err)
	}
}

// TestNames: nodes without a name get one, and never one that is taken.
func TestNames(t *testing.T) {
	s := newNet().input("x", 2).op("Relu x -> a").op("Relu a -> b").op("Relu b -> y")
	s.Nodes[0].Name, s.Nodes[2].Name = "Relu_1", "Relu_1"
	g := s.build(t, "y")
	if got := fmt.Sprint(g.Nodes[0].Name, " ", g.Nodes[1].Name, " ", g.Nodes[2].Name); got != "Relu_1 Relu_2 Relu_1_2" {
		t.Error(got)
	}
}

// TestOrder: nodes may come in any order, and keep theirs where it is one.
func TestOrder(t *testing.T) {
	g := newNet().input("x", 2).op("Neg b -> y").op("Abs x -> a").op("Relu a -> b").op("Exp x -> dead").build(t, "y")
	if got := ops(g); got != "Abs Relu Neg" {
		t.Error(got)
	}
}

// TestDeepChain: a long chain is no deep recursion.
func TestDeepChain(t *testing.T) {
	s := newNet().input("x0", 1)
	const depth = 100_000
	for i := range depth {
		s.op(fmt.Sprintf("Relu x%d -> x%d", i, i+1))
	}
	if g := s.build(t, fmt.Sprintf("x%d", depth)); len(g.Nodes) != depth {
		t.Error(len(g.Nodes))
	}
}

// TestCheck: every promise of Graph, broken.
func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(g *Graph)
	}{
		{"order", func(g *Graph) { g.Nodes[0], g.Nodes[1] = g.Nodes[1], g.Nodes[0] }},
		{"name", func(g *Graph) { g.Nodes[1].Name = g.Nodes[0].Name }},
		{"no name", func(g *Graph) { g.Nodes[1].Name = "" }},
		{"dead", func(g *Graph) { g.Outputs[0] = g.Nodes[0].Outputs[0] }},
		{"constant", func(g *Graph) { v := g.Nodes[1].Outputs[0]; v.Const = tensor.New(v.Type, v.Shape...) }},
		{"shape", func(g *Graph) { g.Nodes[0].Outputs[0].Shape = []int{-2} }},
		{"type", func(g *Graph) { g.Nodes[0].Outputs[0].Type = tensor.Invalid }},
		{"constant's shape", func(g *Graph) { g.Nodes[0].Inputs[1].Shape = []int{3} }},
		{"output", func(g *Graph) { g.Outputs[0] = &Value{Name: "z", Type: tensor.Float32} }},
		{"output names", func(g *Graph) { g.OutputNames = nil }},
		{"input twice", func(g *Graph) { g.Inputs = append(g.Inputs, g.Inputs[0]) }},
		{"made twice", func(g *Graph) { g.Nodes[1].Outputs[0] = g.Nodes[0].Outputs[0] }},
	} {
		g := newNet().input("x", 2).weights("w", 2).op("Add x w -> a").op("Relu a -> y").build(t, "y")
		if err := g.Check(); err != nil {
			t.Fatal(err)
		}
		c.spoil(g)
		if g.Check() == nil {
			t.Errorf("%s: passes", c.name)
		}
	}
}

func BenchmarkRun(b *testing.B) {
	for _, c := range []struct {
		name string
		net  *net
		macs float64
	}{
		{"conv=16x32x3x3x64x64", newNet().input("x", 1, 16, 64, 64).weights("w", 32, 16, 3, 3).op("Conv x w -> y", "pads", []int64{1, 1, 1, 1}), 16 * 32 * 9 * 64 * 64},
		{"matmul=256x256x256", newNet().input("x", 256, 256).weights("w", 256, 256).op("MatMul x w -> y"), 1 << 24},
		{"gemm=1x4096x4096", newNet().input("x", 1, 4096).weights("w", 4096, 4096).op("Gemm x w -> y"), 1 << 24},
		{"gelu=65536", newNet().input("x", 1, 65536).op("Gelu x -> y"), 0},
	} {
		b.Run(c.name, func(b *testing.B) {
			g := c.net.build(b, "y")
			for b.Loop() {
				run(b, g)
			}
			if c.macs > 0 {
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/c.macs, "ns/MAC")
			}
		})
	}
}
