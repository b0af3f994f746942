package lower

import (
	"math"

	"github.com/ezkl-go/ezkl/internal/graph"
)

// Truth values are integers 0 and 1 on unit 1.

// truth marks a value as 0 or 1.
func truth(v *value) *value {
	v.unit, v.lo, v.hi, v.bound = 1, 0, 1, 1
	return v
}

// pair gives a two-input operator both operands in one layout; constants become values on the other operand's unit.
func (b *builder) pair(n *graph.Node, in []*value, unit func(like *value) float64) (x, y *value) {
	x, y = in[0], in[1]
	like := x
	if like == nil {
		like = y
	}
	b.ready(like)
	for i, at := range []**value{&x, &y} {
		if *at == nil {
			t := n.Inputs[i].Const
			*at = b.constantValue(n.Name+" constant", floats(n.Name, t), t.Shape, unit(like), like, false)
		}
	}
	v := b.aligned(x, y)
	return v[0], v[1]
}

// logical is an operator on truth values: both operands as bits.
func logical(f func(b *builder, x, y *value) *value) lowering {
	return func(b *builder, n *graph.Node, in []*value) []*value {
		for _, v := range in {
			if v != nil {
				b.settle(v)
			}
		}
		x, y := b.pair(n, in, func(*value) float64 { return 1 })
		return []*value{truth(f(b, b.settle(x), b.settle(y)))}
	}
}

// and is the product x*y: one free block by a bilinear relation, determined since it stands alone. Cost: a bit.
func (b *builder) and(x, y *value) *value {
	return truth(b.freeBlock(truth(b.multiply(x, y)), "and"))
}

// lowerAnd, lowerOr and lowerXor are x*y, x+y-xy and x+y-2xy.
var (
	lowerAnd = logical((*builder).and)
	lowerOr  = logical(func(b *builder, x, y *value) *value { return minus(plus(x, y), b.and(x, y)) })
	lowerXor = logical(func(b *builder, x, y *value) *value { return minus(plus(x, y), b.and(x, y).times(2)) })
)

// not is 1 - x: an affine form.
func not(x *value) *value { return truth(x.times(-1).plusInteger(1)) }

func lowerNot(b *builder, _ *graph.Node, in []*value) []*value { return []*value{not(b.settle(in[0]))} }

// compareBits bounds the integers that a comparison takes as they are.
const compareBits = fineBits + 1

// lowerCompare is one of <, <=, >, >= as the sign of an exact difference: with integers X, Y on one unit,
//
//	x <= y = [Y - X >= 0],   x < y = [Y - X - 1 >= 0]
//
// A constant beside an operand on a fractional unit is rounded as network inputs are, so that an input that equals it stays
// equal; beside integers the comparison is exact. Determined and priced as signOf on the digits of the difference.
func lowerCompare(swap, equal bool) lowering {
	return func(b *builder, n *graph.Node, in []*value) []*value {
		x, y := b.difference(n, in, func(t float64, left bool) float64 {
			// left: the constant is X. (the smaller side of x <= y); integers: X < t is X < ceil(t), X <= t is X <= floor(t)
			if (left != swap) == equal {
				return math.Ceil(t)
			}
			return math.Floor(t)
		})
		if swap {
			x, y = y, x
		}
		d := minus(y, x)
		if !equal {
			d = d.plusInteger(-1)
		}
		return []*value{b.nonNegative(d)}
	}
}

// difference gives the operands of a comparison on one unit. integer rounds a constant beside integers.
func (b *builder) difference(n *graph.Node, in []*value, integer func(t float64, left bool) float64) (x, y *value) {
	for _, v := range in {
		if v != nil && b.ready(v).honestBits() > compareBits {
			b.settle(v)
		}
	}
	vs := []*value{in[0], in[1]}
	like := in[0]
	if like == nil {
		like = in[1]
	}
	for i := range vs {
		if vs[i] != nil {
			continue
		}
		t := n.Inputs[i].Const
		data := floats(n.Name, t)
		for j := range data {
			if like.unit >= 1 {
				data[j] = integer(data[j]/like.unit, i == 0) * like.unit
			}
			// a constant beyond all integers of the operand compares as the next one does
			data[j] = min(max(data[j], (like.lo-1)*like.unit), (like.hi+1)*like.unit)
		}
		vs[i] = b.constantValue(n.Name+" threshold", data, t.Shape, like.unit, like, false)
	}
	vs = b.aligned(vs...)
	x, y = vs[0], vs[1]
	if x.unit != y.unit {
		mx, my, unit := commonUnit(x.unit, y.unit)
		x, y = x.finer(mx), y.finer(my)
		x.unit, y.unit = unit, unit
	}
	return x, y
}

