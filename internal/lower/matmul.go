package lower

import (
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/circuit"
	"github.com/ezkl-go/ezkl/internal/graph"
)

// lowerMatMul is out[.., i, j] = sum_k A[.., i, k] B[.., k, j] with broadcast batch axes: one bilinear contraction.
func lowerMatMul(b *builder, n *graph.Node, in []*value) []*value {
	x, wt := in[0], n.Inputs[1].Const
	if x == nil && wt == nil { // a constant on the left: a value like any other
		y := b.taken(in[1])
		return []*value{b.matmul(b.leftWeights(n, y), y)}
	}
	if x == nil {
		x = b.constantOperand(n, 0)
	}
	if wt == nil {
		if y := b.weighted(n, x, in[1]); y != nil {
			return []*value{y}
		}
		return []*value{b.matmul(b.taken(x), b.taken(in[1]))}
	}
	data := floats(n.Name, wt)
	shape := wt.Shape
	if len(shape) == 1 {
		shape = []int{shape[0], 1}
	}
	return []*value{b.matmulWeights(n, b.taken(x), data, shape, len(wt.Shape) == 1)}
}

// constantOperand is a constant input as a settled value of 16 bits.
func (b *builder) constantOperand(n *graph.Node, i int) *value {
	t := n.Inputs[i].Const
	data := floats(n.Name, t)
	return b.constantValue(n.Inputs[i].Name, data, t.Shape, b.weightUnit(data, 1, 0), nil, false)
}

// leftWeights are constant weights on the left of y, with y's atoms on the axes that both have.
func (b *builder) leftWeights(n *graph.Node, y *value) *value {
	t := n.Inputs[0].Const
	data := floats(n.Name, t)
	like := &value{}
	for i, d := range t.Shape {
		a := dropOnes(d)
		var from []int // y's atoms on the axis
		switch j := i + len(y.split) - len(t.Shape); {
		case i == len(t.Shape)-1:
			from = y.axisAtoms(max(0, len(y.split)-2))
		case i == len(t.Shape)-2:
			from = b.cuts[n.Outputs[0]]
		case j >= 0:
			from = y.axisAtoms(j)
		}
		if circuit.Count(from) == d {
			a = slices.Clone(from)
		}
		like.atoms, like.split = append(like.atoms, a...), append(like.split, len(a))
	}
	return b.constantValue(n.Inputs[0].Name, data, t.Shape, b.weightUnit(data, 1, 0), like, false)
}

// selectedBits is the precision of a sum of weights that bits select: there are many terms, and the product is as narrow as the weights.
const selectedBits = 24

// matmulWeights multiplies by constant weights [.., k, j]; vector drops the last axis of the result.
func (b *builder) matmulWeights(n *graph.Node, x *value, data []float64, shape []int, vector bool) *value {
	k, j := shape[len(shape)-2], shape[len(shape)-1]
	block := k * j
	row := func(i int) int { return i/block*j + i%j }
	bound := b.precision(n.Outputs[0], largestRow(data, row, len(data)/k)*x.bound)
	unit := b.weightUnit(data, x.unit, bound)
	if x.unit == 1 && x.lo == 0 && x.hi == 1 && b.p.Global == nil {
		unit = min(unit, target(bound, selectedBits)) // bits select weights, such as a forest's leaves
	}
	if x.columns && b.p.Global == nil { // products that are larger than their sum cancel
		most := max(-x.lo, x.hi) * largestRow(data, row, len(data)/k)
		for s := 0; s < 6 && most/unit < math.Ldexp(1, publicBits-3); s++ {
			unit /= 2
		}
	}
	ints := quantiseWeights(data, unit)
	w := &value{unit: unit}
	for i, d := range shape {
		a := dropOnes(d)
		if j := i + len(x.split) - len(shape); i < len(shape)-2 && j >= 0 && circuit.Count(x.axisAtoms(j)) == d {
			a = slices.Clone(x.axisAtoms(j))
		}
		if i == len(shape)-2 {
			a = slices.Clone(x.axisAtoms(len(x.split) - 1))
			if circuit.Count(a) != k {
				a = dropOnes(k)
			}
		}
		if cut := b.cuts[n.Outputs[0]]; i == len(shape)-1 && cut != nil && !vector {
			a = slices.Clone(cut)
		}
		w.atoms = append(w.atoms, a...)
		w.split = append(w.split, len(a))
	}
	w.terms = b.constantTerms(b.name("weights"), w.atoms, ints)
	y := b.matmul(x, w)
	var norm float64
	y.lo, y.hi, norm = dotInterval(ints, row, len(ints)/k, x.lo, x.hi)
	y.bound = norm * unit * x.bound
	if vector {
		y.split = y.split[:len(y.split)-1]
	}
	return y
}

