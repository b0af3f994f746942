package lower

import (
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// signOf is the block [q >= 0] of digits: the lookup of the top digit becomes a pair lookup in the sign table.
//
// Determined: the top digit is, so its pair in a function table is. Cost: one column, no lookup.
func (b *builder) signOf(q *value) *value {
	d := q.digits
	if d.bit == circuit.None {
		top := d.blocks[len(d.blocks)-1]
		if d.relu != circuit.None { // the lookup of the top digit is taken: look a copy up
			name := b.name("sign of a copy")
			was := top
			top = b.block(name, q.atoms, circuit.Column)
			d.top = b.lookup(top, circuit.None, b.signed())
			c := q.clone()
			c.terms = []circuit.Term{blockTerm(1, was, len(q.atoms))}
			b.relate(name, []circuit.Term{blockTerm(1, top, len(q.atoms))}, 1, c)
		}
		d.bit = b.block(b.nameOf(b.c.Blocks[top].Name+" sign"), q.atoms, circuit.Column)
		b.lookups[d.top] = circuit.Lookup{In: top, Out: d.bit, Table: b.signTable()}
	}
	out := q.clone()
	out.terms = []circuit.Term{blockTerm(1, d.bit, len(q.atoms))}
	out.unit, out.lo, out.hi, out.bound = 1, 0, 1, 1
	return out
}

// relu is max(q, 0) of digits q. If q is one digit, its lookup becomes a pair lookup (q, y) in the table of relu. Else
// y = [q >= 0] * q, a free block by one bilinear relation of coefficient 1.
//
// Determined: the output of a function table, or the left side of a relation over determined blocks. Cost: one column, or
// two; no lookup.
func (b *builder) relu(q *value) *value {
	if q.digits == nil {
		panic("lower: internal error: relu of a value without digits")
	}
	var y *value
	if d := q.digits; len(d.blocks) == 1 && d.bit == circuit.None {
		if d.relu == circuit.None {
			d.relu = b.block(b.name("relu"), q.atoms, circuit.Column)
			b.lookups[d.top] = circuit.Lookup{In: d.blocks[0], Out: d.relu, Table: b.reluTable()}
		}
		y = q.clone()
		y.terms = []circuit.Term{blockTerm(1, d.relu, len(q.atoms))}
	} else {
		y = b.freeBlock(b.multiply(b.signOf(q), q), "relu")
	}
	y.unit, y.bound = q.unit, q.bound
	y.lo, y.hi = 0, max(0, q.hi)
	return y
}

// exactDigits are the digits of the value as it is.
func (b *builder) exactDigits(v *value) *value {
	if v.digits != nil {
		return v
	}
	return b.requantise(v, 0, b.digitCount(v, 0))
}

// maximum is max(x, y) = x + relu(y - x), for values of equal layout. The result keeps x's contractions and unit.
// Cost: the digits of one value of one more bit, and two columns.
func (b *builder) maximum(x, y *value) *value {
	bound := max(x.bound, y.bound)
	lo, hi := max(x.lo, y.lo), max(x.hi, y.hi)
	if x.unit != y.unit {
		mx, my, unit := commonUnit(x.unit, y.unit)
		x, y = x.times(mx), y.times(my)
		x.unit, y.unit = unit, unit
		lo, hi = max(x.lo, y.lo), max(x.hi, y.hi)
	}
	d := minus(y, x)
	out := plus(x, b.relu(b.exactDigits(d)))
	out.lo, out.hi, out.bound = lo, hi, min(bound, max(-lo, hi)*x.unit) // a constant far off the other operand bounds nothing
	return out
}

// minimum is -max(-x, -y).
func (b *builder) minimum(x, y *value) *value {
	return b.maximum(x.times(-1), y.times(-1)).times(-1)
}

// equalLayout reports whether two values have the same atoms in the same axes.
func equalLayout(x, y *value) bool {
	return slices.Equal(x.atoms, y.atoms) && slices.Equal(x.split, y.split)
}
