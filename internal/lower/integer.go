package lower

import (
	"fmt"
	"math"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
)

// euclid is X = E q + r with 0 <= r < E, for integers X and E > 0:
//
//	X - E q = r,   r + g + 1 = E,   q signed digits, r and g unsigned digits
//
// Determined by rule `quotient`. A divisor below 1 has no witness. Cost: the digits of q, r and g. For a power of two,
// r is one column in [0, E), or digits that make up [0, E), and (q, r) is determined by rule `digits`: no g.
func (b *builder) euclid(x, e *value) (q, r *value) {
	name := b.name("quotient")
	digitsOf := func(bound float64) int { return max(1, (signedBits(bound)+b.o.Width)/b.o.Width) }
	rest := func(terms []circuit.Term, hi float64) *value {
		v := x.clone()
		v.terms, v.sums, v.inner = terms, nil, nil
		v.lo, v.hi, v.bound = 0, hi, hi*v.unit
		return v
	}
	if c, ok := e.constant(); ok && c > 1 && isPowerOfTwo(c) && c <= 1<<32 {
		bits, width := exponent(c), b.o.TableBits
		n := digitsOf(x.bound / x.unit / c)
		top := b.o.Width
		if bits+top*n > 62 { // the solver's sums have 62 bits
			top = max(2, min(top, signedBits(x.bound/x.unit/c)+1-top*(n-1)))
		}
		q = b.signedDigitsOf(name, x, n, top)
		if bits > width {
			width = b.o.Width
		}
		var terms []circuit.Term
		for from := 0; from < bits; from += width {
			col, k := b.block(b.nameOf(name+" remainder"), x.atoms, circuit.Column), min(width, bits-from)
			b.lookup(col, circuit.None, b.table(fmt.Sprintf("u%d", k), 0, 1<<k, nil))
			terms = append(terms, blockTerm(shiftLeft(1, from), col, len(x.atoms)))
		}
		r = rest(terms, c-1)
		scaled := q.times(int64(c))
		b.relate(name, append(scaled.terms, r.terms...), 1, x)
		q.unit, q.bound = 1, x.bound/x.unit/c
		return q, r
	}
	p := b.aligned(x, e)
	x, e = p[0], p[1]
	q = b.signedDigits(name, x, digitsOf(x.bound/x.unit))
	n := b.digitsFor(min(e.hi, e.bound/e.unit))
	rd, g := b.unsignedDigits(name+" remainder", x.atoms, n), b.unsignedDigits(name+" slack", x.atoms, n)
	num := x.clone()
	num.unit = 1 // only the integers matter here
	b.relate(name, rd, 1, plus(num, b.product(e.times(-1), q, num)))
	b.relate(b.nameOf(name+" slack"), append(append([]circuit.Term{}, rd...), g...), 1, e.plusInteger(-1))
	q.unit, q.bound = 1, x.bound/x.unit
	r = rest(rd, math.Ldexp(1, b.o.Width*n)-1)
	r.bound = e.bound
	return q, r
}

// constant is the positive integer that a value is at every entry.
func (v *value) constant() (c float64, ok bool) {
	if len(v.sums) > 0 || len(v.terms) != 1 || v.terms[0].Block != circuit.None || v.terms[0].Coef < 1 {
		return 0, false
	}
	return float64(v.terms[0].Coef), true
}

// signAndSize are the sign, -1 or 1, and the absolute value of integers: digits. A sign of nil stands for 1 everywhere.
func (b *builder) signAndSize(v *value) (sign, abs *value) {
	if v.lo >= 0 {
		return nil, b.settle(v)
	}
	d := b.exactDigits(v)
	sign = b.signOf(d).times(2).plusInteger(-1)
	sign.bound = 1
	abs = minus(b.relu(d).times(2), d)
	abs.lo, abs.hi, abs.bound = 0, max(-d.lo, d.hi), d.bound
	return sign, abs
}

// flip is v times a sign.
func (b *builder) flip(v, sign *value) *value {
	if sign == nil {
		return v
	}
	p := b.aligned(v, sign)
	y := b.multiply(b.settleWide(p[0]), p[1])
	y.bound = v.bound
	m := max(-v.lo, v.hi)
	y.lo, y.hi = -m, m
	return y
}

