package quant

import (
	"context"
	"fmt"
	"math"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// DefaultMargin is the headroom over the largest magnitude seen (ezkl's --lookup-safety-margin).
const DefaultMargin = 2

// leastMargin is the headroom that any margin leaves for the rounding of what was seen: integers of n bits end below 2^(n-1), so
// that a circuit for magnitudes of up to 1 with no headroom would refuse the 1 that calibrated it.
const leastMargin = 1 + 1./128

// Stats are the largest magnitudes of all tensors of a network over some samples.
type Stats struct {
	Samples int
	Max     map[string]float64 // by tensor name
	Ranges  map[string]Range   // of the inputs
	// Columns are, for each input of two axes or more, the largest magnitudes along its last axis.
	Columns map[string][]float64
	// Least are, for each normalisation by its output, the least deviation of its rows that is not 0.
	Least  map[string]float64
	Joined bool // the network has steps (Steps): their tensors are to have one scale
}

// Calibrate runs the float network on samples, each a list of tensors in the order of g.Inputs, and gathers statistics. It
// keeps the outputs for the accuracy report. visit may be nil; it is called after each sample.
func Calibrate(ctx context.Context, g *graph.Graph, samples [][]*tensor.Tensor, visit func(done int)) (*Stats, [][]*tensor.Tensor, error) {
	s := &Stats{Max: map[string]float64{}, Ranges: map[string]Range{}, Columns: map[string][]float64{}, Least: map[string]float64{}, Joined: len(Steps(g)) > 0}
	masked, normalised := scores(g), normalised(g)
	var outputs [][]*tensor.Tensor
	for i, in := range samples {
		var bad error
		for k, t := range in {
			s.input(g.Inputs[k].Name, t)
		}
		out, err := graph.Run(ctx, g, in, func(v *graph.Value, t *tensor.Tensor) {
			if err := s.add(v.Name, t, masked[v]); err != nil && bad == nil {
				bad = err
			}
			for _, n := range normalised[v] {
				s.deviations(n, t)
			}
		})
		if err == nil {
			err = bad
		}
		if err != nil {
			return nil, nil, fmt.Errorf("calibration: sample %d: %w", i, err)
		}
		s.Samples++
		outputs = append(outputs, out)
		if visit != nil {
			visit(i + 1)
		}
	}
	return s, outputs, nil
}

// scores are the tensors that only softmaxes read: minus infinity is a mask there, not a magnitude.
func scores(g *graph.Graph) map[*graph.Value]bool {
	out := map[*graph.Value]bool{}
	for _, n := range g.Nodes {
		for _, v := range n.Inputs {
			if only, read := out[v]; v != nil {
				out[v] = (only || !read) && n.Op == "Softmax"
			}
		}
	}
	for _, v := range g.Outputs {
		out[v] = false
	}
	return out
}

// input notes the range of an input and of its columns.
func (s *Stats) input(name string, t *tensor.Tensor) {
	r, known := s.Ranges[name]
	if !known {
		r = Range{math.Inf(1), math.Inf(-1)}
	}
	n := 0
	if rank := len(t.Shape); rank > 1 {
		n = t.Shape[rank-1]
	}
	columns := s.Columns[name]
	if columns == nil && n > 1 {
		columns = make([]float64, n)
		s.Columns[name] = columns
	}
	for i := range t.Len() {
		x := t.Float(i)
		r.Lo, r.Hi = min(r.Lo, x), max(r.Hi, x)
		if n > 1 {
			columns[i%n] = max(columns[i%n], math.Abs(x))
		}
	}
	if t.Len() > 0 {
		s.Ranges[name] = r
	}
}

func (s *Stats) add(name string, t *tensor.Tensor, masked bool) error {
	m := s.Max[name]
	for i := range t.Len() {
		if masked && math.IsInf(t.Float(i), -1) {
			continue
		}
		x := math.Abs(t.Float(i))
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("tensor %q, entry %d is %g", name, i, t.Float(i))
		}
		m = max(m, x)
	}
	s.Max[name] = m
	return nil
}

// Params are the exponents for a margin of at least 1.
func (s *Stats) Params(margin float64) (*Params, error) {
	if !(margin >= 1 && margin <= 1<<20) {
		return nil, fmt.Errorf("quant: margin %g is not between 1 and 2^20", margin)
	}
	p := &Params{Exponents: map[string]int{}, Joined: s.Joined}
	for name, m := range s.Max {
		p.Exponents[name] = exponent(m * max(margin, leastMargin))
	}
	for name, m := range s.Least {
		p.Exponents[name+leastOf] = max(exponent(m)-1, -60)
	}
	return p, p.Check()
}

// exponent is the smallest e with x <= 2^e, or Zero.
func exponent(x float64) int {
	if x == 0 {
		return Zero
	}
	f, e := math.Frexp(x)
	if f == 0.5 {
		e--
	}
	return max(e, -60)
}

// RandomSample is an input drawn uniformly: reals from [-1, 1), integers from 0..1, booleans. The same seed gives the same
// sample on every machine. It stands in where the user gives no calibration data.
func RandomSample(g *graph.Graph, seed uint64) []*tensor.Tensor {
	var out []*tensor.Tensor
	for _, v := range g.Inputs {
		t := tensor.New(v.Type, v.Shape...)
		for i := range t.Len() {
			seed += 0x9e3779b97f4a7c15 // splitmix64
			z := (seed ^ seed>>30) * 0xbf58476d1ce4e5b9
			z = (z ^ z>>27) * 0x94d049bb133111eb
			z ^= z >> 31
			if t.Type.IsFloat() {
				t.Floats[i] = float64(float32(math.Ldexp(float64(z>>40), -23) - 1))
			} else {
				t.Ints[i] = int64(z >> 63)
			}
		}
		out = append(out, t)
	}
	return out
}
