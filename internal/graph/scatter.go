package graph

import (
	"fmt"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

var scatterOps = []*Op{
	{Name: "ScatterElements", MinIn: 3, MaxIn: 3, Infer: inferScatterElements, Eval: evalScatterElements},
	{Name: "Scatter", MinIn: 3, MaxIn: 3, Infer: inferScatterElements, Eval: evalScatterElements},
	{Name: "ScatterND", MinIn: 3, MaxIn: 3, Infer: inferScatterND, Eval: evalScatterND},
}

func checkReduction(n *Node) error {
	switch r := n.Attrs.String("reduction", "none"); r {
	case "none", "add", "mul", "max", "min":
		return nil
	default:
		return fmt.Errorf("reduction is %q", r)
	}
}

// combine writes entry j of u into entry i of y, as the reduction says.
func combine(y *tensor.Tensor, i int, u *tensor.Tensor, j int, reduction string) {
	if y.Type.IsFloat() {
		a, b := y.Floats[i], u.Floats[j]
		switch reduction {
		case "add":
			b += a
		case "mul":
			b = float64(a * b)
		case "max":
			b = maxFloat(a, b)
		case "min":
			b = minFloat(a, b)
		}
		y.Floats[i] = y.Type.Round(b)
		return
	}
	a, b := y.Ints[i], u.Ints[j]
	switch reduction {
	case "add":
		b += a
	case "mul":
		b *= a
	case "max":
		b = max(a, b)
	case "min":
		b = min(a, b)
	}
	y.Ints[i] = y.Type.Wrap(b)
}

func inferScatterElements(n *Node) error {
	x, i, u := n.Inputs[0], n.Inputs[1], n.Inputs[2]
	if _, err := GatherAxis(n); err != nil {
		return err
	}
	if err := checkReduction(n); err != nil {
		return err
	}
	if i.Type.IsFloat() || u.Type != x.Type || len(i.Shape) != len(x.Shape) || !tensor.SameShape(i.Shape, u.Shape) {
		return fmt.Errorf("data %v %v, indices %v %v, updates %v %v", x.Type, x.Shape, i.Type, i.Shape, u.Type, u.Shape)
	}
	for k, d := range i.Shape {
		if d > x.Shape[k] {
			return fmt.Errorf("indices of shape %v, data of shape %v", i.Shape, x.Shape)
		}
	}
	return sameAsInput(n)
}

func clone(x *tensor.Tensor) *tensor.Tensor {
	y := tensor.New(x.Type, x.Shape...)
	copyRun(y, 0, x, 0, x.Len())
	return y
}

func evalScatterElements(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	a, err := GatherAxis(n)
	if err != nil {
		return nil, err
	}
	y, r := clone(in[0]), n.Attrs.String("reduction", "none")
	err = elementOffsets(y.Shape, a, in[1], func(at, offset int) { combine(y, offset, in[2], at, r) })
	return one(y, err)
}

func inferScatterND(n *Node) error {
	x, i, u := n.Inputs[0], n.Inputs[1], n.Inputs[2]
	if err := checkReduction(n); err != nil {
		return err
	}
	bad := fmt.Errorf("data %v %v, indices %v %v, updates %v %v", x.Type, x.Shape, i.Type, i.Shape, u.Type, u.Shape)
	if i.Type.IsFloat() || u.Type != x.Type || len(i.Shape) == 0 {
		return bad
	}
	q := len(i.Shape) - 1
	depth := i.Shape[q]
	if depth > len(x.Shape) || depth < 1 || !tensor.SameShape(u.Shape, append(append([]int{}, i.Shape[:q]...), x.Shape[depth:]...)) {
		return bad
	}
	return sameAsInput(n)
}

func evalScatterND(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	y, idx, r := clone(in[0]), in[1], n.Attrs.String("reduction", "none")
	depth := idx.Shape[len(idx.Shape)-1]
	inner, strides := tensor.Size(y.Shape[depth:]), tensor.Strides(y.Shape)
	for k := range len(idx.Ints) / depth {
		at, err := tupleOffset(idx.Ints[k*depth:(k+1)*depth], y.Shape, strides)
		if err != nil {
			return nil, err
		}
		for i := range inner {
			combine(y, at+i, in[2], k*inner+i, r)
		}
	}
	return one(y, nil)
}
