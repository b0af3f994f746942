package robust

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/lower"
	"github.com/ezkl-go/ezkl/internal/tensor"
	"github.com/ezkl-go/ezkl/internal/witness"
)

// Model is a network as a function from its inputs, one after the other in one flat list, to the entries of one output. It is safe
// for concurrent use.
type Model struct {
	Name string // "float" or "integer"

	shape   []int // of the input, or, of several, the number of entries
	out     []int // of the output
	eval    func(ctx context.Context, x []float64) ([]float64, error)
	queries atomic.Int64
	refused atomic.Int64
	nanos   atomic.Int64 // spent in eval, over all workers
}

// errRefused is what eval gives where a network has no answer: a value that no proof can hold, or that is not finite.
var errRefused = errors.New("no answer")

// Scores evaluates one input. They are nil where the network has no answer: the circuit refuses values outside the ranges
// that it was calibrated for, and so nobody can prove anything about them.
func (m *Model) Scores(ctx context.Context, x []float64) ([]float64, error) {
	start := time.Now()
	m.queries.Add(1)
	s, err := m.eval(ctx, x)
	m.nanos.Add(int64(time.Since(start)))
	if errors.Is(err, errRefused) {
		m.refused.Add(1)
		return nil, nil
	}
	return s, err
}

// Usage says what a model was asked.
type Usage struct {
	Model   string  `json:"model"`
	Queries int64   `json:"queries"`
	Refused int64   `json:"refused"`     // queries without an answer
	Rate    float64 `json:"per_second"`  // queries a second and worker
	Micros  float64 `json:"microsecond"` // for one query
}

func (m *Model) usage() Usage {
	u := Usage{Model: m.Name, Queries: m.queries.Load(), Refused: m.refused.Load()}
	if ns := float64(m.nanos.Load()); ns > 0 && u.Queries > 0 {
		u.Rate, u.Micros = float64(u.Queries)/ns*1e9, ns/float64(u.Queries)/1e3
	}
	return u
}

// Float is the real network. Its inputs must be real numbers; output is the index of the output to look at.
func Float(g *graph.Graph, output int) (*Model, error) {
	shape, err := inputShape(g)
	if err != nil {
		return nil, err
	}
	if output < 0 || output >= len(g.Outputs) {
		return nil, fmt.Errorf("output %d: the network has %d", output, len(g.Outputs))
	}
	m := &Model{Name: "float", shape: shape, out: g.Outputs[output].Shape}
	m.eval = func(ctx context.Context, x []float64) ([]float64, error) {
		out, err := graph.Run(ctx, g, separate(g, x), nil)
		if err != nil {
			return nil, err
		}
		return finite(out[output])
	}
	return m, nil
}

// inputShape is the shape of what a model reads. It refuses inputs that no noise can be added to.
func inputShape(g *graph.Graph) ([]int, error) {
	total := 0
	for _, v := range g.Inputs {
		if !v.Type.IsFloat() {
			return nil, fmt.Errorf("input %q is of %v: these checks change inputs little by little, so they must be real numbers", v.Name, v.Type)
		}
		total += tensor.Size(v.Shape)
	}
	if total == 0 {
		return nil, errors.New("the network has no input")
	}
	if len(g.Inputs) == 1 {
		return g.Inputs[0].Shape, nil
	}
	return []int{total}, nil
}

// separate are a network's inputs, from the flat list of all.
func separate(g *graph.Graph, x []float64) []*tensor.Tensor {
	var out []*tensor.Tensor
	for _, v := range g.Inputs {
		n := tensor.Size(v.Shape)
		out = append(out, tensor.FromFloats(v.Type, slices.Clone(x[:n]), v.Shape...))
		x = x[n:]
	}
	return out
}

// Integer is the integer network: quantised inputs, every block of the circuit by the rules of witness generation, and the
// output's integers as real numbers. It answers exactly what a proof can state.
func Integer(g *graph.Graph, c *lower.Compiled, output int) (*Model, error) {
	shape, err := inputShape(g)
	if err != nil {
		return nil, err
	}
	if output < 0 || output >= len(c.Outputs) {
		return nil, fmt.Errorf("output %d: the circuit has %d", output, len(c.Outputs))
	}
	m := &Model{Name: "integer", shape: shape, out: c.Outputs[output].Shape}
	m.eval = func(ctx context.Context, x []float64) ([]float64, error) {
		values, err := c.Values(separate(g, x))
		if err != nil {
			return nil, errRefused
		}
		if err := witness.Solve(ctx, c.Circuit, c.Certificate, values); err != nil {
			if ctx.Err() != nil || !unprovable(err) {
				return nil, err
			}
			return nil, errRefused
		}
		return finite(c.Dequantise(values)[output])
	}
	return m, nil
}

// unprovable reports whether an error of witness generation is about the input's values.
func unprovable(err error) bool {
	var r *witness.RangeError
	var o *witness.OverflowError
	var q *witness.RelationError
	return errors.As(err, &r) || errors.As(err, &o) || errors.As(err, &q)
}

func finite(t *tensor.Tensor) ([]float64, error) {
	out := make([]float64, t.Len())
	for i := range out {
		if out[i] = t.Float(i); math.IsNaN(out[i]) || math.IsInf(out[i], 0) {
			return nil, errRefused
		}
	}
	return out, nil
}
