package graph

import (
	"fmt"
	"math"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// scalar is a function of one number: the float form, and the integer form where integers are treated exactly.
type scalar struct {
	f func(float64) float64
	i func(int64) int64
}

// scalars are the univariate operators: what they compute with a node's attributes and constant parameters.
var scalars = map[string]func(n *Node) (scalar, error){
	"Abs":         plainInt(math.Abs, func(v int64) int64 { return max(v, -v) }),
	"Acos":        plain(tensor.Acos),
	"Acosh":       plain(tensor.Acosh),
	"Asin":        plain(tensor.Asin),
	"Asinh":       plain(tensor.Asinh),
	"Atan":        plain(tensor.Atan),
	"Atanh":       plain(tensor.Atanh),
	"BitwiseNot":  plainInt(nil, func(v int64) int64 { return ^v }),
	"Ceil":        plain(math.Ceil),
	"Cos":         plain(tensor.Cos),
	"Cosh":        plain(tensor.Cosh),
	"Erf":         plain(tensor.Erf),
	"Exp":         plain(tensor.Exp),
	"Floor":       plain(math.Floor),
	"Log":         plain(tensor.Log),
	"Neg":         plainInt(func(x float64) float64 { return -x }, func(v int64) int64 { return -v }),
	"Not":         plainInt(nil, func(v int64) int64 { return v ^ 1 }),
	"Reciprocal":  plain(func(x float64) float64 { return 1 / x }),
	"Relu":        plainInt(relu, func(v int64) int64 { return max(v, 0) }),
	"Round":       plain(math.RoundToEven),
	"Sigmoid":     plain(tensor.Sigmoid),
	"Sign":        plainInt(sign, func(v int64) int64 { return min(1, max(-1, v)) }),
	"Sin":         plain(tensor.Sin),
	"Sinh":        plain(tensor.Sinh),
	"Softplus":    plain(tensor.Softplus),
	"Softsign":    plain(func(x float64) float64 { return x / (1 + math.Abs(x)) }),
	"Sqrt":        plain(math.Sqrt),
	"Tan":         plain(tensor.Tan),
	"Tanh":        plain(tensor.Tanh),
	"HardSwish":   plain(func(x float64) float64 { return float64(x * clamp(x/6+0.5, 0, 1)) }),
	"Mish":        plain(func(x float64) float64 { return float64(x * tensor.Tanh(tensor.Softplus(x))) }),
	"LeakyRelu":   leakyRelu,
	"Elu":         elu,
	"Selu":        selu,
	"Celu":        celu,
	"Gelu":        gelu,
	"HardSigmoid": hardSigmoid,
	"ThresholdedRelu": func(n *Node) (scalar, error) {
		alpha := n.Attrs.Float("alpha", 1)
		return scalar{f: func(x float64) float64 {
			if x > alpha {
				return x
			}
			return 0
		}}, nil
	},
	"Shrink": func(n *Node) (scalar, error) {
		bias, lambda := n.Attrs.Float("bias", 0), n.Attrs.Float("lambd", 0.5)
		return scalar{f: func(x float64) float64 {
			switch {
			case x < -lambda:
				return x + bias
			case x > lambda:
				return x - bias
			}
			return 0
		}}, nil
	},
	"Swish": func(n *Node) (scalar, error) {
		alpha := n.Attrs.Float("alpha", 1)
		return scalar{f: func(x float64) float64 { return float64(x * tensor.Sigmoid(float64(alpha*x))) }}, nil
	},
	"Clip": clip,
}

var unaryOps = func() []*Op {
	var ops []*Op
	for name := range scalars {
		op := &Op{Name: name, MinIn: 1, MaxIn: 1, Infer: inferScalar, Eval: evalScalar}
		if name == "Clip" {
			op.MaxIn, op.Params = 3, []int{1, 2}
		}
		ops = append(ops, op)
	}
	return append(ops,
		&Op{Name: "IsNaN", MinIn: 1, MaxIn: 1, Infer: inferBool, Eval: predicate(func(_ *Node, x float64) bool { return math.IsNaN(x) })},
		&Op{Name: "IsInf", MinIn: 1, MaxIn: 1, Infer: inferBool, Eval: predicate(func(n *Node, x float64) bool {
			return x > math.MaxFloat64 && n.Attrs.Int("detect_positive", 1) != 0 || x < -math.MaxFloat64 && n.Attrs.Int("detect_negative", 1) != 0
		})},
	)
}()

// ScalarOf is the function that a univariate operator (Relu, Sigmoid, Clip, LeakyRelu, Erf, ..) applies to every entry, in
// float64 and not rounded; ok is false for other operators.
func ScalarOf(n *Node) (f func(float64) float64, ok bool) {
	build := scalars[n.Op]
	if build == nil {
		return nil, false
	}
	s, err := build(n)
	if err != nil || s.f == nil {
		return nil, false
	}
	return s.f, true
}

func plain(f func(float64) float64) func(*Node) (scalar, error) { return plainInt(f, nil) }

func plainInt(f func(float64) float64, i func(int64) int64) func(*Node) (scalar, error) {
	return func(*Node) (scalar, error) { return scalar{f, i}, nil }
}

func inferScalar(n *Node) error {
	s, err := scalars[n.Op](n)
	if err != nil {
		return err
	}
	switch t := n.Inputs[0].Type; {
	case t == tensor.Bool && n.Op != "Not":
		return fmt.Errorf("input is bool")
	case t == tensor.Bool:
	case n.Op == "Not":
		return fmt.Errorf("input is %v, not bool", t)
	case t.IsFloat() && s.f == nil:
		return fmt.Errorf("input is %v, not an integer", t)
	case t.IsInt() && s.i == nil && n.Op != "Floor" && n.Op != "Ceil" && n.Op != "Round":
		return fmt.Errorf("input is %v, not a floating type", t)
	}
	return sameAsInput(n)
}

func evalScalar(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	s, err := scalars[n.Op](n)
	if err != nil {
		return nil, err
	}
	x := in[0]
	switch {
	case x.Type.IsFloat():
		return one(mapFloats(x, s.f), nil)
	case s.i == nil:
		return one(x, nil)
	}
	return one(mapInts(x, s.i), nil)
}

func inferBool(n *Node) error { return n.set(0, tensor.Bool, n.Inputs[0].Shape) }

func predicate(f func(n *Node, x float64) bool) func(*Node, []*tensor.Tensor) ([]*tensor.Tensor, error) {
	return func(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		y := tensor.New(tensor.Bool, in[0].Shape...)
		for i, x := range in[0].Floats {
			if f(n, x) {
				y.Ints[i] = 1
			}
		}
		return one(y, nil)
	}
}

func relu(x float64) float64 {
	if x < 0 {
		return 0
	}
	return x
}

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x
}

