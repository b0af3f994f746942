package graph

import (
	"math"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// roiParams are a RoiAlign's attributes.
type roiParams struct {
	height, width int // of the result
	samples       int // of each bin and axis; 0: as many as the bin has pixels
	scale, offset float64
	half, largest bool
}

// roiAlign averages x [N, C, H, W] over the bins of rectangles rois [R, 4] (x1, y1, x2, y2), or takes the largest weighted pixel.
func roiAlign(e *expander) []*Value {
	e.arity(3, 3)
	x, rois, batch := e.in(0), e.in(1), e.in(2)
	if len(x.Shape) != 4 || len(rois.Shape) != 2 || rois.Shape[1] != 4 || !tensor.SameShape(batch.Shape, rois.Shape[:1]) || tensor.Size(x.Shape) == 0 {
		e.failf("input of shape %v, rois of shape %v, batch_indices of shape %v", x.Shape, rois.Shape, batch.Shape)
	}
	if batch.Type.IsFloat() || !x.Type.IsFloat() || rois.Type != x.Type {
		e.failf("input is %v, rois are %v, batch_indices are %v", x.Type, rois.Type, batch.Type)
	}
	a := e.n.Attrs
	p := roiParams{scale: 1}
	for name, at := range map[string]*int{"output_height": &p.height, "output_width": &p.width} {
		if *at = int(a.Int(name, 1)); *at < 1 || *at > tensor.MaxSize {
			e.failf("%s %d", name, *at)
		}
	}
	if p.samples = int(a.Int("sampling_ratio", 0)); p.samples < 0 || p.samples > 1<<10 {
		e.failf("sampling_ratio %d", p.samples)
	}
	if s, ok := a["spatial_scale"].(float64); ok {
		p.scale = s
	}
	switch m := a.String("mode", "avg"); m {
	case "avg":
	case "max":
		p.largest = true
	default:
		e.failf("mode %q", m)
	}
	if e.n.Opset >= 16 {
		switch m := a.String("coordinate_transformation_mode", "half_pixel"); m {
		case "half_pixel":
			p.half, p.offset = true, 0.5
		case "output_half_pixel":
		default:
			e.failf("coordinate_transformation_mode %q", m)
		}
	}
	x = e.op("Gather", nil, x, batch) // [R, C, H, W]
	if rois.Const != nil {
		return []*Value{e.constantRois(x, rois.Const, &p)}
	}
	if p.samples == 0 || p.largest {
		e.unsupported("rois that are data, with sampling_ratio %d and mode %s", p.samples, a.String("mode", "avg"))
	}
	rows := e.binWeights(rois, 1, x.Shape[2], p.height, &p)
	columns := e.binWeights(rois, 0, x.Shape[3], p.width, &p)
	y := e.op("Einsum", Attrs{"equation": "rchw,rph->rcpw"}, x, rows) // calibrated: what lies between the products of one Einsum is not
	return []*Value{e.op("Einsum", Attrs{"equation": "rcpw,rqw->rcpq"}, y, columns)}
}

// bin gives the start and length of a rectangle's bins along one axis.
func (p *roiParams) bin(t tensor.DType, from, to float64, bins int) (start, size float64) {
	round := func(x float64) float64 { return tensor.FromFloats(t, []float64{x}).Float(0) }
	start = round(round(from*p.scale) - p.offset)
	length := round(round(round(to*p.scale)-p.offset) - start)
	if !p.half {
		length = max(length, 1)
	}
	return start, round(length / float64(bins))
}

// places are the sampled pixels of one bin along an axis of the given length, for each sample the one or two pixels that it
// reads (two, if both, where the weight of one is 0); nil where it lies outside.
func (p *roiParams) places(start, size float64, bin, length int, both bool) [][]share {
	n := p.samples
	if n == 0 {
		n = int(math.Ceil(size))
	}
	var out [][]share
	for i := range max(n, 0) {
		t := start + float64(float64(bin)*size) + float64(float64((float64(i)+0.5)*size)/float64(n))
		if t < -1 || t > float64(length) {
			out = append(out, nil)
			continue
		}
		t = min(max(t, 0), float64(length-1))
		low := int(t)
		s := []share{{low, 1 - (t - float64(low))}, {min(low+1, length-1), t - float64(low)}}
		if !both && s[1].weight == 0 {
			s = s[:1]
		}
		out = append(out, s)
	}
	return out
}

// maxSamples bounds the samples of the bins of constant rectangles in all.
const maxSamples = 1 << 20

// constantRois is the result for rectangles that are constant: weighted sums, or maxima of weighted pixels. x is [R, C, H, W].
func (e *expander) constantRois(x *Value, rois *tensor.Tensor, p *roiParams) *Value {
	r, c, h, w := x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]
	e.size(r, p.height, p.width)
	var lists [][]share
	total := 0
	for i := range r {
		y0, dy := p.bin(x.Type, rois.Float(4*i+1), rois.Float(4*i+3), p.height)
		x0, dx := p.bin(x.Type, rois.Float(4*i), rois.Float(4*i+2), p.width)
		if p.samples == 0 && max(dx, dy) > 1<<12 {
			e.unsupported("a bin of %g by %g pixels", dx, dy)
		}
		for bin := range p.height * p.width {
			ys, xs := p.places(y0, dy, bin/p.width, h, p.largest), p.places(x0, dx, bin%p.width, w, p.largest)
			if total += (1 + len(ys)) * (1 + len(xs)); total > maxSamples {
				e.unsupported("its bins have more than %d samples", maxSamples)
			}
			scale := 1 / float64(max(1, len(ys)*len(xs)))
			var list []share
			for _, a := range ys {
				for _, b := range xs {
					corners := outer(outer([]share{{i, 1}}, a, h), b, w)
					if p.largest && len(corners) == 0 {
						corners = []share{{0, 0}}
					}
					list = append(list, corners...)
				}
			}
			if !p.largest {
				list = merged(list)
				for k := range list {
					list[k].weight *= scale
				}
			}
			lists = append(lists, list)
		}
	}
	flat := e.reshape(e.transpose(x, 1, 0, 2, 3), c, r*h*w)
	y := e.reshape(e.combine(flat, lists, p.largest), c, r, p.height, p.width)
	return e.transpose(y, 1, 0, 2, 3)
}

