package witness

import (
	"math/big"
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// naive evaluates both sides of a relation by the definition: for every output index, the sum over all values of all inner
// letters. Row-major over r.Out.
func naive(c *circuit.Circuit, r *circuit.Relation, values [][]int64) (left, right []*big.Int) {
	at := make([]int, len(r.Letters))
	each(r, r.Out, at, func() {
		left = append(left, entry(c, r, &r.LHS, at, values))
		sum := new(big.Int)
		for i := range r.Sum {
			k := &r.Sum[i]
			each(r, k.Inner, at, func() {
				for j := range k.R {
					if !holds(&k.R[j], r.Letters, at) {
						return
					}
				}
				p := entry(c, r, &k.A, at, values)
				if k.B != nil {
					p.Mul(p, entry(c, r, k.B, at, values))
				}
				sum.Add(sum, p)
			})
		}
		right = append(right, sum)
	})
	return left, right
}

// each calls f with every value of the letters in at, row-major.
func each(r *circuit.Relation, letters []circuit.Letter, at []int, f func()) {
	if len(letters) == 0 {
		f()
		return
	}
	for i := range r.Letters[letters[0]].Len {
		at[letters[0]] = i
		each(r, letters[1:], at, f)
	}
}

// entry is one entry of an expression.
func entry(c *circuit.Circuit, r *circuit.Relation, e *circuit.Expr, at []int, values [][]int64) *big.Int {
	sum := new(big.Int)
	for i := range e.Terms {
		t := &e.Terms[i]
		v := big.NewInt(t.Coef)
		if t.Block != circuit.None {
			flat := 0
			for j, l := range t.Axes {
				flat = flat*c.Blocks[t.Block].Dims[j] + at[l]
			}
			v.Mul(v, big.NewInt(values[t.Block][flat]))
		}
		sum.Add(sum, v)
	}
	return sum
}

// holds is the definition of the axis relations.
func holds(a *circuit.AxisRelation, letters []circuit.Axis, at []int) bool {
	v := func(i int) int64 { return int64(at[a.Letters[i]]) }
	switch a.Kind {
	case circuit.Same:
		return v(0) == v(1)
	case circuit.Window:
		return v(2) == v(0)*a.Params[0]+v(1)*a.Params[1]-a.Params[2]
	case circuit.Affine:
		return v(1) == a.Params[0]+v(0)*a.Params[1]
	case circuit.Index:
		return v(1) == a.Params[v(0)]
	default: // Reshape
		flat := func(ls []circuit.Letter) (f int) {
			for _, l := range ls {
				f = f*letters[l].Len + at[l]
			}
			return f
		}
		n := a.Params[0]
		return flat(a.Letters[:n]) == flat(a.Letters[n:])
	}
}

// tuples is the work of naive.
func tuples(r *circuit.Relation) float64 {
	size := func(ls []circuit.Letter) float64 {
		n := 1.0
		for _, l := range ls {
			n *= float64(r.Letters[l].Len)
		}
		return n
	}
	w := 1.0
	for i := range r.Sum {
		w += size(r.Sum[i].Inner)
	}
	return w * size(r.Out)
}

// index is the multi-index of a row-major position.
func index(r *circuit.Relation, letters []circuit.Letter, flat int) []int {
	dims := make([]int, len(letters))
	for i, l := range letters {
		dims[i] = r.Letters[l].Len
	}
	return unravel(dims, flat)
}

func unravel(dims []int, flat int) []int {
	out := slices.Clone(dims)
	for i := len(dims) - 1; i >= 0; i-- {
		out[i] = flat % dims[i]
		flat /= dims[i]
	}
	return out
}
