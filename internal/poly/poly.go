package poly

import "github.com/consensys/gnark-crypto/ecc/bn254/fr"

var one = fr.One()

// EqTable is [scale * eq(bits(i), point)] for all i below 2^len(point).
func EqTable(point []fr.Element, scale fr.Element) fr.Vector {
	t := make(fr.Vector, 1<<len(point))
	t[0] = scale
	for j := range point {
		n := 1 << j
		lo, hi := t[:n], t[n:2*n]
		if n < 64 {
			for i := range lo {
				hi[i].Mul(&lo[i], &point[j])
				lo[i].Sub(&lo[i], &hi[i])
			}
			continue
		}
		hi.ScalarMul(lo, &point[j])
		lo.Sub(lo, hi)
	}
	return t
}

// Eq is prod_i (a_i b_i + (1-a_i)(1-b_i)). The points have equal length.
func Eq(a, b []fr.Element) fr.Element {
	acc := one
	for i := range a {
		acc.Mul(&acc, eqFactor(&a[i], &b[i]))
	}
	return acc
}

// eqFactor is ab + (1-a)(1-b) = 1 - a - b + 2ab.
func eqFactor(a, b *fr.Element) *fr.Element {
	var t fr.Element
	t.Mul(a, b).Double(&t)
	t.Sub(&t, a).Sub(&t, b).Add(&t, &one)
	return &t
}

// EqIndex is eq(bits(index), point). It is 0 if the index needs more bits than the point has.
func EqIndex(index int, point []fr.Element) fr.Element {
	acc := one
	for j := range point {
		if index>>j&1 == 1 {
			acc.Mul(&acc, &point[j])
		} else {
			var t fr.Element
			t.Sub(&one, &point[j])
			acc.Mul(&acc, &t)
		}
	}
	if index>>len(point) != 0 {
		acc.SetZero()
	}
	return acc
}

// Lt is the MLE of [index < d] at the point, 0 <= d <= 2^len(point).
func Lt(d int, point []fr.Element) fr.Element {
	var acc fr.Element
	if d>>len(point) != 0 {
		return one
	}
	equal := one
	for j := len(point) - 1; j >= 0; j-- {
		var zero fr.Element
		zero.Sub(&one, &point[j])
		if d>>j&1 == 1 {
			zero.Mul(&zero, &equal)
			acc.Add(&acc, &zero)
			equal.Mul(&equal, &point[j])
		} else {
			equal.Mul(&equal, &zero)
		}
	}
	return acc
}

// IndexLt is the MLE of index * [index < d] at the point: for each bit j, 2^j times the indices below d that have it.
func IndexLt(d int, point []fr.Element) fr.Element {
	var total fr.Element
	with := append([]fr.Element(nil), point...)
	for j := range point {
		with[j].SetOne()
		t := Lt(d, with)
		with[j] = point[j]
		t.Mul(&t, &point[j])
		var w fr.Element
		w.SetUint64(1 << j)
		t.Mul(&t, &w)
		total.Add(&total, &t)
	}
	return total
}

// Eval is the MLE of v at the point; len(v) <= 2^len(point), missing entries are 0. v is not changed.
func Eval(v fr.Vector, point []fr.Element) fr.Element {
	return Dot(v, EqTable(point, one)[:len(v)])
}

// Dot is sum_i a[i] b[i], for vectors of equal length.
func Dot(a, b fr.Vector) fr.Element {
	return a.InnerProduct(b)
}

// Fold binds variable 0 of v to r in place and returns the first half: v[2i] + r (v[2i+1] - v[2i]).
func Fold(v fr.Vector, r *fr.Element) fr.Vector {
	half := len(v) / 2
	for i := range half {
		var d fr.Element
		d.Sub(&v[2*i+1], &v[2*i]).Mul(&d, r)
		v[i].Add(&v[2*i], &d)
	}
	return v[:half]
}

// Horner is sum_i coeffs[i] x^i.
func Horner(coeffs []fr.Element, x *fr.Element) fr.Element {
	var acc fr.Element
	for i := len(coeffs) - 1; i >= 0; i-- {
		acc.Mul(&acc, x).Add(&acc, &coeffs[i])
	}
	return acc
}

// Prod1 is prod (1 - x_j).
func Prod1(point []fr.Element) fr.Element {
	return EqIndex(0, point)
}
