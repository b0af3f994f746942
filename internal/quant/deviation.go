package quant

import (
	"math"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// deviationOf and leastOf are the names of a normalisation's largest and least deviation among Exponents, less its output's.
const (
	deviationOf = ": deviation"
	leastOf     = ": least deviation"
)

// Deviations are the largest deviation of rows that a normalisation (by its output) expects, headroom included, and a power of
// two below the least one that calibration saw of rows that are not constant; 0, 0 if nothing is known.
func (p *Params) Deviations(output string) (largest, least float64) {
	return p.Bound(output + deviationOf), p.Bound(output + leastOf)
}

// normalised lists, for each tensor, the nodes that divide its rows by their deviations.
func normalised(g *graph.Graph) map[*graph.Value][]*graph.Node {
	out := map[*graph.Value][]*graph.Node{}
	for _, n := range g.Nodes {
		switch n.Op {
		case "LayerNormalization", "RMSNormalization", "InstanceNormalization", "GroupNormalization":
			out[n.Inputs[0]] = append(out[n.Inputs[0]], n)
		}
	}
	return out
}

// deviations notes those of the rows that a node normalises.
func (s *Stats) deviations(n *graph.Node, t *tensor.Tensor) {
	size := 0
	switch n.Op {
	case "InstanceNormalization":
		size = tensor.Size(t.Shape[2:])
	case "GroupNormalization":
		size = tensor.Size(t.Shape[1:]) / int(max(1, n.Attrs.Int("num_groups", 1)))
	default:
		a, err := graph.NormAxis(n)
		if err != nil {
			return
		}
		size = tensor.Size(t.Shape[a:])
	}
	if size == 0 {
		return
	}
	name := n.Outputs[0].Name
	for at := 0; at+size <= t.Len(); at += size {
		var sum, squares float64
		if n.Op != "RMSNormalization" {
			for i := range size {
				sum += t.Float(at + i)
			}
		}
		for i := range size {
			d := t.Float(at+i) - sum/float64(size)
			squares += float64(d * d)
		}
		d := math.Sqrt(squares / float64(size))
		if d == 0 || math.IsInf(d, 0) || math.IsNaN(d) {
			continue
		}
		s.Max[name+deviationOf] = max(s.Max[name+deviationOf], d)
		if least, known := s.Least[name]; !known || d < least {
			s.Least[name] = d
		}
	}
}
