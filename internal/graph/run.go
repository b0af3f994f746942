package graph

import (
	"context"
	"fmt"
	"math"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// eval evaluates one node; with check, the results must have the inferred types and shapes.
func (n *Node) eval(op *Op, in []*tensor.Tensor, check bool) ([]*tensor.Tensor, error) {
	out, err := op.Eval(n, in)
	if err != nil {
		return nil, err
	}
	if len(out) < len(n.Outputs) {
		return nil, fmt.Errorf("internal error: %d results for %d outputs", len(out), len(n.Outputs))
	}
	for i, v := range n.Outputs {
		if v == nil || !check {
			continue
		}
		if t := out[i]; t == nil || t.Type != v.Type || !tensor.SameShape(t.Shape, v.Shape) {
			return nil, fmt.Errorf("internal error: output %d is %v, inferred %v %v", i, describe(t), v.Type, v.Shape)
		}
	}
	return out, nil
}

func describe(t *tensor.Tensor) string {
	if t == nil {
		return "missing"
	}
	return fmt.Sprintf("%v %v", t.Type, t.Shape)
}

// Run evaluates g with floats, as onnxruntime does, each operator in float64 with results rounded to the tensor's type. The
// inputs are in the order of g.Inputs and are converted to their types. visit, if not nil, is called for every graph input
// and every node output in order of evaluation; it must not keep or change the tensor. Tensors are dropped after their last use.
func Run(ctx context.Context, g *Graph, inputs []*tensor.Tensor, visit func(*Value, *tensor.Tensor)) ([]*tensor.Tensor, error) {
	return RunReplaced(ctx, g, inputs, func(v *Value, t *tensor.Tensor) *tensor.Tensor {
		if visit != nil {
			visit(v, t)
		}
		return t
	})
}

// RunReplaced is Run, except that each graph input and node output becomes what replace makes of it, of the same type and
// shape.
func RunReplaced(ctx context.Context, g *Graph, inputs []*tensor.Tensor, replace func(*Value, *tensor.Tensor) *tensor.Tensor) ([]*tensor.Tensor, error) {
	if len(inputs) != len(g.Inputs) {
		return nil, fmt.Errorf("%d inputs given, the model has %d", len(inputs), len(g.Inputs))
	}
	values := map[*Value]*tensor.Tensor{}
	for i, v := range g.Inputs {
		t := inputs[i]
		if !tensor.SameShape(t.Shape, v.Shape) {
			return nil, fmt.Errorf("input %q has shape %v, the model wants %v", v.Name, t.Shape, v.Shape)
		}
		if k := t.FirstNotFinite(); k >= 0 {
			return nil, fmt.Errorf("input %q: entry %d is %s", v.Name, k, notFinite(t.Floats[k]))
		}
		values[v] = replace(v, t.Cast(v.Type))
	}
	last := map[*Value]int{}
	for k, n := range g.Nodes {
		for _, v := range n.Inputs {
			last[v] = k
		}
	}
	for _, v := range g.Outputs {
		last[v] = len(g.Nodes)
	}
	for k, n := range g.Nodes {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		in := make([]*tensor.Tensor, len(n.Inputs))
		for i, v := range n.Inputs {
			if v == nil {
				continue
			}
			if in[i] = v.Const; in[i] == nil {
				in[i] = values[v]
			}
		}
		op := Ops[n.Op]
		if op == nil {
			return nil, fmt.Errorf("node %s: unknown operator", n)
		}
		out, err := n.eval(op, in, true)
		if err != nil {
			return nil, fmt.Errorf("node %s: %w", n, err)
		}
		for i, v := range n.Outputs {
			if v == nil {
				continue
			}
			t := replace(v, out[i])
			if _, used := last[v]; used {
				values[v] = t
			}
		}
		for _, v := range n.Inputs {
			if v != nil && last[v] == k {
				delete(values, v)
			}
		}
	}
	outs := make([]*tensor.Tensor, len(g.Outputs))
	for i, v := range g.Outputs {
		if outs[i] = v.Const; outs[i] == nil {
			outs[i] = values[v]
		}
	}
	return outs, nil
}

func notFinite(x float64) string {
	if math.IsNaN(x) {
		return "NaN"
	}
	return "infinite"
}
