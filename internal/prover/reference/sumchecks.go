package reference

import (
	"slices"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/circuit"
)

// part is a summand of sumcheck 1: at every index of its variables, combine of the claimed and the public tables.
type part struct {
	vars            int
	claimed, public []fr.Vector
	combine         func(claimed, public []fr.Element) fr.Element
}

// at is the summand with the tables' first entries.
func (p *part) at(i int, claimed, public []fr.Vector) fr.Element {
	pick := func(ts []fr.Vector) []fr.Element {
		out := make([]fr.Element, len(ts))
		for j := range ts {
			out[j] = ts[j][i]
		}
		return out
	}
	return p.combine(pick(claimed), pick(public))
}

func foldAll(ts []fr.Vector, x fr.Element) []fr.Vector {
	out := make([]fr.Vector, len(ts))
	for i := range ts {
		out[i] = fold(ts[i], x)
	}
	return out
}

// overInner is a function of a relation's indices, its output letters `held` summed against eq(rho), over all inner
// letters, the first one lowest.
func (r *run) overInner(rel *circuit.Relation, k *circuit.Contraction, held []circuit.Letter, f func(at indices) fr.Element) fr.Vector {
	inner := slices.Clone(k.Inner)
	slices.Reverse(inner)
	var out []circuit.Letter
	for _, l := range rel.Out {
		if slices.Contains(held, l) {
			out = append(out, l)
		}
	}
	var mine []circuit.Letter // inner letters that matter
	for _, l := range inner {
		if slices.Contains(held, l) {
			mine = append(mine, l)
		}
	}
	eq := r.letterEq(rel, k)
	table := make(fr.Vector, 1<<rel.Vars(mine))
	at := make(indices, len(rel.Letters))
	at.each(rel, mine, func() {
		var total fr.Element
		at.each(rel, out, func() {
			v := f(at)
			for _, l := range out {
				v = mul(v, eq[l][at[l]])
			}
			total = add(total, v)
		})
		table[at.flat(rel, mine)] = total
	})
	full := make(fr.Vector, 1<<rel.Vars(inner))
	at.each(rel, inner, func() { full[at.flat(rel, inner)] = table[at.flat(rel, mine)] })
	return full
}

// parts lists the summands: bilinear contractions, groups, the table.
func (r *run) parts() []*part {
	lay := r.lay
	var out []*part
	for _, b := range lay.Bilinear {
		rel := &lay.C.Relations[b.Relation]
		k := &rel.Sum[b.Contraction]
		weight := pow(r.ch.Gamma, b.Relation)
		for _, l := range lone(rel, k) { // lt(d, rho)
			var lt fr.Element
			for _, w := range r.letterEq(rel, k)[l][:rel.Letters[l].Len] {
				lt = add(lt, w)
			}
			weight = mul(weight, lt)
		}
		p := &part{vars: rel.Vars(k.Inner)}
		for _, e := range []*circuit.Expr{&k.A, k.B} {
			p.claimed = append(p.claimed, r.overInner(rel, k, e.Letters, func(at indices) fr.Element { return r.value(rel, e, at) }))
		}
		for i, t := range axisTables(rel, k) {
			letters := k.R[i].Letters
			p.public = append(p.public, r.overInner(rel, k, letters, func(at indices) fr.Element {
				if t[at.flat(rel, letters)] {
					return one
				}
				return fr.Element{}
			}))
		}
		p.combine = func(claimed, public []fr.Element) fr.Element {
			v := weight
			for _, x := range append(claimed, public...) {
				v = mul(v, x)
			}
			return v
		}
		out = append(out, p)
	}
	relations := 0
	if !lay.Key {
		relations = len(lay.C.Relations)
	}
	sumWeight := pow(r.ch.Gamma, relations+len(lay.Groups)+1)
	for g, slots := range lay.Groups {
		p := &part{vars: lay.HeightVars, public: []fr.Vector{eqTable(r.ch.Zeta[:lay.HeightVars])}}
		p.claimed = append(p.claimed, r.V[lay.Helpers[g]:][:1<<lay.HeightVars])
		for _, s := range slots {
			tag, in, out := r.slot(s)
			p.public = append(p.public, tag)
			p.claimed = append(p.claimed, polyAdd(in, out, r.ch.Beta))
		}
		weight := pow(r.ch.Gamma, relations+g)
		p.combine = func(claimed, public []fr.Element) fr.Element {
			h, all := claimed[0], one
			var others fr.Element
			for s := range slots {
				all = mul(all, r.fingerprint(public[1+s], claimed[1+s], fr.Element{}))
				rest := one
				for t := range slots {
					if t != s {
						rest = mul(rest, r.fingerprint(public[1+t], claimed[1+t], fr.Element{}))
					}
				}
				others = add(others, rest)
			}
			return add(mul(weight, mul(public[0], sub(mul(h, all), others))), mul(sumWeight, h))
		}
		out = append(out, p)
	}
	id, in, outs := r.tableColumns()
	n := 1 << lay.TableVars
	p := &part{vars: lay.TableVars, public: []fr.Vector{eqTable(r.ch.Zeta[:lay.TableVars]), id, in}}
	p.claimed = []fr.Vector{r.V[lay.HT:][:n], r.V[lay.M:][:n]}
	if lay.ClaimOut {
		p.claimed = append(p.claimed, outs)
	}
	weight := pow(r.ch.Gamma, relations+len(lay.Groups))
	p.combine = func(claimed, public []fr.Element) fr.Element {
		var out fr.Element
		if lay.ClaimOut {
			out = claimed[2]
		}
		zero := sub(mul(claimed[0], r.fingerprint(public[1], public[2], out)), claimed[1])
		return sub(mul(weight, mul(public[0], zero)), mul(sumWeight, claimed[0]))
	}
	return append(out, p)
}

