package lower

import (
	"slices"

	"github.com/ezkl-go/ezkl/internal/graph"
)

// lowerAveragePool sums windows (a linear contraction, or part of the one that makes its input) and divides by their
// size in the unit. Where the number of entries differs between windows, it multiplies by the reciprocals, fixed constants.
func lowerAveragePool(b *builder, n *graph.Node, in []*value) []*value {
	v := b.shared(in[0])
	sp := poolOf(n)
	out := n.Outputs[0].Shape
	shape := n.Inputs[0].Shape
	include := sp.CountIncludePad
	counts := make([][]float64, len(sp.Kernel))
	uniform := true
	for i, k := range sp.Kernel {
		for o := range out[2+i] {
			c := 0
			for u := range k {
				x := o*sp.Strides[i] + u*sp.Dilations[i] - sp.PadBegin[i]
				if 0 <= x && x < shape[2+i] || include && x < shape[2+i]+sp.PadEnd[i] {
					c++
				}
			}
			counts[i] = append(counts[i], float64(c))
		}
		uniform = uniform && slices.Min(counts[i]) == slices.Max(counts[i])
	}
	size := 1.0
	bound := v.bound
	for i, k := range sp.Kernel {
		v = b.windowAxis(v, 2+i, out[2+i], k, sp.Strides[i], sp.Dilations[i], sp.PadBegin[i])
		size *= counts[i][0]
	}
	if uniform {
		v = v.scaled(1 / size)
		v.bound = min(v.bound, bound)
		return []*value{v}
	}
	weights := []float64{1}
	cshape := []int{}
	for i := range counts {
		var next []float64
		for _, w := range weights {
			for _, c := range counts[i] {
				next = append(next, w/c)
			}
		}
		weights = next
		cshape = append(cshape, len(counts[i]))
	}
	b.settle(v)
	c := b.constantValue("reciprocal counts", weights, cshape, b.weightUnit(weights, v.unit, 0), v, true)
	a := b.aligned(v, c)
	y := b.multiply(a[1], a[0])
	y.bound = min(y.bound, bound)
	return []*value{y}
}

// poolOf is a pooling's window.
func poolOf(n *graph.Node) graph.PoolParams {
	p := resolved(graph.PoolOf(n))
	return p
}

// windowAxis is window on a tensor axis, which may have length 1 before or after.
func (b *builder) windowAxis(v *value, axis, outLen, size, stride, dilation, pad int) *value {
	if size == 1 {
		return b.viewAxis(v, axis, stridedAt(outLen, v.shape()[axis], stride, -pad))
	}
	v = b.oneAtom(v, axis)
	if v.split[axis] == 0 { // one entry: every window holds it or not
		at := stridedAt(outLen, 1, stride, -pad)
		for o := range at {
			at[o] = -1
			for u := range size {
				if o*stride+u*dilation-pad == 0 {
					at[o] = 0
				}
			}
		}
		return b.viewAxis(v, axis, at)
	}
	atom, _ := v.axis(axis)
	return dropUnits(b.window(v, atom, outLen, size, stride, dilation, pad))
}

// stridedAt lists start + i*stride for i < n, -1 outside [0, size).
func stridedAt(n, size, stride, start int) []int {
	at := make([]int, room(n))
	for i := range at {
		at[i] = start + i*stride
		if at[i] < 0 || at[i] >= size {
			at[i] = -1
		}
	}
	return at
}

// viewAxis is view on a tensor axis, which may have length 1 before or after.
func (b *builder) viewAxis(v *value, axis int, at []int) *value {
	if out := b.viewAtoms(v, axis, at); out != nil {
		return out
	}
	v = b.oneAtom(v, axis)
	if v.split[axis] == 0 {
		v = withUnit(v, axis)
	}
	atom, _ := v.axis(axis)
	return dropUnits(b.view(v, atom, at)).tidy()
}

// withUnit gives an axis of length 1 an atom of length 1, for the time of one view.
func withUnit(v *value, axis int) *value {
	at, _ := v.axis(axis)
	to := make([]int, len(v.atoms))
	for i := range to {
		to[i] = i
		if i >= at {
			to[i]++
		}
	}
	split := slices.Clone(v.split)
	split[axis] = 1
	return v.relaid(slices.Insert(slices.Clone(v.atoms), at, 1), split, to)
}

// dropUnits removes atoms of length 1: their letters become summed letters of one entry.
func dropUnits(v *value) *value {
	for a := 0; a < len(v.atoms); a++ {
		if v.atoms[a] == 1 {
			v = sumOver(v, a)
			a--
		}
	}
	return v
}

// lowerGlobalAveragePool sums all spatial axes: their letters become summed ones, at no cost even on a pending convolution.
func lowerGlobalAveragePool(b *builder, n *graph.Node, in []*value) []*value {
	axes := make([]int, 0, 3)
	for i := 2; i < len(n.Inputs[0].Shape); i++ {
		axes = append(axes, i)
	}
	return []*value{mean(b.shared(in[0]), axes, n.Outputs[0].Shape)}
}

// lowerMaxPool takes maxima along rows first, then along columns. Padding counts as less than every value: the value is
// shifted to be nonnegative, views give 0 outside, and the shift is undone. With k entries in a window along one axis,
// k-1 maxima for each output.
func lowerMaxPool(b *builder, n *graph.Node, in []*value) []*value {
	if len(n.Outputs) > 1 && n.Outputs[1] != nil && n.Outputs[1].Name != "" {
		fail("the output Indices is not supported yet")
	}
	sp := poolOf(n)
	out := n.Outputs[0].Shape
	if y := b.chainPool(in[0], sp, n.Inputs[0].Shape, out); y != nil {
		return []*value{y}
	}
	v := b.shared(in[0])
	for i := len(sp.Kernel) - 1; i >= 0; i-- {
		var views [][]int
		size := v.shape()[2+i]
		for u := range sp.Kernel[i] {
			views = append(views, stridedAt(out[2+i], size, sp.Strides[i], u*sp.Dilations[i]-sp.PadBegin[i]))
		}
		v = b.maxOfViews(v, 2+i, views)
	}
	return []*value{v}
}

// maxOfViews is the maximum of views of one axis, entry by entry, where at least one of them is inside.
func (b *builder) maxOfViews(v *value, axis int, views [][]int) *value {
	views = slices.DeleteFunc(views, func(at []int) bool { return slices.Max(at) < 0 })
	if len(views) == 1 {
		return b.viewAxis(v, axis, views[0])
	}
	b.viewable(v)
	partial := false
	for _, at := range views {
		partial = partial || slices.Min(at) < 0
	}
	shift := int64(0)
	if partial {
		shift = int64(max(0, -v.lo))
	}
	x := v.plusInteger(shift)
	x.bound = v.bound + float64(float64(shift)*v.unit)
	var y *value
	for _, at := range views {
		w := b.viewAxis(x, axis, at)
		w.bound = x.bound
		if y == nil {
			y = w
			continue
		}
		lo, hi := y.lo, y.hi
		y = b.maximum(y, w)
		y.lo, y.hi = min(lo, w.lo), max(hi, w.hi)
	}
	y = y.plusInteger(-shift)
	y.lo, y.hi, y.bound = v.lo, v.hi, v.bound
	return y
}

// lowerGlobalMaxPool reduces all spatial axes.
func lowerGlobalMaxPool(b *builder, n *graph.Node, in []*value) []*value {
	v := b.viewable(b.shared(in[0]))
	for i := 2; i < len(n.Inputs[0].Shape); i++ {
		v = b.reduceMax(v, i)
	}
	return []*value{v}
}
