package determinism

import (
	"math/big"
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// pointed reports whether a relation says that some entry of each row of a Maximum is 0, by numbers z of which none is
// negative:
//
//	c = sum z[..] (1 + d[r,j]) prod R,   c at least 1, R public and 0 or 1
//
// for every row r, the sum over some of its entries j. No summand with d < 0 is positive, so one entry of the row is 0. How z
// follows is no matter here; it does not have to be known.
func (s *state) pointed(r *circuit.Relation, m *Maximum) bool {
	return slices.ContainsFunc(s.uses[m.Entry[0].Block], func(at int) bool {
		q := &s.c.Relations[at]
		if len(q.Sum) != 1 || q.Sum[0].B == nil {
			return false
		}
		k := &q.Sum[0]
		return s.points(r, m, q, &k.A, k.B) || s.points(r, m, q, k.B, &k.A)
	})
}

// points is pointed for one relation, whose sum has the factors z and d + 1.
func (s *state) points(r *circuit.Relation, m *Maximum, q *circuit.Relation, z, d *circuit.Expr) bool {
	if lo, ok := s.least(z); !ok || lo.Sign() < 0 {
		return false
	}
	if lo, ok := s.least(&q.LHS); !ok || lo.Sign() <= 0 {
		return false
	}
	// d's letters for those of the entries
	if len(d.Terms) != len(m.Entry)+1 {
		return false
	}
	names := map[circuit.Letter]circuit.Letter{}
	for i := range m.Entry {
		e := &m.Entry[i]
		from := r.LHS.Terms[e.Term].Axes
		at := slices.IndexFunc(d.Terms, func(t circuit.Term) bool { return t.Block == e.Block })
		if at < 0 || d.Terms[at].Coef != e.Coef/m.P() {
			return false
		}
		for j, l := range d.Terms[at].Axes {
			if was, ok := names[from[j]]; ok && was != l {
				return false
			}
			names[from[j]] = l
		}
	}
	if !slices.ContainsFunc(d.Terms, func(t circuit.Term) bool { return t.Block == circuit.None && t.Coef == 1 }) {
		return false
	}
	// each letter of a row is one of the relation's output
	to := copies(q)
	var rows []circuit.Letter
	for _, l := range m.Rows {
		out, ok := to[names[l]]
		if !ok || slices.Contains(rows, out) {
			return false
		}
		rows = append(rows, out)
	}
	return true
}

// least is the least value of a sum of blocks that have intervals of their own.
func (s *state) least(e *circuit.Expr) (*big.Int, bool) {
	sum := Interval{new(big.Int), new(big.Int)}
	for i := range e.Terms {
		of, ok := s.term(&e.Terms[i])
		if !ok {
			return nil, false
		}
		sum = add(sum, of)
	}
	return sum.Lo, true
}

// copies maps the output letters of a relation of one contraction, and the summed letters that `same` ties to one, to output
// letters.
func copies(q *circuit.Relation) map[circuit.Letter]circuit.Letter {
	to := map[circuit.Letter]circuit.Letter{}
	for _, l := range q.Out {
		to[l] = l
	}
	for _, a := range q.Sum[0].R {
		if a.Kind != circuit.Same {
			continue
		}
		for i, l := range a.Letters {
			if other := a.Letters[1-i]; slices.Contains(q.Out, other) && !slices.Contains(q.Out, l) {
				to[l] = other
			}
		}
	}
	return to
}
