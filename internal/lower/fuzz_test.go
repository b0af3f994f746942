package lower

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/onnx"
	"github.com/ezkl-go/ezkl/internal/quant"
	"github.com/ezkl-go/ezkl/internal/tensor"
	"github.com/ezkl-go/ezkl/internal/test/mutate"
	"github.com/ezkl-go/ezkl/internal/witness"
)

// FuzzCompile: no edit of a network makes lowering panic or use unbounded memory, and errors are one line. What compiles has a
// certificate (certify makes it); an input of it that has integers at all has a witness that every relation and lookup holds on.
func FuzzCompile(f *testing.F) {
	corpus := mutate.NewCorpus(f, onnx.Source)
	f.Fuzz(func(t *testing.T, pick uint16, program []byte) {
		mutate.Bounded(t, func() {
			g, err := graph.Build(corpus.Network(t, pick, program), map[string]int{"batch_size": 1})
			if err == nil && mutate.Small(g, 1<<16) && shortAxes(g) { // Go's fuzzer stops at 10 seconds for one input
				compiles(t, g, program)
			}
		})
	})
}

// shortAxes tells whether no matrix that lowering makes is large.
func shortAxes(g *graph.Graph) bool {
	for _, n := range g.Nodes {
		for _, v := range n.Outputs {
			if v != nil && slices.ContainsFunc(v.Shape, func(d int) bool { return d > 1<<10 }) {
				return false
			}
		}
	}
	return len(g.Nodes) < 1<<10
}

// compiles is what lowering promises for any network.
func compiles(t *testing.T, g *graph.Graph, program []byte) {
	choice := 0
	for _, b := range program {
		choice = (choice*31 + int(b)) & math.MaxInt32
	}
	o := Options{TableBits: 8 + choice%3, Output: Public}
	if choice/3%4 == 0 {
		o = Options{TableBits: 8, Width: 2 + choice/12%8, Input: Public, Params: Fixed, Output: Visibility(choice / 128 % 3)}
	}
	in, p := calibrated(g, choice)
	c, err := Compile(g, p, o)
	if err != nil {
		if strings.ContainsAny(err.Error(), "\n\r") || strings.Contains(err.Error(), "internal error") {
			t.Errorf("%q", err)
		}
		return
	}
	if in == nil {
		return
	}
	values, err := c.Values(in)
	if err != nil {
		return
	}
	err = witness.Solve(context.Background(), c.Solvable, c.Certificate, values)
	var outside *witness.RangeError
	var wide *witness.OverflowError
	var none *witness.RelationError
	if errors.As(err, &outside) || errors.As(err, &wide) || errors.As(err, &none) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if f := witness.Mock(c.Solvable, values); f != nil {
		t.Fatalf("mock: %v", f)
	}
	c.Dequantise(values)
}

// calibrated are parameters of a network: from a run on a random sample, or, where that takes long, made up, without a sample.
func calibrated(g *graph.Graph, choice int) ([]*tensor.Tensor, *quant.Params) {
	p := &quant.Params{Exponents: map[string]int{}}
	if mutate.Small(g, 1<<12) {
		in := quant.RandomSample(g, uint64(choice))
		stats, _, err := quant.Calibrate(context.Background(), g, [][]*tensor.Tensor{in}, nil)
		if err == nil {
			if p, err = stats.Params(quant.DefaultMargin); err == nil {
				if choice%7 == 0 {
					p.Global = &quant.Global{Input: choice/7%14 + 1, Param: choice/98%14 + 1, Rebase: choice/1372%14 + 1}
				}
				if choice%11 == 0 {
					p.Completeness, p.Ranges = quant.Guaranteed, stats.Ranges
				}
				if choice%11 == 1 {
					p.Completeness = quant.Clamp
				}
				return in, p
			}
		}
		p = &quant.Params{Exponents: map[string]int{}}
	}
	for _, v := range g.Inputs {
		p.Exponents[v.Name] = choice%20 - 5
	}
	for i, n := range g.Nodes {
		for _, v := range n.Outputs {
			if v != nil {
				p.Exponents[v.Name] = (choice+i*7)%30 - 8
			}
		}
	}
	return nil, p
}
