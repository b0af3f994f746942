package witness

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/determinism"
)

// solveDigits writes the rest of the relation as sum of Coef * digit.
func solveDigits(s *solver, st *determinism.Step, name string) error {
	r := &s.c.Relations[st.Relation]
	isDigit := map[int]bool{}
	for _, d := range st.Digits {
		isDigit[d.Term] = true
	}
	v, ok := s.rest(r, r.Out, func(i int) bool { return isDigit[i] }, -1)
	if !ok {
		return &OverflowError{name}
	}
	return s.extract(r, &r.LHS, st.Digits, v, name)
}

// extract fills the digits' blocks so that sum Coef * digit = v, row-major over r.Out, entry by entry.
//
// The digits are by falling |Coef|. The smaller ones together span [low, high], less than |Coef|; so the digit is the floor
// of (v - low)/Coef, and what is left must lie in [low, high].
func (s *solver) extract(r *circuit.Relation, e *circuit.Expr, ds []determinism.Digit, v []int64, name string) error {
	low, high, ok := reach(ds)
	if !ok || float64(maxAbs(v))+float64(max(maxAbs(low), maxAbs(high))) >= narrowLimit {
		return &OverflowError{name}
	}
	out := make([][]int64, len(ds))
	for i := range ds {
		out[i] = make([]int64, len(v))
	}
	err := ranges(len(v), func(from, to int) error {
		for i := range ds {
			d := &ds[i]
			c, sign := d.Coef, int64(1)
			if c < 0 {
				c, sign = -c, -1
			}
			shift, mask := bits.TrailingZeros64(uint64(c)), c-1
			power := c&mask == 0
			bottom, room, digit := low[i+1], high[i+1]-low[i+1], out[i]
			for j := from; j < to; j++ {
				x := v[j] - bottom
				var q, rest int64
				if power {
					q, rest = x>>shift, x&mask
				} else if q, rest = x/c, x%c; rest < 0 {
					q, rest = q-1, rest+c
				}
				q *= sign
				if q < d.Lo || q > d.Hi {
					return s.outside(name, d.Block, s.position(r, e, d, j), q, d.Lo, d.Hi)
				}
				if rest > room {
					return &RelationError{Node: name, Index: index(r, r.Out, j), Left: "sum of digits", Right: fmt.Sprint(v[j])}
				}
				digit[j] = q
				v[j] = rest + bottom
			}
		}
		for j := from; j < to; j++ {
			if v[j] != 0 { // the last digit has no room
				panic("witness: internal error: digits leave a rest")
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range ds {
		s.values[ds[i].Block] = permute(r, r.Out, axes(e, &ds[i]), out[i])
	}
	return nil
}

// reach is the smallest and largest value of digits i, i+1, .. together.
func reach(ds []determinism.Digit) (low, high []int64, ok bool) {
	low, high = make([]int64, len(ds)+1), make([]int64, len(ds)+1)
	for i := len(ds) - 1; i >= 0; i-- {
		a, ok1 := product(ds[i].Coef, ds[i].Lo)
		b, ok2 := product(ds[i].Coef, ds[i].Hi)
		if a > b {
			a, b = b, a
		}
		if !ok1 || !ok2 || math.Abs(float64(a))+math.Abs(float64(low[i+1])) >= narrowLimit ||
			math.Abs(float64(b))+math.Abs(float64(high[i+1])) >= narrowLimit {
			return nil, nil, false
		}
		low[i], high[i] = low[i+1]+a, high[i+1]+b
	}
	return low, high, true
}

func axes(e *circuit.Expr, d *determinism.Digit) []circuit.Letter { return e.Terms[d.Term].Axes }

// position is the place in a digit's block of an entry that is at j row-major over r.Out.
func (s *solver) position(r *circuit.Relation, e *circuit.Expr, d *determinism.Digit, j int) int {
	at := index(r, r.Out, j)
	st, _ := rowMajor(r, axes(e, d))
	p := 0
	for i, l := range r.Out {
		p += at[i] * st[l]
	}
	return p
}

// permute reorders a tensor over the letters `from` to the letters `to`, a permutation of them.
func permute(r *circuit.Relation, from, to []circuit.Letter, v []int64) []int64 {
	if string(from) == string(to) {
		return v
	}
	sa, _ := rowMajor(r, from)
	so, n := rowMajor(r, to)
	out := make([]int64, n)
	sp := space{letters: r.Letters, out: to}
	execute(newNest(&sp, &so, &sa, &strides{}, [3]int{n, n, 1}), out, nil, v, []int64{1})
	return out
}
