package lower

import (
	"slices"

	"github.com/ezkl-go/ezkl/internal/graph"
)

// leastNorm is the largest eps of x / max(|x|, eps) that only rows of zeros meet.
const leastNorm = 1e-7

// normalisation reads rows over their norm as exporters write them,
//
//	y = x / Expand(Clip(ReduceL2(x), eps)),   also ReduceL1, Max(.., eps), and without Expand
//
// as LpNormalization, whose rows of zeros stay zeros. Nil for any other division.
func normalisation(div *graph.Node, made map[*graph.Value]*graph.Node) *graph.Node {
	x := div.Inputs[0]
	n := made[div.Inputs[1]]
	if n != nil && n.Op == "Expand" {
		n = made[n.Inputs[0]]
	}
	if x.Const != nil || n == nil || !slices.Equal(div.Outputs[0].Shape, x.Shape) {
		return nil
	}
	small := func(v *graph.Value) bool {
		return v != nil && v.Const != nil && v.Const.Len() == 1 && v.Const.Float(0) > 0 && v.Const.Float(0) <= leastNorm
	}
	switch {
	case n.Op == "Clip" && small(n.In(1)) && n.In(2) == nil:
	case n.Op == "Max" && len(n.Inputs) == 2 && small(n.Inputs[1]):
	default:
		return nil
	}
	norm := made[n.Inputs[0]]
	if norm == nil || norm.Inputs[0] != x {
		return nil
	}
	p := map[string]int64{"ReduceL1": 1, "ReduceL2": 2}[norm.Op]
	axes := reduceAxes(norm)
	if p == 0 || len(axes) != 1 || !keepsDims(norm) {
		return nil
	}
	return &graph.Node{Name: div.Name, Op: "LpNormalization", Inputs: []*graph.Value{x}, Outputs: div.Outputs,
		Attrs: graph.Attrs{"axis": axes[0], "p": p}, Opset: div.Opset}
}
