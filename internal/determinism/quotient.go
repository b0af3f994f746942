package determinism

import (
	"math/big"
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// quotient: a relation that reads, for every output index,
//
//	X = E*y + r,   X known, E a known expression, y a sum of unknown digits and a constant, r one less its least value
//
// and a second relation, of linear terms only, that reads r + g + 1 = E, in which g is not negative.
//
// Then E is an integer in [1, R+G+1] and 0 <= r < E for every witness. Two solutions have E(y-y') = r'-r modulo p; both
// sides are small, so it holds for integers (checked: (R+G+1)*span(y) + R < p), and |r'-r| < E leaves y = y', r = r'. The
// digits of y and of r each satisfy the condition of rule `digits`. g is determined afterwards, by the second relation.
//
// Without the second relation r could exceed E; without y's interval any r passes.
func quotient(s *state, at int) (Step, bool) {
	r := &s.c.Relations[at]
	terms, contractions := s.unknown(r)
	if len(terms) == 0 || len(contractions) != 1 {
		return Step{}, false
	}
	rem, ok := s.digitsOf(r, &r.LHS, terms)
	if !ok || !radix(rem) {
		return Step{}, false
	}
	d := &Division{Contraction: contractions[0], Sign: 1, Remainder: rem}
	if rem[0].Coef < 0 {
		d.Sign = -1
	}
	for _, x := range rem {
		if (x.Coef < 0) != (d.Sign < 0) {
			return Step{}, false
		}
	}
	if !d.Least().IsInt64() {
		return Step{}, false
	}
	// the contraction is E times y at each output index
	k := &r.Sum[contractions[0]]
	if k.B == nil {
		return Step{}, false
	}
	y, e := k.B, &k.A
	if s.knownExpr(y) {
		y, e, d.OverA = &k.A, k.B, true
	}
	to, ok := ties(r, k)
	if !ok || !s.knownExpr(e) || len(y.Letters) != len(r.Out) {
		return Step{}, false
	}
	for _, l := range r.Out { // y has one entry for each output index
		if !slices.ContainsFunc(y.Letters, func(m circuit.Letter) bool { return to[m] == l }) {
			return Step{}, false
		}
	}
	var all []int
	for i := range y.Terms {
		b := y.Terms[i].Block
		switch {
		case b == circuit.None: // a constant part of y
			continue
		case s.known[b]:
			return Step{}, false
		}
		all = append(all, i)
	}
	if d.Quotient, ok = s.digitsOf(r, y, all); !ok || !radix(d.Quotient) {
		return Step{}, false
	}
	if !distinctBlocks(append(slices.Clone(rem), d.Quotient...)) {
		return Step{}, false
	}
	limit, ok := s.divisorBound(at, d, e, to)
	if !ok {
		return Step{}, false
	}
	total := limit.Mul(limit, span(d.Quotient))
	if total.Add(total, span(rem)).Cmp(fr.Modulus()) >= 0 {
		return Step{}, false
	}
	return Step{Rule: Quotient, Blocks: append(blocksOf(d.Quotient), blocksOf(rem)...), Relation: at, Division: d}, true
}

// span is the largest difference of two values of a sum of digits.
func span(ds []Digit) *big.Int {
	out := new(big.Int)
	for _, d := range ds {
		c := big.NewInt(d.Coef)
		out.Add(out, c.Abs(c).Mul(c, size(d)))
	}
	return out
}

// ties maps each letter of a contraction that sums nothing to the output letter that it equals; false if the contraction
// sums, or holds an axis relation other than `same` between an output letter and a summed one.
func ties(r *circuit.Relation, k *circuit.Contraction) (map[circuit.Letter]circuit.Letter, bool) {
	to := map[circuit.Letter]circuit.Letter{}
	for _, l := range r.Out {
		to[l] = l
	}
	for i := range k.R {
		a := &k.R[i]
		if a.Kind != circuit.Same {
			return nil, false
		}
		out, in := a.Letters[0], a.Letters[1]
		if slices.Contains(r.Out, in) {
			out, in = in, out
		}
		if !slices.Contains(r.Out, out) || slices.Contains(r.Out, in) {
			return nil, false
		}
		to[in] = out
	}
	for _, l := range k.Inner {
		if _, ok := to[l]; !ok {
			return nil, false
		}
	}
	return to, true
}

// divisorBound finds the relation that reads r + g + 1 = E and returns R+G+1, the largest E that it allows.
func (s *state) divisorBound(at int, d *Division, e *circuit.Expr, to map[circuit.Letter]circuit.Letter) (*big.Int, bool) {
	first := d.Remainder[0]
	from := s.c.Relations[at].LHS.Terms[first.Term].Axes
	for _, other := range s.uses[first.Block] {
		q := &s.c.Relations[other]
		if other == at || len(q.Sum) != 0 || len(q.Out) != len(from) {
			continue
		}
		i := slices.IndexFunc(q.LHS.Terms, func(t circuit.Term) bool { return t.Block == first.Block })
		axes := q.LHS.Terms[i].Axes
		rename := func(ls []circuit.Letter, f func(circuit.Letter) circuit.Letter) []circuit.Letter {
			var out []circuit.Letter
			for _, l := range ls {
				out = append(out, axes[slices.Index(from, f(l))])
			}
			return out
		}
		sign := int64(1) // of the second relation
		if q.LHS.Terms[i].Coef < 0 {
			sign = -1
		}
		// want: sign * (r + 1 - E), r the digits less their least value; the rest of the relation is then sign * g
		var want []circuit.Term
		same := func(l circuit.Letter) circuit.Letter { return l }
		for _, x := range d.Remainder {
			t := s.c.Relations[at].LHS.Terms[x.Term]
			want = append(want, circuit.Term{Coef: sign * d.Sign * t.Coef, Block: t.Block, Axes: rename(t.Axes, same)})
		}
		want = append(want, circuit.Term{Coef: sign * (1 - d.Least().Int64()), Block: circuit.None})
		for _, t := range e.Terms { // E = -Sign * e
			tied := func(l circuit.Letter) circuit.Letter { return to[l] }
			want = append(want, circuit.Term{Coef: sign * d.Sign * t.Coef, Block: t.Block, Axes: rename(t.Axes, tied)})
		}
		if g, ok := s.slack(q, want, sign); ok {
			g.Add(g, big.NewInt(1))
			return g.Add(g, span(d.Remainder)), true
		}
	}
	return nil, false
}

// slack matches a relation of linear terms against sign * (want + g) = 0 and returns the largest g. What is left of the
// relation must be g, which is not negative by the intervals of its blocks.
func (s *state) slack(q *circuit.Relation, want []circuit.Term, sign int64) (*big.Int, bool) {
	sum := map[string]*circuit.Term{}
	var order []string
	put := func(t circuit.Term, factor int64) {
		k := string(append([]byte{byte(t.Block), byte(t.Block >> 8), byte(t.Block >> 16), byte(t.Block >> 24)}, t.Axes...))
		if sum[k] == nil {
			sum[k] = &circuit.Term{Block: t.Block, Axes: t.Axes}
			order = append(order, k)
		}
		sum[k].Coef += factor * t.Coef
	}
	if len(want)+len(q.LHS.Terms) > 32 {
		return nil, false
	}
	for _, t := range append(slices.Clone(q.LHS.Terms), want...) {
		if t.Coef > 1<<56 || t.Coef < -1<<56 { // 32 of them do not wrap
			return nil, false
		}
	}
	for _, t := range q.LHS.Terms {
		put(t, 1)
	}
	for _, t := range want {
		put(t, -1)
	}
	g := Interval{new(big.Int), new(big.Int)}
	for _, k := range order {
		t := sum[k]
		if t.Coef == 0 {
			continue
		}
		t.Coef *= sign
		of, ok := s.term(t)
		if !ok {
			return nil, false
		}
		g = add(g, of)
	}
	return g.Hi, g.Lo.Sign() >= 0
}

// term is the interval of a term whose block has one of its own.
func (s *state) term(t *circuit.Term) (Interval, bool) {
	of := Interval{big.NewInt(1), big.NewInt(1)}
	if t.Block != circuit.None {
		lo, hi, ok := s.declared(t.Block)
		if !ok {
			return Interval{}, false
		}
		of = Interval{big.NewInt(lo), big.NewInt(hi)}
	}
	c := big.NewInt(t.Coef)
	return mul(Interval{c, c}, of), true
}
