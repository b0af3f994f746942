package tensor

// Elementary functions with the same bits on every architecture. Package math has assembly for some of them on some
// machines, and its portable code may be compiled with fused multiply-adds on others; the compiler's lookup tables must not
// depend on either. Every product below is written float64(a*b), which forbids fusing. Errors are a few units in the last
// place of a float64. math.Sqrt, Floor, Trunc, RoundToEven, Frexp, Ldexp are exact and used as they are.

import (
	"math"
	"math/big"
)

const (
	ln2Hi = 6.93147180369123816490e-01
	ln2Lo = 1.90821492927058770002e-10
)

var (
	inverseFactorial [20]float64 // 1/n!
	inverseOdd       [14]float64 // 1/(2n+1)
)

func init() {
	f := 1.0
	for n := range inverseFactorial {
		if n > 0 {
			f = float64(f * float64(n)) // exact up to 19! < 2^57 with its trailing zeros
		}
		inverseFactorial[n] = 1 / f
	}
	for n := range inverseOdd {
		inverseOdd[n] = 1 / float64(2*n+1)
	}
}

// expSeries is (e^r - 1)/r for |r| < 0.36.
func expSeries(r float64) float64 {
	p := inverseFactorial[15]
	for n := 14; n >= 1; n-- {
		p = float64(p*r) + inverseFactorial[n]
	}
	return p
}

// Exp is e^x.
func Exp(x float64) float64 {
	switch {
	case math.IsNaN(x):
		return x
	case x > 709.8:
		return math.Inf(1)
	case x < -745.2:
		return 0
	}
	k := math.RoundToEven(float64(x * math.Log2E))
	r := x - float64(k*ln2Hi)
	r -= float64(k * ln2Lo)
	return math.Ldexp(1+float64(r*expSeries(r)), int(k))
}

// Expm1 is e^x - 1, accurate near 0.
func Expm1(x float64) float64 {
	if math.Abs(x) < 0.36 {
		return float64(x * expSeries(x))
	}
	return Exp(x) - 1
}

// logSeries is log((1+s)/(1-s)) for |s| < 0.18.
func logSeries(s float64) float64 {
	z := float64(s * s)
	p := inverseOdd[12]
	for n := 11; n >= 1; n-- {
		p = float64(p*z) + inverseOdd[n]
	}
	return float64(2*s) + float64(float64(2*s)*float64(z*p))
}

// Log is the natural logarithm.
func Log(x float64) float64 {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 1):
		return x
	case x < 0:
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	}
	f, e := math.Frexp(x)
	if f < math.Sqrt2/2 {
		f *= 2
		e--
	}
	m, k := f-1, float64(e)
	return float64(k*ln2Hi) + (logSeries(m/(2+m)) + float64(k*ln2Lo))
}

// Log1p is log(1 + x), accurate near 0.
func Log1p(x float64) float64 {
	if x > -0.29 && x < 0.41 {
		return logSeries(x / (2 + x))
	}
	return Log(1 + x)
}

// Tanh is the hyperbolic tangent.
func Tanh(x float64) float64 {
	a := math.Abs(x)
	if a > 22 {
		return math.Copysign(1, x)
	}
	t := Expm1(2 * a)
	return math.Copysign(t/(t+2), x)
}

// Sinh is the hyperbolic sine.
func Sinh(x float64) float64 {
	a := math.Abs(x)
	if a > 700 {
		h := Exp(a / 2)
		return math.Copysign(float64(float64(h/2)*h), x)
	}
	t := Expm1(a)
	return math.Copysign((t+t/(t+1))/2, x)
}

// Cosh is the hyperbolic cosine.
func Cosh(x float64) float64 {
	a := math.Abs(x)
	if a > 700 {
		h := Exp(a / 2)
		return float64(float64(h/2) * h)
	}
	t := Exp(a)
	return (t + 1/t) / 2
}

// Sigmoid is 1/(1 + e^-x).
func Sigmoid(x float64) float64 {
	if x >= 0 {
		return 1 / (1 + Exp(-x))
	}
	t := Exp(x)
	return t / (1 + t)
}

// Softplus is log(1 + e^x).
func Softplus(x float64) float64 {
	if x > 0 {
		return x + Log1p(Exp(-x))
	}
	return Log1p(Exp(x))
}

// Erf is the error function: 2/sqrt(pi) e^(-x^2) sum 2^n x^(2n+1) / (1*3*..*(2n+1)), a sum of positive terms.
func Erf(x float64) float64 {
	a := math.Abs(x)
	switch {
	case math.IsNaN(x) || x == 0:
		return x
	case a >= 6:
		return math.Copysign(1, x)
	}
	z := float64(a * a)
	term, sum := a, a
	for n := 1; term > float64(sum*1e-17); n++ {
		term = float64(term*float64(2*z)) / float64(2*n+1)
		sum += term
	}
	return math.Copysign(math.Min(1, float64(float64(2/math.SqrtPi*Exp(-z))*sum)), x)
}

