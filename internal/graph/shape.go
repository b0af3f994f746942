package graph

import (
	"fmt"
	"slices"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// shapeOps rename or reorder entries: Reshape's family keeps row-major order.
var shapeOps = []*Op{
	reshaping("Reshape", 2, []int{1}, reshapeShape),
	reshaping("Flatten", 1, nil, flattenShape),
	reshaping("Squeeze", 2, []int{1}, squeezeShape),
	reshaping("Unsqueeze", 2, []int{1}, unsqueezeShape),
	reshaping("Identity", 1, nil, func(n *Node) ([]int, error) { return n.Inputs[0].Shape, nil }),
	{Name: "Dropout", MinIn: 1, MaxIn: 3, MaxOut: 2, Params: []int{1, 2}, Infer: inferDropout, Eval: evalDropout},
	{Name: "Transpose", MinIn: 1, MaxIn: 1, Infer: inferTranspose, Eval: evalTranspose},
	{Name: "Shape", MinIn: 1, MaxIn: 1, FromShape: true, Infer: inferShape, Eval: evalShape},
	{Name: "Size", MinIn: 1, MaxIn: 1, FromShape: true,
		Infer: func(n *Node) error { return n.set(0, tensor.Int64, nil) },
		Eval: func(n *Node, _ []*tensor.Tensor) ([]*tensor.Tensor, error) {
			return one(tensor.FromInts(tensor.Int64, []int64{int64(tensor.Size(n.Inputs[0].Shape))}), nil)
		}},
}

func reshaping(name string, maxIn int, params []int, shape func(n *Node) ([]int, error)) *Op {
	return &Op{Name: name, MinIn: 1, MaxIn: maxIn, Params: params,
		Infer: func(n *Node) error {
			s, err := shape(n)
			if err != nil {
				return err
			}
			return n.set(0, n.Inputs[0].Type, s)
		},
		Eval: func(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
			s, err := shape(n)
			if err != nil {
				return nil, err
			}
			return one(in[0].Reshaped(s...))
		}}
}

// ReshapeOf is the output's shape of a node that only renames entries in row-major order (Reshape, Flatten, Squeeze, Unsqueeze,
// Identity, Dropout); ok is false for other operators.
func ReshapeOf(n *Node) (shape []int, ok bool) {
	switch n.Op {
	case "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Dropout":
		return n.Outputs[0].Shape, true
	}
	return nil, false
}

func reshapeShape(n *Node) ([]int, error) {
	list, ok, err := n.constInts(1, "shape")
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("the shape is missing")
	}
	in := n.Inputs[0].Shape
	size := tensor.Size(in)
	out, err := toInts(list)
	if err != nil {
		return nil, err
	}
	free, allowZero := -1, n.Attrs.Int("allowzero", 0) != 0
	for i, d := range out {
		switch {
		case d == 0 && !allowZero:
			if i >= len(in) {
				return nil, fmt.Errorf("shape %v copies axis %d of an input of shape %v", list, i, in)
			}
			out[i] = in[i]
		case d == -1 && free < 0:
			free = i
		case d < 0:
			return nil, fmt.Errorf("shape %v", list)
		}
	}
	if free >= 0 {
		out[free] = 1
		rest, err := tensor.CheckedSize(out)
		if err != nil {
			return nil, err
		}
		switch {
		case rest == 0 && size == 0:
			out[free] = 0
		case rest == 0 || size%rest != 0:
			return nil, fmt.Errorf("cannot reshape %v to %v", in, list)
		default:
			out[free] = size / rest
		}
	}
	if k, err := tensor.CheckedSize(out); err != nil || k != size {
		return nil, fmt.Errorf("cannot reshape %v to %v", in, list)
	}
	return out, nil
}

func flattenShape(n *Node) ([]int, error) {
	in := n.Inputs[0].Shape
	a := n.Attrs.Int("axis", 1)
	if a != int64(len(in)) {
		k, err := axis(a, len(in))
		if err != nil {
			return nil, err
		}
		a = int64(k)
	}
	return []int{tensor.Size(in[:a]), tensor.Size(in[a:])}, nil
}

