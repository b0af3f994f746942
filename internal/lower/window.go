package lower

import (
	"fmt"
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
	"github.com/ezkl-go/ezkl/internal/tensor"
)

// window is an index of data that constants hold in a part of the axis: entry i is base_i + part_i, where base_i is known when the
// circuit is made and part_i is in [0, width).
//
// width is that of the intervals which tables and declared inputs force on the terms of the data part: it depends on the circuit alone. Of
// the constants the circuit shows that no window leaves the axis.
type window struct {
	part   *value // on the index's atoms
	width  int
	axes   []int  // the index's axes that base depends on
	base   []int  // row-major over them
	source string // the terms that base is made of
}

// claimed is an interval of a block's entries that the meaning of a one-hot form rests on.
type claimed struct {
	block  int
	lo, hi int64
}

// windowOf splits an index into an axis of size entries; nil if a window may leave the axis, or nothing is known of a term.
func (b *builder) windowOf(x *value, size int) *window {
	if len(x.sums) > 0 || x.unit != 1 {
		return nil
	}
	w := &window{part: x.clone()}
	var letters []circuit.Letter // the index's atoms that base depends on
	w.part.terms = nil
	var constants []circuit.Term
	var claims []claimed
	var lo, hi int64
	for _, t := range x.terms {
		if t.Block == circuit.None || b.key[t.Block] != nil {
			constants = append(constants, t)
			for _, l := range t.Axes {
				if !slices.Contains(letters, l) {
					letters = append(letters, l)
				}
			}
			continue
		}
		from, to, ok := b.interval(t.Block)
		if !ok || from < -maxMade || to > maxMade || abs64(t.Coef) > maxMade {
			return nil
		}
		claims = append(claims, claimed{t.Block, from, to})
		w.part.terms = append(w.part.terms, cloneTerm(t))
		lo += min(t.Coef*from, t.Coef*to)
		hi += max(t.Coef*from, t.Coef*to)
	}
	if hi-lo >= int64(size) || len(w.part.terms) == 0 {
		return nil
	}
	slices.Sort(letters)
	lens := make([]int, len(letters))
	for i, l := range letters {
		lens[i] = x.atoms[l]
	}
	for i := range x.split { // one atom for each axis above 1
		if from, to := x.axis(i); to > from && slices.Contains(letters, circuit.Letter(from)) {
			w.axes = append(w.axes, i)
		}
	}
	w.width, w.base = int(hi-lo)+1, make([]int, room(lens...))
	for i := range w.base {
		at, rest := make([]int, len(x.atoms)), i
		for k, l := range slices.Backward(letters) {
			at[l] = rest % lens[k]
			rest /= lens[k]
		}
		sum := lo
		for _, t := range constants {
			entry := int64(1)
			if t.Block != circuit.None {
				j := 0
				for _, l := range t.Axes {
					j = j*x.atoms[l] + at[l]
				}
				entry = b.key[t.Block][j]
			}
			if abs64(entry) > circuit.MaxInterval/maxMade || abs64(t.Coef) > maxMade {
				return nil
			}
			sum += t.Coef * entry
		}
		if sum < 0 || sum > int64(size-w.width) {
			return nil
		}
		w.base[i] = int(sum)
	}
	w.part = w.part.plusInteger(-lo)
	w.part.lo, w.part.hi, w.part.bound = 0, float64(hi-lo), float64(hi-lo)
	w.source = fmt.Sprint(constants)
	b.claims = append(b.claims, claims...)
	return w
}

// interval is what a table or a declaration forces on a block's entries; false for a free block.
func (b *builder) interval(block int) (lo, hi int64, ok bool) {
	if x := &b.c.Blocks[block]; x.Role == circuit.Public || x.Role == circuit.Fixed || x.Role == circuit.Private {
		return x.Lo, x.Hi, true
	}
	for _, l := range b.lookups {
		switch t := &b.c.Tables[l.Table]; block {
		case l.In:
			return t.Lo, t.Lo + int64(t.Size) - 1, true
		case l.Out:
			return b.c.Blocks[t.Out].Lo, b.c.Blocks[t.Out].Hi, true
		}
	}
	return 0, 0, false
}

