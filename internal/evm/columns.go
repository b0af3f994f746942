package evm

import (
	"maps"
	"math/bits"
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// tag is the MLE of a slot's tag column at a height point.
func (c *compiler) tag(slot int, x []coordinate) ref {
	lay := c.lay
	parts := map[ref]*stack{}
	var order []ref
	for i := range lay.Tags {
		t := &lay.Tags[i]
		if t.Address>>lay.HeightVars != slot {
			continue
		}
		kb := circuit.PaddedLog(t.Dims)
		in := c.insideOf(t.Dims, x[:kb])
		if parts[in] == nil {
			parts[in] = &stack{compiler: c, point: x, split: len(x), power: c.gamma}
			order = append(order, in)
		}
		at := uint64(t.Address) & (1<<lay.HeightVars - 1)
		parts[in].put(term{coef: fr.NewElement(uint64(t.Table + 1)), factor: c.one()}, kb, at)
	}
	var pairs []pair
	for _, in := range order {
		pairs = append(pairs, pair{in, parts[in].total()})
	}
	return c.sum(pairs...)
}

// insideOf is the MLE of [every index below its axis's length] over a padded tensor, the last axis lowest.
func (c *compiler) insideOf(dims []int, p []coordinate) ref {
	acc := c.one()
	for _, d := range slices.Backward(dims) {
		k := circuit.Log2Ceil(d)
		acc = c.mul(acc, c.lt(d, p[:k]))
		p = p[k:]
	}
	return acc
}

// tables are the MLEs of the stacked table's id and in columns.
func (c *compiler) tables(t []coordinate) (id, in ref) {
	var ids, ins []pair
	for i := range c.lay.Tables {
		table := &c.lay.Tables[i]
		k := circuit.Log2Ceil(table.Size)
		w := c.eqIndex(c.lay.TableAt[i]>>k, t[k:])
		inside, index := c.one(), c.indexOf(t[:k])
		if table.Dynamic {
			index = c.zero()
			at := 0
			dims := c.lay.C.Blocks[table.Out].Dims
			for _, d := range slices.Backward(dims) { // index += 2^at * axis index, both inside the axes seen so far
				x := t[at : at+circuit.Log2Ceil(d)]
				lt, axis := c.lt(d, x), c.indexLt(d, x)
				index = c.sum(pair{index, lt}, pair{c.mul(axis, c.integer(1<<at)), inside})
				inside = c.mul(inside, lt)
				at += len(x)
			}
		}
		ins = append(ins, pair{w, c.sum(pair{c.integer(table.Lo), inside}, pair{index, c.one()})})
		ids = append(ids, pair{c.mul(c.integer(int64(i+1)), inside), w})
	}
	return c.sum(ids...), c.sum(ins...)
}

// indexOf is sum 2^j x_j: the index that a point names. Shorter prefixes are shared.
func (c *compiler) indexOf(x []coordinate) ref {
	if r, ok := c.indexUpTo[len(x)]; ok {
		return r
	}
	best := 0
	for k := range maps.Keys(c.indexUpTo) {
		if k < len(x) {
			best = max(best, k)
		}
	}
	var pairs []pair
	if best > 0 {
		pairs = append(pairs, pair{c.indexUpTo[best], c.one()})
	}
	for j := best; j < len(x); j++ {
		pairs = append(pairs, pair{c.integer(1 << j), x[j].x()})
	}
	r := c.sum(pairs...)
	c.indexUpTo[len(x)] = r
	return r
}

// indexLt is the MLE of index * [index < d].
func (c *compiler) indexLt(d int, x []coordinate) ref {
	if d>>len(x) == 1 && bits.OnesCount(uint(d)) == 1 {
		var pairs []pair
		for j := range x {
			pairs = append(pairs, pair{c.integer(1 << j), x[j].x()})
		}
		return c.sum(pairs...)
	}
	// the same for the lowest bits of index and d: [less], index * [less] and index, all indices below 2^j included
	less, below, all := c.zero(), c.zero(), c.zero()
	for j := range x {
		bit := c.integer(1 << j)
		if d>>j&1 == 1 {
			below = c.sum(pair{x[j].not(), all}, pair{x[j].x(), c.sum(pair{below, c.one()}, pair{bit, less})})
			less = c.sum(pair{x[j].not(), c.one()}, pair{x[j].x(), less})
		} else {
			below, less = c.mul(x[j].not(), below), c.mul(x[j].not(), less)
		}
		all = c.sum(pair{all, c.one()}, pair{bit, x[j].x()})
	}
	return below
}

// mask is the part of E(r2) that lies in the mask block: r_z delta^i at the u of each claim; delta_s times the weights of
// g1's coefficients in its sum, delta_g times those in its value at R. In the block, group j holds what belongs to round j.
func (c *compiler) mask(z coordinate, s, g1 ref) pair {
	lay := c.lay
	point := c.r2[:lay.MaskVars]
	inGroup, group := point[:lay.MaskDegree], point[lay.MaskDegree:]
	entries, groups := c.table(inGroup), c.table(group)
	power := func(n int) ref {
		two, x := fr.NewElement(2), fr.One()
		for range n {
			x.Mul(&x, &two)
		}
		return c.constant(x)
	}
	n := len(lay.Degrees)
	var us []pair
	for i := range lay.ClaimCount {
		us = append(us, pair{c.delta(i), groups.at(i)})
	}
	constant := c.sum(pair{s, power(n)}, pair{g1, c.one()})
	first := c.sum(pair{c.sum(us...), z.x()}, pair{constant, groups.at(lay.ClaimCount)})
	// rounds of one degree that follow one another, up to 255
	var values, sums []pair
	for from := 0; from < n; {
		d, to := lay.Degrees[from], from
		for to < n && to < from+255 && lay.Degrees[to] == d {
			to++
		}
		values = append(values, pair{c.polynomials(to-from, (d+2)/3*3, groups.at(from), c.r[from], c.coefficients(entries, d)), c.one()})
		count := c.sum(pair{c.lt(to, group), c.one()}, pair{c.lt(from, group), c.minus()})
		sums = append(sums, pair{c.sum(pair{c.lt(d+1, inGroup), c.one()}, pair{entries, c.minus()}), count})
		from = to
	}
	// every coefficient but the first weighs 2^(n-1) in the sum
	flat := c.mul(c.sum(sums...), power(n-1))
	value := c.sum(pair{entries, first}, pair{g1, c.sum(values...)}, pair{s, flat})
	return pair{value, c.eqIndex(lay.Mask>>lay.MaskVars, c.r2[lay.MaskVars:])}
}

// coefficients are the weights of x^1 .. x^d, which are the entries from 1 on, and zeros up to a multiple of three.
func (c *compiler) coefficients(entries ref, d int) ref {
	if d%3 == 0 {
		return entries.at(1)
	}
	var list []pair
	for e := range (d + 2) / 3 * 3 {
		if e < d {
			list = append(list, pair{entries.at(e + 1), c.one()})
		} else {
			list = append(list, pair{c.zero(), c.zero()})
		}
	}
	return c.products(list)
}
