package lower

import "math"

// The functions of one variable that tables sample. They use only exactly rounded operations, and round every product
// before adding (no fused multiply-add), so that a network has the same tables on every machine; package math has neither
// property. Relative errors are below 1e-13, far below half a unit of any table.

const (
	ln2High = 6.93147180369123816490e-01 // ln 2 in two parts; the high one has zeros at the end
	ln2Low  = 1.90821492927058770002e-10
)

func exp(x float64) float64 {
	switch {
	case x > 700:
		return math.Inf(1)
	case x < -740:
		return 0
	case math.IsNaN(x):
		return x
	}
	k := math.Floor(float64(x*(1/math.Ln2)) + 0.5)
	r := x - float64(k*ln2High)
	r -= float64(k * ln2Low)
	sum := 1.0
	for n := 17; n > 0; n-- { // |r| <= 0.35
		sum = 1 + float64(sum*r)/float64(n)
	}
	return math.Ldexp(sum, int(k))
}

func expm1(x float64) float64 {
	if math.Abs(x) > 0.5 {
		return exp(x) - 1
	}
	sum := 1.0
	for n := 18; n > 1; n-- {
		sum = 1 + float64(sum*x)/float64(n)
	}
	return float64(x * sum)
}

func ln(x float64) float64 {
	switch {
	case x < 0 || math.IsNaN(x):
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	case math.IsInf(x, 1):
		return x
	}
	f, e := math.Frexp(x)
	if f < math.Sqrt2/2 {
		f, e = 2*f, e-1
	}
	s := (f - 1) / (f + 1)
	s2 := float64(s * s)
	sum := 0.0
	for n := 27; n > 0; n -= 2 {
		sum = 1/float64(n) + float64(sum*s2)
	}
	return float64(float64(e)*ln2High) + (float64(float64(e)*ln2Low) + float64(2*float64(s*sum)))
}

func sigmoid(x float64) float64 { return 1 / (1 + exp(-x)) }

func tanh(x float64) float64 {
	if math.Abs(x) > 20 {
		return math.Copysign(1, x)
	}
	y := expm1(2 * x)
	return y / (y + 2)
}

// erf sums 2/sqrt(pi) exp(-x^2) * (x + 2x^3/3 + 4x^5/15 + ..), whose terms are all of one sign.
func erf(x float64) float64 {
	if math.IsNaN(x) {
		return x
	}
	if math.Abs(x) > 6 {
		return math.Copysign(1, x)
	}
	x2 := float64(x * x)
	sum, term := 0.0, x
	for n := 1.0; sum+term != sum; n++ {
		sum += term
		term = float64(float64(2*term)*x2) / (2*n + 1)
	}
	return float64(float64(2/math.SqrtPi*exp(-x2)) * sum)
}

func softplus(x float64) float64 { return max(x, 0) + ln(1+exp(-math.Abs(x))) }

func pow(x, c float64) float64 {
	switch {
	case c == 0.5:
		return math.Sqrt(x)
	case c == math.Trunc(c) && math.Abs(c) <= 64:
		y := 1.0
		for range int(math.Abs(c)) {
			y = float64(y * x)
		}
		if c < 0 {
			return 1 / y
		}
		return y
	case x == 0 && c > 0:
		return 0
	}
	return exp(float64(c * ln(x)))
}
