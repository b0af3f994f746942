package claims

import (
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/field"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/poly"
)

// Challenges are the verifier's coins up to sumcheck 1's end.
type Challenges struct {
	Alpha, Beta fr.Element
	Rho, Zeta   []fr.Element
	Gamma       fr.Element
	R           []fr.Element // sumcheck 1: inner variables and relation index, beside them columns and tables; z
}

// Weights are powers of gamma: one for each relation, each Z_g and Z_T; the last one, the same in all of them, multiplies
// sum_g sum_x h_g - sum_t h_T.
type Weights struct {
	Relation []fr.Element
	Group    []fr.Element
	Table    fr.Element
	Sum      fr.Element
}

// WeightsOf derives the powers of gamma.
func WeightsOf(lay *layout.Layout, gamma *fr.Element) Weights {
	relations := 0
	if !lay.Key {
		relations = len(lay.C.Relations)
	}
	n := relations + len(lay.Groups)
	w := field.Powers(gamma, n+2)
	return Weights{w[:relations], w[relations:n], w[n], w[n+1]}
}

// Group is gamma_g * eq * (h prod D_s - sum_s prod of the other D) + gamma_sum * h at one point: tags and fps are those
// of the group's slots, fps = in + beta*out (docs/protocol.md, section 3).
func Group(ch *Challenges, gamma, sum, eq, h *fr.Element, tags, fps []fr.Element) fr.Element {
	full := fr.One()
	var cross, betaSq fr.Element
	betaSq.Square(&ch.Beta)
	for i := range fps {
		var d fr.Element
		d.Mul(&betaSq, &tags[i]).Add(&d, &fps[i]).Sub(&ch.Alpha, &d)
		cross.Mul(&cross, &d).Add(&cross, &full)
		full.Mul(&full, &d)
	}
	full.Mul(&full, h).Sub(&full, &cross).Mul(&full, eq).Mul(&full, gamma)
	var s fr.Element
	s.Mul(sum, h)
	full.Add(&full, &s)
	return full
}

// Table is gamma_T * eq * (h_T (alpha - fp) - m) - gamma_sum * h_T at one point of the stacked table.
func Table(ch *Challenges, w *Weights, eq, h, m, id, in, out *fr.Element) fr.Element {
	var fp, t fr.Element
	fp.Mul(&ch.Beta, id).Add(&fp, out).Mul(&fp, &ch.Beta).Add(&fp, in)
	t.Sub(&ch.Alpha, &fp).Mul(&t, h).Sub(&t, m).Mul(&t, eq).Mul(&t, &w.Table)
	var s fr.Element
	s.Mul(&w.Sum, h)
	t.Sub(&t, &s)
	return t
}

// FinalTotal is sumcheck 1's polynomial, without its mask, at its point, from the claimed values in canonical order.
func FinalTotal(lay *layout.Layout, ch *Challenges, inst Instances, values []fr.Element) fr.Element {
	w := WeightsOf(lay, &ch.Gamma)
	parts := expressions(lay, ch, inst)
	next := func() fr.Element {
		v := values[0]
		values = values[1:]
		return v
	}
	side := func(claimed bool, e *expression) fr.Element {
		if claimed {
			return next()
		}
		return e.known
	}
	a := side(lay.ClaimA, &parts[0])
	b := side(lay.ClaimB, &parts[1])
	var total fr.Element
	index := poly.EqTable(layout.Index(lay, ch.R), fr.One())
	for j, at := range lay.Bilinear {
		v := bilinearWeight(lay, ch, &w, at)
		v.Mul(&v, &index[j])
		total.Add(&total, &v)
	}
	done := poly.Prod1(layout.Beyond(lay, ch.R))
	total.Mul(&total, &a).Mul(&total, &b).Mul(&total, &done)

	x, t := ch.R[:lay.HeightVars], ch.R[:lay.TableVars]
	done = poly.Prod1(ch.R[lay.HeightVars:lay.N1])
	eq := poly.Eq(ch.Zeta[:lay.HeightVars], x)
	for g, slots := range lay.Groups {
		h := next()
		tags, fps := make([]fr.Element, len(slots)), make([]fr.Element, len(slots))
		for i, s := range slots {
			tags[i] = lay.TagEval(s, x)
			fps[i] = next()
		}
		v := Group(ch, &w.Group[g], &w.Sum, &eq, &h, tags, fps)
		v.Mul(&v, &done)
		total.Add(&total, &v)
	}
	h, m := next(), next()
	var out fr.Element
	if lay.ClaimOut {
		out = next()
	}
	eq = poly.Eq(ch.Zeta[:lay.TableVars], t)
	id, in := lay.TableEval(t)
	v := Table(ch, &w, &eq, &h, &m, &id, &in, &out)
	done = poly.Prod1(ch.R[lay.TableVars:lay.N1])
	v.Mul(&v, &done)
	total.Add(&total, &v)
	z := fr.One()
	z.Sub(&z, &ch.R[len(ch.R)-1])
	total.Mul(&total, &z)
	return total
}

// bilinearWeight is w_j of a bilinear contraction at sumcheck 1's point: gamma_j, the lone output letters, the axis
// relations, and (1 - r) for every round between its last inner variable and the index.
func bilinearWeight(lay *layout.Layout, ch *Challenges, w *Weights, at layout.Bilinear) fr.Element {
	rel := &lay.C.Relations[at.Relation]
	k := &rel.Sum[at.Contraction]
	p := OutPoints(rel, ch.Rho).WithInner(rel, k, ch.R)
	v := Weight(rel, k, p)
	v.Mul(&v, &w.Relation[at.Relation])
	r := AxisProduct(rel, k, p)
	v.Mul(&v, &r)
	done := poly.Prod1(ch.R[rel.Vars(k.Inner):lay.InnerVars])
	v.Mul(&v, &done)
	return v
}
