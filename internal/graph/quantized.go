package graph

import "github.com/ezkl-go/ezkl/internal/tensor"

// quantizedExpansions are the operators on quantised tensors that stand for a dequantised one between DequantizeLinear and
// QuantizeLinear, or for one on integers.
var quantizedExpansions = map[string]expansion{
	"ConvInteger":   convInteger,
	"QLinearConv":   qlinearConv,
	"QLinearMatMul": qlinearMatMul,
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
