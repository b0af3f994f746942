package lower

import (
	"slices"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// fold rewrites the network before lowering: a batch normalisation behind a convolution that nobody else reads goes into
// the convolution's weights and bias. The given graph stays as it is.
func fold(g *graph.Graph) *graph.Graph {
	out := *g
	out.Nodes = nil
	readers := consumers(g)
	made := map[*graph.Value]int{} // the node in out.Nodes that makes a value
	for _, n := range g.Nodes {
		if n.Op == "BatchNormalization" {
			if i, ok := made[n.Inputs[0]]; ok && readers[n.Inputs[0]] == 1 {
				if m := convWithNorm(out.Nodes[i], n); m != nil {
					out.Nodes[i] = m
					made[m.Outputs[0]] = i
					continue
				}
			}
		}
		out.Nodes = append(out.Nodes, n)
		for _, o := range n.Outputs {
			if o != nil {
				made[o] = len(out.Nodes) - 1
			}
		}
	}
	return &out
}

// convWithNorm is a convolution whose result is batch-normalised, or nil.
func convWithNorm(conv, norm *graph.Node) *graph.Node {
	if conv.Op != "Conv" || conv.Inputs[1].Const == nil || slices.ContainsFunc(norm.Inputs[1:], func(v *graph.Value) bool {
		return v == nil || v.Const == nil
	}) {
		return nil
	}
	a, c := batchNorm(norm)
	w := conv.Inputs[1].Const
	if len(a) != w.Shape[0] {
		return nil
	}
	data := floats(conv.Name, w)
	per := len(data) / len(a)
	for i := range data {
		data[i] *= a[i/per]
	}
	if len(conv.Inputs) > 2 && conv.Inputs[2] != nil {
		if conv.Inputs[2].Const == nil {
			return nil
		}
		for i, x := range floats(conv.Name, conv.Inputs[2].Const) {
			c[i] += float64(a[i] * x)
		}
	}
	constant := func(name string, shape []int, data []float64) *graph.Value {
		return &graph.Value{Name: name, Type: tensor.Float64, Shape: shape,
			Const: &tensor.Tensor{Type: tensor.Float64, Shape: shape, Floats: data}}
	}
	m := *conv
	m.Inputs = []*graph.Value{conv.Inputs[0], constant(conv.Inputs[1].Name, w.Shape, data), constant(conv.Name+" bias", []int{len(a)}, c)}
	m.Outputs = norm.Outputs[:1]
	return &m
}

// consumers counts the reads of each value, the network's outputs included.
func consumers(g *graph.Graph) map[*graph.Value]int {
	out := map[*graph.Value]int{}
	for _, n := range g.Nodes {
		for _, v := range n.Inputs {
			if v != nil {
				out[v]++
			}
		}
	}
	for _, v := range g.Outputs {
		out[v]++
	}
	return out
}
