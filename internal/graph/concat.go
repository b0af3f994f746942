package graph

import (
	"fmt"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

var concatOps = []*Op{
	{Name: "Concat", MinIn: 1, MaxIn: -1, Infer: inferConcat, Eval: evalConcat},
	{Name: "Split", MinIn: 1, MaxIn: 2, MaxOut: -1, Params: []int{1}, Infer: inferSplit, Eval: evalSplit},
	{Name: "Expand", MinIn: 2, MaxIn: 2, Params: []int{1}, Infer: inferExpand, Eval: evalExpand},
	{Name: "Tile", MinIn: 2, MaxIn: 2, Params: []int{1}, Infer: inferTile, Eval: evalTile},
}

// ConcatAxis is the axis along which a Concat joins.
func ConcatAxis(n *Node) (int, error) {
	return axis(n.Attrs.Int("axis", 1), len(n.Inputs[0].Shape))
}

func inferConcat(n *Node) error {
	a, err := ConcatAxis(n)
	if err != nil {
		return err
	}
	shape := append([]int{}, n.Inputs[0].Shape...)
	for i, v := range n.Inputs[1:] {
		if len(v.Shape) != len(shape) {
			return fmt.Errorf("input %d has shape %v, input 0 %v", i+1, v.Shape, n.Inputs[0].Shape)
		}
		if v.Type != n.Inputs[0].Type {
			return fmt.Errorf("input %d is %v, input 0 %v", i+1, v.Type, n.Inputs[0].Type)
		}
		for k, d := range v.Shape {
			if k == a {
				shape[k] += d
			} else if d != shape[k] {
				return fmt.Errorf("input %d has shape %v, input 0 %v", i+1, v.Shape, n.Inputs[0].Shape)
			}
		}
	}
	return n.set(0, n.Inputs[0].Type, shape)
}

func evalConcat(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	a, err := ConcatAxis(n)
	if err != nil {
		return nil, err
	}
	y := tensor.New(in[0].Type, n.Outputs[0].Shape...)
	width := tensor.Size(y.Shape[a:])
	at := 0
	for _, x := range in {
		w := tensor.Size(x.Shape[a:])
		for i := range tensor.Size(y.Shape[:a]) {
			if y.Type.IsFloat() {
				copy(y.Floats[i*width+at:], x.Floats[i*w:(i+1)*w])
			} else {
				copy(y.Ints[i*width+at:], x.Ints[i*w:(i+1)*w])
			}
		}
		at += w
	}
	return one(y, nil)
}

// SplitParams are the axis of a Split and the lengths of its parts.
type SplitParams struct {
	Axis    int
	Lengths []int
}

// SplitOf resolves a Split.
func SplitOf(n *Node) (SplitParams, error) {
	x := n.Inputs[0].Shape
	a, err := axis(n.Attrs.Int("axis", 0), len(x))
	p := SplitParams{Axis: a}
	if err != nil {
		return p, err
	}
	list, ok, err := n.constInts(1, "split")
	if err != nil {
		return p, err
	}
	parts := len(n.Outputs)
	if !ok {
		if k := n.Attrs.Int("num_outputs", int64(parts)); k != int64(parts) {
			return p, fmt.Errorf("num_outputs is %d, with %d outputs", k, parts)
		}
		each, rest := (x[a]+parts-1)/parts, x[a]
		for range parts {
			p.Lengths = append(p.Lengths, min(each, rest))
			rest -= min(each, rest)
		}
		return p, nil
	}
	if p.Lengths, err = toInts(list); err != nil {
		return p, err
	}
	sum := 0
	for _, d := range p.Lengths {
		if d < 0 {
			return p, fmt.Errorf("split %v", list)
		}
		sum += d
	}
	if len(list) != parts || sum != x[a] {
		return p, fmt.Errorf("split %v of axis %d of shape %v into %d outputs", list, a, x, parts)
	}
	return p, nil
}

func inferSplit(n *Node) error {
	p, err := SplitOf(n)
	if err != nil {
		return err
	}
	for i, d := range p.Lengths {
		shape := append([]int{}, n.Inputs[0].Shape...)
		shape[p.Axis] = d
		if err := n.set(i, n.Inputs[0].Type, shape); err != nil {
			return err
		}
	}
	return nil
}

func evalSplit(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	p, err := SplitOf(n)
	if err != nil {
		return nil, err
	}
	x := in[0]
	strides := tensor.Strides(x.Shape)
	var outs []*tensor.Tensor
	at := 0
	for _, d := range p.Lengths {
		shape := append([]int{}, x.Shape...)
		shape[p.Axis] = d
		outs = append(outs, x.View(shape, strides, at*strides[p.Axis]))
		at += d
	}
	return outs, nil
}

func inferExpand(n *Node) error {
	list, _, err := n.constInts(1, "shape")
	if err != nil {
		return err
	}
	want, err := toInts(list)
	if err != nil {
		return err
	}
	if _, err := tensor.CheckedSize(want); err != nil {
		return err
	}
	shape, err := tensor.Broadcast(n.Inputs[0].Shape, want)
	if err != nil {
		return err
	}
	return n.set(0, n.Inputs[0].Type, shape)
}

func evalExpand(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	shape := n.Outputs[0].Shape
	return one(in[0].View(shape, tensor.BroadcastStrides(in[0].Shape, shape), 0), nil)
}

func inferTile(n *Node) error {
	list, _, err := n.constInts(1, "repeats")
	if err != nil {
		return err
	}
	x := n.Inputs[0].Shape
	if len(list) != len(x) {
		return fmt.Errorf("%d repeats for rank %d", len(list), len(x))
	}
	reps, err := toInts(list)
	if err != nil {
		return err
	}
	if _, err := tensor.CheckedSize(reps); err != nil {
		return err
	}
	shape := make([]int, len(x))
	for i := range x {
		shape[i] = x[i] * reps[i]
	}
	return n.set(0, n.Inputs[0].Type, shape)
}

// evalTile reads the input with twice as many axes: a repeat of stride 0 before each of its own.
func evalTile(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	x, out := in[0], n.Outputs[0].Shape
	own := tensor.Strides(x.Shape)
	var shape, strides []int
	for i, d := range x.Shape {
		shape = append(shape, out[i]/max(d, 1), d)
		strides = append(strides, 0, own[i])
	}
	return one(x.View(shape, strides, 0).Reshaped(out...))
}