// settleWide makes v an affine form without rounding it, whatever its width.
func (b *builder) settleWide(v *value) *value {
	if b.ready(v); len(v.sums) > 0 {
		v.become(b.freeBlock(v, "value"))
	}
	return v
}

// dividend gives Div and Mod both operands as integers on one unit: exact for tensors of integers.
func (b *builder) dividend(n *graph.Node, in []*value) (x, y *value) {
	whole := !n.Outputs[0].Type.IsFloat()
	vs := []*value{in[0], in[1]}
	for i := range vs {
		if vs[i] != nil {
			b.settleWide(vs[i])
			if whole {
				vs[i] = b.wholes(vs[i])
			}
		}
	}
	for i := range vs {
		if vs[i] != nil {
			continue
		}
		t := n.Inputs[i].Const
		data := floats(n.Name, t)
		unit := 1.0
		if !whole {
			unit = vs[1-i].unit
			if !allMultiples(data, unit) {
				unit = min(unit, target(maxAbs(data), maxBits))
			}
		}
		if i == 1 {
			for _, d := range data {
				if d == 0 {
					fail("division by zero")
				}
			}
		}
		vs[i] = b.constantValue(n.Name+" constant", data, t.Shape, unit, vs[1-i], false)
	}
	x, y = vs[0], vs[1]
	if x.unit != y.unit {
		mx, my, unit := commonUnit(x.unit, y.unit)
		x, y = x.finer(mx), y.finer(my)
		x.unit, y.unit = unit, unit
	}
	if c, ok := y.constant(); ok && c > 0 { // one divisor needs no layout
		return x, y
	}
	p := b.aligned(x, y)
	return p[0], p[1]
}

// lowerIntegerDiv is division of integers, truncated: sign(x) sign(y) floor(|x| / |y|). By one constant of narrow integers it is
// a table. A divisor of 0 has no witness.
func lowerIntegerDiv(b *builder, n *graph.Node, in []*value) []*value {
	if y := b.integerTable(n, in, "(%s div ", func(x, c float64) float64 { return math.Trunc(x / c) }); y != nil {
		return []*value{y}
	}
	x, y := b.dividend(n, in)
	sx, ax := b.signAndSize(x)
	sy, ay := b.signAndSize(y)
	q, _ := b.euclid(ax, ay)
	q.lo = 0
	out := b.flip(b.flip(q, sx), sy)
	out.unit = 1
	return []*value{out}
}

// lowerMod is the remainder with the sign of the divisor, or (fmod=1) of the dividend. Real operands are taken as integers on
// one unit: exact but for their own rounding, which at a multiple of the divisor decides.
func lowerMod(b *builder, n *graph.Node, in []*value) []*value {
	fmod := n.Attrs.Int("fmod", 0) != 0
	key, f := "(%s mod ", func(x, c float64) float64 { return x - c*math.Floor(x/c) }
	if fmod {
		key, f = "(%s fmod ", math.Mod
	}
	if y := b.integerTable(n, in, key, f); y != nil {
		return []*value{y}
	}
	x, y := b.dividend(n, in)
	unit := x.unit
	sy, ay := b.signAndSize(y)
	var out *value
	if fmod {
		sx, ax := b.signAndSize(x)
		_, r := b.euclid(ax, ay)
		out = b.flip(r, sx)
	} else {
		_, r := b.euclid(b.flip(x, sy), ay)
		out = b.flip(r, sy)
	}
	out.unit = unit
	return []*value{out}
}

// integerTable is a function of narrow integers, or of reals, and one constant divisor: a table that takes integers as they
// are. Nil where that does not apply.
func (b *builder) integerTable(n *graph.Node, in []*value, key string, f func(x, c float64) float64) *value {
	x, t, swapped := operands(n, in)
	c, ok := 0.0, false
	if t != nil && !swapped {
		c, ok = single(t, x)
	}
	if !ok {
		return nil
	}
	if c == 0 {
		fail("division by zero")
	}
	whole := !n.Inputs[0].Type.IsFloat()
	if whole && b.ready(x).honestBits() > b.o.TableBits {
		return nil
	}
	y := b.lazy(x, key+number(c)+")", func(x float64) float64 { return f(x, c) }, 0, false, nil)
	y.uni.exact, y.uni.integer = whole, whole
	return y
}
