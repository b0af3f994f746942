package lower

import (
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/graph"
)

// feedsMaximum marks the tensors that a maximum reads directly: one bit of their range is left for differences.
func feedsMaximum(g *graph.Graph) map[*graph.Value]bool {
	out := map[*graph.Value]bool{}
	for _, n := range g.Nodes {
		switch n.Op {
		case "MaxPool", "GlobalMaxPool", "ReduceMax", "ReduceMin", "Max", "Min":
			for _, v := range n.Inputs {
				if v != nil {
					out[v] = true
				}
			}
		}
	}
	return out
}

// saturation is the interval outside which the bounded functions are constant.
var saturation = map[string]float64{"Erf": 4, "Sigmoid": 16, "Tanh": 8}

// feedsSaturating marks the tensors that only bounded functions read: they may be larger, but matter in an interval only.
func feedsSaturating(g *graph.Graph) map[*graph.Value]float64 {
	out := map[*graph.Value]float64{}
	for _, n := range g.Nodes {
		for _, v := range n.Inputs {
			if s, known := out[v]; v != nil && (!known || s > 0) {
				out[v] = max(s, saturation[n.Op])
				if saturation[n.Op] == 0 {
					out[v] = 0
				}
			}
		}
	}
	for _, v := range g.Outputs {
		out[v] = 0
	}
	return out
}

// feedsQuantiser marks the tensors that only quantisers read: as inputs they keep all bits of a float32, since what decides is
// on which side of a step they are.
func feedsQuantiser(g *graph.Graph) map[*graph.Value]bool {
	out := map[*graph.Value]bool{}
	for _, n := range g.Nodes {
		for i, v := range n.Inputs {
			if was, known := out[v]; v != nil && (was || !known) {
				out[v] = i == 0 && (n.Op == "QuantizeLinear" || n.Op == "DynamicQuantizeLinear")
			}
		}
	}
	for _, v := range g.Outputs {
		out[v] = false
	}
	return out
}

// precision is the magnitude that decides the unit of a node's weights, given the largest one that the operands' bounds
// allow: that of the node's output, or what its readers see of it.
func (b *builder) precision(v *graph.Value, computed float64) float64 {
	bound := expected(computed, b.p.Bound(v.Name))
	if s := b.sums[v]; s > bound {
		bound = s
	}
	if s := b.saturating[v]; s > 0 {
		bound = min(bound, s)
	}
	if b.maxima[v] || b.pooled[v] {
		bound *= 2 // one bit is left for differences
	}
	return b.o.joint.of(jointPrecision, v.Name, math.Ldexp(bound, b.fewer[v]))
}

// feedsSum gives the bounds of sums of two tensors to their summands (constants added on the way included): weights that make
// a summand take the unit that suits the sum, so that its shift needs no further digit.
func feedsSum(g *graph.Graph, bound func(name string) float64) map[*graph.Value]float64 {
	out := map[*graph.Value]float64{}
	readers := consumers(g)
	for _, n := range slices.Backward(g.Nodes) {
		if n.Op != "Add" && n.Op != "Sub" {
			continue
		}
		sum := n.Outputs[0]
		for _, v := range n.Inputs {
			switch {
			case v.Const != nil || readers[v] > 1:
			case n.Inputs[0].Const == nil && n.Inputs[1].Const == nil:
				out[v] = max(bound(sum.Name), out[sum])
			default:
				out[v] = out[sum]
			}
		}
	}
	return out
}

// feedsPool marks the tensors whose relu a max-pool reads (chain.go).
func feedsPool(g *graph.Graph, maxima map[*graph.Value]bool) map[*graph.Value]bool {
	out := map[*graph.Value]bool{}
	for _, n := range g.Nodes {
		if n.Op == "Relu" && maxima[n.Outputs[0]] {
			out[n.Inputs[0]] = true
		}
	}
	return out
}
