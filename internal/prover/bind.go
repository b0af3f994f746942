package prover

import (
	"math/bits"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/claims"
	"github.com/ezkl-go/ezkl/internal/parallel"
	"github.com/ezkl-go/ezkl/internal/poly"
)

// array is a tensor of field elements with a letter for each axis; dims are unpadded.
type array struct {
	letters []circuit.Letter
	dims    []int
	data    fr.Vector
}

// bindTerm is coef * block with the axes whose letters are in bound summed against eq of their points.
func bindTerm(rel *circuit.Relation, t *circuit.Term, values []int64, bound claims.Points) array {
	a := array{letters: append([]circuit.Letter(nil), t.Axes...)}
	for _, l := range t.Axes {
		a.dims = append(a.dims, rel.Letters[l].Len)
	}
	if t.Block == circuit.None {
		a.data = fr.Vector{fr.One()}
	} else {
		a.bindInts(values, bound)
	}
	for i := 0; i < len(a.letters); {
		if p := bound[a.letters[i]]; p != nil {
			a = a.contract(i, poly.EqTable(p, fr.One())[:a.dims[i]])
		} else {
			i++
		}
	}
	if t.Coef != 1 {
		var c fr.Element
		c.SetInt64(t.Coef)
		a.data.ScalarMul(a.data, &c)
	}
	return a
}

// bindInts binds the first bound axis on the integers, or turns them into field elements if none is bound.
func (a *array) bindInts(values []int64, bound claims.Points) {
	for i, l := range a.letters {
		if p := bound[l]; p != nil {
			outer, inner := circuit.Count(a.dims[:i]), circuit.Count(a.dims[i+1:])
			a.data = sumInts(values, poly.EqTable(p, fr.One())[:a.dims[i]], outer, inner)
			a.drop(i)
			return
		}
	}
	a.data = make(fr.Vector, len(values))
	for i, v := range values {
		if v != 0 {
			a.data[i].SetInt64(v)
		}
	}
}

func (a *array) drop(axis int) {
	a.letters = append(append([]circuit.Letter(nil), a.letters[:axis]...), a.letters[axis+1:]...)
	a.dims = append(append([]int(nil), a.dims[:axis]...), a.dims[axis+1:]...)
}

// contract sums an axis against weights.
func (a array) contract(axis int, w fr.Vector) array {
	outer, d, inner := circuit.Count(a.dims[:axis]), a.dims[axis], circuit.Count(a.dims[axis+1:])
	out := make(fr.Vector, outer*inner)
	for o := range outer {
		dst := out[o*inner : (o+1)*inner]
		if inner == 1 {
			dst[0] = poly.Dot(a.data[o*d:(o+1)*d], w)
			continue
		}
		t := make(fr.Vector, inner)
		for j := range d {
			src := a.data[(o*d+j)*inner : (o*d+j+1)*inner]
			t.ScalarMul(src, &w[j])
			dst.Add(dst, t)
		}
	}
	a.data = out
	a.drop(axis)
	return a
}

// sumInts is out[o,i] = sum_j w[j] v[o,j,i] for row-major integers v of |v| < 2^63, with one reduction for each output.
func sumInts(v []int64, w fr.Vector, outer, inner int) fr.Vector {
	out := make(fr.Vector, outer*inner)
	d := len(w)
	if inner == 1 {
		parallel.Ranges(outer, 1+4096/d, func(lo, hi int) {
			for o := lo; o < hi; o++ {
				var pos, neg wide
				for j, x := range v[o*d : (o+1)*d] {
					pos.add(&neg, &w[j], x)
				}
				out[o] = pos.difference(&neg)
			}
		})
		return out
	}
	const width = 32
	blocks := (inner + width - 1) / width
	parallel.Ranges(outer*blocks, 1+4096/(d*width), func(lo, hi int) {
		var pos, neg [width]wide
		for t := lo; t < hi; t++ {
			o, i0 := t/blocks, t%blocks*width
			n := min(width, inner-i0)
			clear(pos[:])
			clear(neg[:])
			for j := range d {
				at := (o*d+j)*inner + i0
				for i, x := range v[at : at+n] {
					pos[i].add(&neg[i], &w[j], x)
				}
			}
			for i := range n {
				out[o*inner+i0+i] = pos[i].difference(&neg[i])
			}
		}
	})
	return out
}

// wide accumulates products of field elements (in Montgomery form, not reduced) and 63-bit integers: up to 2^60 of them.
type wide [6]uint64

// add adds w*|x| to pos if x > 0, to neg if x < 0.
func (pos *wide) add(neg *wide, w *fr.Element, x int64) {
	if x == 0 {
		return
	}
	acc, u := pos, uint64(x)
	if x < 0 {
		acc, u = neg, uint64(-x)
	}
	h0, l0 := bits.Mul64(w[0], u)
	h1, l1 := bits.Mul64(w[1], u)
	h2, l2 := bits.Mul64(w[2], u)
	h3, l3 := bits.Mul64(w[3], u)
	var c uint64
	l1, c = bits.Add64(l1, h0, 0)
	l2, c = bits.Add64(l2, h1, c)
	l3, c = bits.Add64(l3, h2, c)
	h3 += c
	acc[0], c = bits.Add64(acc[0], l0, 0)
	acc[1], c = bits.Add64(acc[1], l1, c)
	acc[2], c = bits.Add64(acc[2], l2, c)
	acc[3], c = bits.Add64(acc[3], l3, c)
	acc[4], c = bits.Add64(acc[4], h3, c)
	acc[5] += c
}

var (
	shift256 = power2(256) // 2^256 and 2^320, to reduce the upper limbs
	shift320 = power2(320)
)

func power2(n int) fr.Element {
	x := fr.One()
	for range n {
		x.Double(&x)
	}
	return x
}

// difference is (pos - neg) reduced.
func (pos *wide) difference(neg *wide) fr.Element {
	a, b := pos.reduce(), neg.reduce()
	a.Sub(&a, &b)
	return a
}

// reduce reads the accumulator as the Montgomery form of an element.
func (x *wide) reduce() fr.Element {
	low := fr.Element{x[0], x[1], x[2], x[3]}
	for !smaller(&low) {
		subModulus(&low)
	}
	// limb * 2^256 as a Montgomery form is (limb as a raw form) * (2^256 as a number)
	h4, h5 := fr.Element{x[4]}, fr.Element{x[5]}
	h4.Mul(&h4, &shift256)
	h5.Mul(&h5, &shift320)
	low.Add(&low, &h4).Add(&low, &h5)
	return low
}

var modulus = func() (m [4]uint64) {
	for i, w := range fr.Modulus().Bits() {
		m[i] = uint64(w)
	}
	return
}()

func smaller(x *fr.Element) bool {
	for i := 3; i >= 0; i-- {
		if x[i] != modulus[i] {
			return x[i] < modulus[i]
		}
	}
	return false
}

func subModulus(x *fr.Element) {
	var b uint64
	for i := range x {
		x[i], b = bits.Sub64(x[i], modulus[i], b)
	}
}
