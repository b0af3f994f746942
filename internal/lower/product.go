package lower

import (
	"math"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// factor is one operand of einsum: an affine value, and the letter of each of its atoms.
type factor struct {
	v       *value
	letters []circuit.Letter
}

// einsum is the value  out[letters 0..] = sum over the other letters of A * B. lens are the lengths of all letters: the
// first len(atoms) are the output's. B should be the smaller operand, such as weights.
//
// A letter of the output that both operands hold gets a summed copy, tied by `same` (docs/protocol.md, section 2, rule 1).
// A summed letter that neither holds multiplies the sum by its length (rule 4).
func einsum(atoms, split []int, lens []int, fa, fb factor) *value {
	n := len(atoms)
	out := &value{atoms: atoms, split: split, inner: append([]int(nil), lens[n:]...), unit: fa.v.unit * fb.v.unit}
	k := circuit.Contraction{A: expr(renamed(fa))}
	eb := expr(renamed(fb))
	k.B = &eb
	copyOf := letters(len(lens))
	var count int64 = 1
	for l := range lens {
		inA, _ := holds(&circuit.Contraction{A: k.A}, circuit.Letter(l))
		inB, _ := holds(&circuit.Contraction{A: eb}, circuit.Letter(l))
		switch {
		case l < n && inA != 0 && inB != 0:
			out.inner = append(out.inner, lens[l])
			copyOf[l] = circuit.Letter(n + len(out.inner) - 1)
			k.R = append(k.R, circuit.AxisRelation{Kind: circuit.Same, Letters: []circuit.Letter{circuit.Letter(l), copyOf[l]}})
		case l >= n && inA == 0 && inB == 0:
			count *= int64(lens[l])
		}
	}
	k.A = mapExpr(k.A, copyOf)
	eb = mapExpr(eb, copyOf)
	for i := range k.A.Terms {
		k.A.Terms[i].Coef = mulChecked(k.A.Terms[i].Coef, count)
	}
	out.sums = []circuit.Contraction{k}
	terms := 1.0
	for _, d := range lens[n:] {
		terms *= float64(d)
	}
	lo, hi := intervalProduct(fa.v, fb.v)
	out.lo, out.hi = terms*lo, terms*hi
	out.bound = terms * fa.v.bound * fb.v.bound
	return out
}

// renamed are the terms of a factor over its letters.
func renamed(f factor) []circuit.Term {
	if len(f.v.sums) > 0 {
		panic("lower: internal error: an operand with contractions")
	}
	out := make([]circuit.Term, len(f.v.terms))
	for i, t := range f.v.terms {
		out[i] = mapTerm(t, f.letters)
	}
	return out
}

func intervalProduct(x, y *value) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, a := range []float64{x.lo, x.hi} {
		for _, b := range []float64{y.lo, y.hi} {
			lo, hi = min(lo, a*b), max(hi, a*b)
		}
	}
	return lo, hi
}

// multiply is the element-wise product of two affine values of equal layout: one bilinear contraction, nothing committed.
func (b *builder) multiply(x, y *value) *value {
	if !equalLayout(x, y) {
		panic("lower: internal error: factors of different layouts")
	}
	ls := letters(len(x.atoms))
	out := einsum(x.atoms, x.split, x.atoms, factor{y, ls}, factor{x, ls})
	if out.bits() > 62 {
		fail("a product of %d bits: use smaller scales", out.bits())
	}
	return out
}

// square tightens the interval of x * x.
func (b *builder) square(x *value) *value {
	out := b.multiply(x, x)
	out.lo = 0
	return out
}
