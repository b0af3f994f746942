package lower

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
)

// zeroBits bounds the table that tests integers for being zero in one lookup.
const zeroBits = 13

// among is [v is one of the wanted integers]: d = v as a looked-up column, and its pair in a table of 0 and 1.
//
// Determined: d stands alone, the bit is the output of a function table. Cost: 2 columns, 1 lookup. An integer outside the
// table, which holds all honest ones, has no witness. ok is false if the integers are too wide.
func (b *builder) among(v *value, wanted ...int64) (bit *value, ok bool) {
	m := min(max(-v.lo, v.hi), b.span(v))
	t := max(signedBits(m+1), min(b.o.Width, 8))
	for _, x := range wanted {
		t = max(t, signedBits(math.Abs(float64(x))+1))
	}
	if t > zeroBits {
		return nil, false
	}
	name := b.name("test")
	col := b.block(name, v.atoms, circuit.Column)
	out := b.block(b.nameOf(name+" result"), v.atoms, circuit.Column)
	b.lookup(col, out, b.table(fmt.Sprint("among", wanted, t), -(1<<(t-1)), 1<<t, func(x int64) int64 {
		if slices.Contains(wanted, x) {
			return 1
		}
		return 0
	}))
	b.relate(name, []circuit.Term{blockTerm(1, col, len(v.atoms))}, 1, v)
	y := v.clone()
	y.terms, y.sums, y.inner = []circuit.Term{blockTerm(1, out, len(v.atoms))}, nil, nil
	return truth(y), true
}

// indexOf is an index input as integers, each axis one atom.
func (b *builder) indexOf(x *value) *value {
	x = b.wholes(b.settle(x))
	for i := range x.split {
		x = b.settle(b.oneAtom(x, i))
	}
	return x
}

// wholes is an affine tensor of whole numbers on unit 1: on a finer one, the exact digits of the quotient.
func (b *builder) wholes(x *value) *value {
	if x.unit != math.Trunc(x.unit) {
		x = x.clone()
		x = b.requantise(x, exponent(1/x.unit), b.digitCount(x, exponent(1/x.unit)))
	}
	if x.unit != 1 {
		bound := x.bound
		x = x.times(int64(x.unit))
		x.unit, x.bound = 1, bound
	}
	return x
}

// oneHot is [x = j] for j < n, on a new last axis. x must hold whole numbers. negative also takes x + n = j. Indices of the same terms share
// one form. Its block has j first: so the index's letters lie at the lowest variables, whatever n is.
func (b *builder) oneHot(x *value, n int, negative bool) *value {
	key := fmt.Sprint(hotKey(x), n, negative)
	if e := b.hot[key]; e != nil {
		return e.clone()
	}
	rank := len(x.split)
	x = b.reshaped(x, append([]int{1}, x.shape()...))
	data, shape := make([]float64, room(n)), []int{n}
	for i := range data {
		data[i] = float64(i)
	}
	for range rank {
		shape = append(shape, 1)
	}
	p := b.aligned(x, b.constantValue("positions", data, shape, 1, nil, true))
	d := minus(p[0], p[1])
	wanted := []int64{0}
	if negative {
		wanted = append(wanted, -int64(n))
	}
	bit, ok := b.among(d, wanted...)
	if !ok {
		if negative {
			fail("negative indices into %d entries are not supported yet", n)
		}
		bit = b.isZero(d)
	}
	e := transposed(bit, append(sequence(1, rank), 0))
	e.lo, e.hi, e.bound = 0, 1, 1
	b.hot[key] = e
	return e.clone()
}

// hotKey spells the terms of an affine index, and its layout.
func hotKey(x *value) string {
	terms := slices.Clone(x.terms)
	slices.SortFunc(terms, func(s, t circuit.Term) int {
		return cmp.Or(cmp.Compare(s.Block, t.Block), slices.Compare(s.Axes, t.Axes))
	})
	return fmt.Sprint(terms, x.atoms, x.split, " ")
}

