package claims

import (
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/poly"
)

// Claim says that a functional of V has a value.
type Claim struct {
	F     Functional
	Value fr.Element
}

// expression is one of the expressions that sumcheck 1 ends on, at its point: a functional of V and a public part.
type expression struct {
	f       Functional
	known   fr.Element
	claimed bool
}

// Start is the functional F0 + sum of g1: what S, the first value of sumcheck 1, claims. The second result is its public
// part.
func Start(lay *layout.Layout, ch *Challenges, inst Instances) (Functional, fr.Element) {
	var f Functional
	var known fr.Element
	w := WeightsOf(lay, &ch.Gamma)
	for j := range w.Relation {
		rel := &lay.C.Relations[j]
		g, k := relationAt(lay, rel, ch.Rho, inst)
		f = append(f, g.Scale(&w.Relation[j])...)
		k.Mul(&k, &w.Relation[j])
		known.Add(&known, &k)
	}
	return append(f, maskTerm(lay, MaskSumWeights(lay.Degrees))), known
}

// maskTerm weighs the coefficients of g1 in the mask block.
func maskTerm(lay *layout.Layout, weights fr.Vector) Term {
	values := append(make(fr.Vector, lay.MaskG1), weights...)
	return Term{Coef: fr.One(), Offset: lay.Mask, Vars: lay.MaskVars, Values: lay.SpreadMask(values)}
}

// expressions lists them in canonical order: A, B (all bilinear contractions together); h_g and its slots, group by group;
// h_T, m and, if any table has outputs, out.
func expressions(lay *layout.Layout, ch *Challenges, inst Instances) []expression {
	out := make([]expression, 2, 2+lay.ClaimCount)
	index := poly.EqTable(layout.Index(lay, ch.R), fr.One())
	for j, at := range lay.Bilinear {
		rel := &lay.C.Relations[at.Relation]
		k := &rel.Sum[at.Contraction]
		p := OutPoints(rel, ch.Rho).WithInner(rel, k, ch.R)
		for side, e := range []*circuit.Expr{&k.A, k.B} {
			f, known := exprAt(lay, rel, e, p, inst)
			known.Mul(&known, &index[j])
			out[side].f = append(out[side].f, f.Scale(&index[j])...)
			out[side].known.Add(&out[side].known, &known)
		}
	}
	out[0].claimed, out[1].claimed = lay.ClaimA, lay.ClaimB
	one := fr.One()
	x, t := ch.R[:lay.HeightVars], ch.R[:lay.TableVars]
	add := func(f Functional) { out = append(out, expression{f: f, claimed: true}) }
	for g, slots := range lay.Groups {
		add(Functional{Point(one, lay.Helpers[g], x)})
		for _, s := range slots {
			f := Functional{Point(one, lay.Slots[s].In, x)}
			if lay.Slots[s].Out != circuit.None {
				f = append(f, Point(ch.Beta, lay.Slots[s].Out, x))
			}
			add(f)
		}
	}
	add(Functional{Point(one, lay.HT, t)})
	add(Functional{Point(one, lay.M, t)})
	if lay.ClaimOut {
		var f Functional
		for i := range lay.Tables {
			if lay.Tables[i].Out == circuit.None {
				continue
			}
			k := circuit.Log2Ceil(lay.Tables[i].Size)
			f = append(f, Point(poly.EqIndex(lay.TableAt[i]>>k, t[k:]), lay.At[lay.Tables[i].Out], t[:k]))
		}
		add(f)
	}
	return out
}

// All lists every claim of a proof in canonical order: the claimed expressions extended by their masks,
// (1-r_z) A(r) + r_z u; then S; then g1 at the point. last is sumcheck 1's last value.
func All(lay *layout.Layout, ch *Challenges, inst Instances, values []fr.Element, s, last *fr.Element) []Claim {
	rz := ch.R[len(ch.R)-1]
	rest := fr.One()
	rest.Sub(&rest, &rz)
	var out []Claim
	i := 0
	for _, e := range expressions(lay, ch, inst) {
		if !e.claimed {
			continue
		}
		v := e.known
		v.Mul(&v, &rest).Sub(&values[i], &v)
		u := Term{Coef: rz, Offset: lay.Mask + lay.MaskAt[i]}
		out = append(out, Claim{append(e.f.Scale(&rest), u), v})
		i++
	}
	start, known := Start(lay, ch, inst)
	var v fr.Element
	v.Sub(s, &known)
	out = append(out, Claim{start, v})
	v = FinalTotal(lay, ch, inst, values)
	v.Sub(last, &v)
	return append(out, Claim{Functional{maskTerm(lay, MaskWeights(lay.Degrees, ch.R))}, v})
}
