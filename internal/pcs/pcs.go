package pcs

import (
	"errors"
	"math/big"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/field"
	"github.com/ezkl-go/ezkl/internal/poly"
	"github.com/ezkl-go/ezkl/internal/proof"
)

// Opening is the statement that the messages of an opening prove.
type Opening struct {
	U     []fr.Element // the point, L coordinates
	Value fr.Element   // v
	// P' is the combination of Points with Scalars.
	Points  []bn254.G1Affine
	Scalars []fr.Element
	N       bn254.G1Affine // row N
	EAt     int            // the first of its coefficients that has a weight
	E       []fr.Element   // their weights
	Mu, MuY fr.Element     // mu and mu*y
}

// Errors of Verify.
var (
	ErrDegenerate = errors.New("opening: a challenge hits an exceptional value")
	ErrPairing    = errors.New("opening: the pairing check fails")
)

// Split is l1 = ceil(L/2): P' is cut in pieces of b = 2^l1 coefficients.
func Split(l int) int { return (l + 1) / 2 }

// Values are the scalars of the message "values", in order.
type Values struct{ DZ, DInv, HZ, HInv, HAlpha, NZ, NInv, SZ fr.Element }

// ValueCount is the number of scalars in Values.
const ValueCount = 8

// List is the message.
func (v *Values) List() []fr.Element {
	return []fr.Element{v.DZ, v.DInv, v.HZ, v.HInv, v.HAlpha, v.NZ, v.NInv, v.SZ}
}

// Challenges are the coins of an opening.
type Challenges struct{ Alpha, Gamma, Z, Batch, W fr.Element }

// Verify reads an opening and checks it. tau is [tau]_2 of the SRS.
func Verify(r *proof.Reader, o *Opening, tau *bn254.G2Affine) error {
	var ch Challenges
	h, err := r.Points("C_h", 1)
	if err != nil {
		return err
	}
	ch.Alpha = r.T.Challenge("alpha*")
	qd, err := r.Points("C_q", 2)
	if err != nil {
		return err
	}
	ch.Gamma = r.T.Challenge("gamma*")
	s, err := r.Points("C_S", 1)
	if err != nil {
		return err
	}
	ch.Z = r.T.Challenge("z*")
	list, err := r.Scalars("values", ValueCount)
	if err != nil {
		return err
	}
	v := Values{list[0], list[1], list[2], list[3], list[4], list[5], list[6], list[7]}
	ch.Batch = r.T.Challenge("batch")
	w1, err := r.Points("W", 1)
	if err != nil {
		return err
	}
	ch.W = r.T.Challenge("w")
	w2, err := r.Points("W'", 1)
	if err != nil {
		return err
	}

	var zInv fr.Element
	if ch.Z.IsZero() {
		return ErrDegenerate
	}
	zInv.Inverse(&ch.Z)
	if ch.Z.Equal(&zInv) || ch.Alpha.Equal(&ch.Z) || ch.Alpha.Equal(&zInv) {
		return ErrDegenerate
	}
	sInv := o.derive(&v, &ch, &zInv)
	batch := o.batch(&v, &sInv, &ch, &zInv, qd[1], s[0], h[0])

	// sum_i nu^i / Z_i(w) (C_i - r_i(w) [1]) - W + w W'  =  tau W'
	_, _, g1, g2 := bn254.Generators()
	points := append([]bn254.G1Affine{}, o.Points...)
	scalars := append([]fr.Element{}, o.Scalars...)
	powers := field.Powers(&ch.Batch, len(batch))
	var ones fr.Element
	for i := range batch {
		var weight fr.Element
		if weight = vanishing(batch[i].at, &ch.W); weight.IsZero() {
			return ErrDegenerate
		}
		weight.Inverse(&weight).Mul(&weight, &powers[i])
		rest := interpolate(batch[i].at, batch[i].values, &ch.W)
		rest.Mul(&rest, &weight)
		ones.Sub(&ones, &rest)
		if i == 0 { // P' - (z^b - alpha) q
			for j := range scalars {
				scalars[j].Mul(&scalars[j], &weight)
			}
			var c fr.Element
			c.Sub(&ch.Alpha, powerOf(&ch.Z, Split(len(o.U)))).Mul(&c, &weight)
			points, scalars = append(points, qd[0]), append(scalars, c)
			continue
		}
		points, scalars = append(points, batch[i].c), append(scalars, weight)
	}
	var minus fr.Element
	minus.SetInt64(-1)
	points = append(points, g1, w1[0], w2[0])
	scalars = append(scalars, ones, minus, ch.W)
	var acc, neg bn254.G1Affine
	if _, err := acc.MultiExp(points, scalars, ecc.MultiExpConfig{}); err != nil {
		return err
	}
	neg.Neg(&w2[0])
	ok, err := bn254.PairingCheck([]bn254.G1Affine{acc, neg}, []bn254.G2Affine{g2, *tau})
	if err != nil {
		return err
	}
	if !ok {
		return ErrPairing
	}
	return nil
}

