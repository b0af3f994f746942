package prover

import (
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr/fft"

	"github.com/ezkl-go/ezkl/internal/parallel"
	"github.com/ezkl-go/ezkl/internal/pcs"
	"github.com/ezkl-go/ezkl/internal/poly"
	"github.com/ezkl-go/ezkl/internal/proof"
	"github.com/ezkl-go/ezkl/internal/prover/commit"
)

// opening proves the value of a <p, eq(., u)> + mu <n, e> (package pcs). p and n have 2^L + 1 coefficients, the last one a blinder.
type opening struct {
	points []bn254.G1Affine // powers of tau
	u      []fr.Element
	p, n   fr.Vector
	eAt    int // e weighs the coefficients of n from here on
	e      fr.Vector
	a, mu  fr.Element
}

func (o *opening) commit(p fr.Vector) bn254.G1Affine {
	return commit.Affine([]bn254.G1Jac{commit.Full(o.points, p)})[0]
}

func (o *opening) run(w *proof.Writer) {
	s := o.laurent()
	w.Points("C_S", o.commit(s))
	z := w.T.Challenge("z*")
	var zInv fr.Element
	zInv.Inverse(&z)
	v := pcs.Values{PZ: poly.Horner(o.p, &z), PInv: poly.Horner(o.p, &zInv), NZ: poly.Horner(o.n, &z), NInv: poly.Horner(o.n, &zInv), SZ: poly.Horner(s, &z)}
	w.Scalars("values", v.List()...)

	// f = p + nu n + nu^2 s; quotient = (f - r) / ((X - z)(X - 1/z)), r the line through f's values
	nu := w.T.Challenge("batch")
	f := make(fr.Vector, len(o.p))
	copy(f, s)
	for _, g := range []fr.Vector{o.n, o.p} {
		f.ScalarMul(f, &nu)
		f.Add(f, g)
	}
	quotient, _ := divide(f, &z)
	quotient, _ = divide(quotient, &zInv)
	w.Points("W", o.commit(quotient))

	// (f - r(w)) / Z(w) - quotient vanishes at w, Z = (X - z)(X - 1/z); its constant coefficient does not matter to the quotient
	x := w.T.Challenge("w")
	var weight, t fr.Element
	weight.Sub(&x, &z)
	t.Sub(&x, &zInv)
	weight.Mul(&weight, &t).Inverse(&weight)
	f.ScalarMul(f, &weight)
	head := f[:len(quotient)]
	head.Sub(head, quotient)
	last, _ := divide(f, &x)
	w.Points("W'", o.commit(last))
}

// laurent is S of the identity in package pcs: the coefficients of X^1, X^2, .. of its left side, shifted down. Products are
// cyclic of length 2^(L+1): exponents from 1 - 2^L to 2^L are all different.
func (o *opening) laurent() fr.Vector {
	row := 1 << len(o.u)
	domain := fft.NewDomain(uint64(2 * row))
	transform := func(f fr.Vector) fr.Vector {
		domain.FFT(f, fft.DIF)
		return f
	}
	// reversed is w(1/X) for the polynomial w with coefficients from X^at on
	reversed := func(w fr.Vector, at int, scale *fr.Element) fr.Vector {
		out := make(fr.Vector, 2*row)
		for j := range w {
			out[(2*row-at-j)%(2*row)].Mul(&w[j], scale)
		}
		return out
	}
	extended := func(f fr.Vector) fr.Vector {
		return append(append(make(fr.Vector, 0, 2*row), f...), make(fr.Vector, 2*row-len(f))...)
	}
	sum := transform(extended(o.p))
	sum.Mul(sum, transform(reversed(poly.EqTable(o.u, fr.One()), 0, &o.a)))
	n := transform(extended(o.n))
	n.Mul(n, transform(reversed(o.e, o.eAt, &o.mu)))
	sum.Add(sum, n)
	domain.FFTInverse(sum, fft.DIT)
	s := make(fr.Vector, row)
	parallel.Ranges(row, 4096, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			s[i] = sum[i+1]
			if i+1 < row {
				s[i].Add(&s[i], &sum[2*row-i-1])
			}
		}
	})
	return s
}

// divide is f = q (X - at) + rest.
func divide(f fr.Vector, at *fr.Element) (q fr.Vector, rest fr.Element) {
	q = make(fr.Vector, len(f)-1)
	for j := len(f) - 1; j >= 0; j-- {
		rest.Mul(&rest, at).Add(&rest, &f[j])
		if j > 0 {
			q[j-1] = rest
		}
	}
	return q, rest
}