// nonNegative is [v >= 0], exact.
func (b *builder) nonNegative(v *value) *value {
	if v.lo >= 0 {
		one := v.clone()
		one.terms, one.sums, one.inner = nil, nil, nil
		return truth(one.plusInteger(1))
	}
	return truth(b.signOf(b.exactDigits(v)))
}

// isZero is [v = 0], exact: a pair lookup, or [v >= 0] - [v >= 1] of wide integers.
func (b *builder) isZero(v *value) *value {
	if bit, ok := b.among(v, 0); ok {
		return bit
	}
	return truth(minus(b.nonNegative(v), b.nonNegative(v.plusInteger(-1))))
}

// lowerEqual is x = y on one unit.
func lowerEqual(b *builder, n *graph.Node, in []*value) []*value {
	if !n.Inputs[0].Type.IsFloat() {
		for i := range in {
			if in[i] == nil {
				for _, t := range floats(n.Name, n.Inputs[i].Const) {
					if t != math.Trunc(t) {
						fail("a constant that is no integer")
					}
				}
			}
		}
	}
	x, y := b.difference(n, in, func(t float64, _ bool) float64 {
		if t != math.Trunc(t) {
			fail("a constant that the other operand's unit does not reach is not supported yet")
		}
		return t
	})
	return []*value{b.isZero(minus(x, y))}
}

// lowerWhere is y + c*(x - y): one bilinear contraction, or a product with constants. A pending product under a constant
// mask goes into a free block, however wide: its consumer requantises the result.
func lowerWhere(b *builder, n *graph.Node, in []*value) []*value {
	c, x, y := in[0], in[1], in[2]
	_, low := b.floor[n.Outputs[0]]
	if !low && n.Attrs[graph.Mask] != nil {
		fail("the numbers that mask scores are not low enough beside them")
	}
	var like *value
	for _, v := range in {
		if v == nil {
			continue
		}
		if b.ready(v); c == nil && !(low && b.complete()) && len(v.sums) > 0 && v.uses == 1 && v.bits() <= maskedBits {
			v.become(b.freeBlock(v, "unmasked"))
		} else {
			b.settle(v)
		}
		like = v
	}
	constant := func(i int, unit float64, structural bool) *value {
		t := n.Inputs[i].Const
		return b.constantValue(n.Name+" constant", b.scoresAbove(n, t, like), t.Shape, unit, like, structural)
	}
	if c == nil {
		c = constant(0, 1, false)
	}
	unit := 0.0
	switch {
	case x != nil && y != nil:
	case x != nil:
		unit = unitBeside(x, b.scoresAbove(n, n.Inputs[2].Const, like))
	case y != nil:
		unit = unitBeside(y, b.scoresAbove(n, n.Inputs[1].Const, like))
	default:
		m := max(maxAbs(floats(n.Name, n.Inputs[1].Const)), maxAbs(floats(n.Name, n.Inputs[2].Const)))
		unit = target(m, quantBits)
		if !n.Outputs[0].Type.IsFloat() {
			unit = 1
		}
	}
	if x == nil {
		x = constant(1, unit, false)
	}
	if y == nil {
		y = constant(2, unit, false)
	}
	v := b.aligned(c, x, y)
	for i := range v {
		if len(v[i].sums) > 0 {
			b.settle(v[i])
		}
	}
	c, x, y = v[0], v[1], v[2]
	out := plus(y, b.multiply(truth(c), minus(x, y)))
	out.lo = math.Min(x.lo*x.unit, y.lo*y.unit) / out.unit
	out.hi = math.Max(x.hi*x.unit, y.hi*y.unit) / out.unit
	out.bound = max(x.bound, y.bound)
	return []*value{out}
}

// maskedBits bounds a free block of lowerWhere.
const maskedBits = 40

// lowerSum and lowerMean add all operands.
func lowerSum(b *builder, n *graph.Node, in []*value) []*value { return []*value{b.total(n, in)} }

func lowerMean(b *builder, n *graph.Node, in []*value) []*value {
	return []*value{b.total(n, in).scaled(1 / float64(len(in)))}
}

func (b *builder) total(n *graph.Node, in []*value) *value {
	var out *value
	for _, v := range in {
		if v == nil {
			continue
		}
		if v = b.shared(v); out == nil {
			out = v
			continue
		}
		p := b.aligned(out, v)
		out = plus(p[0], p[1])
	}
	for i, v := range in {
		if v == nil {
			t := n.Inputs[i].Const
			out = b.plusConstant(out, n.Name+" constant", floats(n.Name, t), t.Shape)
		}
	}
	return out
}

// lowerFalse is IsNaN and IsInf: no integer stands for such a number.
func lowerFalse(b *builder, _ *graph.Node, in []*value) []*value {
	return []*value{truth(b.shared(in[0]).scaled(0))}
}
