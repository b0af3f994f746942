package evm

import (
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// weighted is one summand of E(r2): coef * factor * eq(block, high part of r2).
type weighted struct {
	coef   fr.Element // from the circuit
	factor ref        // from the challenges
	block  place
}

// place names an aligned block of V: index counts blocks of 2^vars entries.
type place struct{ vars, index int }

// functional is a linear functional of V, evaluated at r2, and the public part of the expression that it belongs to.
type functional struct {
	terms []weighted
	known []pair
}

// points are the coordinates of each letter of a relation; nil for letters without any.
type points [][]coordinate

// split hands out coordinates to letters, the first letter first.
func (p points) split(rel *circuit.Relation, letters []circuit.Letter, r []coordinate) {
	for _, l := range letters {
		k := circuit.Log2Ceil(rel.Letters[l].Len)
		p[l], r = append([]coordinate{}, r[:k]...), r[k:]
	}
}

func outPoints(rel *circuit.Relation, rho []coordinate) points {
	p := make(points, len(rel.Letters))
	out := slices.Clone(rel.Out)
	slices.Reverse(out)
	p.split(rel, out, rho)
	return p
}

func (p points) withInner(rel *circuit.Relation, k *circuit.Contraction, r []coordinate) points {
	q := slices.Clone(p)
	q.split(rel, k.Inner, r)
	return q
}

// block is the point of a block: the letters of its axes, the last axis lowest.
func (p points) block(axes []circuit.Letter) []coordinate {
	var out []coordinate
	for _, l := range slices.Backward(axes) {
		out = append(out, p[l]...)
	}
	return out
}

// point is the functional coef * factor * block(p) of an aligned block, at r2.
func (c *compiler) point(coef fr.Element, factor ref, offset int, p []coordinate) weighted {
	k := len(p)
	return weighted{coef, c.mul(factor, c.eq(p, c.r2[:k])), place{k, offset >> k}}
}

// expression is an affine form at the points of its letters.
func (c *compiler) expression(f *functional, rel *circuit.Relation, e *circuit.Expr, p points) {
	for i := range e.Terms {
		t := &e.Terms[i]
		var coef fr.Element
		coef.SetInt64(t.Coef)
		factor := c.one()
		for _, l := range e.Letters {
			if !slices.Contains(t.Axes, l) {
				factor = c.mul(factor, c.lt(rel.Letters[l].Len, p[l]))
			}
		}
		switch {
		case t.Block == circuit.None:
			f.known = append(f.known, pair{c.constant(coef), factor})
		case c.public(t.Block):
			axes := make([][]coordinate, len(t.Axes))
			for j, l := range t.Axes {
				axes[j] = p[l]
			}
			v := c.instancesAt(t.Block, axes)
			f.known = append(f.known, pair{c.mul(c.constant(coef), factor), v})
		default:
			f.terms = append(f.terms, c.point(coef, factor, c.lay.At[t.Block], p.block(t.Axes)))
		}
	}
}

func (c *compiler) public(block int) bool { return c.lay.C.Blocks[block].Role == circuit.Public }

// instanceEval is the sum of a public block's entries, each with the product of its axes' weights.
func (c *compiler) instanceEval(block int, weights func(axis int) ref) ref {
	dims := c.lay.C.Blocks[block].Dims
	v := ref{baseInstance, c.instanceAt[block]}
	rows := circuit.Count(dims)
	for axis := len(dims) - 1; axis >= 0; axis-- {
		rows /= dims[axis]
		v = c.fold(rows, dims[axis], weights(axis), v)
	}
	if len(dims) == 0 { // an operand of the final sums must have a short address
		return c.fold(1, 1, c.one(), v)
	}
	return v
}

// instancesAt is a public block at a point. The last axis may be cut in rows, so that no table is as long as the axis.
func (c *compiler) instancesAt(block int, axes [][]coordinate) ref {
	dims := c.lay.C.Blocks[block].Dims
	plain := func() ref { return c.instanceEval(block, func(axis int) ref { return c.table(axes[axis]) }) }
	if len(dims) == 0 {
		return plain()
	}
	last := len(dims) - 1
	n, p := dims[last], axes[last]
	rows := circuit.Count(dims) / n
	cut := func(k, rows int) ref {
		low, high := c.table(p[:k]), c.table(p[k:])
		v := ref{baseInstance, c.instanceAt[block]}
		full, rest := n>>k, n&(1<<k-1)
		part := c.fold(rows*full, 1<<k, low, v)
		if rest == 0 {
			v = c.fold(rows, full, high, part)
		} else { // one row
			v = c.sum(pair{c.dot(full, high, part), c.one()}, pair{c.fold(1, rest, low, v.at(full<<k)), high.at(full)})
		}
		for axis := last - 1; axis >= 0; axis-- {
			rows /= dims[axis]
			v = c.fold(rows, dims[axis], c.table(axes[axis]), v)
		}
		return v
	}
	ways := []func() ref{plain}
	for k := 1; k < len(p); k++ {
		if rows > 1 && n&(1<<k-1) != 0 {
			break
		}
		ways = append(ways, func() ref { return cut(k, rows) })
	}
	return c.cheapest(ways...)
}

// relation is LHS minus the linear contractions, at the output point.
func (c *compiler) relation(rel *circuit.Relation) functional {
	p := outPoints(rel, c.rho)
	var f functional
	c.expression(&f, rel, &rel.LHS, p)
	for i := range rel.Sum {
		if k := &rel.Sum[i]; k.B == nil {
			for j := range k.A.Terms {
				c.linear(&f, rel, k, &k.A.Terms[j], p)
			}
		}
	}
	return f
}

// linear subtracts one term of a linear contraction: the sum, over the letters outside the term's axes, of the axis
// relations and of eq on the output letters.
func (c *compiler) linear(f *functional, rel *circuit.Relation, k *circuit.Contraction, term *circuit.Term, p points) {
	var coef fr.Element
	coef.SetInt64(term.Coef)
	coef.Neg(&coef)
	factor := c.one()
	isOut := func(l circuit.Letter) bool { return slices.Contains(rel.Out, l) }
	coupled := make([]bool, len(rel.Letters))
	for i := range k.R {
		for _, l := range k.R[i].Letters {
			coupled[l] = true
		}
	}
	for l := range rel.Letters {
		letter := circuit.Letter(l)
		if coupled[l] || slices.Contains(term.Axes, letter) {
			continue
		}
		switch {
		case isOut(letter): // broadcast, or held by no factor
			factor = c.mul(factor, c.lt(rel.Letters[l].Len, p[l]))
		case slices.Contains(k.Inner, letter): // summed
			factor = c.mul(factor, c.integer(int64(rel.Letters[l].Len)))
		}
	}
	if term.Block != circuit.None && c.public(term.Block) {
		v := c.linearInstances(rel, k, term, p, coupled)
		f.known = append(f.known, pair{c.mul(c.constant(coef), factor), v})
		return
	}

	// the axes' coordinates in r2, the last axis lowest
	axes := make(points, len(rel.Letters))
	vars := 0
	for _, l := range slices.Backward(term.Axes) {
		n := circuit.Log2Ceil(rel.Letters[l].Len)
		axes[l] = append([]coordinate{}, c.r2[vars:vars+n]...)
		vars += n
		if !coupled[l] && isOut(l) {
			factor = c.mul(factor, c.eq(p[l], axes[l]))
		}
	}
	for i := range k.R {
		at := make([]letterPoint, len(k.R[i].Letters))
		for j, l := range k.R[i].Letters {
			at[j] = letterPoint{length: rel.Letters[l].Len, point: p[l], summed: !isOut(l)}
			if axes[l] != nil {
				at[j].point, at[j].summed = axes[l], false
			}
		}
		factor = c.mul(factor, c.axisRelation(&k.R[i], at))
	}
	if term.Block == circuit.None {
		f.known = append(f.known, pair{c.constant(coef), factor})
		return
	}
	f.terms = append(f.terms, weighted{coef, factor, place{vars, c.lay.At[term.Block] >> vars}})
}

// linearInstances is the sum of a public block's entries in a linear contraction. Axes in axis relations get explicit
// weights, entry by entry, if the relation does not weigh one axis alone.
func (c *compiler) linearInstances(rel *circuit.Relation, k *circuit.Contraction, term *circuit.Term, p points, coupled []bool) ref {
	isOut := func(l circuit.Letter) bool { return slices.Contains(rel.Out, l) }
	letter := func(l circuit.Letter) letterPoint {
		return letterPoint{length: rel.Letters[l].Len, point: p[l], summed: !isOut(l)}
	}
	factor := c.one()
	axisWeights := make([]ref, len(term.Axes))
	joint := map[int]*circuit.AxisRelation{} // axis to the relation that weighs it together with others
	for a, l := range term.Axes {
		if !coupled[l] {
			axisWeights[a] = c.weights(letter(l))
		}
	}
	for i := range k.R {
		r := &k.R[i]
		var own []int
		for _, l := range r.Letters {
			if a := slices.Index(term.Axes, l); a >= 0 {
				own = append(own, a)
			}
		}
		switch len(own) {
		case 0:
			at := make([]letterPoint, len(r.Letters))
			for j, l := range r.Letters {
				at[j] = letter(l)
			}
			factor = c.mul(factor, c.axisRelation(r, at))
		case 1:
			sums := c.entrySums(rel, r, term, letter, []int{own[0]})
			pairs := make([]pair, len(sums))
			for x := range sums {
				pairs[x] = pair{sums[x], c.one()}
			}
			axisWeights[own[0]] = c.products(pairs)
		default:
			for _, a := range own {
				joint[a] = r
			}
		}
	}
	if len(joint) == 0 {
		return c.mul(factor, c.instanceEval(term.Block, func(a int) ref { return axisWeights[a] }))
	}
	return c.mul(factor, c.dense(rel, k, term, letter, axisWeights, joint))
}

// entrySums lists, for each row-major index of the given axes, the sum of the products of the other letters' weights over
// the index tuples of the relation.
func (c *compiler) entrySums(rel *circuit.Relation, r *circuit.AxisRelation, term *circuit.Term, letter func(circuit.Letter) letterPoint, axes []int) []ref {
	n := 1
	for _, a := range axes {
		n *= rel.Letters[term.Axes[a]].Len
	}
	c.room(n)
	tables := make([]ref, len(r.Letters))
	free := make([]bool, len(r.Letters))
	for j, l := range r.Letters {
		if !slices.Contains(term.Axes, l) {
			if lp := letter(l); !lp.summed {
				tables[j], free[j] = c.table(lp.point), true
			}
		}
	}
	pairs := make([][]pair, n)
	r.Each(rel.Letters, func(idx []int) {
		w, at := c.one(), 0
		for _, a := range axes {
			j := slices.Index(r.Letters, term.Axes[a])
			at = at*rel.Letters[term.Axes[a]].Len + idx[j]
		}
		for j, x := range idx {
			if free[j] {
				w = c.mul(w, tables[j].at(x))
			}
		}
		pairs[at] = append(pairs[at], pair{w, c.one()})
	})
	out := make([]ref, n)
	for i := range out {
		out[i] = c.sum(pairs[i]...)
	}
	return out
}

// dense weighs every entry of a public block by itself.
func (c *compiler) dense(rel *circuit.Relation, k *circuit.Contraction, term *circuit.Term, letter func(circuit.Letter) letterPoint, axisWeights []ref, joint map[int]*circuit.AxisRelation) ref {
	type group struct {
		axes []int
		sums []ref
	}
	var groups []group
	for i := range k.R {
		var axes []int
		for a := range term.Axes {
			if joint[a] == &k.R[i] {
				axes = append(axes, a)
			}
		}
		if len(axes) > 0 {
			groups = append(groups, group{axes, c.entrySums(rel, &k.R[i], term, letter, axes)})
		}
	}
	dims := c.lay.C.Blocks[term.Block].Dims
	c.room(circuit.Count(dims))
	pairs := make([]pair, circuit.Count(dims))
	idx := make([]int, len(dims))
	for e := range pairs {
		for a, t := len(dims)-1, e; a >= 0; a-- {
			idx[a], t = t%dims[a], t/dims[a]
		}
		w := c.one()
		for a := range dims {
			if joint[a] == nil {
				w = c.mul(w, axisWeights[a].at(idx[a]))
			}
		}
		for _, g := range groups {
			at := 0
			for _, a := range g.axes {
				at = at*dims[a] + idx[a]
			}
			w = c.mul(w, g.sums[at])
		}
		pairs[e] = pair{w, c.one()}
	}
	return c.fold(1, len(pairs), c.products(pairs), ref{baseInstance, c.instanceAt[term.Block]})
}
