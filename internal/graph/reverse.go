package graph

import (
	"fmt"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

var reverseOps = []*Op{
	{Name: "ReverseSequence", MinIn: 2, MaxIn: 2, Params: []int{1}, Infer: inferReverse, Eval: evalReverse},
}

// reverseAxes are the time and the batch axis of a ReverseSequence: 0 and 1 in either order.
func reverseAxes(n *Node) (time, batch int, err error) {
	x := n.Inputs[0].Shape
	time, batch = int(n.Attrs.Int("time_axis", 0)), int(n.Attrs.Int("batch_axis", 1))
	if len(x) < 2 || time+batch != 1 || time*batch != 0 {
		return 0, 0, fmt.Errorf("input of shape %v, time_axis %d, batch_axis %d", x, time, batch)
	}
	lengths := n.Inputs[1].Const
	if lengths == nil || lengths.Type.IsFloat() || lengths.Len() != x[batch] {
		return 0, 0, fmt.Errorf("sequence_lens of shape %v for input of shape %v", n.Inputs[1].Shape, x)
	}
	for _, k := range lengths.Ints {
		if k < 0 || k > int64(x[time]) {
			return 0, 0, fmt.Errorf("a sequence of length %d in an axis of length %d", k, x[time])
		}
	}
	return time, batch, nil
}

func inferReverse(n *Node) error {
	if _, _, err := reverseAxes(n); err != nil {
		return err
	}
	return sameAsInput(n)
}

// evalReverse turns the first entries of each sequence round.
func evalReverse(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	time, batch, err := reverseAxes(n)
	if err != nil {
		return nil, err
	}
	x := in[0]
	y := tensor.New(x.Type, x.Shape...)
	inner := tensor.Size(x.Shape[2:])
	strides := [2]int{x.Shape[1] * inner, inner}
	for b := range x.Shape[batch] {
		length := int(n.Inputs[1].Const.Ints[b])
		for t := range x.Shape[time] {
			from := t
			if t < length {
				from = length - 1 - t
			}
			copyRun(y, t*strides[time]+b*strides[batch], x, from*strides[time]+b*strides[batch], inner)
		}
	}
	return one(y, nil)
}
