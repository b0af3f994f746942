package graph

import (
	"fmt"
	"math"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// binaryOps take two tensors (Max, Min, Sum, Mean: any number) that broadcast.
var binaryOps = []*Op{
	arith("Add", func(a, b float64) float64 { return a + b }, func(a, b int64) int64 { return a + b }),
	arith("Sub", func(a, b float64) float64 { return a - b }, func(a, b int64) int64 { return a - b }),
	arith("Mul", func(a, b float64) float64 { return float64(a * b) }, func(a, b int64) int64 { return a * b }),
	arith("Div", func(a, b float64) float64 { return a / b }, nil),
	arith("Mod", math.Mod, nil),
	arith("PRelu", func(a, b float64) float64 {
		if a < 0 {
			return float64(a * b)
		}
		return a
	}, func(a, b int64) int64 {
		if a < 0 {
			return a * b
		}
		return a
	}),
	{Name: "Pow", MinIn: 2, MaxIn: 2, Infer: inferPow, Eval: evalPow},
	arith("BitShift", nil, func(a, b int64) int64 { return a }),
	arith("BitwiseAnd", nil, func(a, b int64) int64 { return a & b }),
	arith("BitwiseOr", nil, func(a, b int64) int64 { return a | b }),
	arith("BitwiseXor", nil, func(a, b int64) int64 { return a ^ b }),
	nary("Max", maxFloat, func(a, b int64) int64 { return max(a, b) }),
	nary("Min", minFloat, func(a, b int64) int64 { return min(a, b) }),
	nary("Sum", func(a, b float64) float64 { return a + b }, func(a, b int64) int64 { return a + b }),
	nary("Mean", func(a, b float64) float64 { return a + b }, nil),
	compare("Equal", func(a, b float64) bool { return a == b }, func(a, b int64) bool { return a == b }),
	compare("Greater", func(a, b float64) bool { return a > b }, func(a, b int64) bool { return a > b }),
	compare("GreaterOrEqual", func(a, b float64) bool { return a >= b }, func(a, b int64) bool { return a >= b }),
	compare("Less", func(a, b float64) bool { return a < b }, func(a, b int64) bool { return a < b }),
	compare("LessOrEqual", func(a, b float64) bool { return a <= b }, func(a, b int64) bool { return a <= b }),
	logic("And", func(a, b bool) bool { return a && b }),
	logic("Or", func(a, b bool) bool { return a || b }),
	logic("Xor", func(a, b bool) bool { return a != b }),
}

// maxFloat is the larger number; NaN wins, as in onnxruntime.
func maxFloat(a, b float64) float64 {
	if a > b || math.IsNaN(a) {
		return a
	}
	return b
}

func minFloat(a, b float64) float64 {
	if a < b || math.IsNaN(a) {
		return a
	}
	return b
}

// arithType is the type of a binary operator's result. ONNX wants equal types; exporters that other importers are lenient
// with mix them, and then a floating type wins, and the wider one.
func arithType(inputs []*Value) tensor.DType {
	t := inputs[0].Type
	for _, v := range inputs[1:] {
		switch {
		case v.Type == t || t == tensor.Float64:
		case v.Type.IsFloat() && !t.IsFloat():
			t = v.Type
		case v.Type.IsFloat() == t.IsFloat() && v.Type != tensor.Bool && (t == tensor.Bool || widthOf(v.Type) > widthOf(t)):
			t = v.Type
		}
	}
	return t
}

func widthOf(t tensor.DType) int {
	switch t {
	case tensor.Float64, tensor.Int64, tensor.UInt64:
		return 64
	case tensor.Float32, tensor.Int32, tensor.UInt32:
		return 32
	case tensor.Int8, tensor.UInt8:
		return 8
	case tensor.Int4, tensor.UInt4:
		return 4
	case tensor.Int2, tensor.UInt2:
		return 2
	}
	return 16
}

func arith(name string, f func(a, b float64) float64, i func(a, b int64) int64) *Op {
	infer := func(n *Node) error {
		t := arithType(n.Inputs)
		if t == tensor.Bool {
			return fmt.Errorf("inputs are bool")
		}
		if f == nil && t.IsFloat() {
			return fmt.Errorf("inputs are %v, not integers", t)
		}
		if name == "PRelu" {
			t = n.Inputs[0].Type
		}
		shape, err := n.broadcastOf()
		if err != nil {
			return err
		}
		if name == "PRelu" && !tensor.SameShape(shape, n.Inputs[0].Shape) {
			return fmt.Errorf("slope of shape %v does not broadcast to %v", n.Inputs[1].Shape, n.Inputs[0].Shape)
		}
		return n.set(0, t, shape)
	}
	eval := func(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		g, err := n.intFunc(i)
		if err != nil {
			return nil, err
		}
		return one(fold2(n.Outputs[0].Type, n.Outputs[0].Shape, in[0], in[1], f, g))
	}
	return &Op{Name: name, MinIn: 2, MaxIn: 2, Infer: infer, Eval: eval}
}

// intFunc is the integer form of an operator whose form depends on attributes; or i.
func (n *Node) intFunc(i func(a, b int64) int64) (func(a, b int64) int64, error) {
	unsigned := n.Outputs[0].Type == tensor.UInt64
	switch n.Op {
	case "Div":
		return func(a, b int64) int64 {
			switch {
			case b == 0:
				return 0 // onnxruntime stops the process
			case unsigned:
				return int64(uint64(a) / uint64(b))
			case b == -1:
				return -a
			}
			return a / b
		}, nil
	case "Mod":
		fmod := n.Attrs.Int("fmod", 0) != 0
		return func(a, b int64) int64 {
			if b == 0 || b == -1 {
				return 0
			}
			r := a % b
			if !fmod && r != 0 && (r < 0) != (b < 0) {
				r += b
			}
			return r
		}, nil
	case "BitShift":
		switch d := n.Attrs.String("direction", ""); d {
		case "LEFT":
			return func(a, b int64) int64 { return int64(uint64(a) << uint64(b)) }, nil
		case "RIGHT":
			if unsigned {
				return func(a, b int64) int64 { return int64(uint64(a) >> uint64(b)) }, nil
			}
			return func(a, b int64) int64 { return a >> uint64(b) }, nil // beyond the width, or negative: the sign is left
		default:
			return nil, fmt.Errorf("direction is %q", d)
		}
	}
	return i, nil
}

// fold2 is f (or i for integers) of two tensors that broadcast to shape, converted to type t first.
func fold2(t tensor.DType, shape []int, a, b *tensor.Tensor, f func(a, b float64) float64, i func(a, b int64) int64) (*tensor.Tensor, error) {
	a, b = a.Cast(t), b.Cast(t)
	if t.IsFloat() {
		out := make([]float64, tensor.Size(shape))
		zip(out, shape, a.Floats, a.Shape, b.Floats, b.Shape, f)
		return tensor.FromFloats(t, out, shape...), nil
	}
	out := make([]int64, tensor.Size(shape))
	zip(out, shape, a.Ints, a.Shape, b.Ints, b.Shape, i)
	return tensor.FromInts(t, out, shape...), nil
}

func nary(name string, f func(a, b float64) float64, i func(a, b int64) int64) *Op {
	infer := func(n *Node) error {
		t := arithType(n.Inputs)
		if t == tensor.Bool || i == nil && !t.IsFloat() {
			return fmt.Errorf("inputs are %v", t)
		}
		shape, err := n.broadcastOf()
		if err != nil {
			return err
		}
		return n.set(0, t, shape)
	}
	eval := func(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		t, shape := n.Outputs[0].Type, n.Outputs[0].Shape
		sum := tensor.New(t, shape...)
		if t.IsFloat() {
			acc := sum.Floats
			for k, x := range in {
				x = x.Cast(t)
				g := f
				if k == 0 {
					g = func(_, b float64) float64 { return b }
				}
				zip(acc, shape, acc, shape, x.Floats, x.Shape, g)
			}
			if name == "Mean" {
				for k := range acc {
					acc[k] /= float64(len(in))
				}
			}
			return one(tensor.FromFloats(t, acc, shape...), nil)
		}
		for k, x := range in {
			g := i
			if k == 0 {
				g = func(_, b int64) int64 { return b }
			}
			zip(sum.Ints, shape, sum.Ints, shape, x.Ints, x.Shape, g)
		}
		return one(tensor.FromInts(t, sum.Ints, shape...), nil)
	}
	return &Op{Name: name, MinIn: 1, MaxIn: -1, Infer: infer, Eval: eval}
}

func inferPow(n *Node) error {
	t := n.Inputs[0].Type
	if t == tensor.Bool || n.Inputs[1].Type == tensor.Bool {
		return fmt.Errorf("inputs are bool")
	}
	shape, err := n.broadcastOf()
	if err != nil {
		return err
	}
	return n.set(0, t, shape)
}

func evalPow(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	t, shape := n.Outputs[0].Type, n.Outputs[0].Shape
	a, b := in[0], in[1]
	if !t.IsFloat() && !b.Type.IsFloat() {
		out := make([]int64, tensor.Size(shape))
		zip(out, shape, a.Ints, a.Shape, b.Ints, b.Shape, intPow)
		return one(tensor.FromInts(t, out, shape...), nil)
	}
	out := make([]float64, tensor.Size(shape))
	zip(out, shape, floats(a), a.Shape, floats(b), b.Shape, tensor.Pow)
	return one(fromFloats(t, out, shape), nil)
}

func intPow(a, b int64) int64 {
	if b < 0 {
		switch a {
		case 1:
			return 1
		case -1:
			return 1 - 2*(b&1)
		}
		return 0
	}
	p := int64(1)
	for ; b > 0; b >>= 1 {
		if b&1 == 1 {
			p *= a
		}
		a *= a
	}
	return p
}

func compare(name string, f func(a, b float64) bool, i func(a, b int64) bool) *Op {
	infer := func(n *Node) error {
		shape, err := n.broadcastOf()
		if err != nil {
			return err
		}
		return n.set(0, tensor.Bool, shape)
	}
	eval := func(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		a, b := in[0], in[1]
		y := tensor.New(tensor.Bool, n.Outputs[0].Shape...)
		if a.Type.IsFloat() || b.Type.IsFloat() {
			zip(y.Ints, y.Shape, floats(a), a.Shape, floats(b), b.Shape, func(a, b float64) int64 { return bit(f(a, b)) })
		} else {
			zip(y.Ints, y.Shape, a.Ints, a.Shape, b.Ints, b.Shape, func(a, b int64) int64 { return bit(i(a, b)) })
		}
		return one(y, nil)
	}
	return &Op{Name: name, MinIn: 2, MaxIn: 2, Infer: infer, Eval: eval}
}

func logic(name string, f func(a, b bool) bool) *Op {
	infer := func(n *Node) error {
		for i, v := range n.Inputs {
			if v.Type != tensor.Bool {
				return fmt.Errorf("input %d is %v, not bool", i, v.Type)
			}
		}
		shape, err := n.broadcastOf()
		if err != nil {
			return err
		}
		return n.set(0, tensor.Bool, shape)
	}
	eval := func(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		a, b := in[0], in[1]
		y := tensor.New(tensor.Bool, n.Outputs[0].Shape...)
		zip(y.Ints, y.Shape, a.Ints, a.Shape, b.Ints, b.Shape, func(a, b int64) int64 { return bit(f(a != 0, b != 0)) })
		return one(y, nil)
	}
	return &Op{Name: name, MinIn: 2, MaxIn: 2, Infer: infer, Eval: eval}
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
