package graph

import "github.com/ezkl-go/ezkl/internal/tensor"

// work is the number of multiply-adds of a node whose cost is not about the size of its tensors; 0 for others. Above a limit it
// is some number above the limit.
func (n *Node) work(limit int) int {
	if n.Outputs[0] == nil || len(n.Inputs) == 0 {
		return 0
	}
	out, per := tensor.Size(n.Outputs[0].Shape), 0
	times := func(d int) {
		if d > 0 && per > limit/d {
			per, d = limit, 2
		}
		per *= d
	}
	x := n.Inputs[0].Shape
	switch n.Op {
	case "MatMul", "MatMulInteger":
		per = x[len(x)-1]
	case "Gemm":
		per = x[0]
		if n.Attrs.Int("transA", 0) == 0 {
			per = x[1]
		}
	case "Conv":
		per = tensor.Size(n.Inputs[1].Shape[1:])
	case "ConvTranspose":
		out, per = tensor.Size(x), tensor.Size(n.Inputs[1].Shape[1:])
	case "AveragePool", "MaxPool", "LpPool":
		per = 1
		for i, k := range n.Attrs.Ints("kernel_shape") {
			times(int(min(k, int64(x[2+i]))))
		}
	case "LRN":
		per = x[1]
	case "Einsum":
		p, err := EinsumOf(n)
		if err != nil {
			return 0
		}
		out, per = len(n.Inputs), 1
		for _, d := range p.Lengths {
			times(d)
		}
	}
	if out > 0 {
		times(out)
		return per
	}
	return 0
}
