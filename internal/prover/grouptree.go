package prover

import (
	"sync"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// groupTree computes the values of the round polynomial sum_x eq(x) (h prod D - sum of the products of all but one D)(x) of a
// group at 0, 1, .., by halving the group: a half is the pair (product of its D, sum of the products of all but one of them),
// two polynomials that are known at one point more than their degree and extended by differences, which needs additions
// only; the pairs of two halves give that of both by three products for each point. eq is multiplied into the first D.
//
// It works on chunks of pairs of entries; a polynomial is a list of its values at 0, 1, .., each a vector over the chunk.
type groupTree struct {
	n      int         // pairs in the chunk
	free   []fr.Vector // workspace; the first used of them are in use
	used   int
	sums   []fr.Vector // of the round polynomial's values
	h      [2]fr.Vector
	g      *group
	eq     fr.Vector // of the chunk
	lo, hi int
}

const groupChunk = 64

var groupTrees = sync.Pool{New: func() any { return &groupTree{} }}

// clear prepares for sums of a round polynomial known by so many values.
func (s *groupTree) clear(values int) {
	for len(s.sums) < values {
		s.sums = append(s.sums, make(fr.Vector, groupChunk))
	}
	s.sums = s.sums[:values]
	for _, v := range s.sums {
		clear(v)
	}
	s.h = [2]fr.Vector{make(fr.Vector, groupChunk), make(fr.Vector, groupChunk)}
}

// chunk adds the pairs lo..hi-1, at most groupChunk of them, to the sums.
func (s *groupTree) chunk(g *group, eq fr.Vector, lo, hi int) {
	s.g, s.eq, s.lo, s.hi, s.n, s.used = g, eq[lo:hi], lo, hi, hi-lo, 0
	n := len(g.d)
	h := s.line(g.h)
	for i, v := range s.h {
		v = v[:s.n]
		v.Add(v, h[i])
	}
	mid := (n + 1) / 2
	full, cross := s.half(0, mid)
	// (h, full, cross) of the first half: rest = h full - cross
	rest := s.vectors(mid + 2)
	h, full, cross = s.extend(h, mid+2), s.extend(full, mid+2), s.extend(cross, mid+2)
	for e := range rest {
		rest[e].Mul(h[e], full[e])
		rest[e].Sub(rest[e], cross[e])
	}
	if mid < n { // prod D of the other half times rest, less the first product times the other cross
		otherFull, otherCross := s.half(mid, n)
		rest, full = s.extend(rest, n+2), s.extend(full, n+2)
		otherFull = s.extend(otherFull, n+2)
		if otherCross != nil {
			otherCross = s.extend(otherCross, n+2)
		}
		for e := range rest {
			rest[e].Mul(rest[e], otherFull[e])
			if otherCross != nil {
				full[e].Mul(full[e], otherCross[e])
			}
			rest[e].Sub(rest[e], full[e])
		}
	}
	for e, v := range s.sums {
		v = v[:s.n]
		v.Add(v, rest[e])
	}
}

// half is the product of the D of slots lo..hi-1 and the sum of the products of all but one of them, at as many points as
// determine them; nil is the constant 1.
func (s *groupTree) half(lo, hi int) (full, cross []fr.Vector) {
	n := hi - lo
	if n == 1 {
		full = s.line(s.g.d[lo])
		if lo == 0 {
			for _, v := range full {
				v.Mul(v, s.eq)
			}
			cross = s.vectors(1)
			copy(cross[0], s.eq)
		}
		return full, cross
	}
	mid := lo + (n+1)/2
	full1, cross1 := s.half(lo, mid)
	full2, cross2 := s.half(mid, hi)
	full1, full2 = s.extend(full1, n+1), s.extend(full2, n+1)
	if cross1 != nil {
		cross1 = s.extend(cross1, n)
	}
	if cross2 != nil {
		cross2 = s.extend(cross2, n)
	}
	full, cross = s.vectors(n+1), s.vectors(n)
	temp := s.vectors(1)[0]
	for e := range cross {
		a, b := full2[e], full1[e]
		if cross1 != nil {
			cross[e].Mul(cross1[e], full2[e])
			a = cross[e]
		}
		if cross2 != nil {
			temp.Mul(cross2[e], full1[e])
			b = temp
		}
		cross[e].Add(a, b)
	}
	for e := range full {
		full[e].Mul(full1[e], full2[e])
	}
	return full, cross
}

// line is the chunk of a vector of pairs, as polynomials of degree 1.
func (s *groupTree) line(v fr.Vector) []fr.Vector {
	out := s.vectors(2)
	pairs(v, s.lo, s.hi, out[0], out[1])
	return out
}

// extend gives a polynomial's values at 0..points-1.
func (s *groupTree) extend(p []fr.Vector, points int) []fr.Vector {
	d := len(p) - 1
	if points <= len(p) {
		return p
	}
	// diff[i] is the backward difference of order d-i at the last value
	diff := s.vectors(d)
	for i := range diff {
		diff[i].Sub(p[i+1], p[i])
	}
	for j := 1; j < d; j++ {
		for i := range d - j {
			diff[i].Sub(diff[i+1], diff[i])
		}
	}
	more := s.vectors(points - len(p))
	out := append(append(make([]fr.Vector, 0, points), p...), more...)
	for e := len(p); e < points; e++ {
		for i := 1; i < d; i++ {
			diff[i].Add(diff[i], diff[i-1])
		}
		if d == 0 {
			copy(out[e], out[e-1])
		} else {
			out[e].Add(out[e-1], diff[d-1])
		}
	}
	return out
}

// vectors takes n vectors of the workspace.
func (s *groupTree) vectors(n int) []fr.Vector {
	for len(s.free) < s.used+n {
		s.free = append(s.free, make(fr.Vector, groupChunk))
	}
	out := make([]fr.Vector, n)
	for i := range out {
		out[i] = s.free[s.used+i][:s.n]
	}
	s.used += n
	return out
}
