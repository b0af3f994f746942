package lower

import (
	"math"
	"testing"
)

// TestReal compares the portable functions with package math.
func TestReal(t *testing.T) {
	pairs := []struct {
		name   string
		f, g   func(float64) float64
		lo, hi float64
	}{
		{"exp", exp, math.Exp, -40, 40},
		{"expm1", expm1, math.Expm1, -5, 5},
		{"ln", ln, math.Log, 1e-9, 70000},
		{"tanh", tanh, math.Tanh, -25, 25},
		{"erf", erf, math.Erf, -7, 7},
		{"sigmoid", sigmoid, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, -50, 50},
		{"softplus", softplus, func(x float64) float64 { return math.Log1p(math.Exp(x)) }, -20, 20},
		{"cube", func(x float64) float64 { return pow(x, 3) }, func(x float64) float64 { return math.Pow(x, 3) }, -9, 9},
		{"inverse square", func(x float64) float64 { return pow(x, -2) }, func(x float64) float64 { return math.Pow(x, -2) }, 0.1, 9},
		{"pow 2.3", func(x float64) float64 { return pow(x, 2.3) }, func(x float64) float64 { return math.Pow(x, 2.3) }, 0, 9},
	}
	for _, p := range pairs {
		for i := range 20001 {
			x := p.lo + (p.hi-p.lo)*float64(i)/20000
			got, want := p.f(x), p.g(x)
			if math.Abs(got-want) > 1e-13*math.Abs(want)+1e-15 {
				t.Errorf("%s(%g) = %g, not %g", p.name, x, got, want)
				break
			}
		}
	}
	if !math.IsInf(ln(0), -1) || !math.IsNaN(ln(-1)) || pow(0, 2.3) != 0 || !math.IsInf(pow(0, -1), 1) || !math.IsNaN(pow(-1, 2.3)) {
		t.Error("special values")
	}
}