// opened is one polynomial of the batch: its commitment and its values on a set of points.
type opened struct {
	c      bn254.G1Affine
	at     []fr.Element
	values []fr.Element
}

// batch lists the polynomials in the order of the batching powers; the first is P' - (z^b - alpha) q, with value
// g(z) = z^(b-1) D(1/z), its commitment left to the caller.
func (o *Opening) batch(v *Values, sInv *fr.Element, ch *Challenges, zInv *fr.Element, d, s, h bn254.G1Affine) []opened {
	pair := []fr.Element{ch.Z, *zInv}
	gz, _ := o.g(v, ch, zInv)
	return []opened{
		{at: pair[:1], values: []fr.Element{gz}},
		{d, pair, []fr.Element{v.DZ, v.DInv}},
		{o.N, pair, []fr.Element{v.NZ, v.NInv}},
		{s, pair, []fr.Element{v.SZ, *sInv}},
		{h, []fr.Element{ch.Z, *zInv, ch.Alpha}, []fr.Element{v.HZ, v.HInv, v.HAlpha}},
	}
}

// g is g(z) = z^(b-1) D(1/z) and g(1/z) = z^(1-b) D(z).
func (o *Opening) g(v *Values, ch *Challenges, zInv *fr.Element) (gz, gInv fr.Element) {
	l1 := Split(len(o.U))
	gz.Mul(powerOf(&ch.Z, l1), zInv).Mul(&gz, &v.DInv)
	gInv.Mul(powerOf(zInv, l1), &ch.Z).Mul(&gInv, &v.DZ)
	return gz, gInv
}

// derive is S(1/z), which the identity at z fixes.
func (o *Opening) derive(v *Values, ch *Challenges, zInv *fr.Element) fr.Element {
	l1 := Split(len(o.U))
	gz, gInv := o.g(v, ch, zInv)
	pairing := func(az, aInv *fr.Element, bz, bInv fr.Element) fr.Element { // a(z) b(1/z) + a(1/z) b(z)
		var x, y fr.Element
		x.Mul(az, &bInv)
		y.Mul(aInv, &bz)
		x.Add(&x, &y)
		return x
	}
	left := pairing(&gz, &gInv, EqPoly(o.U[:l1], &ch.Z), EqPoly(o.U[:l1], zInv))
	second := pairing(&v.HZ, &v.HInv, EqPoly(o.U[l1:], &ch.Z), EqPoly(o.U[l1:], zInv))
	second.Sub(&second, &o.Value).Sub(&second, &o.Value) // 2 v
	third := pairing(&v.NZ, &v.NInv, o.weights(&ch.Z), o.weights(zInv))
	third.Mul(&third, &o.Mu).Sub(&third, &o.MuY).Sub(&third, &o.MuY)
	third.Mul(&third, &ch.Gamma).Add(&third, &second).Mul(&third, &ch.Gamma)
	left.Add(&left, &third).Sub(&left, &v.HAlpha).Sub(&left, &v.HAlpha)
	var s fr.Element
	s.Mul(&ch.Z, &v.SZ)
	left.Sub(&left, &s).Mul(&left, &ch.Z)
	return left
}

// weights is e(x), the polynomial of row N's weights.
func (o *Opening) weights(x *fr.Element) fr.Element {
	e := poly.Horner(o.E, x)
	var shift fr.Element
	shift.Exp(*x, big.NewInt(int64(o.EAt)))
	e.Mul(&e, &shift)
	return e
}

// EqPoly is the value at x of the polynomial with coefficients eq(bits(i), u): prod_j (1 - u_j + u_j x^(2^j)).
func EqPoly(u []fr.Element, x *fr.Element) fr.Element {
	acc, p := fr.One(), *x
	one := fr.One()
	for j := range u {
		var t fr.Element
		t.Sub(&p, &one).Mul(&t, &u[j]).Add(&t, &one)
		acc.Mul(&acc, &t)
		p.Square(&p)
	}
	return acc
}

// powerOf is x^(2^k).
func powerOf(x *fr.Element, k int) *fr.Element {
	y := *x
	for range k {
		y.Square(&y)
	}
	return &y
}

// vanishing is prod (x - at_i).
func vanishing(at []fr.Element, x *fr.Element) fr.Element {
	acc := fr.One()
	for i := range at {
		var d fr.Element
		d.Sub(x, &at[i])
		acc.Mul(&acc, &d)
	}
	return acc
}

// interpolate is the value at x of the polynomial of degree < len(at) through the given values; the points are distinct.
func interpolate(at, values []fr.Element, x *fr.Element) fr.Element {
	var total fr.Element
	for i := range at {
		num, den := values[i], fr.One()
		for j := range at {
			if j == i {
				continue
			}
			var d fr.Element
			d.Sub(x, &at[j])
			num.Mul(&num, &d)
			d.Sub(&at[i], &at[j])
			den.Mul(&den, &d)
		}
		den.Inverse(&den)
		num.Mul(&num, &den)
		total.Add(&total, &num)
	}
	return total
}