// maskRound is round j of the mask a_0 + sum_j sum_e a_{j,e} x_j^e, at x, summed over the later variables.
func maskRound(coeffs []fr.Element, degrees []int, j int, bound []fr.Element, x fr.Element) fr.Element {
	rest := len(degrees) - j - 1
	fixed := coeffs[0] // what does not depend on the later variables
	var later fr.Element
	at := 1
	for i, d := range degrees {
		for e := 1; e <= d; e++ {
			switch {
			case i < j:
				fixed = add(fixed, mul(coeffs[at], pow(bound[i], e)))
			case i == j:
				fixed = add(fixed, mul(coeffs[at], pow(x, e)))
			default: // 1 at x_i = 1, 0 at 0: half of the 2^rest points
				later = add(later, coeffs[at])
			}
			at++
		}
	}
	total := mul(fixed, pow(integer(2), rest))
	if rest > 0 {
		total = add(total, mul(later, pow(integer(2), rest-1)))
	}
	return total
}

// round sends a round polynomial, given by its values at 0, 1, .., and returns the challenge.
func (r *run) round(label string, values []fr.Element) fr.Element {
	c := coefficients(values)
	r.scalars(label, append([]fr.Element{c[0]}, c[2:]...)...)
	return r.challenge(label)
}

// numbered makes of the bilinear contractions, whose inner variables are bound, one summand over their numbers: w_j A_j B_j.
func (r *run) numbered(parts []*part, R []fr.Element) *part {
	n := 1 << r.lay.IndexVars
	w, a, b := make(fr.Vector, n), make(fr.Vector, n), make(fr.Vector, n)
	for j, p := range parts {
		public := make([]fr.Element, len(p.public))
		for i := range public {
			public[i] = p.public[i][0]
		}
		w[j] = mul(finished(R, p.vars, r.lay.InnerVars), p.combine(nil, public))
		a[j], b[j] = p.claimed[0][0], p.claimed[1][0]
	}
	return &part{vars: r.lay.InnerVars + r.lay.IndexVars, claimed: []fr.Vector{a, b}, public: []fr.Vector{w},
		combine: func(claimed, public []fr.Element) fr.Element { return mul(public[0], mul(claimed[0], claimed[1])) }}
}

