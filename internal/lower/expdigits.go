package lower

import (
	"fmt"
	"math"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
)

// Exponentials of few entries.
//
// A table of 2^16 rows costs its rows whoever reads them: it decides the size of the committed vector and the rounds of the proof.
// Two tables of 2^8 rows do for exponentials, exp(2^l a + c) = exp(2^l a) exp(c), at the price of a product and its requantisation
// for each entry. Measured on a product and a softmax of n entries, the table against the digits: seconds of the prover, and gas
// of the verifier in thousands
//
//	n       3          100        400        1000        4000        4096 (rows of 64)
//	s   .30 .05    .29 .06    .34 .10    .33  .17    .55  .47    .51  .32
//	gas            438 416    645 637   1052 1052   3128 3137   3061 3064
const (
	fewExponentials = 1 << 12 // entries of all softmaxes of a network
	smallTable      = 10      // bits of a table that is left as it is
)

// digitExponentials reports whether a table of 2^t exponentials on a unit, with results of so many bits, is replaced by two. A
// unit must tell the largest exponential from the next.
func (b *builder) digitExponentials(t int, unit float64, bits int) bool {
	small := smallTable
	if b.o.small > 0 {
		small = b.o.small
	}
	return b.exponents <= fewExponentials && t > small && math.Ldexp(1-exp(-unit), bits) >= 2
}

// exponents counts the entries of a network's softmaxes, those of all steps together.
func exponents(g *graph.Graph) int {
	count := 0
	for _, n := range g.Nodes {
		if n.Op == "Softmax" || n.Op == "LogSoftmax" {
			count += circuit.Count(n.Inputs[0].Shape)
		}
	}
	return count
}

// expDigits are numbers d = 2^l a + c in (-2^t, 0] that nothing determines yet, of entries as in x, and e = exp(d), with results
// in so many bits:
//
//	pairs (a, F), (c, G) in tables that end at 0,   F = round(2^p exp(2^l a unit)),   G = round(2^q exp(c unit))
//	2^s (2^bits top + sum_i 2^(w i) e_i) + sum_i 2^(w i) v_i = F G + 2^(s-1),   s = p + q - bits,   top 1 where d = 0, else 0
//
// Determined, once d is: a and c as digits of d, F and G as outputs of tables, the rest as digits. Cost for each entry: 2 lookups
// for d, and the digits of e and v: 6 of 8 bits.
//
// Error: with q = bits + 2, two thirds of a unit of e. F falls by at least what G does over all c, so e falls with d.
func (b *builder) expDigits(name string, x *value, t int, unit float64, bits int) (d, e, top *value) {
	w, l, rank := b.o.Width, t/2, len(x.atoms)
	s := (bits + b.o.TableBits/2 + w - 1) / w * w
	for bits+s > 52 { // F G and a digit more have 62 bits
		s -= w
	}
	p, q := s-2, bits+2
	low := expRows(1<<l, unit, q)
	high := expRows(1<<(t-l), math.Ldexp(unit, l), p)
	for i := len(high) - 2; i >= 0; i-- {
		high[i] = min(high[i], high[i+1]*low[0]>>q)
	}
	digit := func(part, kind string, rows []int64, unit float64, bits int) (in, out *value) {
		lo := 1 - len(rows)
		table := b.table(fmt.Sprintf("exp on %d..0 * %g to %g%s", lo, unit, math.Ldexp(1, -bits), kind), int64(lo), len(rows), func(in int64) int64 {
			return rows[int(in)-lo]
		})
		i, o := b.block(b.nameOf(name+" "+part+" input"), x.atoms, circuit.Column), b.block(b.nameOf(name+" "+part), x.atoms, circuit.Column)
		b.lookup(i, o, table)
		return x.over([]circuit.Term{blockTerm(1, i, rank)}, unit, float64(lo), 0),
			x.over([]circuit.Term{blockTerm(1, o, rank)}, math.Ldexp(1, -bits), 0, math.Ldexp(1, bits))
	}
	a, f := digit("high", fmt.Sprintf(", steps of %d", 1<<l), high, math.Ldexp(unit, l), p)
	c, g := digit("low", "", low, unit, q)
	d = plus(a, c)

	terms := b.unsignedDigits(name, x.atoms, bits/w)
	single := func(part string, table int, shift int) circuit.Term {
		i := b.block(b.nameOf(name+part), x.atoms, circuit.Column)
		b.lookup(i, circuit.None, table)
		return blockTerm(1<<shift, i, rank)
	}
	if r := bits % w; r > 0 {
		terms = append(terms, single(" remainder", b.table(fmt.Sprintf("u%d", r), 0, 1<<r, nil), bits-r))
	}
	one := b.bit()
	if w <= 8 {
		one = b.unsigned()
	}
	last := single(" top", one, bits)
	terms = append(terms, last)
	e = x.over(terms, math.Ldexp(1, -bits), 0, math.Ldexp(1, bits))
	last.Coef = 1
	top = x.over([]circuit.Term{last}, 1, 0, 1)

	lhs := b.lowDigits(name+" rounding", x.atoms, s)
	k := len(lhs)
	for _, term := range e.terms {
		term = cloneTerm(term)
		term.Coef = shiftLeft(term.Coef, s)
		lhs = addTerm(lhs, term)
	}
	b.shiftRelation(b.nameOf(name+" rounding"), lhs, k, s, b.multiply(f, g))
	return d, e, top
}

// expRows are round(2^bits exp(i unit)) for i in (-n, 0].
func expRows(n int, unit float64, bits int) []int64 {
	rows := make([]int64, n)
	for j := range rows {
		rows[j] = roundHalfUp(math.Ldexp(exp(float64(float64(j+1-n)*unit)), bits))
	}
	return rows
}

// attain states that some entry of every row of d, which ends at 0, is 0: top is 0 where d is not.
//
//	c + 1 = sum_j top_j (d_j + 1),   c in [0, length)
func (b *builder) attain(name string, d, top *value, length int) {
	count := sumAxes(b.multiply(top, d.plusInteger(1)), []int{1}).tidy()
	ties := b.unsignedDigits(name, count.atoms, b.digitsFor(float64(length-1)))
	b.relate(name, addTerm(ties, circuit.Term{Coef: 1, Block: circuit.None}), 1, count)
}
