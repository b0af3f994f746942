package prover

import (
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/parallel"
	"github.com/ezkl-go/ezkl/internal/poly"
)

// eqCell is the sumcheck of coef * sum_i v[i] eq(point, i): the weights of a layer in sumcheck 2, say. The round
// polynomial is (eq's factor of the current variable) * (a linear polynomial), so E needs no table of its own.
//
// v starts as integers (the first rounds read them with one multiplication by a word for each entry; then several
// variables are folded at once), as a dense vector, or as the list of its non-zero entries.
type eqCell struct {
	offset int
	point  []fr.Element
	r      []fr.Element // bound so far
	scale  fr.Element   // coef * eq of the bound variables
	ints   []int64
	sparse []entry
	folded fr.Vector // v with the bound variables folded
	eq     fr.Vector // with folded: eq of the variables after the current one
}

// entry is a non-zero entry of a vector.
type entry struct {
	at int
	v  fr.Element
}

// intRounds is the number of rounds that read the integers.
const intRounds = 3

// newEqCell starts a cell from integers, or else from field elements, which it does not change.
func newEqCell(offset int, ints []int64, v fr.Vector, coef fr.Element, point []fr.Element) *eqCell {
	c := &eqCell{offset: offset, point: point, scale: coef, ints: ints}
	if ints != nil {
		n := 0
		for _, x := range ints {
			if x != 0 {
				n++
			}
		}
		if n > len(ints)/16 {
			return c
		}
		for i, x := range ints {
			if x != 0 {
				c.sparse = append(c.sparse, entry{at: i})
				c.sparse[len(c.sparse)-1].v.SetInt64(x)
			}
		}
		c.ints = nil
		if c.sparse == nil {
			c.sparse = []entry{}
		}
		return c
	}
	for i := range v {
		if !v[i].IsZero() {
			c.sparse = append(c.sparse, entry{i, v[i]})
		}
		if len(c.sparse) > len(v)/16 {
			c.sparse = nil
			c.folded = append(fr.Vector(nil), v...)
			c.nextEq()
			return c
		}
	}
	if c.sparse == nil {
		c.sparse = []entry{}
	}
	return c
}

func (c *eqCell) vars() int { return len(c.point) }

func (c *eqCell) round() []fr.Element {
	var s [2]fr.Element // sums at 0 and 1
	switch {
	case c.ints != nil:
		s = c.fromInts()
	case c.sparse != nil:
		s = c.fromSparse()
	default:
		half := len(c.folded) / 2
		even, odd := make(fr.Vector, half), make(fr.Vector, half)
		pairs(c.folded, 0, half, even, odd)
		s[0], s[1] = poly.Dot(even, c.eq), poly.Dot(odd, c.eq)
	}
	s[1].Sub(&s[1], &s[0])
	return eqTimes(&c.point[len(c.r)], &c.scale, s[:])
}

// fromSparse sums the non-zero entries against eq of the later variables, as a product of two small tables.
func (c *eqCell) fromSparse() (s [2]fr.Element) {
	rest := c.point[len(c.r)+1:]
	split := len(rest) / 2
	low, high := poly.EqTable(rest[:split], fr.One()), poly.EqTable(rest[split:], fr.One())
	for i := range c.sparse {
		at := c.sparse[i].at >> 1
		var t fr.Element
		t.Mul(&low[at&(len(low)-1)], &high[at>>split]).Mul(&t, &c.sparse[i].v)
		s[c.sparse[i].at&1].Add(&s[c.sparse[i].at&1], &t)
	}
	return s
}

