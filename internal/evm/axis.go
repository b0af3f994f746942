package evm

import (
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// letterPoint is where one letter of an axis relation is: at a point, or summed over its length.
type letterPoint struct {
	length int
	point  []coordinate
	summed bool
}

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
		return c.affine(0, 1, at[0], at[1])
	case circuit.Affine:
		return c.affine(int(r.Params[0]), int(r.Params[1]), at[0], at[1])
	case circuit.Window:
		return c.window(int(r.Params[0]), int(r.Params[1]), int(r.Params[2]), at[0], at[1], at[2])
	case circuit.Index:
		return c.indexed(r.Params, at[0], at[1])
	}
	return c.reshape(at[:r.Params[0]], at[r.Params[0]:])
}

// inside are the first i and the number of i below n for which 0 <= start + i*step < length.
func inside(n, start, step, length int) (first, count int) {
	for i := range n {
		if x := start + i*step; 0 <= x && x < length {
			if count == 0 {
				first = i
			}
			count++
		}
	}
	return first, count
}

// affine is the relation a = start + i*step.
func (c *compiler) affine(start, step int, i, a letterPoint) ref {
	first, n := inside(i.length, start, step, a.length)
	whole := start == 0 && step == 1
	switch {
	case n == 0:
		return c.zero()
	case whole && a.summed:
		return c.upTo(n, i)
	case whole && i.summed:
		return c.upTo(n, a)
	case whole:
		return c.same(n, i.point, a.point)
	case n == 1:
		return c.mul(c.weightAt(i, first), c.weightAt(a, start+first*step))
	}
	return c.dot(n, c.weights(i).at(first), c.weights(a).at(start+first*step), step)
}

// weightAt is one weight of a letter.
func (c *compiler) weightAt(l letterPoint, i int) ref {
	if l.summed {
		return c.one()
	}
	return c.eqIndex(i, l.point)
}

// window is the relation a = i*stride + u*dilation - pad: a dot product for each u.
func (c *compiler) window(stride, dilation, pad int, i, u, a letterPoint) ref {
	c.room(u.length)
	wi, wa := c.weights(i), c.weights(a)
	items := make([][]operand, u.length)
	for k := range items {
		start := k*dilation - pad
		first, n := inside(i.length, start, stride, a.length)
		if n == 0 {
			first, start = 0, 0
		}
		items[k] = dotItem(n, wi.at(first), wa.at(start+first*stride), stride)
	}
	sums := c.add(opDot, len(items), items...)
	return c.dot(u.length, c.weights(u), sums, 1)
}

// indexed is the relation a = list[i].
func (c *compiler) indexed(list []int64, i, a letterPoint) ref {
	wi, wa := c.weights(i), c.weights(a)
	var pairs []pair
	for k, x := range list {
		if x >= 0 {
			pairs = append(pairs, pair{wi.at(k), wa.at(int(x))})
		}
	}
	return c.sum(pairs...)
}

// reshape is the relation of two groups of letters with equal row-major indices.
func (c *compiler) reshape(left, right []letterPoint) ref {
	whole := true
	n := 1
	for _, l := range left {
		n *= l.length
	}
	for _, l := range slices.Concat(left, right) {
		whole = whole && !l.summed && l.length == 1<<len(l.point)
	}
	if whole {
		return c.eq(lowestFirst(left), lowestFirst(right))
	}
	return c.dot(n, c.flat(left), c.flat(right), 1)
}

func lowestFirst(group []letterPoint) []coordinate {
	var out []coordinate
	for _, l := range slices.Backward(group) {
		out = append(out, l.point...)
	}
	return out
}

// flat is the vector of products of the letters' weights, in row-major order.
func (c *compiler) flat(group []letterPoint) ref {
	acc := c.weights(group[0])
	n := group[0].length
	for _, l := range group[1:] {
		w := c.weights(l)
		c.room(n * l.length)
		var pairs []pair
		for i := range n {
			for j := range l.length {
				pairs = append(pairs, pair{acc.at(i), w.at(j)})
			}
		}
		acc = c.products(pairs)
		n *= l.length
	}
	return acc
}
