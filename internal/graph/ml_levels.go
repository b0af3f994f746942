package graph

import "github.com/ezkl-go/ezkl/internal/tensor"

// byLevels says which leaves are reached, [N, len(leaves)]. All trees go down one level at a time; each distinct comparison is made
// once, and a node is reached if its parent is and the comparison says so:
//
//	reach(yes child) = reach(parent) and bit,   reach(no child) = reach(parent) and not bit
//
// Its entries grow as the nodes do; which feature a node compares and where its children are is part of the circuit.
func (e *expander) byLevels(x *Value, f *forest) (reached *Value, leaves []int) {
	c := newComparisons(1)
	for i := range f.nodes {
		if n := &f.nodes[i]; !n.leaf {
			c.add(0, n.test)
		}
	}
	rows := x.Shape[0]
	var ends []*Value // of leaves, in parts
	// split goes on with a list of nodes, which reach [N, len(list)] says are reached: leaves are kept, branches are returned.
	split := func(reach *Value, list []int) (branches []int, at []int) {
		var here []int
		for p, i := range list {
			switch {
			case !f.nodes[i].leaf:
				branches, at = append(branches, i), append(at, p)
			case len(f.nodes[i].weights) > 0:
				leaves, here = append(leaves, i), append(here, p)
			}
		}
		if len(here) > 0 {
			ends = append(ends, e.gather(reach, 1, here...))
		}
		return branches, at
	}
	reach := e.numbers(tensor.Bool, repeated(1, e.size(rows, len(f.roots))), rows, len(f.roots)) // of nodes, the branches of one level
	nodes, from := split(reach, f.roots)
	var bits *Value
	if len(nodes) > 0 {
		reach = e.gather(reach, 1, from...)
		bits = e.tests(x, f, c, false)
	}
	for len(nodes) > 0 {
		columns, yes, no := make([]int, len(nodes)), make([]int, len(nodes)), make([]int, len(nodes))
		for k, i := range nodes {
			n := &f.nodes[i]
			columns[k], yes[k], no[k] = c.column(0, n.test), n.yes, n.no
		}
		bit := e.gather(bits, 1, columns...)
		not := e.op("Not", nil, bit)
		if reach.Const == nil {
			bit, not = e.op("And", nil, reach, bit), e.op("And", nil, reach, not)
		}
		var parts []*Value
		nodes = nil
		for _, child := range []struct {
			reach *Value
			list  []int
		}{{bit, yes}, {not, no}} {
			deeper, at := split(child.reach, child.list)
			if nodes = append(nodes, deeper...); len(at) > 0 {
				parts = append(parts, e.gather(child.reach, 1, at...))
			}
		}
		if len(parts) > 0 {
			reach = e.concat(1, parts...)
		}
	}
	if len(leaves) == 0 {
		return nil, nil
	}
	return e.concat(1, ends...), leaves
}

func repeated(x float64, n int) []float64 {
	out := make([]float64, n)
	fill(out, x)
	return out
}
