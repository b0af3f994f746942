package graph

import (
	"github.com/ezkl-go/ezkl/internal/tensor"
)

var selectOps = []*Op{
	{Name: "Where", MinIn: 3, MaxIn: 3, Infer: inferWhere, Eval: evalWhere},
}

func inferWhere(n *Node) error {
	shape, err := n.broadcastOf()
	if err != nil {
		return err
	}
	return n.set(0, arithType(n.Inputs[1:]), shape)
}

func evalWhere(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	t, shape := n.Outputs[0].Type, n.Outputs[0].Shape
	cond := make([]bool, in[0].Len())
	for i := range cond {
		cond[i] = in[0].Float(i) != 0
	}
	a, b := in[1].Cast(t), in[2].Cast(t)
	y := tensor.New(t, shape...)
	if t.IsFloat() {
		choose(y.Floats, shape, cond, in[0].Shape, a.Floats, a.Shape, b.Floats, b.Shape)
	} else {
		choose(y.Ints, shape, cond, in[0].Shape, a.Ints, a.Shape, b.Ints, b.Shape)
	}
	return one(y, nil)
}

func choose[T any](out []T, shape []int, cond []bool, cShape []int, a []T, aShape []int, b []T, bShape []int) {
	sc, sa, sb := tensor.BroadcastStrides(cShape, shape), tensor.BroadcastStrides(aShape, shape), tensor.BroadcastStrides(bShape, shape)
	run, dc, da, db := 1, 0, 0, 0
	if r := len(shape); r > 0 {
		run, dc, da, db = shape[r-1], sc[r-1], sa[r-1], sb[r-1]
	}
	tensor.Walk(shape, [][]int{sc, sa, sb}, func(at int, offs []int) {
		c, i, j := offs[0], offs[1], offs[2]
		for k := at; k < at+run; k++ {
			if cond[c] {
				out[k] = a[i]
			} else {
				out[k] = b[j]
			}
			c, i, j = c+dc, i+da, j+db
		}
	})
}
