package graph_test

import (
	"context"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/onnx"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/test/mutate"
)

// FuzzShapes: no edit of a network makes the builder of graphs panic or use unbounded memory, errors are one line, graphs are
// what Check promises, and what operators compute has the shape that was inferred.
func FuzzShapes(f *testing.F) {
	corpus := mutate.NewCorpus(f, onnx.Source)
	f.Fuzz(func(t *testing.T, pick uint16, program []byte) {
		mutate.Bounded(t, func() {
			g, err := graph.Build(corpus.Network(t, pick, program), map[string]int{"batch_size": 1})
			if err != nil {
				if strings.ContainsAny(err.Error(), "\n\r") || strings.Contains(err.Error(), "internal error") {
					t.Errorf("%q", err)
				}
				return
			}
			if err := g.Check(); err != nil {
				t.Error(err)
			}
			if mutate.Small(g, 1<<14) {
				_, err := graph.Run(context.Background(), g, quant.RandomSample(g, 1), nil)
				if err != nil && strings.Contains(err.Error(), "internal error") {
					t.Error(err)
				}
			}
		})
	})
}
