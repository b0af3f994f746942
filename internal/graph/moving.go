package graph

import (
	"slices"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// movingExpansions put entries in other places, or add them up there.
var movingExpansions = map[string]expansion{
	"CenterCropPad": centerCropPad,
	"Col2Im":        col2Im,
	"MaxUnpool":     maxUnpool,
	"TensorScatter": tensorScatter,
}

// constShape is input i as a constant list of lengths.
func (e *expander) constShape(i int, name string) []int {
	e.in(i)
	list, _, err := e.n.constInts(i, name)
	e.check(err)
	shape, err := toInts(list)
	e.check(err)
	_, err = tensor.CheckedSize(shape)
	e.check(err)
	return shape
}

// centerCropPad cuts the middle out of long axes and puts zeros around short ones.
func centerCropPad(e *expander) []*Value {
	e.arity(2, 2)
	x, want := e.in(0), e.constShape(1, "shape")
	list := e.n.Attrs.Ints("axes")
	if list == nil {
		for a := range x.Shape {
			list = append(list, int64(a))
		}
	}
	axes, err := axesOf(list, len(x.Shape))
	e.check(err)
	if len(axes) != len(want) {
		e.failf("shape %v for axes %v", want, list)
	}
	pads := make([]int, 2*len(x.Shape))
	for i, a := range axes {
		have, length := x.Shape[a], want[i]
		if length <= have {
			x = e.slice(x, a, (have-length)/2, (have-length)/2+length)
			continue
		}
		pads[a] = (length - have) / 2
		pads[a+len(x.Shape)] = length - have - pads[a]
	}
	if slices.Max(append(pads, 0)) > 0 {
		x = e.op("Pad", nil, x, e.ints(pads...))
	}
	return []*Value{x}
}

// col2Im adds up blocks [N, C*prod(block), L] at their places in an image [N, C, image..]: a transposed convolution whose
// weights pick one entry of the block each.
func col2Im(e *expander) []*Value {
	e.arity(3, 3)
	x, image, block := e.in(0), e.constShape(1, "image_shape"), e.constShape(2, "block_shape")
	taps := tensor.Size(block)
	if len(x.Shape) != 3 || len(block) == 0 || len(block) != len(image) || taps == 0 || x.Shape[1]%taps != 0 || !x.Type.IsFloat() {
		e.failf("input is %v of shape %v, image_shape %v, block_shape %v", x.Type, x.Shape, image, block)
	}
	win, err := (&Node{Op: e.n.Op, Attrs: e.n.Attrs}).window(image, block)
	e.check(err)
	if tensor.Size(win.Out) != x.Shape[2] {
		e.failf("%d blocks, want %v", x.Shape[2], win.Out)
	}
	n, c := x.Shape[0], x.Shape[1]/taps
	weights := make([]float64, e.size(taps, taps))
	for i := range taps {
		weights[i*taps+i] = 1
	}
	attrs := Attrs{}
	for _, name := range []string{"strides", "dilations", "pads"} {
		if list, ok := e.n.Attrs[name]; ok {
			attrs[name] = list
		}
	}
	rest := make([]int64, len(block)) // what no block reaches at the end
	for i := range rest {
		rest[i] = int64(image[i] + win.PadBegin[i] + win.PadEnd[i] - (block[i]-1)*win.Dilations[i] - 1 - (win.Out[i]-1)*win.Strides[i])
	}
	attrs["output_padding"] = rest
	y := e.op("ConvTranspose", attrs, e.reshape(x, slices.Concat([]int{n * c, taps}, win.Out)...), e.numbers(x.Type, weights, slices.Concat([]int{taps, 1}, block)...))
	return []*Value{e.reshape(y, slices.Concat([]int{n, c}, image)...)}
}

// maxUnpool puts entries where a MaxPool's indices say; the rest is 0. An output_shape that is larger than the pooled tensor's
// adds zeros at the ends.
func maxUnpool(e *expander) []*Value {
	e.arity(2, 3)
	x, at := e.in(0), e.in(1)
	kernel, err := toInts(e.n.Attrs.Ints("kernel_shape"))
	e.check(err)
	if len(x.Shape) < 3 || len(kernel) != len(x.Shape)-2 || !tensor.SameShape(x.Shape, at.Shape) || at.Type.IsFloat() || !x.Type.IsFloat() {
		e.failf("input is %v of shape %v, indices are %v of shape %v, kernel_shape %v", x.Type, x.Shape, at.Type, at.Shape, kernel)
	}
	big := make([]int, len(kernel))
	for i := range big {
		big[i] = 1 << 40 // any window fits
	}
	win, err := (&Node{Op: e.n.Op, Attrs: e.n.Attrs}).window(big, kernel)
	e.check(err)
	shape := slices.Clone(x.Shape[:2])
	for i, k := range kernel {
		d := (x.Shape[i+2]-1)*win.Strides[i] + k - win.PadBegin[i] - win.PadEnd[i]
		if d < 1 {
			e.failf("axis %d of the output has length %d", i+2, d)
		}
		shape = append(shape, d)
	}
	size, count := e.size(shape...), tensor.Size(x.Shape)
	zero := e.constant(tensor.New(x.Type, size))
	y := e.reshape(e.op("ScatterElements", nil, zero, e.reshape(at, count), e.reshape(x, count)), shape...)
	if e.n.In(2) == nil {
		return []*Value{y}
	}
	want := e.constShape(2, "output_shape")
	if len(want) != len(shape) {
		e.failf("output_shape %v", want)
	}
	pads := make([]int, 2*len(shape))
	for i, d := range want {
		if d < shape[i] {
			e.failf("output_shape %v is smaller than %v", want, shape)
		}
		pads[i+len(shape)] = d - shape[i]
	}
	return []*Value{e.op("Pad", nil, y, e.ints(pads...))}
}

// tensorScatter writes update [B, .., L, ..] into past [B, .., M, ..] along an axis, from position write_indices[b] on; in
// circular mode positions go round.
func tensorScatter(e *expander) []*Value {
	e.arity(2, 3)
	past, update, at := e.in(0), e.in(1), e.n.In(2)
	a, err := axis(e.n.Attrs.Int("axis", -2), len(past.Shape))
	e.check(err)
	if a == 0 || len(update.Shape) != len(past.Shape) || past.Type != update.Type {
		e.failf("past_cache is %v of shape %v, update is %v of shape %v, axis %d", past.Type, past.Shape, update.Type, update.Shape, a)
	}
	for i, d := range past.Shape {
		if u := update.Shape[i]; u != d && i != a || u > d {
			e.failf("past_cache of shape %v, update of shape %v", past.Shape, update.Shape)
		}
	}
	length := update.Shape[a]
	if at == nil {
		at = e.constant(tensor.New(tensor.Int64, past.Shape[0]))
	}
	if at.Type.IsFloat() || !tensor.SameShape(at.Shape, past.Shape[:1]) {
		e.failf("write_indices are %v of shape %v", at.Type, at.Shape)
	}
	column := make([]int, len(past.Shape))
	fill(column, 1)
	column[0] = past.Shape[0]
	steps := make([]int, length)
	for i := range steps {
		steps[i] = i
	}
	row := make([]int, len(past.Shape))
	fill(row, 1)
	row[a] = length
	index := e.op("Add", nil, e.reshape(e.cast(at, tensor.Int64), column...), e.reshape(e.ints(steps...), row...))
	switch m := e.n.Attrs.String("mode", "linear"); m {
	case "linear":
	case "circular":
		index = e.op("Mod", nil, index, e.ints(past.Shape[a]))
	default:
		e.failf("mode %q", m)
	}
	index = e.op("Expand", nil, index, e.ints(update.Shape...))
	return []*Value{e.op("ScatterElements", Attrs{"axis": int64(a)}, past, index, update)}
}
