package witness

import (
	"fmt"
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/determinism"
)

// solveMaximum writes X = P q + low for every entry, M as the largest q of each row, and the entries as q - M.
func solveMaximum(s *solver, st *determinism.Step, name string) error {
	r, m := &s.c.Relations[st.Relation], st.Maximum
	unknown, p := map[int]bool{}, m.P()
	for _, d := range slices.Concat(m.Entry, m.Low, m.Max) {
		unknown[d.Term] = true
	}
	byRow, rows := *r, *r // the relation's letters, a row's entries together; those of rows only
	rows.Out = m.Rows
	byRow.Out = slices.Clone(m.Rows)
	for _, l := range r.Out {
		if !slices.Contains(m.Rows, l) {
			byRow.Out = append(byRow.Out, l)
		}
	}
	x, ok := s.rest(r, byRow.Out, func(i int) bool { return unknown[i] }, -1)
	low, high, fits := reach(m.Low)
	if !ok || !fits || float64(maxAbs(x))-float64(low[0]) >= narrowLimit {
		return &OverflowError{name}
	}
	_, n := rowMajor(r, m.Rows)
	largest, length := make([]int64, n), len(x)/n
	d := make([]int64, len(x))
	err := ranges(n, func(from, to int) error {
		for row := from; row < to; row++ {
			for i := row * length; i < (row+1)*length; i++ {
				v := x[i] - low[0]
				q := v / p
				if q*p > v {
					q--
				}
				if x[i] -= q * p; x[i] > high[0] {
					return &RelationError{Node: name, Index: index(r, byRow.Out, i), Left: "sum of digits", Right: fmt.Sprint(v)}
				}
				d[i] = q
			}
			most := slices.Max(d[row*length : (row+1)*length])
			for i := row * length; i < (row+1)*length; i++ {
				d[i] = (d[i] - most) * p
			}
			largest[row] = most
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.extract(&byRow, &r.LHS, m.Entry, d, name); err != nil {
		return err
	}
	if err := s.extract(&byRow, &r.LHS, m.Low, x, name); err != nil {
		return err
	}
	return s.extract(&rows, &circuit.Expr{Letters: m.Rows, Terms: r.LHS.Terms}, m.Max, largest, name)
}
