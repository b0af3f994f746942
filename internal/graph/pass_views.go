package graph

import (
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// mergeViews joins neighbours: a Transpose of a Transpose becomes one, and so does a Reshape (Flatten, Squeeze, Unsqueeze) of a
// Reshape; a Transpose that keeps the row-major order becomes a Reshape. Nodes that nothing reads any more are dead afterwards.
func mergeViews(g *Graph) (bool, error) {
	made := g.producers()
	changed := false
	for _, n := range g.Nodes {
		if n.Op == "Transpose" {
			perm, err := PermOf(n)
			if err != nil {
				return false, err
			}
			if before := made[n.Inputs[0]]; before != nil && before.Op == "Transpose" {
				first, err := PermOf(before)
				if err != nil {
					return false, err
				}
				list := make([]int64, len(perm))
				for i, p := range perm {
					list[i] = int64(first[p])
				}
				n.Inputs, n.Attrs = []*Value{before.Inputs[0]}, Attrs{"perm": list}
				changed = true
				continue
			}
			if keepsOrder(perm, n.Inputs[0].Shape) {
				n.becomeReshape(n.Inputs[0])
				changed = true
			}
			continue
		}
		if !isReshape(n) {
			continue
		}
		if before := made[n.Inputs[0]]; before != nil && isReshape(before) {
			n.becomeReshape(before.Inputs[0])
			changed = true
		}
	}
	return changed, nil
}

func isReshape(n *Node) bool {
	_, ok := ReshapeOf(n)
	return ok && (len(n.Outputs) == 1 || n.Outputs[1] == nil)
}

// becomeReshape makes n a Reshape of x to its output's shape.
func (n *Node) becomeReshape(x *Value) {
	shape := n.Outputs[0].Shape
	t := tensor.New(tensor.Int64, len(shape))
	for i, d := range shape {
		t.Ints[i] = int64(d)
	}
	n.Op, n.Attrs = "Reshape", Attrs{"allowzero": int64(1)}
	n.Inputs = []*Value{x, {Name: n.Name + " shape", Type: t.Type, Shape: t.Shape, Const: t}}
}