// checkClaims looks again at what windows rest on: a lookup's table is chosen late.
func (b *builder) checkClaims() error {
	for _, c := range b.claims {
		if lo, hi, ok := b.interval(c.block); !ok || lo < c.lo || hi > c.hi {
			return fmt.Errorf("lower: internal error: the interval of %q, part of an index, has grown", b.c.Blocks[c.block].Name)
		}
	}
	return nil
}

// at is where the window begins at a place in the index, of a shape.
func (w *window) at(place, shape []int) int {
	i := 0
	for _, a := range w.axes {
		i = i*shape[a] + place[a]
	}
	return w.base[i]
}

// gathered picks entries of constant data along an axis by an index in a window, one for each entry of the result:
//
//	out_i = sum_j D[j, i] [part_i = j],   D[j, i] = data[base_i + j]
//
// D has the visibility of parameters. place gives, for an axis of the index, the axis of the result that it is. elements is
// the operator GatherElements: the other axes of the data are then those of the index too.
//
// Determined: one-hot bits by tables, the sum linear in them. Every part is in its window, so that no index is refused.
// Cost: 2 columns and 1 lookup for each index and entry of the window. nil if that is not less than with all entries of the axis.
func (b *builder) gathered(n *graph.Node, x *value, axis int, elements bool) *value {
	t := n.Inputs[0].Const
	if t == nil {
		return nil
	}
	size, out := t.Shape[axis], n.Outputs[0].Shape
	w := b.windowOf(x, size)
	if w == nil {
		return nil
	}
	// the index's axes are the result's from `first` on; the data's axes before and behind
	rank, first := len(x.split), axis
	if elements {
		first = 0
	}
	depends := make([]bool, len(out)) // does D depend on the result's axis
	for i := range out {
		depends[i] = elements && i != axis || !elements && (i < first || i >= first+rank)
	}
	for _, a := range w.axes {
		depends[first+a] = true
	}
	shape := []int{w.width}
	for i, d := range out {
		if !depends[i] {
			d = 1
		}
		shape = append(shape, d)
	}
	count := circuit.Count(x.atoms)
	if entries := room(shape...); float64(count)*hotCost*float64(w.width)+constantCost*float64(entries) >
		float64(count)*hotCost*float64(size)+constantCost*float64(t.Len()) {
		return nil
	}
	all := floats(n.Name, t)
	data := make([]float64, circuit.Count(shape))
	strides, place, index := tensor.Strides(t.Shape), make([]int, len(out)), x.shape()
	for i := range data {
		rest := i
		for a := len(out) - 1; a >= 0; a-- {
			place[a], rest = rest%shape[a+1], rest/shape[a+1]
		}
		at := (rest + w.at(place[first:first+rank], index)) * strides[axis]
		for a := range t.Shape {
			switch {
			case a == axis:
			case elements || a < axis:
				at += place[a] * strides[a]
			default:
				at += place[a+rank-1] * strides[a]
			}
		}
		data[i] = all[at]
	}
	unit := b.dataUnit(all)
	node, from := b.node, b.source
	b.node, b.source = "", from+w.source // whether two windows hold the same is nobody's business
	d := b.constantValue(n.Name+": data", data, shape, unit, nil, false)
	b.node, b.source = node, from
	e := b.oneHot(w.part, w.width, false)
	le := append(sequence(first, rank), innerAxis)
	ld := append([]int{innerAxis}, sequence(0, len(out))...)
	return picked(contract(out, map[int]int{innerAxis: w.width}, e, d, le, ld), d)
}

// hotCost is the price of an entry of a one-hot form, by the model of compile.go: two columns.
const hotCost = 2 * cellCost
