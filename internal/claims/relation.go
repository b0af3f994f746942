package claims

import (
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/poly"
)

// Instances are the padded entries of the Public blocks, by block; nil for others.
type Instances []fr.Vector

// Points are the coordinates of each letter of a relation; nil for letters without any yet.
type Points [][]fr.Element

// split hands out the coordinates of r to letters, the first letter first.
func (p Points) split(rel *circuit.Relation, letters []circuit.Letter, r []fr.Element) {
	for _, l := range letters {
		k := circuit.Log2Ceil(rel.Letters[l].Len)
		p[l], r = append(make([]fr.Element, 0, k), r[:k]...), r[k:] // never nil, even without coordinates
	}
}

// OutPoints binds the output letters to rho: row-major, the last letter has the lowest coordinates.
func OutPoints(rel *circuit.Relation, rho []fr.Element) Points {
	p := make(Points, len(rel.Letters))
	out := slices.Clone(rel.Out)
	slices.Reverse(out)
	p.split(rel, out, rho)
	return p
}

// WithInner is p with the inner letters of a contraction bound to r, the first letter first.
func (p Points) WithInner(rel *circuit.Relation, k *circuit.Contraction, r []fr.Element) Points {
	q := slices.Clone(p)
	q.split(rel, k.Inner, r)
	return q
}

// blockPoint is the point of a block: the letters of its axes, the last axis lowest.
func (p Points) blockPoint(axes []circuit.Letter) []fr.Element {
	var out []fr.Element
	for i := len(axes) - 1; i >= 0; i-- {
		out = append(out, p[axes[i]]...)
	}
	return out
}

// exprAt is an expression at the points of its letters: a functional of V and a public part.
func exprAt(lay *layout.Layout, rel *circuit.Relation, e *circuit.Expr, p Points, inst Instances) (Functional, fr.Element) {
	var f Functional
	var known fr.Element
	for i := range e.Terms {
		t := &e.Terms[i]
		var coef fr.Element
		coef.SetInt64(t.Coef)
		for _, l := range e.Letters {
			if !slices.Contains(t.Axes, l) {
				lt := poly.Lt(rel.Letters[l].Len, p[l])
				coef.Mul(&coef, &lt)
			}
		}
		switch {
		case t.Block == circuit.None:
			known.Add(&known, &coef)
		case inst[t.Block] != nil:
			v := poly.Eval(inst[t.Block], p.blockPoint(t.Axes))
			v.Mul(&v, &coef)
			known.Add(&known, &v)
		default:
			f = append(f, Point(coef, lay.At[t.Block], p.blockPoint(t.Axes)))
		}
	}
	return f, known
}

// relationAt is LHS minus the linear contractions of a relation, at the output point.
func relationAt(lay *layout.Layout, rel *circuit.Relation, rho []fr.Element, inst Instances) (Functional, fr.Element) {
	p := OutPoints(rel, rho)
	f, known := exprAt(lay, rel, &rel.LHS, p, inst)
	for i := range rel.Sum {
		k := &rel.Sum[i]
		if k.B != nil {
			continue
		}
		for j := range k.A.Terms {
			t := linearTerm(rel, k, &k.A.Terms[j], p)
			t.Coef.Neg(&t.Coef)
			switch b := k.A.Terms[j].Block; {
			case b == circuit.None:
				one := t.Dense()
				known.Add(&known, &one[0])
			case inst[b] != nil:
				v := poly.Dot(t.Dense(), inst[b])
				known.Add(&known, &v)
			default:
				t.Offset = lay.At[b]
				f = append(f, t)
			}
		}
	}
	return f, known
}

// linearTerm is one term of a linear contraction as weights on its block (docs/protocol.md, section 2): the sum, over the
// letters outside the term's axes, of the axis relations and of eq on the output letters.
func linearTerm(rel *circuit.Relation, k *circuit.Contraction, term *circuit.Term, p Points) Term {
	out := Term{}
	out.Coef.SetInt64(term.Coef)
	axisOf := func(l circuit.Letter) int {
		if i := slices.Index(term.Axes, l); i >= 0 {
			return len(term.Axes) - 1 - i // axes of a Term are listed lowest first
		}
		return -1
	}
	coupled := make([]bool, len(rel.Letters))
	for i := range k.R {
		r := &k.R[i]
		c := Coupling{Rel: r, Letters: rel.Letters}
		for _, l := range r.Letters {
			coupled[l] = true
			c.Axis = append(c.Axis, axisOf(l))
			var table fr.Vector
			if slices.Contains(rel.Out, l) {
				table = poly.EqTable(p[l], fr.One())
			}
			c.Out = append(c.Out, table)
		}
		out.Couplings = append(out.Couplings, c)
	}
	for i := len(term.Axes) - 1; i >= 0; i-- {
		l := term.Axes[i]
		a := AxisWeight{Vars: circuit.Log2Ceil(rel.Letters[l].Len)}
		if !coupled[l] && slices.Contains(rel.Out, l) {
			a.Point = p[l]
			if a.Vars == 0 {
				a.Point = []fr.Element{}
			}
		}
		out.Vars += a.Vars
		out.Axes = append(out.Axes, a)
	}
	scale := func(v fr.Element) { out.Coef.Mul(&out.Coef, &v) }
	for l := range rel.Letters {
		letter := circuit.Letter(l)
		if coupled[l] || axisOf(letter) >= 0 {
			continue
		}
		switch {
		case slices.Contains(rel.Out, letter): // broadcast, or held by no factor
			scale(poly.Lt(rel.Letters[l].Len, p[l]))
		case slices.Contains(k.Inner, letter): // summed
			scale(fr.NewElement(uint64(rel.Letters[l].Len)))
		}
	}
	return out
}

// Weight is the public factor of a bilinear contraction: lt(d, rho) for each output letter that no factor holds.
func Weight(rel *circuit.Relation, k *circuit.Contraction, p Points) fr.Element {
	w := fr.One()
	held := rel.Holders(k)
	for _, l := range rel.Out {
		if held[l] == 0 {
			lt := poly.Lt(rel.Letters[l].Len, p[l])
			w.Mul(&w, &lt)
		}
	}
	return w
}

// AxisProduct is the product of a contraction's axis relations at the points of their letters.
func AxisProduct(rel *circuit.Relation, k *circuit.Contraction, p Points) fr.Element {
	acc := fr.One()
	for i := range k.R {
		tables := make([]fr.Vector, len(k.R[i].Letters))
		for j, l := range k.R[i].Letters {
			tables[j] = poly.EqTable(p[l], fr.One())
		}
		c := Coupling{Rel: &k.R[i], Letters: rel.Letters, Out: tables, Axis: make([]int, len(tables))}
		for j := range c.Axis {
			c.Axis[j] = -1
		}
		v := c.eval(nil)
		acc.Mul(&acc, &v)
	}
	return acc
}