// sumcheck1 proves the batched sum and returns the claimed values.
func (r *run) sumcheck1() []fr.Element {
	lay := r.lay
	u, g1 := r.maskValues()
	r.ch.R = nil
	parts := r.parts()
	var R []fr.Element
	send := func(values []fr.Element) {
		for x := range values {
			values[x] = add(values[x], maskRound(g1, lay.Degrees, len(R), R, integer(int64(x))))
		}
		R = append(R, r.round("round1", values))
	}
	J := len(lay.Bilinear)
	for j := range lay.N1 + 1 {
		if j == lay.InnerVars {
			parts = append([]*part{r.numbered(parts[:J], R)}, parts[J:]...)
		}
		if j == lay.N1 {
			break
		}
		values := make([]fr.Element, lay.Degrees[j]+1)
		for _, p := range parts {
			for x := range values {
				xe := integer(int64(x))
				if j >= p.vars {
					done := mul(finished(R, p.vars, j), sub(one, xe))
					values[x] = add(values[x], mul(done, p.at(0, p.claimed, p.public)))
					continue
				}
				claimed, public := foldAll(p.claimed, xe), foldAll(p.public, xe)
				for i := range 1 << (p.vars - j - 1) {
					values[x] = add(values[x], p.at(i, claimed, public))
				}
			}
		}
		send(values)
		for _, p := range parts {
			if j < p.vars {
				p.claimed, p.public = foldAll(p.claimed, R[j]), foldAll(p.public, R[j])
			}
		}
	}
	// z: a claimed value A becomes (1-z) A + z u
	a, b := parts[0].claimed[0][0], parts[0].claimed[1][0]
	var ends []fr.Element
	if lay.ClaimA {
		ends = append(ends, a)
	}
	if lay.ClaimB {
		ends = append(ends, b)
	}
	for _, p := range parts[1:] {
		for _, t := range p.claimed {
			ends = append(ends, t[0])
		}
	}
	hidden := func(z fr.Element) []fr.Element {
		out := make([]fr.Element, len(ends))
		for i := range out {
			out[i] = add(mul(sub(one, z), ends[i]), mul(z, u[i]))
		}
		return out
	}
	values := make([]fr.Element, lay.Degrees[len(lay.Degrees)-1]+1)
	for z := range values {
		ze := integer(int64(z))
		vs := hidden(ze)
		next := func(n int) []fr.Element {
			out := vs[:n]
			vs = vs[n:]
			return out
		}
		av, bv := a, b
		if lay.ClaimA {
			av = next(1)[0]
		}
		if lay.ClaimB {
			bv = next(1)[0]
		}
		var total fr.Element
		for i, p := range parts {
			public := make([]fr.Element, len(p.public))
			for i := range public {
				public[i] = p.public[i][0]
			}
			claimed := []fr.Element{av, bv}
			if i > 0 {
				claimed = next(len(p.claimed))
			}
			total = add(total, mul(finished(R, p.vars, lay.N1), p.combine(claimed, public)))
		}
		values[z] = mul(sub(one, ze), total)
	}
	send(values)
	r.ch.R = R
	return hidden(R[len(R)-1])
}

// sumcheck2 proves sum V E + mu g2. It returns mu, the point, and E there.
func (r *run) sumcheck2(e fr.Vector) (mu fr.Element, point []fr.Element, atPoint fr.Element) {
	n := r.lay.N
	g2, degrees := r.V[r.lay.G2At():][:r.lay.G2Size()], make([]int, n)
	for i := range degrees {
		degrees[i] = 2
	}
	half := pow(integer(2), n-1)
	sum := mul(g2[0], pow(integer(2), n))
	for _, c := range g2[1:] {
		sum = add(sum, mul(half, c))
	}
	r.scalars("G2", sum)
	mu = r.challenge("mu")
	t := slices.Clone(r.V)
	for j := range n {
		values := make([]fr.Element, 3)
		for x := range values {
			xe := integer(int64(x))
			values[x] = add(dot(fold(t, xe), fold(e, xe)), mul(mu, maskRound(g2, degrees, j, point, xe)))
		}
		x := r.round("round2", values)
		point = append(point, x)
		t, e = fold(t, x), fold(e, x)
	}
	return mu, point, e[0]
}