// matmul contracts the last axis of x with the last but one of y. Axes have numpy's meaning; a 1-dimensional x or y gets
// an axis of length 1, dropped from the result.
func (b *builder) matmul(x, y *value) *value {
	vectorX, vectorY := len(x.split) == 1, len(y.split) == 1
	if vectorX {
		x = x.clone()
		x.split = append([]int{0}, x.split...)
	}
	if vectorY {
		y = y.clone()
		y.split = append(y.split, 0)
	}
	rx, ry := len(x.split), len(y.split)
	if !slices.Equal(x.axisAtoms(rx-1), y.axisAtoms(ry-2)) {
		y = b.taken(b.relayAxis(y, ry-2, x.axisAtoms(rx-1)))
	}
	rank := max(rx, ry)
	for i := range rank - 2 {
		if ix, iy := i-(rank-rx), i-(rank-ry); ix >= 0 && iy >= 0 && x.split[ix] > 0 && y.split[iy] > 0 {
			y = b.taken(b.relayAxis(y, iy, x.axisAtoms(ix)))
		}
	}
	var atoms, split, lens []int
	lx, ly := make([]circuit.Letter, len(x.atoms)), make([]circuit.Letter, len(y.atoms))
	add := func(v *value, axis int, ls []circuit.Letter) int { // letters of an output axis
		from, to := v.axis(axis)
		for a := from; a < to; a++ {
			ls[a] = circuit.Letter(len(lens))
			lens = append(lens, v.atoms[a])
			atoms = append(atoms, v.atoms[a])
		}
		return to - from
	}
	for i := range rank - 2 {
		ix, iy := i-(rank-rx), i-(rank-ry)
		switch {
		case ix < 0 || x.split[ix] == 0 && iy >= 0:
			split = append(split, add(y, iy, ly))
		case iy < 0 || y.split[iy] == 0:
			split = append(split, add(x, ix, lx))
		default:
			split = append(split, add(x, ix, lx))
			fx, _ := x.axis(ix)
			fy, ty := y.axis(iy)
			copy(ly[fy:ty], lx[fx:])
		}
	}
	split = append(split, add(x, rx-2, lx))
	split = append(split, add(y, ry-1, ly))
	fx, tx := x.axis(rx - 1)
	fy, _ := y.axis(ry - 2)
	for a := fx; a < tx; a++ {
		lx[a] = circuit.Letter(len(lens))
		ly[fy+a-fx] = lx[a]
		lens = append(lens, x.atoms[a])
	}
	out := b.bilinear(atoms, split, lens, factor{x, lx}, factor{y, ly})
	if out.bits() > 62 {
		fail("a product of %d bits: use smaller scales", out.bits())
	}
	if vectorY {
		out.split = out.split[:len(out.split)-1]
	}
	if vectorX { // x's axis, of length 1, comes before y's
		at := rank - 2
		out.split = slices.Delete(out.split, at, at+1)
	}
	return out
}

// lowerGemm is alpha A' B' + beta C.
func lowerGemm(b *builder, n *graph.Node, in []*value) []*value {
	x, wt := in[0], n.Inputs[1].Const
	p := resolved(graph.GemmOf(n))
	right := func() *value {
		w := b.taken(in[1])
		if p.TransB {
			w = transposed(w, []int{1, 0})
		}
		return w
	}
	left := x == nil && wt == nil && !p.TransA
	if x == nil && !left {
		x = b.constantOperand(n, 0)
	}
	if p.TransA {
		x = transposed(b.shared(x), []int{1, 0})
	}
	if !left {
		x = b.taken(x)
	}
	var y *value
	switch {
	case left:
		w := right()
		y = b.matmul(b.leftWeights(n, w), w).scaled(p.Alpha)
	case wt != nil:
		data := floats(n.Name, wt)
		for i := range data {
			data[i] *= p.Alpha
		}
		shape := wt.Shape
		if p.TransB {
			data, shape = transposeMatrix(data, shape[0], shape[1]), []int{shape[1], shape[0]}
		}
		y = b.matmulWeights(n, x, data, shape, false)
	default:
		y = b.matmul(x, right()).scaled(p.Alpha)
	}
	if len(n.Inputs) > 2 && n.Inputs[2] != nil && p.Beta != 0 {
		t := n.Inputs[2].Const
		if t == nil {
			v := b.aligned(y, b.settle(in[2]).scaled(p.Beta))
			return []*value{plus(v[0], v[1])}
		}
		data := floats(n.Name, t)
		for i := range data {
			data[i] *= p.Beta
		}
		y = b.plusBias(y, n.Name+": bias", data, t.Shape)
	}
	return []*value{y}
}

// transposeMatrix is the transpose of a row-major rows x cols matrix.
func transposeMatrix(data []float64, rows, cols int) []float64 {
	out := make([]float64, len(data))
	for r := range rows {
		for c := range cols {
			out[c*rows+r] = data[r*cols+c]
		}
	}
	return out
}
