package graph

import (
	"fmt"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

var castOps = []*Op{
	{Name: "Cast", MinIn: 1, MaxIn: 1, Infer: inferCast, Eval: evalCast},
	{Name: "CastLike", MinIn: 2, MaxIn: 2, Infer: inferCast, Eval: evalCast}, // Build makes it a Cast
}

// onnxTypes are ONNX's numbers of the element types.
var onnxTypes = map[int64]tensor.DType{
	1: tensor.Float32, 2: tensor.UInt8, 3: tensor.Int8, 4: tensor.UInt16, 5: tensor.Int16, 6: tensor.Int32, 7: tensor.Int64,
	9: tensor.Bool, 10: tensor.Float16, 11: tensor.Float64, 12: tensor.UInt32, 13: tensor.UInt64, 16: tensor.BFloat16,
	21: tensor.UInt4, 22: tensor.Int4, 25: tensor.UInt2, 26: tensor.Int2,
}

// TypeOf is the element type of an ONNX type number.
func TypeOf(number int64) (tensor.DType, error) {
	if t, ok := onnxTypes[number]; ok {
		return t, nil
	}
	names := map[int64]string{0: "undefined", 8: "string", 14: "complex64", 15: "complex128", 17: "float8e4m3fn",
		18: "float8e4m3fnuz", 19: "float8e5m2", 20: "float8e5m2fnuz", 23: "float4e2m1"}
	if s := names[number]; s != "" {
		return 0, fmt.Errorf("element type %s is not supported", s)
	}
	return 0, fmt.Errorf("element type %d is unknown", number)
}

// numberOf is ONNX's number of an element type.
func numberOf(t tensor.DType) int64 {
	for k, u := range onnxTypes {
		if t == u {
			return k
		}
	}
	return 0
}

// CastOf is the type that a Cast or CastLike converts to.
func CastOf(n *Node) (tensor.DType, error) {
	if n.Op == "CastLike" {
		return n.Inputs[1].Type, nil
	}
	to, ok := n.Attrs["to"].(int64)
	if !ok {
		return 0, fmt.Errorf("attribute to is missing")
	}
	return TypeOf(to)
}

func inferCast(n *Node) error {
	t, err := CastOf(n)
	if err != nil {
		return err
	}
	return n.set(0, t, n.Inputs[0].Shape)
}

func evalCast(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	return one(in[0].Cast(n.Outputs[0].Type), nil)
}

// castExpansions are conversions that are others.
var castExpansions = map[string]expansion{"BitCast": bitCast}

// bitCast reads the bits of numbers as another type's of the same width: of integers a Cast, which wraps. The bits of a float
// that is data are no number that a circuit has.
func bitCast(e *expander) []*Value {
	e.arity(1, 1)
	x := e.in(0)
	to, err := CastOf(e.n)
	e.check(err)
	switch {
	case x.Type == to:
		return []*Value{x}
	case bitsOf(x.Type) != bitsOf(to):
		e.failf("from %v to %v", x.Type, to)
	case x.Const != nil && bitsOf(to) >= 32:
		y := tensor.New(to, x.Shape...)
		for i := range y.Len() {
			y.SetBits(i, x.Const.Bits(i))
		}
		return []*Value{e.constant(y)}
	case x.Type.IsFloat() || to.IsFloat() || to == tensor.Bool || bitsOf(to) == 64:
		e.unsupported("the bits of data that is %v as %v", x.Type, to)
	}
	return []*Value{e.cast(x, to)}
}

// bitsOf is the width of an element.
func bitsOf(t tensor.DType) int {
	switch t {
	case tensor.Float64, tensor.Int64, tensor.UInt64:
		return 64
	case tensor.Float32, tensor.Int32, tensor.UInt32:
		return 32
	case tensor.Float16, tensor.BFloat16, tensor.Int16, tensor.UInt16:
		return 16
	case tensor.Int4, tensor.UInt4:
		return 4
	case tensor.Int2, tensor.UInt2:
		return 2
	}
	return 8
}
