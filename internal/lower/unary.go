package lower

import (
	"fmt"
	"maps"
	"slices"

	"github.com/ezkl-go/ezkl/internal/graph"
)

// unary lowers an operator of one variable as a table of the function that package graph gives it, over at least
// [-half, half): cost and uniqueness are tabulate's, and chains of such operators are one table.
//
// The error is half a unit of the input times the slope, plus half a unit of the output. At a jump (Floor, Sign, ..) an
// input within half a unit of it may fall on the other side. Outside the domain of Acos, Asin, Acosh and Atanh the table holds
// the value at the domain's end.
func unary(half float64) lowering {
	return func(b *builder, n *graph.Node, in []*value) []*value {
		f, ok := graph.ScalarOf(n)
		if !ok {
			fail("no function of real numbers")
		}
		if !n.Inputs[0].Type.IsFloat() && (n.Op == "Floor" || n.Op == "Ceil" || n.Op == "Round") {
			return in[:1]
		}
		g := f
		switch n.Op {
		case "Acos", "Asin":
			g = func(x float64) float64 { return f(min(max(x, -1), 1)) }
		case "Acosh":
			g = func(x float64) float64 { return f(max(x, 1)) }
		case "Atanh": // infinite at its ends
			const end = 1 - 1./(1<<18)
			g = func(x float64) float64 { return f(min(max(x, -end), end)) }
		}
		y := b.lazy(in[0], unaryKey(n)+"(%s)", g, half, false, nil)
		if !n.Inputs[0].Type.IsFloat() {
			y.uni.exact = true
		}
		return []*value{y}
	}
}

// unaryKey names an operator with its attributes.
func unaryKey(n *graph.Node) string {
	key := n.Op
	for _, name := range slices.Sorted(maps.Keys(n.Attrs)) {
		switch v := n.Attrs[name].(type) {
		case float64:
			key += fmt.Sprintf(" %s=%s", name, number(v))
		case int64:
			key += fmt.Sprintf(" %s=%d", name, v)
		case string:
			if v == "tanh" || v == "none" {
				key += " " + v
			}
		}
	}
	return key
}
