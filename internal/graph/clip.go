package graph

import "github.com/ezkl-go/ezkl/internal/tensor"

// clipsByData says whether a Clip has a bound that is data: it is then a maximum and a minimum.
func clipsByData(n *Node) bool {
	for _, i := range []int{1, 2} {
		if v := n.In(i); n.Op == "Clip" && v != nil && v.Const == nil {
			return true
		}
	}
	return false
}

// clipByData is min(max(x, low), high).
func clipByData(e *expander) []*Value {
	e.arity(1, 3)
	x := e.in(0)
	for i, op := range []string{"Max", "Min"} {
		v := e.n.In(i + 1)
		if v == nil {
			continue
		}
		if tensor.Size(v.Shape) != 1 || v.Type != x.Type || len(v.Shape) > 1 {
			e.failf("a bound that is %v of shape %v, input is %v", v.Type, v.Shape, x.Type)
		}
		x = e.op(op, nil, x, e.reshape(v))
	}
	return []*Value{x}
}
