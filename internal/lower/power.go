package lower

import (
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/graph"
)

// fewExponents is up to how many different constant exponents Pow makes a table each.
const fewExponents = 8

// powerRange is the least interval of the logarithm of a power: exp(-16) is about 2^-23.
const powerRange = 16

// lowerPow is x^y. One constant exponent: the identity for 1, a product for 2, else a table; a few: a sum of those, each times
// a fixed tensor of zeros and ones. One constant base: a table. Else exp(y log x) by two tables and a product: then x must be
// positive, and the error is that of log x times y, and half a unit of the exponent, relative.
func lowerPow(b *builder, n *graph.Node, in []*value) []*value {
	x, t, swapped := operands(n, in)
	whole := !n.Outputs[0].Type.IsFloat()
	if t != nil && !swapped {
		data := floats(n.Name, t)
		if c, ok := single(t, x); ok {
			return []*value{b.power(x, c, whole)}
		}
		if distinct := slices.Compact(slices.Sorted(slices.Values(data))); len(distinct) <= fewExponents {
			return []*value{b.powers(n, x, data, distinct, t.Shape, whole)}
		}
	}
	if whole {
		fail("integers to the power of data are not supported yet")
	}
	if t != nil && swapped {
		if c, ok := single(t, x); ok && c > 0 {
			l := ln(c)
			return []*value{b.lazy(x, "("+number(c)+"^%s)", func(y float64) float64 { return exp(float64(y * l)) }, 0, false, nil)}
		}
	}
	return []*value{b.expLog(n, in)}
}

// power is x^c.
func (b *builder) power(x *value, c float64, whole bool) *value {
	switch {
	case c == 1:
		return x
	case c == 2 && scalarOf(x).linear:
		return b.lazy(x, "(%s^2)", func(v float64) float64 { return v * v }, 0, false, func() *value { return b.square(b.settle(x)) })
	}
	y := b.lazy(x, "(%s^"+number(c)+")", func(v float64) float64 { return pow(v, c) }, 0, false, nil)
	if whole {
		y.uni.exact, y.uni.integer = true, true
		y.uni.f = func(v float64) float64 { return math.Trunc(pow(v, c)) }
	}
	return y
}

// powers is x^c with c one of a few constants at each entry.
func (b *builder) powers(n *graph.Node, x *value, data, distinct []float64, shape []int, whole bool) *value {
	b.settle(x)
	var out *value
	for _, c := range distinct {
		mask := make([]float64, len(data))
		for i := range data {
			if data[i] == c {
				mask[i] = 1
			}
		}
		y := b.power(x, c, whole)
		y.seen = b.p.Bound(n.Outputs[0].Name)
		b.settle(y)
		v := b.aligned(b.constantValue("exponent "+number(c), mask, shape, 1, y, true), y)
		part := b.multiply(v[0], b.settle(v[1]))
		if out == nil {
			out = part
			continue
		}
		bound := max(out.bound, part.bound)
		out = plus(out, part)
		out.bound = bound
	}
	return out
}

// expLog is exp(y log x).
func (b *builder) expLog(n *graph.Node, in []*value) *value {
	var l, y *value
	if in[0] != nil {
		l = b.settle(b.lazy(in[0], "log(%s)", ln, 0, false, nil))
	} else {
		t := n.Inputs[0].Const
		data := floats(n.Name, t)
		for i, x := range data {
			if x <= 0 {
				fail("a base of %g is not supported", x)
			}
			data[i] = ln(x)
		}
		l = b.constantValue(n.Name+" log of base", data, t.Shape, target(maxAbs(data), quantBits), in[1], false)
	}
	if y = in[1]; y == nil {
		y = b.constantOperand(n, 1)
	}
	v := b.aligned(l, b.settle(y))
	p := b.multiply(b.settle(v[0]), b.settle(v[1]))
	reach := float64(powerRange)
	if seen := b.p.Bound(n.Outputs[0].Name); seen > 1 {
		reach = max(reach, ln(seen))
	}
	p.bound = min(p.bound, reach)
	return b.lazy(p, "exp(%s)", exp, 0, false, nil)
}
