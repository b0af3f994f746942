package graph

import (
	"fmt"
	"slices"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

var sortOps = []*Op{
	{Name: "TopK", MinIn: 1, MaxIn: 2, MinOut: 1, MaxOut: 2, Params: []int{1}, Infer: inferTopK, Eval: evalTopK},
}

// TopKParams describe a TopK: the K largest (or smallest) entries along Axis, sorted; equal entries by index.
type TopKParams struct {
	Axis, K int
	Largest bool
}

// TopKOf resolves a TopK.
func TopKOf(n *Node) (TopKParams, error) {
	x := n.Inputs[0].Shape
	p := TopKParams{Largest: n.Attrs.Int("largest", 1) != 0}
	k, ok, err := n.constScalar(1, "k")
	if err != nil {
		return p, err
	}
	if p.Axis, err = axis(n.Attrs.Int("axis", -1), len(x)); err != nil {
		return p, err
	}
	if !ok || k < 0 || k > float64(x[p.Axis]) {
		return p, fmt.Errorf("k is %g for axis %d of shape %v", k, p.Axis, x)
	}
	p.K = int(k)
	return p, nil
}

func inferTopK(n *Node) error {
	p, err := TopKOf(n)
	if err != nil {
		return err
	}
	shape := append([]int{}, n.Inputs[0].Shape...)
	shape[p.Axis] = p.K
	if err := n.set(1, tensor.Int64, shape); err != nil {
		return err
	}
	return n.set(0, n.Inputs[0].Type, shape)
}

func evalTopK(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	p, err := TopKOf(n)
	if err != nil {
		return nil, err
	}
	x := in[0]
	shape := append([]int{}, x.Shape...)
	shape[p.Axis] = p.K
	y, idx := tensor.New(x.Type, shape...), tensor.New(tensor.Int64, shape...)
	length, inner := x.Shape[p.Axis], tensor.Size(x.Shape[p.Axis+1:])
	order := make([]int, length)
	for k := range x.Len() / max(1, length) {
		base := k/inner*inner*length + k%inner
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(i, j int) int {
			a, b := base+i*inner, base+j*inner
			if p.Largest {
				a, b = b, a
			}
			if x.Type.IsFloat() {
				return compareNumbers(x.Floats[a], x.Floats[b])
			}
			return compareNumbers(x.Ints[a], x.Ints[b])
		})
		for i := range p.K {
			to := k/inner*inner*p.K + k%inner + i*inner
			copyRun(y, to, x, base+order[i]*inner, 1)
			idx.Ints[to] = int64(order[i])
		}
	}
	return []*tensor.Tensor{y, idx}, nil
}

func compareNumbers[T int64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
