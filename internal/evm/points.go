package evm

import (
	"math/bits"
	"slices"
)

// coordinate is one coordinate of a point: the register of x; those of 1-x and 2x-1 follow it.
type coordinate int

func (c coordinate) x() ref   { return ref{baseRegister, int(c)} }
func (c coordinate) not() ref { return ref{baseRegister, int(c) + 1} }

const coordinateWords = 3

// run is the length of the longest prefix of consecutive coordinates, 255 at most.
func run(p []coordinate) int {
	n := 1
	for n < len(p) && n < 255 && p[n] == p[n-1]+coordinateWords {
		n++
	}
	return n
}

// eq is eq(p, q) for points of equal length.
func (g *graph) eq(p, q []coordinate) ref {
	acc := g.one()
	for len(p) > 0 {
		n := min(run(p), run(q))
		acc = g.mul(acc, g.eqRun(n, p[0], q[0]))
		p, q = p[n:], q[n:]
	}
	return acc
}

// eqRun is eq of n coordinates from p and from q.
func (g *graph) eqRun(n int, p, q coordinate) ref {
	if n == 1 {
		return g.sum(pair{p.not(), q.not()}, pair{p.x(), q.x()})
	}
	return g.add(opEq, 1, []operand{num(1, n), addr(p.x()), addr(q.x())})
}

// shareEq makes of every eq that another one begins with a product with it. The graph is complete: a later eq would not be
// found.
func (g *graph) shareEq() {
	type start struct{ p, q coordinate }
	runs := map[start][]int{}
	var order []start
	for i := range g.nodes {
		if g.nodes[i].op != opEq {
			continue
		}
		it := g.nodes[i].items[0]
		at := start{coordinate(it[1].ref.off), coordinate(it[2].ref.off)}
		if runs[at] == nil {
			order = append(order, at)
		}
		runs[at] = append(runs[at], i)
	}
	length := func(i int) int { return int(g.nodes[i].items[0][0].value) }
	for _, at := range order {
		list := runs[at]
		slices.SortFunc(list, func(i, j int) int { return length(i) - length(j) })
		for k := len(list) - 1; k > 0; k-- {
			n := length(list[k-1])
			skip := coordinate(coordinateWords * n)
			rest := g.eqRun(length(list[k])-n, at.p+skip, at.q+skip)
			g.nodes[list[k]].op = opMul
			g.nodes[list[k]].items = [][]operand{{addr(ref{list[k-1], 0}), addr(rest)}}
		}
	}
}

// eqIndex is eq(bits of index, p), built from the highest variable downwards so that prefixes are shared.
func (g *graph) eqIndex(index int, p []coordinate) ref {
	acc := g.one()
	for j := len(p) - 1; j >= 0; j-- {
		if index>>j&1 == 1 {
			acc = g.mul(acc, p[j].x())
		} else {
			acc = g.mul(acc, p[j].not())
		}
	}
	return acc
}

// lt is the MLE of [index < d].
func (g *graph) lt(d int, p []coordinate) ref {
	if d>>len(p) != 0 {
		return g.one()
	}
	if d == 0 {
		return g.zero()
	}
	n := bits.Len(uint(d)) // higher bits are 0
	high := g.eqIndex(0, p[n:])
	z := bits.TrailingZeros(uint(d)) // lower bits do not matter
	d, p = d>>z, p[z:n]
	// Below a run of ones of d, with the higher bits equal, lies the difference of two products of the bits of d from the highest on.
	var pairs []pair
	for top := len(p); top > 0; {
		if d>>(top-1)&1 == 0 {
			top--
			continue
		}
		low := top - 1
		for low > 0 && d>>(low-1)&1 == 1 {
			low--
		}
		before := g.eqIndex(d>>top, p[top:])
		if top-low == 1 {
			pairs = append(pairs, pair{before, p[low].not()})
		} else {
			pairs = append(pairs, pair{before, g.one()}, pair{g.eqIndex(d>>low, p[low:]), g.minus()})
		}
		top = low
	}
	return g.mul(high, g.sum(pairs...))
}

// same is the MLE of [both indices are equal and less than d].
func (g *graph) same(d int, p, q []coordinate) ref {
	n := min(len(p), len(q)) // indices that need more bits are 0
	if d < 1<<n {
		n = bits.Len(uint(d))
	}
	high := g.mul(g.eqIndex(0, p[n:]), g.eqIndex(0, q[n:]))
	switch {
	case d == 0:
		return g.zero()
	case d >= 1<<n:
		return g.mul(high, g.eq(p[:n], q[:n]))
	case d&(d-1) == 0:
		return g.prod(high, p[n-1].not(), q[n-1].not(), g.eq(p[:n-1], q[:n-1]))
	}
	z := bits.TrailingZeros(uint(d)) // lower bits only have to be equal
	top := g.add(opSame, 1, []operand{num(1, n-z), addr(p[z].x()), addr(q[z].x()), num(4, d>>z)})
	return g.prod(high, g.eq(p[:z], q[:z]), top)
}
