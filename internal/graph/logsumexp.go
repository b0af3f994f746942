package graph

import "slices"

// logSumExpOf finds what a logarithm is of: the sum over axes of the exponentials of x.
// The largest exponent then goes before the sum, as in ReduceLogSumExp: exponentials need no more than the range up to 1.
func (b *builder) logSumExpOf(n *Node) expansion {
	if n.Op != "Log" || len(n.Inputs) != 1 || n.Inputs[0] == nil {
		return nil
	}
	sum := b.made[n.Inputs[0]]
	if sum == nil || sum.Op != "ReduceSum" {
		return nil
	}
	power := b.made[sum.Inputs[0]]
	if power == nil || power.Op != "Exp" {
		return nil
	}
	if less := b.made[power.Inputs[0]]; less != nil && less.Op == "Sub" {
		if m := b.made[less.Inputs[1]]; m != nil && m.Op == "ReduceMax" { // the network does so itself
			return nil
		}
	}
	return func(e *expander) []*Value {
		p, err := ReduceOf(sum)
		e.check(err)
		if len(p.Axes) == 0 {
			return []*Value{power.Inputs[0]}
		}
		return []*Value{e.logSumExp(power.Inputs[0], p)}
	}
}

// logSumExp is M + log(sum exp(x - M)) over axes, M the maximum.
func (e *expander) logSumExp(x *Value, p ReduceParams) *Value {
	list := e.ints(slices.Clone(p.Axes)...)
	noop := Attrs{"keepdims": int64(1), "noop_with_empty_axes": int64(1)}
	m := e.op("ReduceMax", noop, x, list)
	s := e.op("ReduceSum", noop, e.op("Exp", nil, e.op("Sub", nil, x, m)), list)
	y := e.op("Add", nil, m, e.op("Log", nil, s))
	shape, _ := p.reducedShape(x.Shape)
	return e.reshape(y, shape...)
}
