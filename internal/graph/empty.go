package graph

import (
	"slices"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// empty reports whether a tensor has no entries: such a tensor is a constant.
func empty(v *Value) bool { return v != nil && tensor.Size(v.Shape) == 0 }

// withoutEmpty keeps tensors without entries out of the graph, where an inferred node reads or makes some: an empty output is a
// constant, a Split with one becomes slices, and a Concat joins the others. nil: n has none, or is no such node.
func (b *builder) withoutEmpty(n *Node) ([]*Value, error) {
	switch {
	case len(n.Outputs) == 1 && empty(n.Outputs[0]):
		v := n.Outputs[0]
		v.Const = tensor.New(v.Type, v.Shape...)
		return n.Outputs, nil
	case n.Op == "Concat" && slices.ContainsFunc(n.Inputs, empty):
		kept := *n
		kept.Inputs = slices.DeleteFunc(slices.Clone(n.Inputs), empty)
		if len(kept.Inputs) == 1 {
			return kept.Inputs, nil
		}
		return n.Outputs, b.emit(&kept)
	case n.Op == "Split" && slices.ContainsFunc(n.Outputs, empty):
		p, err := SplitOf(n)
		if err != nil {
			return nil, err
		}
		return b.expand(n, func(e *expander) []*Value {
			var outs []*Value
			from := 0
			for i, v := range n.Outputs {
				if empty(v) {
					outs = append(outs, e.constant(tensor.New(v.Type, v.Shape...)))
				} else {
					outs = append(outs, e.slice(n.Inputs[0], p.Axis, from, from+p.Lengths[i]))
				}
				from += p.Lengths[i]
			}
			return outs
		})
	}
	return nil, nil
}
