package graph

import "github.com/ezkl-go/ezkl/internal/tensor"

// maxFoldWork bounds the multiplications that the constants of a model may take.
const maxFoldWork = 1 << 31

// work is the number of multiply-adds of a node whose cost is not about the size of its tensors; 0 for others. It saturates.
func (n *Node) work() int {
	if n.Outputs[0] == nil {
		return 0
	}
	out := tensor.Size(n.Outputs[0].Shape)
	per := 0
	switch n.Op {
	case "MatMul", "MatMulInteger", "Gemm":
		per = tensor.Size(n.Inputs[0].Shape) / max(1, n.Inputs[0].Shape[0])
	case "Conv", "ConvTranspose":
		per = tensor.Size(n.Inputs[1].Shape[1:])
	case "AveragePool", "MaxPool", "LpPool":
		per = 1
		for _, k := range n.Attrs.Ints("kernel_shape") {
			per = min(per*int(min(k, 1<<28)), maxFoldWork)
		}
	case "LRN":
		per = n.Inputs[0].Shape[1]
	case "Einsum":
		p, err := EinsumOf(n)
		if err != nil {
			return 0
		}
		out = 1
		for _, d := range p.Lengths {
			out = min(out*d, maxFoldWork+1) // each below 2^28
		}
		return out
	}
	if out > 0 && per > maxFoldWork/out {
		return maxFoldWork + 1
	}
	return out * per
}
