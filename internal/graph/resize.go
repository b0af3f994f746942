package graph

import (
	"fmt"
	"math"
	"slices"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

var resizeOps = []*Op{
	{Name: "Resize", MinIn: 1, MaxIn: 4, Params: []int{1, 2, 3}, Infer: inferResize, Eval: evalResize},
	{Name: "Upsample", MinIn: 1, MaxIn: 2, Params: []int{1}, Infer: inferResize, Eval: evalResize},
}

// ResizeParams describe a Resize or Upsample. Taps[a][j] lists, for index j of the output's axis a, the input indices that
// contribute and their weights (one with weight 1 for nearest neighbour). Outside[a][j] says that the index looks outside of
// the input (tf_crop_and_resize only): such entries are Fill.
type ResizeParams struct {
	Out     []int
	Taps    [][][]Tap
	Outside [][]bool // nil if nothing is outside
	Fill    float64
}

// Tap is one input index and its weight.
type Tap struct {
	Index  int
	Weight float64
}

// resizeModes are the mode and the way of the coordinates.
func resizeModes(n *Node) (mode, coord string) {
	mode, coord = n.Attrs.String("mode", "nearest"), n.Attrs.String("coordinate_transformation_mode", "half_pixel")
	if n.Op == "Upsample" || n.Opset < 11 {
		coord = "asymmetric"
	}
	return mode, coord
}

// resizeShape is the output's shape and the scale of every axis.
func resizeShape(n *Node) (out []int, scales []float64, err error) {
	x := n.Inputs[0].Shape
	mode, coord := resizeModes(n)
	scaleInput := 2
	if n.Op == "Upsample" || n.Opset < 11 {
		scaleInput = 1
	}
	switch mode {
	case "nearest", "linear", "bilinear", "cubic":
	default:
		return nil, nil, unsupportedf("mode is %q", mode)
	}
	switch coord {
	case "half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel", "half_pixel_symmetric", "tf_crop_and_resize":
	default:
		return nil, nil, unsupportedf("coordinate_transformation_mode is %q", coord)
	}
	axes := make([]int, len(x))
	for i := range axes {
		axes[i] = i
	}
	if list, ok := n.Attrs["axes"].([]int64); ok {
		var err error
		if axes, err = axesOf(list, len(x)); err != nil {
			return nil, nil, err
		}
	}
	var given []float64
	if v := n.In(scaleInput); v != nil && v.Const != nil && v.Const.Len() > 0 {
		given = floats(v.Const)
	} else if list, ok := n.Attrs["scales"].([]float64); ok && v == nil {
		given = list
	}
	scales = make([]float64, len(x))
	fill(scales, 1)
	out = append([]int{}, x...)
	if given != nil {
		if len(given) != len(axes) {
			return nil, nil, fmt.Errorf("%d scales for %d axes", len(given), len(axes))
		}
		for i, a := range axes {
			if !(given[i] > 0 && given[i] < 1<<20) {
				return nil, nil, fmt.Errorf("scale %g", given[i])
			}
			scales[a] = given[i]
			out[a] = int(math.Floor(float64(x[a]) * given[i]))
		}
	} else {
		list, ok, err := n.constInts(3, "")
		if err != nil {
			return nil, nil, err
		}
		if !ok || len(list) != len(axes) {
			return nil, nil, fmt.Errorf("%d sizes for %d axes", len(list), len(axes))
		}
		policy := n.Attrs.String("keep_aspect_ratio_policy", "stretch")
		ratio := math.NaN()
		for i, a := range axes {
			if list[i] < 1 || list[i] > tensor.MaxSize || x[a] < 1 {
				return nil, nil, fmt.Errorf("sizes %v", list)
			}
			r := float64(list[i]) / float64(x[a])
			out[a], scales[a] = int(list[i]), r
			if math.IsNaN(ratio) || policy == "not_larger" && r < ratio || policy == "not_smaller" && r > ratio {
				ratio = r
			}
		}
		if policy != "stretch" {
			for _, a := range axes {
				scales[a], out[a] = ratio, int(math.Floor(float64(ratio*float64(x[a]))+0.5))
			}
		}
	}
	_, err = tensor.CheckedSize(out)
	return out, scales, err
}

// ResizeOf resolves a Resize.
func ResizeOf(n *Node) (ResizeParams, error) {
	p := ResizeParams{Fill: n.Attrs.Float("extrapolation_value", 0)}
	x := n.Inputs[0].Shape
	mode, coord := resizeModes(n)
	out, scales, err := resizeShape(n)
	if err != nil {
		return p, err
	}
	p.Out = out
	starts, ends, err := resizeRegion(n, coord)
	if err != nil {
		return p, err
	}
	rounding := n.Attrs.String("nearest_mode", "round_prefer_floor")
	if n.Op == "Upsample" || n.Opset < 11 {
		rounding = "simple"
	}
	antialias := n.Attrs.Int("antialias", 0) != 0 && mode != "nearest"
	exclude := n.Attrs.Int("exclude_outside", 0) != 0
	cubic := n.Attrs.Float("cubic_coeff_a", -0.75)
	for a, d := range x {
		taps := make([][]Tap, p.Out[a])
		var outside []bool
		for j := range taps {
			if scales[a] == 1 && p.Out[a] == d && starts == nil {
				taps[j] = []Tap{{j, 1}}
				continue
			}
			if d == 0 {
				return p, fmt.Errorf("axis %d is empty", a)
			}
			var pos float64
			if starts != nil {
				if pos = float64((starts[a] + ends[a]) / 2 * float64(d-1)); p.Out[a] > 1 {
					pos = float64(starts[a]*float64(d-1)) + float64(j)*float64((ends[a]-starts[a])*float64(d-1))/float64(p.Out[a]-1)
				}
				outside = append(outside, pos < 0 || pos > float64(d-1))
			} else {
				pos = resizePosition(coord, j, d, p.Out[a], scales[a])
			}
			switch {
			case mode == "nearest":
				taps[j] = []Tap{{nearestIndex(rounding, pos, d, scales[a]), 1}}
			case mode == "cubic":
				taps[j] = filtered(pos, d, 2, scales[a], antialias, exclude, func(t float64) float64 { return keys(cubic, t) })
			case antialias:
				taps[j] = filtered(pos, d, 1, scales[a], true, exclude, func(t float64) float64 { return max(0, 1-math.Abs(t)) })
			default:
				pos = clamp(pos, 0, float64(d-1))
				lo := int(pos)
				hi := min(lo+1, d-1)
				w := pos - float64(lo)
				taps[j] = []Tap{{lo, 1 - w}, {hi, w}}
			}
		}
		p.Taps = append(p.Taps, taps)
		if slices.Contains(outside, true) && p.Outside == nil {
			p.Outside = make([][]bool, len(x))
		}
		if p.Outside != nil {
			p.Outside[a] = outside
		}
	}
	return p, nil
}

// resizeRegion is the part of every axis that tf_crop_and_resize looks at, as fractions of its length; nil for other modes.
func resizeRegion(n *Node, coord string) (starts, ends []float64, err error) {
	if coord != "tf_crop_and_resize" {
		return nil, nil, nil
	}
	roi := n.In(1)
	rank := len(n.Inputs[0].Shape)
	axes := make([]int, rank)
	starts, ends = make([]float64, rank), make([]float64, rank)
	for i := range axes {
		axes[i], ends[i] = i, 1
	}
	if list, ok := n.Attrs["axes"].([]int64); ok {
		if axes, err = axesOf(list, rank); err != nil {
			return nil, nil, err
		}
	}
	if roi == nil || roi.Const == nil || roi.Const.Len() != 2*len(axes) {
		return nil, nil, fmt.Errorf("tf_crop_and_resize without a region")
	}
	for i, a := range axes {
		starts[a], ends[a] = roi.Const.Float(i), roi.Const.Float(len(axes)+i)
		if !(math.Abs(starts[a]) <= tensor.MaxSize && math.Abs(ends[a]) <= tensor.MaxSize) {
			return nil, nil, fmt.Errorf("a region from %g to %g of axis %d", starts[a], ends[a], a)
		}
	}
	return starts, ends, nil
}

// filtered are the taps of a filter that is 0 beyond `radius` from its centre: those at the edge take the place of those
// outside, or (exclude) those outside are left out. Antialiasing stretches the filter where the image shrinks. The weights'
// sum is 1.
func filtered(pos float64, d, radius int, scale float64, antialias, exclude bool, f func(float64) float64) []Tap {
	stretch := 1.0
	if antialias {
		stretch = min(1, scale)
	}
	reach := float64(radius) / stretch
	lo, hi := int(math.Floor(pos-reach))+1, int(math.Ceil(pos+reach))-1
	if !antialias {
		lo = int(math.Floor(pos)) - radius + 1
		hi = lo + 2*radius - 1
	}
	var taps []Tap // by index
	sum := 0.0
	for i := lo; i <= hi; i++ {
		if exclude && (i < 0 || i >= d) {
			continue
		}
		w := f(float64((float64(i) - pos) * stretch))
		sum += w
		if at := min(max(i, 0), d-1); len(taps) > 0 && taps[len(taps)-1].Index == at {
			taps[len(taps)-1].Weight += w
		} else {
			taps = append(taps, Tap{at, w})
		}
	}
	for i := range taps {
		taps[i].Weight /= sum
	}
	return taps
}

// keys is the cubic convolution filter with parameter a.
func keys(a, t float64) float64 {
	t = math.Abs(t)
	switch {
	case t <= 1:
		return float64(float64((a+2)*t-(a+3))*t)*t + 1
	case t < 2:
		return float64(float64(float64(float64(a*t)-5*a)*t+8*a)*t) - 4*a
	}
	return 0
}

// resizePosition is the place in an input axis of length d that index j of the output (length out) looks at, in float32 as
// onnxruntime computes it.
func resizePosition(mode string, j, d, out int, scale float64) float64 {
	s, x := float32(scale), float32(j)
	switch mode {
	case "asymmetric":
		return float64(x / s)
	case "align_corners":
		if out == 1 {
			return 0
		}
		return float64(float32(x*float32(d-1)) / float32(out-1))
	case "pytorch_half_pixel":
		if out <= 1 {
			return 0
		}
	case "half_pixel_symmetric":
		adjust := float32(out) / float32(s*float32(d))
		centre := float32(d) / 2
		offset := float32(centre * (1 - adjust))
		return float64(offset + float32((x+0.5)/s) - 0.5)
	}
	return float64(float32((x+0.5)/s) - 0.5)
}

// nearestIndex rounds a position to an index of an axis of length d.
func nearestIndex(mode string, pos float64, d int, scale float64) int {
	var r float64
	switch mode {
	case "simple": // Upsample: rounds down when it enlarges
		if r = math.Floor(pos); scale < 1 {
			r = math.Ceil(pos)
		}
	case "floor":
		r = math.Floor(pos)
	case "ceil":
		r = math.Ceil(pos)
	case "round_prefer_ceil":
		r = math.Floor(pos + 0.5)
	default: // round_prefer_floor
		r = math.Ceil(pos - 0.5)
	}
	return int(clamp(r, 0, float64(d-1)))
}

func inferResize(n *Node) error {
	out, _, err := resizeShape(n)
	if err != nil {
		return err
	}
	if mode := n.Attrs.String("mode", "nearest"); mode != "nearest" && !n.Inputs[0].Type.IsFloat() {
		return fmt.Errorf("input is %v, not a floating type", n.Inputs[0].Type)
	}
	return n.set(0, n.Inputs[0].Type, out)
}

// evalResize applies the taps one axis after the other.
func evalResize(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	p, err := ResizeOf(n)
	if err != nil {
		return nil, err
	}
	x := in[0]
	shape := slices.Clone(x.Shape)
	for a, taps := range p.Taps {
		outer, d, inner := tensor.Size(shape[:a]), shape[a], tensor.Size(shape[a+1:])
		shape[a] = len(taps)
		if x.Type.IsFloat() {
			y := make([]float64, outer*len(taps)*inner)
			for o := range outer {
				for j, list := range taps {
					dst := y[(o*len(taps)+j)*inner:][:inner]
					for _, t := range list {
						for i, v := range x.Floats[(o*d+t.Index)*inner:][:inner] {
							dst[i] += float64(t.Weight * v)
						}
					}
				}
			}
			x = &tensor.Tensor{Type: x.Type, Shape: slices.Clone(shape), Floats: y}
			continue
		}
		y := make([]int64, outer*len(taps)*inner)
		for o := range outer {
			for j, list := range taps {
				copy(y[(o*len(taps)+j)*inner:][:inner], x.Ints[(o*d+list[0].Index)*inner:][:inner])
			}
		}
		x = &tensor.Tensor{Type: x.Type, Shape: slices.Clone(shape), Ints: y}
	}
	if p.Outside != nil && x.Type.IsFloat() {
		for i := range x.Floats {
			for a, rest := len(p.Out)-1, i; a >= 0; a-- {
				if j := rest % p.Out[a]; p.Outside[a] != nil && p.Outside[a][j] {
					x.Floats[i] = p.Fill
				}
				rest /= p.Out[a]
			}
		}
	}
	if x.Type.IsFloat() {
		return one(tensor.FromFloats(x.Type, x.Floats, x.Shape...), nil)
	}
	return one(x, nil)
}
