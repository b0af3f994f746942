package prover

import (
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/claims"
	"github.com/ezkl-go/ezkl/internal/layout"
	"github.com/ezkl-go/ezkl/internal/poly"
)

// part is one summand of sumcheck 1.
type part interface {
	vars() int
	round() []fr.Element // coefficients of the round polynomial in the current variable
	fold(x *fr.Element)
}

// summand runs a part and, after its last variable, its value times prod (1 - x).
type summand struct {
	part
	done  fr.Element // the value, once all variables are bound
	ended bool
}

// sumcheck1 proves the batched sum over all summands, extended by z, plus the mask g1.
type sumcheck1 struct {
	lay          *layout.Layout
	ch           *claims.Challenges
	w            claims.Weights
	contractions []*contraction
	groups       []*group
	numbered     *numbered
	table        *table
	mask         maskPoly
	u            []fr.Element
	send         func(coeffs []fr.Element) fr.Element // sends a round, returns its challenge
}

// maskPoly is a_0 + sum_j sum_e a_{j,e} x_j^e.
type maskPoly struct {
	coeffs  []fr.Element
	degrees []int
}

// round is the mask's round polynomial j, summed over the later variables, the earlier ones bound to r.
func (m *maskPoly) round(j int, r []fr.Element) []fr.Element {
	rest := len(m.degrees) - j - 1
	at := 1
	constant := m.coeffs[0]
	var later fr.Element
	var mine []fr.Element
	for i, d := range m.degrees {
		part := m.coeffs[at : at+d]
		at += d
		switch {
		case i < j:
			v := poly.Horner(part, &r[i])
			v.Mul(&v, &r[i])
			constant.Add(&constant, &v)
		case i == j:
			mine = part
		default:
			for k := range part {
				later.Add(&later, &part[k])
			}
		}
	}
	scale := fr.One() // 2^rest; each later variable's sum counts half of it
	for range rest {
		scale.Double(&scale)
	}
	constant.Mul(&constant, &scale)
	if rest > 0 {
		half := scale
		half.Halve()
		later.Mul(&later, &half)
		constant.Add(&constant, &later)
	}
	out := []fr.Element{constant}
	for k := range mine {
		var v fr.Element
		v.Mul(&mine[k], &scale)
		out = append(out, v)
	}
	return out
}

// addTo adds a polynomial, times scale, to another of at least its degree; zero coefficients above are dropped.
func addTo(dst, src []fr.Element, scale *fr.Element) {
	for i := range src {
		if i >= len(dst) {
			continue // a factor absent in this circuit: the coefficient is 0
		}
		var t fr.Element
		t.Mul(&src[i], scale)
		dst[i].Add(&dst[i], &t)
	}
}

// run proves all rounds and returns the claimed values, masked, in canonical order.
func (s *sumcheck1) run() []fr.Element {
	var all []*summand
	for _, c := range s.contractions {
		all = append(all, &summand{part: c})
	}
	for _, g := range s.groups {
		all = append(all, &summand{part: g})
	}
	all = append(all, &summand{part: s.table})
	one := fr.One()
	for j := range s.lay.N1 + 1 {
		for _, p := range all {
			if p.vars() == j {
				p.end(s)
			}
		}
		if j == s.lay.InnerVars { // from here on the contractions are one summand
			s.numbered = s.number()
			first := &summand{part: s.numbered}
			if first.vars() == j {
				first.end(s)
			}
			all = append([]*summand{first}, all[len(s.contractions):]...)
		}
		if j == s.lay.N1 {
			break
		}
		out := make([]fr.Element, s.lay.Degrees[j]+1)
		for _, p := range all {
			if p.ended {
				out[0].Add(&out[0], &p.done)
				out[1].Sub(&out[1], &p.done)
			} else {
				addTo(out, p.round(), &one)
			}
		}
		x := s.round(j, out)
		var rest fr.Element
		rest.Sub(&one, &x)
		for _, p := range all {
			if p.ended {
				p.done.Mul(&p.done, &rest)
			} else {
				p.fold(&x)
			}
		}
	}
	return s.zRound()
}

// round adds the mask, sends the round and records its challenge.
func (s *sumcheck1) round(j int, out []fr.Element) fr.Element {
	one := fr.One()
	addTo(out, s.mask.round(j, s.ch.R), &one)
	x := s.send(out)
	s.ch.R = append(s.ch.R, x)
	return x
}

// end takes a part's value after its last variable.
func (p *summand) end(s *sumcheck1) {
	p.ended = true
	switch t := p.part.(type) {
	case *contraction:
		a, b, w := t.ends()
		p.done.Mul(&a, &b).Mul(&p.done, &w)
	case *numbered:
		p.done.Mul(&t.a[0], &t.b[0]).Mul(&p.done, &t.w[0])
	case *group:
		p.done = groupValue(t)
	case *table:
		var v fr.Element
		v.Mul(&t.h[0], &t.f[0]).Sub(&v, &t.m[0]).Mul(&v, &t.scale).Mul(&v, &t.gamma)
		p.done.Mul(&t.sum, &t.h[0])
		p.done.Sub(&v, &p.done)
	}
}

// groupValue is a group's summand at its point.
func groupValue(t *group) fr.Element {
	full := fr.One()
	var cross fr.Element
	for i := range t.d {
		cross.Mul(&cross, &t.d[i][0]).Add(&cross, &full)
		full.Mul(&full, &t.d[i][0])
	}
	full.Mul(&full, &t.h[0]).Sub(&full, &cross).Mul(&full, &t.scale).Mul(&full, &t.gamma)
	cross.Mul(&t.sum, &t.h[0])
	full.Add(&full, &cross)
	return full
}

