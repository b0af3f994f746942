package lower

import (
	"fmt"
	"math"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// saturate makes y = f(root) for a function that is constant outside [-sat, sat), where the root may be larger. The table
// covers [-sat, sat) with T bits; t counts the intervals beyond it. With g the sign of t (-1, 0, 1), H and L the limits of f:
//
//	2^(wk) (u + 2^T t) + sum_i 2^(w i) d_i = 2^(wk-s) (X + 2^(s-1)),   pairs (u, v) in f, (t, g) in sign
//	e' = g*g,   z' = e' * (H + L - 2v),   2y = 2v + z' + g (H - L)
//
// Determined: the digits by their ranges, v and g as outputs of tables, e and z as left sides. Cost: 6 + k columns, 2 + k
// lookups, two bilinear contractions; k = ceil(s/w). It reports false where the root is too fine or too large for it.
func (b *builder) saturate(out, r *value) bool {
	u, w, bits := out.uni, b.o.Width, b.o.TableBits
	unit := math.Ldexp(u.sat, 1-bits)
	if r.unit > unit { // fewer rows
		bits = exponent(2 * u.sat / r.unit)
	}
	if bits < 4 {
		return false
	}
	s := shiftTo(r.unit, unit)
	unit = math.Ldexp(r.unit, s)
	if math.Ldexp(b.span(r), -s-bits) > math.Ldexp(1, w-1)-2 {
		return false // t has one digit
	}
	excess := min(w, signedBits(math.Ldexp(b.span(r), -s-bits)+1)+2) // bits of t: the sum of digits has at most 62
	if w*((s+w-1)/w)+bits+excess > 62 {
		return false
	}
	out.bound = 0
	for _, x := range []float64{-u.sat, 0, u.sat} {
		out.bound = max(out.bound, math.Abs(u.f(x)))
	}
	outUnit := target(out.bound, quantBits+1+b.extra())
	if g := b.p.Global; g != nil {
		outUnit = math.Ldexp(1, -g.Rebase)
	}
	lo := -int64(1) << (bits - 1)
	table := b.functionTable(u, lo, 1<<bits, unit, outUnit)
	low, high := roundHalfUp(u.f(-2*u.sat)/outUnit), roundHalfUp(u.f(2*u.sat)/outUnit)

	b.rounds(r, s)
	name := b.name("input")
	rank := len(r.atoms)
	column := func(part string) int { return b.block(b.nameOf(name+part), r.atoms, circuit.Column) }
	of := func(unit, lo, hi float64, terms ...circuit.Term) *value {
		v := r.clone()
		v.terms, v.sums, v.inner = terms, nil, nil
		v.unit, v.lo, v.hi, v.bound = unit, lo, hi, max(-lo, hi)*unit
		return v
	}
	cu, ct, cv, cg := column(""), column(" excess"), column(" output"), column(" side")
	b.lookup(cu, cv, table)
	b.lookup(ct, cg, b.table(fmt.Sprintf("side%d", excess), -(1<<(excess-1)), 1<<excess, func(t int64) int64 {
		return max(-1, min(1, t))
	}))
	digits := b.lowDigits(name, r.atoms, s)
	k := len(digits)
	lhs := append([]circuit.Term{
		blockTerm(shiftLeft(1, w*k+bits), ct, rank),
		blockTerm(shiftLeft(1, w*k), cu, rank),
	}, digits...)
	b.shiftRelation(name, lhs, k, s, r)

	from, to := float64(b.c.Blocks[b.c.Tables[table].Out].Lo), float64(b.c.Blocks[b.c.Tables[table].Out].Hi)
	v := of(outUnit/2, 2*from, 2*to, blockTerm(2, cv, rank))
	g := of(outUnit/2, -1, 1, blockTerm(1, cg, rank))
	e := b.freeBlock(b.square(g), "outside")
	e.unit = 1
	z := b.freeBlock(b.multiply(e, v.times(-1).plusInteger(high+low)), "correction")
	y := plus(plus(v, z), g.times(high-low))
	y.lo, y.hi = min(2*from, 2*float64(min(low, high))), max(2*to, 2*float64(max(low, high)))
	y.bound = attained(out.bound)
	if len(r.sums) > 0 || r.honestBits() > maxBits {
		q := of(unit, 0, 0, blockTerm(1<<bits, ct, rank), blockTerm(1, cu, rank))
		limit := math.Ldexp(1, bits+excess-1)
		q.lo, q.hi = max(-limit, shiftedEnd(r.lo, s)), min(limit, shiftedEnd(r.hi, s))
		r.become(q)
	}
	out.become(y)
	return true
}
