package evm

import (
	"math/bits"
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// letterPoint is where one letter of an axis relation is: at a point, or summed over its length.
type letterPoint struct {
	length int
	point  []coordinate
	summed bool
}

// bits is the number of bits of the letter's indices, which is that of its coordinates.
func (l letterPoint) bits() int { return circuit.Log2Ceil(l.length) }

// weights is the vector whose entry i below the length is eq(i, point), or 1 for a summed letter.
func (c *compiler) weights(l letterPoint) ref {
	if !l.summed {
		return c.table(l.point)
	}
	c.room(l.length)
	ones := make([]pair, l.length)
	for i := range ones {
		ones[i] = pair{c.one(), c.one()}
	}
	return c.products(ones)
}

// upTo is the sum of the first n weights.
func (c *compiler) upTo(n int, l letterPoint) ref {
	if l.summed {
		return c.integer(int64(n))
	}
	return c.lt(n, l.point)
}

// axisRelation is the sum, over the index tuples at which the relation holds, of the product of the letters' weights.
func (c *compiler) axisRelation(r *circuit.AxisRelation, at []letterPoint) ref {
	switch r.Kind {
	case circuit.Same:
		return c.affine(r, 0, 1, at)
	case circuit.Affine:
		return c.affine(r, int(r.Params[0]), int(r.Params[1]), at)
	case circuit.Window:
		twos := func(x int64) int { return bits.TrailingZeros64(uint64(x)) }
		return c.sumOf(at, c.tuples(r, at), []int{0, max(0, twos(r.Params[0])-twos(r.Params[1])), twos(r.Params[0])})
	case circuit.Index:
		return c.sumOf(at, c.tuples(r, at), []int{0, 0})
	}
	return c.reshape(r, at[:r.Params[0]], at[r.Params[0]:])
}

// affine is the relation a = start + i*step of the letters i and a.
func (c *compiler) affine(r *circuit.AxisRelation, start, step int, at []letterPoint) ref {
	i, a := at[0], at[1]
	if start == 0 && step == 1 {
		n := min(i.length, a.length)
		switch {
		case a.summed:
			return c.upTo(n, i)
		case i.summed:
			return c.upTo(n, a)
		}
		return c.same(n, i.point, a.point)
	}
	return c.sumOf(at, c.tuples(r, at), []int{0, bits.TrailingZeros(uint(max(step, -step)))})
}

// reshape is the relation of two groups of letters with equal row-major indices.
func (c *compiler) reshape(r *circuit.AxisRelation, left, right []letterPoint) ref {
	whole := true
	for _, l := range slices.Concat(left, right) {
		whole = whole && !l.summed && l.length == 1<<len(l.point)
	}
	if whole {
		return c.eq(lowestFirst(left), lowestFirst(right))
	}
	at := slices.Concat(left, right)
	return c.sumOf(at, c.tuples(r, at), make([]int, len(at)))
}

func lowestFirst(group []letterPoint) []coordinate {
	var out []coordinate
	for _, l := range slices.Backward(group) {
		out = append(out, l.point...)
	}
	return out
}
