package graph

import (
	"fmt"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

var gatherOps = []*Op{
	{Name: "Gather", MinIn: 2, MaxIn: 2, Infer: inferGather, Eval: evalGather},
	{Name: "GatherElements", MinIn: 2, MaxIn: 2, Infer: inferGatherElements, Eval: evalGatherElements},
	{Name: "GatherND", MinIn: 2, MaxIn: 2, Infer: inferGatherND, Eval: evalGatherND},
	{Name: "OneHot", MinIn: 3, MaxIn: 3, Params: []int{1}, Infer: inferOneHot, Eval: evalOneHot},
	{Name: "NonZero", MinIn: 1, MaxIn: 1, Infer: func(*Node) error { return errDataDependent }, Eval: evalNonZero},
	{Name: "Compress", MinIn: 2, MaxIn: 2, Params: []int{1}, Infer: inferCompress, Eval: evalCompress},
}

// GatherAxis is the axis of a Gather, GatherElements or ScatterElements.
func GatherAxis(n *Node) (int, error) {
	return axis(n.Attrs.Int("axis", 0), len(n.Inputs[0].Shape))
}

// index makes an index non-negative.
func index(v int64, length int) (int, error) {
	if v < -int64(length) || v >= int64(length) {
		return 0, fmt.Errorf("index %d of an axis of length %d", v, length)
	}
	if v < 0 {
		v += int64(length)
	}
	return int(v), nil
}

func inferGather(n *Node) error {
	a, err := GatherAxis(n)
	if err != nil {
		return err
	}
	x, i := n.Inputs[0].Shape, n.Inputs[1]
	if i.Type.IsFloat() {
		return fmt.Errorf("indices are %v", i.Type)
	}
	shape := append(append(append([]int{}, x[:a]...), i.Shape...), x[a+1:]...)
	return n.set(0, n.Inputs[0].Type, shape)
}

func evalGather(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	a, err := GatherAxis(n)
	if err != nil {
		return nil, err
	}
	x, idx := in[0], in[1].Ints
	length, inner := x.Shape[a], tensor.Size(x.Shape[a+1:])
	y := tensor.New(x.Type, n.Outputs[0].Shape...)
	at := 0
	for o := range tensor.Size(x.Shape[:a]) {
		for _, v := range idx {
			k, err := index(v, length)
			if err != nil {
				return nil, err
			}
			copyRun(y, at, x, (o*length+k)*inner, inner)
			at += inner
		}
	}
	return one(y, nil)
}

// copyRun copies count entries between tensors of the same type.
func copyRun(y *tensor.Tensor, to int, x *tensor.Tensor, from, count int) {
	if y.Type.IsFloat() {
		copy(y.Floats[to:to+count], x.Floats[from:from+count])
	} else {
		copy(y.Ints[to:to+count], x.Ints[from:from+count])
	}
}

func inferGatherElements(n *Node) error {
	a, err := GatherAxis(n)
	if err != nil {
		return err
	}
	x, i := n.Inputs[0].Shape, n.Inputs[1]
	if i.Type.IsFloat() || len(i.Shape) != len(x) {
		return fmt.Errorf("indices are %v %v, input has shape %v", i.Type, i.Shape, x)
	}
	for k, d := range i.Shape {
		if k != a && d > x[k] {
			return fmt.Errorf("indices of shape %v, input of shape %v", i.Shape, x)
		}
	}
	return n.set(0, n.Inputs[0].Type, i.Shape)
}

// elementOffsets calls f for each entry of indices with the offset in x that it names along axis a.
func elementOffsets(x []int, a int, indices *tensor.Tensor, f func(at, offset int)) error {
	strides := tensor.Strides(x)
	for at, v := range indices.Ints {
		k, err := index(v, x[a])
		if err != nil {
			return err
		}
		offset, rest := k*strides[a], at
		for i := len(x) - 1; i >= 0; i-- {
			p := rest % indices.Shape[i]
			rest /= indices.Shape[i]
			if i != a {
				offset += p * strides[i]
			}
		}
		f(at, offset)
	}
	return nil
}

func evalGatherElements(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	a, err := GatherAxis(n)
	if err != nil {
		return nil, err
	}
	y := tensor.New(in[0].Type, in[1].Shape...)
	err = elementOffsets(in[0].Shape, a, in[1], func(at, offset int) { copyRun(y, at, in[0], offset, 1) })
	return one(y, err)
}

// GatherNDParams describe a GatherND: the first Batch axes of both tensors go together; each index has Depth numbers.
type GatherNDParams struct {
	Batch, Depth int
}

// GatherNDOf resolves a GatherND.
func GatherNDOf(n *Node) (GatherNDParams, error) {
	x, i := n.Inputs[0].Shape, n.Inputs[1].Shape
	b := n.Attrs.Int("batch_dims", 0)
	bad := fmt.Errorf("indices of shape %v, input of shape %v, batch_dims %d", i, x, b)
	if b < 0 || b >= int64(len(i)) || b > int64(len(x)) {
		return GatherNDParams{}, bad
	}
	p := GatherNDParams{Batch: int(b), Depth: i[len(i)-1]}
	if p.Batch+p.Depth > len(x) || !tensor.SameShape(x[:p.Batch], i[:p.Batch]) || p.Depth < 1 {
		return p, bad
	}
	return p, nil
}

func inferGatherND(n *Node) error {
	p, err := GatherNDOf(n)
	if err != nil {
		return err
	}
	x, i := n.Inputs[0], n.Inputs[1]
	if i.Type.IsFloat() {
		return fmt.Errorf("indices are %v", i.Type)
	}
	return n.set(0, x.Type, append(append([]int{}, i.Shape[:len(i.Shape)-1]...), x.Shape[p.Batch+p.Depth:]...))
}

// tupleOffset is the offset that an index of several numbers names within a tensor of the given shape and strides.
func tupleOffset(idx []int64, shape, strides []int) (int, error) {
	at := 0
	for i, v := range idx {
		k, err := index(v, shape[i])
		if err != nil {
			return 0, err
		}
		at += k * strides[i]
	}
	return at, nil
}

func evalGatherND(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	p, err := GatherNDOf(n)
	if err != nil {
		return nil, err
	}
	x := in[0]
	y := tensor.New(x.Type, n.Outputs[0].Shape...)
	inner, whole := tensor.Size(x.Shape[p.Batch+p.Depth:]), tensor.Size(x.Shape[p.Batch:])
	count := len(in[1].Ints) / p.Depth
	perBatch := count / max(1, tensor.Size(x.Shape[:p.Batch]))
	strides := tensor.Strides(x.Shape)[p.Batch:]
	for k := range count {
		at, err := tupleOffset(in[1].Ints[k*p.Depth:(k+1)*p.Depth], x.Shape[p.Batch:], strides)
		if err != nil {
			return nil, err
		}
		copyRun(y, k*inner, x, k/perBatch*whole+at, inner)
	}
	return one(y, nil)
}

// OneHotOf is the axis that a OneHot inserts and its length.
func OneHotOf(n *Node) (a, depth int, err error) {
	d, _, err := n.constScalar(1, "depth")
	if err != nil {
		return 0, 0, err
	}
	if !(d >= 1 && d < tensor.MaxSize) {
		return 0, 0, fmt.Errorf("depth is %g", d)
	}
	a, err = axis(n.Attrs.Int("axis", -1), len(n.Inputs[0].Shape)+1)
	return a, int(d), err
}

func inferOneHot(n *Node) error {
	a, depth, err := OneHotOf(n)
	if err != nil {
		return err
	}
	if v := n.Inputs[2]; !tensor.SameShape(v.Shape, []int{2}) {
		return fmt.Errorf("values have shape %v, want [2]", v.Shape)
	}
	x := n.Inputs[0].Shape
	return n.set(0, n.Inputs[2].Type, append(append(append([]int{}, x[:a]...), depth), x[a:]...))
}

func evalOneHot(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	a, depth, err := OneHotOf(n)
	if err != nil {
		return nil, err
	}
	y := tensor.New(in[2].Type, n.Outputs[0].Shape...)
	for i := range y.Len() {
		copyRun(y, i, in[2], 0, 1)
	}
	inner := tensor.Size(in[0].Shape[a:])
	for i := range in[0].Len() {
		v := tensor.Int64.FromFloat(in[0].Float(i))
		if k, err := index(v, depth); err == nil { // others stay off
			copyRun(y, i/inner*inner*depth+k*inner+i%inner, in[2], 1, 1)
		}
	}
	return one(y, nil)
}

func evalNonZero(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	x := in[0]
	var hits []int
	for i := range x.Len() {
		if x.Float(i) != 0 {
			hits = append(hits, i)
		}
	}
	rank := max(1, len(x.Shape)) // a scalar counts as one axis
	if _, err := tensor.CheckedSize([]int{rank, len(hits)}); err != nil {
		return nil, err
	}
	y := tensor.New(tensor.Int64, rank, len(hits))
	for k, at := range hits {
		for i := len(x.Shape) - 1; i >= 0; i-- {
			y.Ints[i*len(hits)+k] = int64(at % x.Shape[i])
			at /= x.Shape[i]
		}
	}
	return one(y, nil)
}

// CompressOf are the indices that a Compress keeps along its axis; flat is true if it flattens its input first.
func CompressOf(n *Node) (a int, keep []int, flat bool, err error) {
	x := n.Inputs[0].Shape
	list, _, err := n.constInts(1, "condition")
	if err != nil {
		return 0, nil, false, err
	}
	length := tensor.Size(x)
	if v, ok := n.Attrs["axis"].(int64); ok {
		if a, err = axis(v, len(x)); err != nil {
			return 0, nil, false, err
		}
		length = x[a]
	} else {
		flat = true
	}
	if len(list) > length {
		return 0, nil, false, fmt.Errorf("condition of length %d for %d entries", len(list), length)
	}
	for i, v := range list {
		if v != 0 {
			keep = append(keep, i)
		}
	}
	return a, keep, flat, nil
}

func inferCompress(n *Node) error {
	a, keep, flat, err := CompressOf(n)
	if err != nil {
		return err
	}
	if flat {
		return n.set(0, n.Inputs[0].Type, []int{len(keep)})
	}
	shape := append([]int{}, n.Inputs[0].Shape...)
	shape[a] = len(keep)
	return n.set(0, n.Inputs[0].Type, shape)
}

func evalCompress(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	a, keep, flat, err := CompressOf(n)
	if err != nil {
		return nil, err
	}
	x := in[0]
	length, inner, outer := x.Len(), 1, 1
	if !flat {
		length, inner, outer = x.Shape[a], tensor.Size(x.Shape[a+1:]), tensor.Size(x.Shape[:a])
	}
	y := tensor.New(x.Type, n.Outputs[0].Shape...)
	at := 0
	for o := range outer {
		for _, k := range keep {
			copyRun(y, at, x, (o*length+k)*inner, inner)
			at += inner
		}
	}
	return one(y, nil)
}
