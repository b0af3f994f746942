package graph

import (
	"cmp"
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// samplingExpansions read an image at places that need not be pixels: GridSample, RoiAlign, DeformConv. Where the places are
// constant the result is a sum of constant entries times constant weights. Where they are data, the weight of pixel j at
// place t is a function of t - j (a tent, say), zero outside the image of itself: no index is ever formed.
var samplingExpansions = map[string]expansion{
	"AffineGrid": affineGrid,
	"DeformConv": deformConv,
	"GridSample": gridSample,
	"RoiAlign":   roiAlign,
}

// kernel is a one-dimensional interpolation: weights of the pixels near a place.
type kernel int

const (
	nearest kernel = iota // rounds half to even
	linear
	cubic // Keys, a = -3/4
)

// weight is that of a pixel at distance d, for linear and cubic.
func (k kernel) weight(d float64) float64 {
	d = math.Abs(d)
	switch {
	case k == linear:
		return max(0, 1-d)
	case d <= 1:
		return float64(float64(float64(1.25*d)-2.25)*float64(d*d)) + 1
	case d < 2:
		return float64(-0.75 * float64(float64(d-1)*float64(float64(d-2)*float64(d-2))))
	}
	return 0
}

// reach is how many pixels on either side of a place have weights.
func (k kernel) reach() int { return max(1, int(k)) }

// padding says what lies outside an image.
type padding int

const (
	padZeros padding = iota
	padBorder
	padReflection
)

// spatialAxis is one axis of an image, and what lies beyond its ends.
type spatialAxis struct {
	kernel  kernel
	padding padding
	length  int
	lo, hi  float64 // the ends, where reflection turns
}

// folded is the place inside the image that stands for place t.
func (a *spatialAxis) folded(t float64) float64 {
	switch {
	case a.padding == padBorder && a.kernel != cubic: // a cubic one reaches into the image from beyond its last pixel
		return min(max(t, 0), float64(a.length-1))
	case a.padding == padReflection && a.hi <= a.lo:
		return a.lo
	case a.padding == padReflection:
		period := 2 * (a.hi - a.lo)
		return a.lo + math.Abs(math.Remainder(t-a.lo, period))
	}
	return t
}

// pixel is the entry that stands for pixel j, or -1.
func (a *spatialAxis) pixel(j int) int {
	switch a.padding {
	case padBorder:
		return min(max(j, 0), a.length-1)
	case padReflection:
		return min(max(int(math.Round(a.folded(float64(j)))), 0), a.length-1)
	}
	if j < 0 || j >= a.length {
		return -1
	}
	return j
}

// share is one entry of an image and its weight.
type share struct {
	at     int
	weight float64
}

// shares are the entries of the axis that make the value at place t.
func (a *spatialAxis) shares(t float64) []share {
	const far = 1 << 30
	t = min(max(t, -far), far)
	if a.kernel == nearest {
		if j := a.pixel(int(math.RoundToEven(t))); j >= 0 {
			return []share{{j, 1}}
		}
		return nil
	}
	t = a.folded(t)
	var out []share
	base := int(math.Floor(t))
	for j := base - a.kernel.reach() + 1; j <= base+a.kernel.reach(); j++ {
		if w := a.kernel.weight(t - float64(j)); w != 0 {
			if at := a.pixel(j); at >= 0 {
				out = append(out, share{at, w})
			}
		}
	}
	return out
}

// outer joins shares of one axis more: entry i of list and j of next is entry i*length + j.
func outer(list, next []share, length int) []share {
	out := make([]share, 0, len(list)*len(next))
	for _, a := range list {
		for _, b := range next {
			out = append(out, share{a.at*length + b.at, float64(a.weight * b.weight)})
		}
	}
	return out
}

// merged adds up the weights of an entry that a list names twice.
func merged(list []share) []share {
	slices.SortStableFunc(list, func(a, b share) int { return cmp.Compare(a.at, b.at) })
	out := list[:0]
	for _, s := range list {
		if n := len(out); n > 0 && out[n-1].at == s.at {
			out[n-1].weight += s.weight
			continue
		}
		out = append(out, s)
	}
	return out
}

// combine is, for x [R, S] and one list of shares for each column of the result, the weighted sums (or, of lists padded by
// repetition, the largest weighted entry) of each row: [R, len(lists)].
func (e *expander) combine(x *Value, lists [][]share, largest bool) *Value {
	width := 1
	for _, l := range lists {
		width = max(width, len(l))
	}
	e.size(len(lists), width, x.Shape[0])
	at := tensor.New(tensor.Int64, len(lists)*width)
	weights := make([]float64, len(lists)*width)
	plain := true // every weight is 1
	for i, l := range lists {
		for k := range width {
			s := share{}
			switch {
			case k < len(l):
				s = l[k]
			case largest && len(l) > 0:
				s = l[0]
			}
			at.Ints[i*width+k], weights[i*width+k] = int64(s.at), s.weight
			plain = plain && s.weight == 1
		}
	}
	y := e.op("Gather", Attrs{"axis": int64(1)}, x, e.constant(at))
	if !plain {
		y = e.op("Mul", nil, y, e.numbers(x.Type, weights, len(weights)))
	}
	if width == 1 {
		return y
	}
	y = e.reshape(y, x.Shape[0], len(lists), width)
	reduce := "ReduceSum"
	if largest {
		reduce = "ReduceMax"
	}
	return e.op(reduce, Attrs{"keepdims": int64(0)}, y, e.ints(2))
}

// weightsAt are, for places t [..] that are data, the weights of an axis's pixels: [.., length].
func (e *expander) weightsAt(a *spatialAxis, t *Value) *Value {
	shape := append(slices.Clone(t.Shape), 1)
	number := func(x float64) *Value { return e.scalar(t.Type, x) }
	positions := func(from, to int) *Value {
		list := make([]float64, e.size(to-from))
		for i := range list {
			list[i] = float64(from + i)
		}
		return e.numbers(t.Type, list, len(list))
	}
	t = e.folding(a, t)
	if a.kernel == nearest {
		r := e.cast(e.reshape(t, shape...), tensor.Int64)
		return e.cast(e.op("Equal", nil, r, e.cast(positions(0, a.length), tensor.Int64)), t.Type)
	}
	from, to := 0, a.length
	if a.kernel == cubic && a.padding != padZeros { // pixels outside, which stand for some inside
		from, to = -2, a.length+2
		e.size(to-from, a.length)
	}
	d := e.op("Sub", nil, e.reshape(t, shape...), positions(from, to))
	if a.kernel == linear { // one function of d: up from -1 to 0, down to 1
		up := e.op("Clip", nil, e.op("Add", nil, d, number(1)), number(0), number(1))
		return e.op("Sub", nil, up, e.op("Clip", nil, d, number(0), number(1)))
	}
	d = e.op("Abs", nil, d)
	// Two polynomials, below 1 and from 1 to 2: each is constant 0 at the end where the other begins.
	inner := e.op("Clip", nil, d, number(0), number(1))
	outside := e.op("Clip", nil, d, number(1), number(2))
	square := e.op("Mul", nil, inner, inner)
	near := e.op("Add", nil, e.op("Mul", nil, square, e.op("Sub", nil, e.op("Mul", nil, inner, number(1.25)), number(2.25))), number(1))
	two := e.op("Sub", nil, outside, number(2))
	far := e.op("Mul", nil, e.op("Mul", nil, e.op("Mul", nil, two, two), e.op("Sub", nil, outside, number(1))), number(-0.75))
	w := e.op("Add", nil, near, far)
	if from == 0 {
		return w
	}
	m := make([]float64, (to-from)*a.length)
	for j := from; j < to; j++ {
		m[(j-from)*a.length+a.pixel(j)] = 1
	}
	return e.op("MatMul", nil, w, e.numbers(t.Type, m, to-from, a.length))
}

// folding is folded for places that are data; for the nearest pixel, it is that pixel.
func (e *expander) folding(a *spatialAxis, t *Value) *Value {
	number := func(x float64) *Value { return e.scalar(t.Type, x) }
	if a.kernel == nearest {
		t = e.op("Round", nil, t)
	}
	last := float64(a.length - 1)
	switch {
	case a.padding == padBorder && a.kernel == cubic: // further out there is only the last pixel
		return e.op("Clip", nil, t, number(-1), number(last+1))
	case a.padding == padBorder:
		return e.op("Clip", nil, t, number(0), number(last))
	case a.padding == padReflection && a.hi <= a.lo:
		return e.op("Mul", nil, t, number(0))
	case a.padding == padReflection:
		span := a.hi - a.lo
		r := e.op("Mod", Attrs{"fmod": int64(1)}, e.op("Abs", nil, e.op("Sub", nil, t, number(a.lo))), number(2*span))
		t = e.op("Sub", nil, number(a.lo+span), e.op("Abs", nil, e.op("Sub", nil, number(span), r)))
		if a.kernel == linear && a.lo < 0 { // the pixel beyond an end is the last one again
			t = e.op("Clip", nil, t, number(0), number(last))
		}
	}
	return t
}

// sample reads images x [N, C, spatial..] at places of one coordinate for each spatial axis, [N, P], in pixels: [N, C, P].
func (e *expander) sample(x *Value, axes []spatialAxis, at []*Value) *Value {
	n, c := x.Shape[0], x.Shape[1]
	size, count := tensor.Size(x.Shape[2:]), at[0].Shape[1]
	constant := true
	for _, t := range at {
		constant = constant && t.Const != nil
	}
	if constant {
		lists := make([][]share, e.size(n, count))
		for i := range lists {
			list := []share{{i / count, 1}}
			for k := range axes {
				list = outer(list, axes[k].shares(at[k].Const.Float(i)), axes[k].length)
			}
			lists[i] = merged(list)
		}
		flat := e.reshape(e.transpose(e.reshape(x, n, c, size), 1, 0, 2), c, n*size)
		return e.transpose(e.reshape(e.combine(flat, lists, false), c, n, count), 1, 0, 2)
	}
	letters := "uvwxyz"[:len(axes)]
	in := []*Value{x}
	terms, joint := "", ""
	for k := range axes {
		in = append(in, e.weightsAt(&axes[k], at[k]))
		terms += ",np" + letters[k:k+1]
		joint += letters[k : k+1]
	}
	if len(axes) > 1 && c > axes[0].length { // fewer numbers between the products
		in = []*Value{x, e.op("Einsum", Attrs{"equation": terms[1:] + "->np" + joint}, in[1:]...)}
		terms = ",np" + joint
	}
	return e.op("Einsum", Attrs{"equation": "nc" + joint + terms + "->ncp"}, in...)
}
