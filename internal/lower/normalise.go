package lower

import (
	"fmt"
	"math"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// normal is a positive integer X as N / g^2: N in [2^(B-2), 2^B), g a power of two.
type normal struct {
	g        *value // the integer g
	mantissa *value // round(N / 2^(B-T)), in [2^(T-2), 2^T]: an input of tables; its lookup has no output yet
	top      int    // B
	bits     int    // T
}

// mantissaBits is the least T of normal: functions of the mantissa are exact to 2^-T of their value or so.
const mantissaBits = 14

// normalise reduces the range of an integer X > 0 of up to m. With B = w n, w even, and unsigned digits d_j of X:
//
//	X = sum_j 2^(w j) d_j,      pairs (d_j, z_j) in [d = 0]
//	P_n-1 = 1,  P_j-1 = P_j z_j (1 where all digits from j on are 0),   s_j = P_j - P_j-1 (1 at the leading digit)
//	L = sum_j s_j d_j,          pair (L, e) in 2^floor((w - bits(L))/2)
//	g = e sum_j s_j 2^(w(n-1-j)/2),   h = g*g,   N = X h
//	2^(wk) m + digits = 2^(wk-s) (N + 2^(s-1)),   m in [2^(T-2), 2^(T-2) + 2^T),   s = B - T
//
// Determined: d by their ranges (rule `digits`), z and e as outputs of tables, P, L, g and h stand alone, m by its digits.
// Nothing but X decides g, so no interval of m has to. X = 0 has no witness, since m is not below 2^(T-2).
// Cost: 3n + k + 5 columns or free entries and n + k + 2 lookups, usually for each row of a tensor only; so w is at most 8,
// and tables are small.
func (b *builder) normalise(x *value, m float64) *normal {
	w, was := min(b.o.Width, 8)&^1, b.o.Width
	b.o.Width = w
	defer func() { b.o.Width = was }()
	bits := min(mantissaBits, b.o.TableBits-2)
	n := max((exponent(m+1)+w-1)/w, (bits+w)/w)
	name := b.name("normalise")
	rank := len(x.atoms)
	of := func(role circuit.Role, part string) int { return b.block(b.nameOf(name+part), x.atoms, role) }
	val := func(block int, lo, hi float64) *value {
		v := x.clone()
		v.terms, v.sums, v.inner = []circuit.Term{blockTerm(1, block, rank)}, nil, nil
		v.unit, v.lo, v.hi, v.bound = 1, lo, hi, max(-lo, hi)
		return v
	}
	full := math.Ldexp(1, w) - 1
	zeros := b.table(fmt.Sprintf("none%d", w), 0, 1<<w, func(in int64) int64 {
		if in == 0 {
			return 1
		}
		return 0
	})
	var digit, zero []*value
	var lhs []circuit.Term
	for j := range n {
		d, z := of(circuit.Column, " digit"), of(circuit.Column, " digit is 0")
		b.lookup(d, z, zeros)
		digit, zero = append(digit, val(d, 0, full)), append(zero, val(z, 0, 1))
		lhs = append(lhs, blockTerm(shiftLeft(1, w*j), d, rank))
	}
	whole := x.clone()
	whole.terms, whole.sums, whole.inner = nil, nil, nil
	for _, t := range lhs {
		whole.terms = append(whole.terms, cloneTerm(t))
	}
	whole.unit, whole.lo, whole.hi = 1, 0, math.Ldexp(1, w*n)-1
	whole.bound = m
	b.relate(name, lhs, 1, x)

	// selectors of the leading digit, from the top; prefix stays affine
	prefix := val(circuit.None, 1, 1)
	prefix.terms = []circuit.Term{{Coef: 1, Block: circuit.None}}
	lead := make([]*value, n)
	for j := n - 1; j >= 0; j-- {
		var next *value
		if j == n-1 {
			next = zero[j]
		} else {
			next = truth(b.freeBlock(truth(b.multiply(prefix, zero[j])), "leading zeros"))
		}
		lead[j] = truth(minus(prefix, next))
		prefix = next
	}
	var top *value
	half := val(circuit.None, 0, math.Ldexp(1, w*(n-1)/2))
	half.terms = nil
	for j := range n {
		p := b.multiply(lead[j], digit[j])
		if top == nil {
			top = p
		} else {
			top = plus(top, p)
		}
		half = plus(half, lead[j].times(shiftLeft(1, w*(n-1-j)/2)))
	}
	col, power := of(circuit.Column, " leading digit"), of(circuit.Column, " factor")
	b.lookup(col, power, b.table(fmt.Sprintf("power%d", w), 0, 1<<w, func(in int64) int64 {
		e := 0
		for in<<(2*e+2) < 1<<w && in > 0 {
			e++
		}
		return 1 << e
	}))
	b.relate(b.nameOf(name+" leading digit"), []circuit.Term{blockTerm(1, col, rank)}, 1, top)
	half.lo, half.hi, half.bound = 0, math.Ldexp(1, w*(n-1)/2), math.Ldexp(1, w*(n-1)/2)
	largest := math.Ldexp(1, w*n/2)
	g := b.freeBlock(b.product(half, val(power, 1, math.Ldexp(1, w/2)), half), "factor")
	g.unit, g.lo, g.hi, g.bound = 1, 0, largest, largest
	h := b.freeBlock(b.product(g, g, g), "square")
	product := b.product(h, whole, h)
	product.unit, product.lo, product.hi, product.bound = 1, 0, math.Ldexp(1, w*n), math.Ldexp(1, w*n)

	r := &normal{g: g, top: w * n, bits: bits}
	s := w*n - bits
	q := val(of(circuit.Column, " mantissa"), math.Ldexp(1, bits-2), math.Ldexp(1, bits))
	q.digits = &digits{top: b.lookup(q.terms[0].Block, circuit.None, -1), bit: circuit.None, relu: circuit.None}
	low := b.lowDigits(name, x.atoms, s)
	b.shiftRelation(b.nameOf(name+" mantissa"), append([]circuit.Term{blockTerm(shiftLeft(1, b.o.Width*len(low)), q.terms[0].Block, rank)}, low...),
		len(low), s, product)
	r.mantissa = q
	return r
}

// function is a table of the mantissa: f(N / 2^B), for N / 2^B in [1/4, 1], on a unit for values up to bound. One for each
// normal.
func (r *normal) function(b *builder, key string, f func(float64) float64, bound float64, bits int) *value {
	unit := target(bound, bits)
	lo := int64(1) << (r.bits - 2)
	table := b.table(fmt.Sprintf("%s of mantissa %d to %g", key, r.bits, unit), lo, 1<<r.bits, func(in int64) int64 {
		return roundHalfUp(f(min(1, math.Ldexp(float64(in), -r.bits))) / unit)
	})
	out := b.block(b.name(key), r.mantissa.atoms, circuit.Column)
	l := &b.lookups[r.mantissa.digits.top]
	l.Out, l.Table = out, table
	y := r.mantissa.clone()
	y.terms = []circuit.Term{blockTerm(1, out, len(y.atoms))}
	y.unit, y.bound = unit, bound
	col := &b.c.Blocks[b.c.Tables[table].Out]
	y.lo, y.hi = float64(col.Lo), float64(col.Hi)
	return y
}

// rsqrt is 1/sqrt(x) of a positive value of up to m (integer), up to `bound`: f(N/2^B) * g with f = 1/sqrt, a product of two
// determined blocks. Relative error about 2^-15.
func (b *builder) rsqrt(x *value, m, bound float64) *value {
	r := b.normalise(x, m)
	root := r.function(b, "rsqrt", func(t float64) float64 { return 1 / math.Sqrt(t) }, 2, 17)
	y := b.product(r.g, root, root)
	// 1/sqrt(X unit) = g / sqrt(N unit) = g * root * 2^(-B/2) / sqrt(unit)
	y.unit = root.unit * math.Ldexp(1, -r.top/2) / math.Sqrt(x.unit)
	y.lo, y.hi = 0, root.hi*math.Ldexp(1, r.top/2)
	y.bound = min(bound, 1/math.Sqrt(x.unit))
	return y
}
