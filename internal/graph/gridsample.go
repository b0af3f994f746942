package graph

import (
	"slices"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// maxImageRank bounds the spatial axes of an image.
const maxImageRank = 3

// gridSample reads x [N, C, spatial..] at grid [N, out.., r]: the last axis holds the coordinates from the last spatial axis
// to the first, -1 and 1 being the image's ends.
func gridSample(e *expander) []*Value {
	e.arity(2, 2)
	x, grid := e.in(0), e.in(1)
	r := len(x.Shape) - 2
	if r < 1 || r > maxImageRank {
		e.unsupported("input of shape %v", x.Shape)
	}
	if len(grid.Shape) != r+2 || grid.Shape[0] != x.Shape[0] || grid.Shape[r+1] != r || slices.Contains(x.Shape, 0) {
		e.failf("input of shape %v, grid of shape %v", x.Shape, grid.Shape)
	}
	if !x.Type.IsFloat() || !grid.Type.IsFloat() {
		e.unsupported("input is %v, grid is %v", x.Type, grid.Type)
	}
	a := spatialAxis{}
	switch m := e.n.Attrs.String("mode", "linear"); m {
	case "linear", "bilinear":
		a.kernel = linear
	case "cubic", "bicubic":
		if a.kernel = cubic; r != 2 {
			e.unsupported("mode %s of %d axes", m, r) // as onnxruntime
		}
	case "nearest":
	default:
		e.failf("mode %q", m)
	}
	switch m := e.n.Attrs.String("padding_mode", "zeros"); m {
	case "zeros":
	case "border":
		a.padding = padBorder
	case "reflection":
		a.padding = padReflection
	default:
		e.failf("padding_mode %q", m)
	}
	align := e.n.Attrs.Int("align_corners", 0) != 0
	out := grid.Shape[1 : r+1]
	count := tensor.Size(out)
	flat := e.cast(e.reshape(grid, x.Shape[0], count, r), x.Type)
	number := func(v float64) *Value { return e.scalar(x.Type, v) }
	axes, at := make([]spatialAxis, r), make([]*Value, r)
	for k := range axes {
		length := float64(x.Shape[k+2])
		t := e.op("Add", nil, e.pick(flat, 2, r-1-k), number(1))
		if align {
			t = e.op("Mul", nil, e.op("Mul", nil, t, number(0.5)), number(length-1))
			a.lo, a.hi = 0, length-1
		} else {
			t = e.op("Mul", nil, e.op("Sub", nil, e.op("Mul", nil, t, number(length)), number(1)), number(0.5))
			a.lo, a.hi = -0.5, length-0.5
		}
		a.length = x.Shape[k+2]
		axes[k], at[k] = a, t
	}
	return []*Value{e.reshape(e.sample(x, axes, at), slices.Concat(x.Shape[:2], out)...)}
}

// affineGrid is the grid [N, H, W, 2] or [N, D, H, W, 3] of the places that matrices theta [N, r, r+1] map an image's pixels to.
func affineGrid(e *expander) []*Value {
	e.arity(2, 2)
	theta := e.in(0)
	list, _, err := e.n.constInts(1, "size")
	e.check(err)
	size, err := toInts(list)
	e.check(err)
	r := len(size) - 2
	if r < 2 || r > maxImageRank || !tensor.SameShape(theta.Shape, []int{size[0], r, r + 1}) {
		e.failf("theta of shape %v, size %v", theta.Shape, size)
	}
	align := e.n.Attrs.Int("align_corners", 0) != 0
	for _, d := range size[2:] {
		if d < 1 || align && d == 1 {
			e.unsupported("size %v, align_corners %v", size, align)
		}
	}
	count := e.size(size[2:]...)
	base := make([]float64, (r+1)*e.size(append(size[2:], r+1)...)/(r+1))
	for p := range count {
		rest := p
		for k := r - 1; k >= 0; k-- {
			d := size[k+2]
			i := float64(rest % d)
			rest /= d
			v := float64(2*i+1)/float64(d) - 1
			if align {
				v = float64(2*i)/float64(d-1) - 1
			}
			base[(r-1-k)*count+p] = v
		}
		base[r*count+p] = 1
	}
	places := e.op("MatMul", nil, theta, e.numbers(theta.Type, base, r+1, count))
	return []*Value{e.reshape(e.transpose(places, 0, 2, 1), append(append([]int{size[0]}, size[2:]...), r)...)}
}
