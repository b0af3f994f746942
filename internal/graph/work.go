package graph

import "github.com/ezkl-go/ezkl/internal/tensor"

// maxFoldWork bounds the multiplications that one constant may take.
const maxFoldWork = 1 << 32

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
	case "Einsum", "Resize", "LRN":
		per = tensor.Size(n.Inputs[0].Shape)
	}
	if out > 0 && per > maxFoldWork/out {
		return maxFoldWork + 1
	}
	return out * per
}