// inRange states that every index hits one of the entries: sum_j E_j = 1. It determines nothing: it refuses other indices.
func (b *builder) inRange(e *value) {
	key := "in range " + hotKey(e)
	if b.hot[key] != nil { // stated already
		return
	}
	b.hot[key] = e
	axis := len(e.split) - 1
	if e.split[axis] == 0 {
		b.relate(b.name("index in range"), nil, 1, e.plusInteger(-1))
		return
	}
	b.relate(b.name("index in range"), nil, 1, sumAxes(e, []int{axis}).plusInteger(-1))
}

// dataOperand is a data input, constant or not, each axis one atom.
func (b *builder) dataOperand(n *graph.Node, i int, in []*value) *value {
	x := in[i]
	if x == nil {
		t := n.Inputs[i].Const
		data := floats(n.Name, t)
		node := b.node
		b.node = ""
		x = b.constantValue(n.Name+": data", data, t.Shape, b.dataUnit(data), nil, false)
		b.node = node
	}
	b.settle(x)
	for a := range x.split {
		x = b.settle(b.oneAtom(x, a))
	}
	return x
}

// dataUnit is the unit of constant data: integers stay what they are.
func (b *builder) dataUnit(data []float64) float64 {
	if allMultiples(data, 1) && maxAbs(data) < 1<<(maxBits-2) {
		return 1
	}
	return b.weightUnit(data, 1, 0)
}

// contract is the sum over shared letters of E * data, with letters given for each axis: 0.. are the output's axes.
func contract(outShape []int, lens map[int]int, e, data *value, le, ld []int) *value {
	atoms, split := layoutOf(outShape)
	var all []int
	letter := map[int]circuit.Letter{}
	for i, d := range outShape {
		if d > 1 {
			letter[i] = circuit.Letter(len(all))
			all = append(all, d)
		}
	}
	for _, k := range slices.Sorted(mapKeys(lens)) {
		if lens[k] > 1 {
			letter[k] = circuit.Letter(len(all))
			all = append(all, lens[k])
		}
	}
	names := func(v *value, axes []int) factor {
		f := factor{v: v}
		for i, k := range v.split {
			if k > 0 {
				f.letters = append(f.letters, letter[axes[i]])
			}
		}
		return f
	}
	return einsum(atoms, split, all, names(data, ld), names(e, le))
}

