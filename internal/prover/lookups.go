package prover

import (
	"sync"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/claims"
	"github.com/ezkl-go/ezkl/internal/field"
	"github.com/ezkl-go/ezkl/internal/parallel"
	"github.com/ezkl-go/ezkl/internal/poly"
)

// zeroCheck is what group and table summands share: eq(zeta, x) as a product of a factor for each variable, so that the
// round polynomial is (linear eq factor) * (inner polynomial).
type zeroCheck struct {
	zeta  []fr.Element
	eq    []fr.Vector // eq[j]: table of eq over the variables after j
	scale fr.Element  // eq of the bound variables
	j     int
}

func newZeroCheck(zeta []fr.Element) zeroCheck {
	z := zeroCheck{zeta: zeta, eq: make([]fr.Vector, len(zeta)), scale: fr.One()}
	for j := range zeta {
		z.eq[j] = poly.EqTable(zeta[j+1:], fr.One())
	}
	return z
}

// times multiplies an inner polynomial, given by coefficients, by the eq factor of the current variable.
func (z *zeroCheck) times(inner []fr.Element) []fr.Element {
	return eqTimes(&z.zeta[z.j], &z.scale, inner)
}

func (z *zeroCheck) bind(x *fr.Element) {
	e := poly.Eq(z.zeta[z.j:z.j+1], []fr.Element{*x})
	z.scale.Mul(&z.scale, &e)
	z.j++
}

// group is one group of lookup columns: gamma_g eq (h prod D - sum of the products of all but one D) + gamma_sum h.
type group struct {
	zeroCheck
	gamma, sum fr.Element
	h          fr.Vector
	d          []fr.Vector // D_s = alpha - fp_s
}

func (g *group) vars() int { return len(g.zeta) }

func (g *group) round() []fr.Element {
	n := len(g.d) + 2 // the inner polynomial has degree 1 + slots
	var mu sync.Mutex
	evals := make([]fr.Element, n)
	var h0, h1 fr.Element
	eq := g.eq[g.j]
	parallel.Ranges(len(g.h)/2, 64, func(lo, hi int) {
		s := groupTrees.Get().(*groupTree)
		defer groupTrees.Put(s)
		s.clear(n)
		for ; lo < hi; lo += groupChunk {
			s.chunk(g, eq, lo, min(lo+groupChunk, hi))
		}
		mu.Lock()
		defer mu.Unlock()
		for e := range evals {
			v := s.sums[e].Sum()
			evals[e].Add(&evals[e], &v)
		}
		v := s.h[0].Sum()
		h0.Add(&h0, &v)
		v = s.h[1].Sum()
		h1.Add(&h1, &v)
	})
	out := g.times(interpolate(evals))
	for i := range out {
		out[i].Mul(&out[i], &g.gamma)
	}
	var t fr.Element
	t.Mul(&h0, &g.sum)
	out[0].Add(&out[0], &t)
	t.Sub(&h1, &h0).Mul(&t, &g.sum)
	out[1].Add(&out[1], &t)
	return out
}

func (g *group) fold(x *fr.Element) {
	g.bind(x)
	g.h = foldVector(g.h, x)
	for i := range g.d {
		g.d[i] = foldVector(g.d[i], x)
	}
}

// table is the stacked table: gamma_T eq (h_T F - m) - gamma_sum h_T with F = alpha - fp_T.
type table struct {
	zeroCheck
	gamma, sum fr.Element
	h, m, f    fr.Vector
}

func (t *table) vars() int { return len(t.zeta) }

func (t *table) round() []fr.Element {
	var mu sync.Mutex
	var c0, s1, c2, h0, h1 fr.Element
	eq := t.eq[t.j]
	parallel.Ranges(len(t.h)/2, 4*chunk, func(lo, hi int) {
		s := scratches.Get().(*scratch)
		defer scratches.Put(s)
		var a0, a1, a2, b0, b1 fr.Element
		for ; lo < hi; lo += chunk {
			end := min(lo+chunk, hi)
			n := end - lo
			even, odd, f0, f1, m0, m1, tmp := s.v[0][:n], s.v[1][:n], s.v[2][:n], s.v[3][:n], s.v[4][:n], s.v[5][:n], s.v[6][:n]
			pairs(t.h, lo, end, even, odd)
			pairs(t.m, lo, end, m0, m1)
			if zero(even) && zero(odd) && zero(m0) && zero(m1) {
				continue
			}
			pairs(t.f, lo, end, f0, f1)
			add := func(acc *fr.Element, h, f, m fr.Vector) {
				tmp.Mul(h, f)
				if m != nil {
					tmp.Sub(tmp, m)
				}
				weights := eq[lo:end]
				v := weights.InnerProduct(tmp)
				acc.Add(acc, &v)
			}
			add(&a0, even, f0, m0)
			add(&a1, odd, f1, m1)
			v := even.Sum()
			b0.Add(&b0, &v)
			v = odd.Sum()
			b1.Add(&b1, &v)
			odd.Sub(odd, even)
			f1.Sub(f1, f0)
			add(&a2, odd, f1, nil)
		}
		mu.Lock()
		c0.Add(&c0, &a0)
		s1.Add(&s1, &a1)
		c2.Add(&c2, &a2)
		h0.Add(&h0, &b0)
		h1.Add(&h1, &b1)
		mu.Unlock()
	})
	s1.Sub(&s1, &c0).Sub(&s1, &c2)
	out := t.times([]fr.Element{c0, s1, c2})
	for i := range out {
		out[i].Mul(&out[i], &t.gamma)
	}
	var x fr.Element
	x.Mul(&h0, &t.sum)
	out[0].Sub(&out[0], &x)
	x.Sub(&h1, &h0).Mul(&x, &t.sum)
	out[1].Sub(&out[1], &x)
	return out
}

func zero(v fr.Vector) bool {
	for i := range v {
		if !v[i].IsZero() {
			return false
		}
	}
	return true
}

func (t *table) fold(x *fr.Element) {
	t.bind(x)
	t.h, t.m, t.f = foldVector(t.h, x), foldVector(t.m, x), foldVector(t.f, x)
}

// newGroups and newTable set up the lookup summands.
func newGroups(v *vector, ch *claims.Challenges, w *claims.Weights) []*group {
	var out []*group
	k := v.lay.HeightVars
	for g, slots := range v.lay.Groups {
		p := &group{zeroCheck: newZeroCheck(ch.Zeta[:k]), gamma: w.Group[g], sum: w.Sum}
		p.h = append(fr.Vector(nil), v.h[v.lay.Helpers[g]-v.h0:][:1<<k]...)
		for _, s := range slots {
			p.d = append(p.d, v.d[s])
		}
		out = append(out, p)
	}
	return out
}

func newTable(v *vector, ch *claims.Challenges, w *claims.Weights) *table {
	k := v.lay.TableVars
	t := &table{zeroCheck: newZeroCheck(ch.Zeta[:k]), gamma: w.Table, sum: w.Sum}
	t.h = append(fr.Vector(nil), v.h[v.lay.HT-v.h0:][:1<<k]...)
	t.m = field.FromInts(v.w[v.lay.M-v.w0:][:1<<k])
	t.f = v.table.f
	return t
}
