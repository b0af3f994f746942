package graph

import (
	"slices"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// deformConv is a convolution of x [N, C, H, W] whose every tap reads at its own place: offsets [N, G*taps*2, out..] are added to
// the taps' positions (row, column), and mask [N, G*taps, out..] weighs what they read; the channels are in G groups.
func deformConv(e *expander) []*Value {
	e.arity(3, 5)
	x, weights, offset, bias, mask := e.in(0), e.in(1), e.in(2), e.n.In(3), e.n.In(4)
	a := e.n.Attrs
	bad := func() {
		e.failf("input of shape %v, weights of shape %v, offsets of shape %v, group %d, offset_group %d",
			x.Shape, weights.Shape, offset.Shape, a.Int("group", 1), a.Int("offset_group", 1))
	}
	if len(x.Shape) != 4 || len(weights.Shape) != 4 || len(offset.Shape) != 4 {
		bad()
	}
	kernel, taps := weights.Shape[2:], weights.Shape[2]*weights.Shape[3]
	if list := a.Ints("kernel_shape"); list != nil {
		k, err := toInts(list)
		e.check(err)
		if !tensor.SameShape(k, kernel) {
			e.failf("kernel_shape %v for weights of shape %v", list, weights.Shape)
		}
	}
	win, err := (&Node{Op: e.n.Op, Attrs: a}).window(x.Shape[2:], kernel)
	e.check(err)
	n, c, oc := x.Shape[0], x.Shape[1], weights.Shape[0]
	group, groups := int(min(a.Int("group", 1), 1<<24)), int(min(a.Int("offset_group", 1), 1<<24))
	if group < 1 || groups < 1 || c%group != 0 || c%groups != 0 || oc%group != 0 || weights.Shape[1]*group != c || tensor.Size(x.Shape) == 0 ||
		!tensor.SameShape(offset.Shape, []int{n, groups * taps * 2, win.Out[0], win.Out[1]}) {
		bad()
	}
	count := win.Out[0] * win.Out[1]
	places := e.reshape(e.cast(offset, x.Type), n*groups, taps, 2, count)
	axes, at := make([]spatialAxis, 2), make([]*Value, 2)
	for k := range axes {
		base := make([]float64, e.size(taps, count))
		for i := range base {
			tap, out := i/count, i%count
			if k == 0 {
				tap, out = tap/kernel[1], out/win.Out[1]
			} else {
				tap, out = tap%kernel[1], out%win.Out[1]
			}
			base[i] = float64(out*win.Strides[k] + tap*win.Dilations[k] - win.PadBegin[k])
		}
		t := e.op("Add", nil, e.pick(places, 2, k), e.numbers(x.Type, base, taps, count))
		at[k] = e.reshape(t, n*groups, taps*count)
		axes[k] = spatialAxis{kernel: linear, length: x.Shape[k+2]}
	}
	read := e.sample(e.reshape(x, n*groups, c/groups, x.Shape[2], x.Shape[3]), axes, at)
	if mask != nil {
		if !tensor.SameShape(mask.Shape, []int{n, groups * taps, win.Out[0], win.Out[1]}) {
			e.failf("mask of shape %v", mask.Shape)
		}
		read = e.op("Mul", nil, read, e.reshape(e.cast(mask, x.Type), n*groups, 1, taps*count))
	}
	read = e.reshape(read, n, group, c/group, taps, count)
	w := e.reshape(weights, group, oc/group, c/group, taps)
	y := e.op("Einsum", Attrs{"equation": "ngctp,goct->ngop"}, read, w)
	y = e.reshape(y, slices.Concat([]int{n, oc}, win.Out)...)
	if bias != nil {
		if !tensor.SameShape(bias.Shape, []int{oc}) {
			e.failf("bias of shape %v", bias.Shape)
		}
		y = e.op("Add", nil, y, e.reshape(bias, 1, oc, 1, 1))
	}
	return []*Value{y}
}
