package pcs

import (
	"errors"
	"math/big"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"

	"github.com/ezkl-go/ezkl/internal/poly"
	"github.com/ezkl-go/ezkl/internal/proof"
)

// Opening is the statement that the messages of an opening prove: A <P', eq(., U)> + Mu <N, E> = Claim.
type Opening struct {
	U []fr.Element // the point, L coordinates
	// P' is the combination of Points with Scalars.
	Points  []bn254.G1Affine
	Scalars []fr.Element
	N       bn254.G1Affine // row N
	EAt     int            // the first of its coefficients that has a weight
	E       []fr.Element   // their weights

	A, Mu, Claim fr.Element
}

// Errors of Verify.
var (
	ErrDegenerate = errors.New("opening: a challenge hits an exceptional value")
	ErrPairing    = errors.New("opening: the pairing check fails")
)

// Values are the scalars of the message "values", in order.
type Values struct{ PZ, PInv, NZ, NInv, SZ fr.Element }

// ValueCount is the number of scalars in Values.
const ValueCount = 5

// List is the message.
func (v *Values) List() []fr.Element { return []fr.Element{v.PZ, v.PInv, v.NZ, v.NInv, v.SZ} }

// Challenges are the coins of an opening.
type Challenges struct{ Z, Batch, W fr.Element }

// Verify reads an opening and checks it. tau is [tau]_2 of the SRS.
func Verify(r *proof.Reader, o *Opening, tau *bn254.G2Affine) error {
	var ch Challenges
	s, err := r.Points("C_S", 1)
	if err != nil {
		return err
	}
	ch.Z = r.T.Challenge("z*")
	list, err := r.Scalars("values", ValueCount)
	if err != nil {
		return err
	}
	v := Values{list[0], list[1], list[2], list[3], list[4]}
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
	if ch.Z.Equal(&zInv) || ch.W.Equal(&ch.Z) || ch.W.Equal(&zInv) {
		return ErrDegenerate
	}
	sInv := o.derive(&v, &ch.Z, &zInv)
	atZ, atInv := combine(&ch.Batch, &v.PZ, &v.NZ, &v.SZ), combine(&ch.Batch, &v.PInv, &v.NInv, &sInv)
	weight, rest := quotient(&ch, &zInv, &atZ, &atInv)

	// weight (P' + nu N + nu^2 S) - rest [1] - W + w W'  =  tau W'
	_, _, g1, g2 := bn254.Generators()
	points := append(append([]bn254.G1Affine{}, o.Points...), o.N, s[0], g1, w1[0], w2[0])
	scalars := append([]fr.Element{}, o.Scalars...)
	for i := range scalars {
		scalars[i].Mul(&scalars[i], &weight)
	}
	var n, minus fr.Element
	n.Mul(&weight, &ch.Batch)
	minus.SetInt64(-1)
	scalars = append(scalars, n, *new(fr.Element).Mul(&n, &ch.Batch), *rest.Neg(&rest), minus, ch.W)
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

// combine is a + nu b + nu^2 c.
func combine(nu, a, b, c *fr.Element) fr.Element {
	x := *c
	x.Mul(&x, nu).Add(&x, b).Mul(&x, nu).Add(&x, a)
	return x
}

// quotient is 1/((w - z)(w - 1/z)) and the same times r(w), where r is the line through atZ at z and atInv at 1/z. The three
// points are distinct.
func quotient(ch *Challenges, zInv, atZ, atInv *fr.Element) (weight, rest fr.Element) {
	var i1, i2, d, t fr.Element
	i1.Inverse(i1.Sub(&ch.W, &ch.Z))
	i2.Inverse(i2.Sub(&ch.W, zInv))
	d.Inverse(d.Sub(&ch.Z, zInv))
	weight.Mul(&i1, &i2)
	rest.Mul(atZ, &i1)
	t.Mul(atInv, &i2)
	rest.Sub(&rest, &t).Mul(&rest, &d)
	return weight, rest
}

// derive is S(1/z), which the identity at z fixes.
func (o *Opening) derive(v *Values, z, zInv *fr.Element) fr.Element {
	pairing := func(az, aInv *fr.Element, bz, bInv fr.Element) fr.Element { // a(z) b(1/z) + a(1/z) b(z)
		var x, y fr.Element
		x.Mul(az, &bInv)
		y.Mul(aInv, &bz)
		x.Add(&x, &y)
		return x
	}
	left := pairing(&v.PZ, &v.PInv, EqPoly(o.U, z), EqPoly(o.U, zInv))
	left.Mul(&left, &o.A)
	second := pairing(&v.NZ, &v.NInv, o.weights(z), o.weights(zInv))
	second.Mul(&second, &o.Mu)
	left.Add(&left, &second).Sub(&left, &o.Claim).Sub(&left, &o.Claim) // 2 claim
	var s fr.Element
	s.Mul(z, &v.SZ)
	left.Sub(&left, &s).Mul(&left, z)
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
