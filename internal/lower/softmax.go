package lower

import (
	"fmt"
	"math"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
)

// softmaxRange is how far below the maximum an exponential is still told from 0: exp(-16) is about 2^-23.
const softmaxRange = 16

// softmaxParts are the exponentials e = exp(x - M) of rows, M the maximum of each row, and their sums:
//
//	M by a tree of maxima,  d = x - M <= 0,  pair (d, e) in exp over [-2^T, 0],   S = sum e
//
// If honest inputs may lie further below the maximum than the table reaches, d is max(x - M, -reach) first, by relu.
//
// Determined: M and relu as in relu.go, d stands alone, e is the output of a function table, S is an affine form of e.
// Cost for each entry: the maximum's digits and one lookup. Error: half a unit of d, relative to e, and half a unit of e.
func (b *builder) softmaxParts(x *value, length int) (d, e, sum *value) {
	b.settle(x)
	m := b.reduceMax(b.viewable(x), 1)
	m = b.settle(m)
	p := b.aligned(x, m)
	diff := minus(p[0], p[1])
	diff.hi = 0
	diff.lo = min(diff.lo, x.lo-m.hi)
	t := b.o.TableBits
	reach := min(2*b.span(x)*x.unit, max(-diff.lo*diff.unit, x.unit))
	unit := diff.unit
	if rows := reach / unit; rows > math.Ldexp(1, t)-1 { // clip: nothing below softmaxRange matters
		reach = min(reach, max(softmaxRange, math.Ldexp(unit, t-1)))
		if s := shiftTo(unit, reach/(math.Ldexp(1, t)-1)); s > 0 {
			q := b.requantise(diff, s, b.digitCount(diff, s))
			q.bound = diff.bound
			diff, unit = q, q.unit
		}
		if lowest := int64(math.Ldexp(1, t)) - 1; 2*b.span(x)*x.unit/unit > float64(lowest) {
			y := b.relu(b.exactDigits(diff.plusInteger(lowest)))
			diff = y.plusInteger(-lowest)
			diff.lo, diff.hi, diff.unit = -float64(lowest), math.Max(0, diff.hi), unit
		}
	} else {
		t = max(2, exponent(rows+1))
	}
	bits := min(17, b.o.TableBits+1)
	if length > 16 { // sums of small exponentials: their rounding is what limits the accuracy
		bits += 4
	}
	outUnit := math.Ldexp(1, 1-bits)
	name := b.name("exponential")
	rank := len(diff.atoms)
	col, out := b.block(name+" input", diff.atoms, circuit.Column), b.block(name, diff.atoms, circuit.Column)
	lo := 1 - int64(1)<<t
	b.lookup(col, out, b.table(fmt.Sprintf("exp on %d..0 * %g to %g", lo, unit, outUnit), lo, 1<<t, func(in int64) int64 {
		return roundHalfUp(exp(float64(float64(in)*unit)) / outUnit)
	}))
	b.relate(name, []circuit.Term{blockTerm(1, col, rank)}, 1, diff)
	make := func(block int, unit, lo, hi float64) *value {
		v := diff.clone()
		v.terms, v.sums, v.inner = []circuit.Term{blockTerm(1, block, rank)}, nil, nil
		v.unit, v.lo, v.hi, v.bound = unit, lo, hi, max(-lo, hi)*unit
		return v
	}
	d = make(col, unit, float64(lo), 0)
	e = make(out, outUnit, 0, 1/outUnit)
	sum = sumAxes(e, []int{1})
	sum.lo, sum.hi, sum.bound = 0, float64(length)/outUnit, float64(length)
	return d, e, sum
}

// lowerSoftmax is e * R, R = round(2^k / S) by division, one for each row: a product left to its consumer.
func lowerSoftmax(b *builder, n *graph.Node, in []*value) []*value {
	x, length := b.rows(n, in[0])
	if length == 1 {
		one := x.scaled(0)
		one.unit = 1
		return []*value{b.reshaped(truth(one.plusInteger(1)), n.Outputs[0].Shape)}
	}
	_, e, sum := b.softmaxParts(x, length)
	sum = b.freeBlock(sum, "sum")
	sum.lo = 1 // e is 1/unit at the maximum; a sum of 0 has no quotient
	one := sum.clone()
	one.terms = []circuit.Term{{Coef: 1, Block: circuit.None}}
	one.unit, one.lo, one.hi, one.bound = 1, 1, 1, 1
	r := b.divideRow(one, sum, min(18, b.o.TableBits+2))
	p := b.aligned(e, r)
	y := b.product(p[1], p[0], p[0])
	y.unit = e.unit * r.unit
	y.lo, y.hi, y.bound = 0, e.hi*r.hi, 1.01 // 1 itself occurs
	return []*value{b.reshaped(y, n.Outputs[0].Shape)}
}

// divideRow is divide for a divisor of at least 1, on a unit of `bits` bits.
func (b *builder) divideRow(x, y *value, bits int) *value {
	was, p := b.p, *b.p
	p.Global = nil // the reciprocal is no tensor of the network
	b.p = &p
	defer func() { b.p = was }()
	return b.quotientOf(x, y, 1, bits)
}

// lowerLogSoftmax is d - log S: S in [1, n] is a table's input.
func lowerLogSoftmax(b *builder, n *graph.Node, in []*value) []*value {
	x, length := b.rows(n, in[0])
	if length == 1 {
		return []*value{b.reshaped(x.scaled(0), n.Outputs[0].Shape)}
	}
	d, _, sum := b.softmaxParts(x, length)
	l := b.lazy(sum, "log(%s)", ln, 0, false, nil)
	l.seen = ln(float64(length))
	b.ready(l)
	p := b.aligned(d, l)
	y := minus(p[0], p[1])
	return []*value{b.reshaped(y, n.Outputs[0].Shape)}
}