// quarterTurns writes x as n*pi/2 + r with |r| <= pi/4 (about) and returns n mod 4 and r. Beyond 2^200, r is NaN.
func quarterTurns(x float64) (int, float64) {
	if math.Abs(x) < 1<<20 {
		n := math.RoundToEven(float64(x * (2 / math.Pi)))
		r := x - float64(n*1.57079632673412561417e+00) // exact: 33 and 20 bits
		r -= float64(n * 6.07710050630396597660e-11)
		r -= float64(n * 2.02226624879595063154e-21)
		return int(int64(n) & 3), r
	}
	if !(math.Abs(x) < 0x1p200) {
		return 0, math.NaN()
	}
	const prec = 400
	halfPi, _ := new(big.Float).SetPrec(prec).SetString("1.570796326794896619231321691639751442098584699687552910487472296153908203143104499314017412671058533991074043257")
	v := new(big.Float).SetPrec(prec).SetFloat64(x)
	q := new(big.Float).SetPrec(prec).Quo(v, halfPi)
	q.Add(q, big.NewFloat(math.Copysign(0.5, x)))
	n, _ := q.Int(nil)
	v.Sub(v, new(big.Float).SetPrec(prec).Mul(halfPi, new(big.Float).SetPrec(prec).SetInt(n)))
	r, _ := v.Float64()
	return int(new(big.Int).And(n, big.NewInt(3)).Int64()), r
}

func sinCosSeries(r float64) (sin, cos float64) {
	z := float64(r * r)
	s, c := inverseFactorial[19], inverseFactorial[18]
	for n := 17; n >= 1; n -= 2 {
		s = inverseFactorial[n] - float64(s*z)
		c = inverseFactorial[n-1] - float64(c*z)
	}
	return float64(r * s), c
}

// Sin is the sine.
func Sin(x float64) float64 {
	n, r := quarterTurns(x)
	s, c := sinCosSeries(r)
	return [4]float64{s, c, -s, -c}[n]
}

// Cos is the cosine.
func Cos(x float64) float64 {
	n, r := quarterTurns(x)
	s, c := sinCosSeries(r)
	return [4]float64{c, -s, -c, s}[n]
}

// Tan is the tangent.
func Tan(x float64) float64 {
	n, r := quarterTurns(x)
	s, c := sinCosSeries(r)
	if n&1 == 1 {
		return -c / s
	}
	return s / c
}

// Atan is the inverse tangent: the argument is halved twice (as an angle), then a series.
func Atan(x float64) float64 {
	a := math.Abs(x)
	if math.IsNaN(x) || x == 0 {
		return x
	}
	big := a > 1
	if big {
		a = 1 / a
	}
	for range 2 {
		a = a / (1 + math.Sqrt(1+float64(a*a)))
	}
	z := float64(a * a)
	p := inverseOdd[13]
	for n := 12; n >= 0; n-- {
		p = inverseOdd[n] - float64(p*z)
	}
	y := 4 * float64(a*p)
	if big {
		y = math.Pi/2 - y
	}
	return math.Copysign(y, x)
}

// Asin is the inverse sine.
func Asin(x float64) float64 {
	return Atan(x / math.Sqrt(float64((1-x)*(1+x))))
}

// Acos is the inverse cosine.
func Acos(x float64) float64 {
	return 2 * Atan(math.Sqrt((1-x)/(1+x)))
}

// Asinh is the inverse hyperbolic sine.
func Asinh(x float64) float64 {
	a := math.Abs(x)
	if a > 1e9 {
		return math.Copysign(Log(a)+math.Ln2, x)
	}
	z := float64(a * a)
	return math.Copysign(Log1p(a+z/(1+math.Sqrt(1+z))), x)
}

// Acosh is the inverse hyperbolic cosine.
func Acosh(x float64) float64 {
	if x > 1e9 {
		return Log(x) + math.Ln2
	}
	t := x - 1
	return Log1p(t + math.Sqrt(float64(2*t)+float64(t*t)))
}

// Atanh is the inverse hyperbolic tangent.
func Atanh(x float64) float64 {
	a := math.Abs(x)
	return math.Copysign(0.5*Log1p(2*a/(1-a)), x)
}

// Pow is x^y, with math.Pow's special cases.
func Pow(x, y float64) float64 {
	switch {
	case x == 0 || x == 1 || y == 0 || math.IsNaN(x) || math.IsNaN(y) || math.IsInf(x, 0) || math.IsInf(y, 0):
		return math.Pow(x, y)
	case y == 0.5:
		return math.Sqrt(x)
	}
	whole := y == math.Trunc(y)
	if whole && math.Abs(y) <= 64 {
		p, b := 1.0, x
		for n := int(math.Abs(y)); n > 0; n >>= 1 {
			if n&1 == 1 {
				p = float64(p * b)
			}
			b = float64(b * b)
		}
		if y < 0 {
			return 1 / p
		}
		return p
	}
	if x < 0 && !whole {
		return math.NaN()
	}
	p := Exp(float64(y * Log(math.Abs(x))))
	if x < 0 && math.Mod(y, 2) != 0 {
		p = -p
	}
	return p
}
