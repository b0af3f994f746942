package lower

import (
	"fmt"
	"math"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
)

// unsignedDigits are n columns of low digits and their constant: a sum in [0, 2^(w n)).
func (b *builder) unsignedDigits(name string, atoms []int, n int) []circuit.Term {
	return addTerm(b.lowDigits(name, atoms, n*b.o.Width), b.lowOffset(n))
}

// digitsFor is the number of digits that hold 0..m.
func (b *builder) digitsFor(m float64) int {
	return max(1, (exponent(m+1)+b.o.Width-1)/b.o.Width)
}

// signedDigits is a value of n digits, the top one signed, that no relation determines yet.
func (b *builder) signedDigits(name string, like *value, n int) *value {
	return b.signedDigitsOf(name, like, n, b.o.Width)
}

// signedDigitsOf is signedDigits with a top digit of so many bits.
func (b *builder) signedDigitsOf(name string, like *value, n, top int) *value {
	w := b.o.Width
	q := like.clone()
	q.terms, q.sums, q.inner = nil, nil, nil
	d := &digits{bit: circuit.None, relu: circuit.None}
	for j := range n {
		table := b.lowTable()
		if j == n-1 {
			table = b.table(fmt.Sprintf("s%d", top), -(1 << (top - 1)), 1<<top, nil)
		}
		e := b.block(b.nameOf(name+" digit"), like.atoms, circuit.Column)
		d.blocks = append(d.blocks, e)
		d.top = b.lookup(e, circuit.None, table)
		q.terms = append(q.terms, blockTerm(shiftLeft(1, w*j), e, len(like.atoms)))
	}
	q.terms = addTerm(q.terms, b.lowOffset(n-1))
	q.digits = d
	limit := math.Ldexp(1, w*(n-1)+top-1)
	q.lo, q.hi = -limit, limit-1
	return q
}

// divide is q = floor((2^k X + E/2) / E), E = 2^h Y: the quotient x/y rounded to a unit of about 16 bits of the bound.
//
//	2^k X + 2^(h-1) Y = E q + r,   r + g + 1 = E,   h > 0, q signed digits, r and g unsigned digits
//
// Determined by rule `quotient` of package determinism: E is at least 1 and 0 <= r < E. A divisor that may be negative is
// replaced by its absolute value, and X by X times its sign; both are determined as in relu. A divisor of 0 has no witness.
//
// Cost: digits of q, of r and of g: 3 lookups at 16 bits; signed divisors: those of Y, and two bilinear contractions.
// Error: half a unit of q, besides what the units of x and y cost.
func (b *builder) divide(x, y *value, bound float64) *value {
	b.settle(x)
	b.promise(b.settle(y).lo >= 1, "a divisor may be 0")
	if b.complete() {
		bound = b.span(x) * x.unit / (y.lo * y.unit)
	}
	return b.quotientOf(x, y, bound, quantBits)
}

// quotientOf is divide on a unit of a given width, for an affine divisor; x may be a product.
func (b *builder) quotientOf(x, y *value, bound float64, bits int) *value {
	unit := target(bound, bits)
	if g := b.p.Global; g != nil {
		unit = math.Ldexp(1, -g.Rebase)
	}
	return b.quotientAt(x, y, bound, unit)
}

// quotientAt is divide on a unit of at most the given one.
func (b *builder) quotientAt(x, y *value, bound, unit float64) *value {
	if y.lo < 0 {
		d := b.rangeOf(y)
		s := b.signOf(d).times(2).plusInteger(-1)
		s.bound = 1
		y = b.absolute(d)
		y.lo = 0
		p := b.aligned(s, x)
		bound := x.bound
		x = b.multiply(p[0], b.settle(p[1]))
		x.bound = bound
	}
	p := b.aligned(x, y)
	if x, y = p[0], p[1]; len(y.sums) > 0 { // aligned by a selection
		y = b.freeBlock(y, "divisor")
	}
	ratio := x.unit / y.unit
	h, k := 1, 1+shiftTo(unit, ratio)
	if e := -exponent(ratio / unit); e > 0 {
		h, k = e, 0
	}
	name := b.name("quotient")
	unit = math.Ldexp(ratio, h-k)
	q := b.signedDigits(name, x, max(1, (signedBits(b.reached(bound/unit))+b.o.Width-1)/b.o.Width))
	q.unit, q.bound = unit, bound
	e := y.times(shiftLeft(1, h))
	n := b.digitsFor(min(e.hi, e.bound/e.unit))
	r, g := b.unsignedDigits(name, x.atoms, n), b.unsignedDigits(name+" slack", x.atoms, n)
	num := x.times(shiftLeft(1, k))
	num.unit = y.unit // only the integers matter here
	total := plus(num, y.times(shiftLeft(1, h-1)))
	b.relate(name, r, 1, plus(total, b.product(e.times(-1), q, total)))
	b.relate(b.nameOf(name+" remainder"), append(append([]circuit.Term{}, r...), g...), 1, e.plusInteger(-1))
	return q
}

// product is e * q on the unit of a third value, without a bound on its width: package determinism checks that.
func (b *builder) product(e, q, like *value) *value {
	ls := letters(len(q.atoms))
	out := einsum(q.atoms, q.split, q.atoms, factor{q, ls}, factor{e, ls})
	out.unit = like.unit
	return out
}

// lowerDivide is the division of two real tensors.
func (b *builder) lowerDivide(n *graph.Node, in []*value) *value {
	x, y := in[0], in[1]
	bound := b.p.Bound(n.Outputs[0].Name)
	if x == nil {
		t := n.Inputs[0].Const
		data := floats(n.Name, t)
		x = b.constantValue(n.Name+" numerator", data, t.Shape, target(maxAbs(data), quantBits), y, false)
	}
	if bound == 0 {
		bound = x.bound / math.Max(b.settle(y).unit, y.lo*y.unit)
	}
	return b.divide(x, y, bound)
}

// reciprocal is c/x: a table where x is a function of something else already, a division otherwise.
func (b *builder) reciprocal(n *graph.Node, x *value, c float64) *value {
	if s := scalarOf(x); !s.linear || c == 0 {
		return b.lazy(x, "("+number(c)+"/%s)", func(v float64) float64 { return c / v }, 0, false, nil)
	}
	bound := b.p.Bound(n.Outputs[0].Name)
	b.settle(x)
	one := x.clone()
	one.terms, one.sums, one.inner = []circuit.Term{{Coef: 1, Block: circuit.None}}, nil, nil
	if c < 0 {
		one = one.times(-1)
	}
	one.unit, one.bound, one.lo, one.hi = math.Abs(c), math.Abs(c), -1, 1
	if bound == 0 {
		bound = math.Abs(c) / x.unit
	}
	return b.divide(one, x, bound)
}

func lowerReciprocal(b *builder, n *graph.Node, in []*value) []*value {
	return []*value{b.reciprocal(n, in[0], 1)}
}
