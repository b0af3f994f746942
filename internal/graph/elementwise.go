package graph

import (
	"github.com/ezkl-go/ezkl/internal/parallel"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// mapFloats applies f to every entry of a floating tensor, rounding to its type.
func mapFloats(x *tensor.Tensor, f func(float64) float64) *tensor.Tensor {
	y := make([]float64, len(x.Floats))
	parallel.Ranges(len(y), 1<<12, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			y[i] = f(x.Floats[i])
		}
	})
	return tensor.FromFloats(x.Type, y, x.Shape...)
}

// mapInts applies f to every entry of an integer tensor, wrapping to its type.
func mapInts(x *tensor.Tensor, f func(int64) int64) *tensor.Tensor {
	y := make([]int64, len(x.Ints))
	for i, v := range x.Ints {
		y[i] = f(v)
	}
	return tensor.FromInts(x.Type, y, x.Shape...)
}

// zip applies f to the entries of two broadcast slices, writing out[i] for the broadcast shape.
func zip[A, B, C any](out []C, shape []int, a []A, aShape []int, b []B, bShape []int, f func(A, B) C) {
	if tensor.SameShape(aShape, bShape) {
		for i := range out {
			out[i] = f(a[i], b[i])
		}
		return
	}
	sa, sb := tensor.BroadcastStrides(aShape, shape), tensor.BroadcastStrides(bShape, shape)
	run, da, db := 1, 0, 0
	if r := len(shape); r > 0 {
		run, da, db = shape[r-1], sa[r-1], sb[r-1]
	}
	tensor.Walk(shape, [][]int{sa, sb}, func(at int, offs []int) {
		i, j := offs[0], offs[1]
		for k := at; k < at+run; k++ {
			out[k] = f(a[i], b[j])
			i += da
			j += db
		}
	})
}

// broadcastOf is the common shape of n's inputs.
func (n *Node) broadcastOf() ([]int, error) {
	shapes := make([][]int, len(n.Inputs))
	for i, v := range n.Inputs {
		shapes[i] = v.Shape
	}
	return tensor.Broadcast(shapes...)
}

// sameAsInput is the shape rule of an operator that keeps type and shape of input 0.
func sameAsInput(n *Node) error { return n.set(0, n.Inputs[0].Type, n.Inputs[0].Shape) }

// floats is the tensor's entries as float64, converted if they are integers.
func floats(t *tensor.Tensor) []float64 {
	if t.Type.IsFloat() {
		return t.Floats
	}
	f := make([]float64, len(t.Ints))
	for i, v := range t.Ints {
		f[i] = float64(v)
	}
	return f
}

// fromFloats is a tensor of any type from real numbers; integers are rounded to nearest.
func fromFloats(t tensor.DType, data []float64, shape []int) *tensor.Tensor {
	if t.IsFloat() {
		return tensor.FromFloats(t, data, shape...)
	}
	v := make([]int64, len(data))
	for i, x := range data {
		v[i] = t.FromFloat(x)
	}
	return tensor.FromInts(t, v, shape...)
}
