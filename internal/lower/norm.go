package lower

import (
	"math"

	"github.com/ezkl-go/ezkl/internal/graph"
)

// lowerBatchNorm is x*a[c] + b[c], in inference: one product with weights. Behind a convolution fold has removed it.
func lowerBatchNorm(b *builder, n *graph.Node, in []*value) []*value {
	a, c := batchNorm(n)
	x := b.settle(in[0])
	shape := []int{len(a)}
	for range len(n.Inputs[0].Shape) - 2 {
		shape = append(shape, 1)
	}
	node := b.node
	b.node = ""
	defer func() { b.node = node }()
	unit := b.weightUnit(a, x.unit, b.precision(n.Outputs[0], maxAbs(a)*x.bound))
	w := b.constantValue(n.Name+": scale", a, shape, unit, x, false)
	v := b.aligned(x, w)
	return []*value{b.plusConstant(b.multiply(v[1], v[0]), n.Name+": shift", c, shape)}
}

// batchNorm is the affine form of a batch normalisation: factor and addend of each channel.
func batchNorm(n *graph.Node) (a, c []float64) {
	var p [4][]float64 // scale, bias, mean, variance
	for i := range p {
		t := n.Inputs[1+i].Const
		if t == nil {
			fail("parameters that are no constants are not supported")
		}
		p[i] = floats(n.Name, t)
	}
	eps := n.Attrs.Float("epsilon", 1e-5)
	a, c = make([]float64, len(p[0])), make([]float64, len(p[0]))
	for i := range a {
		a[i] = p[0][i] / math.Sqrt(p[3][i]+eps)
		c[i] = p[1][i] - float64(a[i]*p[2][i])
	}
	return a, c
}
