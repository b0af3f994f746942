package robust

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/lower"
	"github.com/ezkl-go/ezkl/internal/onnx"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// load reads a network of testdata.
func load(t testing.TB, name string) *graph.Graph {
	t.Helper()
	g, err := onnx.Load(filepath.Join("testdata", name+".onnx"), onnx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func samples(t testing.TB, name string, take int) *Samples {
	t.Helper()
	path := filepath.Join("testdata", name+".npz")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ParseSamples(path, b, 64)
	if err != nil {
		t.Fatal(err)
	}
	s.Take(take)
	return s
}

// quantised compiles a network with the scales that samples call for.
func quantised(t testing.TB, g *graph.Graph, data *Samples) *Model {
	t.Helper()
	var in [][]*tensor.Tensor
	for _, x := range data.X {
		in = append(in, []*tensor.Tensor{tensor.FromFloats(tensor.Float32, append([]float64(nil), x...), g.Inputs[0].Shape...)})
	}
	stats, _, err := quant.Calibrate(t.Context(), g, in, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := stats.Params(quant.DefaultMargin)
	if err != nil {
		t.Fatal(err)
	}
	c, err := lower.Compile(g, p, lower.Options{Output: lower.Public})
	if err != nil {
		t.Fatal(err)
	}
	m, err := Integer(g, c, 0)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// subject is a network of testdata with both forms and data.
func subject(t testing.TB, name, data string, take int) *Subject {
	t.Helper()
	g := load(t, name)
	f, err := Float(g, 0)
	if err != nil {
		t.Fatal(err)
	}
	s := &Subject{Float: f, Data: samples(t, data, take), Seed: 1}
	s.Integer = quantised(t, g, s.Data)
	if _, err := s.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func BenchmarkQuery(b *testing.B) {
	s := subject(b, "clean", "test", 50)
	for _, m := range s.Models() {
		b.Run("network="+m.Name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				if _, err := m.Scores(context.Background(), s.Data.X[i%len(s.Data.X)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestScratch(t *testing.T) {
	for _, c := range [][2]string{{"clean", "test"}, {"clean", "members_clean"}, {"clean", "training"}, {"poisoned", "test"}, {"poisoned", "training"}, {"overfit", "test"}} {
		println("=====", c[0], c[1])
		s := subject(t, c[0], c[1], 0)
		s.Integer = nil
		g := load(t, c[0])
		sec := &Section{}
		if err := s.clusters(t.Context(), sec, &PoisonOptions{Tensor: LastHidden(g), Inner: Inner(g)}); err != nil {
			t.Fatal(err)
		}
		(&Report{Sections: []*Section{sec}}).WriteText(os.Stdout)
	}
}
