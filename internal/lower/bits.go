package lower

import (
	"fmt"
	"math"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// Integers are two's complement: the digits of a negative one are those of floor division, the top one negative.

// parts are the digits of an integer of `n` digits of w bits, the top one signed, as columns of range tables:
//
//	sum_j 2^(w j) d_j = X
//
// Determined by rule `digits`. Cost: n columns and lookups.
func (b *builder) parts(x *value, w, n int) []*value {
	name := b.name("digits")
	var lhs []circuit.Term
	var out []*value
	for j := range n {
		lo, t := int64(0), b.table(fmt.Sprintf("u%d", w), 0, 1<<w, nil)
		if j == n-1 {
			lo = -1 << (w - 1)
			t = b.table(fmt.Sprintf("s%d", w), lo, 1<<w, nil)
		}
		col := b.block(b.nameOf(name), x.atoms, circuit.Column)
		b.lookup(col, circuit.None, t)
		lhs = append(lhs, blockTerm(shiftLeft(1, w*j), col, len(x.atoms)))
		d := x.clone()
		d.terms, d.sums, d.inner = []circuit.Term{blockTerm(1, col, len(x.atoms))}, nil, nil
		d.unit, d.lo, d.hi = 1, float64(lo), float64(lo+1<<w-1)
		d.bound = max(-d.lo, d.hi)
		out = append(out, d)
	}
	b.relate(b.nameOf(name), lhs, 1, x)
	return out
}

// bitwiseAnd is x & y, digit by digit: with digits of half a table's bits, the pair (2^w a + b, a & b).
//
// Determined: the digits, the key stands alone, the result is the output of a function table. Cost: 4 columns and 3 lookups for
// each digit.
func (b *builder) bitwiseAnd(x, y *value) *value {
	w := min(8, b.o.TableBits/2)
	n := max(1, (max(signedBits(x.bound+1), signedBits(y.bound+1))+w-1)/w)
	xs, ys := b.parts(x, w, n), b.parts(y, w, n)
	var out *value
	for j := range n {
		shift := int64(0)
		name, lo := fmt.Sprintf("and%d", w), int64(0)
		if j == n-1 { // both signed
			shift = 1 << (w - 1)
			name, lo = name+" signed", -1<<(2*w-1)
		}
		key := plus(xs[j].times(1<<w), ys[j].plusInteger(shift))
		t := b.table(name, lo, 1<<(2*w), func(in int64) int64 { return in >> w & (in&(1<<w-1) - shift) })
		col, res := b.block(b.name("pair"), x.atoms, circuit.Column), b.block(b.name("and"), x.atoms, circuit.Column)
		b.lookup(col, res, t)
		b.relate(b.name("pair"), []circuit.Term{blockTerm(1, col, len(x.atoms))}, 1, key)
		d := xs[j].clone()
		d.terms = []circuit.Term{blockTerm(1, res, len(x.atoms))}
		if d = d.times(shiftLeft(1, w*j)); out == nil {
			out = d
		} else {
			out = plus(out, d)
		}
	}
	out.bound = max(x.bound, y.bound) * 2
	return out
}

// lowerBitwise is &, | or ^ as x + y less the common bits once or twice; a table where one operand is one constant.
func lowerBitwise(sum, common int64, f func(x, c int64) int64) lowering {
	return func(b *builder, n *graph.Node, in []*value) []*value {
		x, t, _ := operands(n, in)
		if c, ok := single(t, x); t != nil && ok && b.ready(x).honestBits() <= b.o.TableBits {
			k := int64(c)
			y := b.lazy(x, "("+n.Op+" %s "+number(c)+")", func(v float64) float64 { return float64(f(int64(v), k)) }, 0, false, nil)
			y.uni.exact, y.uni.integer = true, true
			return []*value{y}
		}
		v := []*value{in[0], in[1]}
		for i := range v {
			if v[i] == nil {
				t := n.Inputs[i].Const
				v[i] = b.constantValue(n.Name+" constant", floats(n.Name, t), t.Shape, 1, v[1-i], false)
			} else {
				v[i] = b.wholes(b.settleWide(v[i]))
			}
		}
		v = b.aligned(v...)
		out := b.bitwiseAnd(v[0], v[1])
		bound := out.bound
		out = out.times(common)
		if sum != 0 {
			out = plus(plus(v[0], v[1]), out)
		}
		out.bound = bound
		return []*value{out}
	}
}

var (
	lowerBitwiseAnd = lowerBitwise(0, 1, func(x, c int64) int64 { return x & c })
	lowerBitwiseOr  = lowerBitwise(1, -1, func(x, c int64) int64 { return x | c })
	lowerBitwiseXor = lowerBitwise(1, -2, func(x, c int64) int64 { return x ^ c })
)

// lowerBitwiseNot is -1 - x, or the largest number less x of an unsigned type.
func lowerBitwiseNot(b *builder, n *graph.Node, in []*value) []*value {
	x := b.wholes(b.settleWide(in[0]))
	t := n.Inputs[0].Type
	all := t.Wrap(-1)
	if t == tensor.UInt64 {
		fail("integers of 64 bits without a sign are not supported here")
	}
	y := x.times(-1).plusInteger(all)
	y.bound = max(x.bound, math.Abs(float64(all)))
	return []*value{y}
}

// typeBits is the width of an integer type.
func typeBits(t tensor.DType) int {
	for k := 1; k < 62; k++ {
		if t.Wrap(1<<k) == 0 {
			return k
		}
		if t.Wrap(1<<k) < 0 {
			return k + 1
		}
	}
	return 64
}

// lowerBitShift is x times or divided (floor) by p = 2^s, p by a table. A product is wrapped: of 32 bits in two steps, of up to
// 16 bits and of the rest, since the whole product is too long. A shift by the type's width or more, or by a negative number,
// leaves 0, or the sign of a number shifted right.
func lowerBitShift(b *builder, n *graph.Node, in []*value) []*value {
	t := n.Outputs[0].Type
	bits := min(typeBits(t), 60)
	left := n.Attrs.String("direction", "") == "LEFT"
	operand := func(i int) *value {
		if in[i] != nil {
			return b.wholes(b.settleWide(in[i]))
		}
		t := n.Inputs[i].Const
		return b.constantValue(n.Name+" constant", floats(n.Name, t), t.Shape, 1, in[1-i], false)
	}
	x := operand(0)
	// factor is 2^(s-from), for s up to `to`
	factor := func(from, to int) *value {
		power := func(s float64) float64 {
			switch {
			case s >= 0 && s < float64(bits):
				return math.Ldexp(1, max(0, int(min(s, float64(to)))-from))
			case left:
				return 0
			}
			return math.Ldexp(1, bits)
		}
		if t := n.Inputs[1].Const; t != nil {
			data := floats(n.Name, t)
			for i, s := range data {
				data[i] = power(s)
			}
			return b.constantValue(n.Name+" factor", data, t.Shape, 1, x, false)
		}
		p := b.lazy(operand(1), fmt.Sprintf("2^(%%s of %d..%d) below %d %t", from, to, bits, left), power, 0, false, nil)
		p.uni.exact, p.uni.integer = true, true
		return b.settleWide(p)
	}
	if left {
		steps := []int{0, bits}
		if bits == 32 {
			steps = []int{0, bits / 2, bits}
		}
		for i := range len(steps) - 1 {
			v := b.aligned(b.settleWide(x), factor(steps[i], steps[i+1]))
			x = b.wrapped(b.multiply(v[0], v[1]), t)
		}
		return []*value{x}
	}
	p := factor(0, bits)
	if _, one := p.constant(); !one {
		v := b.aligned(x, p)
		x, p = v[0], v[1]
	}
	q, _ := b.euclid(x, p)
	q.bound = x.bound
	return []*value{q}
}

// wrapped is an integer reduced to a type's range, as two's complement does: the remainder by 2^bits. It is v itself where v
// cannot leave the range; types of more than 32 bits do not wrap.
func (b *builder) wrapped(v *value, t tensor.DType) *value {
	bits := typeBits(t)
	if bits > 32 || v.unit != math.Trunc(v.unit) {
		return v
	}
	lo := float64(0)
	if t.Wrap(-1) < 0 {
		lo = -math.Ldexp(1, bits-1)
	}
	if v.lo*v.unit >= lo && v.hi*v.unit < lo+math.Ldexp(1, bits) {
		return v
	}
	v = b.wholes(v)
	_, r := b.euclid(v.plusInteger(-int64(lo)), b.integer(v, 1<<bits))
	r = r.plusInteger(int64(lo))
	r.lo, r.hi = lo, lo+math.Ldexp(1, bits)-1
	r.bound = max(-r.lo, r.hi)
	return r
}

// wrapping makes a lowering of integer arithmetic wrap its results.
func wrapping(f lowering) lowering {
	return func(b *builder, n *graph.Node, in []*value) []*value {
		out := f(b, n, in)
		if t := n.Outputs[0].Type; !t.IsFloat() {
			out[0] = b.wrapped(b.ready(out[0]), t)
		}
		return out
	}
}

// integer is a constant like a value.
func (b *builder) integer(like *value, c int64) *value {
	v := like.clone()
	v.terms, v.sums, v.inner = []circuit.Term{{Coef: c, Block: circuit.None}}, nil, nil
	v.unit, v.lo, v.hi, v.bound = 1, float64(c), float64(c), math.Abs(float64(c))
	return v
}
