package prover

import (
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/field"
	"github.com/ezkl-go/ezkl/internal/parallel"
	"github.com/ezkl-go/ezkl/internal/pcs"
	"github.com/ezkl-go/ezkl/internal/poly"
	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/prover/commit"
)

// opening proves that the polynomial p, read as the MLE of its first 2^L coefficients, has its value at u, and that
// <n, e> = y (package pcs). p has 2^L + 1 coefficients or more.
type opening struct {
	points []bn254.G1Affine // powers of tau
	u      []fr.Element
	p      fr.Vector
	n      fr.Vector // row N and its blinder, 2^L + 1 coefficients
	eAt    int       // e weighs its coefficients from here on
	e      fr.Vector
	mu     fr.Element
}

func (o *opening) commit(p fr.Vector) bn254.G1Affine {
	for len(p) > 0 && p[len(p)-1].IsZero() { // pieces are padded
		p = p[:len(p)-1]
	}
	return commit.Affine([]bn254.G1Jac{commit.Full(o.points, p)})[0]
}

func (o *opening) run(w *proof.Writer) {
	l1 := pcs.Split(len(o.u))
	b := 1 << l1
	e1, e2 := poly.EqTable(o.u[:l1], fr.One()), poly.EqTable(o.u[l1:], fr.One())
	pieces := (len(o.p) + b - 1) / b
	p := make(fr.Vector, pieces*b)
	copy(p, o.p)
	piece := func(i int) fr.Vector { return p[i*b : (i+1)*b] }

	h := make(fr.Vector, pieces)
	for i := range h {
		h[i] = poly.Dot(piece(i), e1)
	}
	w.Points("C_h", o.commit(h))
	var ch pcs.Challenges
	ch.Alpha = w.T.Challenge("alpha*")

	// p = (X^b - alpha) q + g, piece by piece from the top
	q := make(fr.Vector, (pieces-1)*b)
	above := make(fr.Vector, b)
	for i := pieces - 1; i >= 0; i-- {
		above.ScalarMul(above, &ch.Alpha)
		above.Add(above, piece(i))
		if i > 0 {
			copy(q[(i-1)*b:], above)
		}
	}
	g := above
	d := make(fr.Vector, b)
	for i := range d {
		d[i] = g[b-1-i]
	}
	both := make(fr.Vector, 2*len(q)) // two rows at once
	copy(both, q)
	copy(both[len(q):], d)
	w.Points("C_q", commit.Affine(commit.FullRows(o.points, both, len(q)))...)
	ch.Gamma = w.T.Challenge("gamma*")

	s := o.laurent(g, e1, h, e2, &ch.Gamma)
	w.Points("C_S", o.commit(s))
	ch.Z = w.T.Challenge("z*")
	var zInv fr.Element
	zInv.Inverse(&ch.Z)
	at := func(p fr.Vector, x *fr.Element) fr.Element { return poly.Horner(p, x) }
	v := pcs.Values{
		DZ: at(d, &ch.Z), DInv: at(d, &zInv),
		HZ: at(h, &ch.Z), HInv: at(h, &zInv), HAlpha: at(h, &ch.Alpha),
		NZ: at(o.n, &ch.Z), NInv: at(o.n, &zInv), SZ: at(s, &ch.Z),
	}
	w.Scalars("values", v.List()...)
	ch.Batch = w.T.Challenge("batch")

	// f = p - (z^b - alpha) q
	f := append(fr.Vector(nil), p...)
	c := ch.Z
	for range l1 {
		c.Square(&c)
	}
	c.Sub(&ch.Alpha, &c)
	t := make(fr.Vector, len(q))
	t.ScalarMul(q, &c)
	head := f[:len(q)]
	head.Add(head, t)
	pair := []fr.Element{ch.Z, zInv}
	o.shplonk(w, &ch, []fr.Vector{f, d, o.n, s, h}, [][]fr.Element{pair[:1], pair, pair, pair, {ch.Z, zInv, ch.Alpha}})
}

