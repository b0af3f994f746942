package graph

import (
	"fmt"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

var sliceOps = []*Op{
	{Name: "Slice", MinIn: 1, MaxIn: 5, Params: []int{1, 2, 3, 4}, Infer: inferSlice, Eval: evalSlice},
	{Name: "DepthToSpace", MinIn: 1, MaxIn: 1, Infer: inferDepth, Eval: evalDepth},
	{Name: "SpaceToDepth", MinIn: 1, MaxIn: 1, Infer: inferDepth, Eval: evalDepth},
}

// SliceParams say, for every axis of the input, where a Slice starts, how it steps (never 0, maybe negative) and how many
// entries it takes. Axes that the node leaves alone have 0, 1 and their length.
type SliceParams struct {
	Starts, Steps, Lengths []int
}

// SliceOf resolves a Slice: attributes (opset 9 and below) or inputs, negative and overlong bounds.
func SliceOf(n *Node) (SliceParams, error) {
	x := n.Inputs[0].Shape
	var p SliceParams
	for _, d := range x {
		p.Starts, p.Steps, p.Lengths = append(p.Starts, 0), append(p.Steps, 1), append(p.Lengths, d)
	}
	starts, ok1, err := n.constInts(1, "starts")
	if err != nil {
		return p, err
	}
	ends, ok2, err := n.constInts(2, "ends")
	if err != nil {
		return p, err
	}
	list, given, err := n.constInts(3, "axes")
	if err != nil {
		return p, err
	}
	steps, stepped, err := n.constInts(4, "steps")
	if err != nil {
		return p, err
	}
	if !ok1 || !ok2 || len(starts) != len(ends) || given && len(list) != len(starts) || stepped && len(steps) != len(starts) {
		return p, fmt.Errorf("starts %v, ends %v, axes %v, steps %v", starts, ends, list, steps)
	}
	if !given {
		for i := range starts {
			list = append(list, int64(i))
		}
	}
	axes, err := axesOf(list, len(x))
	if err != nil {
		return p, err
	}
	for i, a := range axes {
		step := int64(1)
		if stepped {
			step = steps[i]
		}
		if step == 0 {
			return p, fmt.Errorf("step 0")
		}
		p.Starts[a], p.Steps[a], p.Lengths[a] = sliceRange(starts[i], ends[i], step, int64(x[a]))
	}
	return p, nil
}

// sliceRange is numpy's start:end:step of an axis of length d.
func sliceRange(start, end, step, d int64) (int, int, int) {
	lo, hi := int64(0), d
	if step < 0 {
		lo, hi = -1, d-1
	}
	bound := func(v int64) int64 {
		if v < 0 {
			v += d // no overflow: v is negative
		}
		return min(max(v, lo), hi)
	}
	start, end = bound(start), bound(end)
	step = min(max(step, -tensor.MaxSize), tensor.MaxSize)
	length := int64(0)
	if step > 0 && end > start {
		length = (end - start + step - 1) / step
	} else if step < 0 && end < start {
		length = (start - end - step - 1) / -step
	}
	if length == 0 {
		start = 0
	}
	return int(start), int(step), int(length)
}

func inferSlice(n *Node) error {
	p, err := SliceOf(n)
	if err != nil {
		return err
	}
	return n.set(0, n.Inputs[0].Type, p.Lengths)
}

func evalSlice(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	p, err := SliceOf(n)
	if err != nil {
		return nil, err
	}
	strides, offset := tensor.Strides(in[0].Shape), 0
	for i := range strides {
		offset += p.Starts[i] * strides[i]
		strides[i] *= p.Steps[i]
	}
	return one(in[0].View(p.Lengths, strides, offset), nil)
}

// DepthParams write DepthToSpace and SpaceToDepth as a reshape to Split, a transpose by Perm, and a reshape to the output.
type DepthParams struct {
	Split, Perm, Out []int
}

// DepthOf resolves a DepthToSpace or SpaceToDepth.
func DepthOf(n *Node) (DepthParams, error) {
	x := n.Inputs[0].Shape
	b := int(min(n.Attrs.Int("blocksize", 0), 1<<12))
	if len(x) != 4 || b < 1 {
		return DepthParams{}, fmt.Errorf("input of shape %v, blocksize %d", x, b)
	}
	if n.Op == "SpaceToDepth" {
		if x[2]%b != 0 || x[3]%b != 0 {
			return DepthParams{}, fmt.Errorf("input of shape %v, blocksize %d", x, b)
		}
		split, out := []int{x[0], x[1], x[2] / b, b, x[3] / b, b}, []int{x[0], x[1] * b * b, x[2] / b, x[3] / b}
		switch mode := n.Attrs.String("mode", "DCR"); mode {
		case "DCR":
			return DepthParams{split, []int{0, 3, 5, 1, 2, 4}, out}, nil
		case "CRD":
			return DepthParams{split, []int{0, 1, 3, 5, 2, 4}, out}, nil
		default:
			return DepthParams{}, fmt.Errorf("mode is %q", mode)
		}
	}
	if x[1]%(b*b) != 0 {
		return DepthParams{}, fmt.Errorf("input of shape %v, blocksize %d", x, b)
	}
	c := x[1] / (b * b)
	out := []int{x[0], c, x[2] * b, x[3] * b}
	switch mode := n.Attrs.String("mode", "DCR"); mode {
	case "DCR":
		return DepthParams{[]int{x[0], b, b, c, x[2], x[3]}, []int{0, 3, 4, 1, 5, 2}, out}, nil
	case "CRD":
		return DepthParams{[]int{x[0], c, b, b, x[2], x[3]}, []int{0, 1, 4, 2, 5, 3}, out}, nil
	default:
		return DepthParams{}, fmt.Errorf("mode is %q", mode)
	}
}

func inferDepth(n *Node) error {
	p, err := DepthOf(n)
	if err != nil {
		return err
	}
	return n.set(0, n.Inputs[0].Type, p.Out)
}

func evalDepth(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	p, err := DepthOf(n)
	if err != nil {
		return nil, err
	}
	x, err := in[0].Reshaped(p.Split...)
	if err != nil {
		return nil, err
	}
	return one(x.Permuted(p.Perm).Reshaped(p.Out...))
}
