package graph

import (
	"fmt"
	"math"
	"strings"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

var poolOps = []*Op{
	{Name: "MaxPool", MinIn: 1, MaxIn: 1, MaxOut: 2, Infer: inferPool, Eval: evalMaxPool},
	{Name: "AveragePool", MinIn: 1, MaxIn: 1, Infer: inferPool, Eval: evalPool},
	{Name: "LpPool", MinIn: 1, MaxIn: 1, Infer: inferPool, Eval: evalPool},
	{Name: "GlobalAveragePool", MinIn: 1, MaxIn: 1, Infer: inferPool, Eval: evalPool},
	{Name: "GlobalMaxPool", MinIn: 1, MaxIn: 1, Infer: inferPool, Eval: evalMaxPool},
	{Name: "GlobalLpPool", MinIn: 1, MaxIn: 1, Infer: inferPool, Eval: evalPool},
}

// PoolParams describe a pooling of x [N, C, spatial..]. Windows see only entries inside the input, save that an average with
// CountIncludePad divides by all window positions inside the padded input.
type PoolParams struct {
	Window
	CountIncludePad bool
	P               int // of LpPool and GlobalLpPool
}

// PoolOf resolves a pooling's attributes; global poolings have one window.
func PoolOf(n *Node) (PoolParams, error) {
	x := n.Inputs[0].Shape
	if len(x) < 3 {
		return PoolParams{}, fmt.Errorf("input of shape %v", x)
	}
	p := PoolParams{P: int(min(n.Attrs.Int("p", 2), 1<<10)), CountIncludePad: n.Attrs.Int("count_include_pad", 0) != 0}
	if p.P < 1 {
		return p, fmt.Errorf("p is %d", p.P)
	}
	switch n.Op {
	case "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool":
		var err error
		p.Window, err = (&Node{Op: n.Op}).window(x[2:], append([]int(nil), x[2:]...))
		return p, err
	}
	list := n.Attrs.Ints("kernel_shape")
	if list == nil {
		return p, fmt.Errorf("kernel_shape is missing")
	}
	kernel, err := toInts(list)
	if err != nil {
		return p, err
	}
	if p.Window, err = n.window(x[2:], kernel); err != nil {
		return p, err
	}
	for i, k := range kernel {
		if strings.HasPrefix(n.Attrs.String("auto_pad", ""), "SAME") {
			if p.Dilations[i] > 1 {
				return p, unsupportedf("auto_pad with dilations") // onnxruntime pads for the window without dilation
			}
			if (p.Out[i]-1)*p.Strides[i]+k < p.In[i] {
				return p, unsupportedf("auto_pad with strides longer than the window") // onnxruntime's padding is negative
			}
		}
		if span := (k-1)*p.Dilations[i] + 1; p.PadBegin[i] >= span || p.PadEnd[i] >= span {
			return p, fmt.Errorf("pads %v and %v for a window of %v", p.PadBegin, p.PadEnd, kernel)
		}
		for o := 0; o < p.Out[i] && o*p.Strides[i] < p.PadBegin[i]; o++ { // later ones start inside
			if lo, hi := p.valid(i, o); lo == hi {
				return p, fmt.Errorf("window %d of axis %d sees only padding", o, i+2)
			}
		}
	}
	return p, nil
}

func inferPool(n *Node) error {
	p, err := PoolOf(n)
	if err != nil {
		return err
	}
	x := n.Inputs[0]
	if maxPool := n.Op == "MaxPool"; !x.Type.IsFloat() && !(maxPool && (x.Type == tensor.Int8 || x.Type == tensor.UInt8)) {
		return fmt.Errorf("input is %v, not a floating type", x.Type)
	}
	shape := append([]int{x.Shape[0], x.Shape[1]}, p.Out...)
	if err := n.set(1, tensor.Int64, shape); err != nil {
		return err
	}
	return n.set(0, x.Type, shape)
}

// each calls f for every output position in row-major order with the offsets, within one channel, of the entries that its
// window sees, in the order of the kernel; the slice is reused.
func (p *PoolParams) each(f func(out int, offsets []int)) {
	rank := len(p.In)
	strides := tensor.Strides(p.In)
	lo, hi := make([]int, rank), make([]int, rank)
	o, k := make([]int, rank), make([]int, rank)
	offsets := make([]int, 0, 16)
	for out := range tensor.Size(p.Out) {
		rest, empty := out, false
		for i := rank - 1; i >= 0; i-- {
			o[i] = rest % p.Out[i]
			rest /= p.Out[i]
			lo[i], hi[i] = p.valid(i, o[i])
			empty = empty || lo[i] == hi[i]
		}
		offsets = offsets[:0]
		copy(k, lo)
		for !empty {
			at := 0
			for i := range k {
				at += (o[i]*p.Strides[i] + k[i]*p.Dilations[i] - p.PadBegin[i]) * strides[i]
			}
			offsets = append(offsets, at)
			i := rank - 1
			for ; i >= 0; i-- {
				if k[i]++; k[i] < hi[i] {
					break
				}
				k[i] = lo[i]
			}
			if i < 0 {
				break
			}
		}
		f(out, offsets)
	}
}

// divisor is what the average of window `out` divides by.
func (p *PoolParams) divisor(out, seen int) float64 {
	if !p.CountIncludePad {
		return float64(seen)
	}
	d := 1.0
	for i := len(p.In) - 1; i >= 0; i-- {
		start := out%p.Out[i]*p.Strides[i] - p.PadBegin[i]
		out /= p.Out[i]
		end := min(start+p.Kernel[i]*p.Dilations[i], p.In[i]+p.PadEnd[i])
		d = float64(d * float64((end-start+p.Dilations[i]-1)/p.Dilations[i]))
	}
	return d
}

func evalMaxPool(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	p, err := PoolOf(n)
	if err != nil {
		return nil, err
	}
	x := in[0]
	planes, inSize, outSize := x.Shape[0]*x.Shape[1], tensor.Size(p.In), tensor.Size(p.Out)
	shape := append([]int{x.Shape[0], x.Shape[1]}, p.Out...)
	y, index := tensor.New(x.Type, shape...), tensor.New(tensor.Int64, shape...)
	p.each(func(out int, offsets []int) {
		for c := range planes {
			best := -1
			for _, o := range offsets {
				if at := c*inSize + o; best < 0 || x.Float(at) > x.Float(best) {
					best = at
				}
			}
			at := c*outSize + out
			if best < 0 {
				if x.Type.IsFloat() {
					y.Floats[at] = math.Inf(-1)
				}
				continue
			}
			if index.Ints[at] = int64(best); n.Attrs.Int("storage_order", 0) == 1 && len(p.In) > 1 {
				index.Ints[at] = int64(c*inSize + columnMajor(best-c*inSize, p.In))
			}
			if x.Type.IsFloat() {
				y.Floats[at] = x.Floats[best]
			} else {
				y.Ints[at] = x.Ints[best]
			}
		}
	})
	return []*tensor.Tensor{y, index}, nil
}

// columnMajor is the column-major index of a row-major one.
func columnMajor(at int, shape []int) int {
	pos := make([]int, len(shape))
	for i := len(shape) - 1; i >= 0; i-- {
		pos[i] = at % shape[i]
		at /= shape[i]
	}
	flat := 0
	for i := len(shape) - 1; i >= 0; i-- {
		flat = flat*shape[i] + pos[i]
	}
	return flat
}

func evalPool(n *Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	p, err := PoolOf(n)
	if err != nil {
		return nil, err
	}
	x := in[0]
	planes, inSize, outSize := x.Shape[0]*x.Shape[1], tensor.Size(p.In), tensor.Size(p.Out)
	norm := n.Op == "LpPool" || n.Op == "GlobalLpPool"
	y := make([]float64, planes*outSize)
	p.each(func(out int, offsets []int) {
		d := p.divisor(out, len(offsets))
		for c := range planes {
			src, sum := x.Floats[c*inSize:(c+1)*inSize], 0.0
			if norm {
				for _, o := range offsets {
					sum += tensor.Pow(math.Abs(src[o]), float64(p.P))
				}
				y[c*outSize+out] = tensor.Pow(sum, 1/float64(p.P))
				continue
			}
			for _, o := range offsets {
				sum += src[o]
			}
			y[c*outSize+out] = sum / d
		}
	})
	return one(tensor.FromFloats(x.Type, y, append([]int{x.Shape[0], x.Shape[1]}, p.Out...)...), nil)
}
