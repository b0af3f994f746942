package graph

import (
	"fmt"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// constantOps have no data inputs: they always fold.
var constantOps = []*Op{
	{Name: "Constant", Infer: inferConstant, Eval: evalConstant},
	{Name: "ConstantOfShape", MinIn: 1, MaxIn: 1, Params: []int{0}, Infer: inferConstantOfShape, Eval: evalConstantOfShape},
	{Name: "EyeLike", MinIn: 1, MaxIn: 1, FromShape: true, Infer: inferEyeLike, Eval: evalEyeLike},
	{Name: "Range", MinIn: 3, MaxIn: 3, Params: []int{0, 1, 2}, Infer: inferRange, Eval: evalRange},
}

// constantValue is the tensor that a Constant node holds, in whichever attribute.
func constantValue(n *Node) (*tensor.Tensor, error) {
	var found *tensor.Tensor
	count := 0
	for name, a := range n.Attrs {
		var t *tensor.Tensor
		switch v := a.(type) {
		case *tensor.Tensor:
			t = v
		case float64:
			t = tensor.FromFloats(tensor.Float32, []float64{v})
		case []float64:
			t = tensor.FromFloats(tensor.Float32, append([]float64(nil), v...), len(v))
		case int64:
			t = tensor.FromInts(tensor.Int64, []int64{v})
		case []int64:
			t = tensor.FromInts(tensor.Int64, append([]int64(nil), v...), len(v))
		default:
			return nil, unsupportedf("attribute %s", name)
		}
		found = t
		count++
	}
	if count != 1 {
		return nil, fmt.Errorf("%d values", count)
	}
	return found, nil
}

func inferConstant(n *Node) error {
	t, err := constantValue(n)
	if err != nil {
		return err
	}
	return n.set(0, t.Type, t.Shape)
}

func evalConstant(n *Node, _ []*tensor.Tensor) ([]*tensor.Tensor, error) {
	return one(constantValue(n))
}

func inferConstantOfShape(n *Node) error {
	list, _, err := n.constInts(0, "")
	if err != nil {
		return err
	}
	shape, err := toInts(list)
	if err != nil {
		return err
	}
	v, ok := n.Attrs["value"].(*tensor.Tensor)
	if !ok {
		return n.set(0, tensor.Float32, shape)
	}
	if v.Len() != 1 {
		return fmt.Errorf("value has shape %v", v.Shape)
	}
	return n.set(0, v.Type, shape)
}

func evalConstantOfShape(n *Node, _ []*tensor.Tensor) ([]*tensor.Tensor, error) {
	y := tensor.New(n.Outputs[0].Type, n.Outputs[0].Shape...)
	if v, ok := n.Attrs["value"].(*tensor.Tensor); ok {
		if v.Type.IsFloat() {
			fill(y.Floats, v.Floats[0])
		} else {
			fill(y.Ints, v.Ints[0])
		}
	}
	return one(y, nil)
}

func inferEyeLike(n *Node) error {
	x := n.Inputs[0]
	if len(x.Shape) != 2 {
		return fmt.Errorf("input of shape %v", x.Shape)
	}
	t := x.Type
	if to, ok := n.Attrs["dtype"].(int64); ok {
		var err error
		if t, err = TypeOf(to); err != nil {
			return err
		}
	}
	return n.set(0, t, x.Shape)
}

func evalEyeLike(n *Node, _ []*tensor.Tensor) ([]*tensor.Tensor, error) {
	y := tensor.New(n.Outputs[0].Type, n.Outputs[0].Shape...)
	k := n.Attrs.Int("k", 0)
	for i := range y.Shape[0] {
		if j := int64(i) + k; j >= 0 && j < int64(y.Shape[1]) && k > -tensor.MaxSize && k < tensor.MaxSize {
			if y.Type.IsFloat() {
				y.Floats[i*y.Shape[1]+int(j)] = 1
			} else {
				y.Ints[i*y.Shape[1]+int(j)] = 1
			}
		}
	}
	return one(y, nil)
}

func inferRange(n *Node) error {
	var v [3]float64
	for i, name := range []string{"start", "limit", "delta"} {
		x, _, err := n.constScalar(i, name)
		if err != nil {
			return err
		}
		v[i] = x
	}
	if v[2] == 0 {
		return fmt.Errorf("delta is 0")
	}
	count := (v[1] - v[0]) / v[2]
	switch {
	case count > tensor.MaxSize:
		return fmt.Errorf("%g numbers", count)
	case !(count > 0):
		count = 0
	}
	k := int(count)
	if float64(k) < count {
		k++
	}
	return n.set(0, n.Inputs[0].Type, []int{k})
}

func evalRange(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	y := tensor.New(n.Outputs[0].Type, n.Outputs[0].Shape...)
	for i := range y.Len() {
		if y.Type.IsFloat() {
			y.Floats[i] = y.Type.Round(in[0].Float(0) + float64(float64(i)*in[2].Float(0)))
		} else {
			y.Ints[i] = y.Type.Wrap(in[0].Ints[0] + int64(i)*tensor.Int64.FromFloat(in[2].Float(0)))
		}
	}
	return one(y, nil)
}
