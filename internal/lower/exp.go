package lower

import (
	"fmt"
	"math"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
)

var plainExp = function("exp", 0, 0, exp)

// lowerExp is a table, or, where package graph asks for it, a table and what its steps leave out.
func lowerExp(b *builder, n *graph.Node, in []*value) []*value {
	if n.Attrs.Int(graph.Precise, 0) != 0 {
		if y := b.preciseExp(b.ready(in[0]), b.p.Bound(n.Outputs[0].Name), columnBits); y != nil {
			return []*value{y}
		}
	}
	return plainExp(b, n, in)
}

// preciseExp is exp of numbers up to about 0, to second order in the steps of a table: with q the nearest row,
//
//	2^(wk) q + sum_i 2^(w i) d_i = 2^(wk-s) (X + 2^(s-1)),   pair (q, e) in exp,   D = sum_i 2^(w i) d_i - 2^(wk-1)
//	y = e (1 + x - row) = e (2^(wk)/unit + D), requantised to some bits, or as many as products of 62 bits leave
//
// Determined: q and d as in table.go, e is the output of a function table, y as in requantise. Cost: as a table, and the
// requantisation of y. Error: (step/2)^2/2 relative to e, and 2^-bits. Nil where a table has every integer, or where
// inputs beyond the table are promised a proof. seen is the largest result expected, 0 if unknown.
func (b *builder) preciseExp(r *value, seen float64, bits int) *value {
	w, t := b.o.Width, b.o.TableBits
	half := math.Ldexp(1, exponent(min(r.bound, max(-r.lo, r.hi+1)*r.unit)))
	s := shiftTo(r.unit, math.Ldexp(half, 1-t))
	k := (s + w - 1) / w
	if s == 0 || b.complete() || b.p.Global != nil {
		return nil
	}
	step := math.Ldexp(r.unit, s)
	per := math.Ldexp(1/step, w*k) + math.Ldexp(1, w*k) // bounds the second factor
	if bits = min(bits, 62-w-exponent(per)); bits < min(quantBits, t) {
		return nil
	}
	above := max(1, int64(min(math.Ldexp(1, t-6), 1/step))) // rows from 0 up: rounding, and points closer than their distance says
	lo, size := above-int64(1)<<t, 1<<t
	unit := target(exp(float64(above-1)*step), bits)
	table := b.table(fmt.Sprintf("exp on %d+%d * %g to %g", lo, size, step, unit), lo, size, func(in int64) int64 {
		return roundHalfUp(exp(float64(float64(in)*step)) / unit)
	})
	b.rounds(r, s)
	name, rank := b.name("input"), len(r.atoms)
	q, e := b.block(name, r.atoms, circuit.Column), b.block(b.nameOf(name+" exponential"), r.atoms, circuit.Column)
	b.lookup(q, e, table)
	low := b.lowDigits(name, r.atoms, s)
	b.shiftRelation(name, append([]circuit.Term{blockTerm(shiftLeft(1, w*k), q, rank)}, low...), k, s, r)

	half = math.Ldexp(1, w*k-1)
	factor := r.over(low, math.Ldexp(step, -w*k), 0, 2*half-1).plusInteger(roundHalfUp(math.Ldexp(1/step, w*k)) - int64(half))
	largest := float64(b.c.Blocks[b.c.Tables[table].Out].Hi)
	y := b.multiply(r.over([]circuit.Term{blockTerm(1, e, rank)}, unit, 0, largest), factor)
	y.bound = expected(y.bound, seen)
	s = shiftTo(y.unit, target(y.bound, bits))
	y = b.requantise(y, s, b.digitCount(y, s))
	y.columns = true
	return y
}
