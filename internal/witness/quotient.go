package witness

import (
	"fmt"
	"math"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/determinism"
)

// solveQuotient divides: X = E*y + r with 0 <= r < E, then the digits of y and of r plus their least value.
func solveQuotient(s *solver, st *determinism.Step, name string) error {
	r := &s.c.Relations[st.Relation]
	d := st.Division
	isDigit := map[int]bool{}
	for _, x := range d.Remainder {
		isDigit[x.Term] = true
	}
	x, ok := s.rest(r, r.Out, func(i int) bool { return isDigit[i] }, d.Contraction)
	if !ok {
		return &OverflowError{name}
	}
	// E at each output index: the contraction with y replaced by 1
	k := r.Sum[d.Contraction]
	one := circuit.Expr{Letters: k.A.Letters, Terms: []circuit.Term{{Coef: 1, Block: circuit.None}}}
	y := k.A
	if d.OverA {
		k.A = one
	} else {
		y = *k.B
		one.Letters = k.B.Letters
		k.B = &one
	}
	least := d.Least().Int64()
	if float64(maxAbs(x))+math.Abs(float64(least)) >= narrowLimit {
		return &OverflowError{name}
	}
	so, n := rowMajor(r, r.Out)
	acc := newAccum(n)
	if !s.addContraction(acc, r, &so, &k) || !acc.finish() {
		return &OverflowError{name}
	}
	quo, rem := x, make([]int64, n)
	err := ranges(n, func(from, to int) error {
		for i := from; i < to; i++ {
			e := -d.Sign * acc.v[i]
			if e <= 0 {
				return &RelationError{Node: name, Index: index(r, r.Out, i), Left: fmt.Sprint("divisor ", e), Right: "a positive number"}
			}
			v := d.Sign*x[i] - least
			q, m := v/e, v%e
			if m < 0 {
				q, m = q-1, m+e
			}
			quo[i], rem[i] = q, d.Sign*(m+least) // the remainder's coefficients have this sign
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.extract(r, &r.LHS, d.Remainder, rem, name); err != nil {
		return err
	}
	// y's letters are tied to the output letters: read its digits over these
	e := circuit.Expr{Letters: r.Out}
	to := ties(r, &k)
	for _, t := range y.Terms {
		if t.Block == circuit.None {
			for i := range quo {
				quo[i] -= t.Coef
			}
		}
		var ls []circuit.Letter
		for _, l := range t.Axes {
			ls = append(ls, to[l])
		}
		e.Terms = append(e.Terms, circuit.Term{Coef: t.Coef, Block: t.Block, Axes: ls})
	}
	return s.extract(r, &e, d.Quotient, quo, name)
}

// ties maps the letters of an element-wise contraction to output letters.
func ties(r *circuit.Relation, k *circuit.Contraction) map[circuit.Letter]circuit.Letter {
	to := map[circuit.Letter]circuit.Letter{}
	for _, l := range r.Out {
		to[l] = l
	}
	for i := range k.R {
		a, b := k.R[i].Letters[0], k.R[i].Letters[1]
		if _, ok := to[a]; ok {
			to[b] = a
		} else {
			to[a] = b
		}
	}
	return to
}
