package prover

import (
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/poly"
)

// eqCell is the sumcheck of coef * sum_i v[i] eq(point, i) over integers v: the weights of a layer in sumcheck 2. The
// round polynomial is (eq's factor of the current variable) * (a linear polynomial). The first rounds read the integers
// with one multiplication by a word for each entry; then several variables are folded at once.
type eqCell struct {
	offset int
	v      []int64
	coef   fr.Element
	point  []fr.Element
	r      []fr.Element // bound so far
	scale  fr.Element   // coef * eq of the bound variables
	folded fr.Vector    // v with the bound variables folded, once the integers are done with
	eq     fr.Vector    // eq of the variables after the current one, then
}

// intRounds is the number of rounds that read the integers.
const intRounds = 3

func newEqCell(offset int, v []int64, coef fr.Element, point []fr.Element) *eqCell {
	return &eqCell{offset: offset, v: v, coef: coef, point: point, scale: coef}
}

func (c *eqCell) vars() int { return len(c.point) }

func (c *eqCell) round() []fr.Element {
	var s [2]fr.Element // sums at 0 and 1
	if c.folded == nil {
		s = c.fromInts()
	} else {
		half := len(c.folded) / 2
		even, odd := make(fr.Vector, half), make(fr.Vector, half)
		pairs(c.folded, 0, half, even, odd)
		s[0], s[1] = poly.Dot(even, c.eq), poly.Dot(odd, c.eq)
	}
	s[1].Sub(&s[1], &s[0])
	return eqTimes(&c.point[len(c.r)], &c.scale, s[:])
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
	parallel(len(high), 4, func(lo, hi int) {
		for h := lo; h < hi; h++ {
			block := c.v[h<<split : (h+1)<<split]
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
	case len(c.r) < intRounds && len(c.r) < len(c.point):
		return
	default:
		w := poly.EqTable(c.r, fr.One())
		c.folded = sumInts(c.v, w, len(c.v)/len(w), 1)
		c.v = nil
	}
	if len(c.r) < len(c.point) {
		c.eq = poly.EqTable(c.point[len(c.r)+1:], fr.One())
	}
}

// ends are V's and E's values at the end.
func (c *eqCell) ends() (v, e fr.Element) { return c.folded[0], c.scale }