// binWeights are, for rectangles that are data, the weights of an axis's pixels in the average of each bin: [R, bins, length].
// An average over both axes is the product of theirs.
//
// With r_j = max(0, t - j) of a place t, made of all its bits, c_j = r_j - r_j+1 is how far t lies beyond pixel j, at most 1, and
// pixel j has the weight c_j-1 - c_j; the first one that of 1 - c_0, the last one that of c_L-2: places beyond the ends count as them.
func (e *expander) binWeights(rois *Value, column, length, bins int, p *roiParams) *Value {
	t := rois.Type
	number := func(v float64) *Value { return e.scalar(t, v) }
	precise, place := Attrs{Precise: int64(1)}, Attrs{Precise: int64(2)}
	end := func(k int) *Value {
		v := e.op("Mul", place, e.slice(rois, 1, k, k+1), number(p.scale))
		if p.offset != 0 {
			v = e.op("Sub", nil, v, number(p.offset))
		}
		return v
	}
	start := end(column)
	size := e.op("Sub", place, end(column+2), start)
	if !p.half {
		size = e.op("Max", nil, size, number(1))
	}
	at := make([]float64, e.size(bins, p.samples))
	for i := range at {
		at[i] = (float64(i) + 0.5) / float64(len(at))
	}
	places := e.op("Add", place, start, e.op("Mul", nil, size, e.numbers(t, at, 1, len(at))))
	inside := e.op("And", nil, e.op("GreaterOrEqual", nil, places, number(-1)), e.op("LessOrEqual", nil, places, number(float64(length))))
	w := e.cast(e.reshape(inside, rois.Shape[0], len(at), 1), t)
	if length > 1 {
		pixels := make([]float64, length)
		for i := range pixels {
			pixels[i] = float64(i)
		}
		ramps := e.op("Relu", precise, e.op("Sub", nil, e.reshape(places, rois.Shape[0], len(at), 1), e.numbers(t, pixels, length)))
		beyond := e.op("Sub", precise, e.slice(ramps, 2, 0, length-1), e.slice(ramps, 2, 1, length))
		shares := e.op("Sub", precise, e.op("Pad", nil, beyond, e.ints(0, 0, 1, 0, 0, 0), number(1)), e.op("Pad", nil, beyond, e.ints(0, 0, 0, 0, 0, 1), number(0)))
		w = e.op("Mul", nil, w, shares)
	}
	return e.op("ReduceMean", Attrs{"keepdims": int64(0)}, e.reshape(w, rois.Shape[0], bins, p.samples, length), e.ints(2))
}
