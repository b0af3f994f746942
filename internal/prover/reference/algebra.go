package reference

import "github.com/consensys/gnark-crypto/ecc/bn254/fr"

var one = fr.One()

func add(a, b fr.Element) fr.Element { return *a.Add(&a, &b) }
func sub(a, b fr.Element) fr.Element { return *a.Sub(&a, &b) }
func mul(a, b fr.Element) fr.Element { return *a.Mul(&a, &b) }
func inv(a fr.Element) fr.Element    { return *a.Inverse(&a) }
func neg(a fr.Element) fr.Element    { return *a.Neg(&a) }

func integer(x int64) fr.Element {
	var e fr.Element
	e.SetInt64(x)
	return e
}

// pow is x^k, k >= 0.
func pow(x fr.Element, k int) fr.Element {
	acc := one
	for range k {
		acc = mul(acc, x)
	}
	return acc
}

// eqTable is eq(bits(i), point) for every i.
func eqTable(point []fr.Element) fr.Vector {
	out := make(fr.Vector, 1<<len(point))
	for i := range out {
		out[i] = one
		for j, x := range point {
			if i>>j&1 == 0 {
				x = sub(one, x)
			}
			out[i] = mul(out[i], x)
		}
	}
	return out
}

func dot(a, b fr.Vector) fr.Element {
	var t fr.Element
	for i := range a {
		t = add(t, mul(a[i], b[i]))
	}
	return t
}

// fold binds variable 0 to x.
func fold(v fr.Vector, x fr.Element) fr.Vector {
	out := make(fr.Vector, len(v)/2)
	for i := range out {
		out[i] = add(v[2*i], mul(x, sub(v[2*i+1], v[2*i])))
	}
	return out
}

// finished is prod (1 - r_i) for from <= i < to.
func finished(r []fr.Element, from, to int) fr.Element {
	acc := one
	for _, x := range r[from:to] {
		acc = mul(acc, sub(one, x))
	}
	return acc
}

// Polynomials are lists of coefficients, the constant first.

func polyAt(p fr.Vector, x fr.Element) fr.Element {
	var acc fr.Element
	for i := len(p) - 1; i >= 0; i-- {
		acc = add(mul(acc, x), p[i])
	}
	return acc
}

// polyAdd is a + s*b.
func polyAdd(a, b fr.Vector, s fr.Element) fr.Vector {
	out := make(fr.Vector, max(len(a), len(b)))
	copy(out, a)
	for i := range b {
		out[i] = add(out[i], mul(s, b[i]))
	}
	return out
}

func polyMul(a, b fr.Vector) fr.Vector {
	out := make(fr.Vector, len(a)+len(b)-1)
	for i := range a {
		for j := range b {
			out[i+j] = add(out[i+j], mul(a[i], b[j]))
		}
	}
	return out
}

// divideByRoots is the quotient of p by prod (X - roots_i); the remainder is dropped.
func divideByRoots(p fr.Vector, roots ...fr.Element) fr.Vector {
	for _, x := range roots {
		if len(p) == 0 {
			return nil
		}
		q := make(fr.Vector, len(p)-1)
		var carry fr.Element
		for i := len(p) - 1; i > 0; i-- {
			carry = add(mul(carry, x), p[i])
			q[i-1] = carry
		}
		p = q
	}
	return p
}

// through is the polynomial of degree < len(xs) with the given values.
func through(xs, ys []fr.Element) fr.Vector {
	out := make(fr.Vector, len(xs))
	for i := range xs {
		p, den := fr.Vector{one}, one
		for j := range xs {
			if j != i {
				p = polyMul(p, fr.Vector{neg(xs[j]), one})
				den = mul(den, sub(xs[i], xs[j]))
			}
		}
		out = polyAdd(out, p, mul(ys[i], inv(den)))
	}
	return out
}

// coefficients turns values at 0, 1, 2, .. into coefficients.
func coefficients(ys []fr.Element) fr.Vector {
	xs := make([]fr.Element, len(ys))
	for i := range xs {
		xs[i] = integer(int64(i))
	}
	return through(xs, ys)
}

func vanishing(roots []fr.Element, x fr.Element) fr.Element {
	acc := one
	for _, r := range roots {
		acc = mul(acc, sub(x, r))
	}
	return acc
}