func clamp(x, lo, hi float64) float64 {
	if x < lo {
		x = lo
	}
	if x > hi {
		x = hi
	}
	return x
}

func leakyRelu(n *Node) (scalar, error) {
	alpha := n.Attrs.Float("alpha", 0.01)
	return scalar{f: func(x float64) float64 {
		if x < 0 {
			return float64(alpha * x)
		}
		return x
	}}, nil
}

func elu(n *Node) (scalar, error) {
	alpha := n.Attrs.Float("alpha", 1)
	return scalar{f: func(x float64) float64 {
		if x < 0 {
			return float64(alpha * tensor.Expm1(x))
		}
		return x
	}}, nil
}

func selu(n *Node) (scalar, error) {
	alpha, gamma := n.Attrs.Float("alpha", 1.67326319217681884765625), n.Attrs.Float("gamma", 1.05070102214813232421875)
	return scalar{f: func(x float64) float64 {
		if x <= 0 {
			return float64(gamma * float64(alpha*tensor.Expm1(x)))
		}
		return float64(gamma * x)
	}}, nil
}

func celu(n *Node) (scalar, error) {
	alpha := n.Attrs.Float("alpha", 1)
	if alpha == 0 {
		return scalar{}, fmt.Errorf("alpha is 0")
	}
	return scalar{f: func(x float64) float64 {
		if x < 0 {
			return float64(alpha * tensor.Expm1(x/alpha))
		}
		return x
	}}, nil
}

func gelu(n *Node) (scalar, error) {
	switch a := n.Attrs.String("approximate", "none"); a {
	case "none":
		return scalar{f: func(x float64) float64 {
			return float64(float64(0.5*x) * (1 + tensor.Erf(x/math.Sqrt2)))
		}}, nil
	case "tanh":
		c := math.Sqrt(2 / math.Pi)
		return scalar{f: func(x float64) float64 {
			cube := float64(0.044715 * float64(x*float64(x*x)))
			return float64(float64(0.5*x) * (1 + tensor.Tanh(float64(c*(x+cube)))))
		}}, nil
	default:
		return scalar{}, fmt.Errorf("approximate is %q", a)
	}
}

func hardSigmoid(n *Node) (scalar, error) {
	alpha, beta := n.Attrs.Float("alpha", 0.2), n.Attrs.Float("beta", 0.5)
	return scalar{f: func(x float64) float64 { return clamp(float64(alpha*x)+beta, 0, 1) }}, nil
}

// ClipOf is the interval of a Clip; infinite where it has no bound.
func ClipOf(n *Node) (lo, hi float64, err error) {
	lo, ok, err := n.constScalar(1, "min")
	if err != nil {
		return 0, 0, err
	}
	if !ok {
		lo = math.Inf(-1)
	}
	hi, ok, err = n.constScalar(2, "max")
	if !ok {
		hi = math.Inf(1)
	}
	return lo, hi, err
}

func clip(n *Node) (scalar, error) {
	lo, hi, err := ClipOf(n)
	if err != nil {
		return scalar{}, err
	}
	iLo, iHi := int64(math.MinInt64), int64(math.MaxInt64)
	if lo > -1<<63 {
		iLo = tensor.Int64.FromFloat(math.Ceil(lo))
	}
	if hi < 1<<63 {
		iHi = tensor.Int64.FromFloat(math.Floor(hi))
	}
	return scalar{
		f: func(x float64) float64 { return clamp(x, lo, hi) },
		i: func(v int64) int64 { return min(max(v, iLo), iHi) },
	}, nil
}
