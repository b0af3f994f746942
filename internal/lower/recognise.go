package lower

import (
	"slices"

	"github.com/ezkl-go/ezkl/internal/graph"
)

// standardiseOp is the operator that recognise puts in the place of an exported standardisation: (x - mean)/sqrt(var + eps).
const standardiseOp = "ezkl.Standardise"

// recognise finds exported layer normalisations,
//
//	m = ReduceMean(x),  d = x - m,  v = ReduceMean(d^2),  y = d / Sqrt(v + eps)
//
// and rows over their norm (normalisation), and makes each one node, so that no division by data and no table of a wide square root is needed; and perfect
// trees that go down by levels (traversal). What else reads the nodes between keeps them; dead ones are dropped. The given graph stays as it is.
func recognise(g *graph.Graph) *graph.Graph {
	made, readers := makers(g), consumers(g)
	by := func(v *graph.Value, ops ...string) *graph.Node {
		if n := made[v]; n != nil && slices.Contains(ops, n.Op) {
			return n
		}
		return nil
	}
	scalar := func(v *graph.Value) (float64, bool) {
		if v == nil || v.Const == nil || v.Const.Len() != 1 || !v.Const.Type.IsFloat() {
			return 0, false
		}
		return v.Const.Float(0), true
	}
	match := func(div *graph.Node) *graph.Node {
		d, root := div.Inputs[0], by(div.Inputs[1], "Sqrt")
		sub := by(d, "Sub")
		if sub == nil || root == nil {
			return nil
		}
		add := by(root.Inputs[0], "Add")
		if add == nil {
			return nil
		}
		eps, ok := scalar(add.Inputs[1])
		v := by(add.Inputs[0], "ReduceMean")
		if !ok {
			eps, ok = scalar(add.Inputs[0])
			v = by(add.Inputs[1], "ReduceMean")
		}
		if !ok || v == nil || eps <= 0 {
			return nil
		}
		square := by(v.Inputs[0], "Pow", "Mul")
		if square == nil || square.Inputs[0] != d {
			return nil
		}
		if c, ok := scalar(square.Inputs[1]); square.Op == "Pow" && (!ok || c != 2) || square.Op == "Mul" && square.Inputs[1] != d {
			return nil
		}
		x := sub.Inputs[0]
		mean := by(sub.Inputs[1], "ReduceMean")
		if mean == nil || mean.Inputs[0] != x || x.Const != nil {
			return nil
		}
		axes := reduceAxes(mean)
		if axes == nil || !slices.Equal(axes, reduceAxes(v)) || !keepsDims(mean) || !keepsDims(v) || !slices.Equal(div.Outputs[0].Shape, x.Shape) {
			return nil
		}
		return &graph.Node{Name: div.Name, Op: standardiseOp, Inputs: []*graph.Value{x}, Outputs: div.Outputs,
			Attrs: graph.Attrs{"axes": axes, "epsilon": eps, "deviation": div.Inputs[1].Name}, Opset: div.Opset}
	}
	out := *g
	out.Nodes = nil
	found := false
	for _, n := range g.Nodes {
		put := []*graph.Node{n}
		switch n.Op {
		case "Div":
			m := match(n)
			if m == nil {
				m = normalisation(n, made)
			}
			if m != nil {
				put, found = []*graph.Node{m}, true
			}
		case "Gather":
			if m := traversed(n, made, readers); m != nil {
				put, found = m, true
			}
		}
		out.Nodes = append(out.Nodes, put...)
	}
	if !found {
		return g
	}
	out.Nodes = live(g.Outputs, out.Nodes)
	return &out
}

// live are the nodes that outputs need.
func live(outputs []*graph.Value, nodes []*graph.Node) []*graph.Node {
	used := map[*graph.Value]bool{}
	for _, v := range outputs {
		used[v] = true
	}
	var kept []*graph.Node
	for _, n := range slices.Backward(nodes) {
		if slices.ContainsFunc(n.Outputs, func(v *graph.Value) bool { return v != nil && used[v] }) {
			kept = append(kept, n)
			for _, v := range n.Inputs {
				used[v] = true
			}
		}
	}
	slices.Reverse(kept)
	return kept
}

// reduceAxes are the axes of a mean with constant axes, in order; nil if they are not known.
func reduceAxes(n *graph.Node) []int64 {
	if v := n.In(1); v != nil && v.Const == nil {
		return nil
	}
	var out []int64
	for _, a := range axesOf(n) {
		out = append(out, int64(a))
	}
	return out
}

func keepsDims(n *graph.Node) bool { return len(n.Outputs[0].Shape) == len(n.Inputs[0].Shape) }

// lowerStandardise is the recognised node.
func lowerStandardise(b *builder, n *graph.Node, in []*value) []*value {
	var axes []int
	for _, a := range n.Attrs.Ints("axes") {
		axes = append(axes, int(a))
	}
	y := b.standardise(b.shared(in[0]), axes, standard{eps: n.Attrs.Float("epsilon", 0), centre: n.Attrs.Int("centre", 1) != 0,
		bound: b.p.Bound(n.Outputs[0].Name), deviation: b.p.Bound(n.Attrs.String("deviation", ""))})
	return []*value{y}
}
