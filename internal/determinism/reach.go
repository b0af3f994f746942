package determinism

import (
	"math/big"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// Reach compares what a step has to split into digits with what its digits hold: need is the sound interval of the rest of its
// relation, before anything is asked of the digits' ranges; room is the interval of their sum. Where need leaves room, inputs
// may exist that the circuit refuses. For a Quotient step both are those of the dividend and of the quotient, whose divisor is
// at least 1. ok is false for other rules.
func (cert *Certificate) Reach(step int) (need, room Interval, ok bool) {
	st := &cert.Steps[step]
	if st.Rule != Digits && st.Rule != Quotient {
		return need, room, false
	}
	b := &bounder{s: newState(cert.c), cert: cert, of: cert.Intervals}
	r := &cert.c.Relations[st.Relation]
	digits, skipSum := st.Digits, -1
	if st.Division != nil {
		digits, skipSum = st.Division.Quotient, st.Division.Contraction
	}
	unknown := map[int]bool{}
	for _, at := range st.Blocks {
		unknown[at] = true
	}
	need = Interval{new(big.Int), new(big.Int)}
	for i := range r.LHS.Terms {
		t := &r.LHS.Terms[i]
		if t.Block == circuit.None || !unknown[t.Block] {
			need = add(need, neg(b.expr(&circuit.Expr{Terms: []circuit.Term{*t}}, nil)))
		}
	}
	for i := range r.Sum {
		if i != skipSum {
			need = add(need, b.contraction(r, &r.Sum[i]))
		}
	}
	if st.Division != nil && st.Division.Sign < 0 {
		need = neg(need)
	}
	room = Interval{new(big.Int), new(big.Int)}
	for _, d := range digits {
		room = add(room, mul(Interval{big.NewInt(d.Coef), big.NewInt(d.Coef)}, Interval{big.NewInt(d.Lo), big.NewInt(d.Hi)}))
	}
	return need, room, true
}

// Within reports whether every value of a lies in b.
func (a Interval) Within(b Interval) bool { return a.Lo.Cmp(b.Lo) >= 0 && a.Hi.Cmp(b.Hi) <= 0 }
