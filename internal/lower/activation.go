package lower

import (
	"math"
	"strconv"

	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// number names a constant inside a function's key.
func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// lowerRelu is relu(x) on the digits of x.
func lowerRelu(b *builder, n *graph.Node, in []*value) []*value {
	x := in[0]
	if n.Attrs.Int(graph.Precise, 0) != 0 {
		b.ready(x)
		s := shiftTo(x.unit, target(x.bound, rampBits))
		return []*value{b.relu(b.requantise(x, s, b.digitCount(x, s)))}
	}
	y := b.lazy(x, "relu(%s)", func(v float64) float64 { return max(v, 0) }, 0, false, func() *value {
		return b.relu(b.rangeOf(x))
	})
	y.reluOf = x
	return []*value{y}
}

// rampBits is the width of the digits of a precise relu.
const rampBits = 24

// rangeOf is the value as digits: exact if it is narrow already, else requantised.
func (b *builder) rangeOf(x *value) *value {
	b.ready(x)
	if x.digits == nil && x.honestBits() <= quantBits {
		x.become(b.exactDigits(x))
		return x
	}
	b.quantised(x, quantBits)
	if x.digits == nil { // clamped
		x.become(b.exactDigits(x))
	}
	return x
}

// lowerAbs is 2 relu(x) - x on the digits of x.
func lowerAbs(b *builder, _ *graph.Node, in []*value) []*value {
	x := in[0]
	return []*value{b.lazy(x, "abs(%s)", math.Abs, 0, false, func() *value { return b.absolute(x) })}
}

func (b *builder) absolute(x *value) *value {
	q := b.rangeOf(x)
	y := minus(b.relu(q).times(2), q)
	y.lo, y.hi, y.bound = 0, max(-q.lo, q.hi), q.bound
	return y
}

// lowerPRelu is slope*x + (1-slope)*relu(x): two products with weights, or a table for one slope; or relu(x) + slope*(x-relu(x))
// with a slope that is data.
func lowerPRelu(b *builder, n *graph.Node, in []*value) []*value {
	t := n.Inputs[1].Const
	if t == nil {
		x, slope := in[0], b.settle(in[1])
		if x == nil {
			x = b.constantOperand(n, 0)
		}
		q := b.rangeOf(x)
		y := b.relu(q)
		v := b.aligned(y, minus(q, y), slope)
		return []*value{plus(v[0], b.multiply(b.settle(v[1]), b.settle(v[2])))}
	}
	x, data := in[0], floats(n.Name, t)
	if len(data) == 1 && b.o.Params == Fixed {
		return []*value{leaky(b, x, data[0])}
	}
	q := b.rangeOf(x)
	y := b.relu(q)
	rest := make([]float64, len(data))
	for i := range data {
		rest[i] = 1 - data[i]
	}
	unit := b.weightUnit(append(rest, data...), q.unit, 0)
	lin := func(x *value, w []float64) *value {
		c := b.constantValue(n.Name+" slope", w, t.Shape, unit, x, false)
		v := b.aligned(x, c)
		return b.multiply(v[1], v[0])
	}
	return []*value{plus(lin(q, data), lin(y, rest[:len(data)]))}
}

// lowerLeakyRelu is a table: 16 bits either way, and the slope is exact.
func lowerLeakyRelu(b *builder, n *graph.Node, in []*value) []*value {
	return []*value{leaky(b, in[0], n.Attrs.Float("alpha", 0.01))}
}

func leaky(b *builder, x *value, a float64) *value {
	return b.lazy(x, "leakyrelu("+number(a)+",%s)", func(v float64) float64 {
		if v < 0 {
			return a * v
		}
		return v
	}, 0, false, nil)
}

// lowerClip is a table. (Bounds that are data: package graph makes a maximum and a minimum of them.)
func lowerClip(b *builder, n *graph.Node, in []*value) []*value {
	lo, hi := n.Attrs.Float("min", math.Inf(-1)), n.Attrs.Float("max", math.Inf(1))
	for i, at := range []*float64{&lo, &hi} {
		if i+1 < len(n.Inputs) && n.Inputs[i+1] != nil {
			t := n.Inputs[i+1].Const
			if t == nil || t.Len() != 1 {
				fail("bounds that are no constants are not supported yet")
			}
			*at = t.Float(0)
		}
	}
	f := func(v float64) float64 { return min(max(v, lo), hi) }
	return []*value{b.lazy(in[0], "clip("+number(lo)+","+number(hi)+",%s)", f, 0, false, nil)}
}

// function makes the lowering of a parameterless function of one variable: a table over at least [-half, half). If sat is
// not 0, f is constant outside [-sat, sat), to half a unit of any table.
func function(key string, half, sat float64, f func(float64) float64) lowering {
	return func(b *builder, _ *graph.Node, in []*value) []*value {
		return []*value{b.bounded(in[0], key+"(%s)", f, half, sat)}
	}
}

func (b *builder) bounded(x *value, key string, f func(float64) float64, half, sat float64) *value {
	y := b.lazy(x, key, f, half, false, nil)
	if scalarOf(x).key == "x" {
		y.uni.sat = sat
	}
	return y
}

func lowerElu(b *builder, n *graph.Node, in []*value) []*value {
	a := n.Attrs.Float("alpha", 1)
	return []*value{b.lazy(in[0], "elu("+number(a)+",%s)", func(v float64) float64 {
		if v < 0 {
			return a * expm1(v)
		}
		return v
	}, 0, false, nil)}
}

func lowerHardSigmoid(b *builder, n *graph.Node, in []*value) []*value {
	alpha, beta := n.Attrs.Float("alpha", 0.2), n.Attrs.Float("beta", 0.5)
	f := func(v float64) float64 { return min(max(float64(alpha*v)+beta, 0), 1) }
	sat := 0.0
	if alpha != 0 {
		sat = math.Ldexp(1, exponent((1+math.Abs(beta))/math.Abs(alpha)))
	}
	return []*value{b.bounded(in[0], "hardsigmoid("+number(alpha)+","+number(beta)+",%s)", f, 0, sat)}
}

// same is an operator that does nothing to its data.
func same(_ *builder, _ *graph.Node, in []*value) []*value { return in[:1] }

// lowerCast keeps the integers, except that a cast from real numbers to integers truncates, one to booleans asks for x != 0,
// and one to a type of at most 16 bits, of a value that may exceed it, wraps: tables, in which an input within half a unit
// of a jump may fall on the other side.
func lowerCast(b *builder, n *graph.Node, in []*value) []*value {
	from, to := n.Inputs[0].Type, n.Outputs[0].Type
	switch {
	case to == tensor.Bool && from != tensor.Bool:
		return []*value{b.lazy(in[0], "(%s!=0)", func(x float64) float64 {
			if x != 0 {
				return 1
			}
			return 0
		}, 0, false, nil)}
	case from.IsFloat() && !to.IsFloat():
		if v := in[0]; v.force == nil && v.unit == math.Trunc(v.unit) && to.Wrap(1<<16) != 0 { // whole numbers already
			return in[:1]
		}
		y := b.lazy(in[0], "trunc "+to.String()+"(%s)", func(x float64) float64 { return float64(to.FromFloat(x)) }, 0, false, nil)
		y.uni.integer = true
		return []*value{y}
	case to.IsInt() && typeBits(to) <= 32:
		v := b.ready(in[0])
		if lo, hi := int64(v.lo), int64(v.hi); v.unit == 1 && to.Wrap(lo) == lo && to.Wrap(hi) == hi {
			break
		}
		if typeBits(to) == 32 || v.honestBits() > b.o.TableBits {
			return []*value{b.wrapped(b.settleWide(v), to)}
		}
		y := b.lazy(v, "wrap "+to.String()+"(%s)", func(x float64) float64 { return float64(to.FromFloat(x)) }, 0, false, nil)
		y.uni.exact, y.uni.integer = true, true
		return []*value{y}
	}
	return in[:1]
}

// lowerReshape covers every operator that only changes the shape.
func lowerReshape(b *builder, n *graph.Node, in []*value) []*value {
	v := b.reshapeLazy(in[0], n.Outputs[0].Shape)
	return []*value{v}
}

// reshapeLazy keeps a lazy value lazy for its other consumers: it is made here.
func (b *builder) reshapeLazy(v *value, shape []int) *value {
	return b.reshaped(b.shared(v), shape)
}

// lowerTranspose permutes axes.
func lowerTranspose(b *builder, n *graph.Node, in []*value) []*value {
	v := b.shared(in[0])
	return []*value{transposed(v, resolved(graph.PermOf(n)))}
}