// foldSparse binds variable 0 of the non-zero entries; entries are in order.
func (c *eqCell) foldSparse(x *fr.Element) {
	var rest fr.Element
	one := fr.One()
	rest.Sub(&one, x)
	out := c.sparse[:0]
	for _, e := range c.sparse {
		if e.at&1 == 1 {
			e.v.Mul(&e.v, x)
		} else {
			e.v.Mul(&e.v, &rest)
		}
		e.at >>= 1
		if n := len(out); n > 0 && out[n-1].at == e.at {
			out[n-1].v.Add(&out[n-1].v, &e.v)
		} else {
			out = append(out, e)
		}
	}
	c.sparse = out
	if n := 1 << (len(c.point) - len(c.r)); len(out) > n/4 || n == 1 {
		c.folded = make(fr.Vector, n)
		for _, e := range out {
			c.folded[e.at] = e.v
		}
		c.sparse = nil
		c.nextEq()
	}
}

// nextEq prepares the eq table of the round that follows.
func (c *eqCell) nextEq() {
	if len(c.r) < len(c.point) {
		c.eq = poly.EqTable(c.point[len(c.r)+1:], fr.One())
	}
}

// eqTimes is scale * ((1 - zeta) + (2 zeta - 1) X) * inner.
func eqTimes(zeta, scale *fr.Element, inner []fr.Element) []fr.Element {
	var c0, c1 fr.Element
	one := fr.One()
	c0.Sub(&one, zeta).Mul(&c0, scale)
	c1.Double(zeta).Sub(&c1, &one).Mul(&c1, scale)
	out := make([]fr.Element, len(inner)+1)
	for i := range inner {
		var t fr.Element
		t.Mul(&inner[i], &c0)
		out[i].Add(&out[i], &t)
		t.Mul(&inner[i], &c1)
		out[i+1].Add(&out[i+1], &t)
	}
	return out
}

// fromInts sums v against eq(r) on the bound variables and eq(point) on the later ones, apart for both values of the
// current variable.
func (c *eqCell) fromInts() [2]fr.Element {
	j := len(c.r)
	// the weights as an outer product: low (bound, current, next variables), high (the rest)
	split := min(max(j+1, 10), len(c.point))
	bound := poly.EqTable(c.r, fr.One())
	next := poly.EqTable(c.point[j+1:split], fr.One())
	high := poly.EqTable(c.point[split:], fr.One())
	low := make(fr.Vector, len(bound)*len(next)) // index: bound lowest
	for i := range next {
		part := low[i*len(bound) : (i+1)*len(bound)]
		part.ScalarMul(bound, &next[i])
	}
	sums := make([][2]fr.Element, len(high))
	parallel.Ranges(len(high), 4, func(lo, hi int) {
		for h := lo; h < hi; h++ {
			block := c.ints[h<<split : (h+1)<<split]
			var pos, neg [2]wide
			for i := range next {
				for t := range 2 {
					part := block[(2*i+t)*len(bound):][:len(bound)]
					w := low[i*len(bound):][:len(bound)]
					for k, x := range part {
						pos[t].add(&neg[t], &w[k], x)
					}
				}
			}
			for t := range 2 {
				sums[h][t] = pos[t].difference(&neg[t])
				sums[h][t].Mul(&sums[h][t], &high[h])
			}
		}
	})
	var out [2]fr.Element
	for h := range sums {
		out[0].Add(&out[0], &sums[h][0])
		out[1].Add(&out[1], &sums[h][1])
	}
	return out
}

func (c *eqCell) fold(x *fr.Element) {
	e := poly.Eq(c.point[len(c.r):len(c.r)+1], []fr.Element{*x})
	c.scale.Mul(&c.scale, &e)
	c.r = append(c.r, *x)
	switch {
	case c.folded != nil:
		c.folded = foldVector(c.folded, x)
		c.nextEq()
	case c.sparse != nil:
		c.foldSparse(x)
	case len(c.r) == min(intRounds, len(c.point)):
		w := poly.EqTable(c.r, fr.One())
		c.folded = sumInts(c.ints, w, len(c.ints)/len(w), 1)
		c.ints = nil
		c.nextEq()
	}
}

// ends are V's and E's values at the end.
func (c *eqCell) ends() (v, e fr.Element) { return c.folded[0], c.scale }