func squeezeShape(n *Node) ([]int, error) {
	in := n.Inputs[0].Shape
	list, ok, err := n.constInts(1, "axes")
	if err != nil {
		return nil, err
	}
	drop, err := axesOf(list, len(in))
	if err != nil {
		return nil, err
	}
	var out []int
	for i, d := range in {
		if !ok && d == 1 {
			continue
		}
		if slices.Contains(drop, i) {
			if d != 1 {
				return nil, fmt.Errorf("axis %d of shape %v is not 1", i, in)
			}
			continue
		}
		out = append(out, d)
	}
	return out, nil
}

func unsqueezeShape(n *Node) ([]int, error) {
	in := n.Inputs[0].Shape
	list, ok, err := n.constInts(1, "axes")
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("axes are missing")
	}
	rank := len(in) + len(list)
	if rank > tensor.MaxRank {
		return nil, fmt.Errorf("%d axes, of at most %d", rank, tensor.MaxRank)
	}
	add, err := axesOf(list, rank)
	if err != nil {
		return nil, err
	}
	out := make([]int, 0, rank)
	for i := range rank {
		if slices.Contains(add, i) {
			out = append(out, 1)
		} else {
			out = append(out, in[i-count(add, i)])
		}
	}
	return out, nil
}

// count is the number of entries below i.
func count(list []int, i int) int {
	k := 0
	for _, a := range list {
		if a < i {
			k++
		}
	}
	return k
}

func inferDropout(n *Node) error {
	if t := n.In(2); t != nil && (t.Const == nil || t.Const.Len() != 1 || t.Const.Float(0) != 0) {
		return unsupportedf("training mode")
	}
	if err := n.set(1, tensor.Bool, n.Inputs[0].Shape); err != nil {
		return err
	}
	return sameAsInput(n)
}

func evalDropout(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	mask := tensor.New(tensor.Bool, in[0].Shape...)
	for i := range mask.Ints {
		mask.Ints[i] = 1
	}
	return []*tensor.Tensor{in[0], mask}, nil
}

// PermOf is the order of a Transpose: axis i of the output is axis perm[i] of the input.
func PermOf(n *Node) ([]int, error) {
	rank := len(n.Inputs[0].Shape)
	list, ok := n.Attrs["perm"].([]int64)
	if !ok {
		perm := make([]int, rank)
		for i := range perm {
			perm[i] = rank - 1 - i
		}
		return perm, nil
	}
	perm, err := axesOf(list, rank)
	if err != nil {
		return nil, fmt.Errorf("perm: %w", err)
	}
	if len(perm) != rank {
		return nil, fmt.Errorf("perm %v of rank %d", list, rank)
	}
	return perm, nil
}

func inferTranspose(n *Node) error {
	perm, err := PermOf(n)
	if err != nil {
		return err
	}
	out := make([]int, len(perm))
	for i, p := range perm {
		out[i] = n.Inputs[0].Shape[p]
	}
	return n.set(0, n.Inputs[0].Type, out)
}

func evalTranspose(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	perm, err := PermOf(n)
	if err != nil {
		return nil, err
	}
	return one(in[0].Permuted(perm), nil)
}

// shapeRange is the part of the shape that a Shape node gives: its start and end attributes.
func shapeRange(n *Node) (int, int) {
	rank := int64(len(n.Inputs[0].Shape))
	bound := func(v int64) int64 {
		if v < 0 {
			v += rank
		}
		return min(max(v, 0), rank)
	}
	lo := bound(n.Attrs.Int("start", 0))
	hi := bound(n.Attrs.Int("end", rank))
	return int(lo), int(max(lo, hi))
}

func inferShape(n *Node) error {
	lo, hi := shapeRange(n)
	return n.set(0, tensor.Int64, []int{hi - lo})
}

func evalShape(n *Node, _ []*tensor.Tensor) ([]*tensor.Tensor, error) {
	lo, hi := shapeRange(n)
	y := tensor.New(tensor.Int64, hi-lo)
	for i := range y.Ints {
		y.Ints[i] = int64(n.Inputs[0].Shape[lo+i])
	}
	return one(y, nil)
}
