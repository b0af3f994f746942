package graph

import "github.com/ezkl-go/ezkl/internal/tensor"

// quantizedExpansions are the operators on quantised tensors that stand for a dequantised one between DequantizeLinear and
// QuantizeLinear, or for one on integers.
var quantizedExpansions = map[string]expansion{
	"ConvInteger":   convInteger,
	"QLinearConv":   qlinearConv,
	"QLinearMatMul": qlinearMatMul,

	// onnxruntime's own, of its QOperator format
	"com.microsoft.QGemm":                    qGemm,
	"com.microsoft.QLinearAdd":               qlinearPair("Add"),
	"com.microsoft.QLinearAveragePool":       qlinearOne("AveragePool"),
	"com.microsoft.QLinearConcat":            qlinearConcat,
	"com.microsoft.QLinearGlobalAveragePool": qlinearOne("GlobalAveragePool"),
	"com.microsoft.QLinearLeakyRelu":         qlinearOne("LeakyRelu"),
	"com.microsoft.QLinearMul":               qlinearPair("Mul"),
	"com.microsoft.QLinearSigmoid":           qlinearOne("Sigmoid"),
	"com.microsoft.QLinearSoftmax":           qlinearOne("Softmax"),
	"com.microsoft.QLinearWhere":             qlinearWhere,
}

// dequantised is the real tensor of inputs i, i+1 (scale) and i+2 (zero point), along an axis where they are lists.
func (e *expander) dequantised(i, axis int) *Value {
	return e.op("DequantizeLinear", Attrs{"axis": int64(axis)}, e.in(i), e.in(i+1), e.n.In(i+2))
}

// qlinearConv convolves; weights have a scale for each output channel, the bias the product of both scales.
func qlinearConv(e *expander) []*Value {
	e.arity(8, 9)
	x, w := e.dequantised(0, 1), e.dequantised(3, 0)
	var bias *Value
	if b := e.n.In(8); b != nil {
		bias = e.op("DequantizeLinear", Attrs{"axis": int64(0)}, b, e.op("Mul", nil, e.in(1), e.in(4)))
	}
	y := e.op("Conv", e.n.Attrs, x, w, bias)
	return []*Value{e.op("QuantizeLinear", nil, y, e.in(6), e.in(7))}
}

// qlinearMatMul multiplies; the operands may have a scale for each row and for each column.
func qlinearMatMul(e *expander) []*Value {
	e.arity(8, 8)
	rows, columns := max(0, len(e.in(0).Shape)-2), max(0, len(e.in(3).Shape)-1)
	y := e.op("MatMul", nil, e.dequantised(0, rows), e.dequantised(3, columns))
	return []*Value{e.op("QuantizeLinear", nil, y, e.in(6), e.in(7))}
}

// convInteger convolves integers less their zero points, in float64, which is exact. The weights' zero point may have one entry
// for each output channel.
func convInteger(e *expander) []*Value {
	e.arity(2, 4)
	operand := func(i int) *Value {
		x := e.in(i)
		if !x.Type.IsInt() {
			e.failf("input %d is %v, not an integer", i, x.Type)
		}
		v := e.cast(x, tensor.Float64)
		z := e.n.In(2 + i)
		if z == nil {
			return v
		}
		z = e.cast(z, tensor.Float64)
		if n := tensor.Size(z.Shape); n != 1 {
			if i == 0 || len(x.Shape) == 0 || n != x.Shape[0] {
				e.failf("%d zero points for input %d of shape %v", n, i, x.Shape)
			}
			shape := make([]int, len(x.Shape))
			fill(shape, 1)
			shape[0] = n
			z = e.reshape(z, shape...)
		}
		return e.op("Sub", nil, v, z)
	}
	return []*Value{e.cast(e.op("Conv", e.n.Attrs, operand(0), operand(1)), tensor.Int32)}
}

// qlinearOne is a function of one tensor: x, its scale and zero point, those of y.
func qlinearOne(op string) expansion {
	return func(e *expander) []*Value {
		e.arity(4, 5)
		if e.n.Attrs.Int("channels_last", 0) != 0 {
			e.unsupported("channels_last")
		}
		x := e.dequantised(0, 1)
		if op == "Softmax" && e.n.Attrs.Int("opset", 13) < 13 { // of all axes from that one on
			axis, err := axis(e.n.Attrs.Int("axis", 1), len(x.Shape))
			e.check(err)
			y := e.op(op, Attrs{"axis": int64(1)}, e.reshape(x, tensor.Size(x.Shape[:axis]), tensor.Size(x.Shape[axis:])))
			return []*Value{e.op("QuantizeLinear", nil, e.reshape(y, x.Shape...), e.in(3), e.n.In(4))}
		}
		return []*Value{e.op("QuantizeLinear", nil, e.op(op, e.n.Attrs, x), e.in(3), e.n.In(4))}
	}
}

// qlinearPair is a function of two tensors.
func qlinearPair(op string) expansion {
	return func(e *expander) []*Value {
		e.arity(7, 8)
		y := e.op(op, nil, e.dequantised(0, 1), e.dequantised(3, 1))
		return []*Value{e.op("QuantizeLinear", nil, y, e.in(6), e.n.In(7))}
	}
}

// qlinearWhere chooses between two tensors by a third.
func qlinearWhere(e *expander) []*Value {
	e.arity(9, 9)
	y := e.op("Where", nil, e.in(0), e.dequantised(1, 1), e.dequantised(4, 1))
	return []*Value{e.op("QuantizeLinear", nil, y, e.in(7), e.n.In(8))}
}

// qlinearConcat joins tensors behind the scale and zero point of the whole.
func qlinearConcat(e *expander) []*Value {
	if len(e.n.Inputs) < 5 || len(e.n.Inputs)%3 != 2 {
		e.failf("%d inputs, want a scale and a zero point and three for each part", len(e.n.Inputs))
	}
	var parts []*Value
	for i := 2; i < len(e.n.Inputs); i += 3 {
		parts = append(parts, e.dequantised(i, 1))
	}
	return []*Value{e.op("QuantizeLinear", nil, e.op("Concat", Attrs{"axis": e.n.Attrs.Int("axis", 0)}, parts...), e.in(0), e.n.In(1))}
}

// qGemm is alpha A B + C, real if y has no scale; B may have one for each column, and C has alpha times the product of both.
func qGemm(e *expander) []*Value {
	e.arity(6, 9)
	a := e.n.Attrs
	columns := 1
	if a.Int("transB", 0) != 0 {
		columns = 0
	}
	alpha := a.Float("alpha", 1)
	var bias *Value
	if c := e.n.In(6); c != nil {
		scale := e.op("Mul", nil, e.op("Mul", nil, e.in(1), e.in(4)), e.scalar(e.in(1).Type, alpha))
		bias = e.op("DequantizeLinear", Attrs{"axis": int64(max(0, len(c.Shape)-1))}, c, scale)
	}
	y := e.op("Gemm", Attrs{"alpha": alpha, "transA": a.Int("transA", 0), "transB": a.Int("transB", 0)}, e.dequantised(0, 0), e.dequantised(3, columns), bias)
	if e.n.In(7) == nil {
		return []*Value{y}
	}
	return []*Value{e.op("QuantizeLinear", nil, y, e.in(7), e.n.In(8))}
}
