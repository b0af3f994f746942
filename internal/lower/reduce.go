package lower

import (
	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
)

// axesOf are the axes of a reduction, from the attribute or the second input; all axes by default.
func axesOf(n *graph.Node) []int {
	p := resolved(graph.ReduceOf(n))
	return p.Axes
}

// lowerReduceSum turns letters into summed letters.
func lowerReduceSum(b *builder, n *graph.Node, in []*value) []*value {
	return []*value{sumAxes(b.shared(in[0]), axesOf(n)).joined(n.Outputs[0].Shape)}
}

// lowerReduceMean is the sum on a smaller unit: no division.
func lowerReduceMean(b *builder, n *graph.Node, in []*value) []*value {
	return []*value{mean(b.shared(in[0]), axesOf(n), n.Outputs[0].Shape)}
}

// lowerReduceL1 sums absolute values.
func lowerReduceL1(b *builder, n *graph.Node, in []*value) []*value {
	return []*value{sumAxes(b.absolute(in[0]), axesOf(n)).joined(n.Outputs[0].Shape)}
}

// lowerReduceSumSquare sums squares: one contraction.
func lowerReduceSumSquare(b *builder, n *graph.Node, in []*value) []*value {
	return []*value{sumAxes(b.square(b.settle(in[0])), axesOf(n)).joined(n.Outputs[0].Shape)}
}

// sumAxes sums axes away, each left with length 1.
func sumAxes(v *value, axes []int) *value {
	for _, axis := range axes {
		for v.split[axis] > 0 {
			at, _ := v.axis(axis)
			v = sumOver(v, at)
		}
	}
	return v
}

func mean(v *value, axes []int, shape []int) *value {
	count := 1
	for _, axis := range axes {
		count *= circuit.Count(v.axisAtoms(axis))
	}
	bound := v.bound
	out := sumAxes(v, axes).scaled(1 / float64(count)).joined(shape)
	out.bound = min(out.bound, bound)
	return out
}

// lowerReduceMax and lowerReduceMin are trees of maxima over halves of an axis.
func lowerReduceMax(b *builder, n *graph.Node, in []*value) []*value {
	v := b.viewable(b.shared(in[0]))
	for _, axis := range axesOf(n) {
		v = b.reduceMax(v, axis)
	}
	return []*value{v.joined(n.Outputs[0].Shape)}
}

func lowerReduceMin(b *builder, n *graph.Node, in []*value) []*value {
	v := b.viewable(b.shared(in[0])).times(-1)
	for _, axis := range axesOf(n) {
		v = b.reduceMax(v, axis)
	}
	return []*value{v.times(-1).joined(n.Outputs[0].Shape)}
}

// reduceMax leaves the maximum of an axis, with length 1: n-1 maxima for n entries.
func (b *builder) reduceMax(v *value, axis int) *value {
	for {
		n := v.shape()[axis]
		if n == 1 {
			return v
		}
		if len(v.sums) > 2 {
			v = b.freeBlock(v, "maxima")
		}
		half := n / 2
		lower := b.viewAxis(v, axis, stridedAt(half, n, 1, 0))
		upper := b.viewAxis(v, axis, stridedAt(half, n, 1, half))
		m := b.maximum(lower, upper)
		if n%2 == 1 { // the last entry joins the next round
			rest := b.viewAxis(v, axis, []int{n - 1})
			m = b.concat(axis, m, rest)
		}
		v = m
	}
}

// lowerReduceLogSum is the logarithm, a table, of a sum.
func lowerReduceLogSum(b *builder, n *graph.Node, in []*value) []*value {
	return []*value{b.lazy(lowerReduceSum(b, n, in)[0], "log(%s)", ln, 0, false, nil)}
}

// lowerCumSum is a product with a fixed matrix of zeros and ones: one contraction, nothing committed by the prover.
func lowerCumSum(b *builder, n *graph.Node, in []*value) []*value {
	p := resolved(graph.CumSumOf(n))
	x := b.settle(b.oneAtom(b.settle(in[0]), p.Axis))
	size := x.shape()[p.Axis]
	if size == 1 {
		if p.Exclusive {
			return []*value{x.scaled(0)}
		}
		return []*value{x}
	}
	mask := make([]float64, room(size, size))
	for i := range size {
		for j := range size {
			if !p.Reverse && j < i || p.Reverse && j > i || i == j && !p.Exclusive {
				mask[i*size+j] = 1
			}
		}
	}
	w := b.constantValue("mask", mask, []int{size, size}, 1, nil, true)
	data := x
	for a := range x.split {
		data = b.settle(b.oneAtom(data, a))
	}
	rank := len(data.split)
	ld := sequence(0, rank)
	ld[p.Axis] = innerAxis
	return []*value{contract(n.Outputs[0].Shape, map[int]int{innerAxis: size}, w, data, []int{p.Axis, innerAxis}, ld)}
}