func mapKeys(m map[int]int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func sequence(from, n int) []int {
	out := make([]int, room(n))
	for i := range out {
		out[i] = from + i
	}
	return out
}

const innerAxis = 100 // a letter of contract that is summed

// privateGather picks entries of an axis by indices that are data: out = sum_j [index = j] data_j, one bilinear contraction.
//
// Determined: one-hot bits by tables, the sum linear in them; an index outside 0..n-1 has no witness (negative ones included).
// Cost: 2 columns and 1 lookup for each index and entry of the axis, or of the index's window (window.go).
func (b *builder) privateGather(n *graph.Node, in []*value) *value {
	axis := resolved(graph.GatherAxis(n))
	x := b.indexOf(in[1])
	if y := b.gathered(n, x, axis, false); y != nil {
		return y
	}
	data := b.dataOperand(n, 0, in)
	rank := len(data.split)
	size := data.shape()[axis]
	x = b.index(x, size)
	e := b.oneHot(x, size, false)
	b.inRange(e)
	k := len(x.split)
	le := append(sequence(axis, k), innerAxis)
	ld := append(append(sequence(0, axis), innerAxis), sequence(axis+k, rank-axis-1)...)
	out := contract(n.Outputs[0].Shape, map[int]int{innerAxis: size}, e, data, le, ld)
	return picked(out, data)
}

// picked gives a selection of a value's entries their bounds: at most one product of a sum is not 0.
func picked(out, data *value) *value {
	out.lo, out.hi, out.bound = min(0, data.lo), max(0, data.hi), data.bound
	return out
}

// lowerGatherElements is out[i..] = data[.., index[i..], ..]: constant indices move entries, others are one-hot.
func lowerGatherElements(b *builder, n *graph.Node, in []*value) []*value {
	if n.Inputs[1].Const != nil {
		return remap(0)(b, n, in)
	}
	axis, x := resolved(graph.GatherAxis(n)), b.indexOf(in[1])
	if y := b.gathered(n, x, axis, true); y != nil {
		return []*value{y}
	}
	data := b.dataOperand(n, 0, in)
	rank := len(data.split)
	size := data.shape()[axis]
	x = b.index(x, size)
	for i, d := range x.shape() { // the index may be shorter along other axes
		if i != axis && d != data.shape()[i] {
			data = b.settle(b.viewAxis(data, i, stridedAt(d, data.shape()[i], 1, 0)))
		}
	}
	e := b.oneHot(x, size, false)
	b.inRange(e)
	ld := sequence(0, rank)
	ld[axis] = innerAxis
	out := contract(n.Outputs[0].Shape, map[int]int{innerAxis: size}, e, data, append(sequence(0, rank), innerAxis), ld)
	return []*value{picked(out, data)}
}

// lowerScatterElements writes updates at indices: with E the one-hot form of the indices along the axis,
//
//	out = data + sum_l E_l (update_l) - c data,   c = sum_l E_l in {0, 1}
//
// Determined: as privateGather; c stands alone and its range refuses indices that occur twice, which ONNX forbids.
func lowerScatterElements(b *builder, n *graph.Node, in []*value) []*value {
	if n.Inputs[1].Const != nil {
		return b.scatterConstant(n, in)
	}
	add := scatterAdds(n)
	data, upd := b.dataOperand(n, 0, in), b.dataOperand(n, 2, in)
	rank := len(data.split)
	axis := resolved(graph.GatherAxis(n))
	shape := data.shape()
	b.promise(false, "indices of ScatterElements that are data may occur twice")
	x := b.indexOf(in[1])
	e := b.oneHot(x, shape[axis], false)
	b.inRange(e)
	// E has axes (i.., j): the result keeps i but along the axis, where it is j
	part := x.shape()
	length := part[axis]
	part[axis] = shape[axis]
	le := append(sequence(0, rank), axis)
	le[axis] = innerAxis
	lu := sequence(0, rank)
	lu[axis] = innerAxis
	written := picked(contract(part, map[int]int{innerAxis: length}, e, upd, le, lu), upd)
	pad := func(v *value) *value { // entries that the indices do not reach
		for i, d := range part {
			if d != shape[i] {
				v = b.viewAxis(v, i, stridedAt(shape[i], d, 1, 0))
			}
		}
		return v
	}
	out := b.written(data, pad(written), upd, func() *value {
		c := sumAxes(b.moveLast(e, axis), []int{rank}) // (.., j, .., l): sum over l
		c.split = c.split[:rank]
		return pad(c)
	}, add, length)
	return []*value{out}
}

// moveLast exchanges an axis and the last one.
func (b *builder) moveLast(v *value, axis int) *value {
	perm := sequence(0, len(v.split))
	last := len(perm) - 1
	perm[axis], perm[last] = last, axis
	return transposed(v, perm)
}

// lowerOneHot is off + [index = j] (on - off) on a new axis; indices from -depth on count from the end, others give off.
func lowerOneHot(b *builder, n *graph.Node, in []*value) []*value {
	axis, depth, err := graph.OneHotOf(n)
	if err != nil {
		fail("%v", err)
	}
	if n.Inputs[2].Const == nil {
		fail("values that are no constants are not supported yet")
	}
	values := floats(n.Name, n.Inputs[2].Const)
	e := b.oneHot(b.indexOf(in[0]), depth, true)
	rank := len(e.split)
	perm := append(sequence(0, axis), rank-1)
	e = transposed(e, append(perm, sequence(axis, rank-1-axis)...))
	off, on := values[0], values[1]
	if d := on - off; d == math.Trunc(d) && off == math.Trunc(off) && math.Abs(d) < 1<<maxBits && math.Abs(off) < 1<<maxBits {
		return []*value{e.times(int64(d)).plusInteger(int64(off))} // integers stay on the unit 1
	}
	y := e.scaled(on - off)
	if off != 0 {
		y = b.plusConstant(y, n.Name+" off", []float64{off}, []int{})
	}
	y.bound = max(math.Abs(on), math.Abs(off))
	return []*value{y}
}
