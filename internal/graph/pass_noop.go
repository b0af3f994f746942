package graph

import "github.com/ezkl-go/ezkl/internal/tensor"

// removeNoops removes nodes whose output is their input, entry by entry under the same shape: a Reshape to the same shape, a
// Transpose that keeps the order, a Pad by nothing, a Slice of everything, a Concat, Sum, Max, Min or Mean of one tensor, ..
func removeNoops(g *Graph) (bool, error) {
	changed := false
	for _, n := range g.Nodes {
		x := n.In(0)
		if x == nil || n.Outputs[0] == nil || len(n.Outputs) != 1 || n.Outputs[0].Type != x.Type || !tensor.SameShape(n.Outputs[0].Shape, x.Shape) {
			continue
		}
		same := false
		switch n.Op {
		case "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Expand", "Tile", "Identity":
			same = true
		case "Transpose":
			perm, err := PermOf(n)
			if err != nil {
				return false, err
			}
			same = keepsOrder(perm, x.Shape)
		case "Pad":
			p, err := PadOf(n)
			if err != nil {
				return false, err
			}
			same = true
			for i := range p.Begin {
				same = same && p.Begin[i] == 0 && p.End[i] == 0
			}
		case "Slice":
			p, err := SliceOf(n)
			if err != nil {
				return false, err
			}
			same = true
			for i, d := range x.Shape {
				same = same && (p.Steps[i] == 1 || d <= 1)
			}
		case "Concat", "Sum", "Max", "Min", "Mean":
			same = len(n.Inputs) == 1
		}
		if same {
			g.replace(n.Outputs[0], x)
			changed = true
		}
	}
	return changed, nil
}

// keepsOrder reports whether a transpose leaves the row-major order of the entries: the axes longer than 1 stay in order.
func keepsOrder(perm, shape []int) bool {
	last := -1
	for _, p := range perm {
		if shape[p] == 1 {
			continue
		}
		if p < last {
			return false
		}
		last = p
	}
	return true
}