// numbered are the bilinear contractions, their inner variables bound, as one sum over their numbers: w_j A_j B_j.
type numbered struct {
	w, a, b fr.Vector
	n       int // rounds until all is bound
}

// number makes it.
func (s *sumcheck1) number() *numbered {
	q := 1 << s.lay.IndexVars
	t := &numbered{make(fr.Vector, q), make(fr.Vector, q), make(fr.Vector, q), s.lay.InnerVars + s.lay.IndexVars}
	for i, c := range s.contractions {
		a, b, w := c.ends()
		done := poly.Prod1(s.ch.R[c.vars():s.lay.InnerVars])
		t.a[i], t.b[i] = a, b
		t.w[i].Mul(&w, &done)
	}
	return t
}

func (t *numbered) vars() int { return t.n }

func (t *numbered) round() []fr.Element { return roundThree(t.a, t.b, t.w) }

func (t *numbered) fold(x *fr.Element) {
	t.a, t.b, t.w = foldVector(t.a, x), foldVector(t.b, x), foldVector(t.w, x)
}

// zRound hides the final values: each claimed value A becomes (1-z) A + z u.
func (s *sumcheck1) zRound() []fr.Element {
	lay := s.lay
	a, b := s.numbered.a[0], s.numbered.b[0]
	done := poly.Prod1(layout.Beyond(lay, s.ch.R))
	w := s.numbered.w[0]
	w.Mul(&w, &done)
	var ends []fr.Element
	if lay.ClaimA {
		ends = append(ends, a)
	}
	if lay.ClaimB {
		ends = append(ends, b)
	}
	for _, g := range s.groups {
		ends = append(ends, g.h[0])
		for i := range g.d {
			ends = append(ends, g.d[i][0]) // a denominator; turned into in + beta*out below
		}
	}
	ends = append(ends, s.table.h[0], s.table.m[0])
	// from denominators to claimed fingerprints: fp = alpha - beta^2 tag - D
	var betaSq fr.Element
	betaSq.Square(&s.ch.Beta)
	k := boolInt(lay.ClaimA) + boolInt(lay.ClaimB)
	tags := make([][]fr.Element, len(lay.Groups))
	x := s.ch.R[:lay.HeightVars]
	for g, slots := range lay.Groups {
		k++
		for _, slot := range slots {
			tag := lay.TagEval(slot, x)
			tags[g] = append(tags[g], tag)
			var t fr.Element
			t.Mul(&betaSq, &tag)
			ends[k].Sub(&s.ch.Alpha, &ends[k]).Sub(&ends[k], &t)
			k++
		}
	}
	id, in := lay.TableEval(s.ch.R[:lay.TableVars])
	if lay.ClaimOut { // F = alpha - in - beta*out - beta^2 id
		var out, t fr.Element
		t.Mul(&betaSq, &id)
		out.Sub(&s.ch.Alpha, &s.table.f[0]).Sub(&out, &in).Sub(&out, &t)
		t.Inverse(&s.ch.Beta)
		out.Mul(&out, &t)
		ends = append(ends, out)
	}
	hidden := func(z *fr.Element) []fr.Element {
		out := make([]fr.Element, len(ends))
		for i := range ends {
			out[i].Sub(&s.u[i], &ends[i]).Mul(&out[i], z).Add(&out[i], &ends[i])
		}
		return out
	}
	n := len(lay.Degrees) - 1
	evals := make([]fr.Element, lay.Degrees[n]+1)
	for i := range evals {
		z := fr.NewElement(uint64(i))
		evals[i] = s.combined(hidden(&z), &a, &b, &w, tags, &id, &in, &z)
	}
	z := s.round(n, interpolate(evals))
	return hidden(&z)
}

// combined is the batched sum at the point (bound variables, z), from masked values.
func (s *sumcheck1) combined(values []fr.Element, a, b, w *fr.Element, tags [][]fr.Element, id, in, z *fr.Element) fr.Element {
	lay := s.lay
	next := func() *fr.Element {
		v := &values[0]
		values = values[1:]
		return v
	}
	if lay.ClaimA {
		a = next()
	}
	if lay.ClaimB {
		b = next()
	}
	var total fr.Element
	total.Mul(a, b).Mul(&total, w)
	for g, slots := range lay.Groups {
		h := next()
		fps := make([]fr.Element, len(slots))
		for i := range fps {
			fps[i] = *next()
		}
		v := claims.Group(s.ch, &s.groups[g].gamma, &s.w.Sum, &s.groups[g].scale, h, tags[g], fps)
		done := poly.Prod1(s.ch.R[lay.HeightVars:lay.N1])
		v.Mul(&v, &done)
		total.Add(&total, &v)
	}
	h, m := next(), next()
	var out fr.Element
	if lay.ClaimOut {
		out = *next()
	}
	v := claims.Table(s.ch, &s.w, &s.table.scale, h, m, id, in, &out)
	done := poly.Prod1(s.ch.R[lay.TableVars:lay.N1])
	v.Mul(&v, &done)
	total.Add(&total, &v)
	rest := fr.One()
	rest.Sub(&rest, z)
	total.Mul(&total, &rest)
	return total
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
