package lower

import (
	"fmt"
	"math"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// flatIndex makes index tuples (the last axis) into axes of lengths dims one index each: a range check for each number, then an
// affine form. A number outside its axis has no witness.
func (b *builder) flatIndex(x *value, dims []int) *value {
	last := len(x.split) - 1
	shape := x.shape()[:last]
	flat := b.zeros(shape)
	for k, d := range dims {
		v := b.reshaped(b.viewAxis(x, last, []int{k}), shape)
		if d > 1<<b.o.TableBits {
			fail("indices into more than 2^%d entries are not supported", b.o.TableBits)
		}
		p := b.aligned(flat.times(int64(d)), b.below(v, d))
		flat = plus(p[0], p[1])
	}
	return flat
}

// below is v as a column of numbers in [0, d): the range is 2^k, and where d is less, the pair (v, [v < d]) whose bit is 1.
func (b *builder) below(v *value, d int) *value {
	name := b.name("index")
	col := b.block(name, v.atoms, circuit.Column)
	k := max(1, circuit.Log2Ceil(d))
	if d == 1<<k {
		b.lookup(col, circuit.None, b.table(fmt.Sprintf("u%d", k), 0, 1<<k, nil))
	} else {
		ok := b.block(b.nameOf(name+" inside"), v.atoms, circuit.Column)
		b.lookup(col, ok, b.table(fmt.Sprintf("below %d", d), 0, 1<<k, func(x int64) int64 {
			if x < int64(d) {
				return 1
			}
			return 0
		}))
		bit := v.clone()
		bit.terms, bit.sums, bit.inner = []circuit.Term{blockTerm(1, ok, len(v.atoms))}, nil, nil
		b.relate(b.nameOf(name+" in range"), nil, 1, truth(bit).plusInteger(-1))
	}
	b.relate(name, []circuit.Term{blockTerm(1, col, len(v.atoms))}, 1, v)
	c := v.clone()
	c.terms, c.sums, c.inner = []circuit.Term{blockTerm(1, col, len(v.atoms))}, nil, nil
	c.lo, c.hi, c.bound = 0, float64(d-1), float64(d-1)
	return c
}

// zeros is a tensor of zeros.
func (b *builder) zeros(shape []int) *value {
	v := &value{unit: 1}
	v.atoms, v.split = layoutOf(shape)
	return v
}

// lowerGatherND picks entries by index tuples: constant ones move entries; others are one-hot over the product of the axes.
func lowerGatherND(b *builder, n *graph.Node, in []*value) []*value {
	if n.Inputs[1].Const != nil {
		return remap(0)(b, n, in)
	}
	p := resolved(graph.GatherNDOf(n))
	if p.Batch > 0 {
		fail("batch_dims with indices that are no constants is not supported yet")
	}
	shape := n.Inputs[0].Shape
	rows := circuit.Count(shape[:p.Depth])
	data := b.dataOperand(n, 0, in)
	data = b.oneAtoms(b.reshaped(data, []int{rows, circuit.Count(shape[p.Depth:])}))
	x := b.flatIndex(b.indexOf(in[1]), shape[:p.Depth])
	count := circuit.Count(x.shape())
	x = b.oneAtoms(b.reshaped(x, []int{count}))
	e := b.oneHot(x, rows, false)
	b.inRange(e)
	out := contract([]int{count, data.shape()[1]}, map[int]int{innerAxis: rows}, e, data, []int{0, innerAxis}, []int{innerAxis, 1})
	return []*value{b.reshaped(picked(out, data), n.Outputs[0].Shape)}
}

// oneAtoms settles a value with every axis one atom.
func (b *builder) oneAtoms(v *value) *value {
	v = b.settle(v)
	for a := range v.split {
		v = b.settle(b.oneAtom(v, a))
	}
	return v
}

// lowerScatterND writes updates at index tuples: as ScatterElements, over the product of the axes that the tuples name.
func lowerScatterND(b *builder, n *graph.Node, in []*value) []*value {
	if n.Inputs[1].Const != nil {
		return b.scatterConstant(n, in)
	}
	add := scatterAdds(n)
	shape, tuples := n.Inputs[0].Shape, n.Inputs[1].Shape
	depth := tuples[len(tuples)-1]
	rows, inner := circuit.Count(shape[:depth]), circuit.Count(shape[depth:])
	count := circuit.Count(tuples[:len(tuples)-1])
	data := b.oneAtoms(b.reshaped(b.dataOperand(n, 0, in), []int{rows, inner}))
	upd := b.oneAtoms(b.reshaped(b.dataOperand(n, 2, in), []int{count, inner}))
	x := b.oneAtoms(b.reshaped(b.flatIndex(b.indexOf(in[1]), shape[:depth]), []int{count}))
	e := b.oneHot(x, rows, false)
	b.inRange(e)
	written := contract([]int{rows, inner}, map[int]int{innerAxis: count}, e, upd, []int{innerAxis, 0}, []int{innerAxis, 1})
	out := b.written(data, picked(written, upd), upd, func() *value {
		c := sumAxes(b.moveLast(e, 0), []int{1})
		c.split = c.split[:1]
		return b.reshaped(c, []int{rows, 1})
	}, add, count)
	return []*value{b.reshaped(out, shape)}
}

// written is data where the count of writes c is 0 and else what is written: data + written - c data. A count above 1 has no
// witness. With add, all writes are added to the data.
func (b *builder) written(data, written, upd *value, writes func() *value, add bool, count int) *value {
	if add {
		out := plus(data, written)
		out.bound = data.bound + float64(count)*upd.bound
		m := float64(count) * max(-upd.lo, upd.hi) * upd.unit / out.unit
		out.lo, out.hi = data.lo*data.unit/out.unit-m, data.hi*data.unit/out.unit+m
		return out
	}
	c := writes()
	name := b.name("written")
	col := b.block(name, c.atoms, circuit.Column)
	b.lookup(col, circuit.None, b.bit())
	b.relate(name, []circuit.Term{blockTerm(1, col, len(c.atoms))}, 1, c)
	bit := c.clone()
	bit.terms, bit.sums, bit.inner = []circuit.Term{blockTerm(1, col, len(c.atoms))}, nil, nil
	p := b.aligned(truth(bit), data)
	kept := picked(b.multiply(p[0], b.settle(p[1])), data)
	out := plus(minus(data, kept), written)
	out.lo = math.Min(data.lo*data.unit, upd.lo*upd.unit) / out.unit
	out.hi = math.Max(data.hi*data.unit, upd.hi*upd.unit) / out.unit
	out.bound = max(data.bound, upd.bound)
	return out
}

// scatterConstant is a scatter at constant indices: without a reduction a move of entries; else the updates, those that meet
// at one entry one after the other, as views of the flattened tensors.
func (b *builder) scatterConstant(n *graph.Node, in []*value) []*value {
	reduction := n.Attrs.String("reduction", "none")
	if reduction == "none" {
		return remap(0, 2)(b, n, in)
	}
	targets := scatterTargets(n)
	size := circuit.Count(n.Inputs[0].Shape)
	operand := func(i int) *value {
		v := in[i]
		if v == nil {
			v = b.constantPart(n, i, in)
		}
		v = b.settle(b.shared(v))
		return b.oneAtoms(b.reshaped(v, []int{circuit.Count(v.shape())}))
	}
	out, upd := operand(0), operand(2)
	for len(targets) > 0 {
		at := make([]int, room(size)) // the update that meets each entry in this round
		for j := range at {
			at[j] = -1
		}
		var later [][2]int
		for _, t := range targets {
			if at[t[0]] < 0 {
				at[t[0]] = t[1]
			} else {
				later = append(later, t)
			}
		}
		targets = later
		switch reduction {
		case "add":
			bound := out.bound + upd.bound
			out = plus(out, b.viewAxis(upd, 0, at))
			out.bound = bound
		case "mul":
			rest := make([]float64, size)
			for j := range at {
				if at[j] < 0 {
					rest[j] = 1
				}
			}
			ones := b.constantValue("untouched", rest, []int{size}, upd.unit, nil, true)
			if !isPowerOfTwo(upd.unit) || upd.unit > 1 {
				fail("reduction mul of updates on such a scale is not supported yet")
			}
			f := plus(b.viewAxis(upd, 0, at), ones)
			f.bound = max(upd.bound, 1)
			bound := out.bound * f.bound
			out = b.multiply(b.settle(out), b.settle(f))
			out.bound = bound
		default: // an entry that no update meets meets itself
			for j := range at {
				if at[j] < 0 {
					at[j] = j
				} else {
					at[j] += size
				}
			}
			b.settle(out)
			w := b.settle(b.viewAxis(b.concat(0, out, upd), 0, at))
			if reduction == "max" {
				out = b.maximum(out, w)
			} else {
				out = b.minimum(out, w)
			}
		}
	}
	return []*value{b.reshaped(out, n.Inputs[0].Shape)}
}

// scatterTargets lists the pairs of an entry of the data and one of the updates that meet, in the order of the updates.
func scatterTargets(n *graph.Node) [][2]int {
	idx := n.Inputs[1].Const
	x, u := n.Inputs[0].Shape, n.Inputs[2].Shape
	strides := tensor.Strides(x)
	var out [][2]int
	index := func(v int64, d int) int {
		if v < 0 {
			v += int64(d)
		}
		if v < 0 || v >= int64(d) {
			fail("index %d outside an axis of length %d", v, d)
		}
		return int(v)
	}
	if n.Op == "ScatterND" {
		depth := idx.Shape[len(idx.Shape)-1]
		inner := circuit.Count(x[depth:])
		for k := range idx.Len() / depth {
			at := 0
			for i := range depth {
				at += index(idx.Ints[k*depth+i], x[i]) * strides[i]
			}
			for i := range inner {
				out = append(out, [2]int{at + i, k*inner + i})
			}
		}
		return out
	}
	axis := resolved(graph.GatherAxis(n))
	for k, v := range idx.Ints {
		at, rest := index(v, x[axis])*strides[axis], k
		for i := len(u) - 1; i >= 0; i-- {
			if i != axis {
				at += rest % u[i] * strides[i]
			}
			rest /= u[i]
		}
		out = append(out, [2]int{at, k})
	}
	return out
}

// scatterAdds reads the reduction of a scatter whose indices are no constants: true for add, false for none.
func scatterAdds(n *graph.Node) bool {
	switch r := n.Attrs.String("reduction", "none"); r {
	case "none":
	case "add":
		return true
	default:
		fail("reduction %s with indices that are no constants is not supported yet", r)
	}
	return false
}
