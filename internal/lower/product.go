package lower

import (
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// factor is one operand of einsum: an affine value or a selection of one (operand.go), and the letter of each of its atoms.
type factor struct {
	v       *value
	letters []circuit.Letter
}

// einsum is the value  out[letters 0..] = sum over the other letters of A * B. lens are the lengths of all letters: the
// first len(atoms) are the output's. B should be the smaller operand, such as weights.
//
// A letter of the output that both operands hold gets a summed copy, tied by `same` (docs/protocol.md, section 2, rule 1).
// A summed letter that neither holds multiplies the sum by its length (rule 4). The axis relations of selections are the product's,
// on letters of their own.
func einsum(atoms, split []int, lens []int, fa, fb factor) *value {
	n := len(atoms)
	out := &value{atoms: atoms, split: split, inner: append([]int(nil), lens[n:]...), unit: fa.v.unit * fb.v.unit}
	k := circuit.Contraction{}
	k.A = out.hold(&k, fa)
	eb := out.hold(&k, fb)
	k.B = &eb
	copyOf := letters(n + len(out.inner))
	var count int64 = 1
	for l := range lens {
		in := func(ls []circuit.Letter) bool { return slices.Contains(ls, circuit.Letter(l)) }
		inA, inB := in(k.A.Letters), in(eb.Letters)
		inR := slices.ContainsFunc(k.R, func(r circuit.AxisRelation) bool { return in(r.Letters) })
		switch {
		case inR && l < n && (inA || inB):
			panic("lower: internal error: a selection along an axis that both factors have")
		case l < n && inA && inB:
			out.inner = append(out.inner, lens[l])
			copyOf[l] = circuit.Letter(n + len(out.inner) - 1)
			k.R = append(k.R, circuit.AxisRelation{Kind: circuit.Same, Letters: []circuit.Letter{circuit.Letter(l), copyOf[l]}})
		case l >= n && !inA && !inB && !inR:
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

// hold is a factor's expression over the product's letters. The summed letters of a selection are added to v's, its axis relations
// to k's.
func (v *value) hold(k *circuit.Contraction, f factor) circuit.Expr {
	if len(f.v.sums) == 0 {
		var terms []circuit.Term
		for _, t := range f.v.terms {
			terms = append(terms, mapTerm(t, f.letters))
		}
		return expr(terms)
	}
	if !f.v.selects() {
		panic("lower: internal error: an operand with contractions")
	}
	to := slices.Clone(f.letters)
	for _, d := range f.v.inner {
		v.inner = append(v.inner, d)
		to = append(to, circuit.Letter(len(v.atoms)+len(v.inner)-1))
	}
	c := mapContraction(f.v.sums[0], to)
	k.R = append(k.R, c.R...)
	return c.A
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

// multiply is the element-wise product of two affine values or selections of equal layout: one bilinear contraction, nothing
// committed.
func (b *builder) multiply(x, y *value) *value {
	if !equalLayout(x, y) {
		panic("lower: internal error: factors of different layouts")
	}
	if len(x.sums) > 0 { // the prover sums a selection first in A
		x, y = y, x
	}
	ls := letters(len(x.atoms))
	out := b.bilinear(x.atoms, x.split, x.atoms, factor{y, ls}, factor{x, ls})
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
