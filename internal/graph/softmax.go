package graph

import (
	"math"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

var softmaxOps = []*Op{
	{Name: "Softmax", MinIn: 1, MaxIn: 1, Infer: inferSoftmax, Eval: evalSoftmax},
	{Name: "LogSoftmax", MinIn: 1, MaxIn: 1, Infer: inferSoftmax, Eval: evalSoftmax},
	{Name: "Hardmax", MinIn: 1, MaxIn: 1, Infer: inferSoftmax, Eval: evalSoftmax},
}

// SoftmaxAxes are the axes that a Softmax (LogSoftmax, Hardmax) normalises together: one, or below opset 13 all from one on.
func SoftmaxAxes(n *Node) (first, end int, err error) {
	rank := len(n.Inputs[0].Shape)
	def := int64(-1)
	if n.Opset < 13 {
		def = 1
	}
	a := n.Attrs.Int("axis", def)
	if n.Opset < 13 && a == int64(rank) {
		return rank, rank, nil
	}
	first, err = axis(a, rank)
	if n.Opset < 13 {
		return first, rank, err
	}
	return first, first + 1, err
}

func inferSoftmax(n *Node) error {
	if _, _, err := SoftmaxAxes(n); err != nil {
		return err
	}
	if err := floatInputs(n); err != nil {
		return err
	}
	return sameAsInput(n)
}

func evalSoftmax(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	first, end, err := SoftmaxAxes(n)
	if err != nil {
		return nil, err
	}
	x := in[0]
	length, inner := tensor.Size(x.Shape[first:end]), tensor.Size(x.Shape[end:])
	y := make([]float64, len(x.Floats))
	for k := range len(y) / max(length, 1) {
		base := k/inner*inner*length + k%inner
		top, best := math.Inf(-1), 0
		for i := range length {
			if v := x.Floats[base+i*inner]; v > top {
				top, best = v, i
			}
		}
		sum := 0.0
		for i := range length {
			at := base + i*inner
			d := x.Floats[at] - top
			e := tensor.Exp(d)
			sum += e
			y[at] = e
			if n.Op == "LogSoftmax" {
				y[at] = d
			}
		}
		for i := range length {
			at := base + i*inner
			switch n.Op {
			case "Softmax":
				y[at] /= sum
			case "LogSoftmax":
				y[at] -= tensor.Log(sum)
			default:
				y[at] = float64(bit(i == best))
			}
		}
	}
	return one(tensor.FromFloats(x.Type, y, x.Shape...), nil)
}