// laurent is S of the identity in package pcs: the coefficients of X^1, X^2, .. of its left side, shifted down.
func (o *opening) laurent(g, e1, h, e2 fr.Vector, gamma *fr.Element) fr.Vector {
	s := make(fr.Vector, max(len(g), len(h), len(o.n))) // the last one stays 0
	// add adds those of scale (a(X) c(1/X) + a(1/X) c(X)), where c is shifted up by at
	add := func(a, c fr.Vector, at int, scale *fr.Element) {
		parallel.Ranges(max(len(a)-at, at+len(c))-1, 64, func(lo, hi int) {
			for i := lo; i < hi; i++ {
				x := shifted(a, c, at+i+1)
				y := shifted(a, c, at-i-1)
				x.Add(&x, &y).Mul(&x, scale)
				s[i].Add(&s[i], &x)
			}
		})
	}
	one := fr.One()
	add(g, e1, 0, &one)
	add(h, e2, 0, gamma)
	var c fr.Element
	c.Square(gamma).Mul(&c, &o.mu)
	last := len(o.n) - 1 // most of the row may be 0, its blinder is not
	used := last
	for used > 0 && o.n[used-1].IsZero() {
		used--
	}
	add(o.n[:used], o.e, o.eAt, &c)
	c.Mul(&c, &o.n[last])
	for j := range o.e {
		var x fr.Element
		x.Mul(&c, &o.e[j])
		at := last - o.eAt - j - 1
		s[at].Add(&s[at], &x)
	}
	return s[:len(s)-1]
}

// shifted is sum_j a[j+d] c[j].
func shifted(a, c fr.Vector, d int) fr.Element {
	if d < 0 {
		if -d >= len(c) {
			return fr.Element{}
		}
		c, d = c[-d:], 0
	}
	n := min(len(a)-d, len(c))
	if n <= 0 {
		return fr.Element{}
	}
	a, c = a[d:d+n], c[:n]
	return a.InnerProduct(c)
}

// shplonk opens polynomials, each at its own points, in one batch.
func (o *opening) shplonk(w *proof.Writer, ch *pcs.Challenges, polys []fr.Vector, at [][]fr.Element) {
	powers := field.Powers(&ch.Batch, len(polys))
	var quotient fr.Vector
	rests := make([]fr.Vector, len(polys))
	for i, f := range polys {
		q, rest := divide(f, at[i])
		rests[i] = rest
		quotient = addScaled(quotient, q, &powers[i])
	}
	w.Points("W", o.commit(quotient))
	ch.W = w.T.Challenge("w")
	var minus fr.Element
	minus.SetInt64(-1)
	total := addScaled(nil, quotient, &minus)
	for i, f := range polys {
		weight := powers[i]
		for j := range at[i] {
			var t fr.Element
			t.Sub(&ch.W, &at[i][j]).Inverse(&t)
			weight.Mul(&weight, &t)
		}
		total = addScaled(total, f, &weight)
		c := poly.Horner(rests[i], &ch.W)
		c.Mul(&c, &weight)
		total[0].Sub(&total[0], &c)
	}
	q, _ := divide(total, []fr.Element{ch.W})
	w.Points("W'", o.commit(q))
}

// divide is f = q * prod (X - at_i) + rest, deg rest < len(at).
func divide(f fr.Vector, at []fr.Element) (q, rest fr.Vector) {
	q = append(fr.Vector(nil), f...)
	rest = fr.Vector{}
	product := fr.Vector{fr.One()} // prod of the roots divided out so far
	for i := range at {
		// synthetic division by X - at_i
		for j := len(q) - 2; j >= 0; j-- {
			var t fr.Element
			t.Mul(&q[j+1], &at[i])
			q[j].Add(&q[j], &t)
		}
		value := fr.Element{}
		if len(q) > 0 {
			value = q[0]
			q = q[1:]
		}
		rest = addScaled(rest, product, &value)
		next := make(fr.Vector, len(product)+1)
		for j := range product {
			var t fr.Element
			t.Mul(&product[j], &at[i])
			next[j].Sub(&next[j], &t)
			next[j+1].Add(&next[j+1], &product[j])
		}
		product = next
	}
	return q, rest
}

// addScaled adds scale*b to a, which grows as needed.
func addScaled(a, b fr.Vector, scale *fr.Element) fr.Vector {
	if len(a) < len(b) {
		a = append(a, make(fr.Vector, len(b)-len(a))...)
	}
	t := make(fr.Vector, len(b))
	t.ScalarMul(b, scale)
	head := a[:len(b)]
	head.Add(head, t)
	return a
}
