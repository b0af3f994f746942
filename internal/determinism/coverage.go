package determinism

import (
	"math/big"
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// Coverage compares what a step's blocks can hold with what its relation can ask of them.
type Coverage struct {
	// Covered: the values for which tables, as calibration chose them, have a witness.
	Covered Interval
	// Reachable: a bound of the values that any inputs inside their intervals lead to, by interval arithmetic.
	Reachable Interval
}

// Complete reports that no input can leave the covered values.
func (c Coverage) Complete() bool {
	return c.Reachable.Lo.Cmp(c.Covered.Lo) >= 0 && c.Reachable.Hi.Cmp(c.Covered.Hi) <= 0
}

// Coverage is that of a step whose blocks are looked up in range or function tables; false for other steps. A value that is
// reachable but not covered has no witness: that is a limit of what can be proven, never a wrong result.
func (cert *Certificate) Coverage(step int) (Coverage, bool) {
	st := &cert.Steps[step]
	if st.Rule == TableOut || cert.c.Blocks[st.Blocks[0]].Role != circuit.Column {
		return Coverage{}, false
	}
	r := &cert.c.Relations[st.Relation]
	b := &bounder{of: cert.Intervals}
	// The relation reads: sum of the step's terms = reach = (contractions) - (known terms).
	known := r.LHS
	known.Terms = nil
	var covered Interval
	var minus bool // the terms have the other sign
	switch st.Rule {
	case Alone:
		t := &r.LHS.Terms[st.Term]
		covered, minus = b.term(t), t.Coef < 0
		known.Terms = without(r.LHS.Terms, st.Term)
	case Digits:
		covered, known.Terms = b.digits(st.Digits, r.LHS.Terms)
		minus = st.Digits[0].Coef < 0
	case Quotient:
		covered, known.Terms = b.digits(st.Division.Remainder, r.LHS.Terms)
		minus = st.Division.Sign < 0
	case Largest:
		m := st.Maximum
		covered, known.Terms = b.digits(slices.Concat(m.Entry, m.Low, m.Max), r.LHS.Terms)
	default:
		return Coverage{}, false
	}
	reach := neg(b.expr(&known, nil))
	for i := range r.Sum {
		v := b.contraction(r, &r.Sum[i])
		if st.Rule == Quotient && i == st.Division.Contraction {
			covered = add(covered, neg(v)) // Sign*E*y, moved to the left side
			continue
		}
		reach = add(reach, v)
	}
	if minus {
		covered, reach = neg(covered), neg(reach)
	}
	return Coverage{covered, reach}, true
}

// term is the interval of a term.
func (b *bounder) term(t *circuit.Term) Interval {
	c := big.NewInt(t.Coef)
	return mul(Interval{c, c}, b.of[t.Block])
}

// digits is the interval of a sum of digits, and the terms that are none of them.
func (b *bounder) digits(ds []Digit, terms []circuit.Term) (sum Interval, rest []circuit.Term) {
	sum = Interval{new(big.Int), new(big.Int)}
	var at []int
	for _, d := range ds {
		sum = add(sum, b.term(&terms[d.Term]))
		at = append(at, d.Term)
	}
	return sum, without(terms, at...)
}

// without is a list without the entries at some places.
func without(terms []circuit.Term, at ...int) []circuit.Term {
	drop := map[int]bool{}
	for _, i := range at {
		drop[i] = true
	}
	var out []circuit.Term
	for i, t := range terms {
		if !drop[i] {
			out = append(out, t)
		}
	}
	return out
}
