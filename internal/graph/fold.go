package graph

import "github.com/ezkl-go/ezkl/internal/tensor"

// foldExpansions are reductions that stand for simpler nodes: so calibration sees every partial product, and every sum of
// exponentials less their maximum.
var foldExpansions = map[string]expansion{
	"CumProd":         cumProd,
	"Det":             determinant,
	"ReduceLogSumExp": reduceLogSumExp,
	"ReduceProd":      reduceProd,
}

// reduceOf is the node's reduction.
func (e *expander) reduceOf() ReduceParams {
	e.arity(1, 2)
	e.in(0)
	p, err := ReduceOf(e.n)
	e.check(err)
	return p
}

// reduceProd multiplies the two halves of an axis until one entry is left.
func reduceProd(e *expander) []*Value {
	p := e.reduceOf()
	v := e.in(0)
	for _, a := range p.Axes {
		if v.Shape[a] == 0 { // the product of nothing
			shape, kept := p.reducedShape(e.in(0).Shape)
			e.size(kept...)
			one := tensor.New(v.Type, kept...)
			fill(one.Floats, 1)
			fill(one.Ints, 1)
			return []*Value{e.reshape(e.constant(one), shape...)}
		}
		for size := v.Shape[a]; size > 1; size = v.Shape[a] {
			half := size / 2
			m := e.op("Mul", nil, e.slice(v, a, 0, half), e.slice(v, a, half, 2*half))
			if size%2 == 1 {
				m = e.concat(a, m, e.slice(v, a, size-1, size))
			}
			v = m
		}
	}
	shape, _ := p.reducedShape(e.in(0).Shape)
	return []*Value{e.reshape(v, shape...)}
}

// reduceLogSumExp puts the maximum before the sum.
func reduceLogSumExp(e *expander) []*Value {
	p := e.reduceOf()
	return []*Value{e.logSumExp(e.in(0), p)}
}

// cumProd multiplies one entry of the axis after the other.
func cumProd(e *expander) []*Value {
	e.arity(2, 2)
	x := e.in(0)
	p, err := CumSumOf(e.n)
	e.check(err)
	size := x.Shape[p.Axis]
	if size == 0 {
		return []*Value{x}
	}
	parts := make([]*Value, size)
	var acc *Value
	for i := range size {
		at := i
		if p.Reverse {
			at = size - 1 - i
		}
		entry := e.slice(x, p.Axis, at, at+1)
		before := acc
		if acc == nil {
			acc = entry
		} else {
			acc = e.op("Mul", nil, acc, entry)
		}
		switch {
		case !p.Exclusive:
			parts[at] = acc
		case before != nil:
			parts[at] = before
		default:
			one := tensor.New(x.Type, entry.Shape...)
			fill(one.Floats, 1)
			fill(one.Ints, 1)
			parts[at] = e.constant(one)
		}
	}
	return []*Value{e.concat(p.Axis, parts...)}
}
