package tensor

import (
	"math"
	"testing"
)

func TestFunctionsAgreeWithMath(t *testing.T) {
	for _, c := range []struct {
		name   string
		f, ref func(float64) float64
		lo, hi float64
		tol    float64
	}{
		{"exp", Exp, math.Exp, -700, 700, 1e-15},
		{"expm1", Expm1, math.Expm1, -3, 3, 2e-15},
		{"log", Log, math.Log, 1e-9, 1e9, 1e-15},
		{"log near 1", Log, math.Log, 0.6, 1.7, 2e-15},
		{"log1p", Log1p, math.Log1p, -0.9, 3, 2e-15},
		{"tanh", Tanh, math.Tanh, -25, 25, 2e-15},
		{"sinh", Sinh, math.Sinh, -705, 705, 2e-14},
		{"cosh", Cosh, math.Cosh, -705, 705, 2e-14},
		{"erf", Erf, math.Erf, -7, 7, 4e-15},
		{"sin", Sin, math.Sin, -100, 100, 1e-13},
		{"sin far", Sin, math.Sin, 1e6, 1e30, 1e-9},
		{"cos", Cos, math.Cos, -100, 100, 1e-13},
		{"tan", Tan, math.Tan, -1.5, 1.5, 4e-15},
		{"atan", Atan, math.Atan, -50, 50, 2e-15},
		{"asin", Asin, math.Asin, -1, 1, 2e-15},
		{"acos", Acos, func(x float64) float64 { return 2 * math.Asin(math.Sqrt((1-x)/2)) }, -1, 1, 1e-14},
		{"asinh", Asinh, math.Asinh, -1e3, 1e3, 2e-15},
		{"acosh", Acosh, math.Acosh, 1, 1e3, 2e-15},
		{"atanh", Atanh, math.Atanh, -0.999, 0.999, 3e-15},
	} {
		for i := 0; i <= 20000; i++ {
			x := c.lo + (c.hi-c.lo)*float64(i)/20000
			got, want := c.f(x), c.ref(x)
			if math.Abs(got-want) > c.tol*math.Abs(want)+1e-300 && math.Abs(got-want) > c.tol*1e-2 {
				t.Errorf("%s(%g) = %g, want %g", c.name, x, got, want)
				break
			}
		}
	}
}

func TestFunctionsAtTheEdges(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"exp(-inf)", Exp(-inf), 0}, {"exp(inf)", Exp(inf), inf}, {"exp(nan)", Exp(nan), nan},
		{"log(0)", Log(0), -inf}, {"log(-1)", Log(-1), nan}, {"log(inf)", Log(inf), inf},
		{"tanh(inf)", Tanh(inf), 1}, {"erf(-inf)", Erf(-inf), -1}, {"sin(inf)", Sin(inf), nan},
		{"atan(inf)", Atan(inf), math.Pi / 2}, {"asin(1)", Asin(1), math.Pi / 2}, {"acos(-1)", Acos(-1), math.Pi},
		{"asin(2)", Asin(2), nan}, {"acos(2)", Acos(2), nan}, {"acosh(0.5)", Acosh(0.5), nan}, {"atanh(1)", Atanh(1), inf},
		{"pow(-2,3)", Pow(-2, 3), -8}, {"pow(2,-2)", Pow(2, -2), 0.25}, {"pow(-2,0.5)", Pow(-2, 0.5), nan},
		{"pow(0,-1)", Pow(0, -1), inf}, {"softplus(-800)", Softplus(-800), 0}, {"softplus(800)", Softplus(800), 800},
		{"sigmoid(-800)", Sigmoid(-800), 0}, {"sigmoid(800)", Sigmoid(800), 1}, {"tanh(nan)", Tanh(nan), nan},
	} {
		if c.got != c.want && !(math.IsNaN(c.got) && math.IsNaN(c.want)) {
			t.Errorf("%s = %g, want %g", c.name, c.got, c.want)
		}
	}
	if got, want := Pow(3.7, 2.3), math.Pow(3.7, 2.3); math.Abs(got-want) > 1e-13*want {
		t.Errorf("pow = %g, want %g", got, want)
	}
}

func TestRounding(t *testing.T) {
	for _, c := range []struct {
		d    DType
		x, y float64
	}{
		{Float16, 65519, 65504}, {Float16, 65520, math.Inf(1)}, {Float16, 1 + 1.0/2048, 1}, {Float16, 1 + 3.0/2048, 1 + 1.0/512},
		{Float16, 0x1p-24, 0x1p-24}, {Float16, 0x1p-25, 0}, {Float16, -0x1.8p-25, -0x1p-24},
		{BFloat16, 1 + 1.0/256, 1}, {BFloat16, 1 + 3.0/256, 1 + 1.0/64}, {BFloat16, 3.4e38, math.Inf(1)}, {BFloat16, 0x1p-133, 0x1p-133},
		{Float32, 0.1, float64(float32(0.1))}, {Float64, 0.1, 0.1},
	} {
		if got := c.d.Round(c.x); got != c.y {
			t.Errorf("%v.Round(%g) = %g, want %g", c.d, c.x, got, c.y)
		}
	}
	for _, c := range []struct {
		d    DType
		x, y int64
	}{{Int8, 200, -56}, {UInt8, -1, 255}, {Int4, 8, -8}, {UInt4, 17, 1}, {Int32, 1 << 31, -1 << 31}, {Bool, 7, 1}} {
		if got := c.d.Wrap(c.x); got != c.y {
			t.Errorf("%v.Wrap(%d) = %d, want %d", c.d, c.x, got, c.y)
		}
	}
}
