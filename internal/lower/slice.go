package lower

import (
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
)

// lowerSlice is a view of each sliced axis.
func lowerSlice(b *builder, n *graph.Node, in []*value) []*value {
	p := resolved(graph.SliceOf(n))
	return []*value{b.piece(in[0], func(v *value) *value {
		for axis, d := range n.Inputs[0].Shape {
			if p.Starts[axis] != 0 || p.Steps[axis] != 1 || p.Lengths[axis] != d {
				v = b.viewAxis(v, axis, stridedAt(p.Lengths[axis], d, p.Steps[axis], p.Starts[axis]))
			}
		}
		return v
	})}
}

// piece is a view of v. What lies within one part of a concatenation is that part, and a view of a view is one: v is then not settled,
// however many consumers it has.
func (b *builder) piece(v *value, cut func(v *value) *value) *value {
	b.ready(v)
	if len(v.sums) > 0 && !slices.ContainsFunc(v.sums, func(k circuit.Contraction) bool { return !v.moves(&k) }) {
		if out := cut(v); len(out.sums) <= 1 {
			return out
		}
	}
	return cut(b.shared(v))
}

// lowerPad is a view that is 0 outside; another constant is added where the view is outside.
func lowerPad(b *builder, n *graph.Node, in []*value) []*value {
	v := b.shared(in[0])
	p := resolved(graph.PadOf(n))
	shift := int64(math.Floor(p.Value/v.unit + 0.5))
	bound := max(v.bound, math.Abs(p.Value))
	v = v.plusInteger(-shift)
	for axis, size := range n.Inputs[0].Shape {
		if p.Begin[axis] == 0 && p.End[axis] == 0 {
			continue
		}
		at := stridedAt(n.Outputs[0].Shape[axis], size, 1, -p.Begin[axis])
		if p.Mode != "constant" {
			for j := range at {
				at[j] = outside(p.Mode, j-p.Begin[axis], size)
			}
		}
		v = b.viewAxis(v, axis, at)
	}
	v = v.plusInteger(shift)
	v.bound = bound
	return []*value{v}
}

// outside is the entry of an axis that a pad mode puts at position x, which may lie outside the axis.
func outside(mode string, x, size int) int {
	switch mode {
	case "edge":
		return min(max(x, 0), size-1)
	case "wrap":
		return ((x % size) + size) % size
	case "reflect":
		if size == 1 {
			return 0
		}
		period := 2 * (size - 1)
		x = ((x % period) + period) % period
		return min(x, period-x)
	}
	fail("mode %s is not supported", mode)
	return 0
}

// lowerConcat adds the parts, each moved to its place by a view.
func lowerConcat(b *builder, n *graph.Node, in []*value) []*value {
	axis := resolved(graph.ConcatAxis(n))
	finest, largest := math.Inf(1), 0.0
	for i, v := range in {
		if v == nil {
			largest = max(largest, maxAbs(floats(n.Name, n.Inputs[i].Const)))
		} else if b.shared(v); n.Inputs[i].Shape[axis] > 0 {
			finest, largest = min(finest, v.unit), max(largest, max(-v.lo, v.hi)*v.unit)
		}
	}
	far := signedBits(largest/finest) > concatBits // some are much finer than others
	var parts []*value
	for i, v := range in {
		switch {
		case n.Inputs[i].Shape[axis] == 0 || v == nil && n.Inputs[i].Const.Len() == 0:
			continue
		case v == nil: // a constant has no range to leave: its own unit, or the finest
			t := n.Inputs[i].Const
			data := floats(n.Name, t)
			unit := target(maxAbs(data), quantBits)
			if far {
				unit = target(maxAbs(data), maxBits)
			} else {
				unit = min(unit, finest)
			}
			node := b.node
			b.node = ""
			v = b.constantValue(n.Name+": constant", data, t.Shape, unit, nil, false)
			b.node = node
		case far && !v.whole:
			b.settle(v)
		}
		parts = append(parts, b.shared(v))
	}
	return []*value{b.concat(axis, parts...)}
}

// concatBits bounds the integers of tensors that are joined as they are, on their finest unit.
const concatBits = 44 - alignBits

func (b *builder) concat(axis int, parts ...*value) *value {
	total := 0
	for _, v := range parts {
		total += v.shape()[axis]
	}
	var out *value
	at := 0
	// other axes: the atoms of the first part
	for _, v := range parts {
		size := v.shape()[axis]
		for i := range v.split {
			if i != axis && v.split[i] > 0 {
				v = b.relayAxis(v, i, parts[0].axisAtoms(i))
			}
		}
		w := b.viewAxis(v, axis, stridedAt(total, size, 1, -at))
		at += size
		if out == nil {
			out = w
			continue
		}
		lo, hi, bound := min(out.lo*out.unit, w.lo*w.unit), max(out.hi*out.unit, w.hi*w.unit), max(out.bound, w.bound)
		out = plus(out, w)
		out.lo, out.hi, out.bound = lo/out.unit, hi/out.unit, bound
		if len(out.inner)+len(out.atoms) > 40 { // a relation has at most 64 axes
			b.settle(out)
		}
	}
	return out
}

// lowerGather picks entries of an axis: constant indices are a view, others are one-hot (onehot.go).
func lowerGather(b *builder, n *graph.Node, in []*value) []*value {
	t := n.Inputs[1].Const
	if t == nil {
		return []*value{b.privateGather(n, in)}
	}
	axis, shape := resolved(graph.GatherAxis(n)), n.Inputs[0].Shape
	at := make([]int, room(t.Len()))
	for i, x := range t.Ints {
		if x < 0 {
			x += int64(shape[axis])
		}
		if x < 0 || x >= int64(shape[axis]) {
			fail("index %d outside the axis of length %d", t.Ints[i], shape[axis])
		}
		at[i] = int(x)
	}
	if n.Attrs.Int(graph.Hidden, 0) != 0 && shape[axis] > 1 {
		return []*value{b.reshaped(b.chosen(in[0], at, t.Shape), n.Outputs[0].Shape)}
	}
	v := b.piece(in[0], func(v *value) *value { return b.viewAxis(v, axis, at) })
	return []*value{b.reshaped(v, n.Outputs[0].Shape)}
}

// chosen is x times a matrix of zeros and ones that is a parameter: entry at[i] of the last axis, for each i of a shape.
func (b *builder) chosen(x *value, at, shape []int) *value {
	if b.ready(x); len(x.sums) > 0 && x.honestBits() > compareBits {
		b.settle(x)
	}
	b.settleWide(x)
	last := len(x.split) - 1
	size := x.shape()[last]
	data := make([]int64, room(size, len(at)))
	for i, j := range at {
		data[j*len(at)+i] = 1
	}
	atoms, _ := layoutOf(shape)
	w := &value{unit: 1, hi: 1, bound: 1, atoms: append(slices.Clone(x.axisAtoms(last)), atoms...), split: []int{x.split[last], len(atoms)}}
	w.terms = b.constantTerms(b.name("features"), w.atoms, data)
	return picked(b.matmul(x, w), x)
}

// lowerSplit cuts an axis.
func lowerSplit(b *builder, n *graph.Node, in []*value) []*value {
	p := resolved(graph.SplitOf(n))
	size, at := n.Inputs[0].Shape[p.Axis], 0
	var out []*value
	for _, length := range p.Lengths {
		out = append(out, b.piece(in[0], func(v *value) *value { return b.viewAxis(v, p.Axis, stridedAt(length, size, 1, at)) }))
		at += length
	}
	return out
}
