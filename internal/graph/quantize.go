package graph

import (
	"fmt"
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

var quantizeOps = []*Op{
	{Name: "QuantizeLinear", MinIn: 2, MaxIn: 3, Infer: inferQuantize, Eval: evalQuantize},
	{Name: "DequantizeLinear", MinIn: 2, MaxIn: 3, Infer: inferQuantize, Eval: evalDequantize},
	{Name: "DynamicQuantizeLinear", MinIn: 1, MaxIn: 1, MinOut: 3, MaxOut: 3, Infer: inferDynamicQuantize, Eval: evalDynamicQuantize},
}

// intRange is the interval of an integer type.
func intRange(t tensor.DType) (lo, hi float64) {
	switch t {
	case tensor.Int2:
		return -2, 1
	case tensor.UInt2:
		return 0, 3
	case tensor.Int4:
		return -8, 7
	case tensor.UInt4:
		return 0, 15
	case tensor.Int8:
		return -128, 127
	case tensor.UInt8:
		return 0, 255
	case tensor.Int16:
		return -1 << 15, 1<<15 - 1
	case tensor.UInt16:
		return 0, 1<<16 - 1
	}
	return -1 << 31, 1<<31 - 1
}

// quantAxis is the axis along which scale and zero point of a (de)quantisation run, or -1 if they are one number.
func quantAxis(n *Node) (int, error) {
	x, s := n.Inputs[0].Shape, n.Inputs[1]
	if z := n.In(2); z != nil && tensor.Size(z.Shape) != tensor.Size(s.Shape) {
		return 0, fmt.Errorf("scale of shape %v, zero point of shape %v", s.Shape, z.Shape)
	}
	if tensor.Size(s.Shape) == 1 && len(s.Shape) <= 1 {
		return -1, nil
	}
	a, err := axis(n.Attrs.Int("axis", 1), len(x))
	if err == nil && !tensor.SameShape(s.Shape, x[a:a+1]) {
		err = fmt.Errorf("scale of shape %v for axis %d of shape %v", s.Shape, a, x)
	}
	return a, err
}

func inferQuantize(n *Node) error {
	if _, err := quantAxis(n); err != nil {
		return err
	}
	x, s, z := n.Inputs[0], n.Inputs[1], n.In(2)
	if !s.Type.IsFloat() {
		return fmt.Errorf("scale is %v", s.Type)
	}
	if n.Op == "DequantizeLinear" {
		if !x.Type.IsInt() || z != nil && z.Type != x.Type {
			return fmt.Errorf("input is %v", x.Type)
		}
		return n.set(0, s.Type, x.Shape)
	}
	t := tensor.UInt8
	if to, ok := n.Attrs["output_dtype"].(int64); ok && to != 0 {
		var err error
		if t, err = TypeOf(to); err != nil {
			return err
		}
	}
	if z != nil {
		t = z.Type
	}
	if !t.IsInt() || widthOf(t) > 16 {
		return fmt.Errorf("zero point is %v", t)
	}
	return n.set(0, t, x.Shape)
}

// quantised calls f with each entry's scale and zero point.
func quantised(n *Node, in []*tensor.Tensor, f func(i int, scale float64, zero int64)) error {
	a, err := quantAxis(n)
	if err != nil {
		return err
	}
	inner := 1
	if a >= 0 {
		inner = tensor.Size(in[0].Shape[a+1:])
	}
	for i := range in[0].Len() {
		c := 0
		if a >= 0 {
			c = i / inner % in[0].Shape[a]
		}
		zero := int64(0)
		if len(in) > 2 && in[2] != nil {
			zero = in[2].Ints[c]
		}
		f(i, in[1].Floats[c], zero)
	}
	return nil
}

func evalQuantize(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	y := tensor.New(n.Outputs[0].Type, in[0].Shape...)
	lo, hi := intRange(y.Type)
	nan := -1
	err := quantised(n, in, func(i int, s float64, z int64) {
		q := math.RoundToEven(in[1].Type.Round(in[0].Float(i) / s))
		if math.IsNaN(q) {
			nan, q = i, 0
		}
		y.Ints[i] = int64(clamp(q+float64(z), lo, hi))
	})
	if nan >= 0 {
		return nil, fmt.Errorf("entry %d divided by its scale is NaN", nan)
	}
	return one(y, err)
}

func evalDequantize(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	y := make([]float64, in[0].Len())
	err := quantised(n, in, func(i int, s float64, z int64) { y[i] = float64(float64(in[0].Ints[i]-z) * s) })
	return one(tensor.FromFloats(n.Outputs[0].Type, y, in[0].Shape...), err)
}

func inferDynamicQuantize(n *Node) error {
	if n.Inputs[0].Type != tensor.Float32 || tensor.Size(n.Inputs[0].Shape) == 0 {
		return fmt.Errorf("input is %v %v", n.Inputs[0].Type, n.Inputs[0].Shape)
	}
	if err := n.set(1, tensor.Float32, nil); err != nil {
		return err
	}
	if err := n.set(2, tensor.UInt8, nil); err != nil {
		return err
	}
	return n.set(0, tensor.UInt8, n.Inputs[0].Shape)
}

func evalDynamicQuantize(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	x := in[0]
	lo, hi := 0.0, 0.0
	for _, v := range x.Floats {
		lo, hi = min(lo, v), max(hi, v)
	}
	s := tensor.Float32.Round((hi - lo) / 255)
	if s == 0 {
		s = 1
	}
	z := clamp(math.RoundToEven(tensor.Float32.Round(-lo/s)), 0, 255)
	y := tensor.New(tensor.UInt8, x.Shape...)
	for i, v := range x.Floats {
		y.Ints[i] = int64(clamp(math.RoundToEven(tensor.Float32.Round(v/s))+z, 0, 255))
	}
	return []*tensor.Tensor{y, tensor.FromFloats(tensor.Float32, []float64{s}), tensor.FromInts(tensor.UInt8, []int64{int64(z)})}, nil
}

// QuantParams describe a (de)quantisation: Shape is that in which scale and zero point broadcast to the tensor.
type QuantParams struct {
	Shape []int
}

// QuantOf resolves a QuantizeLinear or DequantizeLinear.
func QuantOf(n *Node) (QuantParams, error) {
	a, err := quantAxis(n)
	if err != nil || a < 0 {
		return QuantParams{Shape: []int{}}, err
	}
	x := n.Inputs[0].Shape
	shape := []int{x[a]}
	for range x[a+1:] {
		shape = append(shape, 1)
	}
	return QuantParams{Shape: shape}, nil
}

// IntRange is the interval of an integer type of at most 32 bits.
func IntRange(t tensor.DType) (lo, hi float64) { return intRange(t) }

// expandBlocks is a (de)quantisation with a scale for every block_size entries of an axis: the blocks of one scale become rows, each
// with its own.
func expandBlocks(e *expander) []*Value {
	e.arity(2, 3)
	x, s, z := e.in(0), e.in(1), e.n.In(2)
	a, err := axis(e.n.Attrs.Int("axis", 1), len(x.Shape))
	e.check(err)
	size, length := int(e.n.Attrs.Int("block_size", 0)), x.Shape[a]
	if size < 1 || size > tensor.MaxSize || len(s.Shape) != len(x.Shape) || tensor.Size(x.Shape) == 0 {
		e.failf("blocks of %d, input and scale of shapes %v, %v", size, x.Shape, s.Shape)
	}
	want := slices.Clone(x.Shape)
	want[a] = (length + size - 1) / size
	if !tensor.SameShape(s.Shape, want) || z != nil && !tensor.SameShape(z.Shape, want) {
		e.failf("scale of shape %v for blocks of %d of shape %v", s.Shape, size, x.Shape)
	}
	before, behind, blocks := tensor.Size(x.Shape[:a]), tensor.Size(x.Shape[a+1:]), want[a]
	e.size(before, blocks, size, behind)
	if blocks*size > length { // the last block is shorter
		pads := make([]int, 2*len(x.Shape))
		pads[len(x.Shape)+a] = blocks*size - length
		x = e.op("Pad", nil, x, e.ints(pads...))
	}
	x = e.transpose(e.reshape(x, before, blocks, size, behind), 0, 1, 3, 2)
	in := []*Value{e.reshape(x, before*blocks*behind, size), e.reshape(s, before*blocks*behind)}
	if z != nil {
		in = append(in, e.reshape(z, before*blocks*behind))
	}
	attrs := Attrs{"axis": int64(0)}
	if to, ok := e.n.Attrs["output_dtype"]; ok {
		attrs["output_dtype"] = to
	}
	y := e.transpose(e.reshape(e.op(e.n.Op, attrs, in...), before, blocks, behind, size), 0, 1, 3, 2)
	want[a] = blocks * size
	return []*Value{e.slice(e.reshape(y, want...), a, 0, length)}
}
