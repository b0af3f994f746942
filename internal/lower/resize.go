package lower

import (
	"math"

	"github.com/ezkl-go/ezkl/internal/graph"
)

// lowerResize is a view where every output entry is one input entry (nearest); else a product with a fixed matrix of weights
// for each axis that changes. Weights that are small fractions (those of whole factors) are exact.
func lowerResize(b *builder, n *graph.Node, in []*value) []*value {
	if n.Attrs.String("mode", "nearest") == "nearest" {
		return remap(0)(b, n, in)
	}
	p := resolved(graph.ResizeOf(n))
	v := b.shared(in[0])
	bound := v.bound
	for a, taps := range p.Taps {
		d := v.shape()[a]
		m := make([]float64, room(len(taps), d))
		largest := 0.0
		for j, list := range taps {
			sum := 0.0
			for _, t := range list {
				m[j*d+t.Index] += t.Weight
				sum += math.Abs(t.Weight)
			}
			largest = max(largest, sum)
		}
		bound *= largest
		v = b.alongAxis(v, a, m, len(taps), n.Name)
		v.bound = bound
	}
	if p.Outside != nil {
		v = b.filled(v, p)
	}
	return []*value{v}
}

// alongAxis multiplies an axis of length d by a fixed matrix of rows x d: one contraction, nothing committed by the prover.
// The axis itself if the matrix is the identity.
func (b *builder) alongAxis(v *value, axis int, m []float64, rows int, name string) *value {
	d := v.shape()[axis]
	if rows == d && isUnit(m, d) {
		return v
	}
	if d == 1 { // every row is a number
		if rows == 1 {
			return v.scaled(m[0])
		}
		v = b.viewAxis(v, axis, make([]int, rows))
		shape := make([]int, len(v.split))
		for i := range shape {
			shape[i] = 1
		}
		shape[axis] = rows
		return b.timesChannels(name, v, m, shape)
	}
	data := b.settle(v)
	for a := range data.split {
		data = b.settle(b.oneAtom(data, a))
	}
	norm := largestRow(m, func(i int) int { return i / d }, rows)
	w := b.constantValue("matrix", m, []int{rows, d}, b.weightUnit(m, data.unit, norm*data.bound), nil, true)
	rank := len(data.split)
	ld := sequence(0, rank)
	ld[axis] = innerAxis
	shape := data.shape()
	shape[axis] = rows
	out := contract(shape, map[int]int{innerAxis: d}, w, data, []int{axis, innerAxis}, ld)
	lo, hi, largest := dotInterval(quantiseWeights(m, w.unit), func(i int) int { return i / d }, rows, data.lo, data.hi)
	out.lo, out.hi, out.bound = lo, hi, largest*w.unit*data.bound
	return out
}

func isUnit(m []float64, d int) bool {
	for i, x := range m {
		if x != 0 && i/d != i%d || x != 1 && i/d == i%d {
			return false
		}
	}
	return true
}

// filled replaces the entries that look outside of the input by a constant: a view that is 0 there, and a fixed tensor.
func (b *builder) filled(v *value, p graph.ResizeParams) *value {
	bound := max(v.bound, math.Abs(p.Fill))
	shift := roundHalfUp(p.Fill / v.unit)
	v = v.plusInteger(-shift)
	for a, outside := range p.Outside {
		at := make([]int, p.Out[a])
		for j := range at {
			if at[j] = j; outside != nil && outside[j] {
				at[j] = -1
			}
		}
		v = b.viewAxis(v, a, at)
	}
	v = v.plusInteger(shift)
	v.bound = bound
	return v
}
