package graph

import (
	"fmt"

	"github.com/ezkl-go/ezkl/internal/tensor"
)

// Window is how a convolution or pooling moves over its spatial axes; every list has one entry for each of them.
type Window struct {
	Kernel    []int // entries of the window
	Strides   []int
	Dilations []int
	PadBegin  []int // never negative
	PadEnd    []int // as declared (or by auto_pad); with CeilMode the last window may reach further
	CeilMode  bool
	In, Out   []int // lengths of the input's and output's spatial axes
}

// window resolves strides, dilations, pads and auto_pad for an input of the given spatial lengths.
func (n *Node) window(in, kernel []int) (Window, error) {
	rank := len(in)
	w := Window{Kernel: kernel, In: in, CeilMode: n.Attrs.Int("ceil_mode", 0) != 0}
	if rank == 0 || len(kernel) != rank {
		return w, fmt.Errorf("kernel %v for %d spatial axes", kernel, rank)
	}
	list := func(name string, count, def, least int) ([]int, error) {
		out := make([]int, count)
		given, ok := n.Attrs[name].([]int64)
		if ok && len(given) != count {
			return nil, fmt.Errorf("%s has %d entries, want %d", name, len(given), count)
		}
		for i := range out {
			out[i] = def
			if ok {
				if given[i] < int64(least) || given[i] > 1<<24 {
					return nil, fmt.Errorf("%s %v", name, given)
				}
				out[i] = int(given[i])
			}
		}
		return out, nil
	}
	var err error
	if w.Strides, err = list("strides", rank, 1, 1); err != nil {
		return w, err
	}
	if w.Dilations, err = list("dilations", rank, 1, 1); err != nil {
		return w, err
	}
	pads, err := list("pads", 2*rank, 0, 0)
	if err != nil {
		return w, err
	}
	for _, k := range kernel {
		if k < 1 || k > tensor.MaxSize {
			return w, fmt.Errorf("kernel %v", kernel)
		}
	}
	w.PadBegin, w.PadEnd = pads[:rank:rank], pads[rank:]
	w.Out = make([]int, rank)
	auto := n.Attrs.String("auto_pad", "NOTSET")
	if auto == "VALID" {
		clear(pads)
	}
	for i := range rank {
		span := (kernel[i]-1)*w.Dilations[i] + 1
		switch auto {
		case "NOTSET", "", "VALID":
			free := in[i] + w.PadBegin[i] + w.PadEnd[i] - span
			if free < 0 {
				return w, fmt.Errorf("window of length %d does not fit axis %d of length %d with pads %d and %d", span, i+2, in[i], w.PadBegin[i], w.PadEnd[i])
			}
			w.Out[i] = free/w.Strides[i] + 1
			if w.CeilMode && free%w.Strides[i] != 0 && w.Out[i]*w.Strides[i] < in[i]+w.PadBegin[i] {
				w.Out[i]++ // a window may start in the input or its front padding, never beyond
			}
		case "SAME_UPPER", "SAME_LOWER":
			w.Out[i] = (in[i] + w.Strides[i] - 1) / w.Strides[i]
			total := max(0, (w.Out[i]-1)*w.Strides[i]+span-in[i])
			w.PadBegin[i] = total / 2
			if auto == "SAME_LOWER" {
				w.PadBegin[i] = total - total/2
			}
			w.PadEnd[i] = total - w.PadBegin[i]
		default:
			return w, fmt.Errorf("auto_pad is %q", auto)
		}
	}
	return w, nil
}

// valid is the range of kernel positions k with 0 <= o*stride + k*dilation - pad < in along spatial axis i for output o.
func (w *Window) valid(i, o int) (lo, hi int) {
	start := o*w.Strides[i] - w.PadBegin[i]
	d := w.Dilations[i]
	if start < 0 {
		lo = (-start + d - 1) / d
	}
	if start < w.In[i] {
		hi = min(w.Kernel[i], (w.In[i]-1-start)/d+1)
	}
	return lo, max(lo, hi)
}
